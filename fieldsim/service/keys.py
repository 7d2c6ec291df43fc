"""Keys, browser sessions and calendar addresses: who may come in, as what."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, select

from fieldsim.service import tables as t
from fieldsim.service.database import Database

ROLES = ("rep", "ops", "read")
SESSION_DAYS = 90


@dataclass(frozen=True)
class Who:
    """Somebody who came in: `rep` sees and changes one rep's days, `ops` everything, `read` everything without changing it.

    A read key of a rep sees that rep's days only.
    """

    role: str
    rep: str | None
    key_id: str
    by_cookie: bool = False

    def sees(self, rep: str) -> bool:
        """May this rep's days be seen?"""
        return self.rep is None or self.rep == rep


def hashed(secret: str) -> str:
    """What is stored of a secret; the secrets are random, so a plain hash cannot be turned round."""
    return hashlib.blake2b(secret.encode(), digest_size=32).hexdigest()


def give_key(database: Database, role: str, rep: str | None, label: str, now: datetime) -> tuple[str, str]:
    """A new key: its id and the key itself, which is never shown again."""
    key, name = f"fs_{secrets.token_urlsafe(32)}", secrets.token_hex(6)
    row = {"id": name, "hash": hashed(key), "role": role, "rep": rep, "label": label[:200], "created": stamp(now)}
    with database.write() as connection:
        connection.execute(t.keys.insert().values(**row))
    return name, key


def list_keys(database: Database) -> list[dict[str, object]]:
    """All keys without their secrets, oldest first."""
    shown = [column for column in t.keys.c if column.name != "hash"]
    with database.read() as connection:
        rows = connection.execute(select(*shown).order_by(t.keys.c.created, t.keys.c.id)).mappings()
        return [dict(row) for row in rows]


def revoke_key(database: Database, name: str, now: datetime) -> bool:
    """End a key and every session it opened; a rep's calendar address ends with the rep's last key. False: no such key."""
    with database.write() as connection:
        row = connection.execute(select(t.keys.c.rep).where(t.keys.c.id == name)).first()
        if row is None:
            return False
        still = t.keys.c.revoked.is_(None)
        connection.execute(t.keys.update().where(t.keys.c.id == name, still).values(revoked=stamp(now)))
        connection.execute(t.sessions.delete().where(t.sessions.c.key_id == name))
        left = select(t.keys.c.id).where(t.keys.c.rep == row.rep, still)
        if row.rep is not None and connection.execute(left).first() is None:
            connection.execute(t.calendars.delete().where(t.calendars.c.rep == row.rep))
    return True


def open_session(database: Database, key: str, now: datetime) -> str | None:
    """A session's secret for a browser that showed a valid key."""
    who = by_key(database, key)
    if who is None:
        return None
    secret = secrets.token_urlsafe(32)
    with database.write() as connection:
        connection.execute(t.sessions.delete().where(t.sessions.c.until < stamp(now)))
        row = {"hash": hashed(secret), "key_id": who.key_id, "until": stamp(now + timedelta(days=SESSION_DAYS))}
        connection.execute(t.sessions.insert().values(**row))
    return secret


def close_session(database: Database, secret: str) -> None:
    """Sign a browser out."""
    with database.write() as connection:
        connection.execute(t.sessions.delete().where(t.sessions.c.hash == hashed(secret)))


_VALID = select(t.keys.c.role, t.keys.c.rep, t.keys.c.id).where(t.keys.c.revoked.is_(None))
_BY_KEY = _VALID.where(t.keys.c.hash == bindparam("secret"))
_BY_SESSION = _VALID.join_from(t.keys, t.sessions, t.sessions.c.key_id == t.keys.c.id).where(
    t.sessions.c.hash == bindparam("secret"), t.sessions.c.until >= bindparam("now")
)


def by_key(database: Database, key: str) -> Who | None:
    """Who holds this key."""
    with database.read() as connection:
        row = connection.execute(_BY_KEY, {"secret": hashed(key)}).first()
    return None if row is None else Who(row.role, row.rep, row.id)


def by_session(database: Database, secret: str, now: datetime) -> Who | None:
    """Whose session this is."""
    with database.read() as connection:
        row = connection.execute(_BY_SESSION, {"secret": hashed(secret), "now": stamp(now)}).first()
    return None if row is None else Who(row.role, row.rep, row.id, by_cookie=True)


def calendar_token(database: Database, rep: str) -> str:
    """The secret of a rep's calendar address, made at first use."""
    wanted = select(t.calendars.c.token).where(t.calendars.c.rep == rep)
    with database.read() as connection:
        row = connection.execute(wanted).first()
    if row is not None:
        return str(row.token)
    with database.write() as connection:
        database.insert_new(connection, t.calendars, rep=rep, token=secrets.token_urlsafe(24))
        return str(connection.execute(wanted).scalar_one())


def calendar_rep(connection: Connection, token: str) -> str | None:
    """Whose calendar an address opens."""
    row = connection.execute(select(t.calendars.c.rep).where(t.calendars.c.token == token)).first()
    return None if row is None else str(row.rep)


def stamp(moment: datetime) -> str:
    """A moment as it is stored: ISO 8601 in UTC, so that text order is time order."""
    from datetime import UTC

    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
