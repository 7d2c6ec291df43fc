"""Soft shares of units in their seats under prices: what they cost, what they load, and how loads change with prices."""

from __future__ import annotations

import numpy as np

from fieldsim.compiled import inner, maker
from fieldsim.model import Floats, Ints

NOTHING = 14.0
"""Gaps of more heats leave a seat no share."""


@inner
def _share(i: int, seat: Ints, cost: Floats, load: Floats, net: Floats, heat: float, share: Floats) -> tuple[int, float]:
    """Writes the shares of unit i in its slots; how many it has, and its soft least priced cost."""
    least, count = np.inf, 0
    for s in range(load.shape[1]):
        if seat[i, s] < 0:
            break
        count += 1
        share[s] = cost[i, s]
        for m in range(load.shape[2]):
            share[s] += net[seat[i, s], m] * load[i, s, m]
        least = min(least, share[s])
    parts = 0.0
    for s in range(count):
        gap = (share[s] - least) / heat
        share[s] = np.exp(-gap) if gap < NOTHING else 0.0
        parts += share[s]
    for s in range(count):
        share[s] /= parts
    return count, least - heat * np.log(parts)


@maker
def shares(seat: Ints, cost: Floats, load: Floats, net: Floats, heat: float) -> tuple[float, Floats]:
    """The soft least priced cost of all units, and the load of each seat and metric when units are shared softly.

    `net` [seats, metrics] is what a full load costs, hours; `heat` hours.
    """
    units, slots, metrics = load.shape
    sums, share, total = np.zeros(net.shape), np.empty(slots), 0.0
    for i in range(units):
        count, least = _share(i, seat, cost, load, net, heat, share)
        total += least
        for s in range(count):
            if share[s] > 0.0:
                for m in range(metrics):
                    sums[seat[i, s], m] += share[s] * load[i, s, m]
    return total, sums


@maker
def bends(seat: Ints, cost: Floats, load: Floats, net: Floats, heat: float) -> Floats:
    """By how much the load of a seat and metric falls as the net price of another rises: shape [seats * metrics, the same]."""
    units, slots, metrics = load.shape
    table, share = np.zeros((net.size, net.size)), np.empty(slots)
    for i in range(units):
        count, _ = _share(i, seat, cost, load, net, heat, share)
        for s in range(count):
            if share[s] <= 0.0 or share[s] >= 1.0:
                continue
            for m in range(metrics):
                row, more = seat[i, s] * metrics + m, share[s] * load[i, s, m] / heat
                for k in range(metrics):
                    table[row, seat[i, s] * metrics + k] += more * load[i, s, k]
                for r in range(count):
                    if share[r] > 0.0:
                        for k in range(metrics):
                            table[row, seat[i, r] * metrics + k] -= more * share[r] * load[i, r, k]
    return table
