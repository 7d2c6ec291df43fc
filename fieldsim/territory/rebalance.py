"""The few moves that help most: a design that stands, a budget, and a price of moving found by halving."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fieldsim.errors import UsageError
from fieldsim.model import Bools, Design, Floats, Ints, Scenario, Travel
from fieldsim.territory.balanced import Task, design_of, task_of
from fieldsim.territory.problem import Problem, Split, retarget, split_of
from fieldsim.territory.search import excess_price, price_of, solve
from fieldsim.territory.units import Brief, Wishes

HALVINGS = 14
TRIES = 600
"""Tries of the search a unit and price."""
BUDGET = 40
"""Accounts a rebalance may move when no budget is given."""


def rebalance(scenario: Scenario, travel: Travel, brief: Brief) -> Design:
    """The best design within `wishes.budget` accounts (default 40) and `wishes.revenue_budget` of last year's revenue moved."""
    if brief.start is None:
        raise UsageError("a rebalance starts from a design", hint="say which with --from")
    task = task_of(scenario, travel, brief.start, replace(brief.wishes, regroup=False), brief.territories, brief.vacate)
    return design_of(task, within_budget(task, brief.wishes, brief.seed), brief.name, brief.start)


def within_budget(task: Task, wishes: Wishes, seed: int) -> Split:
    """The least hours and excess with no more moved than allowed.

    Tries the single moves that help most, one after the other, and whole answers under a price a move, halved to the lowest one
    that keeps to the budget; the better one counts.
    """
    problem, away = task.problem, _away(task, _used(task, wishes))
    present = np.where(np.isfinite(away[:, 0]), away.argmin(axis=1), 0).astype(np.int64)
    allowed = BUDGET if wishes.budget is None and wishes.revenue_budget is None else wishes.budget
    slots = [present, _one_by_one(task, present, away, allowed, wishes.revenue_budget)]
    low, high = 1e-3, 1e7
    for _ in range(HALVINGS):
        price = float(np.sqrt(low * high))
        split = solve(_priced(task, away, price), seed=seed, moves=wishes.moves or TRIES * problem.units)
        if _keeps(task, split.slot, allowed, wishes.revenue_budget):
            high = price
            slots.append(split.slot)
        else:
            low = price
    return split_of(problem, min(slots, key=lambda s: price_of(problem, s)))


def _one_by_one(task: Task, slot: Ints, away: Floats, budget: int | None, revenue: float | None) -> Ints:
    """Slots after the moves that lower the price most for what they use, as long as one does and the budget lasts."""
    problem = retarget(task.problem, slot)
    slot = slot.copy()
    while True:
        gain = _gains(problem, slot) / np.where(np.isfinite(away) & (away > 0.0), away, 0.5)
        for k in np.argsort(-gain, axis=None)[:20].tolist():
            unit, to = divmod(k, gain.shape[1])
            tried = slot.copy()
            tried[unit] = to
            if gain[unit, to] > 1e-9 and _keeps(task, tried, budget, revenue):
                slot = tried
                break
        else:
            return slot


def _gains(problem: Problem, slot: Ints) -> Floats:
    """What moving one unit to each of its slots lowers the price by, shape [units, slots]."""
    rows = np.arange(problem.units)
    loads = split_of(problem, slot).loads
    mine = problem.load[rows, slot]
    here = problem.seat[rows, slot]

    leave = excess_price(problem, loads[here]) - excess_price(problem, loads[here] - mine)
    enter = excess_price(problem, loads[problem.seat]) - excess_price(problem, loads[problem.seat] + problem.load)
    gain = problem.cost[rows, slot][:, None] - problem.cost + leave[:, None] + enter
    return np.where((problem.seat >= 0) & (problem.seat != here[:, None]), gain, -np.inf)


def _used(task: Task, wishes: Wishes) -> Floats:
    """What moving each account uses of the budget: 1, or under a budget of revenue its revenue over the mean and a tenth."""
    if wishes.revenue_budget is None:
        return np.ones(len(task.market.present))
    last = task.scenario.accounts.revenue_last_year
    used: Floats = last / max(float(last.mean()), 1e-9) + (0.1 if wishes.budget is None else 1.0)
    return used


def _away(task: Task, used: Floats) -> Floats:
    """What the moves of each unit to a slot use of the budget, shape [units, slots]."""
    seats = np.arange(len(task.seats))
    moved = (task.market.present[:, None] != seats) & (task.market.present >= 0)[:, None]
    by_unit = np.zeros((task.problem.units, len(seats)))
    np.add.at(by_unit, task.market.unit, moved * used[:, None])
    slots: Floats = np.where(
        task.problem.seat >= 0, np.take_along_axis(by_unit, np.maximum(task.problem.seat, 0), axis=1), np.inf
    )
    return slots


def _priced(task: Task, away: Floats, price: float) -> Problem:
    """The problem with a price for what moves use of the budget."""
    return replace(task.problem, cost=task.problem.cost + price * np.where(np.isfinite(away), away, 0.0))


def _keeps(task: Task, slot: Ints, budget: int | None, revenue: float | None) -> bool:
    moved = moved_accounts(task, slot)
    if budget is not None and int(moved.sum()) > budget:
        return False
    last = task.scenario.accounts.revenue_last_year
    return revenue is None or float(last[moved].sum()) <= revenue * float(last.sum()) + 1e-9


def moved_accounts(task: Task, slot: Ints) -> Bools:
    """Whether each account leaves the seat it is in."""
    seat = task.problem.seat[np.arange(task.problem.units), slot][task.market.unit]
    moved: Bools = (seat != task.market.present) & (task.market.present >= 0)
    return moved
