"""What a replication promises: same seed same log, no looking ahead, luck that stays with its account, events that matter."""

from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simulation.setting import make_stage, of_account, quiet, same, simulate
from small import make_design, make_scenario

from fieldsim.model import Design, Overlay
from fieldsim.simulation import Departures, clock, memory, simulate_quarter


def moved(design: Design, account: int, territory: int) -> Design:
    territory_of = design.territory_of.copy()
    territory_of[account] = territory
    return Design("moved", design.territories, territory_of, design.rep_of)


def test_the_same_seed_gives_the_same_log_on_any_worker() -> None:
    stage = make_stage(make_scenario(60))
    first = simulate_quarter(stage, seed=4, replication=2)
    again = simulate_quarter(pickle.loads(pickle.dumps(stage)), seed=4, replication=2)
    assert same(first, again)
    assert not same(first, simulate_quarter(stage, seed=4, replication=3))
    assert not same(first, simulate_quarter(stage, seed=5, replication=2))


def test_one_quarter_is_the_beginning_of_four() -> None:
    one, four = simulate(60, quarters=1), simulate(60, quarters=4)
    assert one.days == 92
    for table, day in (("visits", "date"), ("minutes", "date"), ("ledger", "time")):
        first, whole = getattr(one, table), getattr(four, table)
        keep = whole[day] <= 92 if table == "ledger" else whole[day] < 92
        for name in first:
            assert np.array_equal(first[name], whole[name][keep]), (table, name)


def test_the_days_of_the_dispatcher_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    once = simulate(60)

    def weekly(env, run):  # type: ignore[no-untyped-def]
        for day in [*range(7, run.stage.days, 7), run.stage.days]:
            yield env.timeout(day - env.now)
            clock.advance_all(run.desk, env.now)

    monkeypatch.setitem(clock.PROCESSES, "opportunities", weekly)
    often = simulate(60)
    assert same(once, often, ("visits", "minutes"))
    assert np.array_equal(once.ledger["kind"], often.ledger["kind"])
    for name in ("time", "amount"):
        assert np.allclose(once.ledger[name], often.ledger[name], rtol=1e-9)


@pytest.mark.parametrize("process", list(clock.PROCESSES))
def test_taking_away_a_kind_of_event_changes_the_answer(monkeypatch: pytest.MonkeyPatch, process: str) -> None:
    scenario = make_scenario(60, 4)
    late = replace(scenario.reps[1], start=scenario.start + timedelta(days=20))
    scenario = replace(scenario, reps=(scenario.reps[0], late, *scenario.reps[2:]))
    today, other = (make_design(make_scenario(60, 3), "other", shift) for shift in (0, 1))
    other = replace(other, overlays=tuple(Overlay(i, 3, 0.4, 0.5, 0.5) for i in range(0, 60, 6)))
    stage = make_stage(scenario, other, current=today)
    leaving = Departures(given=((0, 30.0),)) if process == "departures" else None
    whole = simulate_quarter(stage, seed=1, replication=0, departures=leaving)
    monkeypatch.delitem(clock.PROCESSES, process)
    assert not same(whole, simulate_quarter(stage, seed=1, replication=0, departures=leaving), ("visits", "ledger"))


@pytest.mark.parametrize(
    "name", ["missed_share", "travel_cv", "visit_cv", "opportunities_per_quarter", "annual_churn", "sick_share"]
)
def test_taking_away_a_kind_of_luck_changes_the_answer(name: str) -> None:
    assert not same(simulate(60), simulate(60, parameters={name: 0.0}), ("visits", "ledger"))


def test_without_luck_seeds_do_not_matter_to_the_days() -> None:
    assert same(simulate(parameters=quiet(), seed=1), simulate(parameters=quiet(), seed=2), ("visits", "minutes"))


def test_equal_designs_under_two_names_give_equal_logs() -> None:
    scenario = make_scenario(60)
    today = make_design(scenario)
    twin = make_stage(scenario, Design("twin", today.territories, today.territory_of.copy(), today.rep_of.copy()), current=today)
    assert same(simulate_quarter(make_stage(scenario), seed=1, replication=0), simulate_quarter(twin, seed=1, replication=0))


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 59), st.integers(0, 50))
def test_moving_one_account_leaves_the_luck_of_all_others(account: int, seed: int) -> None:
    scenario = make_scenario(
        60, parameters={**quiet(), "opportunities_per_quarter": 2.0, "annual_churn": 0.3, "missed_share": 0.1}
    )
    today = make_design(scenario)
    other = moved(today, account, int(today.territory_of[account] + 1) % 3)
    a = simulate_quarter(make_stage(scenario, current=today), seed=seed, replication=0)
    b = simulate_quarter(make_stage(scenario, other, current=today), seed=seed, replication=0)
    for i in range(60):
        if today.territory_of[i] != today.territory_of[account] and other.territory_of[i] != other.territory_of[account]:
            assert of_account(a, i) == of_account(b, i)
            assert of_account(a, i, "visits") == of_account(b, i, "visits")
        elif i != account:  # same luck, though the days around it run differently
            opened = [[row for row in of_account(q, i) if row[2] == 1 and row[-1] < 0] for q in (a, b)]
            assert opened[0] == opened[1]


def test_adding_accounts_leaves_the_opening_of_the_others() -> None:
    few, many = simulate(30, reps=1), simulate(36, reps=1)
    for i in range(30):
        before = [[row for row in of_account(q, i) if row[-1] < 0] for q in (few, many)]
        assert [r[1:] for r in before[0]] == [r[1:] for r in before[1]]


def test_what_an_earlier_replication_left_in_memory_does_not_matter() -> None:
    stage = make_stage(make_scenario(60))
    first = simulate_quarter(stage, seed=1, replication=0)
    for filling in (0, 255):
        for spare in memory._spare.values():
            spare[:] = filling
        assert same(first, simulate_quarter(stage, seed=1, replication=0))


def test_small_buffers_give_the_same_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = make_stage(make_scenario(60))
    whole = simulate_quarter(stage, seed=1, replication=0)

    def tiny(stage, seed, replication, rows):  # type: ignore[no-untyped-def]
        world = clock_new_world(stage, seed, replication, rows)
        return world._replace(pool=world.pool[: 4 * rows], ledger=world.ledger[: 50 * rows])

    clock_new_world = clock.new_world
    monkeypatch.setattr(clock, "new_world", tiny)
    assert same(whole, simulate_quarter(stage, seed=1, replication=0))
