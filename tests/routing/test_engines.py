"""OR-Tools confirms what we find, the search reaches what is proven, published instances end at their best-known cost."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from routing.days import RULES, random_day

from fieldsim.model import DayProblem, DayVisit, TravelMatrix
from fieldsim.routing import route_day
from fieldsim.routing.arrays import as_day
from fieldsim.routing.ortools_day import check_route
from fieldsim.routing.solve import best_route
from fieldsim.routing.timetable import timed

DATA = Path(os.environ.get("FIELDSIM_DATA", Path(__file__).parents[2] / "../shared/data")) / "tsptw"


@pytest.mark.parametrize("rules", RULES, ids=lambda rules: "+".join(rules) or "plain")
def test_ortools_confirms_every_proven_route_and_finds_none_better(rules: dict[str, bool]) -> None:
    for seed in range(10):
        day = as_day(random_day(7, seed, **rules))
        if timed(day, []) is None:
            continue
        route, proven, *_ = best_route(day, 0)
        verdict = check_route(day, route, proven=False)
        assert proven
        assert verdict.confirmed
        assert verdict.better is None


def test_ortools_improves_a_poor_route_by_our_rules() -> None:
    day = as_day(random_day(8, 1))
    best = best_route(day, 0).route
    poor = next(one for k in range(8) if (one := timed(day, [k])) is not None)
    verdict = check_route(day, poor, proven=False)
    assert verdict.confirmed
    assert verdict.better is not None
    assert poor.rank < verdict.better.rank <= best.rank


@pytest.mark.parametrize("lunch", [True, False])
def test_long_days_are_nearly_always_the_proven_best(lunch: bool) -> None:
    reached = 0
    for seed in range(8):
        problem = random_day(14 + seed % 3, 300 + seed, lunch=lunch)
        found, proof = route_day(problem, explain=False), route_day(problem, prove=True, explain=False)
        assert proof.status == "optimal"
        best = (proof.priority_served, proof.served, -proof.travel_s)
        mine = (found.priority_served, found.served, -found.travel_s)
        assert mine <= best
        reached += mine == best
    assert reached >= 7


def test_the_longest_day_allowed_is_answered() -> None:
    route = route_day(random_day(200, 1), explain=False)
    assert route.status == "feasible"
    assert route.served > 10


@pytest.mark.skipif(not DATA.is_dir(), reason="published instances are not here")
@pytest.mark.parametrize("name", ["n20w60.001", "n20w100.003", "n40w40.002", "n60w20.001"])
def test_published_instances_end_at_their_best_known_cost(name: str) -> None:
    lines = (DATA / "Dumas-best-known.txt").read_text("utf-8").splitlines()
    known = next(int(line.split()[1]) for line in lines if line.startswith(f"{name}.txt"))
    rows = [
        list(map(int, line.split())) for line in (DATA / "Dumas" / f"{name}.txt").read_text("utf-8").splitlines() if line.strip()
    ]
    n = rows[0][0]
    matrix, hours = np.array(rows[1 : n + 1], dtype=np.int64), [(row[0], row[1]) for row in rows[n + 1 :]]
    visits = tuple(DayVisit(f"c{k}", k, 0, (hours[k],), 1, True) for k in range(1, n))
    route = route_day(DayProblem(TravelMatrix(matrix[None], matrix), 0, 0, hours[0], visits), explain=False)
    assert (route.served, route.travel_s) == (n - 1, known)
