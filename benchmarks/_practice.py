"""Common practice as a visit plan: a sector of the compass a weekday, evenly spaced weeks, stops in an order found by eye."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from fieldsim.model import Design, Floats, Ints, Rep, Scenario, TerritoryPlan, Travel, Unplaced, VisitPlan
from fieldsim.scenario.hours import windows

NEVER = 1 << 40
LATE_DAYS = 5
"""Working days a visit that does not fit its day may be put off."""
PHASES = 4
Wanted = list[list[tuple[int, int]]]
"""Visits of each working day as (place in the book, ordinal)."""


@dataclass(eq=False)
class Rows:
    """A territory's plan while it is written."""

    stops: list[tuple[int, int, int, int, int, int]] = field(default_factory=list)
    """Account, day, ordinal, remote, start and travel, seconds."""
    frames: list[tuple[int, int, int, int]] = field(default_factory=list)
    """Day, departure, finish and lunch."""


def practice_plan(scenario: Scenario, design: Design, travel: Travel, like: VisitPlan, order: str, sectors: bool) -> VisitPlan:
    """A quarter's plan of the same design by hand: calendar, visits due and remote visits are those of `like`.

    `order` is "next" (always the stop that can start soonest) or "list" (as they stand in the account list).
    """
    territories = tuple(
        mine if mine.rep < 0 else _territory(scenario, design.book(t), travel, like, mine, order, sectors)
        for t, mine in enumerate(like.territories)
    )
    return replace(like, territories=territories)


def _territory(
    scenario: Scenario, book: Ints, travel: Travel, like: VisitPlan, mine: TerritoryPlan, order: str, sectors: bool
) -> TerritoryPlan:
    rep, work = scenario.reps[mine.rep], mine.work_day.tolist()
    days = [like.days[k] for k in work]
    wanted = _wanted(scenario, book, like.due[book], rep, days, sectors)
    seconds = travel.matrix([*book.tolist(), scenario.home(mine.rep)]).seconds[0]
    remote = set(zip(mine.account[mine.remote].tolist(), mine.ordinal[mine.remote].tolist(), strict=True))
    rows, waiting = Rows(), list[tuple[int, int, int]]()
    for k, day in enumerate(days):
        today = [(i, ordinal, k) for i, ordinal in wanted[k]]
        owed = [visit for visit in waiting if k - visit[2] <= LATE_DAYS]
        first = {visit[0]: visit for visit in reversed(owed)}  # one visit an account and day
        late = [visit for i, visit in first.items() if i not in {i for i, _, _ in today}]
        waiting = [visit for visit in owed if visit not in late]
        waiting += _walk(scenario, book, rep, (work[k], day), [*today, *late], seconds, remote, order, rows)
    stops = np.array(rows.stops, dtype=np.int64).reshape(-1, 6).T
    frames = np.array(rows.frames, dtype=np.int64).reshape(-1, 4).T
    left = like.due[book] - np.bincount(np.searchsorted(book, stops[0]), minlength=len(book))
    return replace(
        mine,
        account=stops[0],
        day=stops[1],
        ordinal=stops[2],
        remote=stops[3].astype(np.bool_),
        start_s=stops[4],
        travel_s=stops[5],
        work_day=frames[0],
        depart_s=frames[1],
        finish_s=frames[2],
        lunch_s=frames[3],
        proven=np.zeros(len(days), dtype=np.bool_),
        unplaced=tuple(Unplaced(int(i), int(n), "capacity") for i, n in zip(book, left, strict=True) if n),
    )


def _wanted(scenario: Scenario, book: Ints, due: Ints, rep: Rep, days: list[date], sectors: bool) -> Wanted:
    """Which visits a rep means to pay on which day: evenly spaced, on the weekday of the account's sector where there are any."""
    angle = _angle(scenario, book, rep)
    around = np.argsort(angle, kind="stable")
    before = np.concatenate([[0], np.cumsum(due[around])[:-1]]) / max(1, due.sum())
    weekday = np.zeros(len(book), dtype=np.int64)
    weekday[around] = (5 * before).astype(np.int64)
    weeks: dict[tuple[int, int], list[int]] = {}
    for k, day in enumerate(days):
        weeks.setdefault(day.isocalendar()[:2], []).append(k)
    every, wanted = list(weeks.values()), Wanted([] for _ in days)
    for i in sorted(range(len(book)), key=lambda i: (-due[i], angle[i])):
        choices = []
        for phase in range(PHASES):
            at = (np.arange(due[i]) + (phase + 0.5) / PHASES) / max(1, due[i])
            if sectors and due[i] <= len(every):
                chosen = [_nearest_day(every[int(x * len(every))], days, int(weekday[i])) for x in at]
            else:
                chosen = [int(x * len(days)) for x in at]
            choices.append((sum(len(wanted[k]) for k in chosen), phase, chosen))
        for ordinal, k in enumerate(min(choices)[2] if due[i] else []):
            wanted[k].append((i, ordinal))
    return wanted


