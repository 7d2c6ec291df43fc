"""From a territory's task to a slot for every visit: builds the kernel's arrays, starts greedily, anneals by effort."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fieldsim.errors import UsageError, did_you_mean
from fieldsim.luck import key_of, stream
from fieldsim.model import Floats, Ints
from fieldsim.planning.annealing import anneal, worth
from fieldsim.planning.board import Board, Desk, Ground
from fieldsim.planning.placement import place_account
from fieldsim.planning.rhythm import WEEK, reach, rhythms
from fieldsim.planning.task import TerritoryTask
from fieldsim.planning.wishes import pinned_rhythms

DROP_S = 200_000.0
"""Seconds of travel that a visit of the lowest priority is worth: more than any detour inside a shift."""
BALANCE = 20.0
"""Weight of uneven days against travel seconds (see `Ground.balance`)."""
EASE = 0.05
"""Share by which a day may differ from its target at no price."""
SHIFT_S = 900.0
"""Seconds of travel that a visit one slot off its rhythm is worth."""
UNEVEN_S = 600.0
"""Seconds of travel that a rhythm with one longer gap costs an account."""
WEEKDAY_S = 1_800.0
"""Seconds of travel that a visit on another weekday than the account likes is worth."""
FOREIGN_S = 3_600.0
"""What a weekday outside the account's sector costs each visit in a start plan."""
TURNS = 4
"""Start plans tried, each with the compass turned on."""
NEIGHBOURS = 30


@dataclass(frozen=True)
class Effort:
    """Work bounded by counts: rounds for each visit, starts."""

    rounds_per_visit: int
    least: int
    starts: int


EFFORTS = {"quick": Effort(25, 2_000, 1), "normal": Effort(250, 20_000, 1), "thorough": Effort(400, 40_000, 3)}


def effort_of(name: str) -> Effort:
    """The effort called `name`."""
    if name not in EFFORTS:
        raise UsageError(f"unknown effort '{name}'; known: {', '.join(EFFORTS)}", hint=did_you_mean(name, EFFORTS))
    return EFFORTS[name]


def ground_of(task: TerritoryTask) -> Ground:
    """The task as the kernel reads it."""
    n, slots = len(task.ids), len(task.slots)
    visits = task.due.tolist()
    dates = np.array([day.toordinal() for day in task.slots], dtype=np.int64)
    patterns = [
        pinned_rhythms(rhythms(count, slots), task.pinned[a : a + count], dates, int(apart))
        for count, a, apart in zip(visits, task.first.tolist(), task.apart, strict=False)
    ]
    flat = [pattern for entry in patterns for pattern, _ in entry]
    lengths = [len(pattern) for pattern in flat]
    travel = mean_travel(task)
    both = travel[:n, :n] + travel[:n, :n].T
    np.fill_diagonal(both, -1.0)
    uneven = UNEVEN_S * np.array([price for entry in patterns for _, price in entry], dtype=np.float64)
    closing = np.where(task.open_days, task.closing_s, task.frame[0]).astype(np.float64)
    lunch = task.lunch
    return Ground(
        travel=travel,
        service=task.service_s.astype(np.float64),
        weight=np.zeros(n),
        first=task.first,
        remote=task.remote.copy(),
        drop=drop_price(task.priority),
        apart=task.apart,
        reach=np.where(task.pinned >= 0, 0, np.repeat([reach(count, slots) for count in visits], task.due)).astype(np.int64),
        hours=np.where(task.open_days[None, :], task.hours.row.reshape(n, slots), -1),
        windows=task.hours.array(),
        pattern_from=np.concatenate([[0], np.cumsum([len(entry) for entry in patterns])]).astype(np.int64),
        slots_from=np.concatenate([[0], np.cumsum(lengths)])[:-1].astype(np.int64),
        slots=np.array([slot for pattern in flat for slot in pattern], dtype=np.int64),
        pattern_cost=uneven + _disliked(task, patterns),
        date=dates,
        opening=np.full(slots, float(task.frame[0])),
        closing=closing,
        lunch=np.array([lunch.earliest_s, lunch.latest_s, lunch.duration_s] if lunch else [0, 0, 0], dtype=np.float64),
        room=longest_days(task, closing),
        bearing=np.zeros(slots),
        near=np.argsort(both, axis=1, kind="stable")[:, :NEIGHBOURS].astype(np.int64),
        cars=1,
        timed=True,
        balance=BALANCE,
        ease=EASE,
        shift_cost=SHIFT_S,
    )


