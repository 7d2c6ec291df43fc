"""The tables of a stress test as plain cells, for the terminal and for the page alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fieldsim.kpi import kpi as entry
from fieldsim.report.rows import ROWS, Row, heading, interval, judged, money_rows
from fieldsim.report.words import figure

if TYPE_CHECKING:
    from fieldsim.experiment.alone import Alone
    from fieldsim.experiment.samples import Figure
    from fieldsim.experiment.stressed import Stress

NOBODY = "(nobody leaves)"
SPREAD = ("attainment", "coverage", "churned_accounts", "travel_hours", "contribution")
"""KPIs whose spread over replications is shown."""
SPREAD_HEAD = ("", "P10", "P50", "P90", "mean", "95 % interval")
DAMAGE = (
    ("contribution", "contribution"),
    ("revenue", "revenue"),
    ("rep_cost", "cost of reps"),
    ("manager_cost", "cost of managers"),
    ("coverage", "coverage"),
    ("churned_accounts", "accounts lost"),
)


@dataclass(frozen=True)
class Sheet:
    """A table of texts; the first column is left-aligned, the others right-aligned unless named in `left`."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    left: tuple[int, ...] = ()


def sheets_of(stress: Stress) -> list[Sheet]:
    """Spread, differences, the cost of a departure, which policy for whom, and the break-even, as far as there are any."""
    every = (*_spread(stress), _differences(stress), _damage(stress), _alone(stress), _lengths(stress))
    return [sheet for sheet in every if sheet.rows]


def heading_of(stress: Stress) -> str:
    """What was asked of what, in one line."""
    comparison = stress.comparison
    count = "one quarter" if comparison.horizon == 1 else f"{comparison.horizon} quarters"
    days = f"{comparison.first_day} to {comparison.last_day}"
    runs = f"{comparison.replications} replications, seed {comparison.seed}"
    return f"{comparison.scenario}, {stress.design} when people leave, {count}, {days}: {runs}"


def departures_line(stress: Stress) -> str:
    """How many leave, and for how long their seats stand empty."""
    facts = stress.departures
    number, weeks, given = facts["per_replication"], facts["vacant_weeks"], facts["given"]
    assert isinstance(number, Mapping)
    assert isinstance(given, Sequence)
    noun = "departure" if number["mean"] == 1.0 else "departures"
    span = "" if number["p10"] == number["p90"] else f" (8 of 10 replications: {number['p10']:g} to {number['p90']:g})"
    asked = [f"{100.0 * float(str(facts['rate'])):g} % turnover a year"] if facts["rate"] else []
    named = Counter(f"{each['rep'] or 'anybody'} from {each['date']}" for each in given)
    asked += [f"{times} times {what}" if times > 1 else what for what, times in named.items()]
    empty = f", seats empty for {figure(float(str(weeks)), 'count')} weeks" if weeks is not None else ""
    return f"{figure(number['mean'], 'count')} {noun}{span}{empty}; asked for: {', '.join(asked) or 'nobody leaves'}."


def _row(stress: Stress, kpi: str) -> Row:
    """The row of a KPI with its unit, money in thousands or millions where amounts are large."""
    known = [row for row in money_rows(stress.comparison, ROWS) if row.kpi == kpi and row.field == "mean"]
    unit = entry(kpi).unit
    if unit == "money" and not known and kpi != "contribution":
        return Row(kpi.replace("_", " "), kpi, "mean", _row(stress, "contribution").unit)
    return known[0] if known else Row(kpi.replace("_", " "), kpi, "mean", unit if unit in ("share", "h", "money") else "count")


def _spread(stress: Stress) -> Iterator[Sheet]:
    managed = ("manager_hours",) if stress.pooled else ()
    for kpi in dict.fromkeys((*SPREAD, *managed, stress.comparison.best.by)):
        row = _row(stress, kpi)
        found = {each.design: each.kpis[kpi] for each in stress.comparison.designs if kpi in each.kpis}
        if kpi in stress.unhurt:
            found = {NOBODY: stress.unhurt[kpi], **found}
        rows = tuple((name, *_quantiles(each, row.unit)) for name, each in found.items())
        yield Sheet(heading(row, stress.comparison.currency), SPREAD_HEAD, rows)


