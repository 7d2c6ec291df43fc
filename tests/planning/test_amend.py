"""Accounts that leave or join in mid-quarter: only their days change, and every changed day holds."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planning.checker import check_calendar, check_days
from small import make_design, make_scenario, make_travel

from fieldsim.errors import UsageError
from fieldsim.model import Design, Overlay, VisitPlan
from fieldsim.planning import amend, plan_quarter
from fieldsim.planning.calendar import working_frame
from fieldsim.planning.wishes import Wishes

SCENARIO = make_scenario(60, 2, seed=4)
TRAVEL = make_travel(SCENARIO)
DESIGN = make_design(SCENARIO)
ON = date(2026, 11, 10)


@pytest.fixture(scope="module")
def plan() -> VisitPlan:
    return plan_quarter(SCENARIO, DESIGN, TRAVEL)


def test_no_change_changes_nothing(plan: VisitPlan) -> None:
    mine = plan.territories[0]
    same = amend(SCENARIO, TRAVEL, plan, 0, on=ON)
    assert same.account.tolist() == mine.account.tolist()
    assert same.start_s.tolist() == mine.start_s.tolist()
    assert same.needed_s == mine.needed_s


@settings(deadline=None, max_examples=25)
@given(st.sets(st.integers(0, 59), max_size=6), st.sets(st.integers(0, 59), max_size=6))
def test_what_stays_is_sound(plan: VisitPlan, leavers: set[int], joiners: set[int]) -> None:
    leave = {i for i in leavers if i % 2 == 0}
    join = {i: 1 + i % 3 for i in joiners if i % 2 == 1}
    after = amend(SCENARIO, TRAVEL, plan, 0, on=ON, join=join, leave=leave)
    check_calendar(SCENARIO, plan, after)
    check_days(SCENARIO, TRAVEL, plan, after)
    first = plan.days.index(ON)
    assert not leave & set(after.account[after.day >= first].tolist())
    missed = {row.account: row.count for row in after.unplaced}
    for account, count in join.items():
        rows = after.account == account
        assert rows.sum() + missed.get(account, 0) == count
        assert (after.day[rows] >= first).all()
        assert len(set(after.day[rows].tolist())) == rows.sum()


def test_days_without_a_change_stay_as_they_are(plan: VisitPlan) -> None:
    after = amend(SCENARIO, TRAVEL, plan, 0, on=ON, join={1: 2})
    gained = set(after.day[after.account == 1].tolist())
    mine = plan.territories[0]
    for day in sorted(set(mine.day.tolist()) - gained):
        assert after.start_s[after.day == day].tolist() == mine.start_s[mine.day == day].tolist()
        assert after.account[after.day == day].tolist() == mine.account[mine.day == day].tolist()


def test_leaving_and_coming_back_places_all_again(plan: VisitPlan) -> None:
    left = int((plan.territories[0].account[plan.territories[0].day >= plan.days.index(ON)] == 0).sum())
    without = amend(SCENARIO, TRAVEL, plan, 0, on=ON, leave=[0])
    again = replace(plan, territories=(without, *plan.territories[1:]))
    back = amend(SCENARIO, TRAVEL, again, 0, on=ON, join={0: left})
    assert (back.account == 0).sum() == (plan.territories[0].account == 0).sum()
    assert not back.unplaced


def test_what_has_no_room_is_listed(plan: VisitPlan) -> None:
    after = amend(SCENARIO, TRAVEL, plan, 0, on=date(2026, 12, 31), join={1: 3})
    assert [(row.account, row.count) for row in after.unplaced] == [(1, 2)]
    assert "from 2026-12-31" in after.unplaced[0].reason


def test_joining_visits_keep_to_the_wishes_of_the_plan() -> None:
    rep, name = SCENARIO.reps[0].id, SCENARIO.accounts.ids[1]
    left = [day for day in plan_quarter(SCENARIO, DESIGN, TRAVEL).days if day >= ON]
    halves = {(rep, day): 0.5 for day in left}
    wishes = Wishes(share=halves, blocked={name: left[::2]}, apart={name: 9})
    plan = plan_quarter(SCENARIO, DESIGN, TRAVEL, wishes=wishes)
    after = amend(SCENARIO, TRAVEL, plan, 0, on=ON, join={1: 3}, wishes=wishes)
    days = [plan.days[k] for k in sorted(after.day[after.account == 1].tolist())]
    assert len(days) == 3
    assert not set(days) & set(left[::2])
    assert min(b.toordinal() - a.toordinal() for a, b in pairwise(days)) >= 9
    opens, closes = working_frame(SCENARIO.day, SCENARIO.reps[0])
    later = np.array([plan.days[k] >= ON for k in after.work_day.tolist()])
    assert after.finish_s[later].max() <= opens + (closes - opens) // 2


def test_a_joining_account_that_was_just_visited_waits(plan: VisitPlan) -> None:
    other = plan.territories[1]
    account, day = int(other.account[0]), int(other.day[0])
    after = amend(
        SCENARIO,
        TRAVEL,
        plan,
        0,
        on=plan.days[day + 1],
        join={account: 2},
        wishes=Wishes(apart={SCENARIO.accounts.ids[account]: 20}),
    )
    first = plan.days[int(after.day[after.account == account].min())]
    assert (first - plan.days[day]).days >= 20


def test_a_vacant_seat_cannot_be_amended() -> None:
    vacant = plan_quarter(SCENARIO, replace(DESIGN, rep_of=np.array([-1, -1])), TRAVEL)
    with pytest.raises(UsageError, match="vacant"):
        amend(SCENARIO, TRAVEL, vacant, 0, on=ON)


@pytest.mark.parametrize("change", [{"join": {60: 1}}, {"join": {1: -2}}, {"leave": [-1]}])
def test_what_cannot_be_is_refused(plan: VisitPlan, change: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=r"no account|cannot join"):
        amend(SCENARIO, TRAVEL, plan, 0, on=ON, **change)


def test_misses_no_room_behind_full_days(monkeypatch: pytest.MonkeyPatch) -> None:
    """What all places find, the first tries find: none of them is spent on a day without the time."""
    scenario = make_scenario(60, 1, seed=3)
    travel, book = make_travel(scenario), scenario.accounts
    visits = np.where(np.arange(60) < 20, 0, book.visits)
    scenario = replace(scenario, accounts=replace(book, visits=visits, visit_minutes=np.full(60, 95.0)))
    plan = plan_quarter(scenario, make_design(scenario), travel, effort="quick")

    def missed() -> list[int]:
        after = (amend(scenario, travel, plan, 0, on=ON, join={account: 1}) for account in range(20))
        return [sum(row.count for row in each.unplaced) for each in after]

    quickly = missed()
    monkeypatch.setattr(sys.modules["fieldsim.planning.joining"], "TRIES", 100_000)
    assert quickly == missed()


def shared_by(*rows: tuple[int, int, float]) -> Design:
    """The design with specialists: account, rep, share of the visits."""
    return replace(DESIGN, overlays=tuple(Overlay(i, rep, 0.3, 0.5, share) for i, rep, share in rows))


def numbers(plan: VisitPlan, account: int) -> list[list[int]]:
    """The account's visits in each territory, in order of their days."""
    return [part.ordinal[part.account == account].tolist() for part in plan.territories]


