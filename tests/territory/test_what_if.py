"""Curves go the way they must; splits and merges move nobody else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small import make_design, make_scenario, make_travel

from fieldsim.errors import InfeasibleError, UsageError
from fieldsim.model import Lock
from fieldsim.territory import (
    Wishes,
    add_specialists,
    balance_curve,
    continuity_curve,
    design_territories,
    explain_design,
    merge_territories,
    moves_curve,
    pivot,
    sizing_curve,
    split_territory,
)
from fieldsim.territory.sizing import fewest_around
from fieldsim.turnover import hand_over

QUICK = Wishes(moves=100_000, contiguity=0.0)


def test_a_tighter_tolerance_costs_more_and_no_design_beats_its_bound() -> None:
    scenario = make_scenario(120, 4)
    curve = balance_curve(scenario, make_travel(scenario), make_design(scenario), (0.5, 0.2, 0.05), wishes=QUICK)
    bounds = [point.bound for point in curve]
    assert bounds == sorted(bounds)
    assert all(point.hours >= point.bound - 1e-6 for point in curve if point.imbalance <= point.setting)
    assert all(point.imbalance <= point.setting + 0.01 for point in curve)


def test_dearer_moves_are_fewer() -> None:
    scenario = make_scenario(120, 4)
    curve = continuity_curve(scenario, make_travel(scenario), make_design(scenario), (0.0, 0.3, 3.0), wishes=QUICK)
    moved = [point.moved_accounts for point in curve]
    assert max(moved[1:]) < 0.5 * moved[0]  # hours of visits are what moving costs, so their number may rise a little


def test_more_moves_buy_more_balance() -> None:
    scenario = make_scenario(120, 4)
    start = make_design(scenario)
    start = replace(start, territory_of=np.where(np.arange(120) < 50, 0, start.territory_of))
    curve = moves_curve(scenario, make_travel(scenario), start, (4, 12, 30), wishes=QUICK)
    assert [point.moved_accounts <= point.setting for point in curve] == [True] * 3
    assert curve[0].imbalance > curve[1].imbalance > curve[2].imbalance


def test_more_seats_mean_less_work_for_each() -> None:
    scenario = make_scenario(120, 4)
    curve = sizing_curve(scenario, make_travel(scenario), make_design(scenario), (2, 4, 6), wishes=QUICK)
    assert curve[0].workload > curve[1].workload > curve[2].workload
    assert curve[0].potential_per_seat == pytest.approx(3 * curve[2].potential_per_seat)


def test_travel_of_the_fewest_and_of_the_most_seats_is_what_their_planned_quarters_drive() -> None:
    scenario = make_scenario(120, 4)
    travel, design = make_travel(scenario), make_design(scenario)
    curve = sizing_curve(scenario, travel, design, (2, 6), wishes=QUICK)
    gone = [scenario.reps[k].id for k in fewest_around(scenario, travel, design)[:2]]
    search = {"start": design, "calibrations": 0, "contiguity": 0.0, "moves": QUICK.moves}
    for point, seats in zip(curve, ({"vacate": gone}, {"territories": 6}), strict=True):
        made = design_territories(scenario, travel, **search, **seats)  # type: ignore[arg-type]
        planned = explain_design(scenario, travel, made).metrics["routed_hours"]
        assert point.travel_hours == pytest.approx(planned, rel=0.05)


def test_a_merge_moves_one_book_whole() -> None:
    scenario = make_scenario(60, 4)
    design = make_design(scenario)
    merged = merge_territories(design, "T02", "T03")
    assert merged.territories == ("T01", "T02", "T04")
    expected = np.where(design.owner == 2, 1, design.owner)
    assert merged.owner.tolist() == expected.tolist()


def test_a_split_cuts_one_book_evenly_and_leaves_the_others() -> None:
    scenario = make_scenario(120, 3)
    scenario = replace(scenario, accounts=replace(scenario.accounts, locked=np.arange(120) % 11 == 0))
    design = make_design(scenario)
    split = split_territory(scenario, make_travel(scenario), design, "T02")
    assert split.territories == ("T01", "T02", "T02 B", "T03")
    assert split.rep_of.tolist() == [0, 1, -1, 2]
    others = design.owner != 1
    assert (split.owner[others] == design.owner[others]).all()
    assert (split.owner[scenario.accounts.locked] == design.owner[scenario.accounts.locked]).all()
    halves = [scenario.accounts.potential[split.territory_of == t].sum() for t in (1, 2)]
    assert halves[0] / halves[1] == pytest.approx(1.0, abs=0.15)


def test_a_split_is_told_as_the_reason_of_what_its_halves_have() -> None:
    scenario = make_scenario(60, 3)
    start, travel = make_design(scenario), make_travel(scenario)
    split = split_territory(scenario, travel, start, "T02")
    moved = int((split.territory_of == 2).sum())
    found = explain_design(scenario, travel, split, start, by_hand=True)
    about = [note for note in found.notes if "of its share of" in note]
    shares = {str(seat["territory"]): seat["potential"] for seat in found.seats}
    assert f"T02 has {shares['T02']:.0%} of its share of potential without the {moved} accounts that went to T02 B" in about
    assert f"T02 B has {shares['T02 B']:.0%} of its share of potential with the {moved} accounts that came from T02" in about
    assert not [note for note in about if "alone" in note or "costs" in note or note.startswith(("T01", "T03"))]


def test_a_pivot_weighs_one_industry() -> None:
    scenario = make_scenario(30, 3)
    after = pivot(scenario, "industry", "health", 3.0)
    factor = after.accounts.potential / scenario.accounts.potential
    expected = [3.0 if trade == "health" else 1.0 for trade in scenario.accounts.industry]
    assert factor.tolist() == pytest.approx(expected)
    assert after.content != scenario.content
    assert after.name == "small with 3 times the potential of industry 'health'"
    assert after.accounts.revenue_last_year is scenario.accounts.revenue_last_year


def test_what_cannot_be_done_is_said() -> None:
    scenario = make_scenario(12, 12)
    design = make_design(scenario)
    with pytest.raises(UsageError, match="no territory 'T1'"):
        merge_territories(design, "T1", "T02")
    with pytest.raises(InfeasibleError, match="too few to split"):
        split_territory(scenario, make_travel(scenario), design, "T01")
    with pytest.raises(UsageError, match="no account has industry 'foods'"):
        pivot(scenario, "industry", "foods", 2.0)


def test_a_territory_is_split_though_the_design_does_not_keep_a_lock_on_one_of_its_accounts() -> None:
    scenario = make_scenario(12, 3)
    start = make_design(scenario)
    wanted = replace(scenario, locks=(Lock(int(start.book(0)[1]), "T02"),))
    split = split_territory(wanted, make_travel(scenario), start, "T01")
    assert set(split.territories) == {"T01", "T01 B", "T02", "T03"}
    assert (split.territory_of[start.territory_of > 0] >= 2).all()


def test_where_nobody_has_any_potential_changes_by_hand_go_by_work_alone() -> None:
    scenario = make_scenario(24, 3)
    scenario = replace(scenario, accounts=replace(scenario.accounts, potential=np.zeros(24)))
    start, travel = make_design(scenario), make_travel(scenario)
    for made in (hand_over(scenario, travel, start, "R02"), split_territory(scenario, travel, start, "T01")):
        result = explain_design(scenario, travel, made, start)
        assert "imbalance_potential" not in result.metrics
        assert result.moves


def test_a_credit_that_no_file_may_hold_is_refused() -> None:
    scenario = make_scenario(12, 3)
    for credit in (-1.0, 1.5, float("nan")):
        with pytest.raises(UsageError, match="quota_credit"):
            add_specialists(scenario, make_design(scenario), ["A0001"], ["R02"], quota_credit=credit)
