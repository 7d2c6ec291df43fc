"""Designs balanced in several metrics at once, near the reps' homes, with as few moves as they are worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from fieldsim.errors import UsageError
from fieldsim.model import Design, Floats, Ints, Scenario, Travel
from fieldsim.territory.contiguous import make_whole, outside
from fieldsim.territory.estimate import SPREAD, Ways, estimate_effort, measure_ways
from fieldsim.territory.guests import guests_of
from fieldsim.territory.locks import bonds_of
from fieldsim.territory.problem import Problem, Split, slots_of, split_of
from fieldsim.territory.routed import routed_hours
from fieldsim.territory.search import price_of, solve
from fieldsim.territory.seats import Seats, seats_of
from fieldsim.territory.slots import Anchor, problem_of
from fieldsim.territory.units import Brief, Market, Wishes, market_of, present_seats
from fieldsim.territory.whole import tied
from fieldsim.territory.wide import CELLS, QUICK_CELLS, evenly_planned, wide_ways


@dataclass(frozen=True, eq=False)
class Task:
    """A scenario made ready for the search."""

    scenario: Scenario
    seats: Seats
    ways: Ways
    market: Market
    problem: Problem
    factor: Floats
    """What each seat's estimate of travel was multiplied by, shape [seats]."""
    anchor: Anchor | None = None
    """The design that the estimate is corrected about, and what the problem charges for leaving it."""

    @property
    def near(self) -> bool:
        """Whether near seats stand for all of them."""
        return bool(self.market.seat.shape[1] < len(self.seats))


def task_of(
    scenario: Scenario,
    travel: Travel,
    start: Design | None,
    wishes: Wishes,
    territories: int | None = None,
    vacate: Sequence[str] = (),
    *,
    wide: bool = False,
) -> Task:
    """Seats, travel times, effort and the problem arrays of a scenario.

    Where accounts times seats are too many for tables, `wide` says that the caller makes do with the near seats of each account.
    """
    seats = seats_of(scenario, start, territories, vacate)
    guests = guests_of(seats, start)
    factor = np.full(len(seats), SPREAD)
    near = len(seats) * len(scenario.accounts) > (QUICK_CELLS if wide else CELLS)
    if near and not wide:
        tell = f"{len(scenario.accounts)} accounts by {len(seats)} seats are too many for this"
        raise UsageError(tell, hint="only balanced designs are made of so many")
    if near:
        present = present_seats(scenario, seats, start)
        ways = wide_ways(scenario, travel, seats, present, bonds_of(scenario, seats, present).held)
    else:
        ways = measure_ways(scenario, travel, seats)
    market = market_of(scenario, ways, seats, estimate_effort(scenario, seats, ways, guests), start, wishes)
    if near and wishes.calibrations:  # before the search, because there is time for one only
        market, factor = evenly_planned(scenario, travel, market, ways, wishes, start)
    return Task(scenario, seats, ways, market, problem_of(scenario, market, ways, wishes), factor)


def design_of(task: Task, split: Split, name: str, start: Design | None) -> Design:
    """The design that a split is; specialists stay as they are."""
    seat = task.problem.seat[np.arange(task.problem.units), split.slot]
    return Design(name, task.seats.names, seat[task.market.unit], task.seats.rep, start.overlays if start else ())


def stands(task: Task, owner: Ints) -> Ints:
    """The seat of each unit of the task's problem in a design: what seats carry besides is theirs."""
    unit = task.market.by_unit(owner)
    return np.concatenate((unit, np.arange(task.problem.units - len(unit), dtype=np.int64)))


def whole(task: Task, owner: Ints) -> bool:
    """Whether a design has every account in a seat and every unit in one."""
    return bool((owner >= 0).all() and (task.market.by_unit(owner)[task.market.unit] == owner).all())


def solved(task: Task, brief: Brief) -> Split:
    """The best split the search finds; never worse than the design that the task is corrected about, else the one that stands,
    where that seats every unit whole.

    Where territories must be in one piece, fewer accounts outside their territory's largest piece come first.
    """
    problem, wishes = task.problem, brief.wishes
    stood = task.anchor.owner if task.anchor else task.market.present
    start = stands(task, stood) if whole(task, stood) else None
    split = solve(problem, seed=brief.seed, moves=wishes.moves, start=start, quick=task.near)
    if not wishes.strict:
        return split
    graph = tied(problem, task.scenario.accounts, task.market.unit)
    found = [make_whole(graph, split, seed=brief.seed, moves=wishes.moves).slot]
    if start is not None and (given := slots_of(problem, start)).min() >= 0:
        found.append(given)
    return split_of(problem, min(found, key=lambda slot: (outside(graph, slot), price_of(problem, slot))))


def calibrated(task: Task, travel: Travel, design: Design, start: Design | None, wishes: Wishes) -> Task:
    """The task with all travel scaled to what a planned quarter of the design takes."""
    guests, owner, count = guests_of(task.seats, start), design.territory_of, len(task.seats)
    plain = estimate_effort(task.scenario, task.seats, task.ways, guests, np.ones(count), owner)
    guess = replace(task.market, effort=plain).driven(owner)
    routed = routed_hours(task.scenario, travel, design, task.seats, guess)
    # rounded, so that the order of rows in a sum decides nothing
    factor = np.round(np.full(count, float(routed.sum()) / max(float(guess.sum()), 1e-9)), 6)
    return scaled(task, factor, start, wishes, owner)


def scaled(task: Task, factor: Floats, start: Design | None, wishes: Wishes, owner: Ints | None = None) -> Task:
    """The task with travel times a factor for each seat, shape [seats]; `owner` seats each account in the design it is of."""
    effort = estimate_effort(task.scenario, task.seats, task.ways, guests_of(task.seats, start), factor, owner)
    market = market_of(task.scenario, task.ways, task.seats, effort, start, wishes)
    return replace(task, factor=factor, market=market, problem=problem_of(task.scenario, market, task.ways, wishes))
