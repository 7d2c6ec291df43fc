"""Territories at the edge: nobody to visit, nothing due, no day to work, one account, a far-away account."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from planning.checker import check_plan
from small import make_design, make_scenario, make_travel

from fieldsim.errors import UsageError
from fieldsim.model import Design, Lunch, Scenario, VisitPlan
from fieldsim.planning import plan_quarter
from fieldsim.planning.rhythm import rhythms
from fieldsim.planning.timetable import Stopover, timetable


def checked(scenario: Scenario, design: Design | None = None) -> VisitPlan:
    design = design or make_design(scenario)
    made = plan_quarter(scenario, design, make_travel(scenario))
    check_plan(scenario, design, make_travel(scenario), made)
    return made


def test_a_territory_without_accounts_is_an_empty_plan() -> None:
    scenario = make_scenario(6, 2)
    mine = checked(scenario, replace(make_design(scenario), territory_of=np.zeros(6, np.int64))).territories[1]
    assert len(mine.account) == 0
    assert len(mine.work_day) == 63


def test_a_territory_without_accounts_is_planned_again() -> None:
    scenario = make_scenario(6, 2)
    design, travel = replace(make_design(scenario), territory_of=np.zeros(6, np.int64)), make_travel(scenario)
    plan = plan_quarter(scenario, design, travel)
    again = plan_quarter(scenario, design, travel, like=plan)
    assert again.territories[0].start_s.tolist() == plan.territories[0].start_s.tolist()
    assert not len(again.territories[1].account)


@pytest.mark.parametrize("visits", [[0, 0, 0], [1, 0, 0], [13, 26, 40]])
def test_three_accounts_of_any_frequency(visits: list[int]) -> None:
    scenario = make_scenario(3, 1)
    book = replace(scenario.accounts, visits=np.array(visits, dtype=np.int64), opens=("", "", ""))
    made = checked(replace(scenario, accounts=book))
    assert len(made.territories[0].account) == sum(visits)


def test_a_rep_who_has_left_before_the_quarter_plans_nothing() -> None:
    scenario = make_scenario(6, 1)
    gone = replace(scenario, reps=(replace(scenario.reps[0], end=date(2026, 9, 1)),))
    mine = checked(gone).territories[0]
    assert {row.reason for row in mine.unplaced} == {"R01 works on none of the quarter's days"}


def test_a_far_account_says_how_far() -> None:
    scenario = make_scenario(6, 1)
    away = scenario.accounts.lat.copy()
    away[2] -= 2.0
    (row,) = checked(replace(scenario, accounts=replace(scenario.accounts, lat=away))).territories[0].unplaced
    assert row.account == 2
    assert row.reason.startswith("too far: 5 h")


def test_what_no_day_holds_even_alone_is_not_said_to_want_time() -> None:
    scenario = make_scenario(6, 1)
    away = scenario.accounts.lat.copy()
    away[2] -= 1.0
    opens = tuple("Mo-Fr 08:00-10:00" if i == 2 else "" for i in range(6))
    mine = checked(replace(scenario, accounts=replace(scenario.accounts, lat=away, opens=opens))).territories[0]
    (row,) = mine.unplaced
    assert row.account == 2
    assert row.reason.startswith("no day holds it even alone: 2 h ")
    assert not row.needs_time


def test_an_unknown_effort_is_named() -> None:
    scenario = make_scenario(3, 1)
    with pytest.raises(UsageError, match="unknown effort 'quik'"):
        plan_quarter(scenario, make_design(scenario), make_travel(scenario), effort="quik")


@pytest.mark.parametrize("visits", range(1, 70))
def test_rhythms_are_evenly_spaced(visits: int) -> None:
    slots = 66
    patterns = rhythms(visits, slots)
    assert patterns
    for pattern, _ in patterns:
        inside = [slot for slot in pattern if slot >= 0]
        assert len(pattern) == visits
        assert inside == sorted(set(inside))
        assert not inside or inside[-1] < slots
        gaps = np.diff(inside)
        if 1 < visits <= slots // 5:
            assert gaps.max() - gaps.min() <= 5
            assert (gaps % 5 == 0).all()


def test_a_timetable_waits_for_the_door_and_leaves_late() -> None:
    stops = [Stopover(600, 1800, ((36_000, 40_000),)), Stopover(900, 1800, ((0, 86_400),))]
    day = timetable(stops, 1200, (28_800, 61_200), None)
    assert day is not None
    assert (day.start_s, day.depart_s, day.finish_s) == ((36_000, 38_700), 35_400, 38_700 + 1800 + 1200)


def test_who_leaves_home_after_the_break_could_begin_takes_none_on_the_way() -> None:
    day = timetable([Stopover(844, 3720, ((57_600, 60_000),))], 844, (28_800, 64_000), Lunch(43_200, 50_400, 2_700))
    assert day is not None
    assert (day.start_s, day.depart_s, day.lunch_s) == ((57_600,), 57_600 - 844, -1)
