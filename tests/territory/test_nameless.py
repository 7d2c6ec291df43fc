"""Names decide nothing: accounts, reps, territories and families called otherwise, in any order, get the same designs."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from small import PlainTravel, make_scenario, make_travel

from fieldsim.model import Accounts, Design, Lock, Overlay, Scenario
from fieldsim.territory import Wishes, cost_curve, design_territories, seats_needed, split_territory
from fieldsim.turnover import hand_over


def renamed(scenario: Scenario, start: Design, seed: int) -> tuple[Scenario, Design, np.ndarray, dict[str, str]]:
    """All names drawn anew, so that everything sorts differently; and the way back of accounts and territories."""
    rng = np.random.default_rng(seed)
    account, rep, seat = (rng.permutation(k) for k in (len(scenario.accounts), len(scenario.reps), len(start.territories)))
    columns = {"ids": scenario.accounts.ids}
    for field in fields(Accounts):
        column = getattr(scenario.accounts, field.name)
        if isinstance(column, np.ndarray):
            columns[field.name] = column[account]
        elif field.name != "ids" and isinstance(column, tuple) and column:
            columns[field.name] = tuple(column[i] for i in account.tolist())
    columns["parent"] = tuple(word and f"family {hash_of(word, seed)}" for word in columns["parent"])
    reps = tuple(replace(scenario.reps[k], id=f"P{n:02d}") for n, k in enumerate(rep.tolist()))
    names = tuple(f"S{n:02d}" for n in range(len(seat)))
    new_rep, place, new_account = np.argsort(rep), np.argsort(seat), np.argsort(account)
    called = {start.territories[t]: names[n] for n, t in enumerate(seat.tolist())}
    called |= {scenario.reps[k].id: f"P{n:02d}" for n, k in enumerate(rep.tolist())}
    locks = tuple(Lock(int(new_account[lock.account or 0]), called[lock.seat], lock.only) for lock in scenario.locks)
    overlays = tuple(replace(o, account=int(new_account[o.account]), rep=int(new_rep[o.rep])) for o in start.overlays)
    rep_of = np.where(start.rep_of[seat] >= 0, new_rep[start.rep_of[seat]], -1)
    other = Design(start.name, names, place[start.territory_of[account]], rep_of, overlays)
    changed = replace(scenario, accounts=Accounts(**columns), reps=reps, locks=locks)  # type: ignore[arg-type]
    return changed, other, account, called


def hash_of(word: str, seed: int) -> int:
    return sum(ord(letter) * (seed + 3) ** k for k, letter in enumerate(word)) % 99_991


def books(design: Design, account: np.ndarray | None = None) -> set[frozenset[int]]:
    """What belongs together, by the accounts' first positions."""
    first = np.arange(len(design.territory_of)) if account is None else account
    return {frozenset(first[design.territory_of == t].tolist()) for t in range(len(design.territories))} - {frozenset()}


def crowded(kind: str) -> tuple[Scenario, Design]:
    """A team of five, one seat vacant, on a grid, in a few places, or anywhere, with families, a lock and a specialist."""
    scenario = make_scenario(64, 5, seed=4)
    accounts, k = scenario.accounts, np.arange(64)
    families = tuple(f"P{i % 9}" if i % 3 else "" for i in range(64))
    if kind == "grid":
        accounts = replace(accounts, lat=-30.0 + 0.02 * (k // 8), lon=-71.2 + 0.02 * (k % 8))
    if kind == "places":
        accounts = replace(accounts, lat=-30.0 + 0.05 * (k % 5), lon=-71.2 + 0.04 * (k % 3), potential=np.full(64, 7.0))
        scenario = replace(scenario, reps=tuple(replace(rep, lat=-30.0, lon=-71.2) for rep in scenario.reps))
    accounts = replace(accounts, parent=families, revenue_last_year=np.full(64, 3.0))
    dealt = np.where(k < 20, 0, (k // 5) % 5)
    start = Design("today", tuple(f"T{t}" for t in range(5)), dealt, np.array([0, 1, 2, 3, -1]), (Overlay(7, 2, 0.5, 1.0, 0.4),))
    return replace(scenario, accounts=accounts, locks=(Lock(3, "T1"), Lock(40, "R03"))), start


def asked(way: str, scenario: Scenario, start: Design, travel: PlainTravel, called: dict[str, str]) -> Design:
    """A design by a method, a policy, or a split."""
    kind, _, name = way.partition(" ")
    if kind == "split":
        return split_territory(scenario, travel, start, called["T0"])
    if kind == "vacate":
        return hand_over(scenario, travel, start, called["R02"], name)
    fewer = [called["R04"]] if kind == "without" else []
    return design_territories(
        scenario,
        travel,
        name,
        start=start,
        tolerance=0.1,
        moves=60_000,
        vacate=fewer,
        strict=kind == "strict",
        budget=9,
        by="tier",
    )


WAYS = ("by balanced", "strict balanced", "by rebalance", "by fewest", "by segment", "by geographic", "without balanced")
HANDED = ("vacate balanced", "vacate reoptimise", "vacate nearest", "split")


@pytest.mark.parametrize("kind", ["grid", "places", "anywhere"])
@pytest.mark.parametrize("way", WAYS + HANDED)
def test_names_decide_nothing(kind: str, way: str) -> None:
    scenario, start = crowded(kind)
    same = {name: name for name in (*start.territories, *(rep.id for rep in scenario.reps))}
    found = asked(way, scenario, start, make_travel(scenario), same)
    for seed in (1, 2):
        other, moved, account, called = renamed(scenario, start, seed)
        again = asked(way, other, moved, make_travel(other), called)
        assert list(again.territories) == sorted(again.territories)
        assert books(again, account) == books(found)
        if kind == "anywhere":  # elsewhere the reps live in one place
            back = {new: old for old, new in called.items()}
            owners = [back[other.reps[k].id] if k >= 0 else "" for k in again.owner.tolist()]
            assert dict(zip(account.tolist(), owners, strict=True)) == {
                i: scenario.reps[k].id if k >= 0 else "" for i, k in enumerate(found.owner.tolist())
            }


@pytest.mark.parametrize("kind", ["moves", "sizing"])
def test_names_decide_nothing_in_a_curve(kind: str) -> None:
    scenario, start = crowded("anywhere")
    other, moved, _, _ = renamed(scenario, start, 1)
    wishes = Wishes(moves=20_000)
    one = cost_curve(scenario, make_travel(scenario), start, kind, wishes=wishes, bound=False).points
    two = cost_curve(other, make_travel(other), moved, kind, wishes=wishes, bound=False).points
    assert [point.hours for point in two] == pytest.approx([point.hours for point in one], abs=1e-9)
    assert [point.moved_accounts for point in two] == [point.moved_accounts for point in one]
    wishes = Wishes(metrics={"workload": 1.0})
    assert seats_needed(other, make_travel(other), moved, wishes) == seats_needed(scenario, make_travel(scenario), start, wishes)
