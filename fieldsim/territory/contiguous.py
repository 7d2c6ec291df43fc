"""Territories in one piece: a split made whole on the graph of neighbours, then annealed without ever tearing a territory.

Islands of the graph are tied to the nearest place elsewhere. Locked units stay where they are, and a unit that no adjacent
territory may take stays outside: `outside` counts both. A unit without neighbours has no place, and is inside wherever it is.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fieldsim.compiled import inner, maker
from fieldsim.luck import philox, stream
from fieldsim.model import Bools, Floats, Ints
from fieldsim.territory.prices import seat_scale
from fieldsim.territory.problem import Problem, Split, split_of
from fieldsim.territory.search import BEND, EXCESS, price_of

TRIES = 600
"""Tries a slot of the units that have a choice."""
MOST_TRIES = 20_000_000
HEATS = (2.0, 0.02)
"""First and last heat, in the typical cost of a unit."""
STRICT = (0.02, 5.0)
"""First and last price of excess, in its final one."""
INNER = 0.97


def make_whole(problem: Problem, split: Split, *, seed: int = 0, moves: int | None = None, roots: Bools | None = None) -> Split:
    """A split near the given one whose territories are in one piece each, as far as locks and slots allow.

    With `roots` [units], which stay, territories may have as many pieces as they lie in: the others hang on one of these.
    """
    roots = np.zeros(problem.units, dtype=np.bool_) if roots is None else roots
    slot = _regrown(problem, split.slot, inside(problem, split.slot, roots))
    free = np.flatnonzero(~_fixed(problem)).astype(np.int64)
    if not len(free):
        return split_of(problem, slot)
    tries = min(TRIES * int((problem.seat[free] >= 0).sum()), MOST_TRIES) if moves is None else moves
    scale = seat_scale(problem)
    after = _anneal(
        problem.seat,
        problem.cost,
        problem.load,
        problem.near,
        problem.apart,
        slot,
        free,
        inside(problem, slot, roots),
        roots,
        problem.seats,
        EXCESS * scale * problem.weight,
        np.array(STRICT),
        np.array(HEATS) * scale * problem.seats / problem.units,
        problem.tolerance * INNER,
        tries,
        stream(seed, 0, "contiguity"),
    )
    return split_of(problem, min((slot, after), key=lambda s: (outside(problem, s, roots), price_of(problem, s))))


def outside(problem: Problem, slot: Ints, roots: Bools | None = None) -> int:
    """Units outside the largest piece of their territory, and outside those with `roots`; 0 is full contiguity."""
    return int((~inside(problem, slot, np.zeros(problem.units, dtype=np.bool_) if roots is None else roots)).sum())


def inside(problem: Problem, slot: Ints, roots: Bools) -> Bools:
    """Whether each unit is in the largest piece of its territory or in one with a root, or has no place."""
    seat = _seats(problem, slot)
    piece = pieces(problem.near, seat, problem.seats)
    group = piece * problem.seats + seat
    held: Bools = np.bincount(group, roots, int(group.max()) + 1)[group] > 0
    rooted = np.bincount(seat, roots, problem.seats)[seat] > 0
    found: Bools = held | (~rooted & (piece == 0)) | (problem.near < 0).all(axis=1)
    return found


def bridged(problem: Problem, place: Floats) -> Problem:
    """The problem with each island of its graph tied to the nearest unit elsewhere; `place` has shape [units, 3], metres."""
    from scipy.spatial import cKDTree

    while True:
        island = pieces(problem.near, np.zeros(problem.units, dtype=np.int64), 1)
        if not island.any():
            return problem
        inside, elsewhere = np.flatnonzero(island == island.max()), np.flatnonzero(island != island.max())
        away, other = cKDTree(place[elsewhere]).query(place[inside])
        k = int(np.argmin(away))
        a, b = int(inside[k]), int(elsewhere[np.asarray(other, dtype=np.int64)[k]])
        near = np.hstack((problem.near, np.full((problem.units, 1), -1, dtype=np.int64)))
        for one, two in ((a, b), (b, a)):
            near[one, int((near[one] >= 0).sum())] = two
        apart = np.hstack((problem.apart, np.zeros((problem.units, 1))))
        problem = replace(problem, near=near, apart=apart)


def pieces(near: Ints, seat: Ints, seats: int) -> Ints:
    """Number of the piece of its territory that each unit is in, 0 for the largest, shape [units]."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    rows, columns = np.nonzero(near >= 0)
    beside = near[rows, columns]
    same = seat[rows] == seat[beside]
    graph = coo_array((np.ones(int(same.sum())), (rows[same], beside[same])), shape=(len(seat), len(seat)))
    label = connected_components(graph, directed=False)[1]
    size = np.bincount(label)
    first = np.full(len(size), len(seat))
    np.minimum.at(first, label, np.arange(len(seat)))
    owner = np.zeros(len(size), dtype=np.int64)
    owner[label] = seat
    number = np.zeros(len(size), dtype=np.int64)
    count = np.zeros(seats, dtype=np.int64)
    for k in np.lexsort((first, -size)).tolist():
        number[k] = count[owner[k]]
        count[owner[k]] += 1
    found: Ints = number[label]
    return found


def _seats(problem: Problem, slot: Ints) -> Ints:
    seats: Ints = problem.seat[np.arange(problem.units), slot]
    return seats


