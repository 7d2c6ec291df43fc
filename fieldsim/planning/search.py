"""From a territory's task to a slot for every visit: layouts of the week, scouted and annealed by effort."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fieldsim.errors import UsageError, did_you_mean
from fieldsim.luck import key_of, stream, uniforms
from fieldsim.model import Floats
from fieldsim.planning.annealing import anneal
from fieldsim.planning.board import Board, Desk, Ground
from fieldsim.planning.insertion import link
from fieldsim.planning.placement import place_account
from fieldsim.planning.rhythm import WEEK
from fieldsim.planning.task import TerritoryTask
from fieldsim.planning.weekdays import neighbourhoods

FOREIGN_S = 3_600.0
"""What another weekday than the account's in the layout costs each visit in a start plan."""
HOT, WARM, MILD, COOL, COLD = 8.0, 1.5, 2.0, 0.7, 0.3
"""Temperatures in typical legs: a scout's from `HOT` to `WARM`, a second search's `MILD` to `COOL`, the last one's to `COLD`."""
SCOUT_LIFT, LIFT = 14, 8
"""Accounts lifted at a time, at the most: a scout moves whole towns."""


@dataclass(frozen=True)
class Effort:
    """Work bounded by counts. What lies on which weekday hardly changes in a search, so many layouts are scouted first."""

    rounds_per_visit: int
    """Rounds of the last search."""
    least: int
    """Its rounds in a small territory; the scouts there have as many together."""
    starts: int
    """Layouts of the week tried."""
    scout: int = 0
    """Rounds for each visit of a scout; 0: none, the search begins at a start plan."""
    kept: int = 1
    """Scouts whose plans are searched on, before one is chosen."""
    second: int = 0
    """Rounds for each visit of that."""


EFFORTS = {
    "quick": Effort(14, 4_000, 4, 3),
    "normal": Effort(60, 10_000, 40, 5, 6, 15),
    "thorough": Effort(150, 20_000, 60, 6, 10, 30),
}


def effort_of(name: str) -> Effort:
    """The effort called `name`."""
    if name not in EFFORTS:
        raise UsageError(f"unknown effort '{name}'; known: {', '.join(EFFORTS)}", hint=did_you_mean(name, EFFORTS))
    return EFFORTS[name]


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
        mark=np.full(routes, (int(link(n, n)) + 1) % 2**64, dtype=np.uint64),
    )


def copy_of(board: Board) -> Board:
    """Another board that stands the same."""
    return Board._make(each.copy() for each in board)


def desk_of(ground: Ground) -> Desk:
    """Working space for the kernel."""
    n, slots, visits, routes = len(ground.service), len(ground.date), int(ground.first[-1]), len(ground.room)
    counts = np.diff(ground.first)
    return Desk(
        cost=np.zeros((2, slots)),
        place=np.zeros((2, slots, 2), dtype=np.int64),
        days=np.zeros((2, max(1, int(counts.max(initial=0)))), dtype=np.int64),
        out=np.zeros(max(n, visits, 1), dtype=np.int64),
        rank=np.zeros(max(n, visits, 1)),
        lifted=np.zeros(n, dtype=np.bool_),
        owner=np.repeat(np.arange(n), counts).astype(np.int64),
        seen=np.zeros((n, routes), dtype=np.uint64),
        extra=np.zeros((n, routes)),
        where=np.zeros((n, routes), dtype=np.int64),
        waited=np.zeros((routes, 2)),
        waiting=np.zeros(routes, dtype=np.uint64),
        tried=np.zeros(n + 1),
        nowhere=np.zeros((2, slots)),
        luck=np.zeros(28),
        smooth=np.zeros(routes, dtype=np.uint64),
    )


def targets(ground: Ground, board: Board) -> Floats:
    """Length and visit time of each day if what is on the board were spread evenly over the working time, [2, slots]."""
    share = ground.room / max(1.0, ground.room.sum())
    return np.outer([board.time.sum(), (board.time - board.travel).sum()], share)


def start(task: TerritoryTask, ground: Ground, desk: Desk, attempt: int = 0) -> tuple[Board, Floats]:
    """Accounts go to the weekday of a layout drawn by chance, in the weeks that cost least; and the targets of the days."""
    visits = np.diff(ground.first)
    luck = uniforms(stream(task.seed, attempt, "weekdays"), np.array([key_of(task.rep)], dtype=np.uint64), WEEK)[0]
    weekday = neighbourhoods(ground, _edge(ground), luck)
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


def improve(task: TerritoryTask, ground: Ground, desk: Desk, effort: Effort | None = None) -> Board:
    """The best board that the task's effort, or the one given, finds."""
    effort = effort or effort_of(task.effort)
    visits = int(ground.first[-1])
    found = [_scout(task, ground, desk, effort, attempt) for attempt in range(effort.starts)]
    found = sorted(found, key=lambda entry: entry[:2])[: effort.kept]
    if effort.second:
        span, heat = (effort.scout * visits, (effort.scout + effort.second) * visits, LIFT), np.array([MILD, COOL])
        again = [(_search(task, ground, desk, board, targets(ground, board), k, span, heat), k, board) for _, k, board in found]
        found = sorted(again, key=lambda entry: entry[:2])
    board = found[0][2]
    rounds = max(effort.least, effort.rounds_per_visit * visits)
    first = MILD if effort.scout else HOT
    heat = np.array([first, np.sqrt(first * COLD), COLD])
    for half in range(2):
        span = (half * (rounds // 2), rounds if half else rounds // 2, LIFT)
        _search(task, ground, desk, board, targets(ground, board), effort.starts, span, heat[half : half + 2])
    return board


def _scout(task: TerritoryTask, ground: Ground, desk: Desk, effort: Effort, attempt: int) -> tuple[float, int, Board]:
    """A start plan, searched shortly and roughly: its price, its number and the plan."""
    board, target = start(task, ground, desk, attempt)
    rounds = max(effort.least // effort.starts, effort.scout * int(ground.first[-1])) if effort.scout else 0
    span = (0, rounds, SCOUT_LIFT)
    return _search(task, ground, desk, board, target, attempt, span, np.array([HOT, WARM])), attempt, board


def _search(
    task: TerritoryTask,
    ground: Ground,
    desk: Desk,
    board: Board,
    target: Floats,
    attempt: int,
    span: tuple[int, int, int],
    heat: Floats,
) -> float:
    """Anneal the board through rounds `span[0]` to `span[1]`, at most `span[2]` accounts at a time; its price."""
    luck, lot = stream(task.seed, attempt, "visit_plan"), np.uint64(key_of(task.rep))
    most = max(2, min(span[2], len(task.ids) // 3))
    rounds = np.array([span[0], span[1], most], dtype=np.int64)
    now, old = copy_of(board), copy_of(board)
    return float(anneal(ground, board, now, old, target, desk, luck, lot, rounds, heat * _edge(ground), None))


def _edge(ground: Ground) -> float:
    """A typical leg between neighbours, seconds: the scale of the search's temperatures."""
    n = len(ground.service)
    if n < 2:
        return 60.0
    legs = np.sort(ground.travel[:n, :n] + np.diag(np.full(n, np.inf)), axis=1)[:, : min(3, n - 1)]
    return max(10.0, float(legs.mean()))
