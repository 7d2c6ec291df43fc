"""Which of several designs is best, in few replications: losers leave early, near ties are settled by an indifference zone.

Kim and Nelson, "A fully sequential procedure for indifference-zone selection in simulation", ACM TOMACS 2001. It allows common
luck (it rests on variances of paired differences) and holds conditional on the plans. Pairs without variance are judged at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fieldsim.errors import UsageError
from fieldsim.experiment.statistics import CONFIDENCE, Floats

Draw = Callable[[int, int, int], Floats]
"""`draw(design, first, last)`: figures of these replications, higher is better."""


@dataclass(frozen=True)
class Selection:
    """The design chosen, whether the procedure ended by itself, how much it ran, and when each design left (in replications)."""

    best: int
    decided: bool
    replications: int
    """Of all designs together."""
    left_after: tuple[int | None, ...]
    """None for those still in the race at the end."""


def select_best(
    draw: Draw, count: int, indifference: float, *, first_stage: int = 10, budget: int = 1000, alpha: float = 1.0 - CONFIDENCE
) -> Selection:
    """The best of `count` designs with probability 1 - alpha if it leads by `indifference` or more; else one as good as that.

    `budget` bounds the replications of one design. Values come in the draw's own unit, as does `indifference`.
    """
    if count < 1 or indifference <= 0.0 or first_stage < 2:
        raise UsageError("selecting needs a design, an indifference zone above zero and a first stage of at least two")
    values = [draw(i, 0, first_stage) for i in range(count)]
    left: list[int | None] = [None] * count
    race = list(range(count))
    spread = _spreads(values)
    reach = _reach(count, first_stage, alpha)
    r = first_stage
    while True:
        losers = _losers(values, race, spread, r, reach, indifference)
        for i in losers:
            left[i] = r
        race = [i for i in race if i not in losers]
        if len(race) == 1 or r >= budget:
            break
        for i in race:
            values[i] = np.append(values[i], draw(i, r, r + 1))
        r += 1
    means = [float(np.mean(values[i])) for i in race]
    return Selection(race[int(np.argmax(means))], len(race) == 1, sum(map(len, values)), tuple(left))


def _reach(count: int, first_stage: int, alpha: float) -> float:
    """h² of the procedure, with c = 1."""
    if count < 2:
        return 0.0
    eta = 0.5 * ((2.0 * alpha / (count - 1)) ** (-2.0 / (first_stage - 1)) - 1.0)
    return float(2.0 * eta * (first_stage - 1))


def _spreads(values: list[Floats]) -> Floats:
    """Variances of the paired differences in the first stage, shape [designs, designs]."""
    table = np.array(values)
    spreads: Floats = np.var(table[:, None, :] - table[None, :, :], axis=2, ddof=1)
    return spreads


def _losers(values: list[Floats], race: list[int], spread: Floats, r: int, reach: float, indifference: float) -> set[int]:
    """Designs that lie behind another by more than the shrinking margin; of two that are always equal the later one leaves."""
    sums = {i: float(np.sum(values[i])) for i in race}
    losers = set()
    for i in race:
        for j in race:
            if i == j or j in losers:
                continue
            behind = sums[j] - sums[i]
            if spread[i, j] == 0.0:
                margin, fixed = 0.0, True
            else:
                margin = max(0.0, 0.5 * indifference * (reach * spread[i, j] / indifference**2 - r))
                fixed = False
            if behind > margin or (behind == 0.0 and (fixed or margin == 0.0) and j < i):
                losers.add(i)
                break
    return losers
