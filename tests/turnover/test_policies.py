"""Hand-over policies: only what a policy may move moves, and the one that evens out does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small import make_scenario, make_travel

from fieldsim.errors import UsageError
from fieldsim.model import Design, Overlay, Scenario
from fieldsim.territory import design_territories
from fieldsim.turnover import POLICIES, first_patch, hand_over, open_force, patch_quality, vacancy_of
from fieldsim.turnover.policies import loads_after

ORPHANS_ONLY = sorted(set(POLICIES) - {"reoptimise"})


def force_of(n: int = 240, reps: int = 6) -> tuple[Scenario, Design]:
    scenario = make_scenario(n, reps)
    return scenario, design_territories(scenario, make_travel(scenario), moves=200_000)


@pytest.mark.parametrize("policy", ORPHANS_ONLY)
def test_nobody_else_loses_an_account(policy: str) -> None:
    scenario, design = force_of()
    after = hand_over(scenario, make_travel(scenario), design, "R02", policy)
    kept = design.owner != 1
    assert (after.territory_of[kept] == design.territory_of[kept]).all()
    assert not (after.owner == 1).any()
    assert after.rep_of.tolist().count(-1) == 1


@pytest.mark.parametrize("policy", ["vacant", "pool"])
def test_a_waiting_book_has_no_owner(policy: str) -> None:
    scenario, design = force_of()
    after = hand_over(scenario, make_travel(scenario), design, "R02", policy)
    assert (after.owner == -1).tolist() == (design.owner == 1).tolist()


def test_a_leavers_shares_in_others_accounts_fall_back_to_the_owners() -> None:
    scenario, design = force_of()
    travel = make_travel(scenario)
    stays, goes = Overlay(3, 4, 0.2, 0.2, 0.2), Overlay(5, 1, 0.3, 0.3, 0.5)
    shared = replace(design, overlays=(stays, goes))
    assert hand_over(scenario, travel, shared, "R02").overlays == (stays,)
    seatless = replace(shared, rep_of=np.where(design.rep_of == 1, 2, design.rep_of))
    after = hand_over(scenario, travel, seatless, "R02")
    assert after.overlays == (stays,)
    assert after.territory_of.tolist() == design.territory_of.tolist()
    with pytest.raises(UsageError, match="no share"):
        hand_over(scenario, travel, after, "R02")


def test_the_whole_book_goes_to_one_rep_or_each_account_to_the_nearest() -> None:
    scenario, design = force_of()
    travel = make_travel(scenario)
    orphans = np.flatnonzero(design.owner == 1)
    assert len(set(hand_over(scenario, travel, design, "R02", "nearest_rep").owner[orphans].tolist())) == 1
    away = travel.km[orphans][:, [240 + k for k in (0, 2, 3, 4, 5)]]
    expected = np.array([0, 2, 3, 4, 5])[away.argmin(axis=1)]
    assert hand_over(scenario, travel, design, "R02", "nearest").owner[orphans].tolist() == expected.tolist()


def test_evening_out_beats_the_nearest_in_balance() -> None:
    scenario, design = force_of()
    force = open_force(scenario, make_travel(scenario), design)
    worst = {}
    for policy in ("balanced", "nearest", "nearest_rep", "reoptimise"):
        vacancy = vacancy_of(force, 1)
        worst[policy] = float(loads_after(vacancy, POLICIES[policy](vacancy)).max())
    assert worst["balanced"] <= 1.12
    assert worst["balanced"] < worst["nearest"] < worst["nearest_rep"]
    assert worst["reoptimise"] <= 1.06


def test_locked_accounts_of_others_stay_when_everything_is_optimised() -> None:
    scenario = make_scenario(120, 4)
    scenario = replace(scenario, accounts=replace(scenario.accounts, locked=np.arange(120) % 5 == 0))
    design = design_territories(scenario, make_travel(scenario), moves=100_000)
    after = hand_over(scenario, make_travel(scenario), design, "R02", "reoptimise")
    others = scenario.accounts.locked & (design.owner != 1)
    assert (after.owner == design.owner)[others].all()


def test_optimising_again_leaves_books_alone_that_take_no_part() -> None:
    scenario, design = force_of()
    force = open_force(scenario, make_travel(scenario), design)
    near = np.isin(np.arange(6), (0, 2))
    after = POLICIES["reoptimise"](vacancy_of(force, 1, staffed=near)).territory_of
    apart = np.isin(design.territory_of, (3, 4, 5))
    assert (after[apart] == design.territory_of[apart]).all()
    assert set(after[design.territory_of == 1].tolist()) <= {0, 2}


def test_likeness_prefers_a_rep_of_the_same_trade() -> None:
    scenario, design = force_of(60, 6)
    after = hand_over(scenario, make_travel(scenario), design, "R02", "similar")
    near = hand_over(scenario, make_travel(scenario), design, "R02", "nearest")
    orphans = design.owner == 1
    assert scenario.reps[4].skills == scenario.reps[1].skills
    assert (after.owner[orphans] == 4).sum() >= (near.owner[orphans] == 4).sum()


def test_two_departures_leave_nothing_with_either() -> None:
    scenario, design = force_of()
    travel = make_travel(scenario)
    once = hand_over(scenario, travel, design, "R02")
    twice = hand_over(scenario, travel, once, "R03")
    assert not np.isin(twice.owner, (-1, 1, 2)).any()


def test_a_hire_gets_a_compact_part_of_the_old_book() -> None:
    scenario, design = force_of()
    force = open_force(scenario, make_travel(scenario), design)
    vacancy = vacancy_of(force, 1)
    later = replace(vacancy, territory_of=POLICIES["balanced"](vacancy).territory_of)
    patched = first_patch(later, design.territory_of)
    quality = patch_quality(later, patched, design.territory_of)
    assert (design.territory_of[patched == 1] == 1).all()
    assert ((patched != later.territory_of) <= (patched == 1)).all()
    assert quality.familiar == 1.0
    assert 0.5 <= quality.work <= 0.7
    assert quality.together >= 0.9 * patch_quality(later, design.territory_of, design.territory_of).together * quality.work


def test_unknown_reps_and_policies_are_named() -> None:
    scenario, design = force_of(60, 3)
    with pytest.raises(UsageError, match="unknown rep 'R7'"):
        hand_over(scenario, make_travel(scenario), design, "R7")
    with pytest.raises(UsageError, match="unknown policy 'neares'"):
        hand_over(scenario, make_travel(scenario), design, "R01", "neares")
