"""Compiled: what inserting a visit costs a day, doing and undoing it, and walking a day to see that it holds."""

from __future__ import annotations

import numpy as np
from numba import njit

from fieldsim.model import Floats, Ints
from fieldsim.planning.board import Board, Ground

UNDER = 0.8
"""Seconds of travel that a second of missing work is worth."""
SHORT = 0.5
"""Seconds of travel that a second of missing length is worth: less than one, so that no detour pays by filling a day."""


@njit(cache=True)
def _start(windows: Floats, row: int, arrive: float) -> float:
    """The first moment from `arrive` on at which a visit may start; infinite if the door stays closed."""
    for k in range(windows.shape[1]):
        if arrive <= windows[row, k, 1]:
            return float(max(arrive, windows[row, k, 0]))
    return np.inf


@njit(cache=True)
def walk(g: Ground, slot: int, stops: Ints, count: int, remote: float) -> float:
    """Earliest end of a day in this order of stops, infinite if windows, break or shift do not allow it.

    Two clocks run side by side: before the break (`plain`) and after it (`fed`); the break may lie on any leg.
    """
    home = g.travel.shape[0] - 1
    plain, fed, here = g.opening[slot], np.inf, home
    for k in range(count + 1):
        there = stops[k] if k < count else home
        leg = g.travel[here, there]
        ate = np.inf
        if g.lunch[2] > 0.0 and max(plain, g.lunch[0]) <= g.lunch[1]:
            ate = max(plain + leg, g.lunch[0]) + g.lunch[2]
        fed = min(fed + leg, ate)
        plain += leg
        if k < count:
            row = g.hours[there, slot]
            if row < 0:
                return np.inf
            plain = _start(g.windows, row, plain) + g.service[there]
            fed = _start(g.windows, row, fed) + g.service[there]
            if plain == np.inf and fed == np.inf:
                return np.inf
        here = there
    if g.lunch[2] == 0.0 or plain + remote <= g.lunch[1]:
        fed = min(plain, fed)
    return fed + remote if fed + remote <= g.closing[slot] else np.inf


@njit(cache=True)
def imbalance(g: Ground, target: Floats, slot: int, length: float, service: float) -> float:
    """Price of a day that is too long, or holds too little work.

    Little is measured by the visits' length first and by the day's second.
    """
    if g.balance == 0.0 or target[0, slot] <= 0.0 or target[1, slot] <= 0.0:
        return 0.0
    over = max(0.0, length / target[0, slot] - 1.0 - g.ease)
    under = max(0.0, 1.0 - g.ease - service / target[1, slot])
    short = max(0.0, 1.0 - g.ease - length / target[0, slot])
    return float((g.balance * over * over + UNDER * under + SHORT * short) * target[0, slot])


@njit(cache=True)
def price_slot(g: Ground, b: Board, target: Floats, i: int, far: bool, slot: int, cost: Floats, place: Ints) -> None:
    """Cheapest insertion of account i into one slot: `cost` (left as it is if there is none) and `place` = [route, position]."""
    home = g.travel.shape[0] - 1
    for r in range(slot * g.cars, (slot + 1) * g.cars):
        if b.load[r] + g.weight[i] > g.bearing[r] + 1e-9 or b.time[r] + g.service[i] > g.room[r] + 1e-9:
            continue
        best, where = 0.0, 0
        if not far:
            best = np.inf
            here = home
            for k in range(b.size[r] + 1):
                there = b.route[r, k] if k < b.size[r] else home
                extra = g.travel[here, i] + g.travel[i, there] - g.travel[here, there]
                if extra < best:
                    best, where = extra, k
                here = there
        longer = b.time[r] + g.service[i] + best
        if longer > g.room[r] + 1e-9 or b.size[r] + 1 > b.route.shape[1]:
            continue
        value = best
        if g.cars == 1:
            held = b.time[r] - b.travel[r]
            value += imbalance(g, target, slot, longer, held + g.service[i]) - imbalance(g, target, slot, b.time[r], held)
        if value < cost[slot]:
            cost[slot] = value
            place[slot, 0], place[slot, 1] = r, where


@njit(cache=True)
def price(g: Ground, b: Board, target: Floats, i: int, far: bool, cost: Floats, place: Ints) -> None:
    """Cheapest insertion of account i into every slot; a slot without one costs infinity."""
    for slot in range(cost.shape[0]):
        cost[slot] = np.inf
        if g.hours[i, slot] >= 0:
            price_slot(g, b, target, i, far, slot, cost, place)


@njit(cache=True)
def put(g: Ground, b: Board, i: int, visit: int, r: int, where: int) -> None:
    """Insert a visit of account i into route r before position `where`."""
    b.at[visit] = r
    b.time[r] += g.service[i]
    b.load[r] += g.weight[i]
    if g.remote[visit]:
        b.remote[r] += g.service[i]
        return
    home = g.travel.shape[0] - 1
    here = b.route[r, where - 1] if where > 0 else home
    there = b.route[r, where] if where < b.size[r] else home
    extra = g.travel[here, i] + g.travel[i, there] - g.travel[here, there]
    for k in range(b.size[r], where, -1):
        b.route[r, k] = b.route[r, k - 1]
    b.route[r, where] = i
    b.size[r] += 1
    b.travel[r] += extra
    b.time[r] += extra


@njit(cache=True)
def take(g: Ground, b: Board, i: int, visit: int) -> None:
    """Remove a visit from its route, if it has one."""
    r = b.at[visit]
    if r < 0:
        return
    b.at[visit] = -1
    b.time[r] -= g.service[i]
    b.load[r] -= g.weight[i]
    if g.remote[visit]:
        b.remote[r] -= g.service[i]
        return
    home = g.travel.shape[0] - 1
    where = 0
    while b.route[r, where] != i:
        where += 1
    here = b.route[r, where - 1] if where > 0 else home
    there = b.route[r, where + 1] if where + 1 < b.size[r] else home
    saved = g.travel[here, i] + g.travel[i, there] - g.travel[here, there]
    for k in range(where, b.size[r] - 1):
        b.route[r, k] = b.route[r, k + 1]
    b.size[r] -= 1
    b.travel[r] -= saved
    b.time[r] -= saved
