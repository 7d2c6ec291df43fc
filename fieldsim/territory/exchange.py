"""Few units away from home: annealing over the moves that promise most, in which one move takes the place of another.

Where nearly everything stays where it is, a step that picks any unit nearly always picks a bad one. So steps start from the moves
that the linear relaxation likes, the likeliest most often, or from one of the units that are away: it goes back home, and another
unit of the same seat takes its place. Excess over the tolerance is priced as in the annealing; budgets have a price that rises
while they are overdrawn and fades while they are not. The best state that keeps to the budgets is the answer.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fieldsim.compiled import inner, maker
from fieldsim.luck import philox
from fieldsim.model import Floats, Ints
from fieldsim.territory.annealing import FADE, RISE, excess
from fieldsim.territory.problem import Problem

REPLACE, PAIR, BACK = 100, 210, 64
"""Of 256 tries: up to the first replace a unit that is away, up to the second make two moves at once; of 256 others, go back."""
KEEN = 2.0
"""Power by which tries prefer promising moves."""
LOOKS = 200
"""Times that prices are looked at again."""


class Moves(NamedTuple):
    """Moves away from home, the most promising first, and behind them the stay of each unit: one column each."""

    unit: Ints
    slot: Ints
    """Slot of the problem."""
    seat: Ints
    cost: Floats
    load: Floats
    use: Floats
    """What a column uses of each budget, shape [columns, budgets]."""
    begin: Ints
    """Where each seat's entries in `about` begin, shape [seats + 1]."""
    about: Ints
    """Moves into or out of each seat, the most promising first."""


class Prices(NamedTuple):
    """Prices of a full load of excess and of its square, shape [metrics] each: the first ones, and those the answer pays."""

    line: Floats
    """Shape [seats, metrics]."""
    line_paid: Floats
    square: Floats
    square_paid: Floats
    budget: Floats
    """First price of each budget, shape [budgets]."""


