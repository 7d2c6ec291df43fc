"""What more time would save of the visits that have no day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fieldsim.model import Scenario, TerritoryPlan, VisitPlan
from fieldsim.planning.calendar import service_s
from fieldsim.planning.rhythm import WEEK


@dataclass(frozen=True)
class Relief:
    """What more time would save, by the plan's own working time a visit."""

    needed_h: float
    """Working time of all due visits: their length, travel at the mean of the planned ones, breaks."""
    available_h: float
    unplaced: int
    by_priority: tuple[tuple[int, int], ...]
    """Priority and visits without a day, highest first."""
    day_a_week: int
    """Of them, visits that one more working day a week would hold, highest priority first."""
    one_more_rep: int
    """Of them, visits that one more rep with the same calendar would hold."""


def relief(scenario: Scenario, plan: VisitPlan, territory: int) -> Relief:
    """Hours needed and there, what is left out by priority, and how much of it one more day a week or one more rep would take."""
    mine = plan.territories[territory]
    left: dict[int, int] = {}
    for row in mine.unplaced:
        priority = int(scenario.accounts.priority[row.account])
        left[priority] = left.get(priority, 0) + row.count
    day_s = mine.available_s / max(1, len(mine.work_day))
    weeks = len(mine.work_day) / WEEK
    return Relief(
        needed_h=mine.needed_s / 3600,
        available_h=mine.available_s / 3600,
        unplaced=sum(left.values()),
        by_priority=tuple(sorted(left.items(), reverse=True)),
        day_a_week=_held(scenario, mine, int(weeks) * day_s),
        one_more_rep=_held(scenario, mine, mine.available_s),
    )


def _held(scenario: Scenario, mine: TerritoryPlan, more_s: float) -> int:
    """Unplaced visits that so much more working time holds: each takes its length and the overhead of a planned visit.

    The overhead is travel, waiting and breaks; visits that no time helps (never open, too far) do not count.
    """
    working = float((mine.finish_s - mine.depart_s).sum())
    service = sum(service_s(scenario, account) for account in mine.account.tolist())
    overhead = max(0.0, working - service) / max(1, len(mine.account))
    count = 0
    for row in sorted(mine.unplaced, key=lambda row: (-scenario.accounts.priority[row.account], row.account)):
        if not row.needs_time:
            continue
        cost = service_s(scenario, row.account) + overhead
        fits = min(row.count, int(np.floor(more_s / cost + 1e-9)))
        count, more_s = count + fits, more_s - fits * cost
    return count
