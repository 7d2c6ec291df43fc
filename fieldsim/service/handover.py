"""A colleague takes over: the rest of a day goes to another rep in one step, or comes back, or nothing of it does."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date as Date
from typing import Any

from sqlalchemy import Connection, select

from fieldsim.service import days, keys, stored
from fieldsim.service import tables as t
from fieldsim.service.database import Database
from fieldsim.service.errors import conflict
from fieldsim.service.ground import Ground
from fieldsim.service.once import insert_event, seconds_of
from fieldsim.service.remaining import Setting, left_of, planned
from fieldsim.service.replan import told
from fieldsim.service.state import Settled, State, from_text

Pair = tuple[State, State]
"""The rep's day and the colleague's."""
GIVEN, TAKEN = ("hand_over", "take_over"), ("take_back", "give_back")
"""Kinds of the two events: the rep's and the colleague's."""


def hand_over(
    ground: Ground, database: Database, rep: str, date: str, to: str, key: str, *, who: str | None = None
) -> dict[str, Any]:
    """Give what is left of a rep's day to a colleague: both days as they are then, and what did not fit with its reason."""
    day = days.read_day(ground, rep, date)

    def move(_: Connection, setting: Setting, mine: State, theirs: State) -> Pair:
        after = _given(setting, mine, theirs, to)
        return planned(setting, after[0]), planned(replace(setting, rep=to), after[1])

    _exchange(ground, database, rep, day, to, key, f"hand over to {to}", GIVEN, move, who)
    views = _views(ground, database, day, (rep, to))
    gone = {row["account"] for row in views[0]["skipped"] if row["reason"] == "handed_over"}
    return {"from": views[0], "to": views[1], "left_out": [row for row in views[1]["skipped"] if row["account"] in gone]}


def take_back(
    ground: Ground, database: Database, rep: str, date: str, colleague: str, key: str, *, who: str | None = None
) -> dict[str, Any]:
    """Give a rep what a colleague took over and has not settled: both days planned from the orders they had before."""
    day = days.read_day(ground, rep, date)

    def move(connection: Connection, setting: Setting, mine: State, theirs: State) -> Pair:
        after = _returned(setting, mine, theirs, colleague)
        orders = (
            _order_before(connection, rep, day, GIVEN[0], colleague),
            _order_before(connection, colleague, day, GIVEN[1], rep),
        )
        return planned(setting, after[0], orders[0]), planned(replace(setting, rep=colleague), after[1], orders[1])

    _exchange(ground, database, rep, day, colleague, key, f"take back from {colleague}", TAKEN, move, who)
    views = _views(ground, database, day, (rep, colleague))
    left = [row for row in views[0]["skipped"] if row["reason"] not in ("handed_over", "by_hand")]
    return {"from": views[1], "to": views[0], "left_out": left}


def _exchange(
    ground: Ground,
    database: Database,
    rep: str,
    day: Date,
    other: str,
    key: str,
    words: str,
    kinds: tuple[str, str],
    move: Callable[[Connection, Setting, State, State], Pair],
    who: str | None,
) -> None:
    """Change both days in one transaction, once for each key. Neither of the two reps can undo it alone."""
    if other not in ground.seats or other == rep:
        raise conflict("the colleague must be another rep of this design")
    for one in (rep, other):
        days.opened(ground, database, one, day)
    body = keys.hashed(f"{day.isoformat()}\n{words}")
    with database.write() as connection:
        for one in sorted((rep, other)):
            stored.locked(connection, one, day)
        if _answered(connection, rep, key, body):
            return
        now = ground.now()
        setting = Setting(ground, rep, day, seconds_of(now) if now.date() == day else None)
        versions = [stored.current(database, one, day, connection) for one in (rep, other)]
        before = [from_text(version.state) for version in versions if version]
        after = move(connection, setting, before[0], before[1])
        common = {"date": day.isoformat(), "key": key, "body": body, "at": keys.stamp(now), "who": who, "account": None}
        for k, (one, kind) in enumerate(zip((rep, other), kinds, strict=True)):
            made = replace(after[k], difference=told(before[k], after[k]), former=(), previous=None)
            version = stored.rendered(ground, database, one, day, made, versions[k].number + 1)  # type: ignore[union-attr]
            change = json.dumps({"kind": kind, "rep": (other, rep)[k]})
            event = insert_event(connection, database, **common, rep=one, kind=kind, change=change, version=version.number)
            stored.store(connection, one, day, version, event)


