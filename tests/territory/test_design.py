"""Designs: whole, within the tolerance, never worse than given, the same whatever the rows are called."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small import make_design, make_scenario, make_travel

from fieldsim.errors import InfeasibleError, UsageError
from fieldsim.model import Accounts, Design, Rule, Scenario
from fieldsim.territory import DESIGNERS, design_territories, explain_design


def with_accounts(scenario: Scenario, **changes: object) -> Scenario:
    return replace(scenario, accounts=replace(scenario.accounts, **changes))  # type: ignore[arg-type]


def with_areas(scenario: Scenario) -> Scenario:
    """Areas for a geographic cut and a rule for a hybrid one."""
    scenario = replace(scenario, rules=(Rule("all", {}, tuple(rep.id for rep in scenario.reps)),))
    return with_accounts(scenario, postal_code=tuple(f"Z{int(lat * 50) % 7}" for lat in scenario.accounts.lat))


def potential_imbalance(scenario: Scenario, design: Design) -> float:
    sums = np.bincount(design.territory_of, scenario.accounts.potential, len(design.territories))
    return float(np.abs(sums / sums.mean() - 1).max())


@pytest.mark.parametrize("method", sorted(DESIGNERS))
def test_every_account_has_one_territory_with_a_known_seat(method: str) -> None:
    scenario = with_areas(make_scenario(60, 4))
    design = design_territories(scenario, make_travel(scenario), method, start=make_design(scenario))
    assert design.name == method
    assert design.territory_of.shape == (60,)
    assert design.territory_of.min() >= 0
    assert design.territory_of.max() < len(design.territories)
    assert design.rep_of.tolist() == [0, 1, 2, 3]
    assert list(design.territories) == sorted(design.territories)


@pytest.mark.parametrize("method", sorted(DESIGNERS))
def test_locked_accounts_stay_where_they_are(method: str) -> None:
    scenario = with_areas(make_scenario(60, 4))
    scenario = with_accounts(scenario, locked=np.arange(60) % 7 == 0)
    start = make_design(scenario)
    design = design_territories(scenario, make_travel(scenario), method, start=start)
    assert (design.owner == start.owner)[scenario.accounts.locked].all()


@settings(max_examples=12, deadline=None, derandomize=True)
@given(st.integers(0, 10_000), st.integers(40, 120), st.integers(2, 5))
def test_balance_is_reached_where_accounts_are_small(seed: int, n: int, reps: int) -> None:
    scenario = make_scenario(n, reps, seed)
    design = design_territories(scenario, make_travel(scenario), start=make_design(scenario), tolerance=0.15)
    largest = scenario.accounts.potential.max() / (scenario.accounts.potential.sum() / reps)
    assert potential_imbalance(scenario, design) <= 0.155 + max(0.0, largest - 0.3)


@settings(max_examples=8, deadline=None, derandomize=True)
@given(st.integers(0, 10_000))
def test_names_of_accounts_and_reps_change_nothing(seed: int) -> None:
    scenario = make_scenario(50, 3, seed)
    start = make_design(scenario)
    design = design_territories(scenario, make_travel(scenario), start=start)
    order = np.random.default_rng(seed).permutation(50)
    renamed = reordered(scenario, order)
    moved_start = Design("today", start.territories, start.territory_of[order], start.rep_of)
    again = design_territories(renamed, make_travel(renamed), start=moved_start)
    assert again.owner.tolist() == design.owner[order].tolist()


@pytest.mark.parametrize(("seed", "method"), [(seed, method) for seed in range(4) for method in ("rebalance", "fewest")])
def test_names_change_nothing_where_few_move_either(seed: int, method: str) -> None:
    scenario = make_scenario(60, 3, seed)
    crowded = make_design(scenario)
    start = Design("today", crowded.territories, np.where(np.arange(60) < 25, 0, crowded.territory_of), crowded.rep_of)
    design = design_territories(scenario, make_travel(scenario), method, start=start, budget=8, moves=3_000_000)
    order = np.random.default_rng(seed).permutation(60)
    renamed = reordered(scenario, order)
    moved_start = Design("today", start.territories, start.territory_of[order], start.rep_of)
    again = design_territories(renamed, make_travel(renamed), method, start=moved_start, budget=8, moves=3_000_000)
    assert again.owner.tolist() == design.owner[order].tolist()


def reordered(scenario: Scenario, order: np.ndarray) -> Scenario:
    """The same accounts under new ids, so that they sort differently."""
    rows = order.tolist()
    fields = {}
    for name in Accounts.__dataclass_fields__:
        column = getattr(scenario.accounts, name)
        if isinstance(column, np.ndarray):
            fields[name] = column[rows]
        elif isinstance(column, tuple) and column:
            fields[name] = tuple(column[i] for i in rows)
    return with_accounts(scenario, **(fields | {"ids": scenario.accounts.ids}))


def test_the_same_seed_gives_the_same_design() -> None:
    scenario = make_scenario(80, 4)
    travel, start = make_travel(scenario), make_design(scenario)
    first = design_territories(scenario, travel, start=start, seed=3)
    assert design_territories(scenario, travel, start=start, seed=3).owner.tolist() == first.owner.tolist()


def test_a_high_price_of_moving_keeps_a_balanced_design() -> None:
    scenario = make_scenario(80, 4)
    travel = make_travel(scenario)
    balanced = design_territories(scenario, travel, start=make_design(scenario), continuity=0.0, calibrations=0)
    again = design_territories(scenario, travel, start=balanced, continuity=50.0, calibrations=0)
    assert again.owner.tolist() == balanced.owner.tolist()


def test_removing_and_adding_back_a_rep_with_full_continuity_returns_the_original() -> None:
    scenario = make_scenario(80, 4)
    travel = make_travel(scenario)
    balanced = design_territories(scenario, travel, start=make_design(scenario), calibrations=0)
    without = design_territories(scenario, travel, start=balanced, vacate=["R02"])
    assert "T02" not in without.territories
    assert not (without.owner == 1).any()
    assert (
        design_territories(scenario, travel, start=balanced, continuity=50.0, calibrations=0).owner.tolist()
        == balanced.owner.tolist()
    )


def test_families_stay_together_unless_told_otherwise() -> None:
    scenario = make_scenario(60, 4)
    parents = tuple("Group" if i % 10 == 0 else "" for i in range(60))
    scenario = with_accounts(scenario, parent=parents)
    travel, start = make_travel(scenario), make_design(scenario)
    family = np.array([bool(p) for p in parents])
    assert len(set(design_territories(scenario, travel, start=start).owner[family].tolist())) == 1
    assert len(set(design_territories(scenario, travel, start=start, families=False).owner[family].tolist())) > 1


def test_a_family_larger_than_a_territory_does_not_stay_together() -> None:
    scenario = make_scenario(60, 4)
    parents = tuple("Group" if i % 2 == 0 else "Shop" if i in (1, 3) else "" for i in range(60))
    scenario = with_accounts(scenario, parent=parents)
    travel, start = make_travel(scenario), make_design(scenario)
    design = design_territories(scenario, travel, start=start)
    assert len(set(design.owner[::2].tolist())) > 1
    assert design.owner[1] == design.owner[3]
    assert explain_design(scenario, travel, design, start).notes[0] == (
        "family 'Group' is more than a territory: its accounts go their own ways"
    )


def test_a_part_time_rep_gets_a_part_of_the_work() -> None:
    scenario = make_scenario(150, 3)
    reps = (replace(scenario.reps[0], capacity=0.5), *scenario.reps[1:])
    scenario = replace(scenario, reps=reps)
    design = design_territories(scenario, make_travel(scenario), start=make_design(scenario))
    potential = np.bincount(design.owner, scenario.accounts.potential, 3)
    assert potential[0] / potential[1:].mean() == pytest.approx(0.5, abs=0.06)


def test_a_rep_who_joined_lately_gets_a_smaller_book() -> None:
    scenario = make_scenario(150, 3)
    for joined, part in ((scenario.start, 0.6), (date(2026, 5, 16), 0.8), (date(2020, 1, 1), 1.0)):
        reps = (replace(scenario.reps[0], start=joined), *scenario.reps[1:])
        hired = replace(scenario, reps=reps)
        design = design_territories(hired, make_travel(hired), start=make_design(hired))
        potential = np.bincount(design.owner, scenario.accounts.potential, 3)
        assert potential[0] / potential[1:].mean() == pytest.approx(part, abs=0.08)


def test_more_territories_than_seats_are_vacant_ones() -> None:
    scenario = make_scenario(80, 3)
    design = design_territories(scenario, make_travel(scenario), start=make_design(scenario), territories=5)
    assert sorted(design.rep_of.tolist()) == [-1, -1, 0, 1, 2]
    assert np.bincount(design.territory_of, minlength=5).min() > 0


def test_a_rep_who_left_gets_nothing() -> None:
    scenario = make_scenario(60, 3)
    gone = replace(scenario.reps[1], end=scenario.start.replace(day=1, month=9))
    scenario = replace(scenario, reps=(scenario.reps[0], gone, scenario.reps[2]))
    assert not (design_territories(scenario, make_travel(scenario)).owner == 1).any()


def test_bad_questions_get_plain_answers() -> None:
    scenario = make_scenario(12, 3)
    travel, start = make_travel(scenario), make_design(scenario)
    with pytest.raises(InfeasibleError, match="13 territories for 12 accounts"):
        design_territories(scenario, travel, start=start, territories=13)
    with pytest.raises(InfeasibleError, match="1000000000 territories for 12 accounts"):
        design_territories(scenario, travel, start=start, territories=10**9)
    with pytest.raises(UsageError, match=r"'colour' cannot be balanced.*known: potential"):
        design_territories(scenario, travel, start=start, metrics={"colour": 1.0})
    with pytest.raises(UsageError, match="2 territories for 3 seats"):
        design_territories(scenario, travel, start=start, territories=2)
    with pytest.raises(UsageError, match="unknown rep 'R9'"):
        design_territories(scenario, travel, start=start, vacate=["R9"])
    with pytest.raises(UsageError, match=r"unknown method 'balance'.*balanced"):
        design_territories(scenario, travel, "balance")
    with pytest.raises(UsageError, match="no column to cut by"):
        design_territories(scenario, travel, "segment", by="colour")
    with pytest.raises(InfeasibleError, match="has no postal_code"):
        design_territories(scenario, travel, "geographic")
    with pytest.raises(UsageError, match="cannot be balanced"):
        design_territories(scenario, travel, metrics={"potentials": 1.0})
    with pytest.raises(InfeasibleError, match="'potential' is zero"):
        design_territories(with_accounts(scenario, potential=np.zeros(12)), travel)
    with pytest.raises(UsageError, match="starts from a design"):
        design_territories(scenario, travel, "rebalance")


@pytest.mark.parametrize("method", sorted(DESIGNERS))
def test_all_accounts_in_one_place_still_make_a_design(method: str) -> None:
    scenario = with_areas(make_scenario(30, 3))
    scenario = with_accounts(scenario, lat=np.full(30, -30.0), lon=np.full(30, -71.2))
    design = design_territories(scenario, make_travel(scenario), method, start=make_design(scenario))
    assert design.territory_of.shape == (30,)


def test_a_segment_cut_gives_each_trade_its_own_seats() -> None:
    scenario = make_scenario(60, 3)
    design = design_territories(scenario, make_travel(scenario), "segment", by="industry", start=make_design(scenario))
    trades = {owner: {scenario.accounts.industry[i] for i in np.flatnonzero(design.owner == owner)} for owner in range(3)}
    assert trades == {0: {"food"}, 1: {"health"}, 2: {"mining"}}


def test_a_geographic_cut_keeps_areas_whole() -> None:
    scenario = with_areas(make_scenario(90, 3))
    design = design_territories(scenario, make_travel(scenario), "geographic", by="postal_code", start=make_design(scenario))
    owners: dict[str, set[int]] = {}
    for area, owner in zip(scenario.accounts.postal_code, design.owner.tolist(), strict=True):
        owners.setdefault(area, set()).add(owner)
    assert all(len(found) == 1 for found in owners.values())


def test_a_rebalance_keeps_to_its_budget_and_helps() -> None:
    scenario = make_scenario(90, 4)
    crowded = make_design(scenario)
    territory = np.where(np.arange(90) < 40, 0, crowded.territory_of)
    start = Design("today", crowded.territories, territory, crowded.rep_of)
    travel, before = make_travel(scenario), potential_imbalance(scenario, start)
    previous = before
    for budget in (3, 10, 40):
        design = design_territories(scenario, travel, "rebalance", start=start, budget=budget)
        assert int((design.owner != start.owner).sum()) <= budget
        assert potential_imbalance(scenario, design) <= previous
        previous = potential_imbalance(scenario, design)
    assert previous < 0.2 * before


@pytest.mark.parametrize("weight", [-1.0, float("nan"), float("inf")])
def test_a_weight_that_is_no_number_from_zero_is_refused(weight: float) -> None:
    scenario = make_scenario(20, 2)
    with pytest.raises(UsageError, match="weight"):
        design_territories(scenario, make_travel(scenario), start=make_design(scenario), metrics={"potential": weight})
