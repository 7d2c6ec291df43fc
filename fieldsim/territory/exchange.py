"""Few units away from home: annealing over the moves that promise most, in which one move takes the place of another.

Where nearly everything stays where it is, a step that picks any unit nearly always picks a bad one. So steps start from the moves
that the linear relaxation likes, the likeliest most often, or from one of the units that are away: it goes back home, and another
unit of the same seat takes its place. Excess over the tolerance is priced as in the annealing; budgets have a price that rises
while they are overdrawn and fades while they are not. The best state that keeps to the budgets is the answer.
"""

from __future__ import annotations

import numpy as np

from fieldsim.compiled import inner, maker
from fieldsim.luck import philox
from fieldsim.model import Floats, Ints
from fieldsim.territory.annealing import excess
from fieldsim.territory.away import Moves, Prices, State, begun, go, look, owe, rescale

REPLACE, PAIR, BACK = 100, 210, 64
"""Of 256 tries: up to the first replace a unit that is away, up to the second make two moves at once; of 256 others, go back."""
SURELY = 23.0
"""Heats above which no number of 32 bits accepts a step."""
KEEN = 2.0
"""Power by which tries prefer promising moves."""
LOOKS = 200
"""Times that prices are looked at again."""
BLOCK = 1024
"""Tries between which heat, mean loads and the price of the square stand still."""


@inner
def _torn(i: int, a: int, b: int, near: Ints, apart: Floats, where: Ints) -> float:
    """Change of the hours of neighbours kept apart when unit i goes from seat a to b."""
    change = 0.0
    for h in range(near.shape[1]):
        u = near[i, h]
        if u < 0:
            break
        change += 2.0 * apart[i, h] * (int(where[u] == a) - int(where[u] == b))
    return change


@inner
def _paid(now: State, prices: Prices, cap: Floats, tolerance: float, most: float) -> float:
    """What the excess of all seats costs in the end; sums up no further than `most`; infinite beyond a budget."""
    for g in range(len(cap)):
        if now.used[g] > cap[g] * (1.0 + 1e-9):
            return np.inf
    paid = 0.0
    for j in range(len(now.sums)):
        for m in range(len(now.scale)):
            paid += excess(now.sums[j, m] * now.scale[m], tolerance, prices.line_paid[m], prices.square_paid[m])
        if paid >= most:
            break
    return paid


@maker
def exchange(
    moves: Moves,
    start: Ints,
    near: Ints,
    apart: Floats,
    prices: Prices,
    cap: Floats,
    heats: tuple[float, float],
    tolerance: float,
    seats: int,
    tries: int,
    luck: np.uint64,
) -> Ints:
    """The column of each unit after `tries` from `start` (columns that keep to the budgets): the best state on the way.

    `heats` are the first and the last, hours. What happens in every try stands in one loop: handing a dozen arrays to a function
    takes as long as the rest of a try.
    """
    unit, _, seat, cost, load, use, begin, about = moves
    now, count, hours = begun(moves, start, prices, seats)
    at, where, away, _, sums, _, scale, line, square, fine, owed = now
    columns, metrics = len(unit) - len(start), load.shape[1]
    heat, cooler = heats[0], heats[1] / heats[0]
    rescale(now)
    best, least = at.copy(), hours + _paid(now, prices, cap, tolerance, np.inf)
    low, none, part = np.uint64(0xFFFFFFFF), np.uint64(0), 1.0 / 4294967296.0
    often = max(1, tries // LOOKS)
    hit, add = np.empty(4, dtype=np.int64), np.empty((4, metrics))
    for step in range(tries):
        if step % BLOCK == 0:
            if step > 0:
                heat *= cooler ** (BLOCK / tries)
                for m in range(metrics):
                    square[m] *= (prices.square_paid[m] / prices.square[m]) ** (BLOCK / tries)
            rescale(now)
            owe(now, tolerance)
        if step % often == 0 and step > 0:
            look(now, prices, cap, tolerance)
            owe(now, tolerance)
        r0, r1, r2, r3 = philox(luck, np.uint64(step) & low, np.uint64(step) >> np.uint64(32), none, none)
        x, y = (float(r0) + 0.5) * part, float(r2) * part
        kind, pick = r1 & np.uint64(0xFF), (r1 >> np.uint64(8)) & np.uint64(0xFF)
        new = -1
        if kind < REPLACE and count > 0:
            new = columns + away[int(y * count)]
            j = seat[new] if pick & np.uint64(1) else seat[at[unit[new]]]
            p = about[begin[j] + int(x**KEEN * (begin[j + 1] - begin[j]))]
            new = new if unit[p] != unit[new] else -1
        elif pick < BACK and count > 0:
            p = columns + away[int(x * count)]
        else:
            p = int(x**KEEN * columns)
        i = unit[p]
        q, a = at[i], where[i]
        p = p if p != q else columns + i
        b = seat[p]
        if kind >= REPLACE and kind < PAIR:
            j = a if pick & np.uint64(1) else b
            if begin[j + 1] == begin[j]:
                continue
            new = about[begin[j] + int(y**KEEN * (begin[j + 1] - begin[j]))]
            if unit[new] == i:
                continue
            new = new if new != at[unit[new]] else columns + unit[new]
        change = cost[p] - cost[q] + _torn(i, a, b, near, apart, where)
        n, hit[0], hit[1] = 2, a, b
        for m in range(metrics):
            add[0, m], add[1, m] = -load[q, m], load[p, m]
        if new >= 0:
            old, where[i] = at[unit[new]], b
            change += cost[new] - cost[old] + _torn(unit[new], seat[old], seat[new], near, apart, where)
            where[i] = a
            for e, sign in ((old, -1.0), (new, 1.0)):
                k = 0
                while k < n and hit[k] != seat[e]:
                    k += 1
                if k == n:
                    hit[k], n = seat[e], n + 1
                    for m in range(metrics):
                        add[k, m] = 0.0
                for m in range(metrics):
                    add[k, m] += sign * load[e, m]
        most, priced = SURELY * heat, change
        for g in range(len(cap)):
            more = use[new, g] - use[at[unit[new]], g] if new >= 0 else 0.0
            priced += fine[g] * (use[p, g] - use[q, g] + more)
        for k in range(n):
            for m in range(metrics):
                priced -= owed[hit[k], m]
        for k in range(n):
            for m in range(metrics):
                then = (sums[hit[k], m] + add[k, m]) * scale[m]
                priced += excess(then, tolerance, line[hit[k], m], square[m])
            if priced > most:
                break
        if priced > 0.0 and (priced > most or (float(r3) + 0.5) * part >= np.exp(-priced / heat)):
            continue
        hours += change
        for k in range(n):
            for m in range(metrics):
                j = hit[k]
                sums[j, m] += add[k, m]
                owed[j, m] = excess(sums[j, m] * scale[m], tolerance, line[j, m], square[m])
        count = go(moves, now, count, p)
        if new >= 0:
            count = go(moves, now, count, new)
        if hours < least and hours + _paid(now, prices, cap, tolerance, least - hours) < least - 1e-9:
            rescale(now)  # on mean loads of a while ago, so once more on those of now
            owe(now, tolerance)
            price = hours + _paid(now, prices, cap, tolerance, least - hours)
            if price < least - 1e-9:
                least = price
                best[:] = at
    return best
