"""Anneals territories that are in one piece each, without ever tearing one: shifts at their borders, and new cuts between two.

A cut takes two territories that touch as one, spans it by a tree grown at random, and parts it at the branch whose two sides
cost least (recombination: DeFord, Duchin, Solomon 2021). So books that no shift can exchange, behind a neck or a full neighbour,
change hands at once. Cuts are tried where a territory is out of tolerance: elsewhere shifts do.
"""

from __future__ import annotations

import numpy as np

from fieldsim.compiled import inner, kernel
from fieldsim.luck import philox
from fieldsim.model import Bools, Floats, Ints
from fieldsim.territory.borders import Border, Held, Land, Notes, Price, charge, give, listed, shift_change, slot_for, stays_whole

CUTS = 1.0 / 30.0
"""Share of tries at a territory out of tolerance that cut it and a neighbour anew."""


def carved(
    land: Land,
    slot: Ints,
    inside: Bools,
    free: Ints,
    penalty: Floats,
    prices: tuple[float, float],
    heats: tuple[float, float],
    tolerance: float,
    bend: float,
    tries: int,
    luck: np.uint64,
) -> Ints:
    """Slots after so many tries to move `free` units at borders; `inside` units stay so.

    `penalty` [metrics] is the price of a full load of excess, times `prices` at the first and the last try.
    """
    units, metrics = len(slot), land.load.shape[2]
    rows = np.arange(units)
    where = land.seat[rows, slot]
    seats = int(land.seat.max()) + 1
    sums = np.zeros((seats, metrics))
    np.add.at(sums, where, land.load[rows, slot])
    held = Held(slot.copy(), where, inside.copy(), sums)
    spot = np.full(units, -2, dtype=np.int64)
    spot[free] = -1
    degree = (land.near >= 0).sum(axis=1).astype(np.int64)
    border = Border(np.empty(units, dtype=np.int64), spot, degree, np.zeros(1, dtype=np.int64))
    mark, queue, parent = (np.zeros(units + 1, dtype=np.int64) for _ in range(3))
    notes = Notes(mark, queue, parent, np.zeros((units + 1, 2 * (metrics + 3))))
    price = Price(penalty * prices[0], np.ones(metrics))
    harder, cooler = prices[1] / prices[0], heats[1] / heats[0]
    _anneal(land, held, border, notes, price, heats[0], cooler, harder, tolerance, bend, CUTS, tries, luck)
    return held.slot


@inner
def _tree(i: int, b: int, land: Land, held: Held, degree: Ints, notes: Notes, turn: int, luck: np.uint64) -> int:
    """Spans the territories of unit i and of seat b from i on: units in `queue`, parents before children; their number."""
    mark, order, parent = notes.mark, notes.queue, notes.parent
    order[0], parent[0], count, done, a = i, 0, 1, 0, held.where[i]
    mark[i] = turn
    low, unit = np.uint64(0xFFFFFFFF), 1.0 / 4294967296.0
    while done < count:
        words = philox(luck, np.uint64(turn) & low, np.uint64(turn) >> np.uint64(32), np.uint64(done + 1), np.uint64(0))
        k = done + int(float(words[0]) * unit * (count - done))
        v, up = order[k], parent[k]
        order[k], parent[k] = order[done], parent[done]
        order[done], parent[done] = v, up
        for h in range(degree[v]):
            u = land.near[v, h]
            if mark[u] != turn and held.inside[u] and (held.where[u] == a or held.where[u] == b):
                mark[u] = turn
                order[count], parent[count] = u, done
                count += 1
        done += 1
    return count


@inner
def _branches(a: int, b: int, count: int, land: Land, held: Held, notes: Notes) -> float:
    """Sums what each branch of the tree weighs and costs on either side, and returns the hours as they are."""
    branch, metrics, rest = notes.branch, held.sums.shape[1], notes.branch.shape[0] - 1
    wide, hours = metrics + 3, 0.0
    for m in range(metrics):
        branch[rest, m], branch[rest, wide + m] = held.sums[a, m], held.sums[b, m]
    for k in range(count):
        v = notes.queue[k]
        hours += land.cost[v, held.slot[v]]
        now = 0 if held.where[v] == a else wide
        for m in range(metrics):
            branch[rest, now + m] -= land.load[v, held.slot[v], m]
        for side in range(2):
            s, at = slot_for(land.seat, v, a if side == 0 else b), side * wide
            for m in range(metrics):
                branch[k, at + m] = land.load[v, s, m] if s >= 0 else 0.0
            branch[k, at + metrics] = land.cost[v, s] if s >= 0 else 0.0
            branch[k, at + metrics + 1] = 0.0 if s >= 0 else 1.0
            branch[k, at + metrics + 2] = 1.0 if land.roots[v] else 0.0
    for k in range(count - 1, 0, -1):
        for c in range(2 * wide):
            branch[notes.parent[k], c] += branch[k, c]
    return hours


