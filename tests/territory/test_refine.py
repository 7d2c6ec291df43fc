"""Splits of few moves against brute force over all ways to move little, with and without a budget."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from fieldsim.model import Floats, Ints
from fieldsim.territory.problem import Problem, split_of
from fieldsim.territory.refine import Budgets, few_moves, refine, worth_refining
from fieldsim.territory.search import paid, price_of, solve

TRIES = 100_000


def _moves(seed: int, units: int, tolerance: float) -> Problem:
    """Three seats, the first slot is where a unit is, every move costs 1."""
    rng = np.random.default_rng(seed)
    here = rng.choice(3, units, p=[0.5, 0.3, 0.2])
    seat = (here[:, None] + np.arange(3)) % 3
    size = rng.uniform(0.5, 1.5, units)
    load = np.repeat((3.0 * size / size.sum())[:, None], 3, axis=1)[:, :, None]
    cost = np.tile(np.array([0.0, 1.0, 1.0]), (units, 1))
    return Problem(3, seat, cost, load, np.full((units, 1), -1), np.zeros((units, 1)), np.ones(1), tolerance)


def _mixed(seed: int, units: int) -> Problem:
    """Three seats, two metrics of which one depends on the seat, hours of any kind, neighbours that like company."""
    rng = np.random.default_rng(seed)
    problem = _moves(seed, units, 0.1)
    work = rng.uniform(0.5, 1.5, (units, 3))
    load = np.concatenate((problem.load, (3.0 * work / work[:, 0].sum())[:, :, None]), axis=2)
    near = np.full((units, 2), -1)
    near[1:, 0], near[0, 0] = np.arange(units - 1), 1
    near[1:-1, 1] = np.arange(2, units)
    apart = np.where(near >= 0, 0.2, 0.0)
    return replace(problem, cost=rng.uniform(0.0, 2.0, (units, 3)), load=load, near=near, apart=apart, weight=np.ones(2))


def _price(problem: Problem, slot: Ints) -> float:
    """Hours, torn neighbours and the price of excess, added up one by one."""
    seats = [int(problem.seat[i, s]) for i, s in enumerate(slot)]
    total = sum(float(problem.cost[i, s]) for i, s in enumerate(slot))
    for i, seat in enumerate(seats):
        total += sum(float(problem.apart[i, h]) for h, u in enumerate(problem.near[i]) if u >= 0 and seats[u] != seat)
    line, square = paid(problem)
    for m in range(problem.load.shape[2]):
        loads = [sum(float(problem.load[i, s, m]) for i, s in enumerate(slot) if seats[i] == j) for j in range(3)]
        for load in loads:
            over = max(0.0, abs(3.0 * load / sum(loads) - 1.0) - problem.tolerance)
            total += float(problem.weight[m]) * (line * over + square * over * over)
    return total


@pytest.mark.parametrize("seed", range(4))
def test_needless_moves_are_returned_down_to_the_fewest_possible(seed: int) -> None:
    problem = _moves(seed, 9, 0.15)
    answers = [split_of(problem, np.array(slot)) for slot in product(range(3), repeat=9)]
    even = [split for split in answers if split.imbalance <= 0.15 - 1e-4]
    worst = max(even, key=lambda split: split.hours)
    found = refine(problem, worst.slot, TRIES, paid(problem))
    after = split_of(problem, min(found, key=lambda slot: price_of(problem, slot)))
    assert after.hours == min(split.hours for split in even)
    assert after.imbalance <= 0.15


@pytest.mark.parametrize(("seed", "budget"), [(seed, budget) for seed in range(3) for budget in (1, 2, 4)])
def test_moves_within_a_budget_are_the_best_there_are(seed: int, budget: int) -> None:
    problem, home = _mixed(seed, 9), np.zeros(9, dtype=np.int64)
    allowed = [np.array(slot) for slot in product(range(3), repeat=9) if sum(s > 0 for s in slot) <= budget]
    best = min(_price(problem, slot) for slot in allowed)
    found = few_moves(problem, home, home, paid(problem), TRIES, budgets=Budgets(_used(problem), np.array([float(budget)])))
    assert all((slot != home).sum() <= budget for slot in found)
    assert min(_price(problem, slot) for slot in found) == pytest.approx(best, rel=1e-9)


def test_two_budgets_are_kept_at_once() -> None:
    problem, home = _mixed(7, 9), np.zeros(9, dtype=np.int64)
    money = np.random.default_rng(7).uniform(0.0, 1.0, 9)
    use = np.concatenate((_used(problem), _used(problem) * money[:, None, None]), axis=2)
    ways = [np.array(slot) for slot in product(range(3), repeat=9)]
    allowed = [slot for slot in ways if (slot > 0).sum() <= 4 and money[slot > 0].sum() <= 1.2]
    found = few_moves(problem, home, home, paid(problem), TRIES, budgets=Budgets(use, np.array([4.0, 1.2])))
    assert all((slot > 0).sum() <= 4 and money[slot > 0].sum() <= 1.2 + 1e-6 for slot in found)
    best = min(_price(problem, slot) for slot in allowed)
    assert min(_price(problem, slot) for slot in found) == pytest.approx(best, rel=1e-9)


def test_a_budget_of_nothing_moves_nothing() -> None:
    problem, home = _mixed(3, 12), np.zeros(12, dtype=np.int64)
    found = few_moves(problem, home, home, paid(problem), TRIES, budgets=Budgets(_used(problem), np.zeros(1)))
    assert all((slot == home).all() for slot in found)


def test_no_answer_costs_more_than_the_start() -> None:
    for seed in range(5):
        problem = _mixed(seed, 40)
        start = np.random.default_rng(seed).integers(0, 3, 40)
        found = few_moves(problem, np.zeros(40, dtype=np.int64), start, paid(problem), 2_000)
        assert min(price_of(problem, slot) for slot in found) <= price_of(problem, start)


def test_a_search_that_moves_few_is_the_same_twice() -> None:
    problem = _moves(3, 200, 0.2)
    first, second = (solve(problem, seed=4, moves=30 * TRIES) for _ in range(2))
    assert (first.slot == second.slot).all()
    assert not worth_refining(problem, np.zeros(200, dtype=np.int64), 30 * TRIES)
    assert not worth_refining(problem, first.slot, TRIES)


def _used(problem: Problem) -> Floats:
    """1 for every slot but the first, one budget."""
    return np.repeat(np.array([0.0, 1.0, 1.0])[None, :, None], problem.units, axis=0)
