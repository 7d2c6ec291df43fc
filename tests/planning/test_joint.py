"""Specialists join their share of the owners' visits, and are never promised in two places at once."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from small import make_design, make_scenario, make_travel

from fieldsim.model import Design, Overlay
from fieldsim.planning import Wishes, joint_parts, joint_visits, plan_quarter

SCENARIO = make_scenario(24, 3)
TRAVEL = make_travel(SCENARIO)


def shared(share: float, rep: int = 2) -> Design:
    """Two territories; rep 2 joins the visits to accounts 0 and 1, one of each territory."""
    design = make_design(SCENARIO)
    two = replace(design, territories=("T01", "T02"), territory_of=np.arange(24) % 2, rep_of=np.array([0, 1]))
    return replace(two, overlays=tuple(Overlay(i, rep, 0.5, 1.0, share) for i in (0, 1)))


@pytest.mark.parametrize(("share", "of_twelve", "of_six"), [(0.0, 0, 0), (0.25, 3, 1), (0.5, 6, 3), (1.0, 12, 6)])
def test_a_specialist_joins_their_share(share: float, of_twelve: int, of_six: int) -> None:
    design = shared(share)
    plan = plan_quarter(SCENARIO, design, TRAVEL)
    found = joint_visits(SCENARIO, design, TRAVEL, plan)
    assert [sum(visit.account == i for visit in found) for i in (0, 1)] == [of_twelve, of_six]
    for visit in found:
        mine = plan.territories[visit.account]
        row = int(np.flatnonzero((mine.account == visit.account) & (mine.ordinal == visit.ordinal))[0])
        assert (visit.day, visit.start_s, visit.owner) == (mine.day[row], mine.start_s[row], mine.rep)


def test_the_owners_plan_is_the_same_with_and_without() -> None:
    with_share, without = (plan_quarter(SCENARIO, shared(share), TRAVEL) for share in (0.5, 0.0))
    for one, two in zip(with_share.territories, without.territories, strict=True):
        assert one.day.tolist() == two.day.tolist()


def test_nobody_is_in_two_places() -> None:
    design = replace(shared(1.0), overlays=tuple(Overlay(i, 2, 0.5, 1.0, 1.0) for i in range(12)))
    found = joint_visits(SCENARIO, design, TRAVEL, plan_quarter(SCENARIO, design, TRAVEL))
    assert any(visit.clash for visit in found)
    kept = [visit for visit in found if not visit.clash]
    for a, b in pairwise(kept):
        if a.day == b.day:
            leg = int(TRAVEL.matrix([a.account, b.account]).seconds[0, 0, 1])
            assert a.start_s + 60 * SCENARIO.accounts.visit_minutes[a.account] + leg <= b.start_s


def test_a_specialist_with_a_territory_joins_nobody() -> None:
    design = shared(0.5, rep=1)
    assert not joint_visits(SCENARIO, design, TRAVEL, plan_quarter(SCENARIO, design, TRAVEL))


def test_the_joint_visits_are_a_plan_of_the_specialists_own() -> None:
    design = replace(shared(1.0), overlays=tuple(Overlay(i, 2, 0.5, 1.0, 1.0) for i in range(12)))
    plan = plan_quarter(SCENARIO, design, TRAVEL)
    found = joint_visits(SCENARIO, design, TRAVEL, plan)
    (mine,) = joint_parts(SCENARIO, plan, found)
    kept = [visit for visit in found if not visit.clash]
    assert mine.rep == 2
    assert [*zip(mine.account.tolist(), mine.day.tolist(), mine.start_s.tolist(), strict=True)] == [
        (visit.account, visit.day, visit.start_s) for visit in kept
    ]
    for a, b in pairwise(kept):
        leg = int(TRAVEL.matrix([a.account, b.account]).seconds[0, 0, 1])
        assert b.travel_s == (leg if a.day == b.day else 0)


def test_of_each_stretch_one_visit_is_joined_where_any_can_be() -> None:
    design = replace(shared(0.5), overlays=tuple(Overlay(i, 2, 0.5, 1.0, 0.5) for i in range(10)))
    plan = plan_quarter(SCENARIO, design, TRAVEL)
    found = joint_visits(SCENARIO, design, TRAVEL, plan)
    for i in range(10):
        numbers = sorted(visit.ordinal for visit in found if visit.account == i)
        assert [number // 2 for number in numbers] == list(range(int(plan.due[i]) // 2))
    last_only = [visit for visit in found if visit.ordinal % 2]
    assert sum(bool(visit.clash) for visit in found) <= len(found) // 10
    assert last_only  # the last of a stretch comes first


def test_a_specialists_days_off_are_kept_free() -> None:
    design = shared(0.5)
    plan = plan_quarter(SCENARIO, design, TRAVEL)
    first = joint_visits(SCENARIO, design, TRAVEL, plan)[0]
    wishes = Wishes(off={SCENARIO.reps[2].id: [plan.days[first.day]]})
    after = joint_visits(SCENARIO, design, TRAVEL, plan, wishes=wishes)
    assert all(visit.clash or visit.day != first.day for visit in after)
    assert len(after) == len(joint_visits(SCENARIO, design, TRAVEL, plan))
