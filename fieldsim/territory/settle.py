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
MANY = 100_000
"""Problems of more units get fewer rounds and steps: their units are small beside a book."""


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
    huge = np.flatnonzero((least > HUGE) & (_shares_of(problem, large, dual, point).max(axis=1) < SURE))
    for k in huge[: BRANCHES // problem.units].tolist():
        point = _branched(dual, point, int(large[k]))
        done[k] = True
    rounds, steps = (ROUNDS, STEPS) if problem.units <= MANY else (2, 4)
    for _ in range(rounds):
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


def _branched(dual: Dual, point: Floats, unit: int) -> Floats:
    """Leaves a unit the slot under which the prices' bound on the hours of all units is least, and returns its prices."""
    cost, found = dual.cost[unit].copy(), []
    for slot in np.flatnonzero(np.isfinite(cost)).tolist():
        dual.cost[unit] = np.where(np.arange(len(cost)) == slot, cost, np.inf)
        tried = dual.climb(point, HEATS[-1], STEPS)
        found.append((dual.value(tried, HEATS[-1]), slot, tried))
    _, slot, point = min(found, key=lambda one: one[:2])
    dual.cost[unit] = np.where(np.arange(len(cost)) == slot, cost, np.inf)
    return point


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
