"""Many days: equal to one by one, once each, kept, whatever the number of processes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from routing.days import random_day

from fieldsim.errors import UsageError
from fieldsim.model import DayVisit
from fieldsim.routing import route_day, route_days, suggest_slot
from fieldsim.store import Store


def test_many_days_are_the_same_as_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fieldsim.routing.many.FEW", 8)
    problems = [random_day(5 + k % 4, k) for k in range(10)]
    alone = [route_day(problem, explain=False) for problem in problems]
    store = Store(tmp_path)
    assert route_days(problems) == alone
    assert route_days(problems, store=store, workers=2) == alone
    assert store.sizes()["route"][0] == 10
    assert route_days(problems, store=store) == alone


def test_few_days_start_no_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("joblib.Parallel", lambda *_, **__: pytest.fail("started processes"))
    problems = [random_day(3, k) for k in range(20)]
    assert route_days(problems, workers=2) == route_days(problems)


def test_a_day_known_to_the_store_is_not_solved_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    problem, store = random_day(6, 1), Store(tmp_path)
    shuffled = replace(problem, visits=problem.visits[::-1])
    first = route_days([problem, shuffled], store=store)
    monkeypatch.setattr("fieldsim.routing.many.route_day", lambda *_, **__: pytest.fail("solved again"))
    assert route_days([shuffled, problem], store=store) == first
    assert first[0] == first[1]


def test_an_unknown_engine_is_named() -> None:
    with pytest.raises(UsageError, match="did you mean 'ortools'"):
        route_day(random_day(2, 0), engine="ortool")


def test_the_best_slot_is_the_day_that_passes_by() -> None:
    near, far = random_day(4, 1, lunch=False), random_day(4, 2, lunch=False)
    visit = DayVisit("new", near.visits[0].at, 600, ((28_800, 64_800),), 1)
    slots = suggest_slot([far, near], visit)
    assert {slot.day for slot in slots} == {0, 1}
    for slot in slots:
        problem = (far, near)[slot.day]
        before = route_day(problem)
        assert slot.drops == ()
        assert slot.travel_s == slot.route.travel_s - before.travel_s
        assert slot.start_s in [stop.start_s for stop in slot.route.stops if stop.id == "new"]
    assert [slot.travel_s for slot in slots] == sorted(slot.travel_s for slot in slots)


def test_a_day_that_cannot_hold_the_visit_is_no_slot() -> None:
    problem = random_day(4, 1)
    assert suggest_slot([problem], DayVisit("new", 1, 600, ())) == ()
    with pytest.raises(UsageError, match="one for each day"):
        suggest_slot([problem], [])


def test_a_full_day_says_what_a_new_visit_would_push_out() -> None:
    problem = random_day(8, 3, full=True)
    slot = suggest_slot([problem], DayVisit("new", 1, 7200, ((28_800, 64_800),), 0))[0]
    before = {stop.id for stop in route_day(problem).stops}
    after = {stop.id for stop in slot.route.stops}
    assert set(slot.drops) == before - after
