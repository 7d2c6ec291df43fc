"""Greatest value of the smooth dual of few prices, by damped Newton steps.

Where homes crowd in towns and country lies empty, prices hang together over long chains of seats, and a method that knows only
slopes needs thousands of steps. The table of second derivatives is cheap while prices are few. What the tolerance leaves free, a
price's own size, has a kink at nothing; rounded off there it has a second derivative too.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fieldsim.compiled import maker
from fieldsim.model import Bools, Floats, Ints
from fieldsim.territory.shares import bends, shares

NEAR = 0.01
"""Loads this near to what they should be end the climb."""
CUTS = 6
"""How often a step is shortened before it is damped."""
DAMP, LEAST, MOST = 1e-6, 1e-9, 1e3
"""First, least and largest damping, in the mean second derivative."""


class Table(NamedTuple):
    """Units by slots, as a problem has them, the tolerance, what a price of one means in hours, and what price is small."""

    seat: Ints
    cost: Floats
    load: Floats
    tolerance: float
    scale: float
    round: float


def ascend(table: Table, point: Floats, high: Floats, heat: float, steps: int) -> Floats:
    """A better point [seats, metrics] between -`high` and `high` after at most so many steps; `heat` in hours."""
    value, loads = _value(table, point, heat)
    damp = DAMP
    for _ in range(steps):
        slope = table.scale * _slope(table, point, loads)
        free = ~(((point >= high) & (slope > 0.0)) | ((point <= -high) & (slope < 0.0)))
        slope = np.where(free, slope, 0.0)
        if not np.abs(slope).max() > NEAR * table.scale:
            break
        bend = _bend(table, point, loads, heat)
        found = None
        while found is None and damp <= MOST:
            way = _way(bend, slope, free, damp)
            found = _along(table, point, way, high, slope, value, heat)
            damp = max(LEAST, damp * 0.1 if found and found[3] else 3.0 * damp if found else 100.0 * damp)
        if found is None:
            break
        point, value, loads, _ = found
    return point


def _along(
    table: Table, point: Floats, way: Floats, high: Floats, slope: Floats, value: float, heat: float
) -> tuple[Floats, float, Floats, bool] | None:
    """The first point along the way that pays off, its value and loads, and whether it is the whole way; None where none does."""
    length = 1.0
    for _ in range(CUTS):
        tried = np.clip(point + length * way, -high, high)
        then, loads = _value(table, tried, heat)
        if then >= value + 1e-4 * (slope * (tried - point)).sum():
            return tried, then, loads, length == 1.0
        length *= 0.4
    return None


def _rounded(table: Table, point: Floats) -> Floats:
    """The size of each price, rounded off at nothing."""
    return np.sqrt(point**2 + table.round**2)


def _value(table: Table, point: Floats, heat: float) -> tuple[float, Floats]:
    """The dual and the loads of all seats, shape [seats, metrics]."""
    net = table.scale * (point - (point + table.tolerance * (_rounded(table, point) - table.round)).mean(axis=0))
    return shares(table.seat, table.cost, table.load, net, heat)


def _slope(table: Table, point: Floats, loads: Floats) -> Floats:
    """By how much each load is more than what its price lets it be."""
    slope: Floats = loads - loads.mean(axis=0) * (1.0 + table.tolerance * point / _rounded(table, point))
    return slope


def _bend(table: Table, point: Floats, loads: Floats, heat: float) -> Floats:
    """Minus the second derivatives by prices over the scale, shape [seats * metrics, the same]: A' B A + C.

    B is by net prices; A, what a price changes in them, is the unit matrix less what it lets all seats have; C is of the kink.
    """
    seats, metrics = point.shape
    size = _rounded(table, point)
    net = table.scale * (point - (point + table.tolerance * (size - table.round)).mean(axis=0))
    whole = bends(table.seat, table.cost, table.load, net, heat).reshape(seats, metrics, seats, metrics)
    let = (1.0 + table.tolerance * point / size) / seats
    for m in range(metrics):
        for k in range(metrics):
            part = whole[:, m, :, k]
            down, across = part.sum(axis=0), part.sum(axis=1)
            part -= np.outer(let[:, m], down) + np.outer(across, let[:, k]) - down.sum() * np.outer(let[:, m], let[:, k])
    bend = table.scale**2 * whole.reshape(point.size, point.size)
    bend[np.diag_indices(point.size)] += (table.scale * table.tolerance * loads.mean(axis=0) * table.round**2 / size**3).ravel()
    return bend


def _way(bend: Floats, slope: Floats, free: Bools, damp: float) -> Floats:
    """The Newton step of the free prices."""
    way, some = np.zeros(slope.size), np.flatnonzero(free)
    part = np.ascontiguousarray(bend[np.ix_(some, some)])
    own = np.diagonal(part).copy()
    part[np.diag_indices(len(some))] = own + damp * own.mean() + 1e-12
    way[some] = _solved(part, slope.ravel()[some])
    return way.reshape(slope.shape)


@maker
def _solved(table: Floats, right: Floats) -> Floats:
    """The solution of a positive definite system, shape [n]; `table` is used up. A library's threads would sum in any order."""
    n, x = len(right), right.copy()
    for k in range(n):
        pivot = max(table[k, k], 1e-300)
        for i in range(k + 1, n):
            part = table[k, i] / pivot
            if part != 0.0:
                for j in range(i, n):
                    table[i, j] -= part * table[k, j]
                x[i] -= part * x[k]
    for k in range(n - 1, -1, -1):
        for j in range(k + 1, n):
            x[k] -= table[k, j] * x[j]
        x[k] /= max(table[k, k], 1e-300)
    return x
