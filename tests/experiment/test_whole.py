"""Files in, verdict out, through all the real rooms: the answer hangs on content alone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fieldsim.experiment import Executor, Processes, Serial, compare_designs, market, screen
from fieldsim.model import Scenario
from fieldsim.scenario import read_design, read_scenario
from fieldsim.store import Store
from fieldsim.travel import open_travel

SMALL = Path(__file__).parents[1] / "data" / "small"


def answer(
    folder: Path,
    executor: Executor,
    store: Store | None = None,
    change: Callable[[Scenario], Scenario] | None = None,
    horizons: tuple[int, ...] = (1, 2),
    screened: int = 0,
) -> str:
    scenario = read_scenario(folder)
    scenario = change(scenario) if change else scenario
    designs = [read_design(scenario, name) for name in ("today", "split")]
    found = compare_designs(
        scenario,
        designs,
        open_travel(scenario),
        horizons=horizons,
        executor=executor,
        workers=1,
        max_replications=10,
        store=store,
        screen_assumptions=screened,
    )
    return json.dumps([each.as_json() for each in found], allow_nan=False)


@pytest.fixture(scope="module")
def expected() -> str:
    return answer(SMALL, Serial())


def test_the_order_of_rows_changes_nothing(expected: str, tmp_path: Path) -> None:
    folder = tmp_path / "small"
    shutil.copytree(SMALL, folder)
    for file in sorted(folder.rglob("*.csv")):
        head, *rows = file.read_text(encoding="utf-8").splitlines()
        mixed = [rows[k] for k in np.random.default_rng(1).permutation(len(rows))]
        file.write_text("\n".join([head, *mixed]) + "\n", encoding="utf-8")
    assert answer(folder, Serial()) == expected


def test_local_processes_and_checkpoints_change_nothing(expected: str, tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    assert answer(SMALL, Processes(2), store) == expected
    assert answer(SMALL, Serial(), store) == expected


def test_another_margin_is_another_question(expected: str, tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    answer(SMALL, Serial(), store)
    changed = answer(SMALL, Serial(), store, lambda s: replace(s, rates=replace(s.rates, margin=0.9)))
    assert changed != expected
    assert answer(SMALL, Serial(), store) == expected


def test_a_shorter_horizon_is_the_prefix_of_a_longer_run(expected: str) -> None:
    (alone,), both = json.loads(answer(SMALL, Serial(), horizons=(1,))), json.loads(expected)
    assert alone["differences"] == both[0]["differences"]
    assert alone["designs"] == both[0]["designs"]


def test_screening_on_kept_routes_is_screening_with_every_stage_set_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen, "WORK", 1)  # one way through the ranges
    kept = answer(SMALL, Serial(), horizons=(1,), screened=2)
    whole, made_of, anew = market.set_stage, dict[int, tuple[Any, dict[str, Any]]](), []

    def set_stage(scenario: Any, design: Any, plans: Any, travel: Any, **rest: Any) -> Any:
        made = whole(scenario, design, plans, travel, **rest)
        made_of[id(made)] = (made, {"plans": plans, "travel": travel, **rest})
        return made

    def set_anew(made: Any, scenario: Any, design: Any, *, current: Any) -> Any:
        anew.append(design.name)
        return whole(scenario, design, **{**made_of[id(made)][1], "current": current})

    monkeypatch.setattr(market, "set_stage", set_stage)
    monkeypatch.setattr(market, "set_anew", set_anew)
    assert answer(SMALL, Serial(), horizons=(1,), screened=2) == kept
    assert "were screened" in kept
    assert anew
