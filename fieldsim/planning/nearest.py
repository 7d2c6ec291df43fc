"""Another day for visits that lost theirs: the nearest one that holds them, if need be with one other visit moved a little."""

from __future__ import annotations

import numpy as np

from fieldsim.planning.board import Board, Desk, Ground
from fieldsim.planning.claiming import restore, row_of
from fieldsim.planning.insertion import take
from fieldsim.planning.placement import put_visit
from fieldsim.planning.task import TerritoryTask

CHANGE = 42
"""Harm that moving another visit must spare: a week for an account with six visits a quarter."""
FAR = 1_000_000
"""Calendar days that no quarter has."""
TRIES = 3_000
"""Other visits whose place is tried, in all."""


def settle(task: TerritoryTask, ground: Ground, board: Board, desk: Desk, visits: list[int]) -> None:
    """Give each visit, high priorities first, the day nearest to the one it had; of two as near the one with less travel.

    A day off harms a rhythm the more, the more often an account is visited: harm is calendar days off times visits a quarter.
    Where it is less by `CHANGE` if one other visit moves, to the nearest day that it can have then, that one moves.
    """
    tries = TRIES
    for visit in sorted(visits, key=lambda visit: (-task.priority[desk.owner[visit]], visit)):
        if task.pinned[visit] < 0:
            harm = place_nearest(ground, board, desk, visit) * int(task.every[desk.owner[visit]])
            if harm > CHANGE:
                tries = _with_another(task, ground, board, desk, visit, harm, tries)


def place_nearest(ground: Ground, board: Board, desk: Desk, visit: int, limit: int = FAR) -> int:
    """Put a visit on the nearest day within `limit` that holds it; calendar days off the one it had, FAR if there is none."""
    account, found = int(desk.owner[visit]), (FAR, 0.0, -1)
    for off, slot in _by_distance(ground, board, account, visit):
        if off > min(limit, found[0]):
            break
        before = row_of(board, slot)
        if put_visit(ground, board, visit, slot, desk):
            found = min(found, (off, float(board.travel[slot]) - before[2], slot))
            take(ground, board, account, visit)
            restore(ground, board, slot, before)
    if found[2] >= 0:
        put_visit(ground, board, visit, found[2], desk)
    return found[0]


def _by_distance(ground: Ground, board: Board, account: int, visit: int) -> list[tuple[int, int]]:
    """Calendar days off the day that a visit had, and slot, of the days on which it can be seen."""
    dates, had = ground.date.tolist(), int(ground.date[board.nominal[visit]])
    return sorted((abs(dates[slot] - had), slot) for slot in np.flatnonzero(ground.hours[account] >= 0).tolist())


def _with_another(task: TerritoryTask, ground: Ground, board: Board, desk: Desk, visit: int, harm: int, tries: int) -> int:
    """Move one other visit if that makes the harm enough less; the tries that are left."""
    account, best, chosen = int(desk.owner[visit]), harm, _copied(board)
    take(ground, board, account, visit)
    rest = _copied(board)
    movable = (desk.owner != account) & (task.pinned < 0) & (board.nominal >= 0)
    for off, slot in _by_distance(ground, board, account, visit):
        own = off * int(task.every[account]) + CHANGE
        for other in np.flatnonzero((rest.at == slot) & movable).tolist():
            if tries == 0 or own >= best:
                break
            tries -= 1
            _take_over(board, rest)
            theirs, weight = int(desk.owner[other]), int(task.every[desk.owner[other]])
            take(ground, board, theirs, other)
            if put_visit(ground, board, visit, slot, desk):
                both = own + weight * place_nearest(ground, board, desk, other, (best - own - 1) // weight)
                if both < best:
                    best, chosen = both, _copied(board)
    _take_over(board, chosen)
    return tries


def _copied(board: Board) -> Board:
    return Board._make(column.copy() for column in board)


def _take_over(board: Board, other: Board) -> None:
    """Make the board what the other one is."""
    for mine, column in zip(board, other, strict=True):
        mine[:] = column
