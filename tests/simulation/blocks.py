"""Keyed draws in blocks for the reference model: whole columns at once, the same numbers as one by one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from fieldsim.simulation.draws import pair, spread

if TYPE_CHECKING:
    from simulation.reference import Reference

KEPT = 3
"""Candidates of each account and layer whose luck is drawn beforehand."""


@njit(cache=True)
def pairs(stream: np.uint64, keys: np.ndarray, index: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Two uniform numbers for each entity and pair of indices, shape [2, n]."""
    out = np.empty((2, len(keys)))
    for k in range(len(keys)):
        out[0, k], out[1, k] = pair(stream, keys[k], index[k], second[k])
    return out


@njit(cache=True)
def spreads(p: np.ndarray, sigma: float) -> np.ndarray:
    """Lognormal numbers of mean 1 at the given quantiles."""
    out = np.empty(len(p))
    for k in range(len(p)):
        out[k] = spread(p[k], sigma)
    return out


@njit(cache=True)
def waits(p: np.ndarray) -> np.ndarray:
    """Exponential numbers of mean 1 at the given quantiles."""
    out = np.empty(len(p))
    for k in range(len(p)):
        out[k] = -math.log(p[k])
    return out


class Prospects:
    """Luck of every account's first candidates in each layer, and of what becomes of them."""

    def __init__(self, ref: Reference) -> None:
        keys = ref.stage.field.entities
        self.layers = ref.stage.world.candidate.shape[1]
        number = np.tile(np.arange(KEPT), len(keys) * self.layers)
        layer = np.tile(np.repeat(np.arange(self.layers), KEPT), len(keys))
        owner = np.repeat(keys, self.layers * KEPT)
        wait, mark = pairs(ref.stream("candidate"), owner, number, layer)
        size, mode = pairs(ref.stream("size"), owner, number * 16 + layer, np.zeros_like(number))
        stages = np.tile(np.arange(4), len(owner))
        length, luck = pairs(ref.stream("stage"), np.repeat(owner, 4), np.repeat(number * 16 + layer, 4), stages)
        self.wait, self.mark = memoryview(waits(wait)), memoryview(mark)
        self.size, self.mode = memoryview(spreads(size, ref.m["deal_sigma"])), memoryview(mode)
        number, every = np.tile(np.arange(KEPT), len(keys)), np.repeat(keys, KEPT)
        after, bite = pairs(ref.stream("attack"), every, number, np.zeros_like(number))
        self.after, self.bite = memoryview(waits(after)), memoryview(bite)
        self.length, self.luck = memoryview(spreads(length, ref.m["stage_sigma"])), memoryview(luck)

    def place(self, i: int, number: int, layer: int) -> int:
        """Where the luck of an account's candidate stands, -1 where it is not kept."""
        return (i * self.layers + layer) * KEPT + number if number < KEPT and layer < self.layers else -1
