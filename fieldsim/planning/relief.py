"""What more time would hold of the visits that have no day: planned, quickly, on the days that a helper would have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import numpy as np

from fieldsim.model import Design, Ints, Scenario, TerritoryPlan, Travel, VisitPlan
from fieldsim.planning.calendar import opening, works
from fieldsim.planning.rhythm import least_gap
from fieldsim.planning.task import task_of
from fieldsim.planning.territory import plan_territory
from fieldsim.planning.wishes import Wishes


@dataclass(frozen=True)
class Relief:
    """Hours needed and there, and what more time would hold of the visits without a day."""

    needed_h: float
    """Working time of all due visits: their length, travel at the mean of the planned ones, breaks."""
    available_h: float
    unplaced: int
    by_priority: tuple[tuple[int, int], ...]
    """Priority and visits without a day, highest first."""
    day_a_week: int
    """Of them, visits that a helper holds who works from the rep's home on the best weekday of every week."""
    one_more_rep: int
    """Of them, visits that one more rep with the same home and calendar holds."""


def relief(scenario: Scenario, travel: Travel, plan: VisitPlan, territory: int) -> Relief:
    """Hours needed and there, what is left out by priority, and how much of it one more day a week or one more rep would take.

    Both are planned by the quick planner; the territory's own plan stands, and visits keep their distance from it.
    """
    mine = plan.territories[territory]
    left: dict[int, int] = {}
    for row in mine.unplaced:
        priority = int(scenario.accounts.priority[row.account])
        left[priority] = left.get(priority, 0) + row.count
    due = np.zeros(len(scenario.accounts), dtype=np.int64)
    for row in mine.unplaced:
        due[row.account] = row.count if row.needs_time and mine.rep >= 0 else 0
    whole = [day for day in plan.days if mine.rep >= 0 and works(scenario.reps[mine.rep], day)]
    return Relief(
        needed_h=mine.needed_s / 3600,
        available_h=mine.available_s / 3600,
        unplaced=sum(left.values()),
        by_priority=tuple(sorted(left.items(), reverse=True)),
        day_a_week=_held(scenario, travel, plan, mine, due, _best_weekday(scenario, due, whole)),
        one_more_rep=_held(scenario, travel, plan, mine, due, whole),
    )


def _best_weekday(scenario: Scenario, due: Ints, days: list[date]) -> list[date]:
    """The days of the weekday on which most visits could be, by its days and by open doors; the earliest of equals."""
    chances: Counter[int] = Counter()
    for account in np.flatnonzero(due).tolist():
        for day in days:
            chances[day.weekday()] += int(due[account]) * bool(opening(scenario, account, day))
    best = min(chances, key=lambda weekday: (-chances[weekday], weekday), default=0)
    return [day for day in days if day.weekday() == best]


def _held(scenario: Scenario, travel: Travel, plan: VisitPlan, mine: TerritoryPlan, due: Ints, days: Collection[date]) -> int:
    """How many of the visits in `due` a helper plans who works on `days` only."""
    if not due.any() or not days:
        return 0
    rep, ids = scenario.reps[mine.rep], scenario.accounts.ids
    slots = len({day for day in plan.days if day.weekday() < 5})
    apart = {ids[i]: least_gap(int(plan.due[i]), slots) for i in np.flatnonzero(due).tolist()}
    wishes = Wishes(
        off={rep.id: [day for day in plan.days if day not in days]},
        blocked={ids[i]: _near(plan, i, apart[ids[i]]) for i in np.flatnonzero(due).tolist()},
        apart=apart,
    )
    helper = Design("helper", ("helped", "rest"), np.where(due > 0, 0, 1).astype(np.int64), np.array([mine.rep, -1]))
    task = task_of(scenario, helper, travel, 0, due, quarter=plan.quarter, effort="quick", seed=0, wishes=wishes)
    return len(plan_territory(task).account)


def _near(plan: VisitPlan, account: int, apart: int) -> list[date]:
    """Days too near to the visits that the account has, whoever makes them."""
    held = [plan.days[day].toordinal() for part in plan.territories for day in part.day[part.account == account].tolist()]
    return [day for day in plan.days if any(abs(day.toordinal() - other) < apart for other in held)]
