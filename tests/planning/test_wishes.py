"""Days off, short days, pins and preferences: kept, and a plan made again changes only what they ask for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planning.checker import check_calendar, check_counts, check_days, check_plan
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


def test_a_routed_day_stands_though_the_search_finds_no_way_through_it(free: VisitPlan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fieldsim.planning.carry.walk", lambda *_: np.inf)
    assert rows(plan(like=free).territories[0]) == rows(free.territories[0])
    day = next(free.days[k] for k in free.territories[0].day.tolist())
    short = plan(Wishes(share={("R01", day): 0.4}), like=free)  # other hours: that day is looked at again
    assert rows(short.territories[0]) != rows(free.territories[0])


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


def test_a_pin_where_the_plan_has_the_visit_changes_nothing(free: VisitPlan) -> None:
    for day in sorted(day for i, day in visits(free) if i == 3):
        assert visits(plan(Wishes(pins={"A0003": [day]}), like=free)) == visits(free)


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
        (Wishes(pins={"A0001": [date(2026, 10, 17)]}), "2026-10-17, a Saturday"),
    ],
)
def test_wishes_that_make_no_sense_are_errors(wishes: Wishes, message: str) -> None:
    with pytest.raises(DataError, match=message):
        plan_quarter(SCENARIO, DESIGN, TRAVEL, wishes=wishes)


def test_a_plan_of_a_later_quarter_cannot_be_carried_back(free: VisitPlan) -> None:
    with pytest.raises(DataError, match="cannot be carried"):
        plan(like=replace(free, quarter=1))


def test_a_moved_visit_is_the_same_visit_on_another_day(free: VisitPlan) -> None:
    mine = free.territories[0]
    row = int(np.flatnonzero(mine.account == 1)[2])
    day, ordinal = free.days[mine.day[row]], int(mine.ordinal[row])
    to = free.days[int(mine.day[row]) + 1]
    again = plan(Wishes(moves={"A0001": {day: to}}), like=free)
    there = again.territories[0]
    at = int(np.flatnonzero((there.account == 1) & (there.ordinal == ordinal))[0])
    assert again.days[there.day[at]] == to
    assert len(visits(free) - visits(again)) <= 3


def test_what_is_not_planned_cannot_be_moved(free: VisitPlan) -> None:
    mine = free.territories[0]
    empty = next(day for k, day in enumerate(free.days) if not ((mine.account == 1) & (mine.day == k)).any())
    with pytest.raises(DataError, match=f"no visit to 'A0001' is planned on {empty}"):
        plan(Wishes(moves={"A0001": {empty: date(2026, 11, 11)}}), like=free)
    with pytest.raises(DataError, match="no visit to 'A0001'"):
        plan(Wishes(moves={"A0001": {empty: date(2026, 11, 11)}}))


def test_a_move_that_is_made_already_stands(free: VisitPlan) -> None:
    mine = free.territories[0]
    row = int(np.flatnonzero(mine.account == 1)[2])
    wishes = Wishes(moves={"A0001": {free.days[mine.day[row]]: free.days[int(mine.day[row]) + 1]}})
    once = plan(wishes, like=free)
    assert rows(plan(wishes, like=once).territories[0]) == rows(once.territories[0])


def test_a_pin_is_kept_though_the_visit_next_to_it_moves(free: VisitPlan) -> None:
    days = sorted(day for i, day in visits(free) if i == 0)
    day, to = days[3], free.days[free.days.index(days[3]) + 1]
    pin = free.days[free.days.index(day) - 2]  # of all visits the moved one lies nearest
    wishes = Wishes(pins={"A0000": [pin]}, moves={"A0000": {day: to}}, apart={"A0000": 1})
    assert {(0, pin), (0, to)} <= visits(plan(wishes, like=free))


def test_a_blocked_day_is_kept_free_of_the_account(free: VisitPlan) -> None:
    days = sorted(day for i, day in visits(free) if i == 0)[:2]
    again = plan(Wishes(blocked={"A0000": days}), like=free)
    assert not {(0, day) for day in days} & visits(again)
    assert len(visits(again)) == len(visits(free))
    assert {i for i, _ in visits(free) - visits(again)} <= {0}


def test_a_long_leave_costs_no_visit_that_the_calendar_can_hold() -> None:
    leave = [date(2026, 11, 2 + k) for k in range(19)]
    made = plan(Wishes(off={"R01": leave}))
    assert not [day for _, day in visits(made) if day in leave]
    assert not made.territories[0].unplaced


@settings(deadline=None, max_examples=12)
@given(
    st.lists(st.tuples(st.integers(0, 49), st.integers(0, 62)), max_size=4, unique_by=lambda pin: pin[0]),
    st.sets(st.integers(0, 62), max_size=8),
    st.dictionaries(st.integers(0, 49), st.integers(2, 20), max_size=3),
)
def test_any_wishes_are_kept_or_reported(
    free: VisitPlan, pinned: list[tuple[int, int]], off: set[int], apart: dict[int, int]
) -> None:
    name = SCENARIO.accounts.ids
    closed = {k for k in range(63) if free.days[k].weekday() == 4}  # every third account opens Monday to Thursday
    pinned = [(i, k) for i, k in pinned if k not in off and not (i % 3 == 2 and k in closed)]
    wishes = Wishes(
        off={"R01": [free.days[k] for k in sorted(off)]},
        pins={name[i]: [free.days[k]] for i, k in pinned},
        apart={name[i]: days for i, days in apart.items()},
    )
    for like in (None, free):
        made = plan_quarter(SCENARIO, DESIGN, TRAVEL, wishes=wishes, like=like)
        check_counts(made, made.territories[0], list(range(50)))
        check_calendar(SCENARIO, made, made.territories[0])
        check_days(SCENARIO, TRAVEL, made, made.territories[0])
        left = {row.account: row.reason for row in made.territories[0].unplaced}
        assert not [day for _, day in visits(made) if free.days.index(day) in off]
        for i, k in pinned:
            assert (i, free.days[k]) in visits(made) or "pinned to" in left[i]
        for i, days in apart.items():
            held = sorted(day for account, day in visits(made) if account == i)
            assert all((b - a).days >= days for a, b in pairwise(held))
        again = plan_quarter(SCENARIO, DESIGN, TRAVEL, wishes=wishes, like=made)
        assert rows(again.territories[0]) == rows(made.territories[0])


def test_a_visit_cannot_move_to_where_another_is(free: VisitPlan) -> None:
    one, other, *_ = sorted(day for i, day in visits(free) if i == 0)
    with pytest.raises(DataError, match=f"cannot move to {other}, which has one already"):
        plan(Wishes(moves={"A0000": {one: other}}), like=free)
    on = free.days[free.days.index(other) + 1]
    wishes = Wishes(moves={"A0000": {one: other, other: on}}, apart={"A0000": 1})
    both = plan_quarter(SCENARIO, DESIGN, TRAVEL, wishes=wishes, like=free)
    assert {(0, other), (0, on)} <= visits(both)
    assert (0, one) not in visits(both)


def test_a_visit_moved_past_others_takes_its_number_among_them(free: VisitPlan) -> None:
    days = sorted(day for i, day in visits(free) if i == 0)
    to = free.days[free.days.index(days[4]) - 1]  # the day before a later visit, which makes way
    again = plan(Wishes(moves={"A0000": {days[1]: to}}), like=free)
    mine = again.territories[0]
    numbers = mine.ordinal[mine.account == 0].tolist()  # rows are in order of days
    assert (0, to) in visits(again)
    assert numbers == sorted(numbers)
