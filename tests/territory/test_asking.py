"""A designer from elsewhere that answers what cannot be is told so in its own name, whatever it does."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from small import make_design, make_scenario, make_travel

from fieldsim.errors import DataError, UsageError
from fieldsim.model import Design, Scenario, Travel
from fieldsim.territory import Brief, design_territories

MODULE = "own_designer"
Answer = Callable[[Scenario, Travel, Brief], object]


def like(**changes: object) -> Answer:
    """The design that stands, with fields replaced."""
    return lambda scenario, travel, brief: replace(brief.start, **changes)  # type: ignore[type-var, arg-type]


def raises(scenario: Scenario, travel: Travel, brief: Brief) -> Design:
    raise KeyError("no such seat")


OWNERS = np.arange(12) % 3
ANSWERS: dict[str, object] = {
    "failed: KeyError: 'no such seat'": raises,
    "failed: SystemExit: 7": lambda scenario, travel, brief: sys.exit(7),
    "failed: TypeError": lambda: None,
    "returned NoneType, not a design": lambda scenario, travel, brief: None,
    "has to give each account, 12 of them, a territory": like(territory_of=np.append(OWNERS, 1)),
    "has to give each account, 12 of them, a territory by": like(territory_of=OWNERS.tolist()),
    "has to give each account, 12 of them, a territory by its": like(territory_of=OWNERS + 0.5),
    "gives account territory 3, which is not there": like(territory_of=OWNERS + 1),
    "gives account territory -1, which is not there": like(territory_of=OWNERS - 1),
    "has to give each territory, 3 of them, a rep": like(rep_of=np.arange(2)),
    "gives territory rep 3, which is not there": like(rep_of=np.arange(3) + 1),
    "gives R02 two territories": like(rep_of=np.array([1, 1, 0])),
    "has to name its territories in order": like(territories=("T02", "T01", "T03")),
    "has to name its territories in order, each once": like(territories=("T01", "T01", "T03")),
}


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[object], Design]:
    """The design that a function makes as the plug-in own_designer:made, of the small scenario."""
    (tmp_path / f"{MODULE}.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, MODULE, raising=False)
    scenario = make_scenario()

    def ask(function: object) -> Design:
        monkeypatch.setattr(f"{MODULE}.made", function, raising=False)
        start, travel = make_design(scenario), make_travel(scenario)
        return design_territories(scenario, travel, f"{MODULE}:made", name="next", start=start, allow_plugins=True)

    return ask


@pytest.mark.parametrize("told", ANSWERS)
def test_what_a_designer_does_wrong_is_told_in_its_name(told: str, asked: Callable[[object], Design]) -> None:
    with pytest.raises(UsageError) as error:
        asked(ANSWERS[told])
    assert str(error.value).startswith("method 'own_designer:made'")
    assert told in str(error.value)


def test_an_error_of_the_house_passes_as_it_is(asked: Callable[[object], Design]) -> None:
    def unread(scenario: Scenario, travel: Travel, brief: Brief) -> Design:
        raise DataError("no such file", file="rules.csv")

    with pytest.raises(DataError, match=r"rules\.csv"):
        asked(unread)


def test_a_sound_answer_is_the_design_under_the_name_that_was_asked_for(asked: Callable[[object], Design]) -> None:
    made = asked(like(name="today", territory_of=OWNERS[::-1].copy()))
    assert made.name == "next"
    assert made.territory_of.tolist() == OWNERS[::-1].tolist()
