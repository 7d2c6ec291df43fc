"""Why attainment moves over a long horizon: the figures told are those that the log has quarter by quarter."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from fieldsim.experiment import Serial, compare_designs, log_frames, replay
from fieldsim.model import Scenario
from fieldsim.scenario import read_design, read_scenario
from fieldsim.travel import open_travel

SMALL = Path(__file__).parents[1] / "data" / "small"


def by_quarter(scenario: Scenario, replications: int, horizon: int) -> dict[str, list[float]]:
    """Orders, deals and attainment of design `today` in each quarter, means over replications, from the log alone."""
    design, travel = read_design(scenario, "today"), open_travel(scenario)
    logs = replay(scenario, [design], travel, horizon=horizon, replications=range(replications), workers=1)
    frames = log_frames(logs, scenario, [design])
    team = float(frames["quotas"].filter(quarter=0, replication=0)["quota"].sum())
    booked = frames["ledger"].with_columns(amount=pl.col("amount") * pl.col("revenue_share"))
    found: dict[str, list[float]] = {"orders": [], "deals": [], "attainment": []}
    for k in range(horizon):
        first, last = scenario.quarter(k)
        until = (last - scenario.start).days + 1
        after = (first - scenario.start).days if k else -1
        now = booked.filter(pl.col("time") > after, pl.col("time") <= until)
        amounts = {kind: float(now.filter(kind=kind)["amount"].sum()) / replications for kind in ("order", "deal")}
        found["orders"].append(amounts["order"])
        found["deals"].append(amounts["deal"])
        found["attainment"].append(sum(amounts.values()) / team)
    return found


def test_the_quarters_told_are_those_of_the_log() -> None:
    scenario = read_scenario(SMALL)
    design = read_design(scenario, "today")
    one, three = compare_designs(
        scenario,
        [design],
        open_travel(scenario),
        horizons=(1, 3),
        executor=Serial(),
        workers=1,
        max_replications=10,
        plan_seeds=1,
    )
    assert one.over_time == ()
    assert one.why_later("today") is None
    (facts,) = three.over_time
    for name, values in by_quarter(scenario, three.replications, 3).items():
        later = sum(values[1:]) / 2
        assert facts[name] == pytest.approx({"first_quarter": values[0], "each_later_quarter": later}), name
    told = str(three.why_later("today"))
    lost = three.design("today").kpis["churned_accounts"].mean or 0.0
    for figure in (100 * facts["attainment"]["first_quarter"], lost):  # type: ignore[index]
        assert f"{figure:.1f}" in told
    assert told.startswith("Attainment under today goes from ")


def test_a_horizon_without_the_first_quarter_beside_it_tells_nothing() -> None:
    scenario = read_scenario(SMALL)
    design = read_design(scenario, "today")
    (alone,) = compare_designs(
        scenario, [design], open_travel(scenario), horizons=(2,), executor=Serial(), workers=1, max_replications=10, plan_seeds=1
    )
    assert (alone.over_time, alone.why_later("today")) == ((), None)
