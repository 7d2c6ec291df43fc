"""Least value of a smooth function in a box, by projected limited-memory quasi-Newton steps, counted and without BLAS."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from fieldsim.model import Floats

MEMORY = 12
CUTS = 12
"""How often a step is shortened before the search gives up."""
FIRST = 0.1
"""Length of the first step in its largest coordinate."""


def descend(value: Callable[[Floats], tuple[float, Floats]], point: Floats, high: Floats, steps: int) -> Floats:
    """The best point found between 0 and `high` from `point`; `value` returns the function and its gradient.

    Limited-memory BFGS (Nocedal 1980) on the coordinates that no bound holds, with backtracking along the projected line.
    Sums run in numpy, not in a threaded library, so that neither the answer nor the time depends on how many cores are free.
    """
    now, slope = value(point)
    memory: list[tuple[Floats, Floats, float]] = []
    for _ in range(steps):
        free = ~(((point <= 0.0) & (slope > 0.0)) | ((point >= high) & (slope < 0.0)))
        pull = np.where(free, slope, 0.0)
        if not np.abs(pull).max() > 1e-7:
            break
        way = np.where(free, -_curved(pull, memory), 0.0)
        if (way * slope).sum() >= 0.0:
            memory, way = [], -pull * FIRST / np.abs(pull).max()
        length = 1.0
        for _ in range(CUTS):
            tried = np.clip(point + length * way, 0.0, high)
            then, after = value(tried)
            if then <= now + 1e-4 * (slope * (tried - point)).sum():
                break
            length *= 0.4
        else:
            break
        step, turn = tried - point, after - slope
        bend = float((step * turn).sum())
        if bend > 1e-14:
            memory = [*memory[-MEMORY + 1 :], (step, turn, bend)]
        flat = abs(now - then) <= 1e-9 * max(1.0, abs(now))
        point, now, slope = tried, then, after
        if flat:
            break
    return point


def _curved(pull: Floats, memory: list[tuple[Floats, Floats, float]]) -> Floats:
    """The pull times the inverse curvature that the last steps have shown."""
    way = pull.copy()
    parts = []
    for step, turn, bend in reversed(memory):
        parts.append(float((step * way).sum()) / bend)
        way -= parts[-1] * turn
    if memory:
        _, turn, bend = memory[-1]
        way *= bend / float((turn * turn).sum())
    else:
        way *= FIRST / max(float(np.abs(pull).max()), 1e-12)
    for (step, turn, bend), part in zip(memory, reversed(parts), strict=True):
        way += (part - float((turn * way).sum()) / bend) * step
    return way
