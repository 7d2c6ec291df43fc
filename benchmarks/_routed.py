"""What designs of a synthetic country really drive: territories planned for a quarter, and a design by common practice."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from benchmarks._districts import District, clumped, make_district
from benchmarks._quarters import Plane, plain_scenario
from fieldsim.model import Design, Floats, Ints, Scenario
from fieldsim.planning import plan_quarter
from fieldsim.territory import Brief, Wishes
from fieldsim.territory.balanced import Task, design_of, task_of
from fieldsim.territory.bound import lower_bound
from fieldsim.territory.estimate import Effort, hop_seconds
from fieldsim.territory.rounds import searched
from fieldsim.territory.search import solve
from fieldsim.territory.slots import problem_of
from fieldsim.territory.units import market_of

VISITS_A_DAY = 6.0
"""What planners without routes take for granted."""
FIXED = Wishes(continuity=0.0, contiguity=0.0)
OURS = Wishes(continuity=0.0, calibrations=5)
SEED = 77
"""Of the plans that designs are judged by; designs are made with seed 0."""
JUDGED = 3
"""Territories of a design that are planned at thorough effort."""
PATCH_KM, PATCH = 150.0, 0.08
"""How far beyond the corner of the country a rural patch lies, and its share of the accounts."""


def routed() -> None:
    """Planned kilometres against a design made with six visits a day, and how far the search's estimate is off."""
    print(
        "\nplanned quarters, ours against a design made with six visits a day for granted; seed 77, designs are made with seed 0"
    )
    print("  km: ours / theirs, and nearest rep (heeds no balance) / theirs; ways: share of their km from and to homes, and the")
    print("      least mean way home that any design with potential within 5 % can have / theirs (linear relaxation)")
    print(
        "  off: largest deviation of planned workload from the mean, ours and theirs; left: visits that did not fit, ours, theirs"
    )
    print("  estimate: as last corrected / planned, all reps together and each, at quick effort;")
    print("      and the same for the reps with the nearest, a middling and the farthest book, planned at thorough effort")
    middle, drawn, patch = "homes in the middle", "homes drawn at random", "random, far rural patch"
    for title, make, accounts, reps, seed in (
        (drawn, clumped, 150, 5, 0),
        (drawn, clumped, 1_000, 20, 0),
        (drawn, clumped, 1_000, 20, 1),
        (patch, rural, 500, 6, 0),
        (drawn, clumped, 400, 4, 0),
        (middle, make_district, 1_000, 20, 0),
        (middle, make_district, 400, 4, 0),
    ):
        print(f"  {title:23} {accounts:5} accounts, {reps:2} reps, seed {seed}: {_row(make(accounts, reps, seed))}", flush=True)


def rural(accounts: int, reps: int, seed: int) -> District:
    """Homes drawn at random, and a part of the accounts in a patch far from everybody."""
    plain = clumped(accounts, reps, seed)
    rng = np.random.default_rng([accounts, reps, seed, 2])
    far = rng.choice(accounts, int(accounts * PATCH), replace=False)
    place = plain.place.copy()
    place[far] = plain.place.max(axis=0) + np.array([PATCH_KM, 0.0]) + rng.normal(0.0, 30.0, (len(far), 2))
    return replace(plain, place=place)


def _row(district: District) -> str:
    scenario, travel, start = country_of(district)
    ours, guess = searched(scenario, travel, Brief("ours", start, None, (), OURS, 0, None))
    theirs, nearest = fixed_design(scenario, travel, start), nearest_design(scenario, travel, start)
    every = np.arange(len(ours.territories))
    mine, other, near = (planned(scenario, travel, design, every, "quick") for design in (ours, theirs, nearest))
    way = mean_ways(scenario, travel, start, ours)
    some = np.argsort(way, kind="stable")[np.linspace(0, len(every) - 1, JUDGED).astype(int)]
    truth = planned(scenario, travel, ours, some, "thorough")
    quick, thorough = guess / mine.hours, guess[some] / truth.hours[some]
    told = [
        f"{guess[seats].sum() / hours[seats].sum():.3f}, {ratio.min():.2f} to {ratio.max():.2f}"
        for seats, hours, ratio in ((every, mine.hours, quick), (some, truth.hours, thorough))
    ]
    return (
        f"km {mine.km.sum() / other.km.sum():.3f} {near.km.sum() / other.km.sum():.3f}   "
        f"ways {other.ways_km.sum() / other.km.sum():.0%} {least_way(scenario, travel, start, theirs):.3f}   "
        f"off {workload_off(scenario, ours, mine.hours):.1%} {workload_off(scenario, theirs, other.hours):.1%}   "
        f"left {mine.left.sum():.0f} {other.left.sum():.0f}   "
        f"estimate {told[0]}; {told[1]}"
    )


def mean_ways(scenario: Scenario, travel: Plane, start: Design, design: Design) -> Floats:
    """Seconds from home to a mean visit, by territory."""
    task, visits, owner = task_of(scenario, travel, start, FIXED), scenario.accounts.visits, design.territory_of
    way = task.ways.home_s[np.arange(len(owner)), owner]
    mean: Floats = np.bincount(owner, visits * way) / np.maximum(np.bincount(owner, visits), 1)
    return mean


def least_way(scenario: Scenario, travel: Plane, start: Design, design: Design) -> float:
    """The least sum of ways home over all visits with potential within the tolerance and locks kept, over the design's."""
    task: Task = task_of(scenario, travel, start, FIXED)
    ways = scenario.accounts.visits[:, None] * task.ways.home_s
    problem, account = task.problem, np.argsort(task.market.unit)
    cost = np.where(problem.seat >= 0, ways[account[:, None], np.maximum(problem.seat, 0)], np.inf)
    potential = np.ascontiguousarray(problem.load[:, :, : task.market.metrics.index("potential") + 1])
    bound = lower_bound(replace(problem, cost=cost, load=potential, weight=np.ones(1)))
    return bound.hours / float(ways[np.arange(len(ways)), design.territory_of].sum())


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


class Driven(NamedTuple):
    """What territories drive in a planned quarter, by territory; zero where not planned."""

    hours: Floats
    """Visits without a day drive as far as the others."""
    km: Floats
    ways_km: Floats
    """The part of it from home to the first visit of a day and back from the last."""
    left: Floats
    """Visits that did not fit into the quarter."""


def planned(scenario: Scenario, travel: Plane, design: Design, some: Ints, effort: str, seed: int = SEED) -> Driven:
    """Some territories planned for a quarter; the others are left vacant."""
    seated = np.where(np.isin(np.arange(len(design.rep_of)), some), design.rep_of, -1)
    plan = plan_quarter(scenario, replace(design, rep_of=seated), travel, effort=effort, seed=seed, workers=None)
    driven = np.zeros((4, len(seated)))
    for t in some.tolist():
        mine = plan.territories[t]
        home, left = scenario.home(mine.rep), sum(row.count for row in mine.unplaced)
        more = 1.0 + left / max(1, len(mine.day))
        for day in np.unique(mine.day).tolist():
            way = [home, *mine.account[mine.day == day].tolist(), home]
            legs = list(pairwise(way))
            km = [more * int(travel.metres[a, b]) / 1000.0 for a, b in legs]
            driven[:3, t] += more * sum(int(travel.seconds[a, b]) for a, b in legs) / 3600.0, sum(km), km[0] + km[-1]
        driven[3, t] = left
    return Driven(*driven)