def _nearest_day(week: list[int], days: list[date], weekday: int) -> int:
    return min(week, key=lambda k: (abs(days[k].weekday() - weekday), k))


def _angle(scenario: Scenario, book: Ints, rep: Rep) -> Floats:
    """The compass as seen from home."""
    accounts = scenario.accounts
    east = (accounts.lon[book] - rep.lon) * np.cos(np.radians(rep.lat))
    angle: Floats = np.arctan2(accounts.lat[book] - rep.lat, east)
    return angle


def _walk(
    scenario: Scenario,
    book: Ints,
    rep: Rep,
    day: tuple[int, date],
    visits: list[tuple[int, int, int]],
    seconds: Ints,
    remote: set[tuple[int, int]],
    order: str,
    rows: Rows,
) -> list[tuple[int, int, int]]:
    """Write a day's visits in order while they fit; what does not fit is returned."""
    lunch, home = scenario.day.lunch, len(book)
    here, t, lunch_at, eaten = home, rep.shift_start_s, -1, lunch is None
    end = rep.day_end_s - int(60 * scenario.day.admin_minutes * min(1.0, rep.capacity))
    left, queue = [], sorted(visits)

    def start_of(visit: tuple[int, int, int]) -> tuple[int, int]:
        """When a visit could start from here and now, and when lunch is taken before it (-1: not before it)."""
        i, ordinal, _ = visit
        way = 0 if (int(book[i]), ordinal) in remote else int(seconds[here, i])
        service, go, break_at = int(60 * scenario.accounts.visit_minutes[book[i]]), t, -1
        if lunch and not eaten and (t >= lunch.earliest_s or t + way + service > lunch.latest_s):
            break_at = max(t, lunch.earliest_s)
            go = break_at + lunch.duration_s
        opens = windows(scenario.accounts.opens[book[i]], day[1], scenario.country, service)
        start = next((max(go + way, first) for first, last in opens if go + way <= last), NEVER)
        afterwards = start + service + (int(seconds[i, home]) if way else int(seconds[here, home]))
        return (int(start), break_at) if afterwards <= end else (NEVER, break_at)

    while queue:
        visit = queue[0] if order == "list" else min(queue, key=lambda visit: (*start_of(visit), visit))
        queue.remove(visit)
        start, break_at = start_of(visit)
        if start == NEVER:
            left.append(visit)
            continue
        i, ordinal, _ = visit
        afar = (int(book[i]), ordinal) in remote
        way = 0 if afar else int(seconds[here, i])
        rows.stops.append((int(book[i]), day[0], ordinal, int(afar), start, way))
        lunch_at, eaten = (break_at, True) if break_at >= 0 else (lunch_at, eaten)
        here, t = here if afar else i, start + int(60 * scenario.accounts.visit_minutes[book[i]])
    if lunch and not eaten and t + seconds[here, home] > lunch.earliest_s:
        lunch_at = max(t, lunch.earliest_s)
        t = lunch_at + lunch.duration_s
    rows.frames.append((day[0], rep.shift_start_s, t + int(seconds[here, home]), lunch_at))
    return left


def routed_plan(scenario: Scenario, travel: Travel, plan: VisitPlan) -> VisitPlan:
    """The same visits on the same days, each day in the best order."""
    return replace(plan, territories=tuple(_routed(scenario, travel, plan, t) for t in range(len(plan.territories))))


def _routed(scenario: Scenario, travel: Travel, plan: VisitPlan, territory: int) -> TerritoryPlan:
    from fieldsim.planning import day_problem
    from fieldsim.routing import route_days

    mine = plan.territories[territory]
    if mine.rep < 0:
        return mine
    work = mine.work_day.tolist()
    routes = route_days([day_problem(scenario, travel, plan, territory, plan.days[k]) for k in work])
    place = {name: i for i, name in enumerate(scenario.accounts.ids)}
    row = {key: r for r, key in enumerate(zip(mine.day.tolist(), mine.account.tolist(), strict=True))}
    order = [(row[k, place[stop.id]], stop) for k, route in zip(work, routes, strict=True) for stop in route.stops]
    rows = np.array([r for r, _ in order], dtype=np.int64)
    return replace(
        mine,
        account=mine.account[rows],
        day=mine.day[rows],
        ordinal=mine.ordinal[rows],
        remote=mine.remote[rows],
        start_s=np.array([stop.start_s for _, stop in order], dtype=np.int64),
        travel_s=np.array([stop.travel_s for _, stop in order], dtype=np.int64),
        depart_s=np.array([route.depart_s for route in routes], dtype=np.int64),
        finish_s=np.array([route.finish_s for route in routes], dtype=np.int64),
        lunch_s=np.array([route.lunch[0] if route.lunch else -1 for route in routes], dtype=np.int64),
    )
