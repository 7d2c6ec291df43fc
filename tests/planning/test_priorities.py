"""Who goes without a day when time is short: nobody for the sake of a lower priority; and what more time would save."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planning.checker import check_plan
from small import make_design, make_scenario, make_travel

from fieldsim.model import DayRules, Scenario, VisitPlan
from fieldsim.planning import Wishes, plan_quarter, relief


def crowded(seed: int, factor: float, priorities: int) -> Scenario:
    """One rep with more visits than time, no break and no closing hours, so that a day's length decides alone."""
    scenario = make_scenario(36, 1, seed=seed)
    rng = np.random.default_rng(seed)
    accounts = replace(
        scenario.accounts,
        opens=("",) * 36,
        visit_minutes=np.round(scenario.accounts.visit_minutes * factor),
        priority=rng.integers(1, priorities + 1, 36),
    )
    return replace(scenario, accounts=accounts, day=DayRules(None, 60.0, 60.0))


def day_s(scenario: Scenario, stops: list[int]) -> float:
    """Length of a day in the given order."""
    travel = make_travel(scenario)
    way = [scenario.home(0), *stops, scenario.home(0)]
    legs = sum(int(travel.matrix([a, b]).seconds[0, 0, 1]) for a, b in pairwise(way))
    return legs + 60.0 * float(scenario.accounts.visit_minutes[stops].sum())


def wrongly_dropped(scenario: Scenario, plan: VisitPlan) -> list[tuple[int, date]]:
    """Accounts without a day, and a day on which one would fit if all of lower priority went."""
    mine, rank, found = plan.territories[0], scenario.accounts.priority, []
    shift = scenario.reps[0].day_end_s - scenario.reps[0].shift_start_s - 3600
    for left in mine.unplaced:
        gap = max(1, int(92 / plan.due[left.account] / 2))
        held = [plan.days[k] for k in mine.day[mine.account == left.account].tolist()]
        for k, day in enumerate(plan.days):
            if any(abs((day - other).days) < gap for other in held):
                continue
            stops = [i for i in mine.account[mine.day == k].tolist() if rank[i] >= rank[left.account]]
            places = [[*stops[:at], left.account, *stops[at:]] for at in range(len(stops) + 1)]
            if min(day_s(scenario, way) for way in places) <= shift:
                found.append((left.account, day))
    return found


@pytest.mark.parametrize(("seed", "factor", "priorities"), [(1, 9.0, 3), (2, 12.0, 4), (3, 20.0, 2)])
@pytest.mark.parametrize("effort", ["quick", "normal"])
def test_nothing_is_left_out_for_what_counts_less(seed: int, factor: float, priorities: int, effort: str) -> None:
    scenario = crowded(seed, factor, priorities)
    design = make_design(scenario)
    made = plan_quarter(scenario, design, make_travel(scenario), effort=effort)
    check_plan(scenario, design, make_travel(scenario), made)
    assert made.territories[0].unplaced
    assert not wrongly_dropped(scenario, made)


@pytest.mark.parametrize(("seed", "factor", "priorities"), [(2, 9.0, 2), (0, 6.0, 3), (838, 11.671, 5)])
def test_a_visit_may_find_its_day_after_later_ones(seed: int, factor: float, priorities: int) -> None:
    scenario = crowded(seed, factor, priorities)
    made = plan_quarter(scenario, make_design(scenario), make_travel(scenario))
    mine = made.territories[0]
    assert not wrongly_dropped(scenario, made)
    for account in np.unique(mine.account).tolist():
        rows = np.flatnonzero(mine.account == account)
        assert np.array_equal(np.argsort(mine.day[rows]), np.argsort(mine.ordinal[rows]))


@settings(max_examples=8)
@given(st.integers(0, 1000), st.floats(6.0, 25.0), st.integers(1, 5))
def test_the_order_of_priorities_is_strict(seed: int, factor: float, priorities: int) -> None:
    scenario = crowded(seed, factor, priorities)
    made = plan_quarter(scenario, make_design(scenario), make_travel(scenario))
    assert not wrongly_dropped(scenario, made)


def test_a_pin_is_kept_before_any_priority() -> None:
    scenario = crowded(1, 14.0, 3)
    low = int(np.flatnonzero(scenario.accounts.priority == 1)[0])
    name, day = scenario.accounts.ids[low], date(2026, 11, 11)
    made = plan_quarter(scenario, make_design(scenario), make_travel(scenario), wishes=Wishes(pins={name: [day]}))
    mine = made.territories[0]
    assert made.days.index(day) in mine.day[mine.account == low].tolist()


def test_one_more_rep_holds_what_another_plan_holds() -> None:
    scenario = crowded(2, 14.0, 3)
    travel, design = make_travel(scenario), make_design(scenario)
    made = plan_quarter(scenario, design, travel)
    found = relief(scenario, travel, made, 0)
    left = {row.account: row.count for row in made.territories[0].unplaced}
    visits = np.array([left.get(i, 0) for i in range(36)])
    rest = replace(scenario, accounts=replace(scenario.accounts, visits=visits))
    second = plan_quarter(rest, design, travel)
    held = len(second.territories[0].account)
    others = [{day for day in made.days if day.weekday() != weekday} for weekday in range(5)]
    on_one_day = [plan_quarter(rest, design, travel, wishes=Wishes(off={scenario.reps[0].id: off})) for off in others]
    most = max(len(plan.territories[0].account) for plan in on_one_day)
    assert abs(most - found.day_a_week) <= 0.2 * most + 2
    assert found.unplaced == visits.sum()
    assert found.day_a_week < found.one_more_rep
    assert abs(held - found.one_more_rep) <= 0.15 * held + 2


def test_time_does_not_help_what_is_never_open() -> None:
    scenario = make_scenario(12, 1)
    closed = replace(scenario, accounts=replace(scenario.accounts, opens=("Sa 09:00-12:00", *scenario.accounts.opens[1:])))
    made = plan_quarter(closed, make_design(closed), make_travel(closed))
    found = relief(closed, make_travel(closed), made, 0)
    assert found.unplaced == 12
    assert found.day_a_week == found.one_more_rep == 0
