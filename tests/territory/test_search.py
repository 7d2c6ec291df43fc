"""The search and its bound against every possible split of small problems, and against a dense linear program."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from fieldsim.territory.bound import lower_bound
from fieldsim.territory.prices import dual_value, find_prices
from fieldsim.territory.problem import Problem, split_of
from fieldsim.territory.search import chosen, price_of, solve
from fieldsim.territory.slots import paired


def small_problem(seed: int, units: int = 9, seats: int = 3, tolerance: float = 0.2, mixing: float = 0.0) -> Problem:
    """Costs by distance on a line, one metric of equal loads and one of unequal ones."""
    rng = np.random.default_rng(seed)
    place, home = rng.uniform(0, 10, units), rng.uniform(0, 10, seats)
    cost = np.abs(place[:, None] - home)
    load = np.stack([np.ones((units, seats)), np.repeat(rng.uniform(0.5, 1.5, units)[:, None], seats, axis=1)], axis=2)
    load /= load[:, 0].sum(axis=0) / seats
    seat = np.repeat(np.arange(seats, dtype=np.int64)[None], units, axis=0)
    a, b = np.arange(units - 1), np.arange(1, units)
    near, apart = paired(a, b, np.full(units - 1, mixing), units)
    return Problem(seats, seat, cost, np.ascontiguousarray(load), near, apart, np.ones(2), tolerance)


def best_hours(problem: Problem) -> float:
    """Least hours of all splits within the tolerance, by trying every one."""
    best = np.inf
    for owner in product(range(problem.seats), repeat=problem.units):
        seats = np.array(owner)
        loads = np.array([problem.load[seats == j, j].sum(axis=0) for j in range(problem.seats)])
        if np.abs(loads / loads.mean(axis=0) - 1).max() > problem.tolerance + 1e-9:
            continue
        hours = sum(problem.cost[i, j] for i, j in enumerate(owner))
        for i in range(problem.units):
            for u, price in zip(problem.near[i], problem.apart[i], strict=True):
                hours += price if u >= 0 and seats[u] != seats[i] else 0.0
        best = min(best, hours)
    return best


@pytest.mark.parametrize("mixing", [0.0, 0.8])
@pytest.mark.parametrize("seed", range(4))
def test_finds_the_best_split_of_a_small_problem(seed: int, mixing: float) -> None:
    problem = small_problem(seed, mixing=mixing)
    best = best_hours(problem)
    split = solve(problem, moves=200_000)
    if np.isfinite(best):
        assert split.imbalance <= problem.tolerance + 1e-9
        assert split.hours == pytest.approx(best, rel=1e-9)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 100_000))
def test_no_bound_exceeds_the_best_split(seed: int) -> None:
    problem = small_problem(seed, units=7)
    best = best_hours(problem)
    if np.isfinite(best):
        assert lower_bound(problem).hours <= best + 1e-9
        assert dual_value(problem, find_prices(problem)) <= lower_bound(problem).hours + 1e-6


@pytest.mark.parametrize("seed", range(3))
def test_the_bound_is_the_linear_relaxation(seed: int) -> None:
    problem = small_problem(seed, units=12, tolerance=0.05)
    n, k, m = problem.load.shape
    equal = np.kron(np.eye(n), np.ones(k))
    limits = []
    for metric in range(m):
        total = problem.load[:, :, metric].ravel() / k
        for j in range(k):
            mine = np.zeros((n, k))
            mine[:, j] = problem.load[:, j, metric]
            limits += [mine.ravel() - 1.05 * total, 0.95 * total - mine.ravel()]
    found = linprog(problem.cost.ravel(), np.array(limits), np.zeros(len(limits)), equal, np.ones(n), bounds=(0, 1))
    assert lower_bound(problem).hours == pytest.approx(found.fun, rel=1e-7)


def test_prices_reach_the_relaxation_on_a_larger_problem() -> None:
    problem = small_problem(5, units=400, seats=8, tolerance=0.05)
    bound = lower_bound(problem)
    assert 0.98 * bound.hours <= dual_value(problem, find_prices(problem)) <= bound.hours + 1e-6


def test_reaches_the_bound_within_two_percent_on_a_larger_problem() -> None:
    problem = small_problem(6, units=400, seats=8, tolerance=0.05)
    split = solve(problem)
    assert split.imbalance <= 0.0505
    assert split.hours <= 1.02 * lower_bound(problem).hours


def test_an_impossible_tolerance_has_no_bound_but_a_best_effort() -> None:
    problem = replace(small_problem(1, units=4, seats=3, tolerance=0.01))
    held = problem.seat.copy()
    held[:, 0], held[:, 1:] = 0, -1
    problem = replace(problem, seat=held, cost=np.where(held >= 0, problem.cost, np.inf))
    assert solve(problem).slot.tolist() == [0, 0, 0, 0]
    held[:, 1] = 1  # two seats cannot carry what three should
    assert not lower_bound(replace(problem, seat=held, cost=np.where(held >= 0, 1.0, np.inf))).feasible


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 100_000))
def test_is_never_worse_than_the_start(seed: int) -> None:
    problem = small_problem(seed, units=30, seats=4)
    start = solve(problem, moves=200_000).slot
    again = solve(problem, moves=40, start=problem.seat[np.arange(30), start])
    given_split = split_of(problem, start)
    assert again.hours <= given_split.hours + 1e-9 or again.imbalance < given_split.imbalance


def test_an_answer_within_the_tolerance_comes_before_a_cheaper_one_but_none_is_dearer_than_the_one_given() -> None:
    problem = small_problem(3, units=30, seats=3, tolerance=0.1)
    even = solve(problem).slot
    uneven, unit = even, 0
    while split_of(problem, uneven).imbalance <= 0.1:  # each account to its cheapest seat, until one of them is too full
        uneven = np.where(np.arange(30) <= unit, problem.cost.argmin(axis=1), even)
        unit += 1
    cheap = replace(problem, excess=0.0)
    assert price_of(cheap, uneven) < price_of(cheap, even)
    assert (chosen(cheap, [uneven, even], []) == even).all()
    assert (chosen(cheap, [uneven, even], [uneven]) == uneven).all()
    assert (chosen(cheap, [uneven, uneven], []) == uneven).all()


def test_torn_neighbours_are_counted_once_a_pair() -> None:
    near, apart = paired(np.array([0, 1, 1, 2]), np.array([1, 0, 2, 2]), np.array([1.0, 3.0, 5.0, 9.0]), 3)
    assert near.tolist() == [[1, -1], [0, 2], [1, -1]]
    assert apart.tolist() == [[2.0, 0.0], [2.0, 2.5], [2.5, 0.0]]
