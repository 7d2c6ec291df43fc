"""A colleague takes over: the rest of a day goes to another rep in one step, or nothing of it does."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, select

from fieldsim.service import days, keys, stored
from fieldsim.service import tables as t
from fieldsim.service.changes import Setting, left_of, planned
from fieldsim.service.errors import conflict
from fieldsim.service.ground import Ground
from fieldsim.service.once import insert_event, seconds_of
from fieldsim.service.replan import told
from fieldsim.service.state import Settled, State, from_text
from fieldsim.service.tables import Database


def hand_over(
    ground: Ground, database: Database, rep: str, date: str, to: str, key: str, *, who: str | None = None
) -> dict[str, Any]:
    """Give what is left of a rep's day to a colleague: both days as they are then, and what did not fit with its reason."""
    day = days.read_day(ground, rep, date)
    if to not in ground.seats or to == rep:
        raise conflict("the day goes to another rep of this design")
    for one in (rep, to):
        days.opened(ground, database, one, day)
    body = keys.hashed(f"{day.isoformat()}\nhand over to {to}")
    with database.write() as connection:
        for one in sorted((rep, to)):
            stored.locked(connection, one, day)
        if not _answered(connection, rep, key, body):
            now = ground.now()
            time = seconds_of(now) if now.date() == day else None
            common = {"date": day.isoformat(), "key": key, "body": body, "at": keys.stamp(now), "who": who}
            for one, kind, made, number in _moved(ground, database, connection, rep, to, day, time):
                version = stored.rendered(ground, database, one, day, made, number)
                told_to = json.dumps({"kind": kind, "rep": to if one == rep else rep})
                fields = {**common, "rep": one, "kind": kind, "account": None, "change": told_to, "version": number}
                stored.store(connection, one, day, version, insert_event(connection, database, **fields))
    return answer(ground, database, rep, to, day.isoformat())


def answer(ground: Ground, database: Database, rep: str, to: str, date: str) -> dict[str, Any]:
    """Both days, and which of the visits handed over are left out."""
    texts = [days.view_text(ground, database, one, date, calendar=True) for one in (rep, to)]
    mine, theirs = (json.loads(text) for text in texts)
    gone = {row["account"] for row in mine["skipped"] if row["reason"] == "handed_over"}
    left = [row for row in theirs["skipped"] if row["account"] in gone]
    return {"from": mine, "to": theirs, "left_out": left}


def _answered(connection: Connection, rep: str, key: str, body: str) -> bool:
    row = connection.execute(select(t.events.c.body).where(t.events.c.rep == rep, t.events.c.key == key)).first()
    if row is not None and row.body != body:
        raise conflict("this Idempotency-Key came with another change before", hint="make a new key", code="key_reused")
    return row is not None


def _moved(
    ground: Ground, database: Database, connection: Connection, rep: str, to: str, day: Any, time: int | None
) -> list[tuple[str, str, State, int]]:
    """Both days after the hand-over, with the numbers of their versions. It cannot be undone by one of the two."""
    found = [stored.current(database, one, day, connection) for one in (rep, to)]
    assert found[0] is not None
    assert found[1] is not None
    mine, theirs = (from_text(version.state) for version in found if version)
    setting = Setting(ground, rep, day, time)
    names = left_of(setting, mine)
    if not names:
        raise conflict("nothing is left of this day to hand over")
    starts = {stop.id: stop.start_s for stop in mine.route.stops}
    rows = tuple(Settled(name, "handed_over", starts.get(name), to=to) for name in names)
    pins = {name: start for name, start in mine.pins.items() if name not in names}
    own = None if mine.own is None else tuple(name for name in mine.own if name not in names)
    rest = replace(mine, open=tuple(n for n in mine.open if n not in names), settled=(*mine.settled, *rows), pins=pins, own=own)
    fresh = [name for name in names if name not in theirs.open]
    known = {row.account for row in theirs.settled}
    fresh = [name for name in fresh if name not in known]
    more = replace(
        theirs,
        open=tuple(sorted([*theirs.open, *fresh])),
        remote=tuple(sorted({*theirs.remote, *(name for name in fresh if name in mine.remote)})),
        given={**theirs.given, **dict.fromkeys(fresh, rep)},
        pins={**theirs.pins, **{name: mine.pins[name] for name in fresh if name in mine.pins}},
    )
    after = [planned(setting, rest), planned(replace(setting, rep=to), more)]
    after = [
        replace(made, difference=told(old, made), former=(), previous=None)
        for old, made in zip((mine, theirs), after, strict=True)
    ]
    numbers = [version.number + 1 for version in found if version]
    return [(rep, "hand_over", after[0], numbers[0]), (to, "take_over", after[1], numbers[1])]
