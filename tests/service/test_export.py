"""What happened comes back: the export is read as a later scenario's history."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from town import MONDAY, Town, left

from fieldsim import api
from fieldsim.cli import main


def test_visits_are_read_back_as_history(town: Town, town_folder: Path, tmp_path: Path, database_url: str) -> None:
    names = left(town.day())
    town.clock.set(f"{MONDAY}T17:00")
    town.changed(kind="done", account=names[0], at_s=9 * 3600)
    town.changed(kind="no_show", account=names[1], at_s=10 * 3600)
    town.changed(kind="cancelled", account=names[2], at_s=10 * 3600 + 60)
    town.changed(kind="skip", account=names[3])
    town.changed(kind="cancelled", account=names[4])
    town.changed(kind="undo")
    later = Path(shutil.copytree(town_folder, tmp_path / "later"))
    out = later / "history.csv"
    assert main(["export", "actuals", str(town_folder), "--database", database_url, "--out", str(out)]) == 0
    toml = (later / "scenario.toml").read_text().replace("2026-10-01", "2027-01-01")
    (later / "scenario.toml").write_text(toml)
    history = api.read_scenario(later).history
    assert history is not None
    rows = {account: k for k, account in enumerate(history["account"])}
    assert len(rows) == 4
    assert [history["outcome"][rows[name]] for name in names[:4]] == ["held", "no_show", "cancelled", "dropped"]
    assert history["leave_s"][rows[names[0]]] == 9 * 3600
    assert {str(day) for day in history["date"]} == {MONDAY}
    assert set(history["rep"]) == {"R01"}
    assert set(history["kind"]) == {"visit"}


def test_corrections_are_exported(town: Town, town_folder: Path, database_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    name = left(town.day())[0]
    town.changed(kind="hours_wrong", account=name, opens="Mo-Fr 10:00-12:00")
    assert main(["export", "corrections", str(town_folder), "--database", database_url]) == 0
    assert f",{name}," in capsys.readouterr().out


def test_no_service_yet_is_told(tmp_path: Path, town_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = shutil.copytree(town_folder, tmp_path / "fresh")
    assert main(["export", "actuals", str(folder)]) == 2
    assert "no service has run" in capsys.readouterr().err
    assert not (Path(folder) / "service.sqlite").exists()
