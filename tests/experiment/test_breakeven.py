"""The break-even, the cost of a departure and the screening against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from small import make_design, make_scenario, make_travel

from fieldsim.experiment.breakeven import Trial, break_even, crossing, trial_of
from fieldsim.experiment.damage import a_departure
from fieldsim.experiment.morris import effects, strengths, trajectories
from fieldsim.experiment.vicinity import neighbours_of, parts_of


def test_a_crossing_lies_where_the_straight_line_crosses() -> None:
    weeks = np.array([1.0, 2.0, 4.0, 8.0])
    assert crossing(weeks, np.array([-3.0, -1.0, 1.0, 5.0])) == pytest.approx(3.0)
    assert crossing(weeks, np.array([1.0, 2.0, 3.0, 4.0])) is None
    assert crossing(weeks, np.array([-4.0, -3.0, -2.0, -1.0])) is None
    assert crossing(weeks, np.array([-4.0, 1.0, -2.0, 2.0])) == pytest.approx(6.0)


def test_the_break_even_covers_a_planted_one_as_often_as_promised() -> None:
    rng, trial, planted, held = np.random.default_rng(3), Trial(1, 14.0, 20, (1.0, 2.0, 4.0, 8.0, 13.0, 20.0)), 7.0, 0
    for _ in range(400):
        luck = rng.normal(0.0, 3.0, 20)  # the same luck at every length
        vacant = {weeks: [({"contribution": 100.0}, {})] * 20 for weeks in trial.weeks}
        handed = {
            weeks: [({"contribution": 100.0 + (weeks - planted) + luck[k] + rng.normal(0.0, 0.5)}, {}) for k in range(20)]
            for weeks in trial.weeks
        }
        found = break_even(trial, "nearest", "contribution", 1, vacant, handed)  # type: ignore[arg-type]
        lo = -np.inf if found.lo is None else found.lo
        hi = np.inf if found.hi is None else found.hi
        held += lo <= planted <= hi
    assert 0.92 <= held / 400 <= 0.98


def test_a_better_policy_at_every_length_has_no_break_even_and_says_so() -> None:
    trial = Trial(1, 14.0, 10, (1.0, 2.0))
    vacant = {weeks: [({"contribution": 100.0 + k}, {}) for k in range(10)] for weeks in trial.weeks}
    handed = {weeks: [({"contribution": 105.0 + k + 0.1 * (k % 3)}, {}) for k in range(10)] for weeks in trial.weeks}
    found = break_even(trial, "nearest", "contribution", 1, vacant, handed)  # type: ignore[arg-type]
    assert (found.weeks, found.reason) == (None, "nearest is better at every length from 1 to 2 weeks")


def test_lengths_stay_within_the_horizon() -> None:
    short, year = trial_of(9, 14.0, 92), trial_of(1000, 14.0, 365)
    assert short is not None
    assert year is not None
    assert short.weeks == (1.0, 2.0, 4.0, 8.0)
    assert (short.seats, short.replications) == (1, 20)
    assert (year.seats, year.replications, year.weeks[-1]) == (125, 5, 43.0)
    assert trial_of(1, 14.0, 365) is None
    assert trial_of(9, 14.0, 27) is None


def test_the_cost_of_a_departure_covers_the_truth_as_often_as_promised() -> None:
    rng, held = np.random.default_rng(8), 0
    for _ in range(2000):
        number = rng.poisson(4.0, 40).astype(np.float64)
        change = -10.0 * number + rng.normal(0.0, 6.0, 40) * np.sqrt(number)
        found = a_departure(change, number)
        assert found is not None
        lo, hi = found.interval()
        held += lo <= -10.0 <= hi
    assert 0.93 <= held / 2000 <= 0.97
    assert a_departure(np.ones(3), np.zeros(3)) is None


def test_screening_finds_the_slopes_of_a_plane() -> None:
    slopes = np.array([3.0, 0.0, -7.0, 0.5])
    points, order = trajectories(4, 6, seed=2)
    assert points.min() >= 0.0
    assert points.max() <= 1.0
    moved = np.abs(np.diff(points, axis=1)).sum(axis=2)
    assert moved == pytest.approx(np.full((6, 4), 2.0 / 3.0))
    found = effects(points, order, points @ slopes)
    assert found == pytest.approx(np.repeat(slopes[:, None], 6, axis=1))
    assert strengths(found) == pytest.approx(np.abs(slopes))


def test_screening_agrees_with_salib() -> None:
    analyze = pytest.importorskip("SALib.analyze.morris")
    points, order = trajectories(3, 40, seed=4)
    flat = points.reshape(-1, 3)
    answers = flat[:, 0] * flat[:, 1] + np.sin(6.0 * flat[:, 2])
    problem = {"num_vars": 3, "names": ["a", "b", "c"], "bounds": [[0.0, 1.0]] * 3}
    oracle = analyze.analyze(problem, flat, answers, num_levels=4)
    found = effects(points, order, answers.reshape(40, 4))
    assert strengths(found) == pytest.approx(np.asarray(oracle["mu_star"]), rel=1e-9)


def test_a_missing_point_leaves_out_its_steps_only() -> None:
    points, order = trajectories(2, 1, seed=1)
    answers = (points @ np.array([2.0, 5.0])).copy()
    answers[0, 0] = np.nan
    found = strengths(effects(points, order, answers))
    assert sorted(found.tolist())[0] == 0.0
    assert sorted(found.tolist())[1] in (pytest.approx(2.0), pytest.approx(5.0))


def test_parts_of_a_large_force_settle_every_seat_once_among_its_neighbours() -> None:
    scenario = make_scenario(400, 80)
    design, travel = make_design(scenario), make_travel(scenario)
    parts = list(parts_of(scenario, design))
    assert sorted(t for part in parts for t in part.middle.tolist()) == list(range(80))
    for part in parts:
        assert set(part.middle.tolist()) <= set(part.territories.tolist())
        assert [scenario.accounts.ids[i] for i in part.accounts.tolist()] == list(part.scenario.accounts.ids)
        own = [design.territories[t] for t in part.territories.tolist()]
        assert own == list(part.design.territories)
        assert (part.territories[part.design.territory_of] == design.territory_of[part.accounts]).all()
        rep = part.design.rep_of[0]
        assert part.scenario.reps[rep].id == scenario.reps[design.rep_of[part.territories[0]]].id
        there = part.travel(travel).matrix([0, part.scenario.home(int(rep))]).seconds[0, 0, 1]
        whole = [int(part.accounts[0]), scenario.home(int(design.rep_of[part.territories[0]]))]
        assert there == travel.matrix(whole).seconds[0, 0, 1]
    (one,) = parts_of(make_scenario(), make_design(make_scenario()))
    assert one.middle.tolist() == [0, 1, 2]


def test_only_the_nearest_colleagues_take_over_in_a_large_force() -> None:
    scenario = make_scenario(60, 30)
    design = make_design(scenario)
    able = np.ones(30, dtype=np.bool_)
    able[[4, 7]] = False
    near = neighbours_of(scenario, design, 4, able)
    home = np.array([[scenario.reps[rep].lat, scenario.reps[rep].lon] for rep in design.rep_of.tolist()])
    scale = np.array([1.0, np.cos(np.radians(home[:, 0].mean()))])
    away = np.linalg.norm((home - home[4]) * scale, axis=1)
    away[[4, 7]] = np.inf
    assert set(np.flatnonzero(near).tolist()) == set(np.argsort(away)[:12].tolist())
