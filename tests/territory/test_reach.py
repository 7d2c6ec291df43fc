"""Accounts too far for any day: counted alike by estimate and plan, and moved to nobody who cannot get there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small import make_design, make_scenario, make_travel

from fieldsim.model import Design, Rule, Scenario
from fieldsim.territory import Wishes, design_territories, explain_design
from fieldsim.territory.balanced import task_of
from fieldsim.territory.estimate import effort_about
from fieldsim.territory.guests import NOBODY
from fieldsim.territory.planned import found_by
from fieldsim.territory.routed import roughly_planned

DAY_S = 9.5 * 3600.0


def outpost(scenario: Scenario, rows: list[int], east_km: float = 250.0) -> Scenario:
    """The last rep and these accounts live so far away that nobody else gets there and back in a day."""
    lon = scenario.accounts.lon.copy()
    lon[rows] += east_km / (111.2 * np.cos(np.radians(30.0)))
    away = replace(scenario.reps[-1], lon=scenario.reps[-1].lon + east_km / (111.2 * np.cos(np.radians(30.0))))
    return replace(scenario, accounts=replace(scenario.accounts, lon=lon), reps=(*scenario.reps[:-1], away))


def way_s(scenario: Scenario, owner: np.ndarray) -> np.ndarray:
    """Seconds from each account to its rep's home and back."""
    n = len(scenario.accounts)
    seconds = make_travel(scenario).matrix(range(n + len(scenario.reps))).seconds[0]
    rows = np.arange(n)
    both: np.ndarray = seconds[rows, n + owner] + seconds[n + owner, rows]
    return both


def test_visits_too_far_for_a_day_drive_there_and_back_alone() -> None:
    scenario = outpost(make_scenario(60, 3), [])
    here = replace(make_design(scenario), territory_of=(np.arange(60) % 2).astype(np.int64))
    travel, seats = make_travel(scenario), task_of(scenario, make_travel(scenario), here, Wishes()).seats
    plain = roughly_planned(scenario, travel, here, seats).hours
    far = outpost(scenario, [0, 2])
    hours = roughly_planned(far, make_travel(far), here, seats).hours
    alone = (far.accounts.visits * way_s(far, here.territory_of))[[0, 2]].sum() / 3600.0
    assert hours[1] == pytest.approx(plain[1])
    assert alone < hours[0] < alone + plain[0]


def test_who_is_far_out_of_reach_makes_no_near_account_look_cheap() -> None:
    scenario = outpost(make_scenario(60, 3), [0, 2])
    start, travel = replace(make_design(scenario), territory_of=(np.arange(60) % 2).astype(np.int64)), make_travel(scenario)
    task = task_of(scenario, travel, start, Wishes())
    planned = roughly_planned(scenario, travel, start, task.seats)
    effort = effort_about(scenario, task.seats, task.ways, NOBODY, start.territory_of, planned, task.market.effort)
    near = np.delete(np.arange(60), [0, 2])
    assert (effort.travel[near, 0] > -0.5 * effort.service[near]).all()
    assert effort.travel[0, 0] == pytest.approx(
        scenario.accounts.visits[0] * way_s(scenario, start.territory_of)[0] / 3600.0, rel=0.01
    )
    assert effort.base is not None
    told = effort.base + np.bincount(start.territory_of, effort.travel[np.arange(60), start.territory_of], 3)
    assert told == pytest.approx(planned.hours, abs=1e-3)


def test_a_rebalance_moves_nothing_to_who_cannot_get_there() -> None:
    scenario = outpost(make_scenario(90, 3, 2), list(range(15)))
    territory = np.where(np.arange(90) < 15, 2, np.arange(90) % 2).astype(np.int64)
    territory[:3] = 0  # three of the outpost's accounts are with a rep in town today
    start = replace(make_design(scenario), territory_of=territory)
    made = design_territories(scenario, make_travel(scenario), "rebalance", start=start, moves=200_000)
    moved = made.territory_of != territory
    too_far = way_s(scenario, made.territory_of) > DAY_S
    assert moved[:3].all()
    assert not (moved & too_far).any()


def test_a_hybrid_is_corrected_by_planned_quarters_and_keeps_to_its_rules() -> None:
    scenario = make_scenario(90, 4, 3)
    scenario = replace(
        scenario, rules=(Rule("food", {"industry": ("food",)}, ("R01", "R02")), Rule("rest", {}, ("R02", "R03", "R04")))
    )
    travel, start = make_travel(scenario), make_design(scenario)
    made: list[Design] = [
        design_territories(scenario, travel, "hybrid", start=start, calibrations=rounds, moves=60_000) for rounds in (0, 2)
    ]
    task = task_of(scenario, travel, start, Wishes())
    plain, corrected = (found_by(task, task, travel, each).price for each in made)
    assert corrected < plain
    food = np.array([trade == "food" for trade in scenario.accounts.industry])
    assert set(made[1].territory_of[food].tolist()) <= {0, 1}
    assert set(made[1].territory_of[~food].tolist()) <= {1, 2, 3}