def moves_of(problem: Problem, home: Ints, unit: Ints, slot: Ints, use: Floats) -> Moves:
    """The columns of the given moves, most promising first; `use` has shape [units, slots, budgets]."""
    rows = np.arange(problem.units)
    here = problem.seat[unit, home[unit]]
    ends = np.concatenate((problem.seat[unit, slot], here))
    about = np.concatenate((np.arange(len(unit)), np.arange(len(unit))))
    order = np.lexsort((about, ends))
    begin = np.concatenate(([0], np.cumsum(np.bincount(ends, minlength=problem.seats)))).astype(np.int64)
    both, slots = np.concatenate((unit, rows)), np.concatenate((slot, home))
    load, used = np.ascontiguousarray(problem.load[both, slots]), np.ascontiguousarray(use[both, slots])
    return Moves(both, slots, problem.seat[both, slots], problem.cost[both, slots], load, used, begin, about[order])


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
def _paid(sums: Floats, scale: Floats, tolerance: float, prices: Prices, most: float) -> float:
    """What the excess of all seats costs in the end; sums up no further than `most`."""
    paid = 0.0
    for j in range(len(sums)):
        for m in range(len(scale)):
            paid += excess(sums[j, m] * scale[m], tolerance, prices.line_paid[m], prices.square_paid[m])
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
    heat: float,
    cooler: float,
    tolerance: float,
    seats: int,
    tries: int,
    luck: np.uint64,
) -> Ints:
    """The column of each unit after `tries` from `start` (columns that keep to the budgets): the best state on the way."""
    unit, _, seat, cost, load, use, begin, about = moves
    units, metrics, budgets = len(start), load.shape[1], use.shape[1]
    columns = len(unit) - units
    at, where = start.copy(), np.empty(units, dtype=np.int64)
    sums, scale, used = np.zeros((seats, metrics)), np.ones(metrics), np.zeros(budgets)
    away, place, count = np.empty(units, dtype=np.int64), np.full(units, -1, dtype=np.int64), 0
    line, fine, square = prices.line.copy(), prices.budget.copy(), prices.square.copy()
    hours = 0.0
    for i in range(units):
        where[i] = seat[at[i]]
        hours += cost[at[i]]
        for m in range(metrics):
            sums[where[i], m] += load[at[i], m]
        for g in range(budgets):
            used[g] += use[at[i], g]
        if at[i] != columns + i:
            away[count], place[i] = i, count
            count += 1
    for m in range(metrics):
        scale[m] = seats / max(sums[:, m].sum(), 1e-300)
    best, least = at.copy(), hours + _paid(sums, scale, tolerance, prices, np.inf)
    low, none, part = np.uint64(0xFFFFFFFF), np.uint64(0), 1.0 / 4294967296.0
    look = max(1, tries // LOOKS)
    hit, add = np.empty(4, dtype=np.int64), np.empty((4, metrics))
    for step in range(tries):
        if step % 1024 == 0:
            if step > 0:
                heat *= cooler ** (1024.0 / tries)
            for m in range(metrics):
                if step > 0:
                    square[m] *= (prices.square_paid[m] / prices.square[m]) ** (1024.0 / tries)
                scale[m] = seats / max(sums[:, m].sum(), 1e-300)
        if step % look == 0 and step > 0:
            for m in range(metrics):
                for j in range(seats):
                    over = abs(sums[j, m] * scale[m] - 1.0) > tolerance
                    low_line, top_line = prices.line[j, m], prices.line_paid[m]
                    line[j, m] = min(line[j, m] * RISE, top_line) if over else max(low_line, line[j, m] * FADE)
            for g in range(budgets):
                fine[g] *= RISE if used[g] > cap[g] else FADE
        r0, r1, r2, r3 = philox(luck, np.uint64(step) & low, np.uint64(step) >> np.uint64(32), none, none)
        x, y = (float(r0) + 0.5) * part, float(r2) * part
        kind, pick = r1 & np.uint64(0xFF), (r1 >> np.uint64(8)) & np.uint64(0xFF)
        o, new, old = -1, -1, -1
        if kind < REPLACE and count > 0:
            o = away[int(y * count)]
            new, old = columns + o, at[o]
            j = seat[new] if pick & np.uint64(1) else seat[old]
            p = about[begin[j] + int(x**KEEN * (begin[j + 1] - begin[j]))]
            if unit[p] == o:
                o = -1
        elif pick < BACK and count > 0:
            p = columns + away[int(x * count)]
        else:
            p = int(x**KEEN * columns)
        i = unit[p]
        q = at[i]
        if p == q:
            p = columns + i
            if p == q:
                continue
        a, b = where[i], seat[p]
        if kind >= REPLACE and kind < PAIR:
            j = a if pick & np.uint64(1) else b
            if begin[j + 1] == begin[j]:
                continue
            new = about[begin[j] + int(y**KEEN * (begin[j + 1] - begin[j]))]
            o = unit[new]
            if o == i:
                continue
            old = at[o]
            if old == new:
                new = columns + o
        change = cost[p] - cost[q] + _torn(i, a, b, near, apart, where)
        where[i], n = b, 2
        hit[0], hit[1] = a, b
        for m in range(metrics):
            add[0, m], add[1, m] = -load[q, m], load[p, m]
        if o >= 0:
            change += cost[new] - cost[old] + _torn(o, where[o], seat[new], near, apart, where)
            for side in range(2):
                e = old if side == 0 else new
                k = 0
                while k < n and hit[k] != seat[e]:
                    k += 1
                if k == n:
                    hit[k], n = seat[e], n + 1
                    for m in range(metrics):
                        add[k, m] = 0.0
                for m in range(metrics):
                    add[k, m] += load[e, m] if side else -load[e, m]
        priced = change
        for k in range(n):
            j = hit[k]
            for m in range(metrics):
                was, then = sums[j, m] * scale[m], (sums[j, m] + add[k, m]) * scale[m]
                priced += excess(then, tolerance, line[j, m], square[m]) - excess(was, tolerance, line[j, m], square[m])
        for g in range(budgets):
            priced += fine[g] * (use[p, g] - use[q, g] + (use[new, g] - use[old, g] if o >= 0 else 0.0))
        if priced > 0.0 and (float(r3) + 0.5) * part >= np.exp(-priced / heat):
            where[i] = a
            continue
        hours += change
        for k in range(n):
            for m in range(metrics):
                sums[hit[k], m] += add[k, m]
        for turn in range(2 if o >= 0 else 1):
            u, now, then_at = (i, q, p) if turn == 0 else (o, old, new)
            at[u], where[u] = then_at, seat[then_at]
            for g in range(budgets):
                used[g] += use[then_at, g] - use[now, g]
            if then_at == columns + u:
                count -= 1
                away[place[u]] = away[count]
                place[away[count]] = place[u]
                place[u] = -1
            elif place[u] < 0:
                away[count], place[u] = u, count
                count += 1
        if hours < least:
            keeps = True
            for g in range(budgets):
                keeps &= used[g] <= cap[g] * (1.0 + 1e-9)
            price = hours + _paid(sums, scale, tolerance, prices, least - hours) if keeps else np.inf
            if price < least - 1e-9:  # on mean loads of a while ago, so once more on those of now
                for m in range(metrics):
                    scale[m] = seats / max(sums[:, m].sum(), 1e-300)
                price = hours + _paid(sums, scale, tolerance, prices, least - hours)
            if price < least - 1e-9:
                least = price
                best[:] = at
    return best
