"""A rep's day written by hand: four calls, one of them remote, a break and two visits left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from small import make_scenario, make_travel

from fieldsim.model import DayProblem, DayRoute, DayVisit, ForcedCost, Lunch, Scenario, Skipped, Stop
from fieldsim.report.day.noun import RepDay

HOUR = 3600


def named(scenario: Scenario, name: str, address: str = "") -> Scenario:
    """The scenario with one name and address for all accounts."""
    n = len(scenario.accounts)
    book = replace(scenario.accounts, name=(name,) * n, address=(address,) * n, city=("La Serena",) * n)
    return replace(scenario, accounts=book)


def make_day(scenario: Scenario | None = None, stops: int = 4, **changes: object) -> RepDay:
    """Rep 1's day on accounts 0, 1, 2 ...; the second call is remote."""
    scenario = scenario or make_scenario()
    travel = make_travel(scenario)
    points = (scenario.home(1), *range(stops + 2))
    matrix = travel.matrix(points)
    ids = scenario.accounts.ids
    at = [None if k == 1 else k + 1 for k in range(stops)]
    visits = tuple(DayVisit(ids[k], at[k], 1800, ((8 * HOUR, 17 * HOUR),), priority=2) for k in range(stops))
    left = tuple(DayVisit(ids[k], k + 1, 1800, ()) for k in (stops, stops + 1))
    problem = DayProblem(matrix, 0, 0, (8 * HOUR, 17 * HOUR + 1800), visits + left, Lunch(12 * HOUR, 14 * HOUR, 2700))
    here, time, route, driven = 0, 8 * HOUR + 30, [], 0
    for k in range(stops):
        row = at[k]
        drive = int(matrix.seconds[0, here, row]) if row is not None else 0
        here = row if row is not None else here
        route.append(Stop(ids[k], row, drive, time + drive, time + drive + 300, time + drive + 2100))
        time, driven = route[-1].leave_s, driven + drive
        time += 2700 if k == 1 else 0
    home = int(matrix.seconds[0, here, 0])
    skipped = (
        Skipped(ids[stops], "never_open", "", None),
        Skipped(ids[stops + 1], "displaced", "gives way to A0001", ForcedCost((ids[0],), 240)),
    )
    lunch = (route[1].leave_s, route[1].leave_s + 2700) if stops > 1 else None
    answer = DayRoute(
        "optimal", "exact", 2 * stops, stops, driven + home, 300 * stops, 8 * HOUR + 30, time + home, tuple(route), lunch, skipped
    )
    fields: dict[str, object] = {"path": travel.path, **changes}
    return RepDay(scenario, "today", 1, date(2026, 10, 5), problem, answer, points, **fields)  # type: ignore[arg-type]
