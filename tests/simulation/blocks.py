"""Keyed draws in blocks for the reference model: whole columns at once, the same numbers as one by one."""

from __future__ import annotations

import numpy as np
from numba import njit

from fieldsim.simulation.draws import pair, spread


@njit(cache=True)
def pairs(stream: np.uint64, keys: np.ndarray, index: np.ndarray) -> np.ndarray:
    """Two uniform numbers for each entity and index, shape [2, n]."""
    out = np.empty((2, len(keys)))
    for k in range(len(keys)):
        out[0, k], out[1, k] = pair(stream, keys[k], index[k], 0)
    return out


@njit(cache=True)
def spreads(p: np.ndarray, sigma: float) -> np.ndarray:
    """Lognormal numbers of mean 1 at the given quantiles."""
    out = np.empty(len(p))
    for k in range(len(p)):
        out[k] = spread(p[k], sigma)
    return out
