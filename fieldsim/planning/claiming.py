"""Sees to it that no visit goes without a day for a visit of lower priority: what is worth more takes the place of what is less.

The search only prices visits left out. Here the order is strict: pinned visits first, then by priority.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush

import numpy as np

from fieldsim.model import Ints
from fieldsim.planning.board import Board, Desk, Ground
from fieldsim.planning.insertion import digest, take
from fieldsim.planning.placement import place_visit, put_visit
from fieldsim.planning.search import targets
from fieldsim.planning.task import TerritoryTask

PINNED = 1_000_000
"""Rank of a pinned visit: above every priority."""


def claim(task: TerritoryTask, ground: Ground, board: Board, desk: Desk, only: list[int] | None = None) -> bool:
    """Place what has no day (or of that `only` some), at the cost of lower ranks if there is no other way.

    Afterwards no single visit without a day would fit a day from which all visits of lower rank are gone. False: nothing changed.
    """
    before = board.at.copy()
    rank = np.where(task.pinned >= 0, PINNED, task.priority[desk.owner])
    target = targets(ground, board)
    queue = [(-int(rank[visit]), visit) for visit in (np.flatnonzero(board.at < 0).tolist() if only is None else only)]
    heapify(queue)
    while queue:
        _, visit = heappop(queue)
        if task.pinned[visit] < 0 and place_visit(ground, board, target, visit, desk, False) >= 0:
            continue
        for victim in _oust(task, ground, board, desk, rank, visit):
            heappush(queue, (-int(rank[victim]), victim))
    return not np.array_equal(before, board.at)


def make_way(task: TerritoryTask, ground: Ground, board: Board, desk: Desk) -> None:
    """Take out visits that are too close to a pinned one of their account which has no day yet."""
    for visit in np.flatnonzero((task.pinned >= 0) & (board.at < 0)).tolist():
        i, slot = int(desk.owner[visit]), int(task.pinned[visit])
        for other in range(ground.first[i], ground.first[i + 1]) if ground.hours[i, slot] >= 0 else ():
            near = board.at[other] >= 0 and abs(ground.date[board.at[other]] - ground.date[slot]) < ground.apart[i]
            if near and task.pinned[other] < 0:
                take(ground, board, i, other)


def _oust(task: TerritoryTask, ground: Ground, board: Board, desk: Desk, rank: Ints, visit: int) -> list[int]:
    """Make room on the day where least is lost for it; the visits that lost their day."""
    weaker = [other for other in np.flatnonzero(board.at >= 0).tolist() if rank[other] < rank[visit]]
    by_slot: dict[int, list[int]] = {}
    for other in weaker:
        by_slot.setdefault(int(board.at[other]), []).append(other)
    own = int(task.pinned[visit])
    slots = [own] if own >= 0 else _slots(task, ground, board, visit, by_slot)
    for slot in slots:
        victims = _make_room(ground, board, desk, rank, visit, slot, by_slot.get(slot, []))
        if victims is not None:
            return victims
    return []


def _slots(task: TerritoryTask, ground: Ground, board: Board, visit: int, by_slot: dict[int, list[int]]) -> list[int]:
    """Days that hold something weaker and enough time with it gone, the nearest to the visit's even day first."""
    i = int(np.searchsorted(ground.first, visit, side="right")) - 1
    even = board.nominal[visit]
    if even < 0:
        even = int((visit - ground.first[i] + 0.5) / max(1, task.due[i]) * len(task.slots))
    freed = {slot: sum(float(ground.service[_owner(ground, other)]) for other in others) for slot, others in by_slot.items()}
    held = {slot: board.time[slot] - board.travel[slot] - freed[slot] for slot in by_slot}
    fits = [slot for slot in by_slot if ground.hours[i, slot] >= 0 and held[slot] + ground.service[i] <= ground.room[slot]]
    return sorted(fits, key=lambda slot: (abs(slot - int(even)), slot))


def _owner(ground: Ground, visit: int) -> int:
    return int(np.searchsorted(ground.first, visit, side="right")) - 1


def _make_room(
    ground: Ground, board: Board, desk: Desk, rank: Ints, visit: int, slot: int, weaker: list[int]
) -> list[int] | None:
    """Take out the weakest visits of a day until the stronger one fits, and put back what still does; None if it never fits."""
    before = row_of(board, slot)
    out: list[int] = []
    for other in [*sorted(weaker, key=lambda other: (rank[other], -ground.service[desk.owner[other]], other)), -1]:
        if put_visit(ground, board, visit, slot, desk):
            return [victim for victim in reversed(out) if not put_visit(ground, board, victim, slot, desk)]
        if other >= 0:
            take(ground, board, int(desk.owner[other]), other)
            out.append(other)
    restore(ground, board, slot, before)
    board.at[out] = slot
    return None


def row_of(board: Board, slot: int) -> tuple[Ints, float, float, float, float]:
    """A day's stops and sums."""
    way = board.route[slot, : board.size[slot]].copy()
    return way, float(board.time[slot]), float(board.travel[slot]), float(board.load[slot]), float(board.remote[slot])


def restore(ground: Ground, board: Board, slot: int, row: tuple[Ints, float, float, float, float]) -> None:
    """Put a day back as it was, to the last bit."""
    way, *sums = row
    board.size[slot] = len(way)
    board.route[slot, : len(way)] = way
    board.time[slot], board.travel[slot], board.load[slot], board.remote[slot] = sums
    board.mark[slot] = digest(ground, board, slot)
