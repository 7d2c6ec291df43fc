"""Compiled: anneals a plan by lifting out accounts, or some visits of one day, and putting them back."""

from __future__ import annotations

import numpy as np

from fieldsim.compiled import inner, kernel
from fieldsim.luck import uniform
from fieldsim.model import Floats, Ints
from fieldsim.planning.board import Board, Desk, Ground
from fieldsim.planning.insertion import imbalance, price, put, stroll, take, walk
from fieldsim.planning.placement import place_account
from fieldsim.planning.polishing import polish

POLISH = 10
"""Rounds between two polishings of all days."""


@inner
def worth(g: Ground, b: Board, target: Floats, w: Desk) -> float:
    """The objective: travel, waiting, balance, visits left out, rhythm."""
    total = 0.0
    for r in range(b.size.shape[0] if g.wait_cost > 0.0 else 0):
        if w.waiting[r] != b.mark[r] or w.waited[r, 1] != b.remote[r]:
            w.waited[r, 0] = stroll(g, r // g.cars, b.route[r], b.size[r], b.remote[r])[1]
            w.waiting[r], w.waited[r, 1] = b.mark[r], b.remote[r]
        total += g.wait_cost * w.waited[r, 0]
    for r in range(b.size.shape[0]):
        total += b.travel[r]
        if g.cars == 1:
            total += imbalance(g.balance, g.ease, target[0, r], target[1, r], b.time[r], b.time[r] - b.travel[r])
    for i in range(g.first.shape[0] - 1):
        total += b.odd[i]
        for visit in range(g.first[i], g.first[i + 1]):
            if b.at[visit] < 0:
                total += g.drop[i]
    return total


@inner
def _copy(source: Board, goal: Board) -> None:
    """Loops, because numba's checked slice assignment costs seconds of compiling."""
    for r in range(source.size.shape[0]):
        for k in range(source.size[r]):
            goal.route[r, k] = source.route[r, k]
        goal.size[r] = source.size[r]
        goal.time[r] = source.time[r]
        goal.travel[r] = source.travel[r]
        goal.load[r] = source.load[r]
        goal.remote[r] = source.remote[r]
        goal.mark[r] = source.mark[r]
    for visit in range(source.at.shape[0]):
        goal.at[visit] = source.at[visit]
        goal.nominal[visit] = source.nominal[visit]
    for i in range(source.odd.shape[0]):
        goal.odd[i] = source.odd[i]


@inner
def _pick(g: Ground, b: Board, w: Desk, luck: Floats, most: int) -> int:
    """Choose the accounts to lift out: neighbours of one account, or a string of one of its days with its neighbours' days."""
    n = g.service.shape[0]
    seed = min(int(luck[0] * n), n - 1)
    want = 1 + min(int(luck[1] * most), most - 1)
    count = 0
    for k in range(n):
        w.lifted[k] = False
    if luck[2] < 0.5:
        for k in range(g.near.shape[1]):
            if count == want:
                break
            if k == 0 or luck[4 + k % 24] < 0.7:
                w.out[count] = g.near[seed, k]
                count += 1
        return count
    for k in range(g.near.shape[1]):
        i = g.near[seed, k]
        if count >= want:
            break
        visits = g.first[i + 1] - g.first[i]
        if visits == 0:
            continue
        r = b.at[g.first[i] + min(int(luck[4 + k % 24] * visits), visits - 1)]
        if r < 0 or k == 0:
            if not w.lifted[i]:
                w.lifted[i] = True
                w.out[count] = i
                count += 1
            if r < 0:
                continue
        where = 0
        while where < b.size[r] and b.route[r, where] != i:
            where += 1
        for s in range(max(0, where - 1), min(b.size[r], where + 2)):
            j = b.route[r, s]
            if not w.lifted[j] and count < want:
                w.lifted[j] = True
                w.out[count] = j
                count += 1
    return count


@inner
def _sort(g: Ground, w: Desk, count: int, kind: float, stream: np.uint64, lot: np.uint64, draw: int) -> None:
    """Order of return: by chance, most work first, or farthest first."""
    home = g.travel.shape[0] - 1
    for k in range(count):
        i = w.out[k]
        rank = uniform(stream, lot, draw, 100 + k)
        if kind < 0.4:
            rank = -g.service[i] * (g.first[i + 1] - g.first[i]) - g.weight[i]
        elif kind < 0.6:
            rank = -g.travel[home, i]
        w.rank[k] = rank
    for k in range(1, count):
        i, rank, at = w.out[k], w.rank[k], k
        while at > 0 and w.rank[at - 1] > rank:
            w.rank[at], w.out[at] = w.rank[at - 1], w.out[at - 1]
            at -= 1
        w.rank[at], w.out[at] = rank, i


@inner
def _stir_accounts(
    g: Ground, b: Board, target: Floats, w: Desk, luck: Floats, most: int, stream: np.uint64, lot: np.uint64, draw: int
) -> None:
    """Take all visits of some accounts out and place them anew."""
    count = _pick(g, b, w, luck, most)
    for k in range(count):
        i = w.out[k]
        for visit in range(g.first[i], g.first[i + 1]):
            take(g, b, i, visit)
        b.odd[i] = 0.0
    _sort(g, w, count, luck[3], stream, lot, draw)
    for k in range(count):
        dull = np.uint64(luck[4 + k % 24] * 4e18) | np.uint64(1)
        place_account(g, b, target, w.out[k], dull, w)


@inner
def _stir_day(g: Ground, b: Board, target: Floats, w: Desk, luck: Floats) -> bool:
    """Take some visits out of one slot and put them back into it, in other places or another car."""
    n = g.service.shape[0]
    seed = min(int(luck[0] * n), n - 1)
    visits = g.first[seed + 1] - g.first[seed]
    if visits == 0:
        return False
    r = b.at[g.first[seed] + min(int(luck[1] * visits), visits - 1)]
    if r < 0:
        return False
    slot, count = r // g.cars, 0
    for k in range(g.near.shape[1]):
        i = g.near[seed, k]
        if count >= 2 + int(luck[3] * 6.0):
            break
        for visit in range(g.first[i], g.first[i + 1]):
            if b.at[visit] >= 0 and b.at[visit] // g.cars == slot and not g.remote[visit] and luck[4 + k % 24] < 0.8:
                w.out[count] = visit
                count += 1
                take(g, b, i, visit)
                break
    return _reseat(g, b, target, slot, w.out, count, w)


@kernel
def anneal(
    g: Ground,
    b: Board,
    now: Board,
    old: Board,
    target: Floats,
    w: Desk,
    stream: np.uint64,
    lot: np.uint64,
    rounds: Ints,
    heat: Floats,
    stir: float | None,
) -> float:
    """Anneal `b` by lifting out accounts and putting them back; the best board found is left in `b`. Returns its worth.

    `now` and `old` are boards as large as `b`, to work on;
    `rounds` = [first, last, most accounts lifted at a time]; `heat` = temperatures at the start and at the end, seconds;
    `stir` = share of rounds that only stir one day, None for none.
    """
    _copy(b, now)
    _copy(b, old)
    here = worth(g, now, target, w)
    best = here
    luck, smooth = w.luck, w.smooth
    for r in range(smooth.shape[0]):
        smooth[r] = np.uint64(0)
    span = max(1, rounds[1] - rounds[0])
    for draw in range(rounds[0], rounds[1]):
        for k in range(28):
            luck[k] = uniform(stream, lot, draw, k)
        stirred, sound = False, True
        if stir is not None:  # numba leaves the whole branch out, and its compile time, where no caller stirs
            stirred = luck[2] < stir
            luck[2] = (luck[2] - stir) / (1.0 - stir)
            if stirred:
                sound = _stir_day(g, now, target, w, luck)
        if not stirred:
            _stir_accounts(g, now, target, w, luck, rounds[2], stream, lot, draw)
        if draw % POLISH == 0:
            for r in range(now.size.shape[0]):
                if smooth[r] != now.mark[r]:
                    polish(g, now, r, w)
                    smooth[r] = now.mark[r]
        there = worth(g, now, target, w)
        warmth = heat[0] * (heat[1] / heat[0]) ** ((draw - rounds[0]) / span)
        if sound and there < here - warmth * np.log(uniform(stream, lot, draw, 99)):
            here = there
            _copy(now, old)
            if here < best - 1e-7:
                best = here
                _copy(now, b)
        else:
            _copy(old, now)
    return best


@inner
def _reseat(g: Ground, b: Board, target: Floats, slot: int, out: Ints, count: int, w: Desk) -> bool:
    """Put visits back into the slot they were taken from, wherever they cost least; False if one does not fit."""
    for k in range(count):
        visit = out[k]
        i = w.owner[visit]
        price(g, b, target, i, np.bool_(False), w, slot, slot + 1)
        if w.cost[0, slot] == np.inf:
            return False
        r = w.place[0, slot, 0]
        put(g, b, i, visit, r, w.place[0, slot, 1])
        if g.timed and walk(g, slot, b.route[r], b.size[r], b.remote[r]) == np.inf:
            return False
    return True
