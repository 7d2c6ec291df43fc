"""A proof of how many whole accounts have to move at least before every seat is within the tolerance.

Fractions of accounts bend two loads a seat for nothing. So an integer program for each seat alone says how many of its own
accounts and of others must at least leave and enter it before both its loads fit, and the relaxation of all seats heeds that. How
much a seat may hold depends on the mean of all, which moves with every account: the range that it can be in is cut into pieces,
the piece of the lowest floor again and again, and the lowest floor of all pieces holds.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Any, NamedTuple

import numpy as np

from fieldsim.model import Floats, Ints
from fieldsim.territory.bound import sparse
from fieldsim.territory.problem import Problem

PIECES = 9
"""Pieces of the range of mean loads looked at."""
WEIGHTS = ((1, 1), (1, 0), (0, 1))
"""What an account counts that leaves a seat and one that enters it: each seat has its least sum for each of these."""
LOOSE = 0.2
"""Tolerance from which the first node of an integer program of all seats is tried too: where few move, its cuts go further."""
SLACK = 1e-7
"""Loads by which sums may miss a limit, so that rounding decides nothing."""


class Columns(NamedTuple):
    """Moves of a problem: units, the seats they leave and enter, loads there, shape [moves, metrics], and what seats hold now."""

    unit: Ints
    leaves: Ints
    enters: Ints
    taken: Floats
    given: Floats
    base: Floats
    """Shape [seats, metrics]."""


class Need(NamedTuple):
    """Moves out of a seat and into it, what each counts, and the least that their sum must be."""

    out: Ints
    into: Ints
    leave: int
    enter: int
    least: float


def whole_moves(problem: Problem, most: float) -> float:
    """A bound on the moves, 1 each, of whole units out of their cheapest slots; no more than `most`, the moves of an answer.

    Infinite where there is no answer of so many.
    """
    columns = _columns(problem)
    means = _ends(problem, columns, np.tile([0.0, np.inf], (columns.base.shape[1], 1)), [], most)
    needs = _needs(problem, columns, means) if np.isfinite(means).all() else None
    if needs is None:
        return np.inf
    means = _ends(problem, columns, means, needs, most)  # what every answer needs narrows where its means can be
    heap: list[tuple[float, int, Floats]] = [(_floor(problem, columns, means), 0, means)]
    for turn in range(1, PIECES, 2):
        floor, _, piece = heap[0]
        if floor > most - 1.0 + 1e-6:
            break
        heappop(heap)
        wide = int((piece[:, 1] - piece[:, 0]).argmax())
        for side in range(2):
            half = piece.copy()
            half[wide, 1 - side] = piece[wide].mean()
            heappush(heap, (max(floor, _floor(problem, columns, half)), turn + side, half))
    floor = heap[0][0]
    if problem.tolerance >= LOOSE and floor <= most - 1.0:
        floor = max(floor, _cut(problem, columns, means, needs))
    return float(min(most, np.ceil(floor - 1e-6)))


def _columns(problem: Problem) -> Columns:
    home, rows = problem.cost.argmin(axis=1), np.arange(problem.units)
    here, load = problem.seat[rows, home], problem.load[rows, home]
    unit, slot = np.nonzero((problem.seat >= 0) & (np.arange(problem.seat.shape[1]) != home[:, None]))
    base: Floats = np.stack([np.bincount(here, load[:, m], problem.seats) for m in range(load.shape[1])], axis=1)
    return Columns(unit, here[unit], problem.seat[unit, slot], load[unit], problem.load[unit, slot], base)


def _ends(problem: Problem, columns: Columns, means: Floats, needs: list[Need], most: float) -> Floats:
    """Between what each mean load must be with at most so many moves, shape [metrics, 2]."""
    ends = [
        [sign * _relaxed(problem, columns, means, needs, (sign, metric), most) for sign in (1.0, -1.0)]
        for metric in range(len(means))
    ]
    found: Floats = np.array(ends) + np.array((-SLACK, SLACK))
    return found


def _floor(problem: Problem, columns: Columns, means: Floats) -> float:
    """The relaxation with every seat's own needs, mean loads between the given ends; infinite where that cannot be."""
    needs = _needs(problem, columns, means)
    return np.inf if needs is None else _relaxed(problem, columns, means, needs)


