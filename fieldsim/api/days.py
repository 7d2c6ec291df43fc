"""One rep's day in the quarter's plan."""

from __future__ import annotations

from datetime import date as Date
from typing import TYPE_CHECKING

from fieldsim.api.ground import open_travel, rep_position
from fieldsim.api.listeners import Warn
from fieldsim.api.plans import plan_quarter
from fieldsim.errors import DataError, InfeasibleError
from fieldsim.model import DayProblem, DayRoute, Design, Scenario, VisitPlan

if TYPE_CHECKING:
    from fieldsim.planning import Wishes
    from fieldsim.report.day import RepDay


def day_of(
    scenario: Scenario,
    design: Design,
    *,
    rep: str,
    date: str | Date,
    engine: str = "auto",
    prove: bool = False,
    effort: str = "normal",
    seed: int = 0,
    wishes: Wishes | None = None,
    warn: Warn | None = None,
) -> RepDay:
    """One rep's planned day with its route, reasons and everything a format needs.

    Raises DataError for an unknown rep or a date outside the scenario's two years, InfeasibleError on a day off.
    """
    from fieldsim import planning, routing
    from fieldsim.report.day import RepDay

    day = read_date(date)
    person, quarter = rep_position(scenario, rep), quarter_of(scenario, day)
    territory = _seat(scenario, design, person)
    travel = open_travel(scenario, warn=warn)
    wishes = planning.within(wishes or planning.Wishes(), *scenario.quarter(quarter))
    plan = plan_quarter(scenario, design, travel=travel, quarter=quarter, rep=rep, effort=effort, seed=seed, wishes=wishes)
    _check_works(plan, scenario, person, territory, day)
    problem = planning.day_problem(scenario, travel, plan, territory, day, wishes=wishes)
    position, part = plan.days.index(day), plan.territories[territory]
    rows = part.day == position
    ids = [scenario.accounts.ids[account] for account in part.account[rows]]
    return RepDay(
        scenario=scenario,
        design=design.name,
        rep=person,
        date=day,
        problem=problem,
        route=routing.route_day(problem, engine=engine, prove=prove, seed=seed),
        points=_points(scenario, problem, person),
        path=travel.path,
        ordinal=dict(zip(ids, part.ordinal[rows].tolist(), strict=True)),
    )


def _points(scenario: Scenario, problem: DayProblem, rep: int) -> tuple[int, ...]:
    """The scenario's point behind each row of a day problem's matrix: the visits' accounts, and the rep's home."""
    behind = {problem.start: scenario.home(rep)}
    behind |= {visit.at: scenario.accounts.ids.index(visit.id) for visit in problem.visits if visit.at is not None}
    return tuple(behind[row] for row in range(len(behind)))


def route_day(scenario: Scenario, design: Design, *, rep: str, date: str | Date, seed: int = 0) -> DayRoute:
    """One rep's route of the day. (`fieldsim.routing.route_day` solves a bare day problem.)"""
    return day_of(scenario, design, rep=rep, date=date, seed=seed).route


def read_date(text: str | Date) -> Date:
    """A date from YYYY-MM-DD."""
    try:
        return text if isinstance(text, Date) else Date.fromisoformat(text)
    except ValueError as error:
        raise DataError(f"'{text}' is no date", hint="write YYYY-MM-DD") from error


def quarter_of(scenario: Scenario, day: Date) -> int:
    """Which quarter a day lies in, 0 being the scenario's own; up to the eighth."""
    for number in range(8):
        first, last = scenario.quarter(number)
        if first <= day <= last:
            return number
    raise DataError(f"{day} is outside the scenario, which runs from {scenario.start} to {scenario.quarter(7)[1]}")


def _seat(scenario: Scenario, design: Design, rep: int) -> int:
    """The territory that a rep holds."""
    held = [territory for territory, holder in enumerate(design.rep_of.tolist()) if holder == rep]
    if not held:
        name = scenario.reps[rep].id
        joins = any(overlay.rep == rep and overlay.visit_share > 0.0 for overlay in design.overlays)
        hint = f"a specialist's days are the owners': see plan ... --rep {name}" if joins else None
        raise DataError(f"rep '{name}' has no territory in the design '{design.name}'", hint=hint)
    return held[0]


def _check_works(plan: VisitPlan, scenario: Scenario, rep: int, territory: int, day: Date) -> None:
    """An error with the next working day if the rep does not work that day."""
    off = [plan.days[k] for k in plan.territories[territory].work_day.tolist()]
    if day in off:
        return
    later = [other for other in off if other > day]
    why = "a weekend" if day.weekday() >= 5 else "a public holiday" if day in scenario.holidays else "no working day"
    hint = f"next: {later[0]}" if later else None
    raise InfeasibleError(f"rep '{scenario.reps[rep].id}' does not work on {day}, {why}", hint=hint)
