"""Every change once: the same key again, at once, on two servers; other keys each make a version; a fold gives the same day."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from town import MONDAY, Town, left

from fieldsim.service import changes, days
from fieldsim.service import tables as t
from fieldsim.service.asked import STILL, Change
from fieldsim.service.changes import Setting
from fieldsim.service.database import Database, open_database
from fieldsim.service.errors import Refusal
from fieldsim.service.first import planned_day
from fieldsim.service.state import State, as_text, from_text


def events(town: Town) -> list[Any]:
    with town.app.state.database.read() as connection:
        return list(connection.execute(select(t.events).order_by(t.events.c.id)).mappings())


def test_the_same_key_again_is_the_same_answer(town: Town) -> None:
    first, other = left(town.day())[:2]
    one = town.change(key="same-key-1", kind="cancelled", account=first)
    town.changed(kind="cancelled", account=other)
    again = town.change(key="same-key-1", kind="cancelled", account=first)
    assert again.json()["stops"] == one.json()["stops"]
    assert again.json()["version"] == one.json()["version"] == 1
    assert len(events(town)) == 2


def test_a_key_with_another_body_is_told(town: Town) -> None:
    first, other = left(town.day())[:2]
    town.change(key="same-key-2", kind="cancelled", account=first)
    for more in ({"account": other}, {"account": first, "note": "x"}, {"account": first, "date": "2026-10-06"}):
        answer = town.change(key="same-key-2", kind="cancelled", **more)
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "key_reused")


def test_two_reps_may_use_the_same_key(town: Town) -> None:
    for rep in ("R01", "R02"):
        assert town.change(rep, key="shared-key-1", kind="cancelled", account=left(town.day(rep))[0]).status_code == 200


@pytest.mark.parametrize("round_", range(3))
def test_one_key_at_once_on_two_servers_is_one_effect(town: Town, database_url: str, round_: int) -> None:
    first = left(town.day())[round_]
    grounds, databases = town.app.state.ground, [town.app.state.database, open_database(database_url)]

    def send(number: int) -> str:
        database: Database = databases[number % 2]
        body = {"kind": "cancelled", "account": first}
        return days.change_text(grounds, database, "R01", MONDAY, f"at-once-{round_}", body)

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(send, range(24)))
    databases[1].engine.dispose()
    assert len(set(answers)) == 1
    assert json.loads(answers[0])["version"] == 1
    assert len(events(town)) == 1


def test_other_keys_at_once_are_all_there_and_each_is_a_version(town: Town, database_url: str) -> None:
    names = left(town.day())
    ground, databases = town.app.state.ground, [town.app.state.database, open_database(database_url)]

    def send(number: int) -> int:
        body = {"kind": "hours_wrong", "account": names[number % len(names)], "note": str(number)}
        answer = days.change_text(ground, databases[number % 2], "R01", MONDAY, f"others-{number:03d}", body)
        return int(json.loads(answer)["version"])

    with ThreadPoolExecutor(8) as pool:
        versions = list(pool.map(send, range(16)))
    databases[1].engine.dispose()
    assert sorted(versions) == list(range(1, 17))
    assert [row["version"] for row in events(town)] == list(range(1, 17))


def test_a_day_asked_for_first_by_many_at_once_is_made_once(town: Town, database_url: str) -> None:
    ground, databases = town.app.state.ground, [town.app.state.database, open_database(database_url)]
    with ThreadPoolExecutor(8) as pool:
        texts = set(pool.map(lambda k: days.view_text(ground, databases[k % 2], "R02", "2026-10-07"), range(16)))
    databases[1].engine.dispose()
    assert len(texts) == 1


def fold(town: Town, rows: list[Any], rep: str) -> State:
    """The day's state from its plan and its events alone, without the database."""
    ground = town.app.state.ground
    day = ground.today()
    history = [planned_day(ground, rep, day)]
    for row in rows:
        change = Change.model_validate_json(row["change"])
        if change.kind == "undo":
            back = history[history[-1].previous or 0]
            history.append(replace(back, difference=None))
            continue
        made = changes.apply(Setting(ground, rep, day, change.at_s), history[-1], change)
        former = history[-1].former if change.kind in STILL else history[-1].order()
        history.append(replace(made, former=former, previous=len(history) - 1))
    return history[-1]


