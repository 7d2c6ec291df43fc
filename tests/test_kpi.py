"""KPIs against the formulas of the table in plain Python, row by row, sharing no code with kpi.py."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest
from simulation.setting import make_stage
from small import make_design, make_scenario

from fieldsim.errors import UsageError
from fieldsim.kpi import DIRECTIONS, KPIS, VACANT, kpi, measure, measure_reps
from fieldsim.model import Design, Overlay, Quarter, Scenario
from fieldsim.simulation import Departures, simulate_quarter

Rows = list[dict[str, float]]


def rows(table: object) -> Rows:
    names = list(table)  # type: ignore[call-overload]
    return [dict(zip(names, row, strict=True)) for row in zip(*(table[name].tolist() for name in names), strict=True)]  # type: ignore[index]


def by_hand(q: Quarter, scenario: Scenario, end: int, quarters: int) -> dict[str, float]:
    visits = [r for r in rows(q.visits) if r["date"] < end]
    minutes = [r for r in rows(q.minutes) if r["date"] < end]
    ledger = [r for r in rows(q.ledger) if r["time"] <= end]
    quotas = [r for r in rows(q.quotas) if r["quarter"] < quarters]
    due = [r for r in rows(q.due) if r["quarter"] < quarters]
    k: dict[str, float] = {}
    held, wanted, planned = defaultdict(int), defaultdict(int), defaultdict(int)
    for r in visits:
        held[r["account"]] += r["outcome"] == 0
    for r in due:
        wanted[r["account"]] += r["due"]
        planned[r["account"]] += r["planned"]
    tier = scenario.accounts.tier
    for name, members in [("", wanted), *((f"_{t}", [i for i in wanted if tier[int(i)] == t]) for t in "ABC")]:
        k[f"coverage{name}"] = sum(min(held[i], wanted[i]) for i in members) / sum(wanted[i] for i in members)
    k["plan_share"] = sum(min(planned[i], wanted[i]) for i in wanted) / sum(wanted.values())
    k["visits"] = sum(held.values())
    total = {name: sum(r[name] for r in minutes) for name in ("travel", "wait", "visit", "admin", "idle", "distance_m")}
    paid = sum(r[name] for r in minutes for name in ("travel", "wait", "visit", "admin", "idle"))
    k["travel_hours"], k["wait_hours"], k["selling_hours"] = total["travel"] / 60, total["wait"] / 60, total["visit"] / 60
    k["admin_hours"], k["idle_hours"], k["distance_km"] = total["admin"] / 60, total["idle"] / 60, total["distance_m"] / 1000
    k["selling_share"], k["travel_share"] = total["visit"] / paid, total["travel"] / paid
    k["overtime_days"] = sum(r["overtime"] > 0 for r in minutes)
    credit, quota, seats = defaultdict(float), defaultdict(float), defaultdict(int)
    for r in ledger:
        credit[r["rep"]] += r["amount"] * r["quota_credit"]
    for r in quotas:
        quota[r["rep"]] += r["quota"]
        seats[r["rep"]] += r["quarter"] == 0
    own = sorted(credit[rep] / quota[rep] for rep in quota for _ in range(seats[rep]))
    k["attainment"] = sum(credit.values()) / sum(quota.values())
    k["attainment_rep_mean"] = sum(own) / len(own)
    for p in (10, 50, 90):
        at = p / 100 * (len(own) - 1)
        low = own[math.floor(at)]
        k[f"attainment_rep_p{p}"] = low + (at % 1) * (own[math.ceil(at)] - low)
    k["prob_quota"] = sum(x >= 1 for x in own) / len(own)
    k["prob_plan"] = float(k["attainment"] >= 1)
    k["orders"] = sum(r["amount"] * r["revenue_share"] for r in ledger if r["kind"] == 0)
    k["revenue"] = k["orders"] + sum(r["amount"] * r["revenue_share"] for r in ledger if r["kind"] == 2)
    opened = {(r["account"], r["opportunity"]): r for r in ledger if r["kind"] == 1}
    won = {(r["account"], r["opportunity"]): r for r in ledger if r["kind"] == 2}
    lost = {(r["account"], r["opportunity"]): r for r in ledger if r["kind"] == 3}
    k["deals"] = len(won)
    k["deal_size"] = sum(r["amount"] for r in won.values()) / len(won)
    k["win_rate"] = len(won) / (len(won) + len(lost))
    k["cycle_days"] = sum(r["time"] - opened[name]["time"] for name, r in won.items()) / len(won)
    k["pipeline"] = sum(r["amount"] for name, r in opened.items() if name not in won and name not in lost)
    closed = {name: r["time"] for name, r in [*won.items(), *lost.items()]}
    standing = sum(closed.get(name, end) - max(0, r["time"]) for name, r in opened.items()) / end
    k["velocity"] = standing * k["win_rate"] * k["deal_size"] / k["cycle_days"]
    k["churned_accounts"] = sum(r["kind"] == 4 for r in ledger)
    k["disrupted_accounts"] = len({r["account"] for r in ledger if r["kind"] == 5})
    k["handover_loss"] = sum(r["amount"] for r in ledger if r["kind"] == 5)
    potential, needed = defaultdict(float), defaultdict(float)
    for r in due:
        if r["quarter"] == 0:
            potential[r["territory"]] += scenario.accounts.potential[int(r["account"])]
    for r in quotas:
        if r["territory"] >= 0:
            needed[r["territory"]] += r["needed_s"]
    for name, by in (("potential", potential), ("workload", needed)):
        k[f"{name}_imbalance"] = (max(by.values()) - min(by.values())) / (sum(by.values()) / len(by))
    seated = defaultdict(int)
    for row in {(r["rep"], r["from_day"], min(r["to_day"], end)) for r in rows(q.seats) if r["rep"] >= 0}:
        seated[int(row[0])] += max(0, row[2] - row[1])
    cost = {rep: scenario.reps[rep].cost_per_year * days / 365 for rep, days in seated.items()}
    k["rep_cost"] = sum(cost.values())
    k["travel_cost"] = k["distance_km"] * scenario.rates.travel_cost_per_km
    pool = [r for r in visits if r["rep"] < 0]
    k["manager_hours"] = sum(r["travel_s"] + r["leave_s"] - r["arrive_s"] for r in pool) / 3600
    wage = 1.5 * sum(rep.cost_per_year for rep in scenario.reps) / len(scenario.reps) / 1864
    own_way = sum(r["distance_m"] for r in pool) / 1000 * scenario.rates.travel_cost_per_km
    k["manager_cost"] = k["manager_hours"] * wage + own_way
    k["contribution"] = scenario.rates.margin * k["revenue"] - k["rep_cost"] - k["travel_cost"] - k["manager_cost"]
    new = {i for i in range(len(scenario.accounts)) if scenario.accounts.revenue_last_year[i] == 0}
    spent = 0.0
    for r in visits:
        if r["account"] in new:
            rep = int(r["rep"])
            if rep < 0:
                seconds = r["travel_s"] + r["leave_s"] - r["arrive_s"]
                spent += seconds / 3600 * wage + r["distance_m"] / 1000 * scenario.rates.travel_cost_per_km
                continue
            hours = sum(m[x] for m in minutes if m["rep"] == rep for x in ("travel", "wait", "visit", "admin", "idle")) / 60
            hourly = cost[rep] / hours
            there = max(0, r["leave_s"] - r["arrive_s"])
            spent += (r["travel_s"] + there) / 3600 * hourly + r["distance_m"] / 1000 * scenario.rates.travel_cost_per_km
    bought = {r["account"] for r in ledger if r["kind"] == 2 and r["account"] in new}
    k["acquisition_cost"] = spent / len(bought)
    return k


def logged(quarters: int, leaves: float | None = None) -> tuple[Quarter, Scenario]:
    """A log with all there is: a specialist, a vacant seat, a change of owners, accounts that never bought."""
    scenario = make_scenario(60, 4, parameters={"opportunities_per_quarter": 4.0})
    revenue = scenario.accounts.revenue_last_year.copy()
    revenue[::5] = 0.0
    scenario = replace(scenario, accounts=replace(scenario.accounts, revenue_last_year=revenue))
    today = make_design(make_scenario(60, 3))
    other = make_design(make_scenario(60, 3), "other", 1)
    overlays = tuple(Overlay(i, 3, 0.4, 0.5, 0.2) for i in range(0, 60, 6))
    design = Design("other", other.territories, other.territory_of, np.array([0, -1, 2]), overlays)
    made = make_stage(scenario, design, quarters, current=today)
    made.world.book["pooled"][:-1] = 0.5
    gone = Departures(given=((0, leaves),)) if leaves is not None else None
    return simulate_quarter(made, seed=1, replication=0, departures=gone), scenario


@pytest.mark.parametrize(
    ("quarters", "until", "leaves"), [(1, None, None), (2, None, None), (2, 92, None), (1, None, 20.0), (2, 92, 10.0)]
)
def test_every_kpi_is_its_formula(quarters: int, until: int | None, leaves: float | None) -> None:
    q, scenario = logged(quarters, leaves)
    assert (q.visits["rep"] < 0).any() == (leaves is not None)
    end, counted = (until or q.days), (1 if until else quarters)
    expected, found = by_hand(q, scenario, end, counted), measure(q, scenario, until_day=until)
    assert set(found) == set(expected)
    for name, value in found.items():
        assert value == pytest.approx(expected[name], rel=1e-9), name


def test_the_table_names_what_is_measured() -> None:
    q, scenario = logged(1)
    found = set(measure(q, scenario))
    assert set(KPIS) <= found
    assert found - set(KPIS) == {"coverage_A", "coverage_B", "coverage_C"}
    assert {DIRECTIONS[name] for name in KPIS} <= {-1, 0, 1}
    assert kpi("coverage_A").direction == 1
    assert kpi("travel_hours").unit == "h"


def test_a_shorter_horizon_is_cut_out_of_a_longer_run_exactly() -> None:
    one, scenario = logged(1)
    two, _ = logged(2)
    assert measure(one, scenario) == measure(two, scenario, until_day=92)
    with pytest.raises(UsageError, match="day 50 is not the end"):
        measure(two, scenario, until_day=50)


def test_what_cannot_be_measured_is_not_a_number() -> None:
    scenario = make_scenario(parameters={"opportunities_per_quarter": 0.0, "leads_per_rep_quarter": 0.0})
    found = measure(simulate_quarter(make_stage(scenario), seed=1, replication=0), scenario)
    assert found["deals"] == 0.0
    for name in ("win_rate", "deal_size", "cycle_days", "velocity", "acquisition_cost"):
        assert math.isnan(found[name]), name


def test_the_reps_add_up_to_the_team() -> None:
    q, scenario = logged(2)
    team, reps = measure(q, scenario), measure_reps(q, scenario)
    assert set(reps) == {"R01", "R03", "R04", VACANT}
    for name in ("revenue", "travel_hours", "visits"):
        assert sum(found[name] for found in reps.values()) == pytest.approx(team[name])
    assert reps[VACANT]["coverage"] == 0.0
    assert reps[VACANT]["attainment"] > 0.0
    assert math.isnan(reps["R04"]["coverage"])  # a specialist has no accounts of their own


def test_equal_quotas_show_what_a_split_by_potential_hides() -> None:
    scenario = make_scenario(60)
    reps = measure_reps(simulate_quarter(make_stage(scenario), seed=1, replication=0), scenario)
    spread = {name: np.ptp([found[name] for found in reps.values()]) for name in ("attainment", "attainment_equal")}
    assert spread["attainment_equal"] > spread["attainment"]
