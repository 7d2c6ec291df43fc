"""Plans are made once, by a thread of their own; a rep gets the same day by every door."""

from __future__ import annotations

import inspect
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date as Date
from pathlib import Path
from typing import Any, cast

import pytest
from town import MONDAY, Clock, Town

from fieldsim import api
from fieldsim.cli import day as route_command
from fieldsim.cli import plan as plan_command
from fieldsim.cli import serving
from fieldsim.model import VisitPlan
from fieldsim.service.ahead import plan_team
from fieldsim.service.errors import Refusal
from fieldsim.service.first import planned_day
from fieldsim.service.ground import Ground, open_ground
from fieldsim.service.plans import MOST_WAITING, Plans
from fieldsim.service.settings import Settings, clock_of, from_text

PLAN = cast(VisitPlan, "a plan")


def test_many_who_ask_at_once_wait_for_one_plan() -> None:
    made = []

    def make() -> VisitPlan:
        made.append(1)
        time.sleep(0.1)
        return PLAN

    plans = Plans()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: plans.get(("R01", 0), make, None), range(8)))
    assert answers == [PLAN] * 8
    assert len(made) == 1


def test_who_asks_too_early_is_told_to_come_back() -> None:
    go, plans = threading.Event(), Plans()

    def make() -> VisitPlan:
        go.wait(10)
        return PLAN

    with pytest.raises(Refusal) as told:
        plans.get(("R01", 0), make, 0.01)
    assert (told.value.status, told.value.code) == (503, "planning")
    go.set()
    assert plans.get(("R01", 0), make, None) is PLAN


def test_a_crowd_does_not_take_every_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fieldsim.service.plans.PAGE_PATIENCE_S", 0.1)
    go, plans = threading.Event(), Plans()

    def make() -> VisitPlan:
        go.wait(10)
        return PLAN

    def ask(_: int) -> float:
        began = time.monotonic()
        with pytest.raises(Refusal):
            plans.get(("R01", 0), make, 2.0)
        return time.monotonic() - began

    with ThreadPoolExecutor(30) as pool:
        waited = sorted(pool.map(ask, range(30)))
    go.set()
    assert waited[0] < 1.5
    assert sum(each >= 1.9 for each in waited) == MOST_WAITING


def test_a_plan_that_fails_says_so_and_is_tried_again() -> None:
    plans, tries = Plans(), iter([ValueError("no"), PLAN])

    def make() -> Any:
        found = next(tries)
        if isinstance(found, Exception):
            raise found
        return found

    with pytest.raises(ValueError, match="no"):
        plans.get(("R01", 0), make, None)
    assert plans.get(("R01", 0), make, None) == PLAN


def test_a_page_waits_for_its_plan_by_itself(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    go = threading.Event()
    ground = replace(town.app.state.ground, _plans=Plans(), planned={})
    monkeypatch.setattr(Ground, "_made", lambda *_: go.wait(10))
    monkeypatch.setattr(Plans, "get", _impatient(Plans.get))
    town.app.state.ground = ground
    page = town.get("rep:R01", "/", headers={"accept": "text/html"})
    assert (page.status_code, page.headers["retry-after"]) == (503, "5")
    assert 'http-equiv="refresh"' in page.text
    day = town.get("rep:R01", "/api/reps/R01/days/today")
    assert (day.status_code, day.headers["retry-after"], day.json()["error"]["code"]) == (503, "5", "planning")
    desk = town.get("ops", "/ops", headers={"accept": "text/html"})
    assert desk.status_code == 200
    assert "still being planned" in desk.text
    go.set()


def _impatient(get: Any) -> Any:
    return lambda plans, key, make, patience_s=0.0: get(plans, key, make, 0.01)


def test_every_door_plans_with_the_same_effort_unless_told() -> None:
    efforts = {inspect.signature(door).parameters["effort"].default for door in (serving.serve, route_command.route)}
    efforts |= {inspect.signature(plan_command.plan).parameters["effort"].default, Settings(Path(), "").effort}
    assert efforts == {"normal"}


def test_the_service_s_days_are_those_of_the_command_line(
    town_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIELDSIM_CACHE", str(tmp_path / "ahead"))
    plan_team(str(town_folder), "today", 0, "quick", 3, 1)
    ground = open_ground(Settings(town_folder, "today", effort="quick", seed=3, clock=Clock()))
    served = {rep: planned_day(ground, rep, Date.fromisoformat(MONDAY)).route for rep in ground.seats}
    monkeypatch.setenv("FIELDSIM_CACHE", str(tmp_path / "other"))
    for rep, route in served.items():
        other = api.day_of(ground.scenario, ground.design, rep=rep, date=MONDAY, effort="quick", seed=3).route
        assert [(stop.id, stop.start_s) for stop in route.stops] == [(stop.id, stop.start_s) for stop in other.stops]


def test_a_day_to_serve_begins_in_the_morning_in_every_process(tmp_path: Path) -> None:
    clock = clock_of("2026-10-05", "America/Santiago")
    settings = Settings(tmp_path, "today", clock=clock)
    other = from_text(settings.as_text()).clock
    assert clock().isoformat()[:16] == "2026-10-05T11:00"
    assert abs((other() - clock()).total_seconds()) <= 1
