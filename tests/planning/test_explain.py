"""Why a visit has its day, what more time would save, and the plan as files."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from small import make_design, make_scenario, make_travel

from fieldsim.errors import UsageError
from fieldsim.model import VisitPlan
from fieldsim.planning import explain_visit, plan_frame, plan_quarter, regularity, relief, write_plan

SCENARIO = make_scenario(40, 2, seed=6)
TRAVEL = make_travel(SCENARIO)
DESIGN = make_design(SCENARIO)


@pytest.fixture(scope="module")
def plan() -> VisitPlan:
    return plan_quarter(SCENARIO, DESIGN, TRAVEL)


def test_the_travel_a_visit_adds_is_the_day_with_it_less_the_day_without(plan: VisitPlan) -> None:
    mine = plan.territories[0]
    for row in range(0, len(mine.account), 17):
        day, account = int(mine.day[row]), int(mine.account[row])
        why = explain_visit(SCENARIO, TRAVEL, plan, 0, account, plan.days[day])
        stops = mine.account[mine.day == day].tolist()
        without = [i for i in stops if i != account]
        assert why.extra_s == tour(stops) - tour(without)


def tour(stops: list[int]) -> int:
    way = [SCENARIO.home(0), *stops, SCENARIO.home(0)]
    return sum(int(TRAVEL.matrix([a, b]).seconds[0, 0, 1]) for a, b in pairwise(way))


def test_days_are_chosen_for_less_travel_than_the_median_day(plan: VisitPlan) -> None:
    mine = plan.territories[0]
    whys = [explain_visit(SCENARIO, TRAVEL, plan, 0, int(mine.account[row]), plan.days[mine.day[row]]) for row in range(0, 90, 3)]
    assert np.mean([why.extra_s for why in whys]) < np.mean([why.other_s for why in whys])


def test_the_text_names_rhythm_and_closed_days(plan: VisitPlan) -> None:
    mine = plan.territories[0]
    row = int(np.flatnonzero(mine.account == 2)[1])  # open Monday to Thursday, 6 visits
    why = explain_visit(SCENARIO, TRAVEL, plan, 0, 2, plan.days[mine.day[row]])
    assert "6 visits due" in why.text
    assert "closed on" in why.text
    assert why.closed > 0


def test_a_visit_that_is_not_planned_has_no_reason(plan: VisitPlan) -> None:
    free = next(
        day for k, day in enumerate(plan.days) if not ((plan.territories[0].day == k) & (plan.territories[0].account == 2)).any()
    )
    with pytest.raises(UsageError, match="no visit to 'A0002'"):
        explain_visit(SCENARIO, TRAVEL, plan, 0, 2, free)


def test_relief_counts_what_is_left_out() -> None:
    accounts = replace(SCENARIO.accounts, visit_minutes=SCENARIO.accounts.visit_minutes * 6)
    long = replace(SCENARIO, accounts=accounts)
    made = plan_quarter(long, DESIGN, TRAVEL)
    mine = made.territories[0]
    found = relief(long, TRAVEL, made, 0)
    assert found.unplaced == sum(row.count for row in mine.unplaced) == sum(count for _, count in found.by_priority) > 0
    assert found.needed_h > found.available_h
    assert 0 < found.day_a_week <= found.one_more_rep <= found.unplaced


def test_most_visits_keep_their_weekday(plan: VisitPlan) -> None:
    assert regularity(plan, 0).mean() >= 0.95


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".xlsx"])
def test_a_written_plan_reads_back(plan: VisitPlan, tmp_path: Path, suffix: str) -> None:
    read = {".csv": lambda file: pl.read_csv(file, try_parse_dates=True), ".parquet": pl.read_parquet, ".xlsx": pl.read_excel}
    file = tmp_path / f"plan{suffix}"
    write_plan(SCENARIO, DESIGN, plan, file)
    frame = plan_frame(SCENARIO, DESIGN, plan)
    again = read[suffix](file)
    assert again.columns == frame.columns
    assert again.select("date", "account", "start_s").rows() == frame.select("date", "account", "start_s").rows()


def test_another_suffix_is_refused(plan: VisitPlan, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="docx"):
        write_plan(SCENARIO, DESIGN, plan, tmp_path / "plan.docx")
