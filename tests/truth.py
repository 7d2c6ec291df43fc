"""What designs and splits are worth, told by code that shares none with the territory room."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from small import make_travel

from fieldsim.model import Design, Floats, Scenario
from fieldsim.planning import plan_quarter
from fieldsim.territory.problem import Problem


def driven(scenario: Scenario, design: Design, effort: str = "quick", seed: int = 77) -> Floats:
    """Hours of travel of each territory in a planned quarter; visits without a day drive as far as the others."""
    travel = make_travel(scenario)
    seconds = travel.matrix(range(len(scenario.accounts) + len(scenario.reps))).seconds[0]
    plan = plan_quarter(scenario, design, travel, effort=effort, seed=seed, workers=1)
    hours = []
    for mine in plan.territories:
        home, near = scenario.home(mine.rep), ~mine.remote
        left = sum(row.count for row in mine.unplaced)
        ways = [[home, *mine.account[near & (mine.day == day)].tolist(), home] for day in np.unique(mine.day).tolist()]
        total = sum(int(seconds[a, b]) for way in ways for a, b in pairwise(way))
        hours.append(total / 3600.0 * (1.0 + left / max(1, int(near.sum()))))
    return np.array(hours)


def balance_limits(problem: Problem) -> Floats:
    """Rows of an integer program over all slots that are there, each at most 0 where every seat is within the tolerance.

    Each is written out for itself: load of a seat, times seats, against the whole load times 1 + and - tolerance.
    """
    unit, slot = np.nonzero(problem.seat >= 0)
    seat, load = problem.seat[unit, slot], problem.load[unit, slot]
    rows = []
    for m in range(load.shape[1]):
        for j in range(problem.seats):
            mine = problem.seats * load[:, m] * (seat == j)
            rows += [mine - (1.0 + problem.tolerance) * load[:, m], (1.0 - problem.tolerance) * load[:, m] - mine]
    return np.array(rows)
