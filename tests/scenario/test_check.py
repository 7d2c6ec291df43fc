"""check: one planted oddity at a time is found, with the accounts it concerns."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from small import make_scenario

from fieldsim.model import Scenario
from fieldsim.scenario import check_scenario
from fieldsim.scenario.check import ScenarioCheck
from fieldsim.scenario.findings import Book
from fieldsim.scenario.suspicions import suspicions, visiting_hours, working_hours

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DATA / "small", tmp_path / "small"))


def oddities(scenario: Scenario) -> dict[str, tuple[str, ...]]:
    rows = {account: at for at, account in enumerate(scenario.accounts.ids, 2)}
    book = Book(scenario.accounts, scenario.reps, "accounts.csv", rows)
    return {finding.code: finding.accounts for finding in suspicions(book, scenario)}


def changed(scenario: Scenario, column: str, cells: dict[int, object]) -> Scenario:
    """The scenario with some cells of one column of its accounts replaced."""
    old = getattr(scenario.accounts, column)
    new = old.copy() if isinstance(old, np.ndarray) else list(old)
    for at, cell in cells.items():
        new[at] = cell
    return replace(scenario, accounts=replace(scenario.accounts, **{column: new if isinstance(old, np.ndarray) else tuple(new)}))


def test_a_sound_book_has_no_oddities() -> None:
    assert oddities(make_scenario(60)) == {}


def twins(scenario: Scenario) -> Scenario:
    named = changed(scenario, "name", {3: "Foods, Inc.", 7: "FOODS Inc"})
    placed = changed(named, "lat", {7: named.accounts.lat[3]})
    return changed(placed, "lon", {7: placed.accounts.lon[3]})


def same_address(scenario: Scenario) -> Scenario:
    named = changed(scenario, "name", {3: "Foods", 7: "foods"})
    return changed(changed(named, "address", {3: "1 Main St.", 7: "1 main st"}), "city", {3: "X", 7: "x"})


PLANTED: dict[str, tuple[Callable[[Scenario], Scenario], str, tuple[str, ...]]] = {
    "same place": (twins, "duplicate", ("A0003", "A0007")),
    "same address": (same_address, "duplicate", ("A0003", "A0007")),
    "centroid": (
        lambda s: changed(changed(s, "lat", dict.fromkeys(range(5), -30.0)), "lon", dict.fromkeys(range(5), -71.2)),
        "shared_point",
        ("A0000", "A0001", "A0002", "A0003", "A0004"),
    ),
    "vague": (lambda s: changed(s, "precision", {4: "postal", 6: "city"}), "vague_place", ("A0004", "A0006")),
    "far": (lambda s: changed(s, "lat", {5: -33.4}), "far_from_reps", ("A0005",)),
    "worthless": (
        lambda s: changed(changed(s, "potential", {8: 0.0}), "revenue_last_year", {8: 0.0}),
        "no_potential",
        ("A0008",),
    ),
    "wrong unit": (lambda s: changed(s, "potential", {9: 30_000_000.0}), "potential_outlier", ("A0009",)),
    "over potential": (lambda s: changed(s, "revenue_last_year", {2: 1e9}), "over_potential", ("A0002",)),
    "orphan": (
        lambda s: changed(s, "owner", dict.fromkeys(range(60), "R01") | {11: "R77", 12: "Rep 2"}),
        "orphan_owner",
        ("A0011",),
    ),
    "unowned": (lambda s: changed(s, "owner", dict.fromkeys(range(1, 60), "R01")), "no_owner", ("A0000",)),
    "lost parent": (lambda s: changed(s, "parent", {1: "P9", 2: "A0001", 3: "Chain", 4: "Chain"}), "unknown_parent", ("A0001",)),
    "night": (lambda s: changed(s, "opens", {2: "Mo-Fr 22:00-23:00", 3: "Sa 09:00-17:00"}), "never_open", ("A0002", "A0003")),
    "too often": (lambda s: changed(s, "visits", {2: 80}), "daily_visits", ("A0002",)),
    "overbooked": (lambda s: changed(s, "visit_minutes", {2: 30_000.0}), "overbooked", ()),
}


@pytest.mark.parametrize(("plant", "code", "accounts"), PLANTED.values(), ids=PLANTED.keys())
def test_finds_what_is_planted(plant: Callable[[Scenario], Scenario], code: str, accounts: tuple[str, ...]) -> None:
    found = oddities(plant(make_scenario(60)))
    assert found == {code: accounts}


def test_finds_reps_who_start_too_late() -> None:
    scenario = make_scenario(60)
    late = replace(scenario.reps[2], start=date(2027, 3, 1))
    assert "late_rep" in oddities(replace(scenario, reps=(*scenario.reps[:2], late)))


def test_hours_due_and_there_by_hand() -> None:
    scenario = make_scenario(12)
    accounts = scenario.accounts
    by_hand = sum(int(v) * float(m) for v, m in zip(accounts.visits, accounts.visit_minutes, strict=True)) / 60
    assert visiting_hours(accounts) == pytest.approx(by_hand)
    # 66 Mondays to Fridays less 12 October, 8 and 25 December; 9.5 hours less lunch of 45 and office work of 60 minutes
    assert working_hours(scenario, scenario.reps) == pytest.approx(3 * 63 * (9.5 - 0.75 - 1.0))


def check(folder: Path) -> ScenarioCheck:
    found = check_scenario(folder)
    assert json.loads(json.dumps(found.as_json()))["ok"] is found.ok
    return found


def test_sums_up_the_small_scenario() -> None:
    found = check(DATA / "small")
    assert found.ok
    assert found.counts["accounts"] == 12
    assert found.counts["visits_due"] == 4 * (12 + 6 + 3)
    assert found.precision == {"exact": 12}
    split, today = found.designs
    assert (today["design"], today["moved"], today["accounts_least"]) == ("today", 0, 4)
    assert (split["moved"], split["families_split"]) == (1, 0)
    assert found.defaults["day.shift_start"] == "08:00"
    assert found.assumptions[0].startswith("revenue_last_year: the tier's revenue_share of the potential, for 1 of 12")


def test_counts_what_the_salesforce_example_rests_on() -> None:
    found = check(DATA / "salesforce")
    assert found.ok
    assert found.precision == {"postal": 36}
    assert [finding.code for finding in found.warnings] == ["vague_place", "orphan_owner"]
    assert {str(design["design"]) for design in found.designs} == {"zip", "owners"}
    assert any(text.startswith("potential: the tier's, for 36 of 36") for text in found.assumptions)


def test_counts_families_that_a_design_splits(folder: Path) -> None:
    path = folder / "designs" / "today.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("A07,R02", "A07,R01"), encoding="utf-8")
    families = {design["design"]: design["families_split"] for design in check(folder).designs}
    assert families == {"split": 0, "today": 1}


def test_all_designs_are_read(folder: Path) -> None:
    (folder / "designs" / "bad.csv").write_text("account,territory\nA01,R01\n", encoding="utf-8")
    (folder / "designs" / "worse.csv").write_text("", encoding="utf-8")
    found = check(folder)
    assert [finding.file for finding in found.errors] == ["designs/bad.csv", "designs/worse.csv"]
    assert [design["design"] for design in found.designs] == ["split", "today"]


def test_a_scenario_without_designs_is_unsound(folder: Path) -> None:
    shutil.rmtree(folder / "designs")
    (folder / "scenario.toml").write_text(
        (folder / "scenario.toml").read_text(encoding="utf-8").replace('current = "today"', ""), encoding="utf-8"
    )
    book = pl.read_csv(folder / "accounts.csv", infer_schema=False)
    book.drop("owner").write_csv(folder / "accounts.csv")
    assert [finding.message for finding in check(folder).errors] == ["no design"]


def test_an_export_alone_is_judged_by_its_owners(folder: Path) -> None:
    shutil.rmtree(folder / "designs")
    path = folder / "scenario.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('current = "today"', ""), encoding="utf-8")
    found = check(folder)
    assert found.ok
    assert [design["design"] for design in found.designs] == ["owners"]


def test_names_roads_that_are_not_there(folder: Path) -> None:
    path = folder / "scenario.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("detour = 1.3", 'detour = 1.3\nroads = "r.npz"'), encoding="utf-8")
    assert [finding.code for finding in check(folder).warnings] == ["no_travel_data"]


def test_a_column_of_errors_is_listed_in_part(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(DATA / "small", tmp_path / "many"))
    rows = [{"account": f"A{k:03d}", "lat": -30.0, "lon": -71.0, "potential": "much"} for k in range(200)]
    pl.DataFrame(rows).write_csv(folder / "accounts.csv")
    errors = [finding for finding in check(folder).errors if finding.column == "potential"]
    assert len(errors) == 51
    assert errors[-1].message == "150 more errors here"


def test_reps_without_a_seat_are_named(folder: Path) -> None:
    path = folder / "designs" / "today.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("R03", "R01"), encoding="utf-8")
    found = check(folder)
    seatless, differ = found.warnings
    assert str(seatless) == "designs/today, column rep: reps without a territory: R03"
    assert (differ.code, differ.accounts) == ("owner_differs", ("A05", "A09", "A11", "A12"))


def test_lists_accounts_without_a_place(folder: Path) -> None:
    path = folder / "accounts.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("-29.906,-71.270", ","), encoding="utf-8")
    found = check(folder)
    assert found.unplaced == ("A02",)
    assert found.precision == {"exact": 11}


def test_finds_ids_that_a_spreadsheet_rounded(folder: Path) -> None:
    for path in (folder / "accounts.csv", *folder.glob("designs/*.csv")):
        path.write_text(path.read_text(encoding="utf-8").replace("A12,", "1.23E+11,"), encoding="utf-8")
    assert [(finding.code, finding.accounts) for finding in check(folder).warnings] == [("rounded_id", ("1.23E+11",))]


def test_says_what_is_read_and_not_followed(folder: Path) -> None:
    (folder / "history.csv").write_text(
        "date,rep,account,kind,outcome,amount\n2026-09-03,R01,A01,visit,held,\n", encoding="utf-8"
    )
    header = "account,rep,revenue_share,quota_credit,visit_share\n"
    (folder / "designs/split.overlays.csv").write_text(f"{header}A01,R03,0.2,1,0.4\n", encoding="utf-8")
    said = check(folder).assumptions
    assert any(line.startswith("history.csv tells of visits and owners before the quarter; ") for line in said)
    assert said[-1].endswith("they make these visits in their own days, in the owner's place (split)")


def test_leavers_of_the_history_are_counted(folder: Path) -> None:
    (folder / "history.csv").write_text("date,rep,account,kind\n2026-01-05,R09,A01,visit\n", encoding="utf-8")
    found = check(folder)
    assert found.counts["history_rows"] == 1
    assert [finding.code for finding in found.warnings] == ["unknown_rep"]
