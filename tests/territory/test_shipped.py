"""The shipped scenarios: what their READMEs say about the books is so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fieldsim.model import Design, Scenario
from fieldsim.scenario import read_design, read_scenario

SCENARIOS = Path(__file__).parents[2] / "scenarios"


@pytest.fixture(scope="module")
def coquimbo() -> Scenario:
    return read_scenario(SCENARIOS / "coquimbo")


@pytest.fixture(scope="module")
def midwest() -> Scenario:
    return read_scenario(SCENARIOS / "midwest")


def imbalance(scenario: Scenario, design: Design) -> float:
    sums = np.bincount(design.territory_of, scenario.accounts.potential, len(design.territories))
    return float(np.abs(sums / sums.mean() - 1).max())


def test_coquimbo_is_what_its_readme_says(coquimbo: Scenario) -> None:
    accounts = coquimbo.accounts
    assert (len(accounts), len(coquimbo.reps)) == (900, 9)
    assert [accounts.tier.count(tier) for tier in "ABC"] == [144, 288, 468]
    assert int(accounts.locked.sum()) == 12
    assert 0.08 < np.mean(accounts.revenue_last_year == 0) < 0.16
    assert 0.9 < np.std(np.log(accounts.potential)) < 1.3
    revenue = accounts.revenue_last_year.sum() / 4
    assert sum(rep.quota or 0.0 for rep in coquimbo.reps) == pytest.approx(1.08 * revenue, rel=0.001)


def test_coquimbo_asks_for_the_visits_its_capacity_was_sized_for(coquimbo: Scenario) -> None:
    accounts = coquimbo.accounts
    days, day_min = len(coquimbo.working_days(0)), 570 - 45 - 60
    assert days * day_min * 9 == 263_655
    assert int(accounts.visits.sum()) == 4_860
    assert (accounts.visits * accounts.visit_minutes).sum() == pytest.approx(173_340)


def test_coquimbo_today_is_even_in_number_and_uneven_in_potential(coquimbo: Scenario) -> None:
    today = read_design(coquimbo, "today")
    counts = np.bincount(today.territory_of)
    assert counts.max() - counts.min() <= 4
    assert imbalance(coquimbo, today) > 0.5
    owners = [coquimbo.reps[k].id for k in today.owner.tolist()]
    assert owners == list(coquimbo.accounts.owner)


def test_coquimbo_zones_keep_zones_whole(coquimbo: Scenario) -> None:
    zones = read_design(coquimbo, "zones")
    owners: dict[str, set[int]] = {}
    for i, zone in enumerate(coquimbo.accounts.postal_code):
        if not coquimbo.accounts.locked[i]:
            owners.setdefault(zone, set()).add(int(zones.owner[i]))
    assert all(len(found) == 1 for found in owners.values())


@pytest.mark.parametrize("name", ["zones", "balanced", "rebalance"])
def test_no_coquimbo_design_moves_a_locked_account(coquimbo: Scenario, name: str) -> None:
    today, other = read_design(coquimbo, "today"), read_design(coquimbo, name)
    assert (today.owner == other.owner)[coquimbo.accounts.locked].all()


def test_coquimbo_balanced_is_balanced(coquimbo: Scenario) -> None:
    assert imbalance(coquimbo, read_design(coquimbo, "balanced")) <= 0.051


def test_midwest_has_specialists_for_every_plant(midwest: Scenario) -> None:
    plants = [i for i, parent in enumerate(midwest.accounts.parent) if parent]
    assert (len(midwest.accounts), len(midwest.reps), len(plants)) == (4_000, 40, 25)
    for name in ("today", "balanced"):
        design = read_design(midwest, name)
        assert [overlay.account for overlay in design.overlays] == plants
        assert {overlay.revenue_share for overlay in design.overlays} == {0.5}
        assert len(design.territories) == 38
    assert imbalance(midwest, read_design(midwest, "balanced")) < imbalance(midwest, read_design(midwest, "today")) / 2


def test_coquimbo_rebalance_is_even_with_forty_moves(coquimbo: Scenario) -> None:
    today, few = read_design(coquimbo, "today"), read_design(coquimbo, "rebalance")
    assert int((today.owner != few.owner).sum()) <= 40
    assert imbalance(coquimbo, few) < 0.15 * imbalance(coquimbo, today)
