"""`fieldsim stress` and `fs.stress_turnover`: the answer in words, as JSON, as a page and as a log; wrong questions refused."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

import fieldsim as fs
from fieldsim.cli import main

SMALL = str(Path(__file__).parents[1] / "data" / "small")
ASKED = ["--horizon", "1", "--replications", "10", "--workers", "1", "--policy", "vacant", "--policy", "nearest"]
Capture = pytest.CaptureFixture[str]


def test_the_answer_ends_with_a_verdict_a_planner_can_write_down(capsys: Capture, tmp_path: Path) -> None:
    page = tmp_path / "stress.html"
    log = tmp_path / "log"
    code = main(["stress", SMALL, "today", "--depart", "R01@2026-10-15", *ASKED, "--out", str(page), "--log", str(log)])
    out = capsys.readouterr().out
    assert code == 0
    assert "1 departure, seats empty for " in out
    for title in ("quota attainment", "coverage of visits due", "What one departure changes", "Which policy if this rep leaves"):
        assert title in out
    told = " ".join(out.split())
    assert told.split("next hire. ")[-1].startswith("Over one quarter, 1 rep of design today leaves; under ")
    html = page.read_text(encoding="utf-8")
    assert html.startswith("<!DOCTYPE html>")
    assert "asked for: R01 from " in html
    assert "http://" not in html.split("</script>")[-1]
    seats = pl.read_parquet(log / "seats.parquet")
    assert set(seats["design"]) == {"vacant", "nearest"}
    empty = seats.filter(pl.col("rep").is_null())
    assert set(empty["from"]) == {"2026-10-15"}


def test_json_is_whole_and_the_only_thing_on_stdout(capsys: Capture) -> None:
    assert main(["stress", SMALL, "today", "--turnover", "1", *ASKED, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [each["policy"] for each in found["policies"]] == ["vacant", "nearest"]
    assert found["departures"]["rate"] == 1.0
    assert {"policies", "differences", "best", "departures", "cost_of_departure", "by_rep", "break_even"} <= set(found)
    assert "designs" not in found


def test_python_asks_the_same_question() -> None:
    scenario = fs.read_scenario(SMALL)
    design = fs.read_design(scenario, "today")
    found = fs.stress_turnover(scenario, design, policies=["vacant", "nearest"], rate=1.0, horizon=1, replications=10, workers=1)
    assert found.summary()
    assert found.frame.columns == ["policy", "kpi", "mean", "lo", "hi", "p10", "p50", "p90"]
    assert set(found.frame["policy"]) == {"vacant", "nearest"}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (["--policy", "neerest"], "did you mean 'nearest'"),
        (["--depart", "R1@2026-10-20"], "unknown rep 'R1'"),
        (["--depart", "R01@20-10-2026"], "is no date"),
        (["--depart", "R01@2028-01-01"], "lies outside"),
        (["--by", "revenu"], "did you mean 'revenue'"),
        (["--out", "."], "--out names a file"),
    ],
)
def test_a_wrong_question_is_one_line_and_exit_code_2(capsys: Capture, wrong: list[str], words: str) -> None:
    assert main(["stress", SMALL, "today", *wrong]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert words in printed.err
    assert len(printed.err.splitlines()) == 1
