"""The floor of moves of whole accounts never lies above what an integer program of its own needs, nor below the fractions."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp
from truth import balance_limits

from benchmarks._floor import whole_moves
from fieldsim.territory.bound import lower_bound
from fieldsim.territory.problem import Problem


def uneven(seed: int, units: int, seats: int, tolerance: float) -> Problem:
    """Books of uneven size; work depends on who does it; the first slot is where a unit is and costs nothing."""
    rng = np.random.default_rng([seed, units, seats])
    here = rng.choice(seats, units, p=np.arange(1, seats + 1) / (seats * (seats + 1) / 2))
    seat = (here[:, None] + np.arange(seats)) % seats
    worth = np.repeat(np.exp(rng.normal(0.0, 0.7, units))[:, None], seats, axis=1)
    load = np.stack((worth, worth.mean() * rng.uniform(0.5, 1.5, (units, seats))), axis=2)
    load /= load[:, 0].sum(axis=0) / seats
    cost = np.where(np.arange(seats) == 0, 0.0, np.ones((units, 1)))
    lonely = np.full((units, 1), -1, dtype=np.int64)
    return Problem(seats, seat, cost, np.ascontiguousarray(load), lonely, np.zeros((units, 1)), np.ones(2), tolerance)


def least(problem: Problem) -> float:
    """The least moves within the tolerance, by branch and bound; infinite where no split is."""
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


@pytest.mark.parametrize(("seed", "tolerance"), [(seed, tolerance) for seed in range(5) for tolerance in (0.08, 0.2, 0.5)])
def test_the_floor_lies_between_fractions_and_whole_accounts(seed: int, tolerance: float) -> None:
    problem = uneven(seed, 36, 4, tolerance)
    moves = least(problem)
    floor = whole_moves(problem, moves + 3.0)
    assert np.isfinite(moves)
    assert np.ceil(lower_bound(problem).hours - 1e-6) <= floor <= moves + 1e-9
    assert whole_moves(problem, moves) <= moves


def test_the_floor_of_whole_accounts_is_higher_than_that_of_fractions() -> None:
    problems = [uneven(seed, 60, 6, 0.1) for seed in range(4)]
    fractions = sum(np.ceil(lower_bound(problem).hours - 1e-6) for problem in problems)
    assert sum(whole_moves(problem, 60.0) for problem in problems) >= fractions + 2.0
