"""The figures of a horizon as HTML: KPIs of every design with intervals, and the paired differences with a whisker each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldsim.report.book import Book
from fieldsim.report.colours import BETTER, WORSE
from fieldsim.report.markup import bullets, esc, paragraph, section, table
from fieldsim.report.rows import (
    CHANGES,
    ROWS,
    SKEWED,
    Row,
    baseline,
    difference,
    gross,
    heading,
    interval,
    judged,
    money_rows,
    pairs,
    span,
    value,
    without_interval,
)
from fieldsim.report.words import figure

if TYPE_CHECKING:
    from fieldsim.experiment.comparison import Comparison, Difference

WHISKER = 120
"""Width of a whisker's picture in pixels."""


def horizon(comparison: Comparison) -> str:
    """One horizon: the KPI table, the differences of every pair, and why the leader leads."""
    beside = f'<div class="tables"><div>{_kpis(comparison)}</div><div class="words">{_why(comparison)}</div></div>'
    parts = [beside, "<h3>Differences under the same luck</h3>", _NOTE]
    parts += [f'<div class="tables">{"".join(_pair(comparison, a, b) for a, b in pairs(comparison))}</div>']
    facts = f"{comparison.replications} replications, seed {comparison.seed}; stopped because: {comparison.stopped_because}."
    title = f"Figures over {span(comparison)}, {comparison.first_day} to {comparison.last_day}"
    notes = " ".join([*without_interval(comparison), facts])
    return section(title, *parts, paragraph(notes, "note"), name=f"figures-{comparison.horizon}")


def gross_line(comparison: Comparison) -> str:
    """What the deciding figure would be without the hand-over, for each design against the one in force; "" where unknown."""
    base, by = baseline(comparison), comparison.best.by
    row = next((row for row in money_rows(comparison, CHANGES) if row.kpi == by), Row(by, by, "mean", "count"))
    every = (gross(comparison, base, name) for name in comparison.names if name != base)
    found = [each for each in every if each is not None and each.mean is not None]
    if not found:
        return ""
    each = ", ".join(f"{g.b} {figure(g.mean, row.unit, signed=True)} ({g.verdict})" for g in found)
    return f"Net of the hand-over. Without it, {heading(row, comparison.currency)} against {base}: {each}."


def headline(book: Book, design: str) -> str:
    """One line under a map's title: what the design earns, against the design in force where it is another."""
    comparison = book.comparisons[0]
    row = next((row for row in money_rows(comparison, ROWS) if row.kpi == comparison.best.by and row.field == "mean"), None)
    if row is None or design not in comparison.names:
        return ""
    level = f"{heading(row, comparison.currency)}: {figure(value(comparison, design, row), row.unit)}"
    base = baseline(comparison)
    found = difference(comparison, base, design, row.kpi) if design != base else None
    return f"{level} ({figure(found.mean, row.unit, signed=True)} against {base})" if found else level


def _why(comparison: Comparison) -> str:
    """What makes each design differ from the one in force, in sentences."""
    base = baseline(comparison)
    others = [name for name in comparison.names if name != base]
    later = comparison.why_later(base)
    told = f"<h3>Later quarters</h3>{bullets([later])}" if later else ""
    return "".join(f"<h3>{esc(name)} instead of {esc(base)}</h3>{bullets(comparison.why(base, name))}" for name in others) + told


def _kpis(comparison: Comparison) -> str:
    head = ["mean, 95 % interval below", *(esc(name) + _force(comparison, name) for name in comparison.names)]
    rows = []
    for row in money_rows(comparison, ROWS):
        cells = [_cell(comparison, name, row) for name in comparison.names]
        if any(cells):
            label = heading(row, comparison.currency)
            inset = ' class="inset"' if label.startswith(" ") else ""
            rows.append([f"<span{inset}>{esc(label)}</span>", *cells])
    return table(head, rows, "kpis")


def _force(comparison: Comparison, name: str) -> str:
    return " <small>in force</small>" if name == comparison.current else ""


def _cell(comparison: Comparison, name: str, row: Row) -> str:
    found = comparison.design(name).kpis.get(row.kpi)
    shown = value(comparison, name, row)
    if found is None or shown is None:
        return ""
    if row.field != "mean" or found.lo is None or found.hi is None:
        return figure(shown, row.unit)
    bounds = f"{figure(found.lo, row.unit)} to {figure(found.hi, row.unit)}" if found.lo != found.hi else "always"
    return f"{figure(shown, row.unit)}<small>{bounds}</small>"


def _pair(comparison: Comparison, a: str, b: str) -> str:
    """One pair as a table; the gross line tells what it would be without the hand-over."""
    rows = []
    for row in money_rows(comparison, CHANGES):
        found = difference(comparison, a, b, row.kpi)
        if found is not None and found.mean is not None:
            rows.append(_difference(comparison, found, row, heading(row, comparison.currency)))
        bare = gross(comparison, a, b)
        if bare is not None and bare.kpi == row.kpi:
            rows.append(_difference(comparison, bare, row, "… without the hand-over"))
    head = ["", "change", "95&nbsp;% interval", "", ""]
    return f"<div><h4>{esc(b)} instead of {esc(a)}</h4>{table(head, rows, 'changes')}</div>"


def _difference(comparison: Comparison, found: Difference, row: Row, label: str) -> list[str]:
    words = judged(comparison, found)
    kind = found.verdict.replace(" ", "-") if words not in ("", "the same") else "none"
    return [
        esc(label),
        figure(found.mean, row.unit, signed=True),
        esc(interval(found, row.unit)),
        whisker(found),
        f'<span class="{kind}">{esc(words)}</span>',
    ]


def whisker(found: Difference) -> str:
    """The interval as a line and the mean as a dot, zero in the middle; in the colour of the verdict."""
    if found.mean is None or found.lo is None or found.hi is None or found.lo == found.hi:
        return ""
    reach = 1.1 * max(abs(found.lo), abs(found.hi))
    lo, mean, hi = (round((1 + bound / reach) * WHISKER / 2, 1) for bound in (found.lo, found.mean, found.hi))
    ink = {"better": BETTER, "worse": WORSE}.get(found.verdict, "#777777")
    zero = f'<line x1="{WHISKER / 2}" x2="{WHISKER / 2}" y1="0" y2="16" stroke="#999999" stroke-dasharray="2 2"/>'
    line = f'<line x1="{lo}" x2="{hi}" y1="8" y2="8" stroke="{ink}" stroke-width="2"/>'
    dot = f'<circle cx="{mean}" cy="8" r="4" fill="{ink}"/>'
    return f'<svg width="{WHISKER}" height="16" aria-hidden="true">{zero}{line}{dot}</svg>'


_NOTE = paragraph(
    "Both designs meet the same customers, traffic and no-shows, so that only the design differs. "
    "Figures are net: accounts that change hands on day one pay for it. "
    "Not shown: too small to be told from chance, after correction for asking about many figures. " + SKEWED,
    "note",
)
