"""Keyed draws in blocks for the reference model: whole columns at once, the same numbers as one by one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from fieldsim.simulation import draws

if TYPE_CHECKING:
    from simulation.reference import Reference

KEPT, DRAWN, ATTACKS = 4, 12, 3
"""Opportunities of each account and layer, candidates for them, and attacks on each account whose luck is drawn beforehand."""


def pairs(stream: np.uint64, keys: np.ndarray, index: np.ndarray, second: int = 0) -> np.ndarray:
    """Two uniform numbers for each entity and index, shape [2, n]."""
    out = np.empty((2, len(keys)))
    draws.pairs(stream, keys, index, second, out[0], out[1])
    return out


def spreads(p: np.ndarray, sigma: float) -> np.ndarray:
    """Lognormal numbers of mean 1 at the given quantiles."""
    out = np.empty(len(p))
    draws.spreads(p, sigma, out)
    return out


@njit(cache=True)
def waits(p: np.ndarray) -> np.ndarray:
    """Exponential numbers of mean 1 at the given quantiles."""
    out = np.empty(len(p))
    for k in range(len(p)):
        out[k] = -math.log(p[k])
    return out


class Prospects:
    """Luck of every account's first candidates in each layer it has, and of what becomes of them.

    Account i's layers begin at `base[i]`; each layer has DRAWN candidates, KEPT of them with luck of their own, in 4 stages.
    """

    def __init__(self, ref: Reference) -> None:
        keys, tables, m = ref.stage.field.entities, ref.tables, ref.m
        owner, drawn, kept = keys[tables.layer_of], np.arange(DRAWN), np.arange(KEPT)
        layers = [np.flatnonzero(tables.layer == layer) for layer in range(tables.layer.max(initial=-1) + 1)]
        candidate = np.empty((2, len(owner), DRAWN))
        for layer, rows in enumerate(layers):
            found = pairs(ref.stream("candidate"), np.repeat(owner[rows], DRAWN), np.tile(drawn, len(rows)), layer)
            candidate[:, rows] = found.reshape(2, -1, DRAWN)
        self.wait, self.mark = memoryview(waits(candidate[0].ravel())), memoryview(candidate[1].ravel())
        owner, number = np.repeat(owner, KEPT), (kept * 16 + tables.layer[:, None]).ravel()
        size, mode = pairs(ref.stream("size"), owner, number)
        self.size, self.mode = memoryview(spreads(size, m.deal_sigma)), memoryview(mode)
        stages = [pairs(ref.stream("stage"), owner, number, stage) for stage in range(4)]
        self.length = [memoryview(spreads(length, m.stage_sigma)) for length, _ in stages]
        self.luck = [memoryview(luck) for _, luck in stages]
        attack = pairs(ref.stream("attack"), np.repeat(keys, ATTACKS), np.tile(np.arange(ATTACKS), len(keys)))
        self.after, self.bite = memoryview(waits(attack[0])), memoryview(attack[1])
