"""Settles the large units one after the other, so that what is left to the search is small change.

The relaxation splits a few units among seats. Rounding a large one tips its seats over, and no small step of a search undoes
it: so large split units go to their likeliest seat, those with no seat in common at once, and the prices of all others follow.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fieldsim.model import Bools, Floats, Ints
from fieldsim.territory.prices import HEATS, Dual, first_point, priced_cost
from fieldsim.territory.problem import Problem

LARGE = 0.6
"""Part of the tolerance from which a unit counts as large."""
HUGE = 0.4
"""Share of a book from which a split unit is tried in each of its seats: it decides what else they can take."""
BRANCHES = 20_000
"""Huge units tried times units of the problem, at most."""
ROUNDS = 10
STEPS = 12
"""Steps of the prices after each round."""
SURE = 0.97
"""Share in one seat from which a unit is not split."""
SOME, MANY, LESS = 5_000, 100_000, 3
"""Problems of many units get fewer steps, those of more than some fewer of Newton's: their units are small beside a book."""
MANY_ROUNDS = 2


def settle(problem: Problem, tighter: float) -> tuple[Ints, Floats]:
    """A slot for each unit and the prices under which it is the best one, with the tolerance times `tighter`."""
    problem = replace(problem, tolerance=problem.tolerance * tighter)
    point = first_point(problem)
    dual = Dual(problem)
    dual.cost = dual.cost.copy()
    size = problem.load.max(axis=(1, 2))
    large = np.flatnonzero((size > LARGE * problem.tolerance) & (problem.seat[:, 1:] >= 0).any(axis=1))
    large = large[np.argsort(-size[large], kind="stable")]
    done = np.zeros(len(large), dtype=np.bool_)
    least = np.where(problem.seat[large, :, None] >= 0, problem.load[large], np.inf).min(axis=1).max(axis=1)
    steps = STEPS if problem.units <= (SOME if dual.few else MANY) else LESS
    huge = np.flatnonzero((least > HUGE) & (_shares_of(problem, large, dual, point).max(axis=1) < SURE))
    for k in huge[: BRANCHES // problem.units].tolist():
        point = _branched(dual, point, int(large[k]), steps)
        done[k] = True
    for _ in range(ROUNDS if problem.units <= MANY else MANY_ROUNDS):
        share = _shares_of(problem, large, dual, point)
        split = np.flatnonzero(~done & (share.max(axis=1) < SURE))
        if not len(split):
            break
        chosen = _apart(problem.seat[large], share, split, problem.seats)
        for k in chosen.tolist():
            unit, slot = int(large[k]), int(share[k].argmax())
            dual.cost[unit, :slot] = dual.cost[unit, slot + 1 :] = np.inf
        done[chosen] = True
        point = dual.climb(point, HEATS[-1], steps)
    prices = dual.prices(point)
    return priced_cost(replace(problem, cost=dual.cost), prices).argmin(axis=1).astype(np.int64), prices


def _branched(dual: Dual, point: Floats, unit: int, steps: int) -> Floats:
    """Leaves a unit the slot under which the prices' bound on the hours of all units is least, and returns its prices.

    Climbing only raises a bound, so that a slot whose bound is no less before than another's after is not tried.
    """
    cost, priced = dual.cost[unit].copy(), _priced(dual, point, unit)
    base = dual.value(point, HEATS[-1]) - float(priced.min())
    least, best, prices = np.inf, -1, point
    for slot in np.argsort(priced, kind="stable")[: int(np.isfinite(cost).sum())].tolist():
        if base + priced[slot] >= least:
            break
        dual.cost[unit] = np.where(np.arange(len(cost)) == slot, cost, np.inf)
        tried = dual.climb(point, HEATS[-1], steps)
        if (value := dual.value(tried, HEATS[-1])) < least:
            least, best, prices = value, slot, tried
    dual.cost[unit] = np.where(np.arange(len(cost)) == best, cost, np.inf)
    return prices


def _priced(dual: Dual, point: Floats, unit: int) -> Floats:
    """Cost plus net price of load of each slot of a unit, infinite where it has none."""
    seat = dual.seat[unit]
    return np.where(seat >= 0, dual.cost[unit] + (dual.load[unit] * dual.net(point)[seat]).sum(axis=1), np.inf)


def _shares_of(problem: Problem, units: Ints, dual: Dual, point: Floats) -> Floats:
    """Soft shares of some units in their slots, shape [units, slots]."""
    net, seat = dual.net(point), problem.seat[units]
    value = np.where(seat >= 0, dual.cost[units] + (problem.load[units] * net[seat]).sum(axis=2), np.inf)
    share = np.exp(-np.minimum((value - value.min(axis=1, keepdims=True)) / (HEATS[-1] * dual.typical), 700.0))
    shares: Floats = share / share.sum(axis=1, keepdims=True)
    return shares


def _apart(seat: Ints, share: Floats, split: Ints, seats: int) -> Ints:
    """Split units, largest first, of which no two have a good part in the same seat."""
    used: Bools = np.zeros(seats, dtype=np.bool_)
    chosen = []
    for k in split.tolist():
        mine = seat[k][(share[k] > 0.05) & (seat[k] >= 0)]
        if not used[mine].any():
            used[mine] = True
            chosen.append(k)
    return np.array(chosen, dtype=np.int64)
