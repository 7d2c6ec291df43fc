"""A wanted order against brute force: nothing overtakes, nothing that fits is left out, times are the earliest there are."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fieldsim.model import DayProblem, DayVisit, TravelMatrix
from fieldsim.routing import follow_order, replan_day, route_day


def problem_of(seed: int, n: int, tight: bool) -> DayProblem:
    """A day without a break, so that times can be checked in five lines."""
    rng = np.random.default_rng(seed)
    xy = rng.uniform(0, 1, (n + 1, 2))
    seconds = np.ceil(2400 * np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))).astype(np.int64)
    visits = []
    for k in range(n):
        start = int(rng.integers(8, 13)) * 3600
        windows = ((start, start + (3600 if tight else 21_600)),) if rng.random() < 0.6 else ((0, 86_400),)
        visits.append(DayVisit(f"V{k}", k, int(rng.integers(600, 2400)), windows, int(rng.integers(1, 4))))
    return DayProblem(TravelMatrix(seconds[None], np.zeros_like(seconds)), n, n, (8 * 3600, 15 * 3600), tuple(visits))


def finish(problem: DayProblem, order: tuple[int, ...]) -> tuple[int, int] | None:
    """(travel, time home) of an order walked as early as possible, None if it cannot be done. Written apart from the router."""
    seconds, time, at, travel = problem.travel.seconds[0], problem.shift[0], problem.start, 0
    for k in order:
        visit = problem.visits[k]
        leg = int(seconds[at, k])
        arrive = time + leg
        starts = [max(arrive, a) for a, b in visit.windows if max(arrive, a) <= b]
        if not starts:
            return None
        time, at, travel = min(starts) + visit.service_s, k, travel + leg
    leg = int(seconds[at, problem.end])
    return (travel + leg, time + leg) if time + leg <= problem.shift[1] else None


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(1, 6), tight=st.booleans())
def test_a_wanted_order_is_followed(seed: int, n: int, tight: bool) -> None:
    problem = problem_of(seed, n, tight)
    wanted = tuple(np.random.default_rng(seed + 1).permutation(n).tolist())
    route = follow_order(problem, [f"V{k}" for k in wanted])
    order = tuple(int(stop.id[1:]) for stop in route.stops)
    assert order == tuple(k for k in wanted if k in order)
    walked = finish(problem, order)
    assert walked == (route.travel_s, route.finish_s)
    if finish(problem, wanted) is not None:
        assert order == wanted
    for k in set(range(n)) - set(order):
        place = [j for j in wanted if j in order or j == k]
        assert finish(problem, tuple(place)) is None
        assert any(skip.id == f"V{k}" for skip in route.skipped)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(2, 5))
def test_what_has_no_wanted_place_goes_where_it_costs_least(seed: int, n: int) -> None:
    problem = problem_of(seed, n, False)
    wanted = tuple(range(n - 1))
    route = follow_order(problem, [f"V{k}" for k in wanted])
    order = tuple(int(stop.id[1:]) for stop in route.stops)
    if len(order) < n or finish(problem, wanted) is None:
        return
    tries = [finish(problem, (*wanted[:k], n - 1, *wanted[k:])) for k in range(n)]
    assert (route.travel_s, route.finish_s) == min(found for found in tries if found is not None)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(2, 5))
def test_the_order_that_stands_yields_only_to_something_worth_it(seed: int, n: int) -> None:
    problem = problem_of(seed, n, False)
    best = route_day(problem, explain=False)
    for wanted in itertools.islice(itertools.permutations(range(n)), 6):
        kept = follow_order(problem, [f"V{k}" for k in wanted])
        found = replan_day(problem, [f"V{k}" for k in wanted])
        assert (found.priority_served, found.served) >= (kept.priority_served, kept.served)
        if [stop.id for stop in found.stops] != [stop.id for stop in kept.stops]:
            better = (found.priority_served, found.served) > (kept.priority_served, kept.served)
            assert better or found.travel_s <= kept.travel_s - 300
            assert (found.priority_served, found.served, -found.travel_s) == (best.priority_served, best.served, -best.travel_s)
    same = replan_day(problem, [stop.id for stop in best.stops])
    assert [stop.id for stop in same.stops] == [stop.id for stop in best.stops]
