"""The quarter's visit plan on a terminal: a grid of weeks, a row a rep, and what found no day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from fieldsim.errors import count
from fieldsim.model import Design, Scenario, TerritoryPlan, Travel, VisitPlan
from fieldsim.report.words import clean, duration, long_date

if TYPE_CHECKING:
    from fieldsim.planning import JointVisit

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
UNPLACED_SHOWN = 10
"""Accounts listed by name; a long list is better read from `--json` or `--out`."""


def plan_tables(
    scenario: Scenario,
    design: Design,
    travel: Travel,
    plan: VisitPlan,
    rep: str | None = None,
    joint: Sequence[JointVisit] = (),
) -> list[RenderableType]:
    """For the team: visits a week and rep. For one rep: the accounts of every day. What has no room is said first.

    Of a specialist without a territory they are the `joint` visits.
    """
    from fieldsim.planning import joint_parts

    if rep is None:
        left = _unplaced(scenario, plan.territories)
        return [*_short(scenario, travel, plan, None), _team(scenario, design, plan), *_rhythm(scenario, plan, None), *left]
    parts = (*plan.territories, *joint_parts(scenario, plan, joint))
    chosen = [part for part in parts if part.rep >= 0 and scenario.reps[part.rep].id == rep]
    tables = [_weeks(scenario, design, plan, part) for part in chosen]
    return [*_short(scenario, travel, plan, rep), *tables, *_rhythm(scenario, plan, rep), *_unplaced(scenario, chosen)]


def _rhythm(scenario: Scenario, plan: VisitPlan, rep: str | None) -> list[RenderableType]:
    """How regular the visits are, in a line: nothing where no account has two."""
    from fieldsim.planning import regularity

    asked = [t for t, part in enumerate(plan.territories) if part.rep >= 0 and rep in (None, scenario.reps[part.rep].id)]
    shares = [share for t in asked for share in regularity(plan, t).tolist()]
    if not shares:
        return []
    return [Text(f"{sum(shares) / len(shares):.0%} of an account's visits fall on one weekday, on average.".replace("%", " %"))]


def _short(scenario: Scenario, travel: Travel, plan: VisitPlan, rep: str | None) -> list[RenderableType]:
    """Territories whose visits do not all have a day: hours needed and there, what is left out, what would help."""
    from fieldsim.planning import relief

    lines: list[RenderableType] = []
    for territory, part in enumerate(plan.territories):
        if part.rep < 0 or not part.unplaced or rep not in (None, scenario.reps[part.rep].id):
            continue
        found = relief(scenario, travel, plan, territory)
        left = ", ".join(f"{number} of priority {priority}" for priority, number in found.by_priority)
        hours = f"{scenario.reps[part.rep].id}: {found.needed_h:.0f} h needed, {found.available_h:.0f} h there"
        help_ = f"One more day a week would hold {found.day_a_week} of them, one more rep {found.one_more_rep}"
        lines.append(Text(f"{hours}. Without a day: {left}. {help_}."))
    return [Text("Not every visit due has a day", style="bold"), *lines, Text("")] if lines else []


def plan_facts(scenario: Scenario, design: Design, travel: Travel, plan: VisitPlan, rep: str | None = None) -> dict[str, object]:
    """The answer as `plan --json` prints it, of all or of one rep: visits, what found no day, hours needed and there."""
    book, visits, unplaced, capacity = scenario.accounts.ids, [], [], []
    for territory, part in enumerate(plan.territories):
        who = scenario.reps[part.rep].id if part.rep >= 0 else None
        if rep not in (None, who):
            continue
        rows = zip(part.account.tolist(), part.day.tolist(), part.start_s.tolist(), part.remote.tolist(), strict=True)
        visits += [
            {"rep": who, "account": book[account], "date": str(plan.days[day]), "start_s": start, "remote": remote}
            for account, day, start, remote in rows
        ]
        unplaced += [{"account": book[left.account], "count": left.count, "reason": left.reason} for left in part.unplaced]
        capacity.append({"territory": design.territories[territory], "rep": who, **_capacity(scenario, travel, plan, territory)})
    return {"visits": visits, "unplaced": unplaced, "capacity": capacity}


def _capacity(scenario: Scenario, travel: Travel, plan: VisitPlan, territory: int) -> dict[str, object]:
    from fieldsim.planning import regularity, relief

    found, shares = relief(scenario, travel, plan, territory), regularity(plan, territory)
    return {
        "needed_hours": found.needed_h,
        "available_hours": found.available_h,
        "unplaced": found.unplaced,
        "unplaced_by_priority": {str(priority): number for priority, number in found.by_priority},
        "one_more_day_a_week_holds": found.day_a_week,
        "one_more_rep_holds": found.one_more_rep,
        "same_weekday_share": float(shares.mean()) if len(shares) else None,
    }


def _team(scenario: Scenario, design: Design, plan: VisitPlan) -> Table:
    from fieldsim.planning import due_in

    mondays = _mondays(plan)
    title = Text(f"Visits planned, design {design.name}, by week from its Monday", style="bold")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=title, title_justify="left", padding=0)
    table.add_column("rep", no_wrap=True)
    for monday in mondays:
        table.add_column(week_label(monday), justify="right", no_wrap=True)
    for name in (" all", " due"):
        table.add_column(name, justify="right", no_wrap=True)
    for territory, part in enumerate(plan.territories):
        weeks = Counter(_monday(plan.days[day]) for day in part.day.tolist())
        due = due_in(design, plan, territory)
        who = scenario.reps[part.rep].id if part.rep >= 0 else f"{design.territories[territory]} vacant"
        table.add_row(Text(who), *(str(weeks[monday] or "") for monday in mondays), str(len(part.day)), str(due))
    return table


def _weeks(scenario: Scenario, design: Design, plan: VisitPlan, part: TerritoryPlan) -> Table:
    who = scenario.reps[part.rep]
    planned = f"{count(len(part.day), 'visit')} planned; r = remote, (drive to the visits)"
    title = f"{who.id} {clean(who.name)}, design {design.name}: {planned}"
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=Text(title, style="bold"), title_justify="left", show_lines=True)
    table.add_column("week of", no_wrap=True)
    shown = [k for k in range(7) if k < 5 or any(day.weekday() == k for day in plan.days)]
    for k in shown:
        table.add_column(WEEKDAYS[k])
    days = {day: k for k, day in enumerate(plan.days)}
    for monday in _mondays(plan):
        of_week = [date.fromordinal(monday.toordinal() + k) for k in shown]
        table.add_row(week_label(monday).replace("\n", " "), *(Text(_day(scenario, part, days.get(day))) for day in of_week))
    return table


def _day(scenario: Scenario, part: TerritoryPlan, day: int | None) -> str:
    """The accounts of one day in order, and the drive to them, the way home left out; "-" for a day nobody works."""
    if day is None or day not in part.work_day:
        return "-"
    rows = np.flatnonzero(part.day == day).tolist()
    ids = [scenario.accounts.ids[int(part.account[row])] + (" r" if part.remote[row] else "") for row in rows]
    drive = int(part.travel_s[rows].sum()) if rows else 0
    return "\n".join([*ids, f"({duration(drive)})"]) if rows else ""


def _unplaced(scenario: Scenario, parts: tuple[TerritoryPlan, ...] | list[TerritoryPlan]) -> list[RenderableType]:
    book = scenario.accounts
    left = [each for part in parts for each in part.unplaced]
    left.sort(key=lambda each: (-int(book.priority[each.account]), -each.count, each.account))
    if not left:
        return [Text("Every visit due has a day.")]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title="Due, but without a day", title_justify="left", title_style="bold")
    for name, justify in (("account", "left"), ("who", "left"), ("visits", "right"), ("why", "left")):
        table.add_column(name, justify=justify)  # type: ignore[arg-type]
    for each in left[:UNPLACED_SHOWN]:
        who = clean(book.name[each.account])
        table.add_row(Text(book.ids[each.account]), Text(who), str(each.count), Text(each.reason))
    more = len(left) - UNPLACED_SHOWN
    return [table, *([Text(f"and {count(more, 'more account')}: --json and --out list all")] if more > 0 else [])]


def week_label(monday: date) -> str:
    """A week by its Monday, month over day, three letters wide."""
    return "\n".join(long_date(monday).split()[2:0:-1])


def _mondays(plan: VisitPlan) -> list[date]:
    return sorted({_monday(day) for day in plan.days})


def _monday(day: date) -> date:
    return date.fromordinal(day.toordinal() - day.weekday())
