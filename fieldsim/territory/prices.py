"""Prices that make seats in balance attractive: the dual of the linear relaxation, found without solving it.

Each unit is shared among its seats by cost plus price of load, softly: shares fall off as exp(-gap / heat), so that the dual is
smooth. Newton steps climb it while prices are few, a quasi-Newton method (L-BFGS-B: Byrd, Lu, Nocedal, Zhu 1995) beyond; the heat
falls from stage to stage. A seat's price of a metric is positive where it would be overfull and negative where underfull, and
never more than what the search charges for excess: a seat that cannot be balanced would drive its price without end.
"""

from __future__ import annotations

import numpy as np

from fieldsim.model import Bools, Floats
from fieldsim.territory.climb import descend
from fieldsim.territory.newton import Table, ascend
from fieldsim.territory.problem import Problem
from fieldsim.territory.shares import shares

HEATS = (0.3, 0.1, 0.03)
"""Heats of the stages, in the typical cost of a unit."""
STEPS = 60
"""Steps a stage."""
FEW, EACH = 500, 5
"""Up to so many prices, with so many units each (fewer nothing evens out), steps are Newton's."""
HIGHEST = 60.0
"""Largest price of a full load, in typical costs of a seat's book."""
SAMPLE = 200_000
"""Problems of more units climb on every so-many-th unit first, and on all of them for a few steps at the end."""
LAST_STEPS = 20


def find_prices(problem: Problem, *, heats: tuple[float, ...] = HEATS, steps: int = STEPS) -> Floats:
    """Prices in hours for a full load, shape [seats, metrics]; positive where a seat would be overfull."""
    point = first_point(problem, heats=heats, steps=steps)
    return Dual(problem).prices(point)


def first_point(problem: Problem, *, heats: tuple[float, ...] = HEATS, steps: int = STEPS) -> Floats:
    """Prices over the scale, climbed from nothing; a large problem's on a part of its units first."""
    point: Floats = np.zeros((problem.seats, problem.load.shape[2]))
    every = max(1, problem.units // SAMPLE)
    part = Dual(problem, every)
    for heat in heats:
        point = part.climb(point, heat, steps)
    whole = Dual(problem) if every > 1 else part
    for heat in heats[1:] if every > 1 else ():
        point = whole.climb(point, heat, LAST_STEPS)
    return point


def seat_scale(problem: Problem) -> float:
    """The typical cost of a full load of the units that have a choice, hours: the scale of prices."""
    typical, free = _typical(problem)
    load = float(problem.load[free, 0].sum(axis=0).max()) if free.any() else 0.0
    return typical * int(free.sum()) / load if load > 0.0 else typical


def _typical(problem: Problem) -> tuple[float, Bools]:
    """The scale of a unit's cost, and which units have a choice.

    It is the median of the least, or of half the way to the second, whichever is larger.
    """
    if problem.cost.shape[1] < 2:
        return 1e-9, np.zeros(problem.units, dtype=np.bool_)
    free: Bools = problem.seat[:, 1] >= 0
    two = np.partition(problem.cost[free], 1, axis=1)[:, :2]
    two = two[np.isfinite(two[:, 1])]
    if not len(two):
        return 1e-9, free
    return max(float(np.median(two[:, 0])), 0.5 * float(np.median(two[:, 1] - two[:, 0])), 1e-9), free


def priced_cost(problem: Problem, prices: Floats) -> Floats:
    """Cost plus net price of load of every slot, infinite behind the last one, shape [units, slots]."""
    priced, net = problem.cost.copy(), net_prices(prices, problem.tolerance)
    for m in range(net.shape[1]):
        priced += problem.load[:, :, m] * net[problem.seat, m]
    priced[problem.seat < 0] = np.inf
    return priced


def net_prices(prices: Floats, tolerance: float) -> Floats:
    """What a unit of load costs its seat: the price less what its share in the mean lets all seats have more of."""
    net: Floats = prices - (prices + tolerance * np.abs(prices)).mean(axis=0)
    return net


def dual_value(problem: Problem, prices: Floats) -> float:
    """A lower bound on the hours of any split within the tolerance, from any prices."""
    return float(priced_cost(problem, prices).min(axis=1).sum())


class Dual:
    """The smooth dual of a problem, or every so-many-th unit of it, as a function of prices over the scale [seats, metrics]."""

    def __init__(self, problem: Problem, every: int = 1) -> None:
        self.seat = np.ascontiguousarray(problem.seat[::every])
        self.cost = np.ascontiguousarray(problem.cost[::every])
        self.load = np.ascontiguousarray(problem.load[::every])
        self.seats, self.tolerance = problem.seats, problem.tolerance
        self.typical = _typical(problem)[0]
        self.scale = seat_scale(problem)
        high = HIGHEST * np.minimum(1.0, problem.weight / max(float(problem.weight.max()), 1e-9))
        self.high: Floats = np.tile(high, (problem.seats, 1))

    @property
    def few(self) -> bool:
        """Whether prices are so few, and units for each so many, that steps are Newton's."""
        return bool(self.high.size <= min(FEW, len(self.seat) // EACH))

    def climb(self, point: Floats, heat: float, steps: int) -> Floats:
        """A better point after so many steps at a heat, in the typical cost of a unit."""
        if self.few:
            table = Table(self.seat, self.cost, self.load, self.tolerance, self.scale, heat**2)
            return ascend(table, point, self.high, heat * self.typical, steps)
        sides = np.concatenate((np.maximum(point, 0.0).ravel(), np.maximum(-point, 0.0).ravel()))
        high = np.concatenate((self.high.ravel(), self.high.ravel()))
        up, down = descend(lambda x: self._negative(x, heat * self.typical), sides, high, steps).reshape(2, *point.shape)
        return up - down  # type: ignore[no-any-return]

    def value(self, point: Floats, heat: float) -> float:
        """The dual at a point and a heat, hours."""
        return shares(self.seat, self.cost, self.load, self.net(point), heat * self.typical)[0]

    def prices(self, point: Floats) -> Floats:
        """Prices in hours for a full load, shape [seats, metrics]."""
        return point * self.scale

    def net(self, point: Floats) -> Floats:
        """What a unit of load costs its seat, shape [seats, metrics]: see `net_prices`."""
        return net_prices(self.prices(point), self.tolerance)

    def _negative(self, sides: Floats, heat: float) -> tuple[float, Floats]:
        """Minus the dual and its slope by what being overfull and being underfull cost, over what it is about."""
        high, low = 1.0 + self.tolerance, 1.0 - self.tolerance
        up, down = sides.reshape(2, self.seats, -1) * self.scale
        net = up - down - (high * up - low * down).mean(axis=0)
        value, loads = shares(self.seat, self.cost, self.load, net, heat)
        mean = loads.mean(axis=0)
        slope = np.concatenate(((loads - high * mean).ravel(), (low * mean - loads).ravel())) * self.scale
        size = self.typical * len(self.seat)
        return -value / size, -slope / size