@pytest.mark.parametrize("share", [0.25, 0.5, 0.7])
def test_shared_visits_are_numbered_as_in_a_full_plan(share: float) -> None:
    """Account 0 is the first territory's, and the second rep makes a share of its visits: taken out, and put back by both."""
    design = shared_by((0, 1, share))
    full = plan_quarter(SCENARIO, design, TRAVEL)
    first = full.days.index(ON)
    after = full
    for leaves in (True, False):
        for t in (0, 1):
            part = full.territories[t]
            count = int(((part.account == 0) & (part.day >= first)).sum())
            change: dict[str, Any] = {"leave": [0]} if leaves else {"join": {0: count}}
            parts = list(after.territories)
            parts[t] = amend(SCENARIO, TRAVEL, after, t, on=ON, design=design, **change)
            after = replace(after, territories=tuple(parts))
    assert numbers(after, 0) == numbers(full, 0)
    days = sorted(after.days[k] for part in after.territories for k in part.day[part.account == 0].tolist())
    assert min((b - a).days for a, b in pairwise(days)) >= 3  # half of the even interval: theirs and ours keep apart


def test_a_share_that_changes_hands_is_numbered_as_in_a_full_plan() -> None:
    before, after = shared_by((0, 1, 0.25)), shared_by((0, 1, 0.5))
    plan, full = (plan_quarter(SCENARIO, design, TRAVEL) for design in (before, after))
    start = plan.days[0]
    taken = amend(SCENARIO, TRAVEL, plan, 1, on=start, leave=[0])
    plan = replace(plan, territories=(amend(SCENARIO, TRAVEL, plan, 0, on=start, leave=[0]), taken))
    for t in (1, 0):
        parts = list(plan.territories)
        parts[t] = amend(SCENARIO, TRAVEL, plan, t, on=start, join={0: 6}, design=after)
        plan = replace(plan, territories=tuple(parts))
    assert numbers(plan, 0) == numbers(full, 0)


def test_visits_that_join_those_there_are_keep_apart_and_in_order(plan: VisitPlan) -> None:
    account = 0  # of this territory already
    without = amend(SCENARIO, TRAVEL, plan, 0, on=ON, leave=[account])
    gone = int((plan.territories[0].account == account).sum() - (without.account == account).sum())
    less = replace(plan, territories=(without, *plan.territories[1:]))
    for count in (2, gone - 2):
        more = amend(SCENARIO, TRAVEL, less, 0, on=ON, join={account: count})
        less = replace(less, territories=(more, *plan.territories[1:]))
    rows = less.territories[0].account == account
    assert less.territories[0].ordinal[rows].tolist() == list(range(int(plan.due[account])))
    days = [plan.days[k] for k in less.territories[0].day[rows].tolist()]
    assert min((b - a).days for a, b in pairwise(days)) >= 3


def test_nothing_joins_where_no_visit_is_asked_for(plan: VisitPlan) -> None:
    assert amend(SCENARIO, TRAVEL, plan, 0, on=ON, join={1: 0}).account.tolist() == plan.territories[0].account.tolist()
