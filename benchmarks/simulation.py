"""How fast is a simulated quarter, against an ordinary SimPy model of the same rules, and how much does keyed luck save?"""

from __future__ import annotations

import argparse
import gc
import resource
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from fieldsim.kpi import measure
from fieldsim.model import Design, Ints, Quarter, Scenario, TravelMatrix
from fieldsim.simulation import Departures, Stage, restage, simulate_quarter, stage

TURNOVER = 0.27


def _tests() -> tuple[Any, Any, Any]:
    """The scenario, the plain plans and the readable model of the tests."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    return import_module("small"), import_module("simulation.plans"), import_module("simulation.reference")


class Plane:
    """Great-circle travel at 40 km/h, worked out for the places asked for and no others."""

    key = "plane"

    def __init__(self, scenario: Scenario) -> None:
        lat = np.radians([*scenario.accounts.lat, *(rep.lat for rep in scenario.reps)])
        lon = np.radians([*scenario.accounts.lon, *(rep.lon for rep in scenario.reps)])
        self.km = 6371.0 * np.stack([lat, lon * np.cos(lat.mean())])

    def matrix(self, points: Sequence[int] | Ints) -> TravelMatrix:
        """Times and metres between the places given."""
        y, x = self.km[:, np.asarray(points)]
        km = np.hypot(y[:, None] - y, x[:, None] - x)
        return TravelMatrix(np.ceil(km * 90.0).astype(np.int64)[None], np.round(km * 1000.0).astype(np.int64))

    def path(self, origin: int, destination: int) -> list[tuple[float, float]]:
        """No way is known."""
        raise NotImplementedError(f"no roads between {origin} and {destination}")


def _force(reps: int, accounts: int) -> tuple[Scenario, Design, Plane, Any]:
    """A force with about eight visits a rep and day: as many accounts a rep as asked for, each due twice a quarter or so."""
    small, plans, _ = _tests()
    scenario = small.make_scenario(accounts, reps)
    book = scenario.accounts
    due = 8 * 63 * reps
    visits = np.full(accounts, due // accounts, dtype=np.int64)
    visits[: due % accounts] += 1
    book = replace(book, visits=visits, visit_minutes=np.full(accounts, 22.0), opens=("",) * accounts)
    scenario = replace(scenario, accounts=book)
    return scenario, small.make_design(scenario), Plane(scenario), plans


def _seconds(run: Callable[[], object], times: int) -> float:
    """Processor time of the fastest of some runs: what others do on the machine only adds."""
    found = []
    for _ in range(times):
        start = time.process_time()
        run()
        found.append(time.process_time() - start)
    return min(found)


def _equal(fast: Quarter, slow: Any) -> bool:
    """Every visit the same to the second; every row of the ledger to nine digits of its time and seven of its money."""
    rows = np.array(slow.visits, dtype=np.int64)
    mine = np.stack([fast.visits[name].astype(np.int64) for name in fast.visits], axis=1)
    same = len(rows) == len(mine) and np.array_equal(rows[np.lexsort(rows.T)], mine[np.lexsort(mine.T)])
    names = ("account", "opportunity", "kind", "rep", "time", "amount", "revenue_share", "quota_credit")
    ledger = np.stack([fast.ledger[name].astype(np.float64) for name in names], axis=1)
    other = np.array(
        [(i, n, kind, rep, t, *rest) for t, i, kind, amount, rep, *shares, n in slow.ledger for rest in [(amount, *shares)]]
    )
    a, b = (x[np.lexsort((x[:, 4], x[:, 3], x[:, 2], x[:, 1], x[:, 0]))] for x in (ledger, other))
    return bool(same and a.shape == b.shape and np.allclose(a, b, rtol=1e-7, atol=1e-7))


def speed(reps: int, accounts: int, times: int) -> None:
    """Both models, interleaved, on the same stage, compared row by row."""
    reference = _tests()[2]
    scenario, design, travel, plans = _force(reps, accounts)
    planned = plans.make_plans(scenario, design, travel)
    made = stage(scenario, design, planned, travel, current=design)
    setting = _seconds(lambda: stage(scenario, design, planned, travel, current=design), 2)
    again = _seconds(lambda: restage(made, scenario, design, current=design), 2)
    days = len(made.field.days) - 1
    start = time.process_time()
    fast_log = simulate_quarter(made, seed=1, replication=0)
    first = time.process_time() - start
    fast, slow, same = [], [], True
    tables = reference.Tables(made)  # the ordinary model's own stage
    for replication in range(times):
        fast.append(_seconds(partial(simulate_quarter, made, seed=1, replication=replication), 7))
        gc.collect()
        gc.disable()  # of no use to this model, of much to the other
        ordinary = partial(_ordinary, reference, made, scenario, replication, tables)
        slow.append(_seconds(ordinary, 3))
        gc.enable()
        log = ordinary()
        same = same and _equal(simulate_quarter(made, seed=1, replication=replication), log)
    a, b = float(np.median(fast)), float(np.median(slow))
    visits, rows = len(fast_log.visits["rep"]), len(fast_log.ledger["time"])
    print(
        f"{reps} reps, {accounts} accounts, {days} rep-days, {visits} visits, {rows} rows of the ledger; processor time, one core"
    )
    print(f"  this model      {1e3 * a:9.1f} ms   {days / a:10.0f} rep-days/s   {1e6 * a / days:6.1f} us a rep-day")
    print(
        f"  ordinary SimPy  {1e3 * b:9.1f} ms   {days / b:10.0f} rep-days/s   ratio {b / a:.0f}   logs equal row by row: {same}"
    )
    print(f"  KPIs of a log   {1e3 * _seconds(lambda: measure(fast_log, scenario), 5):9.1f} ms")
    print(
        f"  stage {setting:.2f} s, other parameters on it {again:.2f} s, first run {first:.2f} s, most memory {_memory():.0f} MB"
    )


def _ordinary(reference: Any, made: Stage, scenario: Scenario, replication: int, tables: Any) -> Quarter:
    """One replication by the ordinary model."""
    log: Quarter = reference.Reference(made, scenario, 1, replication, tables=tables).run()
    return log


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


def luck(reps: int, accounts: int, replications: int) -> None:
    """Variance of the difference of two designs (8 % of the accounts moved), with keyed luck and with independent luck."""
    scenario, today, travel, plans = _force(reps, accounts)
    every = _moved(today, range(reps), 1, round(0.08 * accounts))
    few = _moved(today, range(max(1, reps // 4)), max(1, reps // 4), round(0.08 * accounts))
    planned = {id(design): plans.make_plans(scenario, design, travel) for design in (today, every, few)}
    print(f"{reps} reps, {accounts} accounts, 8 % of them moved, {replications} runs: the difference in revenue")
    for label, other, own, handover, rate in (
        ("net of the hand-over", every, {}, True, 0.0),
        ("gross", every, {}, False, 0.0),
        ("gross, reps of equal skill", every, {"skill_sigma": 0.0}, False, 0.0),
        ("net, turnover 27 %", every, {}, True, TURNOVER),
        ("gross, turnover 27 %", every, {}, False, TURNOVER),
        ("gross, out of a quarter of the seats", few, {}, False, 0.0),
        ("the same, reps of equal skill", few, {"skill_sigma": 0.0}, False, 0.0),
    ):
        named = replace(scenario, parameters=own)
        first, second = (
            stage(named, design, planned[id(design)], travel, current=today, handover=handover) for design in (today, other)
        )
        a, b, c = (_revenue(*what, replications, Departures(rate)) for what in ((first, 1), (second, 1), (second, 2)))
        keyed, apart = (b - a).std(ddof=1) / a.mean(), (c - a).std(ddof=1) / a.mean()
        print(f"  {label:36} independent {apart:8.3%}   keyed {keyed:8.3%}   variance ratio {(apart / keyed) ** 2:6.1f}")


def _moved(today: Design, seats: range, far: int, count: int) -> Design:
    """A design in which so many accounts of some seats go to the seat so far behind."""
    mine = np.flatnonzero(np.isin(today.territory_of, list(seats)))
    moved = np.random.default_rng(8).permutation(mine)[:count]
    territory_of = today.territory_of.copy()
    territory_of[moved] = (territory_of[moved] + far) % len(today.territories)
    return Design("other", today.territories, territory_of, today.rep_of)


def _revenue(made: Stage, seed: int, replications: int, leaving: Departures) -> Any:
    """Team revenue by replication."""
    found = []
    for replication in range(replications):
        ledger = simulate_quarter(made, seed=seed, replication=replication, departures=leaving).ledger
        found.append(float(np.dot(ledger["amount"].astype(np.float64), ledger["revenue_share"].astype(np.float64))))
    return np.array(found)


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks simulation", description=__doc__)
    parser.add_argument("part", nargs="?", choices=("speed", "luck"), help="one part only")
    parser.add_argument("--reps", type=int, default=100)
    parser.add_argument("--accounts", type=int, default=25_000)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--replications", type=int, default=60)
    chosen = parser.parse_args(argv)
    if chosen.part != "luck":
        speed(chosen.reps, chosen.accounts, chosen.times)
    if chosen.part != "speed":
        luck(max(2, chosen.reps // 5), chosen.accounts // 5, chosen.replications)
