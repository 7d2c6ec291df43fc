"""Every KPI can be recomputed from the Parquet log by a script that shares no code with the house."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from small import make_design, make_scenario, make_travel

from fieldsim.experiment import log_frames, replay, write_log
from fieldsim.kpi import KPIS, measure
from fieldsim.model import Design, Overlay, Quarter, Scenario


@cache
def logged() -> tuple[Scenario, tuple[Design, ...], list[Quarter]]:
    """Two replications of two designs, each planned twice, over two quarters: a vacant seat, a specialist, new accounts."""
    scenario = make_scenario(n=36, reps=4, seed=3)
    fresh = scenario.accounts.revenue_last_year.copy()
    fresh[::5] = 0.0
    book = replace(scenario.accounts, revenue_last_year=fresh, potential=scenario.accounts.potential * 2.0)
    scenario = replace(scenario, accounts=book)
    three = replace(make_design(replace(scenario, reps=scenario.reps[:3])), rep_of=np.array([0, 1, -1]))
    overlay = (Overlay(0, 3, 0.25, 0.5, 0.5), Overlay(7, 3, 0.5, 1.0, 0.25))
    designs = (make_design(scenario), replace(three, name="lean", overlays=overlay))
    quarters = replay(scenario, designs, make_travel(scenario), horizon=2, replications=(0, 1), plans=2, workers=1)
    return scenario, designs, quarters


def recomputed(folder: Path) -> dict[tuple[str, int, int], dict[str, float]]:
    """All KPIs of the team by design, replication and plan, from the files alone, by the formulas of the README."""
    t = {file.stem: pl.read_parquet(file) for file in sorted(folder.glob("*.parquet"))}
    found = {}
    for design, replication, plan in t["due"].select("design", "replication", "plan").unique().sort(pl.all()).iter_rows():
        own = {
            name: frame.filter(design=design, replication=replication, plan=plan)
            for name, frame in t.items()
            if "replication" in frame.columns
        }
        found[design, replication, plan] = {
            **coverage(own, t["accounts"]),
            **hours(own["minutes"]),
            **quota(own),
            **money(own, t),
            **pipeline(own),
            **imbalance(own, t),
        }
    return found


def ratio(top: float, bottom: float) -> float:
    return top / bottom if bottom else math.nan


def coverage(own: dict[str, pl.DataFrame], accounts: pl.DataFrame) -> dict[str, float]:
    held = own["visits"].filter(outcome="held").group_by("account").agg(pl.len().alias("held"))
    due = own["due"].group_by("account").agg(pl.col("due").sum(), pl.col("planned").sum())
    book = due.join(held, on="account", how="left").with_columns(pl.col("held").fill_null(0)).join(accounts, on="account")
    book = book.with_columns(
        pl.min_horizontal("held", "due").alias("done"), pl.min_horizontal("planned", "due").alias("foreseen")
    )
    tiers = {
        f"coverage_{tier}": ratio(rows["done"].sum(), rows["due"].sum())
        for (tier,), rows in book.partition_by("tier", as_dict=True).items()
    }
    whole = ratio(book["done"].sum(), book["due"].sum())
    share = ratio(book["foreseen"].sum(), book["due"].sum())
    return {"coverage": whole, **tiers, "plan_share": share, "visits": float(own["visits"].filter(outcome="held").height)}


def hours(minutes: pl.DataFrame) -> dict[str, float]:
    paid = sum(minutes[name].sum() for name in ("travel", "wait", "visit", "admin", "idle"))
    return {
        "travel_hours": minutes["travel"].sum() / 60,
        "wait_hours": minutes["wait"].sum() / 60,
        "selling_hours": minutes["visit"].sum() / 60,
        "admin_hours": minutes["admin"].sum() / 60,
        "idle_hours": minutes["idle"].sum() / 60,
        "distance_km": minutes["distance_m"].sum() / 1000,
        "overtime_days": float(minutes.filter(pl.col("overtime") > 0).height),
        "selling_share": minutes["visit"].sum() / paid,
        "travel_share": minutes["travel"].sum() / paid,
    }


def quota(own: dict[str, pl.DataFrame]) -> dict[str, float]:
    credit = own["ledger"].select("rep", (pl.col("amount") * pl.col("quota_credit")).alias("credit"))
    target = own["quotas"]
    team = credit["credit"].sum() / target["quota"].sum()
    by_rep = target.group_by("rep").agg(pl.col("quota").sum(), (pl.col("quarter") == 0).sum().alias("seats"))
    earned = dict(credit.group_by("rep").agg(pl.col("credit").sum()).iter_rows())
    seats = [earned.get(rep, 0.0) / goal for rep, goal, n in by_rep.iter_rows() for _ in range(n) if goal > 0]
    p10, p50, p90 = np.quantile(seats, [0.1, 0.5, 0.9])
    return {
        "attainment": team,
        "attainment_rep_mean": sum(seats) / len(seats),
        "attainment_rep_p10": float(p10),
        "attainment_rep_p50": float(p50),
        "attainment_rep_p90": float(p90),
        "prob_quota": sum(a >= 1 for a in seats) / len(seats),
        "prob_plan": float(team >= 1),
    }


def money(own: dict[str, pl.DataFrame], t: dict[str, pl.DataFrame]) -> dict[str, float]:
    ledger, rates = own["ledger"], t["rates"].row(0, named=True)
    booked = ledger.with_columns((pl.col("amount") * pl.col("revenue_share")).alias("booked"))
    revenue = booked.filter(pl.col("kind").is_in(["order", "deal"]))["booked"].sum()
    wage = dict(t["reps"].iter_rows())
    cost: dict[str, float] = {}
    for rep, first, last in own["seats"].drop_nulls("rep").select("rep", "from", "to").unique().iter_rows():
        cost[rep] = cost.get(rep, 0.0) + wage[rep] * (date.fromisoformat(last) - date.fromisoformat(first)).days / 365
    driving = own["minutes"]["distance_m"].sum() / 1000 * rates["travel_cost_per_km"]
    handed = ledger.filter(kind="handover")
    pool = own["visits"].filter(pl.col("rep").is_null())
    managed = (pool["travel_s"] + pool["leave_s"] - pool["arrive_s"]).sum() / 3600
    own_time = managed * rates["manager_cost_per_hour"] + pool["distance_m"].sum() / 1000 * rates["travel_cost_per_km"]
    return {
        "revenue": revenue,
        "orders": booked.filter(kind="order")["booked"].sum(),
        "churned_accounts": float(ledger.filter(kind="churn").height),
        "disrupted_accounts": float(handed["account"].n_unique()),
        "handover_loss": handed["amount"].sum(),
        "rep_cost": sum(cost.values()),
        "travel_cost": driving,
        "manager_hours": managed,
        "manager_cost": own_time,
        "contribution": rates["margin"] * revenue - sum(cost.values()) - driving - own_time,
        "acquisition_cost": acquisition(own, t, cost, rates),
    }


def acquisition(
    own: dict[str, pl.DataFrame], t: dict[str, pl.DataFrame], cost: dict[str, float], rates: dict[str, float]
) -> float:
    fresh = t["accounts"].filter(pl.col("revenue_last_year") == 0)["account"].to_list()
    parts = [pl.col(name) for name in ("travel", "wait", "visit", "admin", "idle")]
    paid = dict(own["minutes"].group_by("rep").agg(pl.sum_horizontal(parts).sum()).iter_rows())
    spent = 0.0
    for row in own["visits"].filter(pl.col("account").is_in(fresh)).iter_rows(named=True):
        there = max(0, row["leave_s"] - row["arrive_s"])
        rep = row["rep"]
        minute = cost.get(rep, 0.0) / paid[rep] if rep else rates["manager_cost_per_hour"] / 60
        spent += (row["travel_s"] + there) / 60 * minute + row["distance_m"] / 1000 * rates["travel_cost_per_km"]
    won = own["ledger"].filter(pl.col("kind") == "deal", pl.col("account").is_in(fresh))["account"].n_unique()
    return ratio(spent, won)


def pipeline(own: dict[str, pl.DataFrame]) -> dict[str, float]:
    end = max(date.fromisoformat(day) for day in own["seats"]["to"])
    days = (end - min(date.fromisoformat(day) for day in own["seats"]["from"])).days
    name = ["account", "opportunity"]
    opened, won, lost = (own["ledger"].filter(kind=kind).unique(name, keep="first") for kind in ("opened", "deal", "lost"))
    closed = pl.concat([won, lost]).select(*name, pl.col("time").alias("closed"))
    life = opened.join(closed, on=name, how="left")
    standing = (life["closed"].fill_null(days) - life["time"].clip(0)).sum() / days
    cycles = opened.select(*name, pl.col("time").alias("began")).join(won, on=name)
    cycle = ratio((cycles["time"] - cycles["began"]).sum(), won.height)
    size, rate = ratio(won["amount"].sum(), won.height), ratio(won.height, won.height + lost.height)
    return {
        "deals": float(won.height),
        "deal_size": size,
        "win_rate": rate,
        "cycle_days": cycle,
        "pipeline": life.filter(pl.col("closed").is_null())["amount"].sum(),
        "velocity": standing * rate * size / cycle if won.height else math.nan,
    }


def imbalance(own: dict[str, pl.DataFrame], t: dict[str, pl.DataFrame]) -> dict[str, float]:
    def spread(values: list[float]) -> float:
        return (max(values) - min(values)) / (sum(values) / len(values))

    owned = own["due"].filter(quarter=0).join(t["accounts"], on="account")
    seats = own["quotas"].drop_nulls("territory")
    return {
        "potential_imbalance": spread(owned.group_by("territory").agg(pl.col("potential").sum())["potential"].to_list()),
        "workload_imbalance": spread(seats.group_by("territory").agg(pl.col("needed_s").sum())["needed_s"].to_list()),
    }


def test_every_kpi_can_be_recomputed_from_the_files(tmp_path: Path) -> None:
    scenario, designs, quarters = logged()
    write_log(tmp_path, quarters, scenario, designs)
    found = recomputed(tmp_path)
    assert len(found) == len(quarters) == 8
    for quarter in quarters:
        expected = measure(quarter, scenario)
        own = found[quarter.design, quarter.replication, quarter.plan]
        assert set(own) == set(expected)
        assert set(KPIS) <= set(own)
        for kpi, value in expected.items():
            assert own[kpi] == pytest.approx(value, rel=1e-9, abs=1e-9, nan_ok=True), (kpi, quarter.design)


def test_the_log_speaks_in_the_users_ids_and_dates() -> None:
    scenario, designs, quarters = logged()
    frames = log_frames(quarters, scenario, designs)
    assert {"visits", "minutes", "ledger", "quotas", "seats", "due"} <= set(frames)
    visits = frames["visits"]
    assert set(visits["account"]) <= set(scenario.accounts.ids)
    assert set(visits["outcome"]) <= {"held", "no_show", "cancelled", "dropped"}
    assert visits["date"].str.to_date("%Y-%m-%d").min() >= scenario.start
    assert visits["due"].min() == 1
    assert set(frames["ledger"]["kind"]) <= {"order", "opened", "deal", "lost", "churn", "handover"}
    assert None in frames["seats"]["rep"].to_list()
    assert set(frames["owners"]["design"]) == {"today", "lean"}


def test_no_half_file_is_left_behind(tmp_path: Path) -> None:
    scenario, designs, quarters = logged()
    write_log(tmp_path / "a" / "b", quarters, scenario, designs)
    assert {file.suffix for file in (tmp_path / "a" / "b").iterdir()} == {".parquet"}
