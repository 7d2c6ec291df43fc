"""Versions of days in the database: what a day looked like after each change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date as Date
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, select

from fieldsim.service import dayview, past, views
from fieldsim.service import tables as t
from fieldsim.service.database import Database
from fieldsim.service.ground import Ground
from fieldsim.service.reasons import reasons
from fieldsim.service.state import State, as_text, from_text


@dataclass(frozen=True)
class Version:
    """A stored version of a day. `changed` is when the change that undo would take back was made."""

    number: int
    changed: str | None
    state: str
    view: str
    agreed: str


COLUMNS = (t.versions.c.number, t.versions.c.changed, t.versions.c.state, t.versions.c.view, t.versions.c.agreed)
_CURRENT = select(*COLUMNS).join_from(
    t.days,
    t.versions,
    (t.days.c.rep == t.versions.c.rep) & (t.days.c.date == t.versions.c.date) & (t.days.c.version == t.versions.c.number),
)

_OF_DAY = _CURRENT.where(t.days.c.rep == bindparam("rep_id"), t.days.c.date == bindparam("day"))
_WITH_CALENDAR = _OF_DAY.add_columns(t.calendars.c.token).outerjoin(t.calendars, t.calendars.c.rep == t.days.c.rep)


def of_day(table: Any, rep: str, day: Date) -> ColumnElement[bool]:
    """The rows of a rep's day in a table."""
    mine: ColumnElement[bool] = (table.c.rep == rep) & (table.c.date == day.isoformat())
    return mine


def current(database: Database, rep: str, day: Date, connection: Connection | None = None) -> Version | None:
    """The day's current version, None where nobody has asked for it yet."""
    which = {"rep_id": rep, "day": day.isoformat()}
    if connection is not None:
        row = connection.execute(_OF_DAY, which).first()
    else:
        with database.read() as reader:
            row = reader.execute(_OF_DAY, which).first()
    return None if row is None else Version(*row)


def current_with_calendar(database: Database, rep: str, day: Date) -> tuple[Version, str | None] | None:
    """The day's current version with the secret of the rep's calendar, where it has one, in one look-up."""
    with database.read() as reader:
        row = reader.execute(_WITH_CALENDAR, {"rep_id": rep, "day": day.isoformat()}).first()
    return None if row is None else (Version(*row[:5]), row[5])


def all_current(database: Database, rep: str, after: Date = Date.min) -> Iterator[tuple[Date, Version]]:
    """The current versions of a rep's days later than a date, earliest first."""
    mine = (t.days.c.rep == rep) & (t.days.c.date > after.isoformat())
    with database.read() as connection:
        rows = connection.execute(_CURRENT.add_columns(t.days.c.date).where(mine).order_by(t.days.c.date)).all()
    for row in rows:
        yield Date.fromisoformat(row[5]), Version(*row[:5])


def rendered(
    ground: Ground, database: Database, rep: str, day: Date, state: State, number: int, changed: str | None = None
) -> Version:
    """A version of a state, with its view."""
    names = [*state.open, *(row.account for row in state.settled)]
    known, why = past.known(ground, database, day, names), reasons(ground, rep, day, state)
    shown = views.render(ground, rep, day, state, number, past=known, reasons=why)
    return Version(number, changed, as_text(state), dayview.as_text(shown), dayview.agreed_of(shown))


def first(database: Database, rep: str, day: Date, version: Version) -> Version:
    """Store version 0; of two servers that do so at once one writes it, and its version is the answer."""
    with database.write() as connection:
        if database.insert_new(connection, t.days, rep=rep, date=day.isoformat(), version=0):
            connection.execute(t.versions.insert().values(**_row(rep, day, version, None)))
    return current(database, rep, day) or version


def locked(connection: Connection, rep: str, day: Date) -> int:
    """The number of the day's current version, held until the transaction ends."""
    return int(connection.execute(select(t.days.c.version).where(of_day(t.days, rep, day)).with_for_update()).scalar_one())


def store(connection: Connection, rep: str, day: Date, after: Version, event: int | None) -> None:
    """Make a version the current one, and write its visits as they happened."""
    connection.execute(t.versions.insert().values(**_row(rep, day, after, event)))
    connection.execute(t.days.update().where(of_day(t.days, rep, day)).values(version=after.number))
    past.keep_visits(connection, rep, day, from_text(after.state))


def _row(rep: str, day: Date, version: Version, event: int | None) -> dict[str, Any]:
    return {"rep": rep, "date": day.isoformat(), "event": event, **vars(version)}


def rewrite(database: Database, rep: str, day: Date, version: Version) -> None:
    """Replace the view of a version that is still the current one."""
    with database.write() as connection:
        mine = of_day(t.versions, rep, day) & (t.versions.c.number == version.number)
        connection.execute(t.versions.update().where(mine).values(view=version.view))
