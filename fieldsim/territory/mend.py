"""Mends the seats that annealing leaves just outside the tolerance, by the best single move or exchange through each of them.

Near its end the annealing seldom draws the one pair of units whose exchange brings the last seat home. Such seats are few, so all
pairs of a unit that leaves one and a unit that comes in are looked at. Of a tiny problem all splits are.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fieldsim.compiled import inner, maker
from fieldsim.model import Floats, Ints

Small = npt.NDArray[np.int32]
Whole = int | np.int64
"""What kernels hand each other: a position read from a Small array would compile them a second time."""
AIM = 1.0309
"""Times the tolerance of the annealing, which keeps a little inside the one that is asked for."""
DEAR = 10.0
"""Times its highest price of excess: to be within the tolerance is what all this is for."""
MOST = 20_000_000
"""Pairs looked at in all."""
NONE: Whole = np.int64(-1)
FIRST: Whole = np.int64(0)
"""No seat or slot, and the first unit; a literal would compile kernels a second time."""
FEW, BEND = 600_000, 10.0
"""So many splits are all tried instead, twelve units in three seats; how much faster than in proportion excess costs there."""


@inner
def _over(j: Whole, add: Floats, sums: Floats, scale: Floats, price: Floats, tolerance: float) -> float:
    """The price of what seat j would be out of tolerance with so much more."""
    total = 0.0
    for m in range(len(scale)):
        total += price[m] * max(0.0, abs((sums[j, m] + add[m]) * scale[m] - 1.0) - tolerance)
    return total


@maker
def _try_all(
    first: Ints,
    seat: Small,
    cost: Floats,
    load: Floats,
    at: Ints,
    near: Ints,
    apart: Floats,
    sums: Floats,
    scale: Floats,
    dear: Floats,
    tolerance: float,
) -> None:
    """Changes `at` to the cheapest of all splits, counting through the open slots of the units like digits of a number."""
    units, seats, metrics = len(at), len(sums), len(dear)
    best, least = np.empty(units, dtype=np.int64), np.inf
    hours = 0.0
    for u in range(units):
        hours += cost[first[u]]
        _place(u, first[u], seat, load, at, sums)
    while True:
        price = hours
        _scales(sums, scale)
        for m in range(metrics):
            for j in range(seats):
                over = max(0.0, abs(sums[j, m] * scale[m] - 1.0) - tolerance)
                price += dear[m] * (over + BEND * over * over)
        if price < least - 1e-9:
            for u in range(units):
                for h in range(near.shape[1]):
                    if near[u, h] >= 0 and seat[at[near[u, h]]] != seat[at[u]]:
                        price += apart[u, h]
            if price < least - 1e-9:
                least = price
                for k in range(units):
                    best[k] = at[k]
        i = FIRST
        while i < units:
            old = at[i]
            new = old + 1 if old + 1 < first[i + 1] else first[i]
            hours += cost[new] - cost[old]
            _place(i, new, seat, load, at, sums)
            if new > old:
                break
            i += 1
        if i == units:
            break
    for k in range(units):
        at[k] = best[k]


@inner
def _place(i: Whole, p: Whole, seat: Small, load: Floats, at: Ints, sums: Floats) -> None:
    """Unit i goes from the slot it is at to slot p."""
    for m in range(sums.shape[1]):
        sums[seat[at[i]], m] -= load[at[i], m]
        sums[seat[p], m] += load[p, m]
    at[i] = p


@inner
def _scales(sums: Floats, scale: Floats) -> None:
    """What makes the mean load of a seat one, metric by metric."""
    for m in range(len(scale)):
        total = 0.0
        for j in range(len(sums)):
            total += sums[j, m]
        scale[m] = len(sums) / max(total, 1e-300)


@maker
def mend(
    first: Ints,
    owner: Small,
    seat: Small,
    cost: Floats,
    load: Floats,
    begin: Ints,
    into: Small,
    at: Ints,
    near: Ints,
    apart: Floats,
    most: Floats,
    tolerance: float,
) -> None:
    """Changes `at`, the open slot of each unit, until no seat is out of tolerance or no pair of moves brings one nearer to it."""
    seats, metrics, tolerance, price = len(begin) - 1, load.shape[1], tolerance * AIM, most * DEAR
    sums, scale, splits = np.zeros((seats, metrics)), np.ones(metrics), 1.0
    for u in range(len(at)):
        for m in range(metrics):
            sums[seat[at[u]], m] += load[at[u], m]
        splits *= first[u + 1] - first[u]
    if splits <= FEW:
        _try_all(first, seat, cost, load, at, near, apart, sums, scale, price, tolerance)
        return
    left, hopeless = MOST, np.zeros(seats, dtype=np.bool_)
    none, one, two, three = np.zeros(metrics), np.empty(metrics), np.empty(metrics), np.empty(metrics)
    while left > 0:
        _scales(sums, scale)
        j, worst = NONE, 1e-9
        for s in range(seats):
            over = 0.0 if hopeless[s] else _over(s, none, sums, scale, price, tolerance)
            if over > worst:
                j, worst = s, over
        if j < 0:
            return
        # moves out of the seat and into it, the first of each none at all
        count = 1 + begin[j + 1] - begin[j]
        ins, enter = np.empty(count, dtype=np.int64), np.empty(count)
        outs, leave = np.empty(count * 64, dtype=np.int64), np.empty(count * 64)
        ins[0], enter[0], outs[0], leave[0] = -1, 0.0, -1, 0.0
        n, k = 1, 1
        for e in range(begin[j], begin[j + 1]):
            p = np.int64(into[e])
            i = np.int64(owner[p])
            if at[i] != p:
                ins[n], enter[n] = p, cost[p] - cost[at[i]] + _torn(i, p, near, apart, at, seat)
                n += 1
            else:
                for q in range(first[i], min(first[i + 1], first[i] + 64)):
                    if q != p:
                        outs[k], leave[k] = q, cost[q] - cost[p] + _torn(i, q, near, apart, at, seat)
                        k += 1
        left -= n * k
        best, go, come = -1e-9, NONE, NONE
        for x in range(k):
            q = outs[x]
            b, d = NONE, NONE
            if q >= 0:
                b, d = np.int64(seat[q]), at[owner[q]]
            was_b = _over(b, none, sums, scale, price, tolerance) if b >= 0 else 0.0
            for y in range(n):
                e = ins[y]
                c, f = NONE, NONE
                gain = leave[x] + enter[y] - worst - was_b
                if gain >= best:
                    continue
                if e >= 0:
                    f = at[owner[e]]
                    c = np.int64(seat[f])
                for m in range(metrics):
                    one[m] = (load[e, m] if e >= 0 else 0.0) - (load[d, m] if q >= 0 else 0.0)
                    two[m] = (load[q, m] if q >= 0 else 0.0) - (load[f, m] if c >= 0 and c == b else 0.0)
                    three[m] = -load[f, m] if e >= 0 else 0.0
                gain += _over(j, one, sums, scale, price, tolerance)
                if b >= 0 and gain < best:
                    gain += _over(b, two, sums, scale, price, tolerance)
                if c >= 0 and c != b and gain < best:
                    gain += _over(c, three, sums, scale, price, tolerance) - _over(c, none, sums, scale, price, tolerance)
                if gain < best:
                    best, go, come = gain, q, e
        if go < 0 and come < 0:
            hopeless[j] = True
            continue
        for move in (go, come):
            if move >= 0:
                i = np.int64(owner[move])
                hopeless[seat[at[i]]], hopeless[seat[move]] = False, False
                _place(i, move, seat, load, at, sums)


@inner
def _torn(i: Whole, p: Whole, near: Ints, apart: Floats, at: Ints, seat: Small) -> float:
    """Change of the hours of neighbours kept apart when unit i goes to slot p."""
    change, a, b = 0.0, seat[at[i]], seat[p]
    for h in range(near.shape[1]):
        u = near[i, h]
        if u < 0:
            break
        change += 2.0 * apart[i, h] * (int(seat[at[u]] == a) - int(seat[at[u]] == b))
    return change