def _regrown(problem: Problem, slot: Ints, kept: Bools) -> Ints:
    """Units that are not `kept` inside go to an adjacent territory, cheapest first, until nothing more can."""
    slot = slot.copy()
    where = np.where(kept | _fixed(problem), _seats(problem, slot), -1)
    lost = np.flatnonzero(where < 0)
    while len(lost):
        beside = np.where(problem.near[lost] >= 0, where[problem.near[lost]], -1)
        reach = (problem.seat[lost][:, :, None] == beside[:, None, :]).any(axis=2) & (problem.seat[lost] >= 0)
        price = np.where(reach, problem.cost[lost] - problem.cost[lost].min(axis=1, keepdims=True), np.inf)
        k = int(np.argmin(price.min(axis=1)))
        if not np.isfinite(price[k]).any():
            break
        unit, slot[lost[k]] = int(lost[k]), int(price[k].argmin())
        where[unit] = problem.seat[unit, slot[unit]]
        lost = np.delete(lost, k)
    return slot


def _fixed(problem: Problem) -> Bools:
    """Units with one slot."""
    fixed: Bools = (problem.seat >= 0).sum(axis=1) == 1
    return fixed


@inner
def _stays_whole(i: int, near: Ints, where: Ints, inside: Bools, roots: Bools, mark: Ints, queue: Ints, turn: int) -> bool:
    """Whether unit i's neighbours in its own territory still hang together, or each on a root, when it leaves."""
    if not inside[i]:
        return True
    own, held, loose = where[i], False, 0
    for h in range(near.shape[1]):
        u = near[i, h]
        if u >= 0 and where[u] == own and inside[u]:
            if roots[u]:
                held = True
            else:
                mark[u] = -turn
                loose += 1
    if loose == 0:
        return held  # the last unit of a territory stays
    mark[i], parts = turn, 0
    for h in range(near.shape[1]):
        start = near[i, h]
        if start < 0 or mark[start] != -turn:
            continue
        mark[start], queue[0], head, tail, rooted = turn, start, 0, 1, False
        loose -= 1
        while head < tail and not (loose == 0 and parts == 0 and not held):
            v = queue[head]
            head += 1
            for k in range(near.shape[1]):
                u = near[v, k]
                if u < 0 or where[u] != own or not inside[u]:
                    continue
                rooted |= roots[u]
                if mark[u] != turn and not roots[u]:
                    if mark[u] == -turn:
                        loose -= 1
                    mark[u] = turn
                    queue[tail] = u
                    tail += 1
        parts += 1
        if not rooted and (held or parts > 1 or loose > 0):
            return False
    return True


@inner
def _charge(load: float, tolerance: float) -> float:
    over = max(0.0, abs(load - 1.0) - tolerance)
    return over + BEND * over * over


@maker
def _anneal(
    seat: Ints,
    cost: Floats,
    load: Floats,
    near: Ints,
    apart: Floats,
    slot: Ints,
    free: Ints,
    inside: Bools,
    roots: Bools,
    seats: int,
    penalty: Floats,
    strict: Floats,
    heats: Floats,
    tolerance: float,
    tries: int,
    luck: np.uint64,
) -> Ints:
    """Slots after so many tries to give one of the `free` units to a territory beside it.

    `inside` marks each territory's piece, which grows at its border only and is never torn; so no more units are outside after.
    """
    units, slots, metrics = load.shape
    slot, where, inside = slot.copy(), np.empty(units, dtype=np.int64), inside.copy()
    sums, scale = np.zeros((seats, metrics)), np.ones(metrics)
    mark, queue = np.zeros(units, dtype=np.int64), np.empty(units + 1, dtype=np.int64)
    for i in range(units):
        where[i] = seat[i, slot[i]]
        sums[where[i]] += load[i, slot[i]]
    low, none, unit = np.uint64(0xFFFFFFFF), np.uint64(0), 1.0 / 4294967296.0
    heat, hard = heats[0], strict[0]
    for step in range(tries):
        if step % 1024 == 0:
            part = step / tries
            heat, hard = heats[0] * (heats[1] / heats[0]) ** part, strict[0] * (strict[1] / strict[0]) ** part
            for m in range(metrics):
                scale[m] = seats / max(sums[:, m].sum(), 1e-300)
        r0, r1, r2, _ = philox(luck, np.uint64(step) & low, np.uint64(step) >> np.uint64(32), none, none)
        i = free[int(float(r0) * unit * len(free))]
        u = near[i, int(float(r1) * unit * near.shape[1])]
        if u < 0 or where[u] == where[i] or not inside[u]:
            continue
        a, b, to = where[i], where[u], -1
        for s in range(slots):
            if seat[i, s] == b:
                to = s
        if to < 0:
            continue
        change = cost[i, to] - cost[i, slot[i]]
        for h in range(near.shape[1]):
            v = near[i, h]
            if v >= 0:
                change += 2.0 * apart[i, h] * (int(where[v] == a) - int(where[v] == b))
        for m in range(metrics):
            x, y, f = sums[a, m], sums[b, m], scale[m]
            after = _charge((x - load[i, slot[i], m]) * f, tolerance) + _charge((y + load[i, to, m]) * f, tolerance)
            change += penalty[m] * hard * (after - _charge(x * f, tolerance) - _charge(y * f, tolerance))
        if change > 0.0 and (float(r2) + 0.5) * unit >= np.exp(-change / heat):
            continue
        if not _stays_whole(i, near, where, inside, roots, mark, queue, step + 1):
            continue
        sums[a] -= load[i, slot[i]]
        sums[b] += load[i, to]
        slot[i], where[i], inside[i] = to, b, True
    return slot
