"""The fast model is the ordinary one: visit for visit, minute for minute, deal for deal."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simulation.plans import make_plans
from simulation.reference import Reference
from small import make_design, make_scenario, make_travel

from fieldsim.model import PIPELINE_STAGES, Design, Overlay, Quarter, Scenario
from fieldsim.simulation import Departures, Stage, simulate_quarter, stage

RANGES = {
    "travel_cv": (0.0, 0.5),
    "area_day_cv": (0.0, 0.3),
    "visit_cv": (0.0, 0.8),
    "missed_share": (0.0, 0.4),
    "called_off_share": (0.0, 1.0),
    "rebooked_share": (0.0, 1.0),
    "sick_share": (0.0, 0.2),
    "opportunities_per_quarter": (0.2, 4.0),
    "recurring_share": (0.0, 1.0),
    "annual_churn": (0.0, 1.0),
    "leads_per_rep_quarter": (0.0, 60.0),
    "season_november": (0.4, 2.5),
    "handover_risk": (0.0, 0.4),
    "overdue_speed": (0.0, 1.0),
    "calls_elasticity": (0.05, 0.34),
    "competitor_attacks": (0.0, 8.0),
    "leave_days": (0.0, 40.0),
    "pull_forward_days": (0.0, 4.0),
    "joint_wait_minutes": (0.0, 60.0),
    "vacancy_months": (0.5, 2.0),
    "manager_week_hours": (0.0, 4.0),
    "manager_trip_visits": (1.0, 4.0),
}


def assert_equal(fast: Quarter, slow: Reference) -> None:
    visits = sorted(zip(*(fast.visits[name].tolist() for name in fast.visits), strict=True))
    assert visits == sorted(tuple(int(x) for x in row) for row in slow.visits)
    ledger = sorted(zip(*(fast.ledger[n].tolist() for n in ("account", "opportunity", "kind", "rep", "time")), strict=True))
    rows = sorted((i, number, kind, rep, t) for t, i, kind, _, rep, _, _, number in slow.ledger)
    assert [row[:4] for row in ledger] == [row[:4] for row in rows]
    assert np.allclose([row[4] for row in ledger], [row[4] for row in rows], rtol=1e-9, atol=1e-9)
    names = ("account", "opportunity", "kind", "rep", "time", "amount", "revenue_share", "quota_credit")
    money = sorted(zip(*(fast.ledger[name].tolist() for name in names), strict=True))
    rows_ = slow.ledger
    slow_money = sorted(
        (i, number, kind, rep, t, amount, share, quota) for t, i, kind, amount, rep, share, quota, number in rows_
    )
    assert np.allclose(np.array(money), np.array(slow_money), rtol=1e-7, atol=1e-7)
    m = fast.minutes
    minutes = sorted(zip(m["date"].tolist(), m["rep"].tolist(), range(len(m["rep"])), strict=True))
    for (date, rep, k), row in zip(minutes, sorted(slow.minutes, key=lambda r: (r["date"], r["rep"])), strict=True):
        assert (date, rep) == (row["date"], row["rep"])
        for name in ("travel", "wait", "visit", "lunch", "admin", "idle", "overtime"):
            assert fast.minutes[name][k] == pytest.approx(row[name] / 60, abs=1e-6), name


def case(
    n: int, seed: int, quarters: int, shift: int, special: bool, own: dict[str, float]
) -> tuple[Scenario, Stage, Departures]:
    """A small force: a change of design on day one, departures with colleagues who take over, a late starter, specialists."""
    scenario = make_scenario(n, 4 if special else 3, seed=seed, parameters=own)
    if seed % 4 == 1:
        late = replace(scenario.reps[1], start=scenario.start + timedelta(days=seed % 40))
        scenario = replace(scenario, reps=(scenario.reps[0], late, *scenario.reps[2:]))
    if seed % 5 == 3:
        named = ("", *PIPELINE_STAGES)
        stages = tuple(named[(i + seed) % 5] for i in range(n))
        given = {"open_pipeline": np.arange(n) % 3 * 4_000.0, "pipeline_stage": stages}
        scenario = replace(scenario, accounts=replace(scenario.accounts, **given))
    base = make_scenario(n, 3, seed=seed)
    today, dealt = make_design(base), make_design(base, "new", shift)
    overlays = tuple(Overlay(i, 3, 0.4, 0.5, 0.5) for i in range(0, n, 3)) if special else ()
    if seed % 8 < 4:  # colleagues with territories of their own
        overlays += tuple(
            Overlay(i, (int(dealt.territory_of[i]) + 1 + i % 2) % 3, 0.2, 0.3, 0.1 * (i % 6)) for i in range(1, n, 2)
        )
    vacant = np.array([0, -1, 2]) if seed % 3 == 0 else dealt.rep_of
    design = Design("new", dealt.territories, dealt.territory_of, vacant, overlays)
    travel = make_travel(scenario)
    plans = make_plans(scenario, design, travel, quarters)
    takers = np.where(dealt.territory_of == 0, 2, -1) if seed % 2 else None
    pooled = np.linspace(0.0, 1.0, n) if seed % 3 else None
    leaving = Departures(given=((0, 20.3),)) if seed % 5 < 2 else Departures(rate=1.0 if seed % 5 == 2 else 0.0)
    third = [(t, i, 3 - t - k) for t in range(3) for i, k in enumerate(dealt.territory_of.tolist()) if k != t and i % 2 == 0]
    shifts = np.array([row for row in third if vacant[row[2]] >= 0]).reshape(-1, 3) if seed % 11 < 5 else None
    more = {"takers": takers, "returns": seed % 7 > 2, "pooled": pooled, "shifts": shifts}
    made = stage(scenario, design, plans, travel, current=today, **more)
    return scenario, made, leaving


@settings(max_examples=40, deadline=None)
@given(
    st.integers(3, 40),
    st.integers(0, 10_000),
    st.integers(1, 2),
    st.integers(0, 1),
    st.booleans(),
    st.fixed_dictionaries({name: st.floats(*bounds) for name, bounds in RANGES.items()}),
)
def test_the_fast_model_equals_the_ordinary_one(
    n: int, seed: int, quarters: int, shift: int, special: bool, own: dict[str, float]
) -> None:
    scenario, made, leaving = case(n, seed, quarters, shift, special, own)
    fast = simulate_quarter(made, seed=seed, replication=1, departures=leaving)
    assert_equal(fast, Reference(made, scenario, seed, 1, leaving).run())
