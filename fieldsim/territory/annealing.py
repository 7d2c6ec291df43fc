"""Shifts and chains of units between seats by simulated annealing, over the few slots of a unit that prices leave open.

A try moves a unit to another seat, and most tries let a third unit take its place: a swap, or a chain through three seats.
Excess over the tolerance is charged in proportion, each seat at a price of its own that rises while the seat is out of
tolerance (the method of multipliers), and by its square, which rises for all while the heat falls.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fieldsim.compiled import inner, maker
from fieldsim.luck import philox
from fieldsim.model import Bools, Floats, Ints
from fieldsim.territory.mend import Small, Whole, mend

RISE, FADE = 1.1, 0.97
"""How the price of a seat's excess changes at each of 200 looks, while it is out of tolerance and while it is not."""
CHAINS = 0.8
"""Share of tries in which another unit takes the place of the one that leaves."""
FOCUS = 0.3
"""Share of tries that start from a seat out of tolerance, while there is one."""


class Open(NamedTuple):
    """The slots left open, unit by unit, and the same by the seat they lead to."""

    first: Ints
    """Where each unit's slots begin, shape [units + 1]."""
    owner: Small
    slot: Small
    """Slot of the problem."""
    seat: Small
    cost: Floats
    load: Floats
    begin: Ints
    """Where each seat's entries in `into` begin, shape [seats + 1]."""
    into: Small
    """Slots by the seat they lead to, of units that have a choice."""


def open_slots(seat: Ints, cost: Floats, load: Floats, keep: Bools, seats: int) -> Open:
    """The slots marked in `keep` [units, slots] in a row."""
    owner, slot = (part.astype(np.int32) for part in np.nonzero(keep))
    count = keep.sum(axis=1)
    first = np.concatenate(([0], np.cumsum(count))).astype(np.int64)
    where = seat[keep].astype(np.int32)
    choice = np.flatnonzero(count[owner] > 1)
    into = choice[np.argsort(where[choice], kind="stable")].astype(np.int32)
    begin = np.concatenate(([0], np.cumsum(np.bincount(where[choice], minlength=seats)))).astype(np.int64)
    return Open(first, owner, slot, where, cost[keep], np.ascontiguousarray(load[keep]), begin, into)


@inner
def excess(load: float, tolerance: float, line: float, square: float) -> float:
    """The price of a load, mean 1, as far as it is out of tolerance."""
    over = max(0.0, abs(load - 1.0) - tolerance)
    return line * over + square * over * over


@inner
def _apart_change(i: Whole, a: Whole, b: Whole, skip: Whole, near: Ints, apart: Floats, where: Small) -> float:
    """Change of the hours of neighbours kept apart when unit i goes from seat a to b, `skip` left out."""
    change = 0.0
    for h in range(near.shape[1]):
        u = near[i, h]
        if u < 0:
            break
        if u != skip:
            change += 2.0 * apart[i, h] * (int(where[u] == a) - int(where[u] == b))
    return change


@inner
def _hope(i: Whole, near: Ints, apart: Floats, where: Small) -> float:
    """The least change of hours of neighbours kept apart when unit i leaves: all that are elsewhere are where it goes."""
    least = 0.0
    for h in range(near.shape[1]):
        u = near[i, h]
        if u < 0:
            break
        least += 2.0 * apart[i, h] * (1.0 if where[u] == where[i] else -1.0)
    return least


@inner
def _told(i: Whole, a: Whole, b: Whole, near: Ints, apart: Floats, where: Small, hope: Floats) -> None:
    """Unit i has gone from seat a to b: what that changes for the hopes of its neighbours and its own."""
    for h in range(near.shape[1]):
        u = near[i, h]
        if u < 0:
            break
        hope[u] += 4.0 * apart[i, h] * (int(where[u] == b) - int(where[u] == a))
    hope[i] = _hope(i, near, apart, where)


@inner
def _charge(j: Whole, sums: Floats, scale: Floats, tolerance: float, line: Floats, square: Floats) -> float:
    """The price of what seat j is out of tolerance."""
    total = 0.0
    for m in range(len(scale)):
        total += excess(sums[j, m] * scale[m], tolerance, line[j, m], square[m])
    return total


