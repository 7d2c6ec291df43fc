"""The few moves that help most: a design that stands and a budget of accounts, of revenue, or of both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from fieldsim.errors import UsageError
from fieldsim.model import Bools, Design, Floats, Ints, Scenario, Travel
from fieldsim.territory.balanced import Task, design_of, task_of
from fieldsim.territory.contiguous import outside
from fieldsim.territory.planned import best_when_planned, found_by, planned_price, searched_near
from fieldsim.territory.problem import Problem, Split, retarget, split_of
from fieldsim.territory.refine import Budgets, few_moves
from fieldsim.territory.search import excess_price, paid, price_of
from fieldsim.territory.units import Brief, Wishes
from fieldsim.territory.whole import less_torn, tied

TRIES = 3_000_000
"""Tries of the search."""
WORTH = 1.0
"""Hours that an hour beyond the tolerance costs, and a part of any metric the same part of a mean seat's hours."""
BUDGET = 40
"""Accounts a rebalance may move when no budget is given."""


def rebalance(scenario: Scenario, travel: Travel, brief: Brief) -> Design:
    """The best design within `wishes.budget` accounts (default 40) and `wishes.revenue_budget` of last year's revenue moved.

    Planned quarters correct the estimate of travel about the design that stands, then about the best one so far. What is found
    counts by its own planned quarter, in hours and the price of excess: where nothing is better than what stands, that stays.
    Nothing moves to a rep who cannot be there and back in a day. Where families may split, what is found with them together
    counts as well: among more answers a search may miss the better one.
    """
    if brief.start is None:
        raise UsageError("a rebalance starts from a design", hint="say which with --from")
    brief = replace(brief, wishes=wished(brief.wishes))
    task = task_of(scenario, travel, brief.start, brief.wishes, brief.territories, brief.vacate)
    if not brief.wishes.calibrations:
        return _moved(brief, task)
    found = found_either_way(task, travel, brief, _found)
    return best_when_planned(task, travel, found, lambda design, routed: (planned_price(task, design, routed),))


def budgeted(wishes: Wishes) -> Wishes:
    """The wishes with the usual budget where they name none."""
    none = wishes.budget is None and wishes.revenue_budget is None
    return replace(wishes, budget=BUDGET) if none else wishes


def wished(wishes: Wishes) -> Wishes:
    """The wishes of a rebalance: families stay as they are, nothing moves out of reach, and an hour too much costs an hour.

    A budget seldom lets all seats come within the tolerance. At a price that makes of it all but a law, the last per cent of
    balance would be bought with any travel: on the midwest 716 moves and 11 % more of it left potential and workload 36 and
    29 % off; at an hour for an hour 481 moves and 13 % less travel leave them 38 and 25 % off.
    """
    return replace(wishes, regroup=False, within_reach=True, excess=WORTH if wishes.excess is None else wishes.excess)


def _found(task: Task, travel: Travel, brief: Brief) -> list[Design]:
    """The design that stands and what searches near it find."""
    stays, rounds = found_by(task, task, travel, unmoved(task, brief)), brief.wishes.calibrations + 1
    return [each.design for each in searched_near(task, travel, brief, stays, partial(_moved, brief), rounds, hold=0.0)[1:]]


def found_either_way(
    task: Task, travel: Travel, brief: Brief, find: Callable[[Task, Travel, Brief], list[Design]]
) -> list[Design]:
    """The design that stands and what is found; where families may split and there are any, what is found of them whole too."""
    found, parents = find(task, travel, brief), [parent for parent in task.scenario.accounts.parent if parent]
    if not brief.wishes.families and len(set(parents)) < len(parents):
        brief = replace(brief, wishes=replace(brief.wishes, families=True))
        together = task_of(task.scenario, travel, brief.start, brief.wishes, brief.territories, brief.vacate)
        found += find(together, travel, brief)[1:]
    return found


def unmoved(task: Task, brief: Brief) -> Design:
    """The design that stands, but for what locks and leavers move."""
    return design_of(task, split_of(task.problem, standing(task)), brief.name, brief.start)


def _moved(brief: Brief, task: Task) -> Design:
    """The design of the moves that help most by a task's estimate."""
    split = within_budget(task, brief.wishes, brief.seed)
    return design_of(task, _in_one_piece(task, split, brief.wishes) if brief.wishes.strict else split, brief.name, brief.start)


