"""Do reps regain 5 hours a week, or 15 to 25 % of productivity, by a routed visit plan instead of common practice?

    python -m benchmarks claims [--replications 20] [--design today]

The same design, the same visits due, the same luck; only the plan differs. No practice is known to be the one a vendor compares
with, so there are three, from fair to careless: each weekday its sector of the compass, and next the stop that can start soonest;
the same with stops in the order of the account list; and visits spread evenly without regard to place, in the order of the list.
A day by hand keeps opening hours, lunch and shift, and puts off by up to a week what does not fit. What routing alone regains is
asked of the very days made by hand, each in its best order; what planning adds, of fieldsim's own plan of the quarter.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np

from benchmarks._practice import practice_plan, routed_plan
from fieldsim import api
from fieldsim.experiment.statistics import Floats, estimate
from fieldsim.kpi import measure
from fieldsim.model import Quarter, Scenario
from fieldsim.planning import plan_quarter
from fieldsim.simulation import simulate_quarter, stage
from fieldsim.store import Store

SCENARIO = Path(__file__).parents[1] / "scenarios" / "coquimbo"
PRACTICES = {
    "sectors, soonest next": ("next", True),
    "sectors, list order": ("list", True),
    "no sectors, list order": ("list", False),
}
ROUTED, OURS = ", routed", "fieldsim, quick"
COLUMNS = ("travel h", "visits", "selling h", "min a visit", "overtime h", "coverage", "revenue")
"""The first three and overtime by rep and week of five days worked; `min a visit` is travel for each visit held."""
TRAVEL, VISITS, SELLING, EACH, OVERTIME, COVERAGE, REVENUE = range(len(COLUMNS))


def main(argv: list[str]) -> None:
    options = argparse.ArgumentParser(prog="claims")
    options.add_argument("--replications", type=int, default=20)
    options.add_argument("--design", default="today")
    asked = options.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        scenario = api.read_scenario(SCENARIO)
        design = api.read_design(scenario, asked.design)
        travel = api.open_travel(scenario, store=Store(Path(folder)))
        ours = plan_quarter(scenario, design, travel, effort="quick")
        plans = {name: practice_plan(scenario, design, travel, ours, *how) for name, how in PRACTICES.items()}
        found = {}
        routed = {f"{name}{ROUTED}": routed_plan(scenario, travel, plan) for name, plan in plans.items()}
        for name, plan in {**plans, **routed, OURS: ours}.items():
            made = stage(scenario, design, [plan], travel, current=design)
            logs = [simulate_quarter(made, seed=0, replication=k) for k in range(asked.replications)]
            found[name] = np.array([_figures(log, scenario) for log in logs])
    print(f"{scenario.name}, {design.name}, one quarter, {asked.replications} replications under the same luck; a rep and week:")
    print(f"{'':34}" + "".join(f"{name:>14}" for name in COLUMNS))
    for name, rows in found.items():
        print(f"{name:34}" + "".join(f"{value:>14,.2f}" for value in rows.mean(axis=0)))
    most = max(float(found[name][:, TRAVEL].mean()) for name in PRACTICES)
    print(f"\nregaining 5 h would take {5.0 / most:.0%} of all travel under the most careless practice")
    for name in PRACTICES:
        _verdict(f"{name}: the same days in the best order", found[name], found[name + ROUTED])
    for name in PRACTICES:
        _verdict(f"{name}: fieldsim's plan", found[name], found[OURS])


def _figures(log: Quarter, scenario: Scenario) -> list[float]:
    """The row of one replication."""
    minutes, weeks = log.minutes, len(log.minutes["rep"]) / 5.0
    travel, selling, late = (float(minutes[name].sum()) / 60.0 for name in ("travel", "visit", "overtime"))
    held = int((log.visits["outcome"] == 0).sum())
    kpi = measure(log, scenario)
    return [travel / weeks, held / weeks, selling / weeks, 60.0 * travel / held, late / weeks, kpi["coverage"], kpi["revenue"]]


def _verdict(name: str, before: Floats, after: Floats) -> None:
    """What of the claims is found against one practice, each with its 95 % interval over paired replications."""
    regained = before[:, TRAVEL] - after[:, TRAVEL]
    alike = (before[:, EACH] - after[:, EACH]) * before[:, VISITS] / 60.0
    print(f"\nagainst {name}")
    print(f"  travel regained        {_said(regained, 'h a rep and week')}: {_judged(regained, 5.0)} 5 h")
    print(f"  for as many visits     {_said(alike, 'h a rep and week')}: {_judged(alike, 5.0)} 5 h")
    for what, column in (("visits held", VISITS), ("selling time", SELLING), ("revenue", REVENUE)):
        more = 100.0 * (after[:, column] / before[:, column] - 1.0)
        print(f"  {what:22} {_said(more, '%')}: {_judged(more, 15.0)} 15 %")


def _said(values: Floats, unit: str) -> str:
    found = estimate(values)
    if found is None:
        return "unknown"
    lo, hi = found.interval()
    return f"{found.mean:+.2f} {unit} ({lo:+.2f} to {hi:+.2f})"


def _judged(values: Floats, claimed: float) -> str:
    """Whether a claim is met, by the interval."""
    found = estimate(values)
    lo, hi = found.interval() if found else (-np.inf, np.inf)
    return "at least" if lo >= claimed else "less than" if hi < claimed else "not told apart from"