def test_visits_that_cannot_be_made_are_told_with_their_share_of_potential() -> None:
    scenario = outpost(make_scenario(90, 3, 2), list(range(15)))
    accounts = scenario.accounts
    territory = np.where(np.arange(90) < 15, 2, np.arange(90) % 2).astype(np.int64)
    start = replace(make_design(scenario), territory_of=np.where(np.arange(90) < 3, 0, territory))
    made = replace(start, name="made", territory_of=np.where(np.arange(90) < 1, 0, territory))
    found = explain_design(scenario, make_travel(scenario), made, start)
    far = [way_s(scenario, each.territory_of) + 60.0 * accounts.visit_minutes > DAY_S for each in (start, made)]
    assert [int(each.sum()) for each in far] == [3, 1]
    assert (found.before["unreached_accounts"], found.metrics["unreached_accounts"]) == (3.0, 1.0)
    part = accounts.potential[0] / accounts.potential.sum()
    assert found.metrics["unreached_potential_share"] == pytest.approx(part)
    told = f"1 account lies beyond a day of the rep (3 today): {part:.1%} of potential, {accounts.visits[0]} visits a quarter"
    assert any(note.startswith(told) and note.endswith("; 1 where they are today") for note in found.notes)
    hours = way_s(scenario, start.territory_of)[[1, 2]] / 3600.0
    for move, there in zip(sorted(found.moves, key=lambda each: each.account), hours, strict=True):
        assert any(reason.startswith(f"{there:.1f} h there and back for ") for reason in move.reasons)
    near = make_scenario(90, 3, 2)
    plain = explain_design(near, make_travel(near), made, start)
    assert plain.metrics["unreached_accounts"] == 0.0
    assert not any("beyond a day" in note for note in plain.notes)
    assert not any("there and back" in reason for move in plain.moves for reason in move.reasons)


def test_what_cannot_be_visited_has_a_price_in_proportion_where_another_can() -> None:
    scenario = outpost(make_scenario(90, 3, 2), list(range(15)))
    lon = scenario.accounts.lon.copy()
    lon[0] += 10.0  # nobody gets there
    scenario = replace(scenario, accounts=replace(scenario.accounts, lon=lon))
    accounts = scenario.accounts
    task = task_of(scenario, make_travel(scenario), make_design(scenario), Wishes(misfit=0.0))
    hours = accounts.visits * accounts.visit_minutes / 60.0
    part = np.maximum((accounts.potential / accounts.potential.sum() + hours / hours.sum()) / 2.0, 5.0 / 90.0)
    whole = hours.sum() + task.market.effort.travel.min(axis=1).sum()
    ways = np.stack([way_s(scenario, np.full(90, seat)) for seat in range(3)], axis=1)
    far = ways + 60.0 * accounts.visit_minutes[:, None] > DAY_S
    assert far[0].all()
    assert far[1:].any(axis=1).all()
    assert not far[1:].all(axis=1).any()
    lost = np.where(far & ~far.all(axis=1, keepdims=True), 10.0 * whole * part[:, None], 0.0)
    assert task.market.misfit == pytest.approx(lost, abs=1e-3)


def test_a_rule_that_leaves_nobody_within_reach_is_named_with_its_accounts() -> None:
    scenario = outpost(make_scenario(90, 3, 2), list(range(15)))
    rules = (Rule("food", {"industry": ("food",)}, ("R01",)), Rule("rest", {}, ("R01", "R02", "R03")))
    scenario, food = replace(scenario, rules=rules), np.array([trade == "food" for trade in scenario.accounts.industry])
    territory = np.where(food, 0, np.where(np.arange(90) < 15, 2, 1)).astype(np.int64)
    made = replace(make_design(scenario), territory_of=territory)
    far = way_s(scenario, territory) + 60.0 * scenario.accounts.visit_minutes > DAY_S
    assert (far == (food & (np.arange(90) < 15))).all()
    told = f"{int(far.sum())} beyond the day of all whom rule 'food' allows"
    found = explain_design(scenario, make_travel(scenario), made, make_design(scenario))
    assert any(note.endswith(f"; {told}") for note in found.notes)
