"""Stages for tests: the small scenario with plain plans, its luck switched off where a test wants none."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from simulation.plans import make_plans
from small import make_design, make_scenario, make_travel

from fieldsim.model import Design, Quarter, Scenario
from fieldsim.simulation import Stage, simulate_quarter, stage

QUIET: Mapping[str, float] = {
    **dict.fromkeys(("travel_cv", "area_day_cv", "visit_cv", "missed_share", "sick_share"), 0.0),
    **dict.fromkeys(("opportunities_per_quarter", "annual_churn", "leads_per_rep_quarter"), 0.0),
    **dict.fromkeys(("leave_days", "competitor_attacks"), 0.0),
    "rush_factor": 1.0,
}


def quiet(**own: float) -> dict[str, float]:
    """Parameters without any luck but what is given."""
    return {**QUIET, **own}


def make_stage(
    scenario: Scenario, design: Design | None = None, quarters: int = 1, current: Design | None = None, handover: bool = True
) -> Stage:
    travel, today = make_travel(scenario), current or make_design(scenario)
    design = design or today
    return stage(scenario, design, make_plans(scenario, design, travel, quarters), travel, current=today, handover=handover)


def simulate(n: int = 12, reps: int = 3, quarters: int = 1, seed: int = 1, replication: int = 0, **changes: object) -> Quarter:
    scenario = make_scenario(n, reps, **changes)
    return simulate_quarter(make_stage(scenario, quarters=quarters), seed=seed, replication=replication)


def same(a: Quarter, b: Quarter, tables: tuple[str, ...] = ("visits", "minutes", "ledger", "quotas", "seats", "due")) -> bool:
    """Whether two logs agree to the last digit."""
    return all(np.array_equal(getattr(a, table)[name], getattr(b, table)[name]) for table in tables for name in getattr(a, table))


def of_account(quarter: Quarter, account: int, table: str = "ledger") -> list[tuple[float, ...]]:
    """Rows of one account."""
    columns = getattr(quarter, table)
    keep = columns["account"] == account
    return list(zip(*(columns[name][keep].tolist() for name in sorted(columns) if name != "rep"), strict=True))


def of_kind(quarter: Quarter, kind: int) -> dict[str, np.ndarray]:
    keep = quarter.ledger["kind"] == kind
    return {name: column[keep] for name, column in quarter.ledger.items()}
