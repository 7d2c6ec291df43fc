"""Plans as files: whole or not at all, the same bytes for the same plan, and a plan read again is planned on from."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from planning.checker import check_plan
from small import make_design, make_scenario, make_travel

from fieldsim.errors import DataError
from fieldsim.model import VisitPlan
from fieldsim.planning import Wishes, plan_quarter, read_plan, write_plan
from fieldsim.scenario import read_design, read_scenario
from fieldsim.travel import open_travel

SCENARIO = make_scenario(40, 2, seed=6)
TRAVEL = make_travel(SCENARIO)
DESIGN = make_design(SCENARIO)
SUFFIXES = (".csv", ".parquet", ".xlsx")


@pytest.fixture(scope="module")
def plan() -> VisitPlan:
    return plan_quarter(SCENARIO, DESIGN, TRAVEL)


def days_of(plan: VisitPlan) -> set[tuple[int, int, date]]:
    parts = plan.territories
    rows = (zip(part.account.tolist(), part.ordinal.tolist(), part.day.tolist(), strict=True) for part in parts)
    return {(account, ordinal, plan.days[day]) for part in rows for account, ordinal, day in part}


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_write_that_fails_leaves_the_old_file(
    plan: VisitPlan, tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / f"plan{suffix}"
    write_plan(SCENARIO, DESIGN, plan, file)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def full(*_: object) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)
    with pytest.raises(OSError, match="no space"):
        write_plan(SCENARIO, DESIGN, plan, file)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_same_plan_is_the_same_file(plan: VisitPlan, tmp_path: Path, suffix: str) -> None:
    for name in ("a", "b"):
        write_plan(SCENARIO, DESIGN, plan, tmp_path / f"{name}{suffix}")
    assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_plan_read_again_and_planned_again_keeps_every_day(plan: VisitPlan, tmp_path: Path, suffix: str) -> None:
    write_plan(SCENARIO, DESIGN, plan, tmp_path / f"plan{suffix}")
    read = read_plan(SCENARIO, DESIGN, tmp_path / f"plan{suffix}")
    assert days_of(read) == days_of(plan)
    again = plan_quarter(SCENARIO, DESIGN, TRAVEL, like=read)
    check_plan(SCENARIO, DESIGN, TRAVEL, again)
    assert days_of(again) == days_of(plan)


def test_a_change_to_a_file_moves_little_else(plan: VisitPlan, tmp_path: Path) -> None:
    write_plan(SCENARIO, DESIGN, plan, tmp_path / "plan.csv")
    read = read_plan(SCENARIO, DESIGN, tmp_path / "plan.csv")
    always_open = (row for row in days_of(plan) if not SCENARIO.accounts.opens[row[0]])
    account, _, day = min(always_open, key=lambda row: (row[2], row[0]))
    to = plan.days[plan.days.index(day) + 1]
    name = SCENARIO.accounts.ids[account]
    again = plan_quarter(SCENARIO, DESIGN, TRAVEL, like=read, wishes=Wishes(moves={name: {day: to}}))
    check_plan(SCENARIO, DESIGN, TRAVEL, again)
    assert (account, to) in {(i, when) for i, _, when in days_of(again)}
    assert len(days_of(plan) - days_of(again)) <= 3


def test_a_file_of_something_else_is_refused(plan: VisitPlan, tmp_path: Path) -> None:
    (tmp_path / "plan.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(DataError, match="is no plan"):
        read_plan(SCENARIO, DESIGN, tmp_path / "plan.csv")
    write_plan(SCENARIO, DESIGN, plan, tmp_path / "other.csv")
    frame = pl.read_csv(tmp_path / "other.csv").with_columns(account=pl.lit("A9"))
    frame.write_csv(tmp_path / "other.csv")
    with pytest.raises(DataError, match="'A9' is not in the scenario") as error:
        read_plan(SCENARIO, DESIGN, tmp_path / "other.csv")
    assert error.value.column == "account"


def test_an_error_names_the_row_as_it_stands_in_the_file(plan: VisitPlan, tmp_path: Path) -> None:
    write_plan(SCENARIO, DESIGN, plan, tmp_path / "plan.csv")
    lines = (tmp_path / "plan.csv").read_text(encoding="utf-8").splitlines()
    columns = lines[0].split(",")
    for column, value, message in (
        ("rep", "R99", "'R99' is not"),
        ("date", "2026-10-03", "'2026-10-03' is not"),
        ("visit", "", "empty"),
    ):
        cells = lines[50].split(",")
        cells[columns.index(column)] = value
        turned = [lines[0], *lines[:50:-1], ",".join(cells), *lines[49:0:-1]]
        (tmp_path / "turned.csv").write_text("\n".join(turned) + "\n", encoding="utf-8")
        with pytest.raises(DataError, match=message) as error:
            read_plan(SCENARIO, DESIGN, tmp_path / "turned.csv")
        assert (error.value.row, error.value.column) == (len(lines) - 49, column)


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".xlsx"])
def test_an_overfull_plan_from_a_file_stays_as_it_is(tmp_path: Path, suffix: str) -> None:
    accounts = SCENARIO.accounts
    scenario = replace(SCENARIO, accounts=replace(accounts, visit_minutes=accounts.visit_minutes * 6.0))
    design, travel = make_design(scenario), make_travel(scenario)
    plan = plan_quarter(scenario, design, travel)
    assert any(part.unplaced for part in plan.territories)
    write_plan(scenario, design, plan, tmp_path / f"plan{suffix}")
    again = plan_quarter(scenario, design, travel, like=read_plan(scenario, design, tmp_path / f"plan{suffix}"))
    for old, new in zip(plan.territories, again.territories, strict=True):
        assert (old.account.tolist(), old.day.tolist(), old.start_s.tolist()) == (
            new.account.tolist(),
            new.day.tolist(),
            new.start_s.tolist(),
        )


def test_days_with_visits_by_phone_stay_when_planned_again_from_a_file(tmp_path: Path) -> None:
    """The search puts a day's remote visits together and may find no way through a day that was routed with them in between."""
    scenario = read_scenario(Path(__file__).parents[2] / "scenarios" / "coquimbo")
    design, travel = read_design(scenario, "balanced"), open_travel(scenario)
    only = [design.territories.index(name) for name in ("T05", "T07", "T08")]
    plan = plan_quarter(scenario, design, travel, only=only)
    write_plan(scenario, design, plan, tmp_path / "plan.parquet")
    again = plan_quarter(scenario, design, travel, only=only, like=read_plan(scenario, design, tmp_path / "plan.parquet"))
    assert days_of(again) == days_of(plan)
    assert sum(len(part.account) for part in again.territories) == sum(len(part.account) for part in plan.territories)
