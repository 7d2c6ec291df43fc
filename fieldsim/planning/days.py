"""From slots to routed days: states each day as a DayProblem, routes them, and finds another day for what a router leaves out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from fieldsim.model import DayProblem, DayRoute, DayVisit, Lunch, TravelMatrix, Window
from fieldsim.planning.board import Board, Desk, Ground
from fieldsim.planning.claiming import claim
from fieldsim.planning.insertion import digest, take
from fieldsim.planning.task import TerritoryTask
from fieldsim.store import Store

REPAIRS = 12
"""How often the visits that routed days leave out are offered to other days."""


@dataclass(frozen=True)
class Routed:
    """A day as routed: visits (not accounts) in order, with start and travel to each."""

    visits: tuple[int, ...]
    start_s: tuple[int, ...]
    travel_s: tuple[int, ...]
    depart_s: int
    finish_s: int
    lunch_s: int
    proven: bool
    skipped: dict[int, str] = field(default_factory=dict)
    """Visits left out, with the router's words."""


def held_on(board: Board, owner: list[int]) -> dict[int, list[int]]:
    """Visits of each slot that has any, in the accounts' order."""
    days: dict[int, list[int]] = {}
    for visit, slot in enumerate(board.at.tolist()):
        if slot >= 0:
            days.setdefault(slot, []).append(visit)
    return {slot: sorted(days[slot], key=lambda visit: owner[visit]) for slot in sorted(days)}


def problem_of(task: TerritoryTask, slot: int, visits: list[int], owner: list[int]) -> DayProblem:
    """The day of a slot with the given visits, ids being the accounts'."""
    points = np.array([*(owner[visit] for visit in visits if not task.remote[visit]), len(task.ids)])
    travel = TravelMatrix(
        np.ascontiguousarray(task.travel.seconds[:, points[:, None], points[None, :]]),
        np.ascontiguousarray(task.travel.metres[points[:, None], points[None, :]]),
        task.travel.from_s,
    )
    rows = [
        DayVisit(
            id=task.ids[owner[visit]],
            at=None if task.remote[visit] else 0,
            service_s=int(task.service_s[owner[visit]]),
            windows=task.hours.doors[int(task.hours.row[owner[visit], slot])],
            priority=int(task.priority[owner[visit]]),
            required=bool(task.pinned[visit] >= 0),
        )
        for visit in visits
    ]
    frame = (task.frame[0], int(task.closing_s[slot]))
    return bare_day(travel, rows, frame, None if task.lunch is None or frame[1] <= task.lunch.latest_s else task.lunch)


def bare_day(travel: TravelMatrix, visits: list[DayVisit], frame: Window, lunch: Lunch | None) -> DayProblem:
    """A day from home and back: visits in person take the rows of `travel` in their order, home is its last row."""
    rows = iter(range(len(visits)))
    placed = tuple(visit if visit.at is None else replace(visit, at=next(rows)) for visit in visits)
    home = len(travel.metres) - 1
    return DayProblem(travel, home, home, frame, placed, lunch)


def route_plan(task: TerritoryTask, ground: Ground, board: Board, desk: Desk, store: Store | None) -> dict[int, Routed]:
    """Route every day of the board; visits that a day leaves out go to other days, at last out of the plan.

    What had no day is tried again too, since a routed day may have more time left than the search's.
    """
    owner = desk.owner.tolist()
    done = _carried_over(task, board, owner)
    for slot, day in done.items():
        _settle(ground, board, slot, day, task)
    for attempt in range(REPAIRS + 1):
        days = held_on(board, owner)
        done = {slot: day for slot, day in done.items() if sorted(day.visits) == sorted(days.get(slot, []))}
        todo = [slot for slot in days if slot not in done]
        routed = _route([problem_of(task, slot, days[slot], owner) for slot in todo], store)
        for slot, route in zip(todo, routed, strict=True):
            done[slot] = _read(task, days[slot], owner, route)
            _settle(ground, board, slot, done[slot], task)
        left = sorted(visit for slot in todo for visit in done[slot].skipped)
        for visit in left:
            ground.hours[owner[visit], board.at[visit]] = -1
            take(ground, board, owner[visit], visit)
        again = bool(left) or task.prior is None or not task.prior.same_quarter
        if attempt == REPAIRS or not again or not claim(task, ground, board, desk):
            break
    return _route_again(task, ground, board, owner, done, store)