def _answered(connection: Connection, rep: str, key: str, body: str) -> bool:
    row = connection.execute(select(t.events.c.body).where(t.events.c.rep == rep, t.events.c.key == key)).first()
    if row is not None and row.body != body:
        raise conflict("this Idempotency-Key came with another change before", hint="make a new key", code="key_reused")
    return row is not None


def _views(ground: Ground, database: Database, day: Date, reps: Sequence[str]) -> list[dict[str, Any]]:
    return [json.loads(days.view_text(ground, database, one, day.isoformat(), calendar=True)) for one in reps]


def _given(setting: Setting, mine: State, theirs: State, to: str) -> Pair:
    """Both states once the colleague has what is left; agreed times go along, and what was the colleague's before is again."""
    names = left_of(setting, mine)
    if not names:
        raise conflict("nothing is left of this day to hand over")
    starts = {stop.id: stop.start_s for stop in mine.route.stops}
    rows = tuple(Settled(name, "handed_over", starts.get(name), to=to) for name in names)
    taken = [name for name in names if name not in theirs.open]
    returned = {row.account for row in theirs.settled if row.state == "handed_over" and row.to == setting.rep}
    more = replace(
        theirs,
        open=tuple(sorted([*theirs.open, *taken])),
        settled=tuple(row for row in theirs.settled if row.account not in taken),
        remote=tuple(sorted({*theirs.remote, *(name for name in taken if name in mine.remote)})),
        given={**theirs.given, **{name: setting.rep for name in taken if name not in returned}},
        pins={**theirs.pins, **{name: mine.pins[name] for name in taken if name in mine.pins}},
    )
    return replace(_less(mine, names), settled=(*mine.settled, *rows)), more


def _returned(setting: Setting, mine: State, theirs: State, colleague: str) -> Pair:
    """Both states once the rep has back what the colleague has neither settled nor set out for."""
    free = left_of(replace(setting, rep=colleague), theirs)
    skipped = {row.account for row in theirs.settled if row.state == "skipped"}
    mine_once = [row.account for row in mine.settled if row.state == "handed_over" and row.to == colleague]
    names = [n for n in mine_once if theirs.given.get(n) == setting.rep and (n in free or n in skipped)]
    if not names:
        raise conflict(
            "nothing of this day is left with the colleague", hint="what is settled or under way stays with who does it"
        )
    less = replace(
        _less(theirs, names),
        given={name: whose for name, whose in theirs.given.items() if name not in names},
        settled=tuple(row for row in theirs.settled if row.account not in names),
    )
    more = replace(
        mine,
        open=tuple(sorted([*mine.open, *names])),
        settled=tuple(row for row in mine.settled if row.account not in names),
        pins={**mine.pins, **{name: theirs.pins[name] for name in names if name in theirs.pins}},
    )
    return more, less


def _less(state: State, names: Sequence[str]) -> State:
    """The state without some of what is open."""
    return replace(
        state,
        open=tuple(name for name in state.open if name not in names),
        pins={name: start for name, start in state.pins.items() if name not in names},
        own=None if state.own is None else tuple(name for name in state.own if name not in names),
    )


def _order_before(connection: Connection, rep: str, day: Date, kind: str, other: str) -> tuple[str, ...]:
    """The order that a rep's day had before its last exchange of a kind with a colleague."""
    mine = stored.of_day(t.events, rep, day) & (t.events.c.kind == kind)
    wanted = select(t.events.c.version, t.events.c.change).where(mine).order_by(t.events.c.id.desc())
    numbers = [row.version for row in connection.execute(wanted) if json.loads(row.change)["rep"] == other]
    number = t.versions.c.number == numbers[0] - 1
    text = connection.execute(select(t.versions.c.state).where(stored.of_day(t.versions, rep, day), number)).scalar_one()
    return from_text(text).order()
