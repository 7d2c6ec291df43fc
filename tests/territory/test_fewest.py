"""The fewest moves for a tolerance against brute force and an integer program that shares no code with the search."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp
from truth import balance_limits

from fieldsim.model import Ints
from fieldsim.territory.fewest import fewest_moves, merit
from fieldsim.territory.problem import Problem

TRIES = 200_000


def grown(seed: int, units: int, seats: int, tolerance: float, price: tuple[float, ...] = (1.0,)) -> Problem:
    """Books grown unevenly: the first slot is where a unit is, work depends on who does it, a few units are bound."""
    rng = np.random.default_rng([seed, units, seats])
    here = rng.choice(seats, units, p=np.arange(1, seats + 1) / (seats * (seats + 1) / 2))
    seat = (here[:, None] + np.arange(seats)) % seats
    worth = np.repeat(np.exp(rng.normal(0.0, 0.6, units))[:, None], seats, axis=1)
    load = np.stack((worth, worth.mean() * rng.uniform(0.5, 1.5, (units, seats))), axis=2)
    load /= load[:, 0].sum(axis=0) / seats
    cost = np.where(np.arange(seats) == 0, 0.0, rng.choice(price, units)[:, None])
    bound = rng.random(units) < 0.05
    seat[bound, 1:], cost[bound, 1:] = -1, np.inf
    lonely = np.full((units, 1), -1, dtype=np.int64)
    return Problem(seats, seat, cost, np.ascontiguousarray(load), lonely, np.zeros((units, 1)), np.ones(2), tolerance)


def weighed(problem: Problem, slot: Ints) -> tuple[float, float]:
    """The sum of all excess and the price of the moves, added up one by one."""
    price, sums = 0.0, np.zeros((problem.seats, 2))
    for i, s in enumerate(slot.tolist()):
        price += float(problem.cost[i, s])
        sums[problem.seat[i, s]] += problem.load[i, s]
    off = np.abs(sums / (sums.sum(axis=0) / problem.seats) - 1.0)
    return float(np.maximum(off - problem.tolerance, 0.0).sum()), price


def exact(problem: Problem) -> float:
    """The least price of moves within the tolerance; infinite where no split is."""
    unit, slot = np.nonzero(problem.seat >= 0)
    found = milp(
        problem.cost[unit, slot],
        integrality=np.ones(len(unit), dtype=np.int64),
        bounds=Bounds(0.0, 1.0),
        constraints=[
            LinearConstraint((unit[None] == np.arange(problem.units)[:, None]).astype(float), 1.0, 1.0),
            LinearConstraint(balance_limits(problem), -np.inf, 0.0),
        ],
    )
    return float(found.fun) if found.x is not None else np.inf


def stays(problem: Problem) -> Ints:
    return np.zeros(problem.units, dtype=np.int64)


@pytest.mark.parametrize(("seed", "tolerance"), [(seed, tolerance) for seed in range(4) for tolerance in (0.1, 0.25, 0.5)])
def test_no_fewer_moves_reach_the_tolerance(seed: int, tolerance: float) -> None:
    problem = grown(seed, 36, 4, tolerance)
    least = exact(problem)
    over, moved = weighed(problem, fewest_moves(problem, stays(problem), tries=TRIES))
    assert np.isfinite(least)
    assert over <= 1e-8
    assert moved == pytest.approx(least)


@pytest.mark.parametrize("seed", range(6))
def test_moves_that_disturb_less_are_taken_first(seed: int) -> None:
    problem = grown(seed, 30, 4, 0.15, price=(0.5, 1.0, 2.0, 4.0))
    over, price = weighed(problem, fewest_moves(problem, stays(problem), tries=10 * TRIES))
    assert over <= 1e-8
    assert price == pytest.approx(exact(problem))


@pytest.mark.parametrize("seed", range(4))
def test_a_tolerance_that_cannot_be_met_is_missed_by_little_more_than_must_be(seed: int) -> None:
    problem = grown(seed, 9, 3, 0.002)
    problem = replace(problem, load=np.where(problem.seat[:, :, None] >= 0, problem.load[:, :1], 0.0))
    offers = [np.flatnonzero(row >= 0).tolist() for row in problem.seat]
    least = min(weighed(problem, np.array(slots))[0] for slots in product(*offers))
    assert 0.0 < weighed(problem, fewest_moves(problem, stays(problem), tries=TRIES))[0] <= 1.02 * least


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from((0.01, 0.1, 0.4)), st.integers(1, 400))
def test_no_answer_is_worse_than_to_stay_and_no_bond_is_broken(seed: int, tolerance: float, tries: int) -> None:
    problem = grown(seed, 40, 5, tolerance)
    found = fewest_moves(problem, stays(problem), seed=seed, tries=tries)
    assert merit(problem, found) <= merit(problem, stays(problem))
    assert (problem.seat[np.arange(40), found] >= 0).all()
    assert (fewest_moves(problem, stays(problem), seed=seed, tries=tries) == found).all()


def test_books_that_are_even_are_left_alone() -> None:
    problem = grown(1, 40, 4, 5.0)
    assert (fewest_moves(problem, stays(problem)) == 0).all()


def test_a_metric_without_weight_moves_nobody() -> None:
    problem = grown(2, 40, 4, 0.2)
    one = replace(problem, weight=np.array([1.0, 0.0]))
    alone = replace(problem, weight=np.ones(1), load=np.ascontiguousarray(problem.load[:, :, :1]))
    prices = [float(p.cost[np.arange(40), fewest_moves(p, stays(p), tries=TRIES)].sum()) for p in (one, alone)]
    assert prices[0] == prices[1]
