"""Markets too large for tables: near seats stand for all, and nothing else changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from small import make_design, make_scenario, make_travel

from fieldsim.errors import UsageError
from fieldsim.model import Design, Lock, Scenario
from fieldsim.territory import Brief, Wishes, balanced, design_territories, explain_design, routed, wide
from fieldsim.territory.rounds import found


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every market counts as too large for a table."""
    monkeypatch.setattr(balanced, "CELLS", 1)


def off(scenario: Scenario, design: Design) -> float:
    sums = np.bincount(design.territory_of, scenario.accounts.potential, len(design.territories))
    return float(np.abs(sums / sums.mean() - 1.0).max())


@pytest.mark.usefixtures("narrow")
def test_a_wide_market_is_balanced_like_any_other() -> None:
    scenario = make_scenario(300, 12, 3)
    design = design_territories(scenario, make_travel(scenario), start=make_design(scenario))
    assert off(scenario, design) <= 0.06


def test_near_seats_cost_little_against_a_table_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = make_scenario(300, 12, 4)
    travel, start = make_travel(scenario), make_design(scenario)
    by_table = design_territories(scenario, travel, start=start, continuity=0.0, calibrations=0)
    monkeypatch.setattr(balanced, "CELLS", 1)
    by_near = design_territories(scenario, travel, start=start, continuity=0.0, calibrations=0)
    monkeypatch.undo()
    hours = [explain_design(scenario, travel, made, start).metrics["routed_hours"] for made in (by_table, by_near)]
    assert hours[1] <= 1.06 * hours[0]


@pytest.mark.usefixtures("narrow")
def test_locks_and_families_hold_in_a_wide_market() -> None:
    scenario = make_scenario(200, 12, 5)
    parent = tuple(f"G{i % 10}" if i < 40 else "" for i in range(200))
    accounts = replace(scenario.accounts, parent=parent, locked=np.arange(200) % 17 == 0)
    scenario = replace(scenario, accounts=accounts, locks=(Lock(account=199, seat="T11", only=False),))
    start = make_design(scenario)
    design = design_territories(scenario, make_travel(scenario), start=start, tolerance=0.2)
    assert (design.owner == start.owner)[accounts.locked].all()
    assert design.territories[int(design.territory_of[199])] == "T11"
    for g in range(10):
        members = np.array([i for i in range(40) if i % 10 == g])
        free = members[~accounts.locked[members]]
        if accounts.locked[members].sum() < 2:
            assert len(set(design.territory_of[free].tolist())) == 1


def test_the_columns_of_an_account_hold_its_present_and_its_bound_seat() -> None:
    scenario = make_scenario(100, 30, 6)
    seats = balanced.task_of(scenario, make_travel(scenario), make_design(scenario), balanced.Wishes()).seats
    rng = np.random.default_rng(0)
    present, held = rng.integers(-1, 30, 100), np.where(rng.random(100) < 0.2, rng.integers(0, 30, 100), -1)
    seat = wide.near_seats(scenario, seats, present, held)
    assert seat.shape == (100, wide.COLUMNS)
    assert all(len(set(row)) == wide.COLUMNS for row in seat.tolist())
    assert all(p < 0 or p in row or h >= 0 for p, h, row in zip(present.tolist(), held.tolist(), seat.tolist(), strict=True))
    assert all(h < 0 or h in row for h, row in zip(held.tolist(), seat.tolist(), strict=True))


@pytest.mark.usefixtures("narrow")
def test_what_needs_a_table_says_so() -> None:
    scenario = make_scenario(60, 4)
    with pytest.raises(UsageError, match="too many"):
        design_territories(scenario, make_travel(scenario), "nearest", start=make_design(scenario))


@pytest.mark.usefixtures("narrow")
def test_a_few_planned_seats_tell_what_all_of_an_even_design_drive(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = make_scenario(400, 16, 8)
    travel, start = make_travel(scenario), make_design(scenario)
    monkeypatch.setattr(wide, "STAND_INS", 6)
    task, best = found(scenario, travel, Brief("wide", start, None, (), Wishes(), 0, None))
    planned = routed.roughly_planned(scenario, travel, best.design, task.seats, best.guess)
    ratio = planned.hours / best.guess
    assert best.guess.sum() / planned.hours.sum() == pytest.approx(1.0, abs=3.0 * float(np.std(ratio)) / 6.0**0.5)
    assert np.unique(task.factor).size == 1


@pytest.mark.usefixtures("narrow")
def test_the_order_of_rows_decides_nothing_in_a_wide_market() -> None:
    scenario = make_scenario(900, 12, 9)
    start = make_design(scenario)
    order = np.random.default_rng(1).permutation(900)
    columns: dict[str, Any] = {
        name: column[order] if isinstance(column, np.ndarray) else tuple(column[i] for i in order.tolist()) if column else column
        for name, column in vars(scenario.accounts).items()
    }
    other = replace(scenario, accounts=replace(scenario.accounts, **columns))
    turned = replace(start, territory_of=start.territory_of[order])
    made, again = (
        design_territories(each, make_travel(each), start=today, moves=50_000)
        for each, today in ((scenario, start), (other, turned))
    )
    assert again.territory_of.tolist() == made.territory_of[order].tolist()


def test_planned_seats_are_the_middle_ones_of_equal_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = make_scenario(120, 6)
    travel, design = make_travel(scenario), make_design(scenario)
    seats = balanced.task_of(scenario, travel, design, Wishes()).seats
    guess = np.array([60.0, 10.0, 50.0, 20.0, 40.0, 30.0])
    every = routed.roughly_planned(scenario, travel, design, seats, guess).hours
    some = routed.roughly_planned(scenario, travel, design, seats, guess, most=2).hours
    assert np.flatnonzero(some == every).tolist() == [2, 3]
