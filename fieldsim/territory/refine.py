"""Improves a split that leaves most units at home: few moves, chosen by a relaxation and exchanged for better ones.

Where every move costs about the same, annealing gathers moves that no single step undoes. The linear relaxation, with a price of
excess where the tolerance cannot be met and with the budgets, says which moves are worth a thought: those of least reduced cost.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from fieldsim.luck import stream
from fieldsim.model import Bools, Floats, Ints
from fieldsim.territory.away import Moves, Prices, moves_of
from fieldsim.territory.bound import EXACT_UNITS, sparse
from fieldsim.territory.exchange import exchange
from fieldsim.territory.prices import priced_cost, seat_scale
from fieldsim.territory.problem import Problem, split_of
from fieldsim.territory.settle import settle

FEW = 0.15
"""Largest share of units away from their cheapest slot for which a split is worth refining."""
LEAST = 3_000_000
"""Searches of fewer tries are not refined."""
MOST, EACH = 4_000, 100
"""Moves thought of: so many, or so many a seat."""
LINE, SQUARE = 0.35, 0.5
"""First prices of a full load of excess and of its square, in the highest price of the relaxation; the last are the answer's."""
HEATS = ((0.4, 0.05), (1.0, 0.1))
"""First and last heat of two starts, in typical costs of a move; the last search, from the best of them, has the second's."""
STEEP = 0.3
"""First heat of the second start in the price of a mean unit of excess, for large units and answers out of tolerance."""
LOOSE = 1e-3
"""Least price of a full load of excess, in what it costs the answer: for where the tolerance binds nobody yet."""
FINE = 0.1
"""Least price of what a mean unit uses of a budget, in typical costs of a move."""
INNER = 0.9999
"""Part of the tolerance used, so that the last digit of a sum decides nothing."""
STEPS = (0.02, 0.1, 0.3, 1.0)
"""Excess at which the price of excess is bent in the relaxation."""


class Excess(NamedTuple):
    """What a full load of excess over the tolerance costs an answer, and the square of a full load, hours."""

    line: float
    square: float


class Budgets(NamedTuple):
    """What moves may use: `use` [units, slots, budgets] and no more than `cap` [budgets] in all."""

    use: Floats
    cap: Floats


class Relaxed(NamedTuple):
    """The relaxation's answer: what is left of each slot's cost, prices of excess and of budgets, cost of a typical move."""

    reduced: Floats
    """Shape [units, slots], infinite behind the last slot."""
    excess: float
    """The highest price of a load."""
    budget: Floats
    typical: float
    load: Floats
    """The price of a load by seat and metric, whichever way it is out of balance, shape [seats, metrics]."""
    away: float
    """Units away from home, fractions added up."""


def worth_refining(problem: Problem, slot: Ints, tries: int) -> bool:
    """Whether the split is one of few moves, small enough, and searched for long enough."""
    away = slot != problem.cost.argmin(axis=1)
    small = problem.units <= EXACT_UNITS and problem.seats > 1
    return small and tries >= LEAST and 0 < int(away.sum()) <= FEW * problem.units


def refine(problem: Problem, slot: Ints, tries: int, excess: Excess, seed: int = 0) -> list[Ints]:
    """Splits, as slots, of fewer moves away from where each unit is cheapest, `slot` the first of them."""
    home = problem.cost.argmin(axis=1).astype(np.int64)
    return few_moves(problem, home, slot, excess, tries, seed=seed)