@inner
def _best_cut(count: int, branch: Floats, price: Price, tolerance: float, bend: float) -> tuple[float, int]:
    """Hours and price of excess of the best cut, and 2 x its branch + the side that the branch goes to; 0: there is none."""
    metrics, rest = len(price.line), branch.shape[0] - 1
    wide, best, cut = metrics + 3, np.inf, 0
    for k in range(1, count):
        rooted = branch[0, wide - 1] == 0.0 or (branch[k, wide - 1] > 0.0 and branch[0, wide - 1] > branch[k, wide - 1])
        for side in range(2):
            one, two = side * wide, (1 - side) * wide
            barred = branch[k, one + metrics + 1] + branch[0, two + metrics + 1] - branch[k, two + metrics + 1]
            if barred > 0.5 or not rooted:
                continue
            after = branch[k, one + metrics] + branch[0, two + metrics] - branch[k, two + metrics]
            for m in range(metrics):
                x = branch[rest, one + m] + branch[k, one + m]
                y = branch[rest, two + m] + branch[0, two + m] - branch[k, two + m]
                f = price.scale[m]
                after += price.line[m] * (charge(x * f, tolerance, bend) + charge(y * f, tolerance, bend))
            if after < best:
                best, cut = after, 2 * k + side
    return best, cut


@inner
def _cut_apart(a: int, b: int, count: int, cut: int, land: Land, held: Held, notes: Notes, turn: int) -> float:
    """Leaves the seats after a cut in `parent`, and returns the change of the hours of neighbours kept apart."""
    branch, parent, order, near = notes.branch, notes.parent, notes.queue, land.near
    mine, other = (a, b) if cut % 2 == 0 else (b, a)
    for k in range(count):
        inside = k == cut // 2 or (k > cut // 2 and branch[parent[k], 0] == 1.0)
        branch[k, 0] = 1.0 if inside else 0.0
    for k in range(count):
        parent[k] = mine if branch[k, 0] == 1.0 else other
        branch[order[k], 1] = float(parent[k])
    change = 0.0
    for k in range(count):
        v = order[k]
        for h in range(near.shape[1]):
            u = near[v, h]
            if u < 0:
                break
            both = notes.mark[u] == turn
            then = int(branch[u, 1]) if both else held.where[u]
            change += land.apart[v, h] * (int(parent[k] != then) - int(held.where[v] != held.where[u])) * (1.0 if both else 2.0)
    return change


@inner
def _uneven(a: int, b: int, sums: Floats, price: Price, tolerance: float) -> bool:
    """Whether one of two seats is out of tolerance."""
    for m in range(sums.shape[1]):
        f = price.scale[m]
        if abs(sums[a, m] * f - 1.0) > tolerance or abs(sums[b, m] * f - 1.0) > tolerance:
            return True
    return False


@inner
def _try_cut(
    i: int,
    b: int,
    land: Land,
    held: Held,
    border: Border,
    notes: Notes,
    price: Price,
    tolerance: float,
    bend: float,
    least: float,
    turn: int,
    luck: np.uint64,
) -> None:
    """Cuts the territories of unit i and of seat b anew where that changes hours and price of excess by no more than `least`."""
    a = held.where[i]
    count = _tree(i, b, land, held, border.degree, notes, turn, luck)
    change = -_branches(a, b, count, land, held, notes)
    for m in range(held.sums.shape[1]):
        x, y, f = held.sums[a, m], held.sums[b, m], price.scale[m]
        change -= price.line[m] * (charge(x * f, tolerance, bend) + charge(y * f, tolerance, bend))
    best, cut = _best_cut(count, notes.branch, price, tolerance, bend)
    if cut == 0 or change + best + _cut_apart(a, b, count, cut, land, held, notes, turn) > least:
        return
    for k in range(count):
        v = notes.queue[k]
        if held.where[v] != notes.parent[k]:
            give(v, slot_for(land.seat, v, notes.parent[k]), land, held, border)


@kernel
def _anneal(
    land: Land,
    held: Held,
    border: Border,
    notes: Notes,
    price: Price,
    heat: float,
    cooler: float,
    harder: float,
    tolerance: float,
    bend: float,
    cuts: float,
    tries: int,
    luck: np.uint64,
) -> None:
    """So many tries, in place: heat and price change by `cooler` and `harder` in all."""
    seats, metrics = held.sums.shape
    low, none, unit = np.uint64(0xFFFFFFFF), np.uint64(0), 1.0 / 4294967296.0
    for i in range(len(held.slot)):
        listed(i, land.near, held.where, border)
    first = heat
    for step in range(tries):
        if border.size[0] == 0:
            return
        if step % 1024 == 0:
            heat = first * cooler ** (step / tries)
            for m in range(metrics):
                price.line[m] *= 1.0 if step == 0 else harder ** (1024.0 / tries)
                price.scale[m] = seats / max(held.sums[:, m].sum(), 1e-300)
        r0, r1, r2, r3 = philox(luck, np.uint64(step + 1) & low, np.uint64(step + 1) >> np.uint64(32), none, none)
        i = border.units[int(float(r0) * unit * border.size[0])]
        u = land.near[i, int(float(r1) * unit * border.degree[i])]
        if held.where[u] == held.where[i] or not held.inside[u]:
            continue
        # a change is taken with probability exp(-change / heat): so are all up to this one
        least = -heat * np.log((float(r2) + 0.5) * unit)
        if held.inside[i] and float(r3) * unit < cuts and _uneven(held.where[i], held.where[u], held.sums, price, tolerance):
            _try_cut(i, held.where[u], land, held, border, notes, price, tolerance, bend, least, step + 1, luck)
            continue
        to = slot_for(land.seat, i, held.where[u])
        if to < 0 or shift_change(i, to, land, held, price, tolerance, bend) > least:
            continue
        if stays_whole(i, land, held, border.degree, notes.mark, notes.queue, step + 1):
            give(i, to, land, held, border)