def _quantiles(found: Figure, unit: str) -> tuple[str, ...]:
    span = "-" if found.lo is None or found.hi is None else f"{figure(found.lo, unit)} to {figure(found.hi, unit)}"
    return *(figure(value, unit) for value in (found.p10, found.p50, found.p90, found.mean)), span


def _differences(stress: Stress) -> Sheet:
    """The deciding KPI of every policy against the first."""
    comparison, base = stress.comparison, stress.policies[0]
    row = _row(stress, comparison.best.by)
    found = [comparison.difference(base, name, row.kpi) for name in stress.policies[1:]]
    rows = tuple(
        (each.b, figure(each.mean, row.unit, signed=True), interval(each, row.unit), judged(comparison, each)) for each in found
    )
    title = f"{heading(row, comparison.currency)}: instead of {base}, same departures, same luck"
    return Sheet(title, ("", "change", "95 % interval", f"than {base}"), rows, left=(3,))


def _damage(stress: Stress) -> Sheet:
    known = [(kpi, words) for kpi, words in DAMAGE if any(kpi in each for each in stress.cost.values())]
    known = [(kpi, words) for kpi, words in known if kpi != "manager_cost" or stress.pooled]
    rows = []
    for name, kpis in stress.cost.items():
        cells = [figure(kpis.get(kpi, {}).get("mean"), _row(stress, kpi).unit, signed=True) for kpi, _ in known]
        rows.append((name, *cells[:1], _bounds(stress, kpis), *cells[1:]))
    head = tuple(heading(Row(words, kpi, "mean", _row(stress, kpi).unit), stress.comparison.currency) for kpi, words in known)
    title = "What one departure changes, against nobody leaving"
    return Sheet(title, ("", *head[:1], "95 % interval", *head[1:]), tuple(rows))


def _bounds(stress: Stress, kpis: Mapping[str, Mapping[str, float | None]]) -> str:
    found = kpis.get("contribution", {})
    unit = _row(stress, "contribution").unit
    if found.get("lo") is None:
        return "-"
    return f"{figure(found['lo'], unit, signed=True)} to {figure(found['hi'], unit, signed=True)}"


def _alone(stress: Stress) -> Sheet:
    comparison = stress.comparison
    row = _row(stress, comparison.best.by)
    rows = tuple((each.rep, *_alone_cells(each, row.unit)) for each in stress.alone)
    title = f"Which policy if this rep leaves alone, by {heading(row, comparison.currency)}"
    head = ("rep", "gone from", "best policy", "ahead of", "by", "how sure", "it changes")
    note = f"How sure: the least probability that it is the best. {(stress.alone_note or '').capitalize()}".rstrip()
    return Sheet(title, head, rows, note if note.endswith(".") else f"{note}.", left=(2, 3))


def _alone_cells(each: Alone, unit: str) -> tuple[str, ...]:
    names = " = ".join((each.policy, *each.equals))
    sure = "-" if each.probability is None else f"{100.0 * each.probability:.0f} %" if each.probability < 0.995 else "> 99 %"
    mark = sure if each.shown or each.probability is None else f"{sure}, not shown"
    changed = figure(each.cost[each.policy], unit, signed=True)
    return each.date, names, each.runner_up or "-", figure(each.ahead["mean"], unit, signed=True), mark, changed


def _lengths(stress: Stress) -> Sheet:
    found, row = stress.break_even, _row(stress, stress.comparison.best.by)
    rows = tuple(
        (
            f"{each['weeks']:g}",
            figure(each["mean"], row.unit, signed=True),
            f"{figure(each['lo'], row.unit, signed=True)} to {figure(each['hi'], row.unit, signed=True)}",
        )
        for each in found.curve
    )
    title = f"{heading(row, stress.comparison.currency)} a departure: {found.policy} instead of leaving vacant"
    note = f"Break-even after {found.weeks:.1f} weeks." if found.weeks is not None else f"{(found.reason or '').capitalize()}."
    return Sheet(title, ("weeks of vacancy", "gain", "95 % interval"), rows, note)
