"""One change goes in once, whoever sends it, how often, and to however many servers at the same time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date as Date
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from fieldsim.service import changes, keys, stored
from fieldsim.service import tables as t
from fieldsim.service.asked import STILL, Change
from fieldsim.service.database import Database
from fieldsim.service.errors import Refusal, conflict
from fieldsim.service.ground import Ground
from fieldsim.service.remaining import Setting
from fieldsim.service.replan import told
from fieldsim.service.state import State, from_text
from fieldsim.service.stored import COLUMNS, Version, of_day

_ANSWER = select(t.events.c.body, *COLUMNS).outerjoin_from(
    t.events,
    t.versions,
    (t.versions.c.rep == t.events.c.rep) & (t.versions.c.date == t.events.c.date) & (t.versions.c.number == t.events.c.version),
)


def seconds_of(moment: datetime) -> int:
    """Seconds after midnight."""
    return moment.hour * 3600 + moment.minute * 60 + moment.second


def young(ground: Ground, changed: str | None, now: datetime) -> bool:
    """Can a change of that moment still be undone?"""
    return changed is not None and changed >= keys.stamp(now - timedelta(minutes=ground.settings.undo_minutes))


@dataclass(frozen=True, eq=False)
class Request:
    """One change on its way into the database. `key` is the sender's name for it, unique among the rep's."""

    ground: Ground
    database: Database
    rep: str
    day: Date
    key: str
    change: Change
    who: str | None

    def done(self) -> Version:
        """The version that holds the change: the one it made when it came first, or the one it makes now.

        Planning comes first, while nobody waits; if the day has changed meanwhile it is done again holding the day.
        """
        return self._answered() or self._tried() or self._settled()

    @property
    def body(self) -> str:
        """Hash of what was asked."""
        return keys.hashed(f"{self.day.isoformat()}\n{self.change.model_dump_json()}")

    def _answered(self, connection: Connection | None = None) -> Version | None:
        """The answer this key has got before; Refusal if it came with something else."""
        wanted = _ANSWER.where(t.events.c.rep == self.rep, t.events.c.key == self.key)
        if connection is not None:
            row = connection.execute(wanted).first()
        else:
            with self.database.read() as reader:
                row = reader.execute(wanted).first()
        if row is None:
            return None
        if row[0] != self.body or row[1] is None:
            raise _reused()
        return Version(*row[1:])

    def _tried(self) -> Version | None:
        """Plan without holding anything and write if the day is still the same; None if somebody was quicker."""
        before = stored.current(self.database, self.rep, self.day)
        assert before is not None
        try:
            after = self._after(before)
        except Refusal:
            return None  # the same change may have gone in meanwhile: look again while nobody else writes
        with self.database.write() as connection:
            if stored.locked(connection, self.rep, self.day) != before.number or self._answered(connection):
                return None
            return self._written(connection, before, after)

    def _settled(self) -> Version:
        """Plan while holding the day."""
        with self.database.write() as connection:
            stored.locked(connection, self.rep, self.day)
            found = self._answered(connection)
            if found is not None:
                return found
            before = stored.current(self.database, self.rep, self.day, connection)
            assert before is not None
            return self._written(connection, before, self._after(before, connection))

    def _after(self, before: Version, connection: Connection | None = None) -> Version:
        """The version that the change leads to."""
        now, state = self.ground.now(), from_text(before.state)
        if self.change.kind == "undo":
            return self._undone(before, state, now, connection)
        made = changes.apply(self._setting(now), state, self.change)
        former = state.former if self.change.kind in STILL else state.order()
        made = replace(made, former=former, previous=before.number)
        return stored.rendered(self.ground, self.database, self.rep, self.day, made, before.number + 1, keys.stamp(now))

    def _setting(self, now: datetime) -> Setting:
        """When the change happened: as it says, else now; a day that is not today has no now."""
        today, time = now.date(), self.change.at_s
        if time is None and self.day == today:
            time = seconds_of(now)
        return Setting(self.ground, self.rep, self.day, None if self.day > today else time, self.day > today)

    def _undone(self, before: Version, state: State, now: datetime, connection: Connection | None) -> Version:
        """The version before the last change, as a new one."""
        if state.previous is None or not young(self.ground, before.changed, now):
            raise conflict(f"there is no change of the last {self.ground.settings.undo_minutes} minutes to undo")
        wanted = select(t.versions.c.state, t.versions.c.changed).where(
            of_day(t.versions, self.rep, self.day), t.versions.c.number == state.previous
        )
        if connection is not None:
            row = connection.execute(wanted).one()
        else:
            with self.database.read() as reader:
                row = reader.execute(wanted).one()
        back = from_text(row.state)
        difference = told(state, back)
        made = replace(back, difference=difference and replace(difference, can_keep_mine=False))
        return stored.rendered(self.ground, self.database, self.rep, self.day, made, before.number + 1, row.changed)

    def _written(self, connection: Connection, before: Version, after: Version) -> Version:
        """Store the event, the version, and the visits as they now happened."""
        if self.change.kind == "undo":
            taken = from_text(before.state).previous or 0
            undone = (t.events.c.version > taken) & (t.events.c.version <= before.number)
            connection.execute(t.events.update().where(of_day(t.events, self.rep, self.day), undone).values(undone=True))
        event = insert_event(
            connection,
            self.database,
            rep=self.rep,
            date=self.day.isoformat(),
            key=self.key,
            body=self.body,
            kind=self.change.kind,
            account=self.change.account,
            change=self.change.model_dump_json(exclude_none=True),
            at=keys.stamp(self.ground.now()),
            who=self.who,
            version=after.number,
        )
        stored.store(connection, self.rep, self.day, after, event)
        return after


def insert_event(connection: Connection, database: Database, **fields: Any) -> int:
    """Append an event and return its number; Refusal if its key is taken."""
    if not database.insert_new(connection, t.events, **fields, undone=False):
        raise _reused()
    mine = (t.events.c.rep == fields["rep"]) & (t.events.c.key == fields["key"])
    return int(connection.execute(select(t.events.c.id).where(mine)).scalar_one())


def _reused() -> Refusal:
    return conflict("this Idempotency-Key came with another change before", hint="make a new key", code="key_reused")
