"""Carries a plan over: what was planned stays where it can, only what breaks is placed again."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from fieldsim.model import Ints
from fieldsim.planning.board import Board, Desk, Ground
from fieldsim.planning.claiming import claim
from fieldsim.planning.days import lay_day, stood
from fieldsim.planning.insertion import walk
from fieldsim.planning.nearest import settle
from fieldsim.planning.placement import place_visit, put_visit
from fieldsim.planning.search import empty_board, targets
from fieldsim.planning.task import TerritoryTask


def carry_over(task: TerritoryTask, ground: Ground, desk: Desk) -> Board:
    """The earlier plan's slots as far as they can be had; the rest is placed by the same rules, nothing else moves.

    Within the same quarter, visits that lost their day get the nearest one, and visits that had none are tried again only if
    something came free.
    """
    assert task.prior is not None
    board = empty_board(ground)
    kept = task.prior.slot.copy()
    board.nominal[:] = kept
    if not task.prior.same_quarter:
        _renumber(task, ground, kept, board.nominal)
    kept = np.where(task.pinned >= 0, task.pinned, kept)
    board.nominal[:] = np.where(task.pinned >= 0, task.pinned, board.nominal)
    _free_what_is_too_close(task, ground, kept)
    asked = (task.pinned >= 0) & (task.prior.slot != task.pinned)
    open_to = ground.hours[desk.owner, np.maximum(0, task.pinned)] >= 0
    asked &= open_to
    kept = np.where(
        (task.pinned >= 0) & (asked | ~open_to), -1, kept
    )  # a new pin comes when the days stand, and may then take another visit's place
    homeless = np.flatnonzero((task.prior.slot >= 0) & (kept < 0)).tolist()
    for slot, visits in _days(task, kept, desk).items():
        if not _seat(task, ground, board, slot, visits, desk):
            homeless += [visit for visit in visits if not put_visit(ground, board, visit, slot, desk)]
    worked = np.union1d(task.prior.plan.work_day, task.prior.slot)  # a plan read from a file says nothing of empty days
    freed = np.setdiff1d(np.flatnonzero(task.open_days), worked).size > 0
    if task.prior.same_quarter and not homeless and not freed and not asked.any():
        return board
    claim(task, ground, board, desk, np.flatnonzero(asked).tolist())
    (settle if task.prior.same_quarter else place_all)(task, ground, board, desk, homeless)
    claim(task, ground, board, desk)
    return board


def _free_what_is_too_close(task: TerritoryTask, ground: Ground, kept: Ints) -> None:
    """Let go of visits that are now too close to a pinned or an earlier visit of their account: the gap asked for has grown."""
    for i in range(len(task.ids)):
        visits = range(ground.first[i], ground.first[i + 1])
        pins = [int(task.pinned[visit]) for visit in visits if task.pinned[visit] >= 0]
        fixed = [int(ground.date[slot]) for slot in pins if ground.hours[i, slot] >= 0]
        for visit in visits:
            if kept[visit] < 0 or task.pinned[visit] >= 0:
                continue
            day = int(ground.date[kept[visit]])
            if any(abs(day - other) < ground.apart[i] for other in fixed):
                kept[visit] = -1
            else:
                fixed.append(day)


def _days(task: TerritoryTask, kept: Ints, desk: Desk) -> dict[int, list[int]]:
    """The visits of each slot, in the order in which the earlier plan holds them."""
    assert task.prior is not None
    owner, old = desk.owner, task.prior.plan
    order = {(i, slot): row for row, (i, slot) in enumerate(zip(old.account.tolist(), old.day.tolist(), strict=True))}
    days: dict[int, list[int]] = {}
    for visit in np.flatnonzero(kept >= 0).tolist():
        days.setdefault(int(kept[visit]), []).append(visit)
    return {slot: sorted(days[slot], key=lambda visit: order.get((int(owner[visit]), slot), len(order))) for slot in sorted(days)}


def _seat(task: TerritoryTask, ground: Ground, board: Board, slot: int, visits: list[int], desk: Desk) -> bool:
    """Take a whole day over in its order; False if it is not open to all, or does not hold them that way."""
    accounts = [int(desk.owner[visit]) for visit in visits]
    if any(ground.hours[i, slot] < 0 for i in accounts):
        return False
    near = [i for i, visit in zip(accounts, visits, strict=True) if not task.remote[visit]]
    remote = float(sum(ground.service[i] for i, visit in zip(accounts, visits, strict=True) if task.remote[visit]))
    # what was routed fits, though the search, which lumps remote visits together, may find no way through such a day
    if (
        not stood(task, slot, visits, desk.owner.tolist())
        and walk(ground, slot, np.array(near, dtype=np.int64), len(near), remote) == np.inf
    ):
        return False
    lay_day(task, ground, board, slot, visits, accounts)
    board.remote[slot] = remote
    board.at[visits] = slot
    return True


def place_all(task: TerritoryTask, ground: Ground, board: Board, desk: Desk, visits: list[int]) -> None:
    """Offer every day to visits without one, high priorities first; pinned visits wait for their own day."""
    owner = desk.owner.tolist()
    target = targets(ground, board)
    for visit in sorted(visits, key=lambda visit: (-task.priority[owner[visit]], visit)):
        if task.pinned[visit] < 0:
            place_visit(ground, board, target, visit, desk, True)


def _renumber(task: TerritoryTask, ground: Ground, kept: Ints, nominal: Ints) -> None:
    """Let the visits that lost their day be the ones in an account's largest gaps, and aim them at the gaps' middle.

    A quarter begins and ends on other weekdays than the one before, so the visit that falls out at one end is due at the other.
    Accounts with pins, or with visits of both kinds, keep their numbers.
    """
    first = ground.first.tolist()
    for i in range(len(task.ids)):
        begin, end = first[i], first[i + 1]
        slots = [slot for slot in kept[begin:end].tolist() if slot >= 0 and ground.hours[i, slot] >= 0]
        mixed = len(set(task.remote[begin:end].tolist())) > 1
        if len(slots) == end - begin or not slots or mixed or (task.pinned[begin:end] >= 0).any():
            continue
        entries = [(slot, True) for slot in sorted(slots)]
        while len(entries) < end - begin:
            entries = _widest(entries, len(task.slots), end - begin)
        for visit, (slot, held) in zip(range(begin, end), entries, strict=True):
            kept[visit] = slot if held else -1
            nominal[visit] = slot


def _widest(entries: list[tuple[int, bool]], slots: int, visits: int) -> list[tuple[int, bool]]:
    """The entries with one more, without a day of its own, in the widest gap: before, between or after them."""
    step = max(1, round(slots / visits))
    first, last = entries[0][0], entries[-1][0]
    gaps = [(min(step, first), 0, max(0, first - step)), (min(step, slots - 1 - last), len(entries), min(slots - 1, last + step))]
    gaps += [((b[0] - a[0]) // 2, k + 1, (a[0] + b[0]) // 2) for k, (a, b) in enumerate(pairwise(entries))]
    _, at, slot = max(gaps, key=lambda gap: (gap[0], -gap[1]))
    return [*entries[:at], (slot, False), *entries[at:]]
