"""How good a split can be at best: a lower bound on hours that no design within the tolerance can beat."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from fieldsim.model import Bools, Floats, Ints
from fieldsim.territory.prices import STEPS, Dual, dual_value, first_point
from fieldsim.territory.problem import Problem, split_of

EXACT_UNITS = 5_000
"""Up to so many units the linear relaxation is solved; beyond, its dual bounds it."""
COOLER = (0.03, 0.01, 0.003)
"""Heats of the dual, in the typical cost of a unit: the cooler, the closer to the relaxation."""
MANY, MANY_STEPS = 100_000, 10
"""Problems of more units climb fewer steps a heat."""


@dataclass(frozen=True)
class Bound:
    """Hours below which no split within the tolerance can be; `feasible` is False where even fractions of units cannot comply."""

    hours: float
    kind: Literal["linear", "dual"]
    feasible: bool = True
    as_even: bool = False
    """It holds for splits that are nowhere further off than a given one, which is out of tolerance."""


ROOM = 1e-9
"""What a given split's own deviations are widened by, so that rounding does not exclude it."""


def lower_bound(problem: Problem, slot: Ints | None = None) -> Bound:
    """The bound by the linear relaxation for up to 5,000 units, by the price dual beyond.

    Deviations are from the mean over seats, which is itself a variable. Seats that no choice changes are as they are, and no
    limit holds for them. With `slot` [units], a split, seats may be as far off as there, on either side of each metric: no split
    as even as that one is below the bound. Hours of torn neighbours are at least zero and left out.
    """
    room = np.full((2, problem.seats, problem.load.shape[2]), problem.tolerance)
    if slot is not None:
        loads = split_of(problem, slot).loads
        off = loads / loads.mean(axis=0) - 1.0
        room = np.maximum(room, np.stack((off, -off)) + ROOM)
    settled = _settled(problem)
    widest = float(room[:, ~settled].max(initial=problem.tolerance))
    as_even = widest > problem.tolerance + 2.0 * ROOM
    if problem.units <= EXACT_UNITS:
        return replace(_linear(problem, room, ~settled), as_even=as_even)
    problem = replace(problem, tolerance=widest)
    dual, best = Dual(problem), 0.0
    dual.high[settled] = 0.0
    point = np.clip(first_point(problem), -dual.high, dual.high)
    for heat in COOLER:  # any prices bound from below, so the best ones on the way count
        point = dual.climb(point, heat, STEPS if problem.units <= MANY else MANY_STEPS)
        best = max(best, dual_value(problem, dual.prices(point)))
    return Bound(best, "dual", as_even=as_even)


def _settled(problem: Problem) -> Bools:
    """Seats that no unit with a choice may go to."""
    free = (problem.seat >= 0).sum(axis=1) > 1
    open_to = problem.seat[free]
    settled = np.ones(problem.seats, dtype=np.bool_)
    settled[open_to[open_to >= 0]] = False
    return settled


def _linear(problem: Problem, room: Floats, limited: Bools) -> Bound:
    """Least cost over fractions x of slots and mean loads z: units whole, z the mean seat, limited seats within z (1 ± room)."""
    from scipy.optimize import linprog

    rows, slots = np.nonzero(problem.seat >= 0)
    seat, load = problem.seat[rows, slots], problem.load[rows, slots]
    count, metrics, seats = len(rows), load.shape[1], problem.seats
    x = np.arange(count)
    whole = [(rows, x, np.ones(count))]
    limit = []
    for m in range(metrics):
        z = np.full(seats, count + m)
        whole.append((np.full(count, problem.units + m), x, load[:, m]))
        whole.append((np.array([problem.units + m]), z[:1], np.array([-float(seats)])))
        for side, sign in enumerate((1.0, -1.0)):
            first = (2 * m + side) * seats
            limit.append((first + seat, x, sign * load[:, m]))
            limit.append((first + np.arange(seats), z, -sign - room[side, :, m]))
    cost = np.concatenate((problem.cost[rows, slots], np.zeros(metrics)))
    value = np.concatenate((np.ones(problem.units), np.zeros(metrics)))
    limits = sparse(limit, (2 * metrics * seats, count + metrics))[np.tile(limited, 2 * metrics)]
    equal = sparse(whole, (problem.units + metrics, count + metrics))
    found: Any = linprog(cost, limits, np.zeros(limits.shape[0]), equal, value, bounds=(0, None), method="highs")
    return Bound(float(found.fun), "linear") if found.status == 0 else Bound(float("nan"), "linear", feasible=False)


def sparse(parts: list[tuple[Ints, Ints, Floats]], shape: tuple[int, int]) -> Any:
    """A sparse matrix from rows, columns and values; what meets in a cell adds up."""
    from scipy.sparse import coo_array

    row, column, value = (np.concatenate([part[k] for part in parts]) for k in range(3))
    return coo_array((value, (row, column)), shape=shape).tocsr()