def few_moves(
    problem: Problem, home: Ints, start: Ints, excess: Excess, tries: int, *, budgets: Budgets | None = None, seed: int = 0
) -> list[Ints]:
    """Splits, as slots, of few units away from `home`; none costs more than `start`, which keeps to the budgets."""
    budgets = budgets or Budgets(np.zeros((*problem.seat.shape, 0)), np.zeros(0))
    relaxed = relax(problem, home, excess, budgets)
    unit, slot = promising(problem, home, start, relaxed)
    if not len(unit):
        return [start]
    moves = moves_of(problem, home, unit, slot, budgets.use)
    at = len(unit) + np.arange(problem.units)
    listed = start[unit] == slot
    at[unit[listed]] = np.flatnonzero(listed)
    search = _search(problem, moves, excess, relaxed, budgets, max(1, tries // (len(HEATS) + 1)))
    heats = [(hot * relaxed.typical, cold * relaxed.typical) for hot, cold in HEATS]
    found = [search(at, *heats[0], False, stream(seed, 0, "few moves"))]
    mean = problem.seats / problem.units
    if max(split_of(problem, moves.slot[found[0]]).imbalance, mean) > problem.tolerance:
        heats[1] = (max(heats[1][0], STEEP * excess.line * mean), heats[1][1])
    found.append(search(at, *heats[1], False, stream(seed, 1, "few moves")))
    best = min(found, key=lambda column: _price(problem, moves.slot[column], excess))
    found.append(search(best, *heats[1], True, stream(seed, 2, "few moves")))
    return [start, *(moves.slot[column] for column in found)]


def _search(
    problem: Problem, moves: Moves, excess: Excess, relaxed: Relaxed, budgets: Budgets, tries: int
) -> Callable[[Ints, float, float, bool, np.uint64], Ints]:
    """A search from columns between two heats, with prices of excess that rise to the answer's or are there from the first."""
    high = max(relaxed.excess, LOOSE * excess.line)
    mean = np.maximum(budgets.use.max(axis=1).mean(axis=0), 1e-9)
    fines = np.maximum(relaxed.budget, FINE * relaxed.typical / mean)

    def search(at: Ints, hot: float, cold: float, full: bool, luck: np.uint64) -> Ints:
        line, square = (excess.line, excess.square) if full else (LINE * high, SQUARE * high)
        paid = (min(line, excess.line), excess.line, min(square, excess.square), excess.square)
        low, most, first, last = (price * problem.weight for price in paid)
        prices = Prices(np.tile(low, (problem.seats, 1)), most, first, last, fines)
        return exchanged(problem, moves, at, prices, budgets.cap, (hot, cold), tries, luck)

    return search


def exchanged(
    problem: Problem, moves: Moves, at: Ints, prices: Prices, cap: Floats, heats: tuple[float, float], tries: int, luck: np.uint64
) -> Ints:
    """The columns after one search from `at` between two heats, hours."""
    inner = problem.tolerance * INNER
    return exchange(moves, at, problem.near, problem.apart, prices, cap, heats, inner, problem.seats, tries, luck)


def _price(problem: Problem, slot: Ints, excess: Excess) -> float:
    """Hours and price of excess of an answer."""
    split = split_of(problem, slot)
    over = np.maximum(np.abs(split.loads / split.loads.mean(axis=0) - 1.0) - problem.tolerance, 0.0)
    return split.hours + float(((excess.line * over + excess.square * over**2) * problem.weight).sum())


def promising(problem: Problem, home: Ints, start: Ints, relaxed: Relaxed) -> tuple[Ints, Ints]:
    """Units and slots of the moves of least reduced cost, those of `start` among them, the most promising first."""
    rows = np.arange(problem.units)
    reduced = relaxed.reduced.copy()
    reduced[rows, home] = np.inf
    most = min(max(MOST, EACH * problem.seats), int(np.isfinite(reduced).sum()))
    listed = np.argsort(reduced, axis=None, kind="stable")[:most]
    now = rows[start != home] * reduced.shape[1] + start[start != home]
    every = np.concatenate((listed, now[~np.isin(now, listed)]))
    unit, slot = np.divmod(every, reduced.shape[1])
    return unit.astype(np.int64), slot.astype(np.int64)


def relax(problem: Problem, home: Ints, excess: Excess, budgets: Budgets) -> Relaxed:
    """The linear relaxation for up to 5,000 units; beyond, the prices of balance alone."""
    if problem.units > EXACT_UNITS:
        prices = settle(problem, 1.0)[1]
        priced = priced_cost(problem, prices)
        reduced = np.where(problem.seat >= 0, priced - priced.min(axis=1, keepdims=True), np.inf)
        free = np.zeros(len(budgets.cap))
        typical = _typical(problem, home, reduced <= 0.0, problem.cost)
        away = float((reduced[np.arange(problem.units), home] > 0.0).sum())
        return Relaxed(reduced, seat_scale(problem), free, typical, np.abs(prices), away)
    from scipy.optimize import linprog

    unit, slot = np.nonzero(problem.seat >= 0)
    count, metrics = len(unit), problem.load.shape[2]
    over = 2 * metrics * problem.seats
    cost, upper = _costs(problem, problem.cost[unit, slot], excess)
    whole, limit = _rows(problem, unit, slot, budgets.use[unit, slot])
    most = np.concatenate((np.zeros(over), budgets.cap))
    one = np.concatenate((np.ones(problem.units), np.zeros(metrics)))
    bounds = np.stack((np.zeros(len(cost)), upper), axis=1)
    solver: Any = linprog
    found = solver(cost, limit, most, whole, one, bounds=bounds, method="highs")
    left = cost[:count] - (limit.T @ found.ineqlin.marginals + whole.T @ found.eqlin.marginals)[:count]
    reduced, taken = np.full(problem.seat.shape, np.inf), np.zeros(problem.seat.shape, dtype=np.bool_)
    # rounded, so that the order of rows in a sum decides nothing
    reduced[unit, slot], taken[unit, slot] = np.round(np.maximum(left, 0.0), 9), found.x[:count] > 1e-6
    duals = np.maximum(-np.round(found.ineqlin.marginals, 9), 0.0)
    typical = _typical(problem, home, taken, problem.cost + budgets.use @ duals[over:])
    by_seat = duals[:over].reshape(metrics, 2, problem.seats).max(axis=1).T
    away = round(float(found.x[:count][slot != home[unit]].sum()), 6)
    return Relaxed(reduced, float(duals[:over].max(initial=0.0)), duals[over:], typical, by_seat, away)


def _typical(problem: Problem, home: Ints, taken: Bools, cost: Floats) -> float:
    """The median cost of a move that the relaxation makes, hours."""
    rows = np.arange(problem.units)
    taken = taken & (np.arange(taken.shape[1]) != home[:, None]) & (problem.seat >= 0)
    more = np.abs(cost - cost[rows, home][:, None])[taken]
    return max(float(np.median(more)), 1e-9) if len(more) else seat_scale(problem) * problem.seats / problem.units


def _costs(problem: Problem, hours: Floats, excess: Excess) -> tuple[Floats, Floats]:
    """Costs and upper ends of the variables: slots, mean loads, and excess by seat, side and metric in steps that get dearer."""
    metrics, rows = problem.load.shape[2], 2 * problem.seats
    price = np.array([excess.line + 2.0 * excess.square * step for step in (0.0, *STEPS[:-1])])
    width = np.array([*np.diff((0.0, *STEPS[:-1])), np.inf])
    steps = [np.repeat(price[k] * problem.weight, rows) for k in range(len(STEPS))]
    upper = [np.full(metrics * rows, end) for end in width]
    free = np.full(len(hours) + metrics, np.inf)
    return np.concatenate((hours, np.zeros(metrics), *steps)), np.concatenate((free, *upper))


def _rows(problem: Problem, unit: Ints, slot: Ints, use: Floats) -> tuple[Any, Any]:
    """Equations: units whole, mean loads; and limits: seats within the tolerance but for their excess, budgets."""
    seat, load, seats = problem.seat[unit, slot], problem.load[unit, slot], problem.seats
    count, metrics, x = len(unit), load.shape[1], np.arange(len(unit))
    over = 2 * metrics * seats
    whole, limit = [(unit, x, np.ones(count))], []
    for m in range(metrics):
        mean = np.full(seats, count + m)
        whole.append((np.full(count, problem.units + m), x, load[:, m]))
        whole.append((np.array([problem.units + m]), mean[:1], np.array([-float(seats)])))
        for side, sign in enumerate((1.0, -1.0)):
            first = (2 * m + side) * seats
            limit.append((first + seat, x, sign * load[:, m]))
            limit.append((first + np.arange(seats), mean, np.full(seats, -sign - problem.tolerance)))
    rows, first = np.arange(over), count + metrics
    limit += [(rows, first + k * over + rows, np.full(over, -1.0)) for k in range(len(STEPS))]
    limit += [(np.full(count, over + g), x, use[:, g]) for g in range(use.shape[1])]
    wide = count + metrics + len(STEPS) * over
    return sparse(whole, (problem.units + metrics, wide)), sparse(limit, (over + use.shape[1], wide))
