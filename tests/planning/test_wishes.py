"""Days off, short days, pins and preferences: kept, and a plan made again changes only what they ask for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise

import numpy as np
import pytest
from planning.checker import check_plan
from planning.test_quarter import rows
from small import make_design, make_scenario, make_travel

from fieldsim.errors import DataError
from fieldsim.model import VisitPlan
from fieldsim.planning import Wishes, day_problem, plan_quarter

SCENARIO = make_scenario(50, 1, seed=2)
TRAVEL = make_travel(SCENARIO)
DESIGN = make_design(SCENARIO)


def plan(wishes: Wishes | None = None, like: VisitPlan | None = None) -> VisitPlan:
    made = plan_quarter(SCENARIO, DESIGN, TRAVEL, wishes=wishes or Wishes(), like=like)
    check_plan(SCENARIO, DESIGN, TRAVEL, made)
    return made


@pytest.fixture(scope="module")
def free() -> VisitPlan:
    return plan()


def visits(made: VisitPlan) -> set[tuple[int, date]]:
    mine = made.territories[0]
    return {(i, made.days[k]) for i, k in zip(mine.account.tolist(), mine.day.tolist(), strict=True)}


def test_planning_again_without_a_change_changes_nothing(free: VisitPlan) -> None:
    assert rows(plan(like=free).territories[0]) == rows(free.territories[0])


def test_nobody_works_on_a_day_off(free: VisitPlan) -> None:
    off = [date(2026, 10, 20), date(2026, 10, 21)]
    again = plan(Wishes(off={"R01": off}), like=free)
    assert not [day for _, day in visits(again) if day in off]
    moved = visits(free) - visits(again)
    assert {day for _, day in moved} <= set(off)
    assert len(visits(again)) == len(visits(free))


def test_a_short_day_ends_early(free: VisitPlan) -> None:
    day = date(2026, 11, 4)
    again = plan(Wishes(share={("R01", day): 0.4}), like=free)
    mine = again.territories[0]
    at = mine.work_day.tolist().index(again.days.index(day))
    assert mine.finish_s[at] <= 8 * 3600 + 0.4 * 8.5 * 3600
    assert mine.available_s == pytest.approx(free.territories[0].available_s - 0.6 * 8.5 * 3600, abs=2)


def test_pins_are_kept(free: VisitPlan) -> None:
    pins = {"A0000": [date(2026, 11, 11)], "A0003": [date(2026, 10, 30), date(2026, 12, 3)]}
    for made in (plan(Wishes(pins=pins)), plan(Wishes(pins=pins), like=free)):
        assert {(0, date(2026, 11, 11)), (3, date(2026, 10, 30)), (3, date(2026, 12, 3))} <= visits(made)


def test_a_pin_moves_few_other_visits(free: VisitPlan) -> None:
    again = plan(Wishes(pins={"A0003": [date(2026, 10, 30)]}), like=free)
    assert len(visits(free) - visits(again)) <= 3


def test_a_pin_on_a_closed_day_is_reported() -> None:
    made = plan(Wishes(pins={"A0002": [date(2026, 10, 16)]}))  # a Friday; open Monday to Thursday
    (row,) = made.territories[0].unplaced
    assert (row.account, row.count) == (2, 1)
    assert "pinned to 2026-10-16" in row.reason


def test_a_preferred_weekday_is_followed() -> None:
    made = plan(Wishes(weekday={"A0003": 3, "A0001": 1}))
    for account, weekday in ((3, 3), (1, 1)):
        days = [day.weekday() for i, day in visits(made) if i == account]
        assert np.mean([day == weekday for day in days]) >= 0.8


def test_visits_are_as_far_apart_as_asked() -> None:
    made = plan(Wishes(apart={"A0001": 14}))
    days = sorted(day for i, day in visits(made) if i == 1)
    assert min((b - a).days for a, b in pairwise(days)) >= 14


def test_the_day_problem_knows_the_wishes() -> None:
    day = date(2026, 11, 11)
    wishes = Wishes(pins={"A0000": [day]}, share={("R01", day): 0.5})
    problem = day_problem(SCENARIO, TRAVEL, plan(wishes), 0, day, wishes=wishes)
    assert problem.shift == (28_800, 28_800 + 15_300)
    assert [visit.id for visit in problem.visits if visit.required] == ["A0000"]


@pytest.mark.parametrize(
    ("wishes", "message"),
    [
        (Wishes(off={"R09": []}), "unknown rep 'R09'"),
        (Wishes(pins={"A9": []}), "unknown account 'A9'"),
        (Wishes(weekday={"A0001": 6}), "weekday 6"),
        (Wishes(share={("R01", date(2026, 10, 5)): 1.5}), "share 1.5"),
        (Wishes(pins={"A0001": [date(2026, 10, 17)]}), "2026-10-17, a weekend"),
    ],
)
def test_wishes_that_make_no_sense_are_errors(wishes: Wishes, message: str) -> None:
    with pytest.raises(DataError, match=message):
        plan_quarter(SCENARIO, DESIGN, TRAVEL, wishes=wishes)


def test_a_plan_of_a_later_quarter_cannot_be_carried_back(free: VisitPlan) -> None:
    with pytest.raises(DataError, match="cannot be carried"):
        plan(like=replace(free, quarter=1))
