"""Why a visit is on its day, as a rep would say it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date as Date

from fieldsim import api, planning
from fieldsim.errors import UsageError
from fieldsim.model import VisitPlan
from fieldsim.planning.rhythm import interval_days
from fieldsim.report.words import duration
from fieldsim.service.ground import Ground
from fieldsim.service.state import State

WEEKDAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
MOSTLY = 0.6
"""Share of an account's visits from which its weekday is worth telling."""
WORTH_TELLING_S = 300
"""Driving that another day would cost on top, from which it is told."""


def reasons(ground: Ground, rep: str, day: Date, state: State) -> Mapping[str, str]:
    """Why each visit is on this day; the first part says how often, the others, after semicolons, why just now."""
    found = {name: f"taken over from {ground.rep(other).name or other}" for name, other in state.given.items()}
    plan = ground.plan(rep, api.quarter_of(ground.scenario, day))
    for name in [*state.open, *(row.account for row in state.settled)]:
        if name in found:
            continue
        key = (rep, day, name)
        if key not in ground.reasons:
            ground.reasons[key] = _reason(ground, plan, rep, day, name)
        found[name] = ground.reasons[key]
    return found


def _reason(ground: Ground, plan: VisitPlan, rep: str, day: Date, name: str) -> str:
    account, territory = ground.accounts[name], ground.seats[rep]
    try:
        why = planning.explain_visit(ground.scenario, ground.travel, plan, territory, account, day)
    except UsageError:
        return "added by hand"
    part = plan.territories[territory]
    dates = sorted(plan.days[k] for k in part.day[part.account == account].tolist())
    said = [rhythm(int(plan.due[account]), len(plan.days), dates, day)]
    book = ground.scenario.accounts
    near = [book.name[other] or book.ids[other] for other in why.with_accounts]
    if near and why.extra_s:
        said.append(f"{'between' if len(near) > 1 else 'near'} {' and '.join(near)}, {_driving(why.extra_s)}")
    if why.other_s - why.extra_s >= WORTH_TELLING_S:
        said.append(f"on other days about {duration(why.other_s)}")
    if why.closed:
        said.append("closed on some days around it")
    return "; ".join(said)


def rhythm(due: int, working_days: int, dates: list[Date], day: Date) -> str:
    """How often and which visit of the quarter: `every week, mostly on Mondays, visit 3 of 12`."""
    if due <= 1:
        return "once this quarter"
    every = interval_days(due, working_days)
    spoken = {1: "every week", 2: "every two weeks", 3: "every three weeks", 4: "every four weeks"}
    weeks = round(every / 7)
    often = spoken[weeks] if weeks in spoken and abs(every - 7 * weeks) <= weeks else f"about every {every:.0f} days"
    same = sum(other.weekday() == day.weekday() for other in dates) / max(1, len(dates))
    on = f", {'always' if same == 1 else 'mostly'} on {WEEKDAYS[day.weekday()]}" if len(dates) > 1 and same >= MOSTLY else ""
    return f"{often}{on}, visit {dates.index(day) + 1} of {due}"


def _driving(seconds: int) -> str:
    return f"{duration(seconds)} more driving"
