"""Prices, settled large units and hand-over prices, against the linear relaxation and plain sums."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small import make_scenario

from fieldsim.territory.bound import lower_bound
from fieldsim.territory.disruption import activity_of, classes_of, hand_over_hours, late_of
from fieldsim.territory.prices import HEATS, dual_value, find_prices
from fieldsim.territory.problem import Problem
from fieldsim.territory.search import solve
from fieldsim.territory.settle import settle
from fieldsim.territory.units import Wishes


def small_problem(seed: int, units: int, seats: int, tolerance: float = 0.05) -> Problem:
    """Costs by distance on a line, one metric of equal loads and one of unequal ones."""
    rng = np.random.default_rng(seed)
    cost = np.abs(rng.uniform(0, 10, units)[:, None] - rng.uniform(0, 10, seats))
    load = np.stack([np.ones((units, seats)), np.repeat(rng.uniform(0.5, 1.5, units)[:, None], seats, axis=1)], axis=2)
    seat = np.repeat(np.arange(seats, dtype=np.int64)[None], units, axis=0)
    none = np.full((units, 1), -1, dtype=np.int64)
    return Problem(seats, seat, cost, load / (load[:, 0].sum(axis=0) / seats), none, np.zeros((units, 1)), np.ones(2), tolerance)


@pytest.mark.parametrize("seed", range(3))
def test_any_prices_bound_from_below(seed: int) -> None:
    problem = small_problem(seed, units=300, seats=6)
    bound = lower_bound(problem).hours
    random = np.random.default_rng(seed).normal(0.0, 5.0, (6, 2))
    assert dual_value(problem, random) <= bound + 1e-6
    assert 0.99 * bound <= dual_value(problem, find_prices(problem)) <= bound + 1e-6


def crowded_problem(seed: int, units: int, seats: int, tolerance: float) -> Problem:
    """Most units at one end of a square, homes anywhere, work that grows with the way: prices hang together over many seats."""
    rng = np.random.default_rng(seed)
    place = np.stack((rng.uniform(0, 1, units) ** 3, rng.uniform(0, 1, units)), axis=1)
    cost = 10.0 * np.linalg.norm(place[:, None] - rng.uniform(0, 1, (seats, 2)), axis=2)
    load = np.stack((np.tile(rng.lognormal(0.0, 0.5, units)[:, None], seats), 1.0 + cost / 10.0), axis=2)
    seat = np.repeat(np.arange(seats, dtype=np.int64)[None], units, axis=0)
    none = np.full((units, 1), -1, dtype=np.int64)
    return Problem(seats, seat, cost, load / load.mean(axis=(0, 1)) * seats / units, none, 0.0 * none, np.ones(2), tolerance)


@pytest.mark.parametrize("seed", range(3))
def test_soft_shares_are_even_under_the_prices_found(seed: int) -> None:
    problem = crowded_problem(seed, units=1500, seats=20, tolerance=0.05)
    prices = find_prices(problem)
    net = prices - (prices + 0.05 * np.abs(prices)).mean(axis=0)
    priced = problem.cost + (problem.load * net).sum(axis=2)
    heat = HEATS[-1] * np.median(problem.cost.min(axis=1))
    share = np.exp(-(priced - priced.min(axis=1, keepdims=True)) / heat)
    loads = (problem.load * (share / share.sum(axis=1, keepdims=True))[:, :, None]).sum(axis=0)
    assert np.abs(loads / loads.mean(axis=0) - 1.0).max() < 0.065
    assert np.abs(loads / loads.mean(axis=0) - 1.0).max() > 0.04  # the tolerance is used
    assert 0.995 * lower_bound(problem).hours <= dual_value(problem, prices) <= lower_bound(problem).hours + 1e-6


@pytest.mark.parametrize("few", [0, 500])
def test_prices_are_about_as_good_by_newton_and_by_quasi_newton_steps(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = small_problem(2, units=400, seats=8)
    monkeypatch.setattr("fieldsim.territory.prices.FEW", few)
    assert dual_value(problem, find_prices(problem)) >= 0.998 * lower_bound(problem).hours


def test_the_dual_beyond_five_thousand_units_is_close_to_what_is_found() -> None:
    problem = small_problem(3, units=5_200, seats=8)
    bound = lower_bound(problem)
    assert bound.kind == "dual"
    split = solve(problem, moves=300_000)
    assert 1.0 <= split.hours / bound.hours <= 1.01
    assert split.imbalance <= 0.0505


def test_a_large_unit_is_settled_where_the_tolerance_can_be_kept() -> None:
    problem = small_problem(4, units=120, seats=4)
    load = problem.load.copy()
    load[:3] *= 20.0
    load /= load[:, 0].sum(axis=0) / 4
    problem = replace(problem, load=load)
    slot, prices = settle(problem, 0.8)
    assert slot.shape == (120,)
    assert np.isfinite(prices).all()
    assert solve(problem).imbalance <= 0.0505
    assert np.isfinite(problem.cost).all()  # settling works on a copy


def test_a_late_stage_costs_most_and_an_unknown_one_counts_as_late_in_shares() -> None:
    scenario = make_scenario(6)
    accounts = replace(
        scenario.accounts,
        revenue_last_year=np.array([0.0, 1.0, 1.0, 0.0, 0.0, 5.0]),
        open_pipeline=np.array([0.0, 0.0, 2.0, 3.0, 4.0, 5.0]),
        pipeline_stage=("", "negotiation", "discovery", "proposal", "", "negotiation"),
    )
    scenario = replace(scenario, accounts=accounts)
    assert activity_of(scenario).tolist() == [0, 1, 2, 3, 2, 3]
    assert late_of(scenario).tolist() == [False, False, False, True, True, True]
    assert classes_of(scenario)[-1] == "late-stage pipeline"
    hours = hand_over_hours(scenario, np.full(6, 4.0), 0.15, Wishes().disruption)
    assert hours.tolist() == pytest.approx([0.3, 0.6, 1.2, 2.4, 1.2, 2.4])
    plain = replace(scenario, accounts=replace(accounts, pipeline_stage=()))
    assert activity_of(plain).tolist() == [0, 1, 2, 2, 2, 2]
    assert late_of(plain).tolist() == [False, False, True, True, True, True]
    assert "late-stage pipeline" not in classes_of(plain)


def test_moves_of_open_pipelines_cost_most_and_of_idle_accounts_least() -> None:
    scenario = make_scenario(6)
    accounts = replace(
        scenario.accounts,
        revenue_last_year=np.array([0.0, 1.0, 1.0, 0.0, 0.0, 5.0]),
        open_pipeline=np.array([0.0, 0.0, 2.0, 3.0, 0.0, 0.0]),
    )
    scenario = replace(scenario, accounts=accounts)
    assert activity_of(scenario).tolist() == [0, 1, 2, 2, 0, 1]
    assert hand_over_hours(scenario, np.full(6, 4.0), 0.15, (0.5, 1.0, 2.0)).tolist() == pytest.approx(
        [0.3, 0.6, 1.2, 1.2, 0.3, 0.6]
    )
