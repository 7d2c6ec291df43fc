"""Day problems as JSON: the round trip is the identity, and what is wrong is named."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from routing.days import random_day

from fieldsim.errors import DataError
from fieldsim.routing import problem_json, read_problem, route_day, route_json

GOOD: dict[str, Any] = {
    "travel_s": [[0, 600, 900], [600, 0, 300], [900, 300, 0]],
    "start": 0,
    "end": 0,
    "shift": [28800, 64800],
    "lunch": {"earliest": 41400, "latest": 46800, "duration_s": 2700},
    "visits": [
        {"id": "A17", "at": 1, "service_s": 1800, "windows": [[32400, 45000], [50400, 63000]], "priority": 3},
        {"id": "A18", "at": None, "service_s": 1800, "windows": [[32400, 45000]]},
    ],
}


def wrong(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    problem = copy.deepcopy(GOOD)
    change(problem)
    return problem


def visit(**fields: object) -> Callable[[dict[str, Any]], object]:
    return lambda p: p["visits"][0].update(fields)


BAD: list[tuple[Callable[[dict[str, Any]], object], str]] = [
    (lambda p: p["travel_s"][1].pop(), "row 1 has 2 entries"),
    (lambda p: p["travel_s"].pop(), "has 3 entries, the matrix has 2 rows"),
    (lambda p: p["travel_s"][1].__setitem__(2, -5), "travel from 1 to 2 is negative"),
    (lambda p: p["travel_s"][1].__setitem__(2, "far"), "'far' is not a whole number"),
    (lambda p: p["travel_s"][1].__setitem__(2, 10**15), "out of range"),
    (lambda p: p.update(travel_s=[]), "place 0 is not a row"),
    (lambda p: p.update(travel=[{"from_s": 0, "travel_s": [[0]]}]), "either travel_s or travel"),
    (lambda p: p.pop("travel_s"), "either travel_s or travel"),
    (lambda p: p.update(start=3), "place 3 is not a row"),
    (lambda p: p.update(end=-1), "place -1 is not a row"),
    (lambda p: p.update(shift=[64800, 28800]), "the shift ends (28800) before it begins"),
    (lambda p: p.update(shift=[28800]), "needs two numbers"),
    (lambda p: p.update(shift=[28800, 99999]), "99999 is not a time of the day"),
    (lambda p: p["lunch"].update(duration_s=40000), "longer than the shift"),
    (lambda p: p["lunch"].update(latest=40000), "lunch is at the latest"),
    (lambda p: p["lunch"].update(minutes=3), "unknown field 'minutes' in lunch"),
    (lambda p: p.update(visit=[]), "did you mean 'visits'"),
    (lambda p: p.pop("visits"), "has no 'visits'"),
    (lambda p: p.update(visits={}), "visits is not a list"),
    (visit(windows=[[45000, 32400]]), "ends (32400) before it begins"),
    (visit(windows=[[45000, 132400]]), "132400 is not a time of the day"),
    (visit(windows=[45000, 50000]), "is not a list"),
    (visit(id="A18"), "'A18' is there twice"),
    (visit(id=7), "7 is not a text"),
    (visit(at=9), "place 9 is not a row"),
    (visit(service_s=-1), "-1 s is not within a day"),
    (visit(service_s=1.5), "1.5 is not a whole number"),
    (visit(priority=-1), "priority -1"),
    (visit(required="yes"), "neither true nor false"),
    (visit(agreed_start_s=-5), "-5 is not a time of the day"),
    (visit(prio=1), "did you mean 'priority'"),
    (lambda p: p["visits"].extend({**p["visits"][0], "id": f"x{k}"} for k in range(500)), "502 visits in one day"),
    (lambda p: p.update(now={"at": 1}), "now has no 'time_s'"),
    (lambda p: p.update(now={"at": 7, "time_s": 30000}), "place 7 is not a row"),
    (lambda p: p.update(now={"at": 1, "time_s": 30000, "done": "A17"}), "now.done is not a list"),
    (lambda p: p.update(now={"at": 1, "time_s": 30000, "lunch_done": 1}), "neither true nor false"),
]


@pytest.mark.parametrize(("change", "words"), BAD, ids=[words for _, words in BAD])
def test_what_is_wrong_is_named(change: Callable[[dict[str, Any]], object], words: str) -> None:
    with pytest.raises(DataError) as caught:
        read_problem(wrong(change))
    assert words in str(caught.value)


def test_hours_of_travel_must_begin_at_midnight_and_rise() -> None:
    matrix = GOOD["travel_s"]
    for hours in ([10, 20], [0, 0], [0, 50, 40]):
        problem = wrong(lambda p: p.pop("travel_s"))
        problem["travel"] = [{"from_s": hour, "travel_s": matrix} for hour in hours]
        with pytest.raises(DataError, match="from_s must begin with 0 and rise"):
            read_problem(problem)


@pytest.mark.parametrize("rules", [{}, {"hours": True, "remote": True, "agreed": True, "required": True, "now": True}])
def test_the_round_trip_is_the_identity(rules: dict[str, bool]) -> None:
    problem = random_day(6, 3, **rules)
    text = json.dumps(problem_json(problem))
    again = read_problem(json.loads(text))
    assert json.dumps(problem_json(again)) == text
    assert route_day(again) == route_day(problem)


def test_an_unreachable_place_is_null_and_skipped_with_a_reason() -> None:
    problem = wrong(lambda p: [row.__setitem__(1, None) for k, row in enumerate(p["travel_s"]) if k != 1])
    route = route_json(route_day(read_problem(problem)))
    assert [one["id"] for one in route["stops"]] == ["A18"]  # type: ignore[attr-defined]
    assert route["skipped"] == [{"id": "A17", "reason": "too_far", "detail": "no way leads there and back", "forced_cost": None}]


def test_a_day_without_visits_stays_at_home() -> None:
    route = route_json(route_day(read_problem(wrong(lambda p: p.update(visits=[])))))
    assert (route["status"], route["served"], route["travel_s"], route["stops"]) == ("optimal", 0, 0, [])
