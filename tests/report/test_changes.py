"""Who gains and who loses, against a count by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report.pages import vacate
from small import make_design, make_scenario

from fieldsim.report.changes import design_change


def test_a_renamed_territory_changes_nothing() -> None:
    scenario = make_scenario(n=30)
    base = make_design(scenario)
    other = replace(base, name="new", territories=("X", "Y", "Z"))
    assert len(design_change(scenario, base, other).moved) == 0


def test_accounts_of_a_vacated_seat_go_to_nobody() -> None:
    scenario = make_scenario(n=30)
    base = make_design(scenario)
    change = design_change(scenario, base, vacate(base, 1))
    seat = next(seat for seat in change.seats if seat.rep == 1)
    assert seat.to == {-1: 10}
    assert (seat.lost.accounts, seat.gained.accounts, seat.after.accounts) == (10, 0, 0)


def test_moved_accounts_come_by_pipeline_then_revenue() -> None:
    scenario = make_scenario(n=12)
    pipeline = np.array([0.0, 5.0] * 6)
    scenario = replace(scenario, accounts=replace(scenario.accounts, open_pipeline=pipeline))
    moved = design_change(scenario, make_design(scenario), make_design(scenario, "new", 1)).moved.tolist()
    revenue = scenario.accounts.revenue_last_year
    assert moved == sorted(range(12), key=lambda k: (-pipeline[k], -revenue[k]))


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=12, max_size=12))
def test_what_one_rep_loses_another_gains(owners: list[tuple[int, int]]) -> None:
    scenario = make_scenario()
    base = replace(make_design(scenario), territory_of=np.array([a for a, _ in owners], dtype=np.int64))
    new = replace(base, name="new", territory_of=np.array([b for _, b in owners], dtype=np.int64))
    change = design_change(scenario, base, new)
    for name in ("accounts", "potential", "revenue", "pipeline"):
        lost = sum(getattr(seat.lost, name) for seat in change.seats)
        gained = sum(getattr(seat.gained, name) for seat in change.seats)
        assert lost == pytest.approx(gained) == pytest.approx(getattr(change.sum, name))
    for seat in change.seats:
        assert seat.after.accounts == seat.before.accounts - seat.lost.accounts + seat.gained.accounts
        assert sum(seat.to.values()) == seat.lost.accounts
        for other in change.seats:
            want = sum(pair == (seat.rep, other.rep) for pair in owners) if seat is not other else 0
            assert seat.to.get(other.rep, 0) == other.from_.get(seat.rep, 0) == want
