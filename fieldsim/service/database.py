"""The service's state in a database: SQLite beside the scenario for one machine, PostgreSQL for a team."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from importlib.util import find_spec
from typing import Any

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from fieldsim.errors import UsageError
from fieldsim.service.tables import metadata


class Database:
    """Connections to read and to write; a write holds the database (SQLite) or its rows (PostgreSQL) until it ends."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.local = engine.dialect.name == "sqlite"
        """A read costs microseconds and never waits."""
        self._turn = threading.Lock()
        self._queue = _queue_file(engine) if self.local else None

    def close(self) -> None:
        """Let all connections go."""
        self.engine.dispose()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection whose statements stand alone."""
        with self.engine.connect() as connection:
            yield connection if self.local else connection.execution_options(isolation_level="AUTOCOMMIT")

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction: all of it or nothing. On SQLite one at a time, in a queue (alone it would only look now and then)."""
        with self._in_turn() if self.local else nullcontext(), self.engine.connect() as connection:
            connection = connection.execution_options(write=True)
            with connection.begin():
                yield connection

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        """Wait for the other threads of this process, then for the other processes."""
        with self._turn:
            if self._queue is None:
                yield
                return
            import fcntl

            handle = os.open(self._queue, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                yield
            finally:
                os.close(handle)

    def insert_new(self, connection: Connection, table: Table, **values: Any) -> bool:
        """Insert a row unless one with its key is there; a concurrent writer of the same key is waited for."""
        from sqlalchemy.dialects import postgresql, sqlite

        row = (sqlite.insert if self.local else postgresql.insert)(table).values(**values).on_conflict_do_nothing()
        return connection.execute(row.returning(*table.primary_key)).first() is not None


def open_database(url: str) -> Database:
    """The database at the URL, its tables made where they are missing; UsageError where that cannot be."""
    if url.startswith(("postgresql://", "postgres://")):
        url = "postgresql+psycopg://" + url.split("://", 1)[1]
    if url.partition(":")[0] not in ("sqlite", "postgresql+psycopg"):
        raise UsageError(f"'{url}' is no database", hint="write postgresql://USER@HOST/NAME or sqlite:///FILE")
    try:
        _own_file(make_url(url))
        engine = create_engine(url, pool_size=20, max_overflow=20, connect_args=_arguments(url))
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _prepare)
            event.listen(engine, "begin", _begin)
        _make_tables(engine)
    except (ArgumentError, NoSuchModuleError) as error:
        raise UsageError(f"'{url}' is no database", hint="write postgresql://USER@HOST/NAME or sqlite:///FILE") from error
    except ModuleNotFoundError as error:
        raise UsageError("PostgreSQL needs a driver", hint="pip install 'fieldsim[postgres]'") from error
    except SQLAlchemyError as error:
        raise UsageError(
            f"the database cannot be opened: {_first_line(error)}", hint="name another one with --database"
        ) from error
    return Database(engine)


def _own_file(url: URL) -> None:
    """Make an SQLite file that only its owner reads: calendars' addresses are in it."""
    if url.drivername == "sqlite" and url.database and url.database != ":memory:":
        with suppress(OSError):  # told by the engine, with its own words
            os.close(os.open(url.database, os.O_RDWR | os.O_CREAT, 0o600))


def _queue_file(engine: Engine) -> str | None:
    """The file whose lock is the queue of writers, beside the database; None where the system has no such locks."""
    path = engine.url.database
    return f"{path}-turn" if find_spec("fcntl") and path and path != ":memory:" else None


def _make_tables(engine: Engine) -> None:
    """Make what is missing; two servers that start at once take turns."""
    with engine.connect() as connection, connection.execution_options(write=True).begin():
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(8413)")
        metadata.create_all(connection)


def _arguments(url: str) -> dict[str, object]:
    return {"timeout": 30.0, "check_same_thread": False} if url.startswith("sqlite") else {"connect_timeout": 10}


def _prepare(connection: Any, _record: object) -> None:
    """Transactions begin where we say so; readers never wait for the writer; what was answered survives a power cut."""
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin(connection: Connection) -> None:
    """A writer takes the database first, so that what it read is still true when it writes."""
    if connection.get_execution_options().get("write"):
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _first_line(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error).splitlines()[0]
