"""Mends the seats that annealing leaves just outside the tolerance, by the best single move or exchange through each of them.

Near its end the annealing seldom draws the one pair of units whose exchange brings the last seat home. Such seats are few, so all
pairs of a unit that leaves one and a unit that comes in are looked at. Of a tiny problem all splits are.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from fieldsim.model import Floats, Ints

Small = npt.NDArray[np.int32]
AIM = 1.0309
"""Times the tolerance of the annealing, which keeps a little inside the one that is asked for."""
DEAR = 10.0
"""Times its highest price of excess: to be within the tolerance is what all this is for."""
MOST = 20_000_000
"""Pairs looked at in all."""
FEW, BEND = 600_000, 10.0
"""So many splits are all tried instead, twelve units in three seats; how much faster than in proportion excess costs there."""


@njit(cache=True, nogil=True)
def _over(j: int, add: Floats, sums: Floats, scale: Floats, price: Floats, tolerance: float) -> float:
    """The price of what seat j would be out of tolerance with so much more."""
    total = 0.0
    for m in range(len(scale)):
        total += price[m] * max(0.0, abs((sums[j, m] + add[m]) * scale[m] - 1.0) - tolerance)
    return total


@njit(cache=True, nogil=True)
def _try_all(
    first: Ints,
    seat: Small,
    cost: Floats,
    load: Floats,
    at: Ints,
    near: Ints,
    apart: Floats,
    sums: Floats,
    dear: Floats,
    tolerance: float,
) -> None:
    """Changes `at` to the cheapest of all splits, counting through the open slots of the units like digits of a number."""
    units, seats, metrics = len(at), len(sums), len(dear)
    best, least = at.copy(), np.inf
    hours = 0.0
    sums[:] = 0.0
    for i in range(units):
        at[i] = first[i]
        hours += cost[at[i]]
        sums[seat[at[i]]] += load[at[i]]
    while True:
        price = hours
        for m in range(metrics):
            scale = seats / max(sums[:, m].sum(), 1e-300)
            for j in range(seats):
                over = max(0.0, abs(sums[j, m] * scale - 1.0) - tolerance)
                price += dear[m] * (over + BEND * over * over)
        if price < least - 1e-9:
            for i in range(units):
                for h in range(near.shape[1]):
                    if near[i, h] >= 0 and seat[at[near[i, h]]] != seat[at[i]]:
                        price += apart[i, h]
            if price < least - 1e-9:
                least = price
                best[:] = at
        i = 0
        while i < units:
            old = at[i]
            at[i] = old + 1 if old + 1 < first[i + 1] else first[i]
            hours += cost[at[i]] - cost[old]
            sums[seat[old]] -= load[old]
            sums[seat[at[i]]] += load[at[i]]
            if at[i] > old:
                break
            i += 1
        if i == units:
            break
    at[:] = best


@njit(cache=True, nogil=True)
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
    sums, scale = np.zeros((seats, metrics)), np.ones(metrics)
    for i in range(len(at)):
        for m in range(metrics):
            sums[seat[at[i]], m] += load[at[i], m]
    splits = 1.0
    for i in range(len(at)):
        splits *= first[i + 1] - first[i]
    if splits <= FEW:
        _try_all(first, seat, cost, load, at, near, apart, sums, price, tolerance)
        return
    left, hopeless = MOST, np.zeros(seats, dtype=np.bool_)
    none, one, two, three = np.zeros(metrics), np.empty(metrics), np.empty(metrics), np.empty(metrics)
    while left > 0:
        for m in range(metrics):
            scale[m] = seats / max(sums[:, m].sum(), 1e-300)
        j, worst = -1, 1e-9
        for s in range(seats):
            over = 0.0 if hopeless[s] else _over(s, none, sums, scale, price, tolerance)
            if over > worst:
                j, worst = s, over
        if j < 0:
            return
        # moves out of the seat and into it, the first of each none at all
        count = 1 + begin[j + 1] - begin[j]
        ins, enter, leave = np.full(count, -1), np.zeros(count), np.zeros(count * 64)
        outs = np.full(count * 64, -1)
        n, k = 1, 1
        for e in range(begin[j], begin[j + 1]):
            p = into[e]
            i = owner[p]
            if at[i] != p:
                ins[n], enter[n] = p, cost[p] - cost[at[i]] + _torn(i, seat[at[i]], j, near, apart, at, seat)
                n += 1
            else:
                for q in range(first[i], min(first[i + 1], first[i] + 64)):
                    if q != p:
                        outs[k], leave[k] = q, cost[q] - cost[p] + _torn(i, j, seat[q], near, apart, at, seat)
                        k += 1
        left -= n * k
        best, go, come = -1e-9, -1, -1
        for x in range(k):
            q, b, p = outs[x], -1, -1
            if q >= 0:
                b, p = seat[q], at[owner[q]]
            was_b = _over(b, none, sums, scale, price, tolerance) if b >= 0 else 0.0
            for y in range(n):
                e, c, f = ins[y], -1, -1
                gain = leave[x] + enter[y] - worst - was_b
                if gain >= best:
                    continue
                if e >= 0:
                    f = at[owner[e]]
                    c = seat[f]
                for m in range(metrics):
                    one[m] = (load[e, m] if e >= 0 else 0.0) - (load[p, m] if q >= 0 else 0.0)
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
        for p in (go, come):
            if p >= 0:
                i = owner[p]
                for m in range(metrics):
                    sums[seat[at[i]], m] -= load[at[i], m]
                    sums[seat[p], m] += load[p, m]
                hopeless[seat[at[i]]], hopeless[seat[p]] = False, False
                at[i] = p


@njit(cache=True, nogil=True)
def _torn(i: int, a: int, b: int, near: Ints, apart: Floats, at: Ints, seat: Small) -> float:
    """Change of the hours of neighbours kept apart when unit i goes from seat a to b."""
    change = 0.0
    for h in range(near.shape[1]):
        u = near[i, h]
        if u < 0:
            break
        change += 2.0 * apart[i, h] * (int(seat[at[u]] == a) - int(seat[at[u]] == b))
    return change
