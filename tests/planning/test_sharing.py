"""Every visit of a shared account is in one pair of hands, in its rhythm; each rep's days and hours hold what is theirs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planning.checker import check_calendar, check_days
from small import make_design, make_scenario, make_travel

from fieldsim.errors import DataError
from fieldsim.model import Design, Overlay, Scenario, VisitPlan
from fieldsim.planning import Wishes, due_in, explain_visit, joint_visits, plan_quarter
from fieldsim.store import Store

SCENARIO = make_scenario(30, 3)
TRAVEL = make_travel(SCENARIO)


def with_share(*rows: tuple[int, int, float], scenario: Scenario = SCENARIO) -> Design:
    """The small design with specialists: account, rep, share of the visits."""
    return replace(make_design(scenario), overlays=tuple(Overlay(i, rep, 0.3, 0.5, share) for i, rep, share in rows))


def held(plan: VisitPlan, account: int) -> list[tuple[int, int, date]]:
    """Ordinal, territory and date of each visit to an account, in order."""
    rows = [
        (int(part.ordinal[at]), t, plan.days[part.day[at]])
        for t, part in enumerate(plan.territories)
        for at in np.flatnonzero(part.account == account).tolist()
    ]
    return sorted(rows)


@pytest.mark.parametrize(("share", "theirs"), [(0.0, 0), (0.25, 3), (0.5, 6), (0.7, 8), (1.0, 12)])
def test_a_specialist_with_a_territory_takes_their_share_into_their_own_days(share: float, theirs: int) -> None:
    plan = plan_quarter(SCENARIO, with_share((0, 1, share)), TRAVEL)
    visits = held(plan, 0)
    assert [ordinal for ordinal, _, _ in visits] == list(range(12))
    assert [t for _, t, _ in visits].count(1) == theirs
    assert [day for _, _, day in visits] == sorted(day for _, _, day in visits)
    assert not joint_visits(SCENARIO, with_share((0, 1, share)), TRAVEL, plan)


def test_hours_needed_go_with_the_visits() -> None:
    alone, both = (plan_quarter(SCENARIO, with_share((0, 1, share)), TRAVEL) for share in (0.0, 0.5))
    service_s = 6 * 60.0 * float(SCENARIO.accounts.visit_minutes[0])
    owner, taker, third = (b.needed_s - a.needed_s for a, b in zip(alone.territories, both.territories, strict=True))
    assert owner < -service_s + 3600.0 < 0.0 < service_s <= taker
    assert third == 0.0
    assert [due_in(with_share((0, 1, 0.5)), both, t) for t in range(3)] == [
        int(SCENARIO.accounts.visits[i::3].sum()) + more for i, more in ((0, -6), (1, 6), (2, 0))
    ]


def test_a_share_of_a_vacant_seats_account_is_still_made() -> None:
    design = replace(with_share((0, 1, 0.5)), rep_of=np.array([-1, 1, 2]))
    plan = plan_quarter(SCENARIO, design, TRAVEL)
    assert [t for _, t, _ in held(plan, 0)] == [1] * 6
    assert {row.account: row.count for row in plan.territories[0].unplaced}[0] == 6


def test_each_territory_can_be_planned_on_its_own() -> None:
    design = with_share((0, 1, 0.5), (4, 2, 0.5), (1, 0, 0.3))
    whole = plan_quarter(SCENARIO, design, TRAVEL)
    for t in range(3):
        one = plan_quarter(SCENARIO, design, TRAVEL, only=[t])
        assert one.territories[t].day.tolist() == whole.territories[t].day.tolist()
        assert one.territories[t].account.tolist() == whole.territories[t].account.tolist()
        assert all(not part.unplaced and not len(part.account) for k, part in enumerate(one.territories) if k != t)


def test_other_territories_plans_stay() -> None:
    alone, both = plan_quarter(SCENARIO, make_design(SCENARIO), TRAVEL), plan_quarter(SCENARIO, with_share((0, 1, 0.5)), TRAVEL)
    assert alone.territories[2].start_s.tolist() == both.territories[2].start_s.tolist()


def test_planning_again_changes_nothing_and_a_move_is_for_whose_visit_it_is() -> None:
    design = with_share((0, 1, 0.5), (4, 2, 0.5))
    plan = plan_quarter(SCENARIO, design, TRAVEL)
    again = plan_quarter(SCENARIO, design, TRAVEL, like=plan)
    for a, b in zip(plan.territories, again.territories, strict=True):
        assert (a.day.tolist(), a.account.tolist(), a.start_s.tolist()) == (
            b.day.tolist(),
            b.account.tolist(),
            b.start_s.tolist(),
        )
    name = SCENARIO.accounts.ids[0]
    for ordinal in (4, 5):
        _, seat, day = held(plan, 0)[ordinal]
        to = next(day + timedelta(days=k) for k in (1, 2, 3) if day + timedelta(days=k) in plan.days)
        moved = plan_quarter(SCENARIO, design, TRAVEL, like=plan, wishes=Wishes(moves={name: {day: to}}))
        assert held(moved, 0)[ordinal] == (ordinal, seat, to)
    free = next(day for day in plan.days if day not in {d for _, _, d in held(plan, 0)})
    with pytest.raises(DataError, match="no visit to 'A0000' is planned"):
        plan_quarter(SCENARIO, design, TRAVEL, like=plan, wishes=Wishes(moves={name: {free: plan.days[0]}}))


def test_a_pin_is_kept_by_one_of_them() -> None:
    design = with_share((0, 1, 0.5))
    name = SCENARIO.accounts.ids[0]
    for day in (SCENARIO.working_days(0)[k] for k in (3, 20, 41)):
        plan = plan_quarter(SCENARIO, design, TRAVEL, wishes=Wishes(pins={name: [day]}))
        assert [d for _, _, d in held(plan, 0)].count(day) == 1
        assert len(held(plan, 0)) == 12


def test_the_next_quarter_keeps_who_makes_which() -> None:
    design = with_share((0, 1, 0.25))
    first = plan_quarter(SCENARIO, design, TRAVEL)
    second = plan_quarter(SCENARIO, design, TRAVEL, quarter=1, like=first)
    assert [(k, t) for k, t, _ in held(second, 0)] == [(k, t) for k, t, _ in held(first, 0)]


def test_a_visit_of_the_share_is_explained() -> None:
    design = with_share((0, 1, 0.5))
    plan = plan_quarter(SCENARIO, design, TRAVEL)
    _, seat, day = held(plan, 0)[1]
    assert seat == 1
    assert explain_visit(SCENARIO, TRAVEL, plan, 1, 0, day).text


def test_plans_of_territories_without_shares_are_reused(tmp_path) -> None:
    store = Store(tmp_path)
    plan_quarter(SCENARIO, make_design(SCENARIO), TRAVEL, store=store)
    before = len(list(tmp_path.rglob("*")))
    plan_quarter(SCENARIO, replace(make_design(SCENARIO), overlays=(Overlay(0, 1, 0.5, 1.0, 0.0),)), TRAVEL, store=store)
    assert len(list(tmp_path.rglob("*"))) == before


@settings(max_examples=30, deadline=None)
@given(
    st.integers(0, 10_000),
    st.lists(st.tuples(st.integers(0, 17), st.integers(0, 3), st.floats(0.05, 1.0)), min_size=1, max_size=8),
    st.sampled_from(["", "Mo 09:00-17:00", "Mo-We 08:00-18:00", "Tu,Th 10:00-16:00"]),
)
def test_every_visit_is_in_one_pair_of_hands(seed: int, rows: list[tuple[int, int, float]], opens: str) -> None:
    scenario = make_scenario(18, 4, seed=seed)
    accounts = replace(
        scenario.accounts, opens=tuple(opens if i % 4 == 0 else text for i, text in enumerate(scenario.accounts.opens))
    )
    scenario = replace(scenario, accounts=accounts)
    travel, left, chosen = make_travel(scenario), dict.fromkeys(range(18), 1.0), []
    for account, rep, share in rows:
        part = min(share, left[account])
        if part > 0.0 and all(row[:2] != (account, rep) for row in chosen):
            chosen.append((account, rep, part))
            left[account] -= part
    base = make_design(make_scenario(18, 3, seed=seed))  # the fourth rep has no territory
    design = replace(base, overlays=tuple(Overlay(i, rep, 0.1, 0.1, share) for i, rep, share in chosen))
    plan = plan_quarter(scenario, design, travel)
    for part in plan.territories:
        check_calendar(scenario, plan, part)
        check_days(scenario, travel, plan, part)
    unplaced = {i: sum(r.count for part in plan.territories for r in part.unplaced if r.account == i) for i in range(18)}
    for i in range(18):
        visits, due = held(plan, i), int(plan.due[i])
        owner = int(design.territory_of[i])
        assert len({ordinal for ordinal, _, _ in visits}) == len(visits) == due - unplaced[i]
        others = {rep: share for account, rep, share in chosen if account == i and rep not in (owner, 3)}
        assert {t for _, t, _ in visits} <= {owner, *others}
        if len(chosen) == 1 and others and not unplaced[i]:
            rep, share = next(iter(others.items()))
            assert [t for _, t, _ in visits].count(rep) == int(due * share + 1e-6)
        if others:
            days = sorted((day.toordinal(), t) for _, t, day in visits)
            even = ((plan.days[-1] - plan.days[0]).days + 1) / max(1, due)
            room = 1 if opens and i % 4 == 0 else max(1, int(even / 2) - 1)
            assert all(b - a >= room for (a, _), (b, _) in pairwise(days))
    for visit in joint_visits(scenario, design, travel, plan):
        assert visit.rep == 3
        assert visit.owner == design.rep_of[design.territory_of[visit.account]]
