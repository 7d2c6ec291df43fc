"""One account of half a book of all: the seats beside it are as even as an integer program makes them, and it is named."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp
from small import make_design, make_scenario, make_travel

from fieldsim.model import Floats, Scenario
from fieldsim.territory import Wishes, design_territories, explain_design
from fieldsim.territory.balanced import task_of
from fieldsim.territory.bound import lower_bound

LUMP = 7


def lumpy(accounts: int, reps: int, seed: int, column: str, part: float = 0.5) -> Scenario:
    """One account has a part of all potential, or of all time at customers."""
    scenario = make_scenario(accounts, reps, seed)
    has = scenario.accounts
    weight = has.visits if column == "visit_minutes" else np.ones(accounts)
    values = getattr(has, column).astype(np.float64)
    rest = float((values * weight).sum() - values[LUMP] * weight[LUMP])
    values[LUMP] = rest * part / (1.0 - part) / weight[LUMP]
    return replace(scenario, accounts=replace(has, **{column: values}))


def apart(scenario: Scenario, owner: np.ndarray, amount: Floats, reps: int) -> float:
    """Largest deviation from one another of the seats that have not the lump."""
    sums = np.bincount(owner, amount, reps)[np.arange(reps) != owner[LUMP]]
    return float(np.abs(sums / sums.mean() - 1.0).max())


def evenest(amount: Floats, seats: int) -> float:
    """The least deviation from their mean of so many seats that share out all of the amounts, by an integer program."""
    n, mean = len(amount), float(amount.sum()) / seats
    once = np.zeros((n, n * seats + 1))
    for i in range(n):
        once[i, i * seats : (i + 1) * seats] = 1.0
    rows = []
    for j in range(seats):
        row = np.zeros(n * seats + 1)
        row[j : n * seats : seats] = amount / mean
        rows += [np.append(row[:-1], -1.0), np.append(-row[:-1], -1.0)]
    limits = LinearConstraint(np.array(rows), -np.inf, np.tile([1.0, -1.0], seats))
    kind = np.append(np.ones(n * seats), 0.0)
    goal = np.append(np.zeros(n * seats), 1.0)
    top = Bounds(0.0, np.append(np.ones(n * seats), np.inf))
    found = milp(
        goal, integrality=kind, bounds=top, constraints=[LinearConstraint(once, 1.0, 1.0), limits], options={"node_limit": 400}
    )
    return float(found.fun)


@pytest.mark.parametrize("seed", range(3))
def test_seats_beside_a_lump_are_as_even_as_an_integer_program_makes_them(seed: int) -> None:
    scenario = lumpy(24, 4, seed, "potential")
    design = design_territories(
        scenario,
        make_travel(scenario),
        start=make_design(scenario),
        metrics={"potential": 1.0},
        moves=200_000,
        calibrations=0,
    )
    potential = scenario.accounts.potential
    others = np.delete(potential, LUMP)
    assert apart(scenario, design.territory_of, potential, 4) <= max(0.05, evenest(others, 3)) + 0.02


@pytest.mark.parametrize("column", ["potential", "visit_minutes"])
@pytest.mark.parametrize("seed", range(2))
def test_seats_beside_a_lump_are_even_in_potential_and_workload(column: str, seed: int) -> None:
    scenario = lumpy(160, 4, seed, column)
    travel, start = make_travel(scenario), make_design(scenario)
    design = design_territories(scenario, travel, start=start, moves=200_000, calibrations=0)
    task = task_of(scenario, travel, start, Wishes())
    for m in range(2):
        amount = task.market.amount[np.arange(160), design.territory_of, m]
        assert apart(scenario, design.territory_of, amount, 4) <= 0.12


def test_the_lump_is_named_and_the_bound_is_told() -> None:
    scenario = lumpy(120, 4, 0, "potential")
    travel, start = make_travel(scenario), make_design(scenario)
    design = design_territories(scenario, travel, start=start, moves=200_000, calibrations=0)
    found = explain_design(scenario, travel, design, start, bound=True)
    told = [note for note in found.notes if note.startswith("potential cannot be even: account A0007 alone is 2")]
    assert len(told) == 1
    assert "the 3 others have " in told[0]
    assert found.bound is not None
    assert found.bound.feasible
    assert 0.0 < found.bound.hours <= found.metrics["hours"] + 1e-6


def test_two_lumps_and_a_third_that_is_one_only_beside_them_are_full_books() -> None:
    scenario = make_scenario(60, 5, 3)
    potential = np.ones(60)
    potential[[3, 9, 20]] = [900.0, 300.0, 40.0]  # beside the first two, 40 of 97 is more than a third
    scenario = replace(scenario, accounts=replace(scenario.accounts, potential=potential))
    problem = task_of(scenario, make_travel(scenario), None, Wishes(metrics={"potential": 1.0})).problem
    load = np.where(problem.seat >= 0, problem.load[:, :, 0], np.nan)
    assert (np.nanmax(load, axis=1) == 1.0).sum() == 3
    assert np.nansum(np.nanmin(load, axis=1)) == pytest.approx(5.0)


def test_a_closed_seat_with_little_does_not_keep_the_others_from_a_bound() -> None:
    from fieldsim.model import Lock

    plain = make_scenario(120, 4, 0)
    potential = np.where(np.arange(120) == 2, 0.0, plain.accounts.potential)
    scenario = replace(plain, accounts=replace(plain.accounts, potential=potential), locks=(Lock(2, "R03", only=True),))
    travel, start = make_travel(scenario), make_design(scenario)
    task = task_of(scenario, travel, start, Wishes())
    assert lower_bound(task.problem).feasible
    design = design_territories(scenario, travel, start=start, moves=100_000, calibrations=0)
    found = explain_design(scenario, travel, design, start, bound=True)
    assert found.bound is not None
    assert found.bound.feasible
    assert found.bound.hours <= found.metrics["hours"] + 1e-6


@pytest.mark.parametrize(("part", "blamed"), [(0.12, False), (0.25, True)])
def test_a_large_account_is_the_reason_only_where_its_seat_would_lack_without_it(part: float, blamed: bool) -> None:
    scenario = lumpy(60, 4, 1, "potential", part)
    potential, seat = scenario.accounts.potential, np.zeros(60, dtype=np.int64)
    for i in sorted(set(range(60)) - {LUMP}, key=lambda i: potential[i]):
        sums = np.bincount(seat[seat > 0], potential[seat > 0], 4)[1:]
        crowded = potential[seat == 0].sum() - potential[i] < 0.40 * potential.sum()
        seat[i] = 0 if crowded else 1 + int(sums.argmin())
    design = replace(make_design(scenario), territory_of=seat)
    found = explain_design(scenario, make_travel(scenario), design, design, wishes=Wishes(metrics={"potential": 1.0}))
    share = float(found.seats[0]["potential"])
    alone = 4.0 * float(potential[LUMP] / potential.sum())
    assert (share - alone < 1.0) is blamed
    (told,) = [note for note in found.notes if note.startswith("T01 has")]
    assert ("account A0007 alone is" in told) is blamed
