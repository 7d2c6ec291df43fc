"""A day as the quarter's plan has it, before anything happened."""

from __future__ import annotations

from datetime import date as Date

from fieldsim import api, planning, routing
from fieldsim.errors import DataError
from fieldsim.service.errors import Refusal
from fieldsim.service.ground import Ground
from fieldsim.service.state import State


def planned_day(ground: Ground, rep: str, day: Date) -> State:
    """The route of the plan, as `fieldsim route` gives it; Refusal with the next working day on a day off."""
    found = ground.planned.get((rep, day))
    if found is None:
        found = ground.planned[rep, day] = _planned(ground, rep, day)
    return found


def _planned(ground: Ground, rep: str, day: Date) -> State:
    try:
        quarter = api.quarter_of(ground.scenario, day)
    except DataError as error:
        first = ground.scenario.start
        raise Refusal(404, "outside", error.message, hint=f"first: {first}", next=first.isoformat()) from error
    plan = ground.plan(rep, quarter)
    territory = ground.seats[rep]
    works = ground.working_days(rep, quarter)
    if day not in works:
        later = next((other for other in works if other > day), None) or _next_quarter(ground, rep, quarter)
        hint = f"next: {later}" if later else None
        raise Refusal(404, "day_off", f"no working day of {rep}: {day}", hint=hint, next=later and later.isoformat())
    problem = planning.day_problem(ground.scenario, ground.travel, plan, territory, day)
    route = routing.route_day(problem, seed=ground.settings.seed)
    return State(
        open=tuple(sorted(visit.id for visit in problem.visits)),
        route=route,
        remote=tuple(sorted(visit.id for visit in problem.visits if visit.at is None)),
    )


def _next_quarter(ground: Ground, rep: str, quarter: int) -> Date | None:
    """The first working day of the quarter after this one."""
    if quarter >= 7:
        return None
    first, last = ground.scenario.quarter(quarter + 1)
    person = ground.rep(rep)
    days = (d for d in ground.scenario.working_days(quarter + 1) if first <= d <= last)
    return next((d for d in days if person.end is None or d <= person.end), None)
