"""Plans a quarter of every territory roughly, to tell what a design really drives: what estimates are corrected by.

The planner's own search is asked, with few rounds: its travel is within about 2 % of a thorough plan's, for a fiftieth of the
time. Territories are planned in an order of their own, so that no name and no order of rows decides anything.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from fieldsim.model import Accounts, Design, Floats, Ints, Rep, Scenario, Travel, TravelMatrix
from fieldsim.planning.claiming import claim, make_way
from fieldsim.planning.ground import ground_of
from fieldsim.planning.rhythm import due_visits
from fieldsim.planning.search import EFFORTS, Effort, desk_of, improve
from fieldsim.planning.task import TerritoryTask, task_of
from fieldsim.territory.guests import overlays_of
from fieldsim.territory.seats import Seats

ROUGH = Effort(rounds_per_visit=8, least=800, starts=1)
LAST = EFFORTS["quick"]
"""The effort of the last correction. On the shipped scenarios a rough plan drives 2 to 7 % more than one of normal effort, this
one 2 to 5 %."""
PLANNED, VISITS = 48, 25_000
"""Territories and visits planned at most; of more seats, in the order of their guesses, the middle ones of equal parts."""
REMEMBERED = 128
"""Plans remembered, so that a design just made is explained at once."""


class Planned(NamedTuple):
    """What the seats of a design drive in a roughly planned quarter, shape [seats] each."""

    hours: Floats
    days: Floats
    """Days on which anybody is visited."""


def routed_hours(scenario: Scenario, travel: Travel, design: Design, seats: Seats, guess: Floats | None = None) -> Floats:
    """Hours of travel a quarter of each seat under a design of these seats, shape [seats]: see `roughly_planned`."""
    return roughly_planned(scenario, travel, design, seats, guess).hours


def roughly_planned(
    scenario: Scenario,
    travel: Travel,
    design: Design,
    seats: Seats,
    guess: Floats | None = None,
    effort: Effort = ROUGH,
    most: int | None = None,
    *,
    seed: int = 0,
    only: Ints | None = None,
) -> Planned:
    """The rough quarter of each seat under a design of these seats.

    Where there are more seats than `most` (default PLANNED), the others get their `guess` (by default their visits) times the
    ratio of planned hours to guesses, and the mean number of days. Where `only` some seats are to be planned, the others get
    their guess as it is. A vacant seat is planned as if a rep sat there, and a specialist without a seat makes no visits of
    their own.
    """
    country, order = _country(scenario, seats)
    due = due_visits(country)
    owner = design.territory_of[order]
    guess = np.bincount(owner, due, len(seats)).astype(np.float64) if guess is None else guess
    most = min(PLANNED if most is None else most, int(len(seats) * VISITS / max(1, int(due.sum()))))
    chosen = middle_seats(guess, max(1, most), np.arange(len(seats))) if only is None else only
    place = np.argsort(order)
    overlays = tuple(replace(each, account=int(place[each.account])) for each in overlays_of(seats, design))
    own = Design("", seats.names, owner, np.arange(len(seats), dtype=np.int64), overlays)
    points = np.concatenate((order, seats.point))
    tasks = [_Keyed(_task(country, own, Renumbered(travel, points), s, due, seed)) for s in chosen.tolist()]
    with ThreadPoolExecutor(2) as pool:
        planned = np.array(list(pool.map(lambda task: _driven(task, effort), tasks))).reshape(-1, 2)
    told = planned[:, 0] >= 0.0
    sure = chosen[told]
    scaled = only is None and guess[sure].sum() > 0.0
    hours: Floats = guess * (planned[told, 0].sum() / float(guess[sure].sum()) if scaled else 1.0)
    days = np.full(len(seats), planned[told, 1].mean() if told.any() else 0.0)
    hours[sure], days[sure] = planned[told].T
    return Planned(hours, days)


def middle_seats(guess: Floats, most: int, among: Ints) -> Ints:
    """At most so many of some seats: in the order of their guesses, the middle ones of equal parts, ascending."""
    rank = among[np.argsort(guess[among], kind="stable")]
    count = min(most, len(rank))
    chosen: Ints = np.sort(rank[((np.arange(count) + 0.5) * len(rank) / max(1, count)).astype(np.int64)])
    return chosen


def _country(scenario: Scenario, seats: Seats) -> tuple[Scenario, Ints]:
    """The scenario with accounts in an order that no id decides and a rep in every seat; and that order."""
    accounts = scenario.accounts
    keys = (accounts.visit_minutes, accounts.visits, accounts.potential, accounts.lon, accounts.lat)
    order = np.lexsort(keys).astype(np.int64)
    rows = order.tolist()
    columns: dict[str, Any] = {"ids": tuple(f"{k:07d}" for k in range(len(rows)))}
    for field in fields(Accounts):
        column = getattr(accounts, field.name)
        if field.name not in columns and isinstance(column, np.ndarray):
            columns[field.name] = column[order]
        elif field.name in ("opens", "country"):
            columns[field.name] = tuple(column[i] for i in rows)
    reps = tuple(_rep(scenario, int(rep), int(point)) for rep, point in zip(seats.rep, seats.point, strict=True))
    return replace(scenario, accounts=replace(accounts, **columns), reps=reps), order


def _rep(scenario: Scenario, rep: int, point: int) -> Rep:
    """Who sits there, without a name; a stand-in with the longest day of the team where nobody does."""
    if rep >= 0:
        return replace(scenario.reps[rep], id="", name="")
    team = scenario.reps or (Rep("", "", 0.0, 0.0, None, None, None, frozenset(), 1.0, 28_800, 61_200, 0.0),)
    longest = max(team, key=lambda one: (one.capacity, one.shift_end_s - one.shift_start_s, -one.shift_start_s))
    lat, lon = float(scenario.accounts.lat[point]), float(scenario.accounts.lon[point])
    return replace(longest, id="", name="", lat=lat, lon=lon, start=None, end=None, capacity=1.0)


@dataclass(frozen=True)
class Renumbered:
    """Travel between the points of a scenario whose accounts and homes have other numbers."""

    travel: Travel
    points: Ints

    @property
    def key(self) -> str:
        """That of the travel itself."""
        return self.travel.key

    def matrix(self, points: Any) -> TravelMatrix:
        """Times and metres between points by their new numbers."""
        return self.travel.matrix(self.points[np.asarray(points)])

    def path(self, origin: int, destination: int) -> list[tuple[float, float]]:
        """The way between two points by their new numbers."""
        return self.travel.path(int(self.points[origin]), int(self.points[destination]))


class _Keyed:
    """A task that is known by its content."""

    def __init__(self, task: TerritoryTask) -> None:
        self.task, self.key = task, task.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Keyed) and self.key == other.key


def _task(country: Scenario, design: Design, travel: Travel, seat: int, due: Ints, seed: int) -> TerritoryTask:
    return task_of(country, design, travel, seat, due, quarter=0, effort="quick", seed=seed)


@lru_cache(maxsize=REMEMBERED)
def _driven(keyed: _Keyed, effort: Effort) -> tuple[float, float]:
    """Hours of travel and days out of a roughly planned quarter; -1 if all visits are without a day.

    Visits without a day drive as far as the others; those too far for any day, which no plan holds, there and back alone.
    """
    task = keyed.task
    if not task.due.any():
        return 0.0, 0.0
    ground = ground_of(task)
    desk = desk_of(ground)
    board = improve(task, ground, desk, effort)
    if (board.at < 0).any():  # far visits are left out first, and no other visits drive as far as they will
        make_way(task, ground, board, desk)
        claim(task, ground, board, desk)
    near, home = ~task.remote, len(task.ids)
    left = near & (board.at < 0)
    alone_s = ground.travel[home, desk.owner] + ground.travel[desk.owner, home]
    far = left & (alone_s + ground.service[desk.owner] > ground.room.max())
    placed, rest = int((near & (board.at >= 0)).sum()), int((left & ~far).sum())
    if left.any() and not placed:
        return -1.0, -1.0
    driven_s = float(board.travel.sum()) * (1.0 + rest / max(1, placed)) + float(alone_s[far].sum())
    return driven_s / 3600.0, float((board.size > 0).sum())
