"""The fewest moves that bring every seat within the tolerance: excess first, then the price of the moves.

The linear relaxation says what a load more or less is worth to each seat. With these prices from the first, annealing over
promising moves goes down in reduced costs, which tell states of equally many moves apart. It first ends where a little excess is
left, as that takes moves that lead on; a second search pays it off, and a last one, from the best answer, sells none of it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fieldsim.luck import stream
from fieldsim.model import Floats, Ints
from fieldsim.territory.away import Moves, Prices, moves_of
from fieldsim.territory.problem import Problem, split_of
from fieldsim.territory.refine import Budgets, Excess, Relaxed, exchanged, promising, relax

TRIES, LEAST, MOST = 400_000, 1_600_000, 20_000_000
"""Tries of all searches for each move of the relaxation, at least and at most so many."""
STARTS = 2
"""Searches from home."""
SHORT = Excess(1e3, 1e3)
"""What a full load of excess and its square cost the relaxation, in moves."""


class Stage(NamedTuple):
    """A search: first prices of excess, in the relaxation's highest, its last ones, in moves, and its heats."""

    line: float
    """Added to each seat's own price in the relaxation."""
    square: float
    paid: Excess
    heats: tuple[float, float]
    """First and last, in typical costs of a move."""


SOFT = Stage(0.02, 0.1, Excess(1e5, 1e3), (0.4, 0.1))
HARD = Stage(1.0, 5.0, Excess(1e6, 1e6), (0.4, 0.1))
LAST = Stage(20.0, 100.0, Excess(1e6, 1e6), (0.2, 0.05))
FAR, STEEP = Excess(1e4, 0.0), 1.0
"""Prices of excess where no search found the tolerance, from first to last, and the first heat in a mean unit's excess."""


def fewest_moves(problem: Problem, home: Ints, *, seed: int = 0, tries: int | None = None) -> Ints:
    """Slots of the least excess over the tolerance and, among those, of the cheapest moves away from `home`.

    Never worse than `home`. A move costs what its slot does beyond the home slot; the answer depends on the problem and the seed.
    """
    none = Budgets(np.zeros((*problem.seat.shape, 0)), np.zeros(0))
    if merit(problem, home) <= (0.0, float(problem.cost.min(axis=1).sum())):
        return home
    relaxed = relax(problem, home, SHORT, none)
    unit, slot = promising(problem, home, home, relaxed)
    if not len(unit):
        return home
    moves = moves_of(problem, home, unit, slot, none.use)
    at = len(unit) + np.arange(problem.units)
    tries = min(max(LEAST, int(TRIES * relaxed.away)), MOST) if tries is None else tries
    found, share = [at], max(1, tries // (2 * STARTS + 1))
    for turn in range(0, 2 * STARTS, 2):
        soft = _searched(problem, moves, at, relaxed, SOFT, share, stream(seed, turn, "fewest moves"))
        found += [soft, _searched(problem, moves, soft, relaxed, HARD, share, stream(seed, turn + 1, "fewest moves"))]
    for turn, stage in ((2 * STARTS, LAST), (2 * STARTS + 1, _far(problem, relaxed))):
        best = min(found, key=lambda column: merit(problem, moves.slot[column]))
        if stage is LAST or merit(problem, moves.slot[best])[0] > 0.0:
            found.append(_searched(problem, moves, best, relaxed, stage, share, stream(seed, turn, "fewest moves")))
    return moves.slot[min(found, key=lambda column: merit(problem, moves.slot[column]))]


def _far(problem: Problem, relaxed: Relaxed) -> Stage:
    """The search for the least excess, hot enough at first to move a unit of mean size between seats out of tolerance."""
    high = relaxed.typical / _high(relaxed)
    hot = STEEP * FAR.line * problem.seats / problem.units
    return Stage(FAR.line * high, FAR.square * high, FAR, (max(hot, LAST.heats[0]), LAST.heats[1]))


def _high(relaxed: Relaxed) -> float:
    return max(relaxed.excess, 1e-3 * relaxed.typical)


def merit(problem: Problem, slot: Ints) -> tuple[float, float]:
    """What is less in the better answer: the sum of all excess over the tolerance, then the cost."""
    split = split_of(problem, slot)
    over: Floats = np.maximum(np.abs(split.loads / split.loads.mean(axis=0) - 1.0) - problem.tolerance, 0.0)
    return round(float(over[:, problem.weight > 0.0].sum()), 9), split.hours


def _searched(problem: Problem, moves: Moves, at: Ints, relaxed: Relaxed, stage: Stage, tries: int, luck: np.uint64) -> Ints:
    """The columns after one search from `at`."""
    high = _high(relaxed)
    heeded = (problem.weight > 0.0).astype(np.float64)
    paid = [price * relaxed.typical * heeded for price in stage.paid]
    line = np.ascontiguousarray(np.minimum((relaxed.load + stage.line * high) * heeded, paid[0]))
    prices = Prices(line, paid[0], np.minimum(stage.square * high * heeded, paid[1]) + 1e-12, paid[1] + 1e-12, np.zeros(0))
    hot, cold = (heat * relaxed.typical for heat in stage.heats)
    return exchanged(problem, moves, at, prices, np.zeros(0), (hot, cold), tries, luck)
