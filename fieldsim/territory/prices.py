"""Prices that make seats in balance attractive: the dual of the linear relaxation, found without solving it.

Every round each unit is shared among its seats by cost plus price of load, softly: shares fall off as exp(-gap / heat), and the
heat falls from round to round, so that loads change smoothly where a hard choice would jump. The price of a seat's metric then
goes up where the seat is above the tolerance and down where it is below, each with its own step (Rprop: Riedmiller, Braun 1993),
and stays zero where the tolerance does not bind. About 400 rounds reach 99.7 % of the relaxation's value.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from fieldsim.model import Floats, Ints
from fieldsim.territory.problem import Problem

ROUNDS = 400


def find_prices(problem: Problem, rounds: int | None = None) -> Floats:
    """Prices in hours for a full load, shape [seats, metrics]; positive where a seat would be overfull.

    By default 400 rounds, fewer above 20,000 units (100 at least).
    """
    if rounds is None:
        rounds = max(100, min(ROUNDS, ROUNDS * 20_000 // max(1, problem.units)))
    typical = max(_typical(problem.cost), 1e-9)
    scale = typical * problem.units / problem.seats
    heats = typical * np.geomspace(1.0, 0.05, rounds)
    return _ascend(problem.seat, problem.cost, problem.load, problem.seats, problem.tolerance, heats, scale)


def _typical(cost: Floats) -> float:
    """The scale of a unit's cost: the median of the least, or of half the way to the second, whichever is larger."""
    two = np.partition(cost, 1, axis=1)[:, :2] if cost.shape[1] > 1 else np.hstack((cost, cost))
    free = np.isfinite(two[:, 1])
    gap = float(np.median(two[free, 1] - two[free, 0])) if free.any() else 0.0
    return max(float(np.median(two[:, 0])), 0.5 * gap)


def priced_cost(problem: Problem, prices: Floats) -> Floats:
    """Cost plus price of load of every slot, infinite behind the last one, shape [units, slots]."""
    priced: Floats = np.where(problem.seat >= 0, problem.cost + (problem.load * prices[problem.seat]).sum(axis=2), np.inf)
    return priced


def dual_value(problem: Problem, prices: Floats) -> float:
    """A lower bound on the hours of any split within the tolerance, from any prices.

    Deviations are from the mean over seats, so a unit of load costs its seat's price less the mean of price + tolerance |price|.
    """
    net = prices - (prices + problem.tolerance * np.abs(prices)).mean(axis=0)
    return float(priced_cost(problem, net).min(axis=1).sum())


@njit(cache=True, nogil=True)
def _ascend(seat: Ints, cost: Floats, load: Floats, seats: int, tolerance: float, heats: Floats, scale: float) -> Floats:
    units, slots, metrics = load.shape
    price = np.zeros((seats, metrics))
    step = np.full((seats, metrics), 0.05 * scale)
    last = np.zeros((seats, metrics))
    sums = np.empty((seats, metrics))
    value = np.empty(slots)
    for heat in heats:
        sums[:] = 0.0
        for i in range(units):
            least, count = np.inf, 0
            for s in range(slots):
                if seat[i, s] < 0:
                    break
                count += 1
                value[s] = cost[i, s]
                for m in range(metrics):
                    value[s] += price[seat[i, s], m] * load[i, s, m]
                least = min(least, value[s])
            total = 0.0
            for s in range(count):
                gap = (value[s] - least) / heat
                value[s] = np.exp(-gap) if gap < 14.0 else 0.0
                total += value[s]
            for s in range(count):
                if value[s] > 0.0:
                    for m in range(metrics):
                        sums[seat[i, s], m] += value[s] / total * load[i, s, m]
        for m in range(metrics):
            mean = max(sums[:, m].mean(), 1e-300)
            for j in range(seats):
                off, old = sums[j, m] / mean - 1.0, price[j, m]
                # no price while the tolerance does not bind
                pull = off - tolerance * np.sign(old) if old != 0.0 else np.sign(off) * max(0.0, abs(off) - tolerance)
                if pull * last[j, m] > 0.0:
                    step[j, m] = min(step[j, m] * 1.1, 0.5 * scale)
                elif pull * last[j, m] < 0.0:
                    step[j, m] = max(step[j, m] * 0.7, 1e-5 * scale)
                new = old + np.sign(pull) * step[j, m]
                price[j, m] = new if old * new >= 0.0 else 0.0
                last[j, m] = pull
    return price
