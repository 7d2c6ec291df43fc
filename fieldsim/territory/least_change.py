"""The least change that brings every seat of a design that stands within the tolerance: few moves, cheap classes first."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from fieldsim.errors import UsageError
from fieldsim.model import Design, Floats, Ints, Scenario, Travel
from fieldsim.territory.balanced import Task, design_of, task_of
from fieldsim.territory.contiguous import outside
from fieldsim.territory.disruption import activity_of
from fieldsim.territory.fewest import fewest_moves
from fieldsim.territory.planned import SEEDS, best_when_planned, corrected, planned_loads
from fieldsim.territory.problem import Problem, split_of
from fieldsim.territory.rebalance import away, found_either_way, one_by_one, standing, unmoved
from fieldsim.territory.refine import Budgets
from fieldsim.territory.units import Brief, Wishes
from fieldsim.territory.whole import less_torn, tied

TIE = 0.005
"""What the largest saving of hours counts beside the cheapest move: it decides among moves of one price."""


def fewest(scenario: Scenario, travel: Travel, brief: Brief) -> Design:
    """The fewest account moves after which every seat is within the tolerance, or as near to it as can be.

    A move counts what its class of activity does (`wishes.disruption`). Planned quarters correct the estimate of travel about the
    design that stands, then about what was found; of all these, what is most even when planned counts. Nothing moves to a rep who
    cannot be there and back in a day.
    """
    if brief.start is None:
        raise UsageError("the fewest moves start from a design", hint="say which with --from")
    brief = replace(brief, wishes=replace(brief.wishes, regroup=False, within_reach=True))
    task = task_of(scenario, travel, brief.start, brief.wishes, brief.territories, brief.vacate)
    if not brief.wishes.calibrations:
        return _changed(task, brief)
    found = found_either_way(task, travel, brief, _found)
    return best_when_planned(task, travel, found, partial(_uneven, task, brief), SEEDS[:1])


def _found(task: Task, travel: Travel, brief: Brief) -> list[Design]:
    """The design that stands, and the fewest moves by estimates corrected about that and then about themselves."""
    found = [unmoved(task, brief)]
    for _ in range(brief.wishes.calibrations + 1):
        found.append(_changed(corrected(task, travel, found[-1], brief), brief))
    return found


def _changed(task: Task, brief: Brief) -> Design:
    """The design of the fewest moves by a task's estimate."""
    home, wishes = standing(task), brief.wishes
    problem = counted(task, home, wishes)
    slot = fewest_moves(problem, home, seed=brief.seed, tries=wishes.moves)
    if wishes.strict:
        whole = tied(problem, task.scenario.accounts, task.market.unit)
        free = Budgets(np.zeros((*problem.seat.shape, 0)), np.zeros(0))
        most = outside(whole, home)
        slot = one_by_one(problem, less_torn(whole, home, slot), free, keeps=lambda tried: outside(whole, tried) <= most)
    return design_of(task, split_of(task.problem, slot), brief.name, brief.start)


def counted(task: Task, home: Ints, wishes: Wishes) -> Problem:
    """The task's problem with moves away from `home` counted by class; hours decide among equals."""
    problem, rows = task.problem, np.arange(task.problem.units)
    price = away(task, class_prices(task.scenario, wishes))
    price = price - price[rows, home][:, None]
    offered = problem.seat >= 0
    hours = np.where(offered, problem.cost, 0.0) - problem.cost[rows, home][:, None]
    dear = price[offered & (price > 0.0)]
    most = float(np.abs(hours[offered]).max(initial=0.0))
    part = TIE * float(dear.min(initial=1.0)) / max(most, 1e-9)
    return replace(problem, cost=np.where(offered, price + part * hours, np.inf), apart=part * problem.apart)


def class_prices(scenario: Scenario, wishes: Wishes) -> Floats:
    """What a move of each account counts."""
    prices: Floats = np.array(wishes.disruption, dtype=np.float64)[activity_of(scenario)]
    return prices


def _uneven(task: Task, brief: Brief, design: Design, routed: Floats) -> tuple[float, float]:
    """The sum of all excess over the tolerance with workload as planned, and what the moves count."""
    market = task.market
    over = np.maximum(np.abs(planned_loads(task, design, routed) - 1.0) - brief.wishes.tolerance, 0.0)
    moved = (market.present >= 0) & (market.present != design.territory_of)
    return round(float((over * task.problem.weight).sum()), 4), float(class_prices(task.scenario, brief.wishes)[moved].sum())
