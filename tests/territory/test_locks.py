"""Locks hold under every method, and locks that contradict something are named."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small import make_design, make_scenario, make_travel

from fieldsim.errors import DataError, InfeasibleError
from fieldsim.model import Design, Lock, Rule, Scenario
from fieldsim.territory import DESIGNERS, Wishes, design_territories, explain_design
from fieldsim.territory.locks import broken_locks, kept_locks
from fieldsim.turnover import POLICIES, hand_over


def ready(n: int = 60, reps: int = 4, seed: int = 1, locks: tuple[Lock, ...] = ()) -> Scenario:
    """Areas for a geographic cut, a rule for a hybrid, and locks."""
    scenario = make_scenario(n, reps, seed)
    areas = tuple(f"Z{int(lat * 50) % 7}" for lat in scenario.accounts.lat)
    rules = (Rule("all", {}, tuple(rep.id for rep in scenario.reps)),)
    return replace(scenario, accounts=replace(scenario.accounts, postal_code=areas), rules=rules, locks=locks)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(sorted(DESIGNERS)), st.data())
def test_locks_are_kept_by_every_method(seed: int, method: str, data: st.DataObject) -> None:
    bound = data.draw(st.dictionaries(st.integers(0, 59), st.sampled_from(["", "R02", "T03", "R04"]), max_size=12))
    scenario = ready(seed=seed, locks=tuple(Lock(i, seat) for i, seat in sorted(bound.items())))
    start = make_design(scenario)
    design = design_territories(scenario, make_travel(scenario), method, start=start, moves=20_000, calibrations=0)
    for i, seat in bound.items():
        assert int(design.owner[i]) == (int(seat[1:]) - 1 if seat else int(start.owner[i]))
    assert broken_locks(scenario, design, start) == ()


@pytest.mark.parametrize("method", sorted(DESIGNERS))
def test_a_territory_that_stays_as_it_is_gives_and_takes_nothing(method: str) -> None:
    scenario = ready(locks=(Lock(None, "T02"),))
    start = make_design(scenario)
    design = design_territories(scenario, make_travel(scenario), method, start=start, moves=20_000, calibrations=0)
    assert (design.owner == 1).tolist() == (start.owner == 1).tolist()


@pytest.mark.parametrize("method", sorted(set(DESIGNERS) - {"rebalance"}))
def test_a_seat_with_a_list_has_that_list(method: str) -> None:
    mine = (3, 5, 8, 13, 21)
    scenario = ready(locks=tuple(Lock(i, "R03", only=i == 3) for i in mine))
    design = design_territories(
        scenario, make_travel(scenario), method, start=make_design(scenario), moves=20_000, calibrations=0
    )
    assert tuple(np.flatnonzero(design.owner == 2).tolist()) == mine


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_others_are_even_beside_a_seat_that_has_a_short_list(seed: int) -> None:
    scenario = replace(make_scenario(120, 4, seed), locks=tuple(Lock(i, "R03", only=True) for i in (2, 6, 10)))
    design = design_territories(scenario, make_travel(scenario), start=make_design(scenario), moves=100_000, calibrations=0)
    sums = np.bincount(design.territory_of, scenario.accounts.potential, 4)[[0, 1, 3]]
    assert np.abs(sums / sums.mean() - 1.0).max() <= 0.07


def beside_an_empty_seat(n: int, seed: int) -> tuple[Scenario, Design]:
    """Four seats, of which the second stays as it is and has nothing; the last one has half of all accounts."""
    scenario = ready(n, 4, seed, locks=(Lock(None, "T02"),))
    start = make_design(scenario)
    return scenario, replace(start, territory_of=np.where(start.territory_of == 1, 3, start.territory_of))


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("method", ["balanced", "fewest", "hybrid", "rebalance"])
def test_an_empty_territory_that_stays_as_it_is_is_no_part_of_the_balance(method: str, strict: bool) -> None:
    scenario, start = beside_an_empty_seat(120, 2)
    travel = make_travel(scenario)
    design = design_territories(scenario, travel, method, start=start, calibrations=1, metrics={"potential": 1.0}, strict=strict)
    sums = np.bincount(design.territory_of, scenario.accounts.potential, 4)
    assert sums[1] == 0.0
    off = np.abs(sums[[0, 2, 3]] / sums[[0, 2, 3]].mean() - 1.0).max()
    assert off <= 0.06
    found = explain_design(scenario, travel, design, start, wishes=Wishes(metrics={"potential": 1.0}), bound=True)
    assert found.metrics["imbalance_potential"] == pytest.approx(off)
    assert [seat["potential"] for seat in found.seats] == pytest.approx((sums / sums[[0, 2, 3]].mean()).tolist())
    assert not [note for note in found.notes if note.startswith("T02")]
    assert found.bound is not None
    assert 0.0 <= found.bound.hours <= found.metrics["hours"]


def test_a_family_is_not_drawn_into_a_territory_that_stays_as_it_is() -> None:
    scenario = ready(locks=(Lock(None, "T01"),))
    parents = tuple("Group" if i % 6 == 5 else "" for i in range(60))
    scenario = replace(scenario, accounts=replace(scenario.accounts, parent=parents))
    start = make_design(scenario)
    design = design_territories(scenario, make_travel(scenario), start=start, moves=20_000, calibrations=0)
    assert (design.owner == 0).tolist() == (start.owner == 0).tolist()
    outside = [i for i in range(60) if parents[i] and start.owner[i] != 0]
    assert len({int(design.owner[i]) for i in outside}) == 1


@pytest.mark.parametrize("policy", sorted(POLICIES))
def test_a_hand_over_leaves_a_territory_as_it_is(policy: str) -> None:
    scenario = ready(locks=(Lock(None, "T04"), Lock(1, ""), Lock(2, "R03")))
    start = make_design(scenario)
    after = hand_over(scenario, make_travel(scenario), start, "R02", policy)
    assert (after.owner == 3).tolist() == (start.owner == 3).tolist()
    assert after.owner[2] == 2


@pytest.mark.parametrize(
    ("locks", "error", "says"),
    [
        ((Lock(1, "R9"),), DataError, r"account 'A0001' is locked to 'R9', which is no seat"),
        ((Lock(None, "T9"),), DataError, r"a territory is locked to 'T9'"),
        (
            (Lock(None, "T02"), Lock(1, "R03")),
            InfeasibleError,
            "'A0001' is locked to T03, but it is in T02, which stays as it is",
        ),
        ((Lock(None, "T02"), Lock(2, "R02")), InfeasibleError, "'A0002' is locked to T02, but that territory stays as it is"),
        (
            (Lock(1, "R02", only=True), Lock(5, "")),
            InfeasibleError,
            "'A0005' is locked in T02, which takes only the accounts listed",
        ),
    ],
)
def test_locks_that_contradict_one_another_are_named(locks: tuple[Lock, ...], error: type[Exception], says: str) -> None:
    scenario = ready(locks=locks)
    with pytest.raises(error, match=says):
        design_territories(scenario, make_travel(scenario), start=make_design(scenario))


def test_a_lock_against_the_accounts_own_column_is_named() -> None:
    scenario = ready(locks=(Lock(1, "R03"),))
    scenario = replace(scenario, accounts=replace(scenario.accounts, locked=np.arange(60) == 1))
    with pytest.raises(InfeasibleError, match="'A0001' is locked to T03, but it is in T02, where the column locked keeps it"):
        design_territories(scenario, make_travel(scenario), start=make_design(scenario))


def test_a_lock_against_a_rule_is_named() -> None:
    scenario = replace(
        ready(locks=(Lock(1, "R03"),)),
        rules=(Rule("most", {"industry": ("health",)}, ("R01",)), Rule("rest", {}, ("R02", "R03", "R04"))),
    )
    with pytest.raises(InfeasibleError, match="account 'A0001' is locked to T03, but rule 'most' does not allow it"):
        design_territories(scenario, make_travel(scenario), "hybrid", start=make_design(scenario))


def test_a_lock_to_a_rep_who_leaves_is_named() -> None:
    scenario = ready(locks=(Lock(1, "R02"),))
    with pytest.raises(InfeasibleError, match="'A0001' is locked to R02, who has no seat"):
        design_territories(scenario, make_travel(scenario), start=make_design(scenario), vacate=["R02"])


def test_locks_a_design_does_not_keep_to_are_told_and_void() -> None:
    scenario = ready(locks=(Lock(1, "R02"), Lock(2, "R01"), Lock(None, "T04")))
    start = make_design(scenario)
    assert kept_locks(scenario, start) == (scenario.locks[0], scenario.locks[2])
    assert broken_locks(scenario, start, start) == ("not kept: the lock on R01 in locks.csv, account 'A0002' is in T03",)
