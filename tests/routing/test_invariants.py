"""What must hold on every day, drawn at random."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from routing.days import random_day
from routing.judge import best_rank, faults, rank_of

from fieldsim.model import DayProblem, DayRoute, Now, TravelMatrix
from fieldsim.routing import problem_json, read_problem, route_day

RULE_NAMES = ("lunch", "full", "remote", "agreed", "required", "hours", "now")
rules = st.fixed_dictionaries({name: st.booleans() for name in RULE_NAMES})
seeds = st.integers(0, 10_000)
quick = settings(deadline=None, max_examples=40, derandomize=True, database=None)


@quick
@given(st.integers(0, 5), seeds, rules)
def test_proven_days_are_the_best_of_all_orders(n: int, seed: int, rule: dict[str, bool]) -> None:
    problem = random_day(n, seed, **rule)
    route = route_day(problem)
    assert faults(problem, route) == []
    assert route.status == "optimal"
    assert rank_of(problem, route) == best_rank(problem)


@quick
@given(st.integers(6, 15), seeds, rules)
def test_an_independent_judge_agrees_with_every_time(n: int, seed: int, rule: dict[str, bool]) -> None:
    problem = random_day(n, seed, **rule)
    assert faults(problem, route_day(problem, explain=False)) == []


@quick
@given(st.integers(0, 10), seeds, rules)
def test_no_engine_beats_a_proof(n: int, seed: int, rule: dict[str, bool]) -> None:
    problem = random_day(n, seed, **rule)
    exact, alone = route_day(problem, engine="exact"), route_day(problem, engine="ortools")
    assert faults(problem, alone) == []
    assert exact.status == "optimal"
    assert alone.status == "feasible"
    assert rank_of(problem, exact) >= rank_of(problem, alone)
    assert rank_of(problem, exact) == rank_of(problem, route_day(problem))


@quick
@given(st.integers(3, 9), seeds, rules)
def test_a_visit_without_priority_costs_the_others_nothing(n: int, seed: int, rule: dict[str, bool]) -> None:
    problem = random_day(n, seed, **rule)
    *others, last = problem.visits
    with_it = replace(problem, visits=(*others, replace(last, priority=0, required=False, agreed_start_s=None)))
    without = replace(problem, visits=tuple(others))
    assert route_day(with_it).priority_served == route_day(without).priority_served


@quick
@given(st.integers(2, 16), seeds, rules)
def test_relabelling_changes_nothing(n: int, seed: int, rule: dict[str, bool]) -> None:
    problem = random_day(n, seed, **rule)
    rng = np.random.default_rng(seed)
    names = {f"v{k}": f"x{int(new):03d}" for k, new in enumerate(rng.permutation(n))}
    other = relabelled(problem, rng.permutation(n + 1), names, rng.permutation(n))
    one, two = route_day(problem), route_day(other)
    assert rank_of(problem, one) == rank_of(other, two)
    places = {names[visit.id]: visit.at for visit in problem.visits}
    assert [(stop.at, stop.start_s) for stop in one.stops] == [(places[stop.id], stop.start_s) for stop in two.stops]


def relabelled(problem: DayProblem, places: np.ndarray, names: dict[str, str], rows: np.ndarray) -> DayProblem:
    """The same day with other ids, other rows of the matrix and the visits in another order."""
    back = np.argsort(places)
    seconds = problem.travel.seconds[:, back[:, None], back[None, :]]
    move = lambda place: None if place is None else int(places[place])  # noqa: E731
    visits = [replace(v, id=names[v.id], at=move(v.at)) for v in problem.visits]
    now = problem.now and Now(
        int(places[problem.now.at]), problem.now.time_s, tuple(names[d] for d in problem.now.done), problem.now.lunch_done
    )
    return replace(
        problem,
        travel=TravelMatrix(seconds, seconds[0], problem.travel.from_s),
        start=int(places[problem.start]),
        end=int(places[problem.end]),
        visits=tuple(visits[int(k)] for k in rows),
        now=now,
    )


@quick
@given(st.integers(0, 14), seeds, rules)
def test_the_same_day_gets_the_same_answer(n: int, seed: int, rule: dict[str, bool]) -> None:
    problem = random_day(n, seed, **rule)
    one = route_day(problem, seed=3)
    assert one == route_day(problem, seed=3)
    assert one == route_day(read_problem(problem_json(problem)), seed=3)


@quick
@given(st.integers(2, 9), seeds)
def test_leaving_later_never_arrives_earlier(n: int, seed: int) -> None:
    problem = random_day(n, seed, hours=True, lunch=False)
    finish = [
        rank_of(late, route)[:3]
        for late in (replace(problem, shift=(begin, 64_800)) for begin in range(28_800, 36_000, 600))
        for route in [route_day(late, explain=False)]
    ]
    assert finish == sorted(finish, reverse=True)


def test_departure_is_as_late_as_the_first_start_allows() -> None:
    for seed in range(20):
        problem = random_day(6, seed)
        route = route_day(problem)
        later = replace(problem, shift=(route.depart_s + 1, problem.shift[1]))
        again = route_day(later)
        assert starts(again) != starts(route) or again.travel_s > route.travel_s


def starts(route: DayRoute) -> list[tuple[str, int]]:
    return [(stop.id, stop.start_s) for stop in route.stops]
