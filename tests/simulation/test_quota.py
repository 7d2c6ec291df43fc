"""Quotas add up to the team's plan on any basis, for any design."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from simulation.plans import make_plans
from small import make_design, make_scenario, make_travel

from fieldsim.model import Design, Overlay, QuotaRule, Scenario
from fieldsim.simulation.quota import quotas, team_quota


def rows(scenario: Scenario, design: Design, quarters: int = 1) -> dict[str, np.ndarray]:
    return quotas(scenario, design, make_plans(scenario, design, make_travel(scenario), quarters))


@pytest.mark.parametrize("basis", ["potential", "equal", "given"])
@pytest.mark.parametrize("total", [None, 500_000.0])
def test_the_teams_quota_does_not_depend_on_basis_or_design(basis: str, total: float | None) -> None:
    scenario = make_scenario(quota=QuotaRule(basis, total))  # type: ignore[arg-type]
    today = make_design(scenario)
    vacant = Design("v", today.territories, today.territory_of, np.array([0, -1, 2]))
    for design in (today, make_design(scenario, "other", 1), vacant):
        assert rows(scenario, design)["quota"].sum() == pytest.approx(total or 300_000.0)


def test_each_basis_splits_as_it_says() -> None:
    scenario = make_scenario()
    reps = tuple(replace(rep, quota=quota) for rep, quota in zip(scenario.reps, (50.0, 100.0, None), strict=True))
    scenario = replace(scenario, reps=reps)
    design = make_design(scenario)
    potential = np.array([scenario.accounts.potential[design.book(k)].sum() for k in range(3)])
    assert team_quota(scenario) == 225.0  # the rep without a figure counts as the mean
    split = {
        basis: rows(replace(scenario, quota=QuotaRule(basis, None)), design)["quota"]  # type: ignore[arg-type]
        for basis in ("potential", "equal", "given")
    }
    assert np.allclose(split["potential"], 225.0 * potential / potential.sum())
    assert np.allclose(split["equal"], 75.0)
    assert np.allclose(split["given"], [50.0, 100.0, 75.0])


def test_without_any_figure_last_years_revenue_is_the_plan() -> None:
    scenario = make_scenario()
    scenario = replace(scenario, reps=tuple(replace(rep, quota=None) for rep in scenario.reps))
    assert team_quota(scenario) == pytest.approx(scenario.accounts.revenue_last_year.sum() / 4)


def test_a_specialists_quota_is_taken_off_the_territories() -> None:
    scenario = make_scenario(12, 4)
    plain = make_design(make_scenario(12, 3))
    design = Design("s", plain.territories, plain.territory_of, plain.rep_of, (Overlay(0, 3, 0.5, 1.0, 0.5),))
    found = rows(scenario, design, quarters=2)
    assert found["territory"].tolist() == [0, 1, 2, -1] * 2
    assert found["rep"].tolist() == [0, 1, 2, 3] * 2
    assert found["quota"][3] == 100_000.0
    assert found["quota"][:4].sum() == pytest.approx(400_000.0)
