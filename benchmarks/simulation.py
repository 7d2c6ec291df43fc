"""How fast is a simulated quarter, against an ordinary SimPy model of the same rules, and how much does keyed luck save?"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from fieldsim.kpi import measure
from fieldsim.model import Design, Scenario
from fieldsim.simulation import Stage, simulate_quarter, stage


def _tests() -> tuple[Any, Any, Any]:
    """The scenario, the plain plans and the readable model of the tests."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    return import_module("small"), import_module("simulation.plans"), import_module("simulation.reference")


def _force(reps: int, accounts: int) -> tuple[Scenario, Design, Any, Any]:
    """A force with about eight visits a rep and day: as many accounts a rep as asked for, each due twice a quarter or so."""
    small, plans, _ = _tests()
    scenario = small.make_scenario(accounts, reps)
    book = scenario.accounts
    due = 8 * 63 * reps
    visits = np.full(accounts, due // accounts, dtype=np.int64)
    visits[: due % accounts] += 1
    book = replace(book, visits=visits, visit_minutes=np.full(accounts, 22.0), opens=("",) * accounts)
    scenario = replace(scenario, accounts=book)
    return scenario, small.make_design(scenario), small.make_travel(scenario), plans


def _median(run: Callable[[], object], times: int) -> float:
    found = []
    for _ in range(times):
        start = time.perf_counter()
        run()
        found.append(time.perf_counter() - start)
    return float(np.median(found))


def _stage(scenario: Scenario, design: Design, travel: Any, plans: Any, current: Design) -> Stage:
    return stage(scenario, design, plans.make_plans(scenario, design, travel), travel, current=current)


def speed(reps: int, accounts: int, times: int) -> None:
    """Both models, interleaved, on the same stage; equality of their visits is checked on the way."""
    reference = _tests()[2]
    scenario, design, travel, plans = _force(reps, accounts)
    made = _stage(scenario, design, travel, plans, design)
    days = len(made.field.days) - 1
    fast_log = simulate_quarter(made, seed=1, replication=0)
    fast, slow, slow_log = [], [], None
    for _ in range(times):
        fast.append(_median(lambda: simulate_quarter(made, seed=1, replication=0), 5))
        start = time.perf_counter()
        slow_log = reference.Reference(made, scenario, 1, 0).run()
        slow.append(time.perf_counter() - start)
    assert slow_log is not None
    same = len(slow_log.visits) == len(fast_log.visits["rep"]) and len(slow_log.ledger) == len(fast_log.ledger["time"])
    a, b = float(np.median(fast)), float(np.median(slow))
    visits, rows = len(fast_log.visits["rep"]), len(fast_log.ledger["time"])
    print(f"{reps} reps, {accounts} accounts, {days} rep-days, {visits} visits, {rows} rows of the ledger")
    print(f"  this model      {1e3 * a:9.1f} ms   {days / a:10.0f} rep-days/s   {1e6 * a / days:6.1f} us a rep-day")
    print(f"  ordinary SimPy  {1e3 * b:9.1f} ms   {days / b:10.0f} rep-days/s   ratio {b / a:.0f}, logs equal in length: {same}")
    print(f"  KPIs of a log   {1e3 * _median(lambda: measure(fast_log, scenario), 5):9.1f} ms")


def luck(reps: int, accounts: int, replications: int) -> None:
    """Variance of the difference of two designs (8 % of the accounts moved), with keyed luck and with independent luck.

    A rep's skill is drawn anew in each replication, so who gets an account is itself uncertain; the last line does without.
    """
    scenario, today, travel, plans = _force(reps, accounts)
    territory_of = today.territory_of.copy()
    moved = np.arange(0, accounts, 12)
    territory_of[moved] = (territory_of[moved] + 1) % reps
    other = Design("other", today.territories, territory_of, today.rep_of)
    print(f"{reps} reps, {accounts} accounts, {len(moved)} moved, {replications} runs: the difference in revenue")
    for label, own, handover in (
        ("net", {}, True),
        ("gross", {}, False),
        ("gross, reps of equal skill", {"skill_sigma": 0.0}, False),
    ):
        named = replace(scenario, parameters=own)
        stages = [
            stage(named, design, plans.make_plans(named, design, travel), travel, current=today, handover=handover)
            for design in (today, other)
        ]
        a, b, c = (
            np.array([measure(simulate_quarter(one, seed=seed, replication=r), named)["revenue"] for r in range(replications)])
            for one, seed in ((stages[0], 1), (stages[1], 1), (stages[1], 2))
        )
        keyed, apart = (b - a).std(ddof=1) / a.mean(), (c - a).std(ddof=1) / a.mean()
        print(f"  {label:28} independent {apart:8.3%}   keyed {keyed:8.3%}   variance ratio {(apart / keyed) ** 2:6.1f}")


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks simulation", description=__doc__)
    parser.add_argument("--reps", type=int, default=100)
    parser.add_argument("--accounts", type=int, default=25_000)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--replications", type=int, default=60)
    chosen = parser.parse_args(argv)
    speed(chosen.reps, chosen.accounts, chosen.times)
    luck(max(2, chosen.reps // 5), chosen.accounts // 5, chosen.replications)
