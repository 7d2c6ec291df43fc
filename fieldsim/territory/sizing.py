"""How many seats the due visits need."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from fieldsim.model import Design, Scenario, Travel
from fieldsim.territory.balanced import Task, task_of
from fieldsim.territory.nameless import nameless
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
    view, start = nameless(replace(scenario, locks=()), travel, start)
    scenario, travel = view.scenario, view.travel
    chosen = replace(wishes or Wishes(), calibrations=0)
    now, most = len(start.territories), len(scenario.accounts)
    weak, filled = fewest_around(scenario, travel, start), dict[int, float]()

    def fits(number: int) -> bool:
        if number not in filled:
            filled[number] = _filled(task_of_size(scenario, travel, start, chosen, weak, number), seed)
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


def _filled(task: Task, seed: int) -> float:
    """Work over working time of all seats together under a balanced design."""
    split = solve(task.problem, seed=seed, moves=TRIES * task.problem.units)
    seat = task.problem.seat[np.arange(task.problem.units), split.slot][task.market.unit]
    work = task.market.driven(seat).sum() + task.market.visited(seat).sum()
    return float(work / working_hours(task.scenario, task.seats).sum())


def task_of_size(scenario: Scenario, travel: Travel, start: Design, wishes: Wishes, weak: Sequence[int], number: int) -> Task:
    """The task of a team of so many seats: with vacant ones more, or without the first of the `weak` reps."""
    now = len(start.territories)
    fewer = [scenario.reps[rep].id for rep in weak[: max(0, now - number)]]
    return task_of(scenario, travel, start, wishes, number if number > now else None, fewer)


def fewest_around(scenario: Scenario, travel: Travel, start: Design) -> list[int]:
    """Reps of a design by the potential that lives closest to them, least first; who holds locked accounts comes last."""
    task = task_of(scenario, travel, start, Wishes(metrics={"workload": 1.0}))  # whatever is to be balanced
    near = np.bincount(task.ways.home_s.argmin(axis=1), scenario.accounts.potential, len(task.seats))
    locked = np.bincount(task.market.held[task.market.held >= 0], minlength=len(task.seats)) > 0
    places = [(scenario.reps[rep].lat, scenario.reps[rep].lon) if rep >= 0 else (0.0, 0.0) for rep in task.seats.rep.tolist()]
    lat, lon = np.array(places).T
    order = np.lexsort((lon, lat, np.round(near, 6), locked))  # where there is as little around two of them, no name decides
    return [int(task.seats.rep[s]) for s in order if task.seats.rep[s] >= 0]