def drop_price(priority: Ints) -> Floats:
    """Price of a visit left out, seconds: one visit is worth four of the next lower priority in the territory."""
    _, rank = np.unique(priority, return_inverse=True)
    price: Floats = DROP_S * 4.0 ** np.minimum(rank, 8)
    return price


def longest_days(task: TerritoryTask, closing: Floats) -> Floats:
    """Travel and visits that each day can hold: its time less the break, or up to the moment the break is owed."""
    length = closing - task.frame[0]
    if task.lunch is None:
        return length
    return np.maximum(length - task.lunch.duration_s, np.minimum(length, task.lunch.latest_s - task.frame[0]))


def _disliked(task: TerritoryTask, patterns: list[tuple[tuple[tuple[int, ...], float], ...]]) -> Floats:
    """Price of the visits on other weekdays than an account likes, by pattern."""
    weekday = [day.weekday() for day in task.slots]
    return np.array(
        [
            WEEKDAY_S * sum(wish >= 0 and slot >= 0 and weekday[slot] != wish for slot in pattern)
            for entry, wish in zip(patterns, task.weekday.tolist(), strict=True)
            for pattern, _ in entry
        ],
        dtype=np.float64,
    )


def mean_travel(task: TerritoryTask) -> Floats:
    """One matrix for the whole day: the periods' times weighted by their share of the shift."""
    seconds, starts = task.travel.seconds, np.array(task.travel.from_s, dtype=np.float64)
    ends = np.append(starts[1:], 86_400.0)
    share = np.maximum(0.0, np.minimum(ends, task.frame[1]) - np.maximum(starts, task.frame[0]))
    share = share / share.sum() if share.sum() > 0 else np.eye(len(starts))[0]
    mean: Floats = np.ascontiguousarray(np.tensordot(share, seconds.astype(np.float64), axes=1))
    return mean


def empty_board(ground: Ground, longest: int = 40) -> Board:
    """Nothing placed yet."""
    routes, visits, n = len(ground.room), int(ground.first[-1]), len(ground.service)
    zeros = np.zeros((4, routes))
    return Board(
        route=np.zeros((routes, min(n, longest) + 1), dtype=np.int64),
        size=np.zeros(routes, dtype=np.int64),
        time=zeros[0].copy(),
        travel=zeros[1].copy(),
        load=zeros[2].copy(),
        remote=zeros[3].copy(),
        at=np.full(visits, -1, dtype=np.int64),
        odd=np.zeros(n),
        nominal=np.full(visits, -1, dtype=np.int64),
    )


def desk_of(ground: Ground) -> Desk:
    """Working space for the kernel."""
    n, slots, visits = len(ground.service), len(ground.date), int(ground.first[-1])
    counts = np.diff(ground.first)
    return Desk(
        cost=np.zeros((2, slots)),
        place=np.zeros((2, slots, 2), dtype=np.int64),
        days=np.zeros((2, max(1, int(counts.max(initial=0)))), dtype=np.int64),
        out=np.zeros(max(n, visits, 1), dtype=np.int64),
        rank=np.zeros(max(n, visits, 1)),
        lifted=np.zeros(n, dtype=np.bool_),
        owner=np.repeat(np.arange(n), counts).astype(np.int64),
    )


def targets(ground: Ground, board: Board) -> Floats:
    """Length and visit time of each day if what is on the board were spread evenly over the working time, [2, slots]."""
    share = ground.room / max(1.0, ground.room.sum())
    return np.outer([board.time.sum(), (board.time - board.travel).sum()], share)


def start(task: TerritoryTask, ground: Ground, desk: Desk) -> tuple[Board, Floats]:
    """The best of a few sector plans, each weekday a piece of the compass; and the targets of the days."""
    tries = [sectors(task, ground, desk, turn / TURNS) for turn in range(TURNS)]
    price = [worth(ground, board, target) for board, target in tries]
    return tries[int(np.argmin(price))]


