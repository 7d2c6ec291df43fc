"""Which figures of a comparison people read, in which order, and in which words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from fieldsim.report.words import FIXED, figure

if TYPE_CHECKING:
    from fieldsim.experiment.comparison import Comparison, Difference

Field = Literal["mean", "p10", "p90"]

SKEWED = "A mean need not be in the middle of its interval, which reaches farther to the side where rare outcomes lie."
"""Why intervals lean."""


@dataclass(frozen=True)
class Row:
    """A line of the KPI table: words for people, the KPI, which of its figures, and its unit."""

    label: str
    kpi: str
    field: Field
    unit: str


ROWS = (
    Row("contribution", "contribution", "mean", "money"),
    Row("revenue", "revenue", "mean", "money"),
    Row("quota attainment", "attainment", "mean", "share"),
    Row("  bad case (P10)", "attainment", "p10", "share"),
    Row("  good case (P90)", "attainment", "p90", "share"),
    Row("chance to reach plan", "prob_plan", "mean", "share"),
    Row("coverage of visits due", "coverage", "mean", "share"),
    Row("travel", "travel_hours", "mean", "h"),
    Row("selling share of time", "selling_share", "mean", "share"),
    Row("accounts lost", "churned_accounts", "mean", "count"),
    Row("accounts changing hands", "disrupted_accounts", "mean", "count"),
    Row("potential imbalance", "potential_imbalance", "mean", "share"),
    Row("workload imbalance", "workload_imbalance", "mean", "share"),
)
CHANGES = tuple(row for row in ROWS if row.field == "mean")
"""The rows that have a paired difference."""
_SPANS = ("", "one quarter", "two quarters", "three quarters", "four quarters")


def span(comparison: Comparison) -> str:
    """The horizon in words."""
    return _SPANS[comparison.horizon] if comparison.horizon < len(_SPANS) else f"{comparison.horizon} quarters"


def baseline(comparison: Comparison) -> str:
    """The design the others are measured against: the one in force, else the first."""
    current = comparison.current
    return current if current is not None and current in comparison.names else comparison.names[0]


def pairs(comparison: Comparison) -> list[tuple[str, str]]:
    """Which pairs (a, b) to talk about: each design against the baseline, then the leader against the others."""
    base, best = baseline(comparison), comparison.best.design
    found = [(base, name) for name in comparison.names if name != base]
    if best in (None, base):
        return found
    return found + [(name, best) for name in comparison.names if name not in (base, best)]


def value(comparison: Comparison, design: str, row: Row) -> float | None:
    """The figure of a row under a design, None where the comparison has none."""
    found = comparison.design(design).kpis.get(row.kpi)
    if found is None:
        return None
    return {"mean": found.mean, "p10": found.p10, "p90": found.p90}[row.field]


def half_width(comparison: Comparison, design: str, row: Row) -> float | None:
    """Half the 95 % interval of a mean, None where there is none."""
    found = comparison.design(design).kpis.get(row.kpi)
    if found is None or row.field != "mean" or found.lo is None or found.hi is None:
        return None
    return (found.hi - found.lo) / 2


def difference(comparison: Comparison, a: str, b: str, kpi: str) -> Difference | None:
    """b − a in a KPI, None where the comparison has none."""
    try:
        return comparison.difference(a, b, kpi)
    except KeyError:
        return None


def gross(comparison: Comparison, a: str, b: str) -> Difference | None:
    """b − a in the deciding KPI as if no account paid for changing hands, None where the comparison has none."""
    from fieldsim.experiment.comparison import turned

    asked = ({a, b}, comparison.best.by)
    found = next((each for each in comparison.gross_differences if ({each.a, each.b}, each.kpi) == asked), None)
    return found if found is None or found.a == a else turned(found)


def money_rows(comparison: Comparison, rows: Sequence[Row]) -> list[Row]:
    """The rows with money in thousands or millions where amounts are large, so that columns stay readable."""
    amounts = [abs(value(comparison, name, row) or 0.0) for name in comparison.names for row in rows if row.unit == "money"]
    largest = max(amounts, default=0.0)
    unit = "million" if largest >= 1e9 else "thousand" if largest >= 1e6 else "money"
    return [Row(row.label, row.kpi, row.field, unit) if row.unit == "money" else row for row in rows]


def heading(row: Row, currency: str) -> str:
    """A row's words with its unit, where the figure does not show it itself."""
    unit = {"money": currency, "thousand": f"1000 {currency}", "million": f"million {currency}"}.get(row.unit, "")
    return f"{row.label}, {unit}" if unit else row.label


def interval(found: Difference, unit: str) -> str:
    """A difference's 95 % interval in words, the unit once."""
    if found.lo is None or found.hi is None:
        return "none"
    if found.lo == found.hi:
        return "always so" if found.lo else "always the same"
    lo, hi = (figure(bound, unit, signed=True) for bound in (found.lo, found.hi))
    unit_at = hi.rfind(FIXED) if hi.endswith(("pts", "h")) else len(hi)
    return f"{lo.removesuffix(hi[unit_at:])} to {hi}"


def without_interval(comparison: Comparison) -> list[str]:
    """Why some differences have no interval, in sentences."""
    reasons = {each.reason for each in comparison.differences if each.mean is not None and each.lo is None and each.reason}
    return [f"No interval where there are {reason}." for reason in sorted(reasons)]


def judged(comparison: Comparison, found: Difference) -> str:
    """The verdict on b in words; nothing for a KPI that is neither good nor bad."""
    if found.lo == found.hi == 0.0:
        return "the same"
    if not comparison.directions.get(found.kpi, 0):
        return ""
    return found.verdict