def _in_one_piece(task: Task, split: Split, wishes: Wishes) -> Split:
    """The split without the moves that tear a territory more than today, and with those that then still help and do not."""
    problem, present = tied(task.problem, task.scenario.accounts, task.market.unit), standing(task)
    most = outside(problem, present)
    slot = less_torn(problem, present, split.slot)
    budgets = budgets_of(task, wishes, present)
    return split_of(task.problem, one_by_one(task.problem, slot, budgets, keeps=lambda tried: outside(problem, tried) <= most))


def within_budget(task: Task, wishes: Wishes, seed: int, before: Ints | None = None) -> Split:
    """The least hours and excess within the budget; never worse than today or than `before`, slots that keep to it."""
    problem, present = task.problem, standing(task)
    budgets = budgets_of(task, wishes, present)
    start = present if before is None or price_of(problem, present) < price_of(problem, before) else before
    tuned = retarget(problem, present)
    found = few_moves(tuned, present, start, paid(tuned), wishes.moves or TRIES, budgets=budgets, seed=seed)
    best = min(found, key=lambda slot: price_of(problem, slot))
    return split_of(problem, one_by_one(problem, best, budgets))


def one_by_one(problem: Problem, slot: Ints, budgets: Budgets, keeps: Callable[[Ints], bool] = lambda _: True) -> Ints:
    """Slots after the single moves that lower the price most, as long as one does that the budgets allow and that `keeps`."""
    rows, slot = np.arange(problem.units), slot.copy()
    while True:
        left = budgets.cap - budgets.use[rows, slot].sum(axis=0)
        fits = (budgets.use - budgets.use[rows, slot][:, None] <= left + 1e-9).all(axis=2)
        gain = np.where(fits, _gains(problem, slot), -np.inf)
        for k in np.argsort(-gain, axis=None)[:20].tolist():
            unit, to = divmod(k, gain.shape[1])
            tried = slot.copy()
            tried[unit] = to
            if gain[unit, to] > 1e-9 and price_of(problem, tried) < price_of(problem, slot) - 1e-9 and keeps(tried):
                slot = tried
                break
        else:
            return slot


def _gains(problem: Problem, slot: Ints) -> Floats:
    """What moving one unit to each of its slots lowers the price by, shape [units, slots]."""
    rows = np.arange(problem.units)
    loads = split_of(problem, slot).loads
    loads = loads / loads.mean(axis=0)
    mine = problem.load[rows, slot]
    here = problem.seat[rows, slot]

    leave = excess_price(problem, loads[here]) - excess_price(problem, loads[here] - mine)
    enter = excess_price(problem, loads[problem.seat]) - excess_price(problem, loads[problem.seat] + problem.load)
    gain = problem.cost[rows, slot][:, None] - problem.cost + leave[:, None] + enter
    return np.where((problem.seat >= 0) & (problem.seat != here[:, None]), gain, -np.inf)


def standing(task: Task) -> Ints:
    """The slot of each unit that leaves it where it is; the cheapest one where none does."""
    stays: Bools = (away(task, np.ones(len(task.market.present))) <= 0.0) & (task.problem.seat >= 0)
    first: Ints = stays.argmax(axis=1).astype(np.int64)
    return first


def budgets_of(task: Task, wishes: Wishes, present: Ints) -> Budgets:
    """What slots use of the budgets asked for, accounts and revenue, beyond what locks move anyhow, and how much there is."""
    last, wishes = task.scenario.accounts.revenue_last_year, budgeted(wishes)
    use, cap = [], []
    if wishes.budget is not None:
        use.append(away(task, np.ones(len(last))))
        cap.append(float(wishes.budget))
    if wishes.revenue_budget is not None:
        use.append(away(task, last))
        cap.append(wishes.revenue_budget * float(last.sum()))
    used = np.stack(use, axis=2)
    return Budgets(used - used[np.arange(len(used)), present][:, None], np.array(cap))


def away(task: Task, used: Floats) -> Floats:
    """What the moves of each unit to a slot use, shape [units, slots]."""
    seats = np.arange(len(task.seats))
    moved = (task.market.present[:, None] != seats) & (task.market.present >= 0)[:, None]
    by_unit = np.zeros((task.problem.units, len(seats)))
    np.add.at(by_unit, task.market.unit, moved * used[:, None])
    slots: Floats = np.take_along_axis(by_unit, np.maximum(task.problem.seat, 0), axis=1)
    return slots


def moved_accounts(task: Task, slot: Ints) -> Bools:
    """Whether each account leaves the seat it is in."""
    seat = task.problem.seat[np.arange(task.problem.units), slot][task.market.unit]
    moved: Bools = (seat != task.market.present) & (task.market.present >= 0)
    return moved
