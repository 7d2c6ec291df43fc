"""How good a split can be at best: a lower bound on hours that no design within the tolerance can beat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from fieldsim.model import Floats, Ints
from fieldsim.territory.prices import STEPS, Dual, dual_value, first_point
from fieldsim.territory.problem import Problem

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


def lower_bound(problem: Problem) -> Bound:
    """The bound by the linear relaxation for up to 5,000 units, by the price dual beyond.

    Deviations are from the mean over seats, which is itself a variable. Hours of torn neighbours are at least zero and left out.
    """
    if problem.units <= EXACT_UNITS:
        return _linear(problem)
    point, dual, best = first_point(problem), Dual(problem), 0.0
    for heat in COOLER:  # any prices bound from below, so the best ones on the way count
        point = dual.climb(point, heat, STEPS if problem.units <= MANY else MANY_STEPS)
        best = max(best, dual_value(problem, dual.prices(point)))
    return Bound(best, "dual")


def _linear(problem: Problem) -> Bound:
    """Least cost over fractions x of slots and mean loads z: units whole, z the mean seat, seats within z (1 ± tolerance)."""
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
            limit.append((first + np.arange(seats), z, np.full(seats, -sign - problem.tolerance)))
    cost = np.concatenate((problem.cost[rows, slots], np.zeros(metrics)))
    value = np.concatenate((np.ones(problem.units), np.zeros(metrics)))
    sizes = (2 * metrics * seats, count + metrics), (problem.units + metrics, count + metrics)
    found: Any = linprog(
        cost, sparse(limit, sizes[0]), np.zeros(sizes[0][0]), sparse(whole, sizes[1]), value, bounds=(0, None), method="highs"
    )
    return Bound(float(found.fun), "linear") if found.status == 0 else Bound(float("nan"), "linear", feasible=False)


def sparse(parts: list[tuple[Ints, Ints, Floats]], shape: tuple[int, int]) -> Any:
    """A sparse matrix from rows, columns and values; what meets in a cell adds up."""
    from scipy.sparse import coo_array

    row, column, value = (np.concatenate([part[k] for part in parts]) for k in range(3))
    return coo_array((value, (row, column)), shape=shape).tocsr()