KINDS = (
    "done",
    "no_show",
    "cancelled",
    "skip",
    "late",
    "pin",
    "unpin",
    "order",
    "order_clear",
    "keep_mine",
    "undo",
    "add",
    "note",
)
STEP = st.tuples(st.sampled_from(KINDS), st.integers(0, 6), st.integers(0, 40))


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, min_size=1, max_size=8), rep=st.sampled_from(["R01", "R02", "R03"]))
def test_any_day_is_the_fold_of_its_events(town: Town, steps: list[tuple[str, int, int]], rep: str) -> None:
    with town.app.state.database.write() as connection:
        for table in (t.events, t.versions, t.days, t.visits):
            connection.execute(table.delete())
    town.clock.set(f"{MONDAY}T07:30")
    day, time = town.day(rep), 7 * 3600 + 1800
    for kind, number, wait in steps:
        names = left(day) or ["A000"]
        name = names[number % len(names)]
        time += 60 * wait
        body: dict[str, Any] = {"kind": kind, "at_s": time}
        if kind in ("done", "no_show", "cancelled", "skip", "pin", "unpin"):
            body["account"] = name
        if kind == "add":
            body["account"] = sorted(town.app.state.ground.accounts)[number * 7 + wait]
        if kind == "note":
            settled = [s["account"] for s in day["stops"] if s["state"] != "planned"] or names
            body |= {"account": settled[number % len(settled)], "note": f"number {number}"}
        if kind == "late":
            body["minutes"] = 1 + wait
        if kind == "pin":
            body["start_s"] = min(time + 1800 * number, 86_399)
        if kind == "order":
            body["order"] = [*names[number % len(names) :], *names[: number % len(names)]]
        answer = town.change(rep, **body)
        assert answer.status_code in (200, 404, 409), (body, answer.text[:300])
        before, day = day, answer.json() if answer.status_code == 200 else day
        pins = {s["account"]: s["start_s"] for s in before["stops"] if s["pinned"]}
        for stop in day["stops"]:
            if stop["pinned"] and stop["account"] in pins and kind not in ("late", "done", "no_show", "undo", "pin"):
                assert stop["start_s"] == pins[stop["account"]]
        accounts = [stop["account"] for stop in day["stops"]] + [row["account"] for row in day["skipped"]]
        assert len(accounts) == len(set(accounts))
    state = fold(town, events(town), rep)
    stored = days.current(town.app.state.database, rep, town.app.state.ground.today())
    assert stored is not None
    found = from_text(stored.state)
    drop = {"difference": None, "former": (), "previous": None}
    assert replace(found, **drop) == replace(state, **drop)
    assert from_text(as_text(found)) == found


EXCHANGE = st.tuples(
    st.sampled_from(("give", "back", "done", "skip", "cancelled", "undo", "pin")), st.integers(0, 6), st.booleans()
)


@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(EXCHANGE, min_size=2, max_size=8))
def test_no_visit_is_lost_or_doubled_between_two_reps(town: Town, steps: list[tuple[str, int, bool]]) -> None:
    with town.app.state.database.write() as connection:
        for table in (t.events, t.versions, t.days, t.visits):
            connection.execute(table.delete())
    everything = sorted(
        n for rep in ("R01", "R02") for n in (*left(town.day(rep)), *(r["account"] for r in town.day(rep)["skipped"]))
    )
    for kind, number, second in steps:
        rep, other = ("R02", "R01") if second else ("R01", "R02")
        if kind in ("give", "back"):
            way, body = ("hand-over", {"to": other}) if kind == "give" else ("take-back", {"from": other})
            path, headers = f"/api/reps/{rep}/days/today/{way}", {"idempotency-key": f"exchange-{next(town.numbers)}"}
            answer = town.request("ops", "POST", path, json=body, headers=headers)
        else:
            names = left(town.day(rep)) or ["A000"]
            name = names[number % len(names)]
            more = {"start_s": 3600 * (9 + number)} if kind == "pin" else {}
            answer = town.change(rep, kind=kind, **({} if kind == "undo" else {"account": name}), **more)
        assert answer.status_code in (200, 409), answer.text
        views = [town.day("R01"), town.day("R02")]
        held = [stop["account"] for view in views for stop in view["stops"]]
        held += [row["account"] for view in views for row in view["skipped"] if row["reason"] != "handed_over"]
        assert sorted(held) == everything, (kind, rep)


def test_a_refused_change_leaves_no_trace(town: Town) -> None:
    before = town.day()
    with pytest.raises(Refusal):
        days.change(town.app.state.ground, town.app.state.database, "R01", MONDAY, "refused-1", {"kind": "keep_mine"})
    assert town.day() == before
    assert not events(town)
