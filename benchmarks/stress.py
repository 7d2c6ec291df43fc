"""How long does a turnover stress test of a large force take, and how much memory?

    python -m benchmarks stress [--reps 1000] [--accounts 40] [--policies 4] [--replications 50] [--many] [--afresh]

A made-up force on a grid of towns with plain plans (planning is timed by `benchmarks plan`), one quarter, turnover 27 % a year.
Prints the seconds of each step, the memory of all processes together, and with `--many` the same with 20 policies.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import numpy as np

from benchmarks._afresh import afresh
from benchmarks._meter import processor_s, timed, watched
from fieldsim.experiment import Stress, handing, market, stress_turnover
from fieldsim.model import Design, Ints, Scenario, TravelMatrix
from fieldsim.store import Store
from fieldsim.turnover import POLICIES, HandOver, Policy, Vacancy

RATE = 0.27
VISITS = 480
"""Visits due a rep and quarter."""


class Plane:
    """Straight-line travel at 50 km/h with a detour of 1.3."""

    def __init__(self, scenario: Scenario) -> None:
        accounts = scenario.accounts
        lat = np.array([*accounts.lat.tolist(), *(rep.lat for rep in scenario.reps)])
        lon = np.array([*accounts.lon.tolist(), *(rep.lon for rep in scenario.reps)])
        self.km = np.column_stack((111.2 * lat, 111.2 * lon * np.cos(np.radians(lat.mean()))))
        self.key = f"plane-{len(lat)}-{self.km.sum()!r}"

    def matrix(self, points: Sequence[int] | Ints) -> TravelMatrix:
        """Times and metres between the points."""
        here = self.km[np.asarray(points, dtype=np.int64)]
        metres = 1300.0 * np.hypot(*(here[:, None] - here[None]).transpose(2, 0, 1))
        return TravelMatrix(np.ceil(metres / (50.0 / 3.6)).astype(np.int64)[None], np.round(metres).astype(np.int64))

    def path(self, origin: int, destination: int) -> list[tuple[float, float]]:  # noqa: ARG002
        """Nobody draws it."""
        return []


def force(reps: int, accounts_each: int) -> tuple[Scenario, Design]:
    """Reps on a grid of about 30 km, each with accounts around home; so many visits that their quarters are full."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    scenario: Scenario = import_module("small").make_scenario(reps * accounts_each, reps)
    rng, side = np.random.default_rng(7), int(np.ceil(np.sqrt(reps)))
    lat = -30.0 - 0.27 * (np.arange(reps) // side) + rng.uniform(-0.05, 0.05, reps)
    lon = -71.0 + 0.31 * (np.arange(reps) % side) + rng.uniform(-0.05, 0.05, reps)
    owner = np.repeat(np.arange(reps, dtype=np.int64), accounts_each)
    people = tuple(replace(rep, lat=float(lat[k]), lon=float(lon[k])) for k, rep in enumerate(scenario.reps))
    each = VISITS // accounts_each
    book = replace(
        scenario.accounts,
        lat=lat[owner] + rng.normal(0.0, 0.08, len(owner)),
        lon=lon[owner] + rng.normal(0.0, 0.08, len(owner)),
        visits=np.full(len(owner), max(1, each), dtype=np.int64),
        visit_minutes=np.full(len(owner), 22.0),
        opens=("",) * len(owner),
    )
    names = tuple(rep.id for rep in people)
    order = sorted(range(reps), key=names.__getitem__)
    turned = np.argsort(order)
    design = Design("today", tuple(names[k] for k in order), turned[owner].astype(np.int64), np.array(order, dtype=np.int64))
    return replace(scenario, accounts=book, reps=people), design


def some_policies(count: int) -> list[str | Policy]:
    """The four of the house, then more that hand over to the k-th nearest rep of each account."""

    def kth(k: int) -> Policy:
        def policy(vacancy: Vacancy) -> HandOver:
            orphans, takers = vacancy.orphans, vacancy.takers
            way = vacancy.force.task.ways.home_s[orphans][:, takers]
            changed = vacancy.territory_of.copy()
            changed[orphans] = takers[np.argsort(way, axis=1, kind="stable")[:, min(k, len(takers) - 1)]]
            return HandOver(changed)

        policy.__name__ = f"nearest_{k + 1}"
        return policy

    house: list[str | Policy] = [*handing.DEFAULT, "nearest_rep"]
    return [*house, *(kth(k) for k in range(1, count))][:count]


def run(scenario: Scenario, design: Design, policies: Sequence[str | Policy], replications: int, workers: int) -> Stress:
    """The whole question without its planning, memory looked at on the way."""
    with tempfile.TemporaryDirectory() as folder, watched() as used:
        stress = stress_turnover(
            scenario,
            design,
            Plane(scenario),
            policies,
            rate=RATE,
            horizon=1,
            replications=replications,
            workers=workers,
            store=Store(Path(folder)),
            progress=_steps(),
        )
    what = f"{len(policies)} policies x {replications} replications, all of it"
    print(f"  {what:42} {used.seconds:8.1f} s {used.processor_s:8.1f} s of processor   peak {used.peak_gb:.2f} GB", flush=True)
    return stress


def _steps() -> Callable[[str, int, int], None]:
    """Progress that prints each step's seconds as it ends; what came before its first step counts as a step too."""
    began: dict[str, tuple[float, float]] = {"who takes over, stages": (time.perf_counter(), processor_s())}

    def ended(what: str) -> None:
        seconds, used = (b - a for a, b in zip(began.pop(what), (time.perf_counter(), processor_s()), strict=True))
        print(f"  {what:42} {seconds:8.1f} s {used:8.1f} s of processor", flush=True)

    def progress(what: str, done: int, total: int) -> None:
        if what not in began and "who takes over, stages" in began:
            ended("who takes over, stages")
        began.setdefault(what, (time.perf_counter(), processor_s()))
        if done == total:
            ended(what)

    return progress


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks stress", description=__doc__)
    parser.add_argument("--reps", type=int, default=1000)
    parser.add_argument("--accounts", type=int, default=40, help="a rep")
    parser.add_argument("--policies", type=int, default=4)
    parser.add_argument("--replications", type=int, default=50)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--many", action="store_true", help="20 policies too")
    parser.add_argument("--afresh", action="store_true", help="only: insertion of a leaver's visits against planning afresh")
    asked = parser.parse_args(argv)
    if asked.afresh:
        afresh()
        return
    scenario, design = timed("make the force", lambda: force(asked.reps, asked.accounts))
    plans = import_module("simulation.plans")
    made = timed("plain plans", lambda: plans.make_plans(scenario, design, Plane(scenario)))
    market.plan_quarters = lambda *_, **__: tuple(made)
    print(f"{asked.reps} reps, {len(scenario.accounts)} accounts, one quarter, turnover {RATE:.0%} a year")
    stress = run(scenario, design, some_policies(asked.policies), asked.replications, asked.workers)
    print(f"  {stress.summary()}")
    if asked.many:
        run(scenario, design, some_policies(20), asked.replications, asked.workers)
    assert set(POLICIES) >= set(handing.DEFAULT)
