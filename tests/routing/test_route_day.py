"""One day: every time is true, and what is called optimal is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from routing.days import RULES, random_day
from routing.judge import best_rank, best_rank_by_sets, faults, rank_of
from scipy.sparse.csgraph import minimum_spanning_tree

from fieldsim.model import DayProblem, DayVisit, TravelMatrix
from fieldsim.routing import route_day


@pytest.mark.parametrize("rules", RULES, ids=lambda rules: "+".join(rules) or "plain")
def test_small_days_are_the_best_of_all_orders(rules: dict[str, bool]) -> None:
    for seed in range(12):
        problem = random_day(5, seed, **rules)
        route = route_day(problem)
        assert faults(problem, route) == []
        assert route.status == "optimal"
        assert rank_of(problem, route) == best_rank(problem), seed


@pytest.mark.parametrize("rules", RULES, ids=lambda rules: "+".join(rules) or "plain")
def test_larger_days_keep_every_rule(rules: dict[str, bool]) -> None:
    for n in (9, 16):
        problem = random_day(n, n, **rules)
        assert faults(problem, route_day(problem)) == []


@pytest.mark.parametrize("rules", RULES, ids=lambda rules: "+".join(rules) or "plain")
def test_proofs_agree_with_an_independent_method(rules: dict[str, bool]) -> None:
    for n, seed in ((5, 1), (8, 2), (9, 3)):
        problem = random_day(n, 400 + seed, **rules)
        route = route_day(problem, explain=False)
        assert route.status == "optimal"
        assert rank_of(problem, route) == best_rank_by_sets(problem), (n, seed)


def test_the_two_judges_agree() -> None:
    for seed, rules in enumerate(RULES):
        problem = random_day(4, seed, **rules)
        assert best_rank_by_sets(problem) == best_rank(problem)


def test_visits_in_one_house_that_take_no_time_are_no_obstacle() -> None:
    problem = random_day(9, 5)
    visits = tuple(replace(v, at=1 + k // 3, service_s=0) for k, v in enumerate(problem.visits))
    crowded = replace(problem, visits=visits)
    route = route_day(crowded, explain=False)
    assert faults(crowded, route) == []
    assert rank_of(crowded, route) == best_rank_by_sets(crowded)


def test_a_round_through_a_hundred_required_visits_serves_them_all() -> None:
    rng = np.random.default_rng(7)
    places = rng.uniform(0.0, 1000.0, (101, 2))
    seconds = np.ceil(np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))).astype(np.int64)
    visits = tuple(DayVisit(f"c{k}", k, 10, ((0, 80_000),), 1, True) for k in range(1, 101))
    problem = DayProblem(TravelMatrix(seconds[None], seconds), 0, 0, (0, 86_400), visits)
    route = route_day(problem)
    assert faults(problem, route) == []
    assert (route.served, route.status, route.failed_required) == (100, "feasible", ())
    assert route.travel_s < 1.25 * minimum_spanning_tree(seconds).sum()
