"""A day in progress: the rest is planned anew with as few changes to agreed appointments as possible."""

from __future__ import annotations

from dataclasses import replace

from routing.days import random_day
from routing.judge import faults

from fieldsim.model import DayProblem, DayRoute, DayVisit, Now
from fieldsim.routing import route_day


def agreed_day(n: int, seed: int) -> tuple[DayProblem, DayRoute]:
    """A day whose starts are agreed as first planned."""
    problem = random_day(n, seed)
    plan = route_day(problem)
    starts = {stop.id: stop.start_s for stop in plan.stops}
    visits = tuple(replace(v, agreed_start_s=starts[v.id]) for v in problem.visits if v.id in starts)
    return replace(problem, visits=visits), plan


def kept(problem: DayProblem, route: DayRoute) -> int:
    agreed = {v.id: v.agreed_start_s for v in problem.visits if v.agreed_start_s is not None}
    return sum(abs(stop.start_s - agreed[stop.id]) <= 900 for stop in route.stops if stop.id in agreed)


def test_nothing_happened_nothing_changes() -> None:
    for seed in range(8):
        problem, plan = agreed_day(8, seed)
        again = route_day(problem)
        assert [(s.id, s.start_s) for s in again.stops] == [(s.id, s.start_s) for s in plan.stops]
        done = plan.stops[2]
        now = Now(done.at or 0, done.leave_s, tuple(stop.id for stop in plan.stops[:3]), _eaten(plan, done.leave_s))
        rest = route_day(replace(problem, now=now))
        assert faults(replace(problem, now=now), rest) == []
        assert [(s.id, s.start_s) for s in rest.stops] == [(s.id, s.start_s) for s in plan.stops[3:]]


def _eaten(plan: DayRoute, time: int) -> bool:
    return plan.lunch is not None and plan.lunch[0] < time


def test_a_cancelled_visit_leaves_the_other_appointments_alone() -> None:
    for seed in range(8):
        problem, plan = agreed_day(8, seed)
        gone = plan.stops[3].id
        fewer = replace(problem, visits=tuple(v for v in problem.visits if v.id != gone))
        route = route_day(fewer)
        assert faults(fewer, route) == []
        assert kept(fewer, route) == len(plan.stops) - 1


def test_an_urgent_visit_moves_no_more_than_it_must() -> None:
    for seed in range(8):
        problem, plan = agreed_day(7, seed)
        urgent = DayVisit("urgent", 1, 1200, ((28_800, 64_800),), 9, True)
        more = replace(problem, visits=(*problem.visits, urgent))
        route = route_day(more)
        assert faults(more, route) == []
        assert "urgent" in [stop.id for stop in route.stops]
        loose = route_day(replace(more, visits=tuple(replace(v, agreed_start_s=None) for v in more.visits)))
        assert kept(more, route) >= kept(more, loose)
        assert route.priority_served == loose.priority_served
        assert len(plan.stops) <= len(route.stops) + 1


def test_running_late_past_the_shift_still_brings_the_rep_home() -> None:
    problem, _ = agreed_day(6, 1)
    late = replace(problem, now=Now(3, 66_000))
    route = route_day(late)
    assert route.stops == ()
    assert (route.depart_s, route.finish_s) == (66_000, 66_000 + route.travel_s)
    assert {one.id for one in route.skipped} == {v.id for v in problem.visits}


def test_a_lunch_missed_by_the_latest_start_is_let_go() -> None:
    problem, _ = agreed_day(6, 2)
    route = route_day(replace(problem, now=Now(2, 52_000)))
    assert route.lunch is None
    assert faults(replace(problem, now=Now(2, 52_000)), route) == []
