"""Every skipped visit has a reason that is true: take the cause away and the visit gets in, or the reason changes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from routing.days import random_day
from routing.judge import best_rank, best_rank_by_sets, faults, rank_of

from fieldsim.model import DayProblem, DayRoute, DayVisit, Lunch, Skipped, TravelMatrix
from fieldsim.routing import route_day

SHIFT = (28_800, 61_200)


def line(minutes: list[int]) -> TravelMatrix:
    """Places along a line, minutes from home each."""
    at = np.array([0, *minutes], dtype=np.int64) * 60
    seconds = np.abs(at[:, None] - at[None, :])
    return TravelMatrix(seconds[None], seconds)


def day(minutes: list[int], *visits: DayVisit, lunch: Lunch | None = None) -> DayProblem:
    return DayProblem(line(minutes), 0, 0, SHIFT, visits, lunch)


def reason_of(route: DayRoute, name: str) -> Skipped | None:
    return next((one for one in route.skipped if one.id == name), None)


def test_a_closed_day_is_never_open_until_it_opens() -> None:
    shut = DayVisit("a", 1, 1800, ())
    found = reason_of(route_day(day([10], shut)), "a")
    assert found == Skipped("a", "never_open", "not open that day")
    assert not route_day(day([10], replace(shut, windows=(SHIFT,)))).skipped


def test_too_far_gives_the_minutes_and_goes_when_it_is_nearer() -> None:
    visit = DayVisit("a", 1, 3600, (SHIFT,))
    found = reason_of(route_day(day([250], visit)), "a")
    assert found is not None
    assert found.reason == "too_far"
    assert found.detail == "250 min there, 60 min visit and 250 min back do not fit between 08:00 and 17:00"
    assert not route_day(day([240], visit)).skipped


def test_a_visit_longer_than_the_shift_says_so() -> None:
    visit = DayVisit("a", 1, 33_000, (SHIFT,))
    found = reason_of(route_day(day([0], visit)), "a")
    assert found is not None
    assert (found.reason, found.detail) == ("shift", "the visit takes 550 min, there are 540 min between 08:00 and 17:00")
    assert not route_day(day([0], replace(visit, service_s=32_400))).skipped


def test_hours_that_cannot_be_met_name_the_hours() -> None:
    visit = DayVisit("a", 1, 1800, ((28_800, 30_000),))
    found = reason_of(route_day(day([60], visit)), "a")
    assert found is not None
    assert found.reason == "window"
    assert "08:00-08:20; reached 09:00 at the earliest" in found.detail
    assert not route_day(day([20], visit)).skipped


def test_lunch_is_named_where_it_is_the_cause() -> None:
    visit = DayVisit("a", 1, 3600, ((28_800, 61_200),))
    problem = day([215], visit, lunch=Lunch(41_400, 46_800, 7200))
    found = reason_of(route_day(problem), "a")
    assert found is not None
    assert "lunch of 120 min" in found.detail
    assert not route_day(replace(problem, lunch=None)).skipped


def test_displaced_names_what_must_go_and_the_travel() -> None:
    long, short = DayVisit("long", 1, 25_200, (SHIFT,), 2), DayVisit("short", 2, 7200, (SHIFT,), 1)
    problem = day([10, 20], long, short)
    found = reason_of(route_day(problem), "short")
    assert found is not None
    assert found.reason == "displaced"
    assert found.forced_cost is not None
    assert (found.forced_cost.drops, found.forced_cost.travel_s) == (("long",), 1200)
    assert found.detail == "fits alone (priority 1), but then long (priority 2) must go, with 20 min more travel"
    assert not route_day(day([10, 20], short)).skipped


def test_forced_costs_are_the_cheapest_of_all_orders() -> None:
    checked = 0
    for seed in range(50):
        problem = random_day(5, seed, full=True)
        route = route_day(problem)
        for one in route.skipped:
            if one.forced_cost is None:
                continue
            visit = next(v for v in problem.visits if v.id == one.id)
            forced = replace(visit, required=True)
            others = tuple(replace(v, required=False) for v in problem.visits if v.id != one.id)
            best = best_rank(replace(problem, visits=(*others, forced)))
            assert one.forced_cost.travel_s == -best[4] - route.travel_s
            assert one.forced_cost.drops
            assert best[:3] < rank_of(problem, route)[:3] or best[0] > rank_of(problem, route)[0]
            checked += 1
    assert checked > 10


def test_taking_the_displacing_visits_away_lets_the_visit_in_or_changes_the_reason() -> None:
    for seed in range(30):
        problem = random_day(7, seed, full=True)
        for one in route_day(problem).skipped:
            if one.forced_cost is None:
                continue
            fewer = replace(problem, visits=tuple(v for v in problem.visits if v.id not in one.forced_cost.drops))
            again = reason_of(route_day(fewer), one.id)
            assert again is None or again.detail != one.detail


def test_required_visits_that_cannot_all_be_served_are_named() -> None:
    early = [DayVisit(name, k + 1, 3600, ((32_400, 33_000),), 1, True) for k, name in enumerate("ab")]
    free = DayVisit("c", 3, 1800, (SHIFT,), 1, True)
    route = route_day(day([10, 20, 30], *early, free))
    assert route.failed_required == ("a", "b")
    assert {stop.id for stop in route.stops} > {"c"}
    assert [one.reason for one in route.skipped] == ["required_conflict"]
    assert not route_day(day([10, 20, 30], early[0], free)).failed_required


def test_a_required_visit_that_never_fits_fails_alone() -> None:
    shut = DayVisit("a", 1, 600, (), 1, True)
    route = route_day(day([10, 20], shut, DayVisit("b", 2, 600, (SHIFT,), 1, True)))
    assert route.failed_required == ("a",)
    assert route.served == 1


def test_failing_sets_fail_and_spare_nothing() -> None:
    for seed in range(20):
        problem = random_day(6, seed, full=True, required=True)
        route = route_day(problem)
        assert faults(problem, route) == []
        failed = [v for v in problem.visits if v.id in route.failed_required]
        if failed:
            assert best_rank(replace(problem, visits=tuple(failed)))[0] < len(failed)
            for spared in failed:
                rest = tuple(v for v in failed if v is not spared)
                assert best_rank(replace(problem, visits=rest))[0] == len(rest)


def test_a_way_in_is_called_cheapest_only_where_none_is_cheaper() -> None:
    proven = 0
    for seed in range(6):
        problem = random_day(15 + seed % 3, 800 + seed, full=seed % 2 == 0)
        quick, sure = route_day(problem), route_day(problem, prove=True)
        assert sure.status == "optimal"
        best = {one.id: one.forced_cost for one in sure.skipped if one.forced_cost}
        priority = {visit.id: visit.priority for visit in problem.visits}
        for one in quick.skipped:
            if one.forced_cost is None or one.id not in best or quick.travel_s != sure.travel_s:
                continue
            mine, theirs = one.forced_cost, best[one.id]
            lost = [(sum(priority[name] for name in cost.drops), cost.travel_s) for cost in (mine, theirs)]
            if mine.cheapest and theirs.cheapest and quick.stops == sure.stops:
                assert lost[0][1] == lost[1][1]
                proven += 1
            assert ("one way in" in one.detail) != mine.cheapest
    assert proven > 5


def test_forced_costs_of_larger_days_are_those_of_an_independent_method() -> None:
    checked = 0
    for seed in range(3):
        problem = random_day(9, 60 + seed, full=True)
        route = route_day(problem)
        for one in route.skipped[:2]:
            if one.forced_cost is None:
                continue
            visits = tuple(replace(v, required=v.id == one.id) for v in problem.visits)
            best = best_rank_by_sets(replace(problem, visits=visits))
            assert one.forced_cost.cheapest
            assert one.forced_cost.travel_s == -best[4] - route.travel_s
            checked += 1
    assert checked > 2
