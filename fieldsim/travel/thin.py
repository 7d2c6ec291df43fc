"""Thins lines: leaves out corners that move a line by less than the eye can see, for all lines at once."""

from __future__ import annotations

import numpy as np

from fieldsim.model import Bools, Floats, Ints
from fieldsim.travel.places import EARTH_M

TOLERANCE_M = 4.0


def thinned(lat: Floats, lon: Floats, start: Ints, tolerance_m: float = TOLERANCE_M) -> Bools:
    """Which points to keep, shape [points]; line k has the points start[k] .. start[k + 1] - 1, and its ends always stay.

    Douglas and Peucker (1973), a round splitting every stretch of every line that strays too far at its farthest point.
    """
    y = np.radians(lat) * EARTH_M
    x = np.radians(lon) * EARTH_M * np.cos(np.radians(lat))
    keep = np.zeros(len(lat), dtype=np.bool_)
    first, last = start[:-1], start[1:] - 1
    keep[first], keep[last] = True, True
    while True:
        inner = last - first > 1
        first, last = first[inner], last[inner]
        if not len(first):
            return keep
        split = _farthest(x, y, first, last, tolerance_m)
        far = split >= 0
        keep[split[far]] = True
        first, last = np.concatenate([first[far], split[far]]), np.concatenate([split[far], last[far]])


def _farthest(x: Floats, y: Floats, first: Ints, last: Ints, tolerance_m: float) -> Ints:
    """The point of each stretch farthest from the straight line between its ends, -1 where all are within the tolerance."""
    count = last - first - 1
    begin = np.concatenate([[0], np.cumsum(count)[:-1]])
    of = np.repeat(np.arange(len(first)), count)
    point = np.arange(int(count.sum())) - begin[of] + first[of] + 1
    a, b = first[of], last[of]
    run_x, run_y = x[b] - x[a], y[b] - y[a]
    square = run_x**2 + run_y**2
    along = (x[point] - x[a]) * run_x + (y[point] - y[a]) * run_y
    share = np.clip(np.divide(along, square, out=np.zeros_like(along), where=square > 0), 0.0, 1.0)
    away = np.hypot(x[point] - x[a] - share * run_x, y[point] - y[a] - share * run_y)
    most = np.maximum.reduceat(away, begin)
    at_most = np.flatnonzero(away == most[of])
    split = np.full(len(first), -1, dtype=np.int64)
    split[of[at_most[::-1]]] = point[at_most[::-1]]
    split[most <= tolerance_m] = -1
    return split
