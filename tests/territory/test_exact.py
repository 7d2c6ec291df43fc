"""Splits against exact answers: every split of tiny problems, and an integer program of its own for middling ones."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp
from truth import balance_limits

from fieldsim.territory.bound import lower_bound
from fieldsim.territory.mend import AIM
from fieldsim.territory.problem import Problem, split_of
from fieldsim.territory.search import price_of, solve


def country(seed: int, units: int, seats: int, tolerance: float, spread: float = 0.6) -> Problem:
    """Units and homes on a plane; one metric the same from every seat, one that grows with the way; a few units bound."""
    rng = np.random.default_rng([seed, units, seats])
    place, home = rng.uniform(0.0, 10.0, (units, 2)), rng.uniform(0.0, 10.0, (seats, 2))
    way = np.linalg.norm(place[:, None] - home[None], axis=2)
    worth, stay = np.exp(rng.normal(0.0, spread, units)), rng.uniform(2.0, 6.0, units)
    load = np.stack((np.repeat(worth[:, None], seats, axis=1), stay[:, None] + 0.3 * way), axis=2)
    load /= load[np.arange(units), way.argmin(axis=1)].sum(axis=0) / seats
    seat = np.repeat(np.arange(seats, dtype=np.int64)[None], units, axis=0)
    cost = way.copy()
    for i in np.flatnonzero(rng.random(units) < 0.05).tolist():
        bound = int(rng.integers(seats))
        seat[i], cost[i], load[i, 0], cost[i, 0] = -1, np.inf, load[i, bound], way[i, bound]
        seat[i, 0], load[i, 1:] = bound, 0.0
    lonely = np.full((units, 1), -1, dtype=np.int64)
    return Problem(seats, seat, cost, np.ascontiguousarray(load), lonely, np.zeros((units, 1)), np.ones(2), tolerance)


def priced(problem: Problem, seats: list[int]) -> tuple[float, float, float]:
    """Hours, largest deviation, and the sum of all excess over the tolerance, added up one by one."""
    hours, sums = 0.0, np.zeros((problem.seats, 2))
    for i, j in enumerate(seats):
        slot = problem.seat[i].tolist().index(j)
        hours += float(problem.cost[i, slot])
        sums[j] += problem.load[i, slot]
    off = np.abs(sums / (sums.sum(axis=0) / problem.seats) - 1.0)
    return hours, float(off.max()), float(np.maximum(off - problem.tolerance, 0.0).sum())


def best_of_all(problem: Problem) -> float:
    """Least hours of all splits within the tolerance, infinite where there are none."""
    offers = [[j for j in row if j >= 0] for row in problem.seat.tolist()]
    found = (priced(problem, list(seats)) for seats in product(*offers))
    return min((hours for hours, _, over in found if over <= 1e-9), default=np.inf)


def test_no_split_of_a_tiny_country_is_better() -> None:
    for seed, tolerance in product(range(8), (0.15, 0.35)):
        problem = country(seed, 7, 3, tolerance)
        hours = best_of_all(problem)
        split = solve(problem, moves=20_000)
        ours, off, over = priced(problem, problem.seat[np.arange(7), split.slot].tolist())
        assert ours == pytest.approx(split.hours)
        assert off == pytest.approx(split.imbalance)
        if np.isfinite(hours):
            assert over <= 1e-4  # excess is dear, not forbidden
            assert ours <= hours * (1.0 + 1e-9)
            assert lower_bound(problem).hours <= hours + 1e-9


def everywhere(problem: Problem) -> list[tuple[float, np.ndarray]]:
    """Hours and deviations, shape [seats, metrics], of every split of a tiny problem."""
    found = []
    for seats in product(*([j for j in row if j >= 0] for row in problem.seat.tolist())):
        slots = [problem.seat[i].tolist().index(j) for i, j in enumerate(seats)]
        sums = np.zeros((problem.seats, problem.load.shape[2]))
        for i, j in enumerate(seats):
            sums[j] += problem.load[i, slots[i]]
        hours = sum(float(problem.cost[i, s]) for i, s in enumerate(slots))
        found.append((hours, sums / (sums.sum(axis=0) / problem.seats) - 1.0))
    return found


@pytest.mark.parametrize("seed", range(4))
def test_no_split_as_even_as_one_that_is_out_of_tolerance_is_below_its_bound(seed: int) -> None:
    problem = country(seed, 7, 3, 0.05)
    load = problem.load.copy()
    load[2] *= 12.0  # no split is within the tolerance
    problem = replace(problem, load=load)
    split = solve(problem, moves=20_000)
    bound = lower_bound(problem, split.slot)
    off = split.loads / split.loads.mean(axis=0) - 1.0
    high, low = np.maximum(off, 0.05) + 1e-9, np.minimum(off, -0.05) - 1e-9
    within = [hours for hours, each in everywhere(problem) if ((each <= high) & (each >= low)).all()]
    assert bound.feasible
    assert bound.as_even
    assert 0.0 < bound.hours <= min(within) + 1e-6


@pytest.mark.parametrize("kind", ["linear", "dual"])
def test_a_seat_that_nobody_may_join_does_not_keep_others_from_a_bound(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fieldsim.territory.bound.EXACT_UNITS", 5_000 if kind == "linear" else 0)
    for seed in range(4):
        problem = country(seed, 7, 4, 0.3)
        seat, cost, load = np.full((7, 4), -1, dtype=np.int64), np.full((7, 4), np.inf), np.zeros((7, 4, 2))
        offers = [[3] if i == 0 else [0, 1, 2] for i in range(7)]
        for i, mine in enumerate(offers):
            for s, j in enumerate(mine):
                seat[i, s], cost[i, s] = j, 1.0 + ((7 * i + 3 * j + seed) % 5)
                load[i, s] = (0.6 + 0.05 * ((i * i) % 3)) if j != 3 else 0.2  # far from the mean seat, whatever is done
        problem = replace(problem, seat=seat, cost=cost, load=load)
        bound = lower_bound(problem)
        others = [hours for hours, off in everywhere(problem) if (np.abs(off[:3]) <= 0.3 + 1e-9).all()]
        assert bound.kind == kind
        assert bound.feasible
        assert not bound.as_even
        assert 0.0 < bound.hours <= min(others, default=np.inf) + 1e-6


def test_twelve_units_in_three_seats_are_split_as_well_as_can_be() -> None:
    for seed in range(2):
        problem = country(seed, 12, 3, 0.15)
        hours = exact(problem, 3_000)[0]
        assert np.isfinite(hours)
        assert solve(problem, moves=100_000).hours == pytest.approx(hours, rel=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_a_middling_country_is_within_a_hundredth_of_an_integer_program(seed: int) -> None:
    problem = country(seed, 60, 5, 0.08)
    hours, proven = exact(problem, 3_000)
    split = solve(problem, moves=2_000_000)
    assert split.imbalance <= problem.tolerance + 1e-6
    assert proven - 1e-6 <= split.hours <= 1.01 * hours


def exact(problem: Problem, nodes: int) -> tuple[float, float]:
    """Hours of the best split that a branch and bound of so many nodes finds, and what it proves no split is below."""
    unit, slot = np.nonzero(problem.seat >= 0)
    once = (unit[None] == np.arange(problem.units)[:, None]).astype(float)
    found = milp(
        problem.cost[unit, slot],
        integrality=np.ones(len(unit), dtype=np.int64),
        bounds=Bounds(0.0, 1.0),
        constraints=[LinearConstraint(once, 1.0, 1.0), LinearConstraint(balance_limits(problem), -np.inf, 1e-9)],
        options={"node_limit": nodes},
    )
    return (float(found.fun), float(found.mip_dual_bound)) if found.x is not None else (np.inf, -np.inf)


def test_a_seat_left_just_outside_is_mended() -> None:
    outside = 0
    for seed in range(6):
        problem = country(seed, 400, 12, 0.05, spread=1.0)
        split = solve(problem, moves=400_000)
        outside += int(split.imbalance > 0.97 * AIM * problem.tolerance + 1e-3)
    assert outside == 0


def test_a_unit_larger_than_half_a_book_goes_where_the_others_leave_room() -> None:
    problem = country(3, 300, 10, 0.05)
    load = problem.load.copy()
    load[:, :, 0] *= 0.93
    load[7, problem.seat[7] >= 0, 0] = 0.7
    split = solve(replace(problem, load=load), moves=600_000)
    assert split.imbalance <= 0.052
    assert price_of(replace(problem, load=load), split.slot) <= 1.06 * lower_bound(replace(problem, load=load)).hours
    assert split_of(replace(problem, load=load), split.slot).hours == split.hours
