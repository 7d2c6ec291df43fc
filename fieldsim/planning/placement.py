"""Compiled: puts an account's visits on the pattern that costs least, or one visit on one day.

The costs of the days are computed once and shared by all patterns. Every visit placed is checked by walking its day: opening
windows, break and end of shift, not only summed minutes.
"""

from __future__ import annotations

import numpy as np

from fieldsim.compiled import inner, kernel
from fieldsim.model import Floats
from fieldsim.planning.board import Board, Desk, Ground
from fieldsim.planning.insertion import price, put, take, walk


@inner
def _choose(g: Ground, i: int, least: float, dull: np.uint64, w: Desk) -> tuple[float, int]:
    """Price and position of account i's cheapest pattern, by `w.cost`; the slots it takes are in `w.days[0]` (-1: left out).

    A pattern is given up as soon as its price cannot get below the best one's, no visit costing less than `least`.
    """
    first, count = g.first[i], g.first[i + 1] - g.first[i]
    slots, slots_from, date, apart = g.slots, g.slots_from, g.date, g.apart[i]
    reach, remote, drop, shift = g.reach, g.remote, g.drop[i], g.shift_cost
    pattern_cost, cost, days = g.pattern_cost, w.cost, w.days
    best, found = np.inf, -1
    for p in range(g.pattern_from[i], g.pattern_from[i + 1]):
        # a blink: one pattern in 64 is overlooked, so that the search does not always fall into the same hole
        if dull != 0 and (dull * np.uint64(2 * p + 1)) >> np.uint64(58) == 0 and best < np.inf:
            continue
        total, last = pattern_cost[p], -1_000_000
        for k in range(count):
            if total + least * (count - k) >= best:
                total = np.inf
                break
            kind = 1 if remote[first + k] else 0
            nominal = slots[slots_from[p] + k]
            value, chosen = drop, -1
            if nominal >= 0 and cost[kind, nominal] < value and date[nominal] - last >= apart:
                value, chosen = cost[kind, nominal], nominal
            elif nominal >= 0:
                for step in range(1, reach[first + k] + 1):
                    for slot in (nominal - step, nominal + step):
                        if 0 <= slot < date.shape[0] and date[slot] - last >= apart:
                            here = cost[kind, slot] + shift * step
                            if here < value:
                                value, chosen = here, slot
            days[1, k] = chosen
            if chosen >= 0:
                last = date[chosen]
            total += value
        if total < best:
            best, found = total, p
            for k in range(count):
                days[0, k] = days[1, k]
    return best, found


@inner
def refit(g: Ground, b: Board, slot: int, i: int, visit: int, w: Desk) -> bool:
    """Move a visit whose place breaks its day to the cheapest place that keeps it; out of the day if there is none."""
    r = b.at[visit]
    take(g, b, i, visit)
    if g.remote[visit]:
        return False
    home, tried = g.travel.shape[0] - 1, w.tried
    here = home
    for k in range(b.size[r] + 1):
        there = b.route[r, k] if k < b.size[r] else home
        tried[k] = g.travel[here, i] + g.travel[i, there] - g.travel[here, there]
        here = there
    for _ in range(min(4, b.size[r] + 1)):
        where = int(np.argmin(tried[: b.size[r] + 1]))
        if b.time[r] + g.service[i] + tried[where] > g.room[r] + 1e-9:
            return False
        put(g, b, i, visit, r, where)
        if walk(g, slot, b.route[r], b.size[r], b.remote[r]) < np.inf:
            return True
        take(g, b, i, visit)
        tried[where] = np.inf
    return False


