"""Compiled: puts the stops of one day into a better order."""

from __future__ import annotations

import numpy as np

from fieldsim.compiled import inner
from fieldsim.model import Ints
from fieldsim.planning.board import Board, Desk, Ground
from fieldsim.planning.insertion import digest, walk


@inner
def polish(g: Ground, b: Board, r: int, w: Desk) -> None:
    """Reorder a route while moving one stop, or turning a stretch round, shortens it and the day still holds."""
    n, home = b.size[r], g.travel.shape[0] - 1
    for _ in range(n):
        best, low, high, turn = -1e-6, 0, 0, False
        for i in range(n):
            before = b.route[r, i - 1] if i > 0 else home
            inside = 0.0
            for j in range(i + 1, n):
                first, last = b.route[r, i], b.route[r, j]
                after = b.route[r, j + 1] if j + 1 < n else home
                prior = b.route[r, j - 1]
                inside += g.travel[last, prior] - g.travel[prior, last]
                ends = g.travel[before, first] + g.travel[last, after]
                gain = g.travel[before, last] + g.travel[first, after] + inside - ends
                if gain < best:
                    best, low, high, turn = gain, i, j, True
                second = b.route[r, i + 1]
                gain = g.travel[before, second] + g.travel[last, first] + g.travel[first, after]
                gain -= ends - g.travel[last, after] + g.travel[first, second] + g.travel[last, after]
                if gain < best:
                    best, low, high, turn = gain, i, j, False
                gain = g.travel[before, last] + g.travel[last, first] + g.travel[prior, after]
                gain -= g.travel[before, first] + g.travel[prior, last] + g.travel[last, after]
                if j > i + 1 and gain < best:
                    best, low, high, turn = gain, j, i, False
        if best >= -1e-6:
            return
        for k in range(n):
            w.out[k] = b.route[r, k]
        _rearrange(b.route[r], np.int64(low), np.int64(high), np.bool_(turn))
        if g.timed and walk(g, r // g.cars, b.route[r], n, b.remote[r]) == np.inf:
            for k in range(n):
                b.route[r, k] = w.out[k]
            return
        b.travel[r] += best
        b.time[r] += best
        b.mark[r] = digest(g, b, r)


@inner
def _rearrange(route: Ints, low: int, high: int, turn: bool) -> None:
    """Turn the stretch from `low` to `high` round, or move the stop at `low` to `high`."""
    if turn:
        while low < high:
            route[low], route[high] = route[high], route[low]
            low, high = low + 1, high - 1
        return
    step = 1 if high > low else -1
    while low != high:
        route[low], route[low + step] = route[low + step], route[low]
        low += step
