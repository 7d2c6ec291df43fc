"""The main job end to end, through the command line, on the small scenario of tests/data."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from fieldsim.cli import main

SMALL = Path(__file__).parent / "data" / "small"
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SMALL, tmp_path / "small"))


def compare(folder: Path, capsys: Capture, *more: str) -> dict[str, Any]:
    """The JSON answer of `fieldsim compare`."""
    assert main(["compare", str(folder), *more, "--json"]) == 0
    printed = capsys.readouterr()
    assert printed.out.count("\n") == 1
    answer: dict[str, Any] = json.loads(printed.out)
    return answer


def shuffle_rows(file: Path) -> None:
    """Put the rows of a CSV file in another order."""
    header, *rows = file.read_text(encoding="utf-8").splitlines()
    random.Random(3).shuffle(rows)
    file.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")


@pytest.mark.slow
def test_the_answer_has_the_agreed_form_and_follows_the_seed(folder: Path, capsys: Capture) -> None:
    first = compare(folder, capsys, "--workers", "1")
    agreed = {"version", "input_hash", "scenario", "currency", "from", "to", "seed", "replications", "stopped_because"}
    assert agreed | {"designs", "differences", "best", "smallest_difference_shown", "assumptions_that_flip_it"} <= set(first)
    assert {"mean", "lo", "hi", "p10", "p50", "p90"} <= set(first["designs"][0]["kpis"]["contribution"])
    assert {"a", "b", "kpi", "mean", "lo", "hi", "plan_noise", "verdict"} <= set(first["differences"][0])
    other = compare(folder, capsys, "--seed", "1")
    assert other["designs"][0]["kpis"]["revenue"]["mean"] != first["designs"][0]["kpis"]["revenue"]["mean"]


@pytest.mark.slow
def test_workers_and_row_order_change_nothing(folder: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    first = compare(folder, capsys, "--workers", "1")
    for file in (folder / "accounts.csv", folder / "reps.csv", *sorted((folder / "designs").glob("*.csv"))):
        shuffle_rows(file)
    monkeypatch.setenv("FIELDSIM_CACHE", str(folder / "another-cache"))
    assert compare(folder, capsys, "--workers", "2") == first


@pytest.mark.slow
def test_a_design_that_is_the_same_as_another_shows_no_difference(folder: Path, capsys: Capture) -> None:
    shutil.copy(folder / "designs" / "today.csv", folder / "designs" / "same.csv")
    answer = compare(folder, capsys, "today", "same")
    assert {d["verdict"] for d in answer["differences"]} == {"not shown"}
    assert {(d["mean"], d["lo"], d["hi"]) for d in answer["differences"] if d["mean"] is not None} == {(0.0, 0.0, 0.0)}
    assert main(["compare", str(folder), "today", "same"]) == 0
    assert "no difference" in capsys.readouterr().out.replace("\n", " ").lower()


@pytest.mark.slow
def test_report_and_log_are_written_whole(folder: Path, capsys: Capture) -> None:
    report, log = folder / "report.html", folder / "log"
    compare(folder, capsys, "--out", str(report), "--log", str(log))
    page = report.read_text(encoding="utf-8")
    assert page.rstrip().endswith("</html>")
    names = {"visits", "minutes", "ledger", "quotas", "seats", "due"}
    assert names <= {file.stem for file in log.glob("*.parquet")}
    assert not list(folder.rglob("*.part"))
