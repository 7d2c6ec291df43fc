"""The curves of a report, made beside the comparison."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest
from small import make_design, make_scenario

from fieldsim.api import curves
from fieldsim.api.ground import open_travel
from fieldsim.store import default_store


def test_curves_made_beside_are_those_the_report_would_make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = make_scenario(8)
    designs = [make_design(scenario)]
    travel = open_travel(scenario)
    monkeypatch.setenv("FIELDSIM_CACHE", str(tmp_path / "alone"))
    alone = curves.report_curves(scenario, travel, designs)
    monkeypatch.setenv("FIELDSIM_CACHE", str(tmp_path / "beside"))
    with curves.curves_ahead(scenario, designs):
        pass
    made = list((default_store().folder / "curves").rglob("*.pickle"))
    assert len(made) == 1
    assert alone
    assert repr(curves.report_curves(scenario, travel, designs)) == repr(alone)  # nan stands where no bound was asked for
    assert list((default_store().folder / "curves").rglob("*.pickle")) == made


def test_an_interrupted_comparison_leaves_no_process_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIELDSIM_CACHE", str(tmp_path))
    scenario = make_scenario(8)
    with pytest.raises(KeyboardInterrupt), curves.curves_ahead(scenario, [make_design(scenario)]):
        raise KeyboardInterrupt
    mine = [process for process in multiprocessing.active_children() if process.name == "curves"]
    for process in mine:
        process.join(10)
    assert [process for process in mine if process.is_alive()] == []
