"""The tables of the service's state."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, Index, Integer, MetaData, String, Table, Text, UniqueConstraint

metadata = MetaData()

keys = Table(
    "access_key",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("hash", String(64), nullable=False, unique=True),
    Column("role", String(8), nullable=False),
    Column("rep", String(200)),
    Column("label", String(200), nullable=False),
    Column("created", String(32), nullable=False),
    Column("revoked", String(32)),
)
"""Who may come in: role rep, ops or read; only a hash of the key is here."""

sessions = Table(
    "browser_session",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("key_id", String(24), nullable=False, index=True),
    Column("until", String(32), nullable=False),
)
"""A browser that signed in with a key; it ends with the key."""

calendars = Table(
    "calendar",
    metadata,
    Column("rep", String(200), primary_key=True),
    Column("token", String(64), nullable=False, unique=True),
)
"""The secret part of a calendar's address: it opens that calendar and nothing else, so it is kept readable."""

days = Table(
    "rep_day",
    metadata,
    Column("rep", String(200), primary_key=True),
    Column("date", String(10), primary_key=True),
    Column("version", Integer, nullable=False),
)
"""The current version of a day; its row is what two writers of the same day wait for."""

versions = Table(
    "day_version",
    metadata,
    Column("rep", String(200), primary_key=True),
    Column("date", String(10), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("event", Integer),
    Column("changed", String(32)),
    Column("state", Text, nullable=False),
    Column("view", Text, nullable=False),
    Column("agreed", Text, nullable=False),
)
"""What a day looked like after each change: the state to go on from, and the view as it is sent."""

events = Table(
    "event",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("rep", String(200), nullable=False),
    Column("date", String(10), nullable=False),
    Column("key", String(120), nullable=False),
    Column("body", String(64), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("account", String(200)),
    Column("change", Text, nullable=False),
    Column("at", String(32), nullable=False),
    Column("who", String(24)),
    Column("version", Integer, nullable=False),
    Column("undone", Boolean, nullable=False, default=False),
    UniqueConstraint("rep", "key"),
    Index("event_kind", "kind"),
)
"""Every change, once: `key` is the sender's, `body` a hash of what came with it."""

visits = Table(
    "visit",
    metadata,
    Column("rep", String(200), primary_key=True),
    Column("date", String(10), primary_key=True),
    Column("account", String(200), primary_key=True),
    Column("outcome", String(10), nullable=False),
    Column("planned_start_s", Integer),
    Column("arrive_s", Integer),
    Column("leave_s", Integer),
    Column("note", Text),
    Column("next_step", Text),
    Index("visit_account", "account", "date"),
)
"""Visits as they happened: what the days' current versions say, for last visits and the export."""

jobs = Table(
    "job",
    metadata,
    Column("id", String(24), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("words", Text, nullable=False),
    Column("status", String(12), nullable=False),
    Column("stage", String(80)),
    Column("done", Integer),
    Column("total", Integer),
    Column("server", String(40)),
    Column("beat", Float),
    Column("tries", Integer, nullable=False, default=0),
    Column("cancel", Boolean, nullable=False, default=False),
    Column("who", String(24)),
    Column("created", String(32), nullable=False),
    Column("ended", String(32)),
    Column("error", Text),
    Column("answer", Text),
    Column("report", Text),
)
"""Comparisons and stress runs: queued, running, done, failed or cancelled."""
