"""What stands beside a plan: why a visit has its day, what a change moved, which visits a specialist joins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.text import Text

from fieldsim.errors import count
from fieldsim.model import Scenario, VisitPlan
from fieldsim.report.words import clean, clock, long_date

if TYPE_CHECKING:
    from fieldsim.planning import JointVisit, WhyDay

SHOWN = 20
"""Rows listed; `--json` has all."""


def why_lines(scenario: Scenario, found: Sequence[WhyDay]) -> list[RenderableType]:
    """Why the visits to an account have their days, a line a visit."""
    book = scenario.accounts
    first = found[0].account
    parts: list[RenderableType] = [Text(clean(f"{book.ids[first]} {book.name[first]}"), style="bold")]
    return [*parts, *(Text(f"{long_date(why.day)}: {clean(why.text)}") for why in found)]


def why_facts(scenario: Scenario, found: Sequence[WhyDay]) -> list[dict[str, object]]:
    """The same as `plan --explain --json` prints it."""
    ids = scenario.accounts.ids
    return [
        {
            "account": ids[why.account],
            "date": why.day.isoformat(),
            "extra_travel_s": why.extra_s,
            "other_days_travel_s": why.other_s,
            "closed_days": why.closed,
            "with": [ids[other] for other in why.with_accounts],
            "reason": why.text,
        }
        for why in found
    ]


def change_facts(scenario: Scenario, before: VisitPlan, after: VisitPlan) -> list[dict[str, object]]:
    """Visits whose day is another one than before, a row a visit; a day is None where there is none.

    `visit` counts an account's visits in the order of the former plan; days that the account keeps are no change, though they
    may now hold another of its visits.
    """
    then, now = _dates(before), _dates(after)
    rows: list[dict[str, object]] = []
    for account in sorted({*then, *now}):
        old, new = then.get(account, []), now.get(account, [])
        gone, come = ([day for day in one if day not in other] for one, other in ((old, new), (new, old)))
        for k in range(max(len(gone), len(come))):
            days = {"from": str(gone[k]) if k < len(gone) else None, "to": str(come[k]) if k < len(come) else None}
            number = old.index(gone[k]) if k < len(gone) else new.index(come[k])
            rows.append({"account": scenario.accounts.ids[account], "visit": number + 1, **days})
    return rows


def change_lines(changes: Sequence[Mapping[str, object]]) -> list[RenderableType]:
    """What a change of the plan moved, in words."""
    shown = [
        Text(f"- {clean(str(row['account']))}, visit {row['visit']}: {row['from'] or 'no day'} to {row['to'] or 'no day'}")
        for row in changes[:SHOWN]
    ]
    more = [Text(f"and {count(len(changes) - SHOWN, 'more visit')}")] if len(changes) > SHOWN else []
    return [Text(f"{count(len(changes), 'visit')} changed day", style="bold"), *shown, *more]


def _dates(plan: VisitPlan) -> dict[int, list[date]]:
    """The days of each account's visits, in order."""
    found: dict[int, list[date]] = {}
    for part in plan.territories:
        for account, day in zip(part.account.tolist(), part.day.tolist(), strict=True):
            found.setdefault(account, []).append(plan.days[day])
    return {account: sorted(days) for account, days in found.items()}


def joint_facts(scenario: Scenario, plan: VisitPlan, found: Sequence[JointVisit]) -> list[dict[str, object]]:
    """Visits that specialists join, as `plan --json` prints them; `clash` is None where they can be there."""
    reps, ids = scenario.reps, scenario.accounts.ids
    return [
        {
            "rep": reps[visit.rep].id,
            "owner": reps[visit.owner].id,
            "account": ids[visit.account],
            "date": str(plan.days[visit.day]),
            "start_s": visit.start_s,
            "clash": visit.clash or None,
        }
        for visit in found
    ]


def joint_lines(scenario: Scenario, plan: VisitPlan, found: Sequence[JointVisit]) -> list[RenderableType]:
    """The same in words, by day."""
    if not found:
        return []
    clashes = sum(bool(visit.clash) for visit in found)
    title = f"Specialists join {count(len(found), 'visit')}" + (f", {clashes} of them clash" if clashes else "")
    ordered = sorted(found, key=lambda visit: (visit.day, visit.start_s, visit.rep))
    lines = [_joined(scenario, plan, visit) for visit in ordered[:SHOWN]]
    more = [f"and {count(len(found) - SHOWN, 'more visit')}"] if len(found) > SHOWN else []
    return [Text(f"\n{title}", style="bold"), *(Text(line) for line in (*lines, *more))]


def _joined(scenario: Scenario, plan: VisitPlan, visit: JointVisit) -> str:
    who, owner, account = scenario.reps[visit.rep].id, scenario.reps[visit.owner].id, scenario.accounts.ids[visit.account]
    when = f"{long_date(plan.days[visit.day])} {clock(visit.start_s)}"
    return clean(f"{when}: {who} joins {owner} at {account}{f' - {visit.clash}' if visit.clash else ''}")
