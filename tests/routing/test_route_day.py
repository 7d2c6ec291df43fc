"""One day: every time is true, and what is called optimal is."""

from __future__ import annotations

import pytest
from routing.days import RULES, random_day
from routing.judge import best_rank, faults, rank_of

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
