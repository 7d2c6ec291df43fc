"""Territories in one piece: a split made whole on the graph of neighbours, then annealed without ever tearing a territory.

Locked units stay where they are, and a unit that no adjacent
territory may take stays outside: `outside` counts both. A unit without neighbours has no place, and is inside wherever it is.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fieldsim.luck import stream
from fieldsim.model import Bools, Ints
from fieldsim.territory.borders import land_of
from fieldsim.territory.carve import carved
from fieldsim.territory.prices import seat_scale
from fieldsim.territory.problem import Problem, Split, split_of
from fieldsim.territory.search import BEND, EXCESS, price_of


class Stage(NamedTuple):
    """One annealing: tries a slot of the units that have a choice, heats in the typical cost of a unit, prices of excess."""

    tries: int
    heats: tuple[float, float]
    prices: tuple[float, float]
    """In its final one."""


NEAR = Stage(30, (2.0, 0.02), (0.02, 5.0))
"""Where a split near the given one will do."""
FAR = (Stage(30, (100.0, 0.02), (0.3, 1.0)), Stage(40, (1000.0, 0.02), (1.0, 1.0)))
"""Where it will not: the hotter, the less is left of the given split, and balance comes first."""
LAST = Stage(10, (2.0, 0.02), (1.0, 1.0))
"""From the best of those."""
MOST_TRIES = 20_000_000
"""Tries of a stage at the most."""
INNER = 0.97


def make_whole(problem: Problem, split: Split, *, seed: int = 0, moves: int | None = None, roots: Bools | None = None) -> Split:
    """A split near the given one whose territories are in one piece each, as far as locks and slots allow.

    Where a near one is out of tolerance, ones far from it are tried. `moves` bounds the tries. With `roots` [units], which stay,
    territories may have as many pieces as they lie in: the others hang on one of these.
    """
    roots = np.zeros(problem.units, dtype=np.bool_) if roots is None else roots
    slot = _regrown(problem, split.slot, inside(problem, split.slot, roots))
    free = np.flatnonzero(~_fixed(problem)).astype(np.int64)
    if not len(free):
        return split_of(problem, slot)
    scale, land = seat_scale(problem), land_of(problem, roots)
    choices = int((problem.seat[free] >= 0).sum())

    def after(stage: Stage, first: Ints, turn: int) -> Ints:
        hot, cold = (heat * scale * problem.seats / problem.units for heat in stage.heats)
        tries = min(stage.tries * choices, MOST_TRIES if moves is None else moves)
        price, luck = EXCESS * scale * problem.weight, stream(seed, turn, "contiguity")
        kept, tolerance = inside(problem, first, roots), problem.tolerance * INNER
        return carved(land, first, kept, free, price, stage.prices, (hot, cold), tolerance, BEND, tries, luck)

    def worth(tried: Ints) -> tuple[int, float]:
        return outside(problem, tried, roots), price_of(problem, tried)

    best = min(slot, after(NEAR, slot, 0), key=worth)
    if split_of(problem, best).imbalance > problem.tolerance:
        best = min(best, *(after(stage, best, turn) for turn, stage in enumerate(FAR, 1)), key=worth)
        best = min(best, after(LAST, best, len(FAR) + 1), key=worth)
    return split_of(problem, best)


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
