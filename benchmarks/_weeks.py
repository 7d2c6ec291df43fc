"""What a design drives where each rep's week is routed by itself, on as few days as it takes, and no quarter is planned.

This is how an early prototype was judged that drove 0.83 and 0.72 of what a design made with six visits a day drove (its country
was not kept). A day far out is then driven only when it is full, so how many visits fit into it counts; a plan of a quarter
that uses every working day drives there as often whatever the design takes for granted.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks import _districts
from benchmarks._districts import DAY_H, DETOUR, KMH, District, clumped, make_district, nearest, problem_of
from fieldsim.model import Floats, Ints
from fieldsim.territory.search import solve

WEEKS, A_DAY = 13.0, 6.0
SPARE = 3
"""Days offered to a week beyond five, so that a week too long for its rep can be counted."""


def weeks() -> None:
    """Our hours (visits that fit into a day share the way out) against six visits a day for granted, week by week."""
    print("\none week of every rep routed by itself (OR-Tools: savings, then descent), days as few as it likes, 7.5 h each:")
    print("  km, ours / theirs and nearest rep / theirs; largest deviation of workload; most days in a week; ours and theirs")
    for title, make, accounts, reps, seed in (
        ("homes in the middle", make_district, 2_000, 40, 0),
        ("homes drawn at random", clumped, 2_000, 40, 0),
        ("homes drawn at random", clumped, 2_000, 40, 1),
        ("homes drawn at random", clumped, 1_000, 20, 0),
    ):
        district = make(accounts, reps, seed)
        km, off, days = zip(
            *(_driven(district, owner) for owner in (_ours(district), _theirs(district), _near(district))), strict=True
        )
        print(
            f"  {title:22} {accounts} accounts, {reps} reps, seed {seed}: km {km[0] / km[1]:.3f} {km[2] / km[1]:.3f}   "
            f"off {off[0]:.0%} {off[1]:.0%}   days {days[0]} {days[1]}",
            flush=True,
        )


def _ours(district: District) -> Ints:
    problem = problem_of(district)
    seat: Ints = problem.seat[np.arange(problem.units), solve(problem).slot]
    return seat


def _theirs(district: District) -> Ints:
    """The same search, but every way out is shared by six visits, near or far."""
    fitting = _districts.hours_of
    _districts.hours_of = _fixed
    try:
        return _ours(district)
    finally:
        _districts.hours_of = fitting


def _fixed(district: District, seat: Ints, way_km: Floats, hop_km: Floats | float) -> Floats:
    hours: Floats = district.visits[seat] * (2.0 * way_km / A_DAY + hop_km) * DETOUR / KMH
    return hours


def _near(district: District) -> Ints:
    return nearest(district.home, district.place, 1)[:, 0]


def _driven(district: District, owner: Ints) -> tuple[float, float, int]:
    """Kilometres of a week of the team, largest deviation of a rep's workload from the mean, most days of a rep."""
    due = np.random.default_rng(len(owner)).random(len(owner)) < district.visits / WEEKS
    stay = district.service / district.visits
    km, work, most = 0.0, np.zeros(len(district.home)), 0
    for rep in range(len(work)):
        book = np.flatnonzero((owner == rep) & due)
        place = np.vstack((district.home[rep], district.place[book]))
        apart_km = DETOUR * np.hypot(*(place[:, None] - place[None]).transpose(2, 0, 1))
        driven, days = _week(apart_km, np.concatenate(([0.0], stay[book])))
        km, most = km + driven, max(most, days)
        work[rep] = driven / KMH + stay[book].sum()
    return km, float(np.abs(work / work.mean() - 1.0).max()), most


def _week(apart_km: Floats, stay_h: Floats) -> tuple[float, int]:
    """Kilometres and days of the shortest tours found; the first row is home. What is too far for a day has one of its own."""
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2

    alone = 2.0 * apart_km[0] / KMH + stay_h > DAY_H - 0.01
    if alone.any():
        driven, days = _week(apart_km[np.ix_(~alone, ~alone)], stay_h[~alone])
        return driven + 2.0 * float(apart_km[0, alone].sum()), days + int(alone.sum())
    if len(stay_h) == 1:
        return 0.0, 0
    metres = np.round(1000.0 * apart_km).astype(int)
    seconds = np.round(3600.0 * (apart_km / KMH + stay_h[:, None])).astype(int)
    days = max(5 + SPARE, len(stay_h) // 2)
    manager: Any = pywrapcp.RoutingIndexManager(len(metres), days, 0)
    model: Any = pywrapcp.RoutingModel(manager)
    far = model.RegisterTransitMatrix(metres.tolist())
    long = model.RegisterTransitMatrix(seconds.tolist())
    model.SetArcCostEvaluatorOfAllVehicles(far)
    model.AddDimension(long, 0, int(3600 * DAY_H), True, "time")
    wishes: Any = pywrapcp.DefaultRoutingSearchParameters()
    wishes.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.SAVINGS
    wishes.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GREEDY_DESCENT
    found = model.SolveWithParameters(wishes)
    if found is None:
        raise RuntimeError("a week does not fit into the days offered")
    used = sum(found.Value(model.NextVar(model.Start(day))) != model.End(day) for day in range(days))
    return found.ObjectiveValue() / 1000.0, int(used)
