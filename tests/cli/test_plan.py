"""`fieldsim plan`: the contract of its JSON, changes with few moves, reasons, and every file it writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from fieldsim.cli import main

SMALL = str(Path(__file__).parents[1] / "data" / "small")
QUICK = ["plan", SMALL, "today", "--effort", "quick"]
Capture = pytest.CaptureFixture[str]


def asked(capsys: Capture, *words: str) -> Any:
    assert main([*QUICK, "--json", *words]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_json_has_what_the_design_promises(capsys: Capture) -> None:
    answer = asked(capsys)
    assert set(answer) == {"visits", "unplaced", "capacity"}
    assert {"rep", "account", "date", "start_s"} <= set(answer["visits"][0])
    assert {"needed_hours", "available_hours", "unplaced_by_priority", "one_more_rep_holds"} <= set(answer["capacity"][0])


def test_a_pin_a_move_and_a_block_change_little(capsys: Capture) -> None:
    first = next(row for row in asked(capsys)["visits"] if row["account"] == "A03")
    answer = asked(capsys, "--pin", "A01@2026-11-10", "--move", f"A03@{first['date']}:2026-10-05", "--block", "R01@2026-11-04")
    days = {(row["account"], row["date"]) for row in answer["visits"]}
    assert {("A01", "2026-11-10"), ("A03", "2026-10-05")} <= days
    assert not [row for row in answer["visits"] if row["rep"] == "R01" and row["date"] == "2026-11-04"]
    assert 2 <= len(answer["changed"]) <= 6


def test_nothing_changes_where_nothing_is_asked(tmp_path: Path, capsys: Capture) -> None:
    before = asked(capsys, "--out", str(tmp_path / "plan.parquet"))
    answer = asked(capsys, "--like", str(tmp_path / "plan.parquet"))
    assert answer["changed"] == []
    assert [row["date"] for row in answer["visits"]] == [row["date"] for row in before["visits"]]
    assert asked(capsys, "--like", str(tmp_path / "plan.parquet"), "--rep", "R02")["changed"] == []


def test_every_visit_can_be_explained(capsys: Capture) -> None:
    rows = [row for row in asked(capsys)["visits"] if row["account"] == "A02"]
    why = asked(capsys, "--explain", "A02")
    assert [row["date"] for row in why] == sorted(row["date"] for row in rows)
    assert main([*QUICK, "--explain", f"A02@{rows[0]['date']}"]) == 0
    assert "more travel" in " ".join(capsys.readouterr().out.split())


def test_one_calendar_a_rep(tmp_path: Path, capsys: Capture) -> None:
    from icalendar import Calendar

    answer = asked(capsys, "--out", str(tmp_path / "plan.ics"))
    for rep in ("R01", "R02", "R03"):
        calendar = Calendar.from_ical((tmp_path / f"plan.{rep}.ics").read_bytes())
        visits = [event for event in calendar.walk("VEVENT") if "Account" in str(event.get("description", ""))]
        assert len(visits) == sum(row["rep"] == rep for row in answer["visits"])
        assert len({str(event["uid"]) for event in visits}) == len(visits)
    asked(capsys, "--rep", "R02", "--out", str(tmp_path / "mine.ics"))
    assert (tmp_path / "mine.ics").read_bytes() == (tmp_path / "plan.R02.ics").read_bytes()


def test_a_file_that_no_plan_can_be_is_refused_before_planning(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fieldsim.planning.plan_quarter", None)
    assert main([*QUICK, "--out", "plan.doc"]) == 2
    assert ".ics" in capsys.readouterr().err


def test_what_found_no_day_is_said_first_and_written(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "w.toml").write_text('[[off]]\nrep = "R01"\nfrom = 2026-10-01\nto = 2026-12-27\n', encoding="utf-8")
    words = ["--wishes", str(tmp_path / "w.toml"), "--out", str(tmp_path / "plan.csv")]
    assert main([*QUICK, *words]) == 0
    out = capsys.readouterr().out
    assert out.startswith("Not every visit due has a day")
    assert "One more day a week would hold" in " ".join(out.split())
    left = pl.read_csv(tmp_path / "plan.unplaced.csv")
    assert left["count"].sum() == sum(row["count"] for row in asked(capsys, *words)["unplaced"])


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--pin", "A01"], 2),
        (["--pin", "A01@tomorrow"], 2),
        (["--pin", "A99@2026-11-10"], 3),
        (["--move", "A01@2026-11-10"], 2),
        (["--pin", "A01@2027-11-10"], 2),
        (["--move", "A01@2025-11-10:2026-11-10"], 2),
        (["--block", "R01@2027-11-10"], 2),
        (["--block", "R09@2026-11-10"], 2),
        (["--rep", "R02", "--block", "R01@2026-11-10"], 2),
        (["--explain", "A99"], 3),
        (["--explain", "R01"], 3),
        (["--wishes", "none.toml"], 3),
        (["--like", "none.csv"], 3),
        (["--like", "none.txt"], 2),
        (["--out", "plan.docx"], 2),
    ],
)
def test_what_makes_no_sense_is_one_line(words: list[str], code: int, capsys: Capture) -> None:
    assert main([*QUICK, *words]) == code
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize("option", [["--pin", "{}@2026-11-10"], ["--block", "{}@2026-11-10"], ["--explain", "{}"]])
def test_one_reps_plan_knows_whose_an_account_is(option: list[str], capsys: Capture) -> None:
    other = next(row for row in asked(capsys)["visits"] if row["rep"] == "R01")
    assert main([*QUICK, "--rep", "R02", *(word.format(other["account"]) for word in option)]) == 2
    assert f"'{other['account']}' is not in R02's plan (it is R01's)" in capsys.readouterr().err


def test_the_grid_tells_how_regular_the_visits_are(capsys: Capture) -> None:
    shares = {row["rep"]: row["same_weekday_share"] for row in asked(capsys)["capacity"]}
    assert main([*QUICK, "--rep", "R01"]) == 0
    assert f"{shares['R01']:.0%}".replace("%", " % of an account's visits") in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--pin", "A01@2026-12-25"], "--pin A01@2026-12-25: 'A01' is pinned to 2026-12-25, a public holiday (Christmas Day)"),
        (["--move", "A01@2026-10-05:2026-10-18"], "2026-10-18: the visit to 'A01' cannot move to 2026-10-18, a Sunday"),
        (["--pin", "A01@2026-11-10", "--block", "A01@2026-11-10"], "2026-11-10, a day that is to be kept free of it"),
    ],
)
def test_what_can_never_be_is_told_before_the_work(
    words: list[str], why: str, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr("fieldsim.planning.territory.improve", lambda *_: pytest.fail("it planned"))
    assert main([*QUICK, *words]) == 3
    assert why in " ".join(capsys.readouterr().err.split())


def test_a_file_may_move_what_the_plan_holds(tmp_path: Path, capsys: Capture) -> None:
    first = next(row for row in asked(capsys)["visits"] if row["account"] == "A03")
    (tmp_path / "w.toml").write_text(f'[[move]]\naccount = "A03"\nfrom = {first["date"]}\nto = 2026-10-05\n')
    answer = asked(capsys, "--wishes", str(tmp_path / "w.toml"))
    assert ("A03", "2026-10-05") in {(row["account"], row["date"]) for row in answer["visits"]}
    assert answer["changed"]
    (tmp_path / "w.toml").write_text('[[pin]]\naccount = "A01"\ndate = 2026-12-25\n')
    assert main([*QUICK, "--wishes", str(tmp_path / "w.toml")]) == 3
    assert "row 3" in capsys.readouterr().err
