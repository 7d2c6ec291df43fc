"""What reps found wrong on the spot: places and opening hours, for ops and for the next export."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from sqlalchemy import select

from fieldsim.model import Accounts
from fieldsim.service import tables as t
from fieldsim.service.asked import CORRECTIONS
from fieldsim.service.database import Database

COLUMNS = ("id", "account", "name", "kind", "lat", "lon", "opens", "note", "rep", "date", "at")


def corrections(book: Accounts, database: Database) -> list[dict[str, Any]]:
    """Corrections that were not taken back, latest first."""
    wanted = select(t.events).where(t.events.c.kind.in_(CORRECTIONS), t.events.c.undone.is_(False)).order_by(t.events.c.id.desc())
    with database.read() as connection:
        rows = connection.execute(wanted).mappings().all()
    found, names = [], dict(zip(book.ids, book.name, strict=True))
    for row in rows:
        told = json.loads(row["change"])
        name = names.get(row["account"], "")
        plain = {key: row[key] for key in ("id", "account", "kind", "rep", "date", "at")}
        found.append({**plain, "name": name, **{key: told.get(key) for key in ("lat", "lon", "opens", "note")}})
    return found


def corrections_csv(rows: list[dict[str, Any]]) -> str:
    """The same as CSV; a text that a spreadsheet would take for a formula is quoted with an apostrophe."""
    file = io.StringIO()
    writer = csv.DictWriter(file, COLUMNS, lineterminator="\n", restval="")
    writer.writeheader()
    for row in rows:
        writer.writerow({key: _harmless(row[key]) for key in COLUMNS})
    return file.getvalue()


def _harmless(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
