"""Why attainment moves over a long horizon: the first quarter beside a mean quarter of those after it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from fieldsim.experiment.sentences import number, plain_figure

if TYPE_CHECKING:
    from fieldsim.experiment.comparison import Comparison

_WORTH_SAYING = 0.02
"""Change of attainment from which on its cause is told."""


def over_time(first: Comparison, whole: Comparison) -> tuple[Mapping[str, object], ...]:
    """Facts a design; `first` is the same comparison over one quarter. Figures of the quarters after it are their mean.

    Deals are what revenue has beside running orders.
    """
    return tuple(facts for name in whole.names if (facts := _facts(first, whole, name)))


def _facts(first: Comparison, whole: Comparison, name: str) -> Mapping[str, object] | None:
    start, end = first.design(name).kpis, whole.design(name).kpis
    spans = {}
    for kpi, quarters in (("attainment", whole.horizon), ("orders", 1), ("revenue", 1)):  # attainment is a mean, not a sum
        if kpi not in start or kpi not in end or (one := start[kpi].mean) is None or (total := end[kpi].mean) is None:
            return None
        spans[kpi] = (one, (total * quarters - one) / (whole.horizon - 1))
    deals = tuple(revenue - orders for revenue, orders in zip(spans["revenue"], spans["orders"], strict=True))
    lost = end["churned_accounts"].mean if "churned_accounts" in end else None
    return {
        "design": name,
        **{kpi: _span(spans[kpi]) for kpi in ("attainment", "orders")},
        "deals": _span(deals),
        "accounts_lost": lost,
    }


def _span(pair: tuple[float, ...]) -> Mapping[str, float]:
    return {"first_quarter": pair[0], "each_later_quarter": pair[1]}


def why_later(comparison: Comparison, name: str) -> str | None:
    """The cause of a design's change in attainment over the quarters in one sentence; None where there is little."""
    facts = next((each for each in comparison.over_time if each["design"] == name), None)
    if facts is None:
        return None
    (a, b), orders, deals = (_pair(facts[kpi]) for kpi in ("attainment", "orders", "deals"))
    if abs(b - a) < _WORTH_SAYING:
        return None
    lost = facts["accounts_lost"]
    cause = "as" if orders[1] < orders[0] else "though"
    book = f", {cause} {number(float(str(lost)))} accounts are lost over all quarters and none join the book" if lost else ""
    then = "the second" if comparison.horizon == 2 else "each after it"
    return (
        f"Attainment under {name} goes from {100 * a:.1f} % in the first quarter to {100 * b:.1f} % in {then}: "
        f"the quota is the same in every quarter, while running orders {_course(comparison, orders)} a quarter{book}, "
        f"and deals, which begin with the pipeline open on day one, {_course(comparison, deals)}."
    )


def _pair(span: object) -> tuple[float, float]:
    assert isinstance(span, Mapping)
    return float(span["first_quarter"]), float(span["each_later_quarter"])


def _course(comparison: Comparison, pair: tuple[float, float]) -> str:
    a, b = pair
    verb = "fall" if b < a else "rise"
    return f"{verb} from {number(a)} to {plain_figure(comparison, 'revenue', b)}"