def sectors(task: TerritoryTask, ground: Ground, desk: Desk, turn: float) -> tuple[Board, Floats]:
    """Accounts go to the weekday of their sector, in the weeks that cost least; the sectors hold equal work."""
    visits = np.diff(ground.first)
    work = (ground.service + _edge(ground)) * visits
    around = np.argsort(task.angle, kind="stable")
    before = np.concatenate([[0.0], np.cumsum(work[around])[:-1]]) / max(1.0, work.sum())
    weekday = np.empty(len(around), dtype=np.int64)
    weekday[around] = ((before + turn / WEEK) % 1.0 * WEEK).astype(np.int64)
    leads = ground.slots[np.minimum(ground.slots_from, len(ground.slots) - 1)] if len(ground.slots) else ground.slots_from
    owner = np.repeat(np.arange(len(visits)), np.diff(ground.pattern_from))
    first = task.slots[0].weekday() if task.slots else 0
    away = np.where((leads + first) % WEEK == weekday[owner], 0.0, FOREIGN_S * visits[owner])
    biased = ground._replace(pattern_cost=ground.pattern_cost + away)
    service = min(1.0, float((ground.service * visits).sum()) / max(1.0, ground.room.sum())) * ground.room
    target = np.stack([np.minimum(1.3 * service, ground.room), service])
    board = empty_board(ground)
    for i in np.lexsort((task.angle, -task.due)):
        place_account(biased, board, target, int(i), np.uint64(0), desk)
    board.odd[:] = _odd(ground, board, desk)
    return board, targets(ground, board)


def _odd(ground: Ground, board: Board, desk: Desk) -> Floats:
    """Price of each account's pattern and of its visits off that pattern."""
    off = np.where((board.at >= 0) & (board.nominal >= 0), np.abs(board.at - board.nominal), 0)
    price = ground.shift_cost * np.bincount(desk.owner, off, len(ground.service))
    slots, nominal = ground.slots.tolist(), board.nominal.tolist()
    starts, first, patterns = ground.slots_from.tolist(), ground.first.tolist(), ground.pattern_from.tolist()
    for i in range(len(price)):
        mine = nominal[first[i] : first[i + 1]]
        taken = (p for p in range(patterns[i], patterns[i + 1]) if slots[starts[p] : starts[p] + len(mine)] == mine)
        price[i] += ground.pattern_cost[next(taken)]
    return np.asarray(price, dtype=np.float64)


def improve(task: TerritoryTask, ground: Ground, desk: Desk) -> tuple[Board, Floats]:
    """The best board that the task's effort finds."""
    effort = effort_of(task.effort)
    found: tuple[float, Board, Floats] | None = None
    for attempt in range(effort.starts):
        board, target = start(task, ground, desk)
        rounds = max(effort.least, effort.rounds_per_visit * int(ground.first[-1]))
        luck = stream(task.seed, attempt, "visit_plan")
        lot = np.uint64(key_of(task.rep))
        edge = _edge(ground)
        most = max(2, min(8, len(task.ids) // 3))
        halves = np.array([0, rounds // 2, most], dtype=np.int64)
        anneal(ground, board, target, desk, luck, lot, halves, np.array([0.3, 0.06]) * edge, 0.1)
        target = targets(ground, board)
        halves = np.array([rounds // 2, rounds, most], dtype=np.int64)
        worth = anneal(ground, board, target, desk, luck, lot, halves, np.array([0.06, 0.01]) * edge, 0.1)
        if found is None or worth < found[0] - 1e-6:
            found = (worth, board, target)
    assert found is not None
    return found[1], found[2]


def _edge(ground: Ground) -> float:
    """A typical leg between neighbours, seconds: the scale of the search's temperatures."""
    n = len(ground.service)
    if n < 2:
        return 60.0
    legs = np.sort(ground.travel[:n, :n] + np.diag(np.full(n, np.inf)), axis=1)[:, : min(3, n - 1)]
    return max(10.0, float(legs.mean()))
