"""Days that nobody would plan are answered as an independent method answers them: the route, the reasons and the forced costs."""

from __future__ import annotations

from routing.days import odd_day
from routing.judge import faults, rank_of, rank_with

from fieldsim.routing import route_day


def test_odd_days_are_the_best_of_all_and_say_why() -> None:
    explained = 0
    for seed in range(60):
        problem = odd_day(seed)
        best, route = rank_with(problem, None), route_day(problem)
        if best is None:
            assert route.stops == ()
            continue
        assert faults(problem, route) == [], seed
        assert route.status == "optimal"
        assert rank_of(problem, route) == best, seed
        for one in route.skipped:
            forced = rank_with(problem, one.id)
            assert (forced is None) == (one.forced_cost is None), (seed, one)
            if forced and one.forced_cost:
                assert one.forced_cost.cheapest
                assert one.forced_cost.travel_s == -forced[4] - route.travel_s, (seed, one)
                explained += 1
    assert explained > 3
