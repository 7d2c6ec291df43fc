"""What happened, as files for the next question: visits in the form that history.csv reads, and the corrections."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import select

from fieldsim.errors import UsageError
from fieldsim.scenario.history import COLUMNS
from fieldsim.service import tables as t
from fieldsim.service.database import Database, open_database
from fieldsim.service.settings import Settings


@contextmanager
def database_of(folder: Path, url: str) -> Iterator[Database]:
    """The database that a service of this scenario writes; UsageError where none has run yet."""
    settings = Settings(folder, "", url)
    if not url and not (folder / "service.sqlite").exists():
        raise UsageError(f"no service has run over '{folder}' yet", hint="name its database with --database")
    database = open_database(settings.database_url)
    try:
        yield database
    finally:
        database.close()


def actuals_csv(database: Database) -> tuple[str, int]:
    """Every visit that was reported, by date, rep and time, as history.csv has it, and how many they are.

    Money is not known here: `amount` is empty.
    """
    wanted = select(t.visits).order_by(t.visits.c.date, t.visits.c.rep, t.visits.c.arrive_s, t.visits.c.account)
    with database.read() as connection:
        rows = connection.execute(wanted).mappings().all()
    file = io.StringIO()
    writer = csv.DictWriter(file, COLUMNS, lineterminator="\n", restval="", extrasaction="ignore")
    writer.writeheader()
    writer.writerows({**row, "kind": "visit"} for row in rows)
    return file.getvalue(), len(rows)
