"""The answer of `fieldsim compare` on a terminal: KPI table, paired differences, net and gross, and the verdict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from fieldsim.experiment.sentences import rival
from fieldsim.report.rows import (
    CHANGES,
    ROWS,
    SKEWED,
    Row,
    baseline,
    difference,
    gross,
    half_width,
    heading,
    interval,
    judged,
    money_rows,
    pairs,
    span,
    value,
    without_interval,
)
from fieldsim.report.words import FIXED, figure

if TYPE_CHECKING:
    from fieldsim.experiment.comparison import Comparison, Difference

DESIGNS_A_TABLE = 3
"""As many designs as fit beside each other in 80 columns."""


def compare_tables(comparison: Comparison) -> list[RenderableType]:
    """Everything `compare` prints for one horizon, the verdict last, where the eye rests."""
    parts: list[RenderableType] = [Text(_heading(comparison), style="bold")]
    parts += [_kpi_table(comparison, names) for names in _blocks(comparison.names)]
    parts += [_difference_table(comparison, a, b) for a, b in pairs(comparison)]
    parts += [Text(line) for line in _footnotes(comparison)]
    return [*parts, Text(f"\n{comparison.summary()}", style="bold")]


def _heading(comparison: Comparison) -> str:
    days = f"{comparison.first_day} to {comparison.last_day}"
    return f"{comparison.scenario}, {span(comparison)}, {days}: {comparison.replications} replications, seed {comparison.seed}"


def _kpi_table(comparison: Comparison, names: Sequence[str]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("mean ± 95 % interval")
    for name in names:
        mark = " (in force)" if name == comparison.current else ""
        table.add_column(Text(name + mark), justify="right")
    for row in money_rows(comparison, ROWS):
        cells = [_cell(comparison, name, row) for name in names]
        if any(cell != "-" for cell in cells):
            table.add_row(heading(row, comparison.currency), *cells)
    return table


def _cell(comparison: Comparison, name: str, row: Row) -> str:
    half = half_width(comparison, name, row)
    text = figure(value(comparison, name, row), row.unit)
    # an interval of a percentage is in points: the sign is dropped, the figure beside it says what it is
    return text if half is None or text == "-" else f"{text} ± {figure(half, row.unit).rstrip(f'{FIXED}%h')}"


def _difference_table(comparison: Comparison, a: str, b: str) -> Table:
    title = Text(f"{b} instead of {a}, same luck for both", style="bold")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=title, title_justify="left")
    for name, justify in (("", "left"), ("change", "right"), ("95 % interval", "right"), (f"{b} is", "left")):
        table.add_column(Text(name), justify=justify, no_wrap=name == "")  # type: ignore[arg-type]
    for row in money_rows(comparison, CHANGES):
        found = difference(comparison, a, b, row.kpi)
        if found is not None:
            table.add_row(*_difference_row(comparison, found, row))
    bare = gross(comparison, a, b)
    if bare is not None:
        table.add_row(*_gross_row(comparison, bare))
    return table


def _difference_row(comparison: Comparison, found: Difference, row: Row) -> tuple[str, ...]:
    change = figure(found.mean, row.unit, signed=True)
    return heading(row, comparison.currency), change, interval(found, row.unit), judged(comparison, found)


def _gross_row(comparison: Comparison, found: Difference) -> tuple[str, ...]:
    row = next(
        (row for row in money_rows(comparison, CHANGES) if row.kpi == found.kpi), Row(found.kpi, found.kpi, "mean", "count")
    )
    label, *rest = _difference_row(comparison, found, row)
    return f"{label}, gross", *rest


def _footnotes(comparison: Comparison) -> Iterator[str]:
    yield "Net: accounts that change hands on day one pay for it. Gross: as if they did not."
    best, base = comparison.best.design, baseline(comparison)
    if best and len(comparison.names) > 1:
        yield from (f"- {line}" for line in comparison.why(base, best if best != base else rival(comparison)))
    later = comparison.why_later(base)
    if later:
        yield f"- {later}"
    yield "Not shown: too small to be told from chance, after correction for asking about many figures."
    yield SKEWED
    yield from without_interval(comparison)
    yield f"Stopped because: {comparison.stopped_because}."
    for name in comparison.names:
        twin = comparison.design(name).same_as
        if twin:
            yield f"{name} is the same design as {twin}."
    yield from comparison.assumptions()


def _blocks(names: Sequence[str]) -> Iterator[Sequence[str]]:
    for k in range(0, len(names), DESIGNS_A_TABLE):
        yield names[k : k + DESIGNS_A_TABLE]