@maker
def anneal(
    slots: Open,
    at: Ints,
    near: Ints,
    apart: Floats,
    line: Floats,
    most: Floats,
    square: Floats,
    harder: float,
    heat: float,
    cooler: float,
    tolerance: float,
    tries: int,
    luck: np.uint64,
) -> Ints:
    """The open slot of each unit after `tries`, from `at`; over them squares grow by `harder` and the heat falls by `cooler`.

    `line` [seats, metrics] and `square` [metrics] are the prices of excess, `most` [metrics] the highest of a line. A try whose
    cost cannot be made up for by all the excess and all the torn neighbours there are is refused before they are looked at.
    """
    first, owner, _, seat, cost, load, begin, into = slots
    at, least, line, square = at.copy(), line, line.copy(), square.copy()
    units, (seats, metrics) = len(at), line.shape
    sums, scale, charge = np.zeros((seats, metrics)), np.ones(metrics), np.zeros(seats)
    where = np.empty(units, dtype=np.int32)
    for u in range(units):
        where[u] = seat[at[u]]
        for m in range(metrics):
            sums[where[u], m] += load[at[u], m]
    mixing, hope = bool(apart.max() > 0.0), np.zeros(units)
    for u in range(units if mixing else 0):
        hope[u] = _hope(u, near, apart, where)
    bad, count = np.empty(seats, dtype=np.int64), 0
    look = 1024 * max(1, tries // (200 * 1024))
    low, none, unit = np.uint64(0xFFFFFFFF), np.uint64(0), 1.0 / 4294967296.0
    for step in range(tries):
        if step % 1024 == 0:
            if step > 0:
                heat *= cooler ** (1024.0 / tries)
                square *= harder ** (1024.0 / tries)
            count = 0
            for m in range(metrics):
                scale[m] = seats / max(sums[:, m].sum(), 1e-300)
            for j in range(seats):
                out = False
                for m in range(metrics):
                    over = abs(sums[j, m] * scale[m] - 1.0) > tolerance
                    out |= over
                    if step % look == 0 and step > 0:
                        line[j, m] = min(line[j, m] * RISE, most[m]) if over else max(least[j, m], line[j, m] * FADE)
                if out and begin[j + 1] > begin[j]:
                    bad[count] = j
                    count += 1
                charge[j] = _charge(j, sums, scale, tolerance, line, square)
        r0, r1, r2, r3 = philox(luck, np.uint64(step) & low, np.uint64(step) >> np.uint64(32), none, none)
        x, kind = float(r0) * unit, float(r1) * unit
        if kind < FOCUS and count > 0:
            j = bad[int(kind / FOCUS * count)]
            p = np.int64(into[begin[j] + int(x * (begin[j + 1] - begin[j]))])
            if r3 & np.uint64(1):  # out of the seat instead of into it
                i = np.int64(owner[p])
                if where[i] != j:
                    continue
                p = first[i] + int(float(r3 >> np.uint64(1)) * 2.0 * unit * (first[i + 1] - first[i]))
        else:
            p = np.int64(into[int(x * len(into))])
        i = np.int64(owner[p])
        q = at[i]
        if p == q:
            continue
        a, b, c, o = np.int64(seat[q]), np.int64(seat[p]), np.int64(-1), np.int64(-1)
        new, old = np.int64(-1), np.int64(-1)
        bound = -heat * np.log((float(r3) + 0.5) * unit)
        change = cost[p] - cost[q] - charge[a] - charge[b]
        change += hope[i]
        if float(r2 & np.uint64(0xFFFF)) < CHAINS * 65536.0:
            if begin[a + 1] == begin[a]:
                continue
            new = np.int64(into[begin[a] + int(float(r2 >> np.uint64(16)) / 65536.0 * (begin[a + 1] - begin[a]))])
            o = np.int64(owner[new])
            old = at[o]
            c = np.int64(seat[old])
            if o == i or c == a:
                continue
            change += cost[new] - cost[old] - (charge[c] if c != b else 0.0)
            change += hope[o]
        if change > bound:
            continue
        for m in range(metrics):
            f = scale[m]
            left, taken = sums[a, m] - load[q, m], sums[b, m] + load[p, m]
            if o >= 0:
                left += load[new, m]
                if c == b:
                    taken -= load[old, m]
                else:
                    change += excess((sums[c, m] - load[old, m]) * f, tolerance, line[c, m], square[m])
            change += excess(left * f, tolerance, line[a, m], square[m]) + excess(taken * f, tolerance, line[b, m], square[m])
        if change > bound:
            continue
        if mixing:
            change += _apart_change(i, a, b, o, near, apart, where) - hope[i]
            if o >= 0:  # the two themselves are in different seats before and after
                change += _apart_change(o, c, a, i, near, apart, where) - hope[o]
            if change > bound:
                continue
        for m in range(metrics):
            sums[a, m] -= load[q, m]
            sums[b, m] += load[p, m]
            if o >= 0:
                sums[c, m] -= load[old, m]
                sums[a, m] += load[new, m]
        at[i], where[i] = p, b
        if mixing:
            _told(i, a, b, near, apart, where, hope)
        charge[a] = _charge(a, sums, scale, tolerance, line, square)
        charge[b] = _charge(b, sums, scale, tolerance, line, square)
        if o >= 0:
            at[o], where[o] = new, a
            if mixing:
                _told(o, c, a, near, apart, where, hope)
            charge[c] = _charge(c, sums, scale, tolerance, line, square)
    mend(first, owner, seat, cost, load, begin, into, at, near, apart, most, tolerance)
    return at
