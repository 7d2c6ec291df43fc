"""Plain visit plans for tests: visits dealt evenly over the quarter, each day in the order of the nearest neighbour."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fieldsim.model import Design, Scenario, TerritoryPlan, Travel, Unplaced, VisitPlan
from fieldsim.planning.sharing import book_of
from fieldsim.scenario.hours import windows


def make_plans(scenario: Scenario, design: Design, travel: Travel, quarters: int = 1) -> list[VisitPlan]:
    """One plan a quarter."""
    return [make_plan(scenario, design, travel, quarter) for quarter in range(quarters)]


def make_plan(scenario: Scenario, design: Design, travel: Travel, quarter: int = 0) -> VisitPlan:
    days = scenario.working_days(quarter)
    territories = tuple(_territory(scenario, design, travel, k, days) for k in range(len(design.territories)))
    return VisitPlan(design.name, quarter, days, scenario.accounts.visits.copy(), territories)


def _territory(scenario: Scenario, design: Design, travel: Travel, territory: int, days: Sequence) -> TerritoryPlan:
    rep, due = int(design.rep_of[territory]), scenario.accounts.visits
    mine = book_of(design, territory, due)
    book = mine.accounts.tolist()
    blank = np.zeros(0, dtype=np.int64)
    if rep < 0:
        left = tuple(Unplaced(i, int(due[i]), "vacant") for i in book if due[i])
        return TerritoryPlan(-1, blank, blank, blank, blank.astype(bool), *(blank,) * 6, blank.astype(bool), 1.0, 0.0, left)
    wanted: list[list[tuple[int, int]]] = [[] for _ in days]
    # an account's days depend on nothing but the account: moving another moves them by the room it leaves
    for i, numbers in zip(book, mine.numbers, strict=True):
        phase = (i * 0.6180339887) % 1.0
        for ordinal in numbers.tolist():
            wanted[int((ordinal + phase) * len(days) / due[i])].append((i, ordinal))
    rows, frames = [], []
    left_out: dict[int, int] = {}
    for day, visits in enumerate(wanted):
        frames.append(_day(scenario, travel, rep, day, days[day], visits, rows, left_out))
    columns = np.array(rows, dtype=np.int64).reshape(-1, 6).T
    frame = np.array(frames, dtype=np.int64).reshape(-1, 4).T
    return TerritoryPlan(
        rep,
        columns[0],
        columns[1],
        columns[2],
        columns[3].astype(bool),
        columns[4],
        columns[5],
        frame[0],
        frame[1],
        frame[2],
        frame[3],
        np.zeros(len(days), dtype=bool),
        float(sum(due[i] * scenario.accounts.visit_minutes[i] * 60.0 for i in book)),
        float(len(days) * 8 * 3600),
        tuple(Unplaced(i, n, "capacity") for i, n in sorted(left_out.items())),
    )


def _day(scenario, travel, rep, day, date, visits, rows, left_out):
    """Append a day's rows; returns (day, depart, finish, lunch)."""
    person, lunch = scenario.reps[rep], scenario.day.lunch
    points = [scenario.home(rep), *(i for i, _ in visits)]
    seconds = travel.matrix(points).seconds[0]
    open_, here, t = list(range(1, len(points))), 0, person.shift_start_s
    end = person.shift_end_s - 60 * scenario.day.admin_minutes
    ate, lunch_at = lunch is None, -1
    while open_:
        there = min(open_, key=lambda q: (seconds[here, q], q))
        open_.remove(there)
        i, ordinal = visits[there - 1]
        service = int(60 * scenario.accounts.visit_minutes[i])
        go, fed = t, ate
        if not fed and go + seconds[here, there] + service > lunch.latest_s and go >= lunch.earliest_s:
            go, fed = go + lunch.duration_s, True
        ready = go + int(seconds[here, there])
        starts = [max(ready, a) for a, b in windows(scenario.accounts.opens[i], date, scenario.country, service) if ready <= b]
        if not starts or starts[0] + service + seconds[there, 0] > end:
            left_out[i] = left_out.get(i, 0) + 1
            continue
        if fed and not ate:
            ate, lunch_at = True, t
        rows.append((i, day, ordinal, 0, starts[0], int(seconds[here, there])))
        here, t = there, starts[0] + service
    t += int(seconds[here, 0])
    if not ate and t > lunch.latest_s:
        lunch_at, t = t, t + lunch.duration_s
    return day, person.shift_start_s, t, lunch_at
