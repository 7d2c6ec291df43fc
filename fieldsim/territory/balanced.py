"""Designs balanced in several metrics at once, near the reps' homes, with as few moves as they are worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fieldsim.model import Design, Floats, Scenario, Travel
from fieldsim.territory.estimate import Ways, estimate_effort, measure_ways
from fieldsim.territory.problem import Problem, Split
from fieldsim.territory.search import solve
from fieldsim.territory.seats import Seats, seats_of
from fieldsim.territory.units import Market, Wishes, market_of, problem_of


@dataclass(frozen=True, eq=False)
class Task:
    """A scenario made ready for the search."""

    scenario: Scenario
    seats: Seats
    ways: Ways
    market: Market
    problem: Problem


def task_of(
    scenario: Scenario,
    travel: Travel,
    start: Design | None,
    wishes: Wishes,
    territories: int | None = None,
    vacate: Sequence[str] = (),
) -> Task:
    """Seats, travel times, effort and the problem arrays of a scenario."""
    seats = seats_of(scenario, start, territories, vacate)
    ways = measure_ways(scenario, travel, seats)
    effort = estimate_effort(scenario, seats, ways, own_share(scenario, start))
    market = market_of(scenario, seats, effort, start, wishes)
    return Task(scenario, seats, ways, market, problem_of(scenario, market, ways, wishes))


def own_share(scenario: Scenario, start: Design | None) -> Floats:
    """Share of each account's visits that is left to its owner by the specialists."""
    share = np.ones(len(scenario.accounts))
    for overlay in start.overlays if start else ():
        share[overlay.account] = max(0.0, share[overlay.account] - overlay.visit_share)
    return share


def design_of(task: Task, split: Split, name: str, start: Design | None) -> Design:
    """The design that a split is; specialists stay as they are."""
    seat = task.problem.seat[np.arange(task.problem.units), split.slot]
    return Design(name, task.seats.names, seat[task.market.unit], task.seats.rep, start.overlays if start else ())


def balanced(
    scenario: Scenario,
    travel: Travel,
    *,
    name: str,
    start: Design | None,
    territories: int | None,
    vacate: Sequence[str],
    wishes: Wishes,
    seed: int,
    by: str | None,  # noqa: ARG001
) -> Design:
    """Balances the metrics asked for within the tolerance at the least travel, misfit and disruption."""
    task = task_of(scenario, travel, start, wishes, territories, vacate)
    return design_of(task, solve(task.problem, seed=seed, moves=wishes.moves), name, start)
