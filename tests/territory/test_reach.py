"""Accounts too far for any day: counted alike by estimate and plan, and moved to nobody who cannot get there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small import make_design, make_scenario, make_travel

from fieldsim.model import Design, Rule, Scenario
from fieldsim.territory import Wishes, design_territories
from fieldsim.territory.balanced import task_of
from fieldsim.territory.estimate import effort_about
from fieldsim.territory.guests import NOBODY
from fieldsim.territory.planned import planned_price_of
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
    plain, corrected = (planned_price_of(task, travel, each) for each in made)
    assert corrected < plain
    food = np.array([trade == "food" for trade in scenario.accounts.industry])
    assert set(made[1].territory_of[food].tolist()) <= {0, 1}
    assert set(made[1].territory_of[~food].tolist()) <= {1, 2, 3}
