"""Balanced designs: searched by the plain estimate first, then near the best design so far by estimates corrected about it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from fieldsim.model import Design, Floats, Scenario, Travel
from fieldsim.territory.balanced import Task, design_of, solved, stands, task_of, whole
from fieldsim.territory.planned import HOLD, Found, found_by, planned_price, searched_near
from fieldsim.territory.problem import slots_of
from fieldsim.territory.routed import LAST, Planned, roughly_planned
from fieldsim.territory.units import Brief


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
    search = partial(_balanced, brief)
    first = search(task)
    rounds = _rounds(task, brief)
    if rounds == 0:
        guess = task.market.driven(first.territory_of)
        return task, Found(first, guess, Planned(guess, 0.0 * guess), 0.0)
    best = found_by(task, task, travel, first)
    today = _standing(task, brief, first)
    if today is not None and planned_price(task, today) <= best.price:
        best = min(found_by(task, task, travel, today), best, key=lambda one: one.price)
    return task, searched_near(task, travel, brief, best, search, rounds, HOLD)[0]


def _balanced(brief: Brief, task: Task) -> Design:
    """The design that a search finds by a task's estimate."""
    return design_of(task, solved(task, brief), brief.name, brief.start)


def _rounds(task: Task, brief: Brief) -> int:
    """Rounds of correction; a wide market was corrected before its last search."""
    return 0 if task.near else brief.wishes.calibrations


def _standing(task: Task, brief: Brief, like: Design) -> Design | None:
    """The design that stands, where the search may answer it: every unit whole, in a seat that may have it."""
    present = task.market.present
    if brief.wishes.strict or not whole(task, present) or (slots_of(task.problem, stands(task, present)) < 0).any():
        return None
    return replace(like, territory_of=present)