@kernel
def place_account(g: Ground, b: Board, target: Floats, i: int, dull: np.uint64, w: Desk) -> None:
    """Put all visits of account i where they cost least; those that fit nowhere stay out."""
    begin, count = g.first[i], g.first[i + 1] - g.first[i]
    least = 0.0
    for kind in range(2):
        wanted = False
        for visit in range(begin, begin + count):
            wanted = wanted or g.remote[visit] == (kind == 1)
        if wanted:
            price(g, b, target, i, kind == 1, w, np.int64(0), g.date.shape[0])
            for slot in range(w.cost.shape[1]):
                least = min(least, w.cost[kind, slot])
    tries = count + 4
    for attempt in range(tries):
        best, p = _choose(g, i, least, dull, w)
        for k in range(count if p >= 0 else 0):
            b.nominal[begin + k] = g.slots[g.slots_from[p] + k]
        b.odd[i] = best if best < np.inf else 0.0
        sound = True
        for k in range(count if best < np.inf else 0):
            slot = w.days[0, k]
            if slot < 0:
                b.odd[i] -= g.drop[i]
                continue
            kind = 1 if g.remote[begin + k] else 0
            b.odd[i] -= w.cost[kind, slot]
            r = w.place[kind, slot, 0]
            put(g, b, i, begin + k, r, w.place[kind, slot, 1])
            fits = not g.timed or walk(g, slot, b.route[r], b.size[r], b.remote[r]) < np.inf
            if not fits and not refit(g, b, slot, i, begin + k, w):
                w.cost[kind, slot] = np.inf
                sound = False
        if sound or attempt == tries - 1:
            return
        for k in range(count):
            take(g, b, i, begin + k)


@inner
def _apart(g: Ground, b: Board, i: int, visit: int, slot: int, ordered: bool | np.bool_) -> bool:
    """Is a slot far enough from the account's other visits and, where `ordered`, between the one before and the one after?"""
    for other in range(g.first[i], g.first[i + 1]):
        if other == visit or b.at[other] < 0:
            continue
        later = g.date[slot] - g.date[b.at[other] // g.cars]
        if abs(later) < g.apart[i] or (ordered and (later > 0) != (visit > other)):
            return False
    return True


@kernel
def place_visit(g: Ground, b: Board, target: Floats, visit: int, w: Desk, ordered: bool | np.bool_) -> int:
    """Put one visit where it costs least, apart from the account's others; its slot, or -1 if it fits nowhere.

    `ordered` keeps it between the visits before and after it; else it may take a day beyond them rather than none.
    """
    i = w.owner[visit]
    kind = 1 if g.remote[visit] else 0
    price(g, b, target, i, kind == 1, w, np.int64(0), g.date.shape[0])
    for slot in range(g.date.shape[0]):
        if not _apart(g, b, i, visit, slot, ordered):
            w.cost[kind, slot] = np.inf
        elif b.nominal[visit] >= 0:
            w.cost[kind, slot] += g.shift_cost * abs(slot - b.nominal[visit])
    for _ in range(12):
        slot = int(np.argmin(w.cost[kind]))
        if w.cost[kind, slot] == np.inf:
            return -1
        r = w.place[kind, slot, 0]
        put(g, b, i, visit, r, w.place[kind, slot, 1])
        fits = not g.timed or walk(g, slot, b.route[r], b.size[r], b.remote[r]) < np.inf
        if fits or refit(g, b, slot, i, visit, w):
            return slot
        w.cost[kind, slot] = np.inf
    return -1


@kernel
def put_visit(g: Ground, b: Board, visit: int, slot: int, w: Desk) -> bool:
    """Put one visit into one slot, whatever it costs; False if the day does not hold it or is too near to another visit."""
    i = w.owner[visit]
    if g.hours[i, slot] < 0 or not _apart(g, b, i, visit, slot, np.bool_(False)):
        return False
    kind = 1 if g.remote[visit] else 0
    price(g, b, w.nowhere, i, kind == 1, w, slot, slot + 1)
    if w.cost[kind, slot] == np.inf:
        return False
    r = w.place[kind, slot, 0]
    put(g, b, i, visit, r, w.place[kind, slot, 1])
    fits = not g.timed or walk(g, slot, b.route[r], b.size[r], b.remote[r]) < np.inf
    return fits or refit(g, b, slot, i, visit, w)
