"""What designs of a synthetic country really drive: every territory planned for a quarter, and a design by common practice."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from benchmarks._districts import District
from benchmarks._quarters import Plane, plain_scenario
from fieldsim.model import Design, Floats, Scenario
from fieldsim.planning import plan_quarter
from fieldsim.territory import Wishes
from fieldsim.territory.balanced import design_of, task_of
from fieldsim.territory.estimate import Effort, hop_seconds
from fieldsim.territory.search import solve
from fieldsim.territory.slots import problem_of
from fieldsim.territory.units import market_of

VISITS_A_DAY = 6.0
"""What planners without routes take for granted."""
FIXED = Wishes(continuity=0.0, contiguity=0.0)


def country_of(district: District) -> tuple[Scenario, Plane, Design]:
    """A district as a scenario, its travel, and its present design."""
    xy = np.vstack((district.place, district.home))
    plain = plain_scenario(xy, district.visits.astype(np.int64), len(district.home), int(9.5 * 3600))
    accounts = replace(
        plain.accounts,
        potential=district.potential,
        visit_minutes=60.0 * district.service / district.visits,
        locked=district.locked == 1,
    )
    names = tuple(rep.id for rep in plain.reps)
    start = Design("today", names, district.current, np.arange(len(names), dtype=np.int64))
    return replace(plain, accounts=accounts), Plane(xy), start


def fixed_design(scenario: Scenario, travel: Plane, start: Design, seed: int = 0) -> Design:
    """Balanced by the same search, but every way out is shared by six visits, near or far."""
    task = task_of(scenario, travel, start, FIXED)
    visits, hop = scenario.accounts.visits, hop_seconds(scenario, task.ways)
    hours = visits[:, None] * (2.0 * task.ways.home_s / VISITS_A_DAY + hop[:, None]) / 3600.0
    effort = Effort(hours, task.market.effort.service, visits * hop / 3600.0)
    market = market_of(scenario, task.ways, task.seats, effort, start, FIXED)
    task = replace(task, market=market, problem=problem_of(scenario, market, task.ways, FIXED))
    return design_of(task, solve(task.problem, seed=seed), "fixed", start)


def nearest_design(scenario: Scenario, travel: Plane, start: Design) -> Design:
    """Every account with the rep who lives nearest, balanced or not: about the least travel there can be."""
    task = task_of(scenario, travel, start, FIXED)
    return Design("nearest", start.territories, task.ways.home_s.argmin(axis=1).astype(np.int64), start.rep_of)


def workload_off(scenario: Scenario, design: Design, travel_h: Floats) -> float:
    """Largest deviation of a rep's planned workload, visits and travel, from the mean."""
    visits = scenario.accounts.visits * scenario.accounts.visit_minutes / 60.0
    work = np.bincount(design.territory_of, visits, len(travel_h)) + travel_h
    return float(np.abs(work / work.mean() - 1.0).max())


def planned(scenario: Scenario, travel: Plane, design: Design, seed: int, effort: str = "thorough") -> tuple[Floats, Floats]:
    """Hours and kilometres of travel of each territory in a planned quarter."""
    plan = plan_quarter(scenario, design, travel, effort=effort, seed=seed, workers=None)
    hours, km = np.zeros(len(design.territories)), np.zeros(len(design.territories))
    for t, mine in enumerate(plan.territories):
        home = scenario.home(mine.rep)
        for day in np.unique(mine.day).tolist():
            way = [home, *mine.account[mine.day == day].tolist(), home]
            hours[t] += sum(int(travel.seconds[a, b]) for a, b in pairwise(way)) / 3600.0
            km[t] += sum(int(travel.metres[a, b]) for a, b in pairwise(way)) / 1000.0
        left = sum(row.count for row in mine.unplaced)
        if left:
            print(f"    {design.name} {design.territories[t]}: {left} visits do not fit into the quarter")
    return hours, km
