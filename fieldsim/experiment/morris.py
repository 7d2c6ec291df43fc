"""Morris's screening: which inputs move an answer at all, from few runs along random ways through their ranges.

Morris, "Factorial sampling plans for preliminary computational experiments", Technometrics 1991; mean absolute effects (mu star)
after Campolongo, Cariboni and Saltelli, Environmental Modelling & Software 2007.
"""

from __future__ import annotations

import numpy as np

from fieldsim.experiment.statistics import Floats, Ints
from fieldsim.luck import keys_of, stream, uniforms

LEVELS = 4
STEP = LEVELS / (2.0 * (LEVELS - 1.0))
"""The jump of one input, as a share of its range."""


def trajectories(inputs: int, count: int, seed: int) -> tuple[Floats, Ints]:
    """Points, shape [count, inputs + 1, inputs] in the unit cube, and which input each step moves, shape [count, inputs].

    Each way starts at a random grid point of the lower half of every range or its mirror image, and moves every input once.
    """
    ways = keys_of(f"way {number}" for number in range(count))
    draws = {name: uniforms(stream(seed, 0, f"morris {name}"), ways, inputs) for name in ("start", "order", "side")}
    order = np.argsort(draws["order"], axis=1, kind="stable").astype(np.int64)
    low = np.floor(draws["start"] * LEVELS / 2.0) / (LEVELS - 1.0)
    rises = draws["side"] < 0.5
    points = np.empty((count, inputs + 1, inputs))
    points[:, 0] = np.where(rises, low, low + STEP)
    for step in range(inputs):
        points[:, step + 1] = points[:, step]
        rows, moved = np.arange(count), order[:, step]
        points[rows, step + 1, moved] += np.where(rises[rows, moved], STEP, -STEP)
    return points, order


def effects(points: Floats, order: Ints, answers: Floats) -> Floats:
    """The change of the answer for a whole range, from each step of each way, shape [inputs, count]; NaN where one is missing.

    `answers` has shape [count, inputs + 1].
    """
    count, inputs = order.shape
    found = np.full((inputs, count), np.nan)
    for way in range(count):
        for step, moved in enumerate(order[way].tolist()):
            jump = points[way, step + 1, moved] - points[way, step, moved]
            found[moved, way] = (answers[way, step + 1] - answers[way, step]) / jump
    return found


def strengths(found: Floats) -> Floats:
    """Mean absolute effect of each input (mu star), 0 where no step of it had an answer."""
    known = np.isfinite(found)
    total: Floats = np.where(known, np.abs(found), 0.0).sum(axis=1)
    mean: Floats = total / np.maximum(known.sum(axis=1), 1)
    return mean
