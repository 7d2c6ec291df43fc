"""The least change that evens out a design: against an integer program of its own, by class, as planned."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp
from small import make_design, make_scenario, make_travel

from fieldsim.errors import UsageError
from fieldsim.model import Design, Floats, Scenario
from fieldsim.territory import Brief, Wishes, design_by, design_territories
from fieldsim.territory.disruption import activity_of

EVEN = {"potential": 1.0}


def crowded(scenario: Scenario, many: int) -> Design:
    """Territories of which the first has grown by a good part of the others."""
    plain = make_design(scenario)
    return replace(plain, territory_of=np.where(np.arange(len(scenario.accounts)) < many, 0, plain.territory_of))


def by_fewest(scenario: Scenario, start: Design, wishes: Wishes) -> Design:
    return design_by(scenario, make_travel(scenario), "fewest", Brief("next", start, None, (), wishes, 0, None))


def least_price(scenario: Scenario, start: Design, price: Floats, tolerance: float) -> float:
    """The least sum of prices of moved accounts with potential within the tolerance of the mean, by branch and bound."""
    n, seats, worth = len(scenario.accounts), len(start.territories), scenario.accounts.potential
    mean = worth.sum() / seats
    account, seat = np.divmod(np.arange(n * seats), seats)
    found = milp(
        price[account] * (start.territory_of[account] != seat),
        integrality=np.ones(n * seats, dtype=np.int64),
        bounds=Bounds(0.0, 1.0),
        constraints=[
            LinearConstraint((account == np.arange(n)[:, None]).astype(float), 1.0, 1.0),
            LinearConstraint(
                worth[account] * (seat == np.arange(seats)[:, None]), (1 - tolerance) * mean, (1 + tolerance) * mean
            ),
        ],
    )
    return float(found.fun)


@pytest.mark.parametrize(("seed", "tolerance"), [(1, 0.3), (2, 0.1), (3, 0.05)])
def test_nobody_moves_fewer_accounts(seed: int, tolerance: float) -> None:
    scenario = make_scenario(60, 4, seed)
    start = crowded(scenario, 30)
    made = by_fewest(scenario, start, Wishes(tolerance, EVEN, families=False, disruption=(1.0,) * 4, moves=1_000_000))
    worth = np.bincount(made.territory_of, scenario.accounts.potential, 4)
    assert np.abs(worth / worth.mean() - 1.0).max() <= tolerance
    assert int((made.owner != start.owner).sum()) == round(least_price(scenario, start, np.ones(60), tolerance))


def test_accounts_without_activity_go_first() -> None:
    scenario = make_scenario(60, 4, 4)
    idle = np.arange(60) % 2 == 0
    accounts = replace(scenario.accounts, revenue_last_year=np.where(idle, 0.0, 1000.0), open_pipeline=np.where(idle, 0.0, 50.0))
    scenario = replace(scenario, accounts=accounts)
    start = crowded(scenario, 30)
    price = np.array((0.5, 1.0, 2.0, 4.0))[activity_of(scenario)]
    made = by_fewest(scenario, start, Wishes(0.1, EVEN, families=False, moves=1_000_000))
    moved = made.owner != start.owner
    assert price[moved].sum() == pytest.approx(least_price(scenario, start, price, 0.1))
    assert idle[moved].mean() > 0.5


def test_what_is_even_stays_and_what_is_made_even_is_so_when_planned() -> None:
    scenario = make_scenario(90, 4, 2)
    start, travel = crowded(scenario, 40), make_travel(scenario)
    made = design_territories(scenario, travel, "fewest", start=start, tolerance=0.15, moves=500_000)
    many = design_territories(scenario, travel, "balanced", start=start, tolerance=0.15, moves=500_000)
    worth = np.bincount(made.territory_of, scenario.accounts.potential, 4)
    assert np.abs(worth / worth.mean() - 1.0).max() <= 0.151
    assert 0 < int((made.owner != start.owner).sum()) < int((many.owner != start.owner).sum())
    again = design_territories(scenario, travel, "fewest", start=made, tolerance=0.3, moves=500_000)
    assert (again.owner == made.owner).all()


def test_the_fewest_moves_start_from_a_design() -> None:
    scenario = make_scenario(12, 2)
    with pytest.raises(UsageError, match="start from a design"):
        design_territories(scenario, make_travel(scenario), "fewest")
