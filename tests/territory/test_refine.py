"""Splits of few moves against brute force over all ways to move little."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from fieldsim.territory.problem import Problem, split_of
from fieldsim.territory.refine import TRIES, refine, worth_refining
from fieldsim.territory.search import solve


def _moves(seed: int, units: int, tolerance: float) -> Problem:
    """Three seats, the first slot is where a unit is, every move costs 1."""
    rng = np.random.default_rng(seed)
    here = rng.choice(3, units, p=[0.5, 0.3, 0.2])
    seat = (here[:, None] + np.arange(3)) % 3
    size = rng.uniform(0.5, 1.5, units)
    load = np.repeat((3.0 * size / size.sum())[:, None], 3, axis=1)[:, :, None]
    cost = np.tile(np.array([0.0, 1.0, 1.0]), (units, 1))
    return Problem(3, seat, cost, load, np.full((units, 1), -1), np.zeros((units, 1)), np.ones(1), tolerance)


@pytest.mark.parametrize("seed", range(4))
def test_needless_moves_are_returned_down_to_the_fewest_possible(seed: int) -> None:
    problem = _moves(seed, 9, 0.15)
    answers = [split_of(problem, np.array(slot)) for slot in product(range(3), repeat=9)]
    even = [split for split in answers if split.imbalance <= 0.15 - 1e-5]
    worst = max(even, key=lambda split: split.hours)
    after = split_of(problem, refine(problem, worst.slot, 30 * TRIES))
    assert after.hours == min(split.hours for split in even)
    assert after.imbalance <= 0.15 + 1e-5


def test_seat_out_of_tolerance_gets_no_further_out() -> None:
    problem = _moves(5, 40, 0.01)
    slot = np.random.default_rng(1).integers(0, 3, 40)
    before, after = split_of(problem, slot), split_of(problem, refine(problem, slot, 30 * TRIES))
    assert after.hours <= before.hours
    limit = np.maximum(np.abs(before.loads - 1.0), 0.01) + 1e-5
    assert (np.abs(after.loads - 1.0) <= limit).all()


def test_few_tries_leave_a_split_as_it_is() -> None:
    problem = _moves(2, 40, 0.05)
    slot = np.random.default_rng(1).integers(0, 3, 40)
    assert (refine(problem, slot, TRIES - 1) == slot).all()


def test_a_search_that_moves_few_is_the_same_twice() -> None:
    problem = _moves(3, 200, 0.2)
    first, second = (solve(problem, seed=4, moves=8 * TRIES) for _ in range(2))
    assert (first.slot == second.slot).all()
    assert not worth_refining(problem, np.zeros(200, dtype=np.int64))