def _route_again(
    task: TerritoryTask, ground: Ground, board: Board, owner: list[int], done: dict[int, Routed], store: Store | None
) -> dict[int, Routed]:
    """The days that left visits out are routed without them: so a route is a matter of what its day holds, and of no more."""
    found, days = dict(done), held_on(board, owner)
    todo = [slot for slot, day in done.items() if day.skipped and slot in days]
    routed = _route([problem_of(task, slot, days[slot], owner) for slot in todo], store)
    for slot, route in zip(todo, routed, strict=True):
        if not route.skipped:
            found[slot] = _read(task, days[slot], owner, route)
            _settle(ground, board, slot, found[slot], task)
    return found


def _route(problems: list[DayProblem], store: Store | None) -> list[DayRoute]:
    from fieldsim.routing import route_days

    return list(route_days(problems, store=store, workers=1)) if problems else []


def _read(task: TerritoryTask, visits: list[int], owner: list[int], route: DayRoute) -> Routed:
    """A router's answer in the task's own positions."""
    by_id = {task.ids[owner[visit]]: visit for visit in visits}
    return Routed(
        visits=tuple(by_id[stop.id] for stop in route.stops),
        start_s=tuple(stop.start_s for stop in route.stops),
        travel_s=tuple(stop.travel_s for stop in route.stops),
        depart_s=route.depart_s,
        finish_s=route.finish_s,
        lunch_s=route.lunch[0] if route.lunch else -1,
        proven=route.status == "optimal",
        skipped={by_id[skip.id]: skip.detail for skip in route.skipped},
    )


def _settle(ground: Ground, board: Board, slot: int, day: Routed, task: TerritoryTask) -> None:
    """Take the router's order over into the board, so that later insertions meet the true day."""
    visits = [*day.visits, *day.skipped]
    owner = [int(np.searchsorted(ground.first, visit, side="right")) - 1 for visit in visits]
    lay_day(task, ground, board, slot, visits, owner)


def lay_day(task: TerritoryTask, ground: Ground, board: Board, slot: int, visits: list[int], owner: list[int]) -> None:
    """Make these visits the board's route of a slot, in their order."""
    near = [i for i, visit in zip(owner, visits, strict=True) if not task.remote[visit]]
    way = [len(task.ids), *near, len(task.ids)]
    travel = float(sum(ground.travel[a, b] for a, b in pairwise(way)))
    board.route[slot, : len(near)] = near
    board.size[slot] = len(near)
    board.mark[slot] = digest(ground, board, slot)
    board.travel[slot] = travel
    board.time[slot] = travel + sum(float(ground.service[i]) for i in owner)


def _carried_over(task: TerritoryTask, board: Board, owner: list[int]) -> dict[int, Routed]:
    """Days that hold just what they held in the plan they are carried from: their routes stand."""
    if task.prior is None:
        return {}
    days = {slot: as_before(task, slot, visits, owner) for slot, visits in held_on(board, owner).items()}
    return {slot: day for slot, day in days.items() if day is not None}


def stood(task: TerritoryTask, slot: int, visits: list[int], owner: list[int]) -> list[int]:
    """Rows of the plan it is carried from, where it held just these visits in the slot, at the same hours, in time.

    Without any it held others, or the day has changed.
    """
    if task.prior is None or not task.prior.same_day[slot]:
        return []
    old, home = task.prior.plan, len(task.ids)
    mine = np.flatnonzero(old.day == slot).tolist()
    held = [(int(old.account[row]), bool(old.remote[row])) for row in mine]
    if not mine or sorted(held) != sorted((owner[visit], bool(task.remote[visit])) for visit in visits):
        return []
    frame = np.flatnonzero(old.work_day == slot)
    if len(frame):
        return mine if old.finish_s[frame[-1]] <= task.closing_s[slot] else []
    last, near = held[-1][0], [i for i, remote in held if not remote]  # read from a file, which says nothing of the way home
    back_s = int(task.travel.seconds[:, near[-1], home].max()) if near else 0
    return mine if old.start_s[mine[-1]] + task.service_s[last] + back_s <= task.closing_s[slot] else []


def as_before(task: TerritoryTask, slot: int, visits: list[int], owner: list[int]) -> Routed | None:
    """The route of a slot in the plan it is carried from, where that `stood` and is known."""
    mine = stood(task, slot, visits, owner)
    if task.prior is None or not mine:
        return None
    old = task.prior.plan
    frame = np.flatnonzero(old.work_day == slot)
    if not len(frame):
        return None
    own, at = {(owner[visit], bool(task.remote[visit])): visit for visit in visits}, frame[-1]
    return Routed(
        visits=tuple(own[int(old.account[row]), bool(old.remote[row])] for row in mine),
        start_s=tuple(int(old.start_s[row]) for row in mine),
        travel_s=tuple(int(old.travel_s[row]) for row in mine),
        depart_s=int(old.depart_s[at]),
        finish_s=int(old.finish_s[at]),
        lunch_s=int(old.lunch_s[at]),
        proven=bool(old.proven[at]),
    )
