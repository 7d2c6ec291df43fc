"""How many seats the due visits need."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from fieldsim.model import Design, Scenario, Travel
from fieldsim.territory.balanced import task_of
from fieldsim.territory.curves import fewest_around
from fieldsim.territory.search import solve
from fieldsim.territory.seats import working_hours
from fieldsim.territory.units import Wishes

FILLED = 0.9
"""Share of its working time that a seat's due visits and travel may take; the rest is for what no plan foresees."""
TRIES = 300
"""Tries of the search a unit: travel, and with it the number, settles long before the design does."""


def seats_needed(scenario: Scenario, travel: Travel, start: Design, wishes: Wishes | None = None, *, seed: int = 0) -> int:
    """The fewest seats whose due visits and travel fill 90 % of their working time at most, by the estimate.

    More seats than accounts are never asked for. Fewer seats than now leave out the reps with least potential around them,
    whatever locks.csv says of them.
    """
    scenario = replace(scenario, locks=())
    chosen = replace(wishes or Wishes(), calibrations=0)
    now, most = len(start.territories), len(scenario.accounts)
    filled: dict[int, float] = {}

    def fits(number: int) -> bool:
        if number not in filled:
            filled[number] = _filled(scenario, travel, start, chosen, number, seed)
        return filled[number] <= FILLED

    number = now
    for _ in range(6):  # the work is about the same whatever the number, so that this is nearly always two steps
        fits(number)
        guess = min(most, max(1, math.ceil(number * filled[number] / FILLED - 1e-9)))
        if guess in filled:
            break
        number = guess
    while not fits(number) and number < most:
        number += 1
    while number > 1 and fits(number - 1):
        number -= 1
    return number


def _filled(scenario: Scenario, travel: Travel, start: Design, wishes: Wishes, number: int, seed: int) -> float:
    """Work over working time of all seats together under a balanced design of so many seats."""
    now = len(start.territories)
    fewer = fewest_around(scenario, travel, start)[: max(0, now - number)]
    task = task_of(scenario, travel, start, wishes, number if number > now else None, [scenario.reps[k].id for k in fewer])
    split = solve(task.problem, seed=seed, moves=TRIES * task.problem.units)
    seat = task.problem.seat[np.arange(task.problem.units), split.slot][task.market.unit]
    work = task.market.effort.travel[np.arange(len(seat)), seat].sum() + task.market.effort.service.sum()
    return float(work / working_hours(scenario, task.seats).sum())
