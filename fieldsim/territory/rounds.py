"""Searches by an estimate, plans what it finds, corrects the estimate about the best design so far, and searches near that again.

An estimate is right about a planned design and its near neighbours only, and a search goes where it errs most. So each search
pays for leaving the best design: less after a round that paid off when planned, more after one that did not.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from fieldsim.model import Design, Floats, Scenario, Travel
from fieldsim.territory.balanced import Task, design_of, solved, stands, task_of
from fieldsim.territory.planned import HOLD, LOOSER, NEARER, TIGHTER, corrected, planned_price
from fieldsim.territory.problem import slots_of
from fieldsim.territory.routed import LAST, Planned, roughly_planned
from fieldsim.territory.search import solve
from fieldsim.territory.units import Brief


class Found(NamedTuple):
    """A design with what it drives when planned."""

    design: Design
    guess: Floats
    """Hours of travel of each seat by the estimate that it was found with."""
    planned: Planned
    price: float
    """See `planned_price`."""


def balanced(scenario: Scenario, travel: Travel, brief: Brief) -> Design:
    """Balances the metrics asked for within the tolerance at the least travel, misfit and disruption."""
    return found(scenario, travel, brief)[1].design


def searched(scenario: Scenario, travel: Travel, brief: Brief) -> tuple[Design, Floats]:
    """The best design, and the hours of travel of each seat by the estimate, corrected a last time about that design."""
    task, best = found(scenario, travel, brief)
    if _rounds(task, brief) == 0:
        return best.design, best.guess
    return best.design, roughly_planned(scenario, travel, best.design, task.seats, best.guess, LAST).hours


def found(scenario: Scenario, travel: Travel, brief: Brief) -> tuple[Task, Found]:
    """The best design of all rounds, and the task of the first.

    The search adds up estimates; planned quarters of what it finds correct them for the next round, and choose among the rounds
    and the design that stands.
    """
    task = task_of(scenario, travel, brief.start, brief.wishes, brief.territories, brief.vacate, wide=True)
    first = design_of(task, solved(task, brief), brief.name, brief.start)
    rounds = _rounds(task, brief)
    if rounds == 0:
        guess = task.market.driven(first.territory_of)
        return task, Found(first, guess, Planned(guess, 0.0 * guess), 0.0)
    best = _planned(task, task, travel, first)
    today = _standing(task, brief, first)
    if today is not None and planned_price(task, today) <= best.price:
        best = min(_planned(task, task, travel, today), best, key=lambda one: one.price)
    hold = HOLD
    for _ in range(rounds):
        near = corrected(task, travel, best.design, brief, best.planned, hold)
        new = _planned(task, near, travel, _near(near, best, brief, NEARER))
        if new.price >= best.price and not brief.wishes.strict:
            new = min(new, _planned(task, near, travel, _near(near, best, brief, 1.0)), key=lambda one: one.price)
        hold *= LOOSER if new.price < best.price else TIGHTER
        settled = bool((new.design.territory_of == best.design.territory_of).all())
        best = new if settled else min(best, new, key=lambda one: one.price)
        if settled:
            break
    return task, best


def _rounds(task: Task, brief: Brief) -> int:
    """Rounds of correction; a wide market was corrected before its last search."""
    return 0 if task.near else brief.wishes.calibrations


def _planned(task: Task, by: Task, travel: Travel, design: Design) -> Found:
    """A design found `by` a task's estimate, planned."""
    guess = by.market.driven(design.territory_of)
    planned = roughly_planned(task.scenario, travel, design, task.seats, guess)
    return Found(design, guess, planned, planned_price(task, design, planned.hours))


def _standing(task: Task, brief: Brief, like: Design) -> Design | None:
    """The design that stands, where the search may answer it: every unit whole, in a seat that may have it."""
    present = task.market.present
    if brief.wishes.strict or (present < 0).any():
        return None
    seat = stands(task, present)
    if (seat[task.market.unit] != present).any() or (slots_of(task.problem, seat) < 0).any():
        return None
    return replace(like, territory_of=present)


def _near(task: Task, best: Found, brief: Brief, part: float) -> Design:
    """What a search finds near the best design within a part of the tolerance."""
    if brief.wishes.strict:
        return design_of(task, solved(task, brief), brief.name, brief.start)
    problem = replace(task.problem, tolerance=task.problem.tolerance * part)
    split = solve(problem, seed=brief.seed, moves=brief.wishes.moves, start=stands(task, best.design.territory_of))
    return design_of(task, split, brief.name, brief.start)