def _needs(problem: Problem, columns: Columns, means: Floats) -> list[Need] | None:
    """What seats need, each alone, with mean loads between the given ends; None where one cannot be within the tolerance."""
    needs = []
    low, high = (1.0 - problem.tolerance) * means[:, 0], (1.0 + problem.tolerance) * means[:, 1]
    for j in range(problem.seats):
        out, into = np.flatnonzero(columns.leaves == j), np.flatnonzero(columns.enters == j)
        once = out[np.unique(columns.unit[out], return_index=True)[1]]
        loads = np.concatenate((-columns.taken[once], columns.given[into]))
        for leave, enter in WEIGHTS:
            price = np.repeat((float(leave), float(enter)), (len(once), len(into)))
            least = _least(price, loads, low - columns.base[j], high - columns.base[j])
            if least == np.inf:
                return None
            if least > 0.0:
                needs.append(Need(out, into, leave, enter, least))
    return needs


def _least(price: Floats, loads: Floats, low: Floats, high: Floats) -> float:
    """The least sum of whole prices of items whose loads add up to something between two ends."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    if (low <= SLACK).all() and (high >= -SLACK).all():
        return 0.0
    limits = LinearConstraint(loads.T, low - SLACK, high + SLACK)
    found = milp(price, integrality=np.ones(len(price), dtype=np.int64), bounds=Bounds(0.0, 1.0), constraints=[limits])
    if found.status == 2:
        return np.inf
    return float(np.ceil(found.mip_dual_bound - 1e-6)) if found.mip_dual_bound is not None else 0.0


def _relaxed(
    problem: Problem,
    columns: Columns,
    means: Floats,
    needs: list[Need],
    end: tuple[float, int] | None = None,
    most: float = np.inf,
) -> float:
    """The least moves by fractions of units, or with a sign and a metric that end of its mean load with at most so many moves."""
    from scipy.optimize import linprog

    count, metrics = len(columns.unit), len(means)
    solver: Any = linprog
    rows, limit, equal, value = _limits(problem, columns, needs, most if end else float(problem.units))
    cost = np.concatenate((np.ones(count), np.zeros(metrics)))
    if end:
        cost = np.where(np.arange(count + metrics) == count + end[1], end[0], 0.0)
    bounds = np.concatenate((np.tile([0.0, np.inf], (count, 1)), means))
    found = solver(cost, rows, limit, equal, value, bounds=bounds, method="highs")
    return float(found.fun) if found.status == 0 else np.inf


def _cut(problem: Problem, columns: Columns, means: Floats, needs: list[Need]) -> float:
    """The relaxation after the cuts of an integer program's first node."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    count, metrics = len(columns.unit), len(means)
    rows, limit, equal, value = _limits(problem, columns, needs, float(problem.units))
    kind = np.repeat((1, 0), (count, metrics))
    found = milp(
        kind.astype(np.float64),
        integrality=kind,
        bounds=Bounds(np.append(np.zeros(count), means[:, 0]), np.append(np.ones(count), means[:, 1])),
        constraints=[LinearConstraint(rows, -np.inf, limit), LinearConstraint(equal, value, value)],
        options={"node_limit": 1},
    )
    return float(found.mip_dual_bound) if found.mip_dual_bound is not None else 0.0


def _limits(problem: Problem, columns: Columns, needs: list[Need], most: float) -> tuple[Any, Floats, Any, Floats]:
    """Limits of seats, units, needs and all moves, and the equations of the mean loads, whose columns come last."""
    count, seats, metrics, x = len(columns.unit), problem.seats, columns.base.shape[1], np.arange(len(columns.unit))
    every, parts, limit, equal = np.arange(seats), [], [], []
    for m in range(metrics):
        for side, sign in enumerate((1.0, -1.0)):
            first = (2 * m + side) * seats
            parts.append((first + columns.enters, x, sign * columns.given[:, m]))
            parts.append((first + columns.leaves, x, -sign * columns.taken[:, m]))
            parts.append((first + every, np.full(seats, count + m), np.full(seats, -sign - problem.tolerance)))
            limit.append(SLACK - sign * columns.base[:, m])
        equal.append((np.full(count, m), x, columns.given[:, m] - columns.taken[:, m]))
        equal.append((np.array([m]), np.array([count + m]), np.array([-float(seats)])))
    row = 2 * metrics * seats
    parts.append((row + columns.unit, x, np.ones(count)))
    limit.append(np.ones(problem.units))
    row += problem.units
    for k, (out, into, leave, enter, least) in enumerate(needs):
        parts.append((np.full(len(out), row + k), out, np.full(len(out), -float(leave))))
        parts.append((np.full(len(into), row + k), into, np.full(len(into), -float(enter))))
        limit.append(np.array([-least]))
    row += len(needs)
    parts.append((np.full(count, row), x, np.ones(count)))
    limit.append(np.array([most]))
    wide = count + metrics
    return sparse(parts, (row + 1, wide)), np.concatenate(limit), sparse(equal, (metrics, wide)), -columns.base.sum(axis=0)
