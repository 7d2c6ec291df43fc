"""The plan as a table and as a file, a row a visit: CSV, Parquet or XLSX, written whole or not at all, and read again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fieldsim.errors import DataError, UsageError, did_you_mean
from fieldsim.model import Design, Scenario, TerritoryPlan, VisitPlan
from fieldsim.planning.rhythm import due_visits
from fieldsim.store import write_atomic

if TYPE_CHECKING:
    import polars as pl

SUFFIXES = (".csv", ".parquet", ".xlsx")


def plan_frame(scenario: Scenario, design: Design, plan: VisitPlan) -> pl.DataFrame:
    """A row a planned visit, in order of territory, day and time; `visit` counts the account's visits from 1."""
    import polars as pl

    accounts = scenario.accounts
    columns: dict[str, list[object]] = {}
    for name, part in zip(design.territories, plan.territories, strict=True):
        book = part.account.tolist()
        rows: dict[str, list[object]] = {
            "territory": [name] * len(book),
            "rep": [scenario.reps[part.rep].id if part.rep >= 0 else None] * len(book),
            "date": [plan.days[day] for day in part.day.tolist()],
            "start_s": part.start_s.tolist(),
            "account": [accounts.ids[i] for i in book],
            "name": [accounts.name[i] for i in book],
            "visit": (part.ordinal + 1).tolist(),
            "due": plan.due[part.account].tolist(),
            "remote": part.remote.tolist(),
            "travel_s": part.travel_s.tolist(),
            "visit_minutes": accounts.visit_minutes[part.account].tolist(),
        }
        for column, values in rows.items():
            columns.setdefault(column, []).extend(values)
    kinds = {
        "territory": pl.String,
        "rep": pl.String,
        "date": pl.Date,
        "account": pl.String,
        "name": pl.String,
        "remote": pl.Boolean,
    }
    numbers = dict.fromkeys(("start_s", "visit", "due", "travel_s"), pl.Int64)
    schema = {column: {**kinds, **numbers, "visit_minutes": pl.Float64}[column] for column in columns}
    return pl.DataFrame(columns, schema=schema)


def unplaced_frame(scenario: Scenario, design: Design, plan: VisitPlan) -> pl.DataFrame:
    """A row an account with visits that found no day: territory, account, name, count, reason."""
    import polars as pl

    rows = [
        (name, scenario.accounts.ids[left.account], scenario.accounts.name[left.account], left.count, left.reason)
        for name, part in zip(design.territories, plan.territories, strict=True)
        for left in part.unplaced
    ]
    schema = {"territory": pl.String, "account": pl.String, "name": pl.String, "count": pl.Int64, "reason": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def check_suffix(path: Path | str, known: tuple[str, ...] = (*SUFFIXES, ".ics")) -> None:
    """UsageError if a plan cannot be written to a file of that name."""
    path = Path(path)
    if path.suffix not in known:
        raise UsageError(f"a plan cannot be written as '{path.suffix or path.name}'", hint=f"use {', '.join(known)}")


def write_plan(scenario: Scenario, design: Design, plan: VisitPlan, path: Path | str) -> None:
    """Write the plan by the file's suffix; what found no day goes beside it as NAME.unplaced (in XLSX: a second sheet).

    Each file is there whole or not at all, the plan last. UsageError for another suffix than .csv, .parquet or .xlsx.
    """
    path = Path(path)
    check_suffix(path, SUFFIXES)
    visits, unplaced = plan_frame(scenario, design, plan), unplaced_frame(scenario, design, plan)
    if path.suffix == ".xlsx":
        write_atomic(path, _sheets({"visits": visits, "unplaced": unplaced}))
        return
    beside, file = _bytes(unplaced, path.suffix), _bytes(visits, path.suffix)
    write_atomic(path.with_suffix(f".unplaced{path.suffix}"), beside)
    write_atomic(path, file)


def _bytes(frame: pl.DataFrame, suffix: str) -> bytes:
    buffer = BytesIO()
    frame.write_csv(buffer) if suffix == ".csv" else frame.write_parquet(buffer)
    return buffer.getvalue()


def _sheets(frames: dict[str, pl.DataFrame]) -> bytes:
    from xlsxwriter import Workbook  # type: ignore[import-untyped]

    buffer = BytesIO()
    # text stays text: a name that begins with "=" is no formula; and no wall clock in the file
    with Workbook(buffer, {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}) as book:
        book.set_properties({"created": datetime(2000, 1, 1)})
        for name, frame in frames.items():
            frame.write_excel(book, worksheet=name, autofit=True)
    return buffer.getvalue()


def read_plan(scenario: Scenario, design: Design, path: Path | str, quarter: int = 0) -> VisitPlan:
    """A plan as `write_plan` wrote it, perhaps changed by hand since, to be planned again from (`plan_quarter(like=...)`).

    Read are rep, date, start_s, account and visit. DataError for an unknown rep or account, or a day that nobody works.
    """
    path = Path(path)
    frame = _frame(path).with_row_index("row", 2).sort("date", "start_s")
    due, days = due_visits(scenario, quarter), scenario.working_days(quarter)
    place = {day: k for k, day in enumerate(days)}
    ids = {name: i for i, name in enumerate(scenario.accounts.ids)}
    books: dict[str, list[tuple[int, int, int, bool, int]]] = {rep.id: [] for rep in scenario.reps}
    columns = ("rep", "date", "account", "visit", "remote", "start_s")
    for number, *values in frame.select("row", *columns).iter_rows():
        rep, day, account, visit, remote, start = values
        if None in values:
            raise DataError("is empty", file=str(path), row=number, column=columns[values.index(None)])
        for value, known, column in ((rep, books, "rep"), (day, place, "date"), (account, ids, "account")):
            if value not in known:
                hint = did_you_mean(value, map(str, known)) if column != "date" else None
                raise DataError(
                    f"'{value}' is not in the scenario's quarter", file=str(path), row=number, column=column, hint=hint
                )
        books[rep].append((ids[account], place[day], int(visit) - 1, bool(remote), int(start)))
    territories = tuple(_unrouted(rep, books[scenario.reps[rep].id] if rep >= 0 else []) for rep in design.rep_of.tolist())
    return VisitPlan(design.name, quarter, days, due, territories)


def _frame(path: Path) -> pl.DataFrame:
    """The file's rows with the types that a plan's columns have."""
    import polars as pl

    readers: dict[str, Callable[[Path], pl.DataFrame]] = {
        ".csv": pl.read_csv,
        ".parquet": pl.read_parquet,
        ".xlsx": pl.read_excel,
    }
    if path.suffix not in readers:
        raise UsageError(f"a plan cannot be read from '{path.suffix or path.name}'", hint=f"use {', '.join(SUFFIXES)}")
    if not path.is_file():
        raise DataError("no such file", file=str(path), hint="write a plan with --out first")
    try:
        frame = readers[path.suffix](path)
        kinds = {"date": pl.Date, "visit": pl.Int64, "start_s": pl.Int64, "remote": pl.Boolean}
        text = {name: frame[name].cast(pl.String) for name in ("rep", "account")}
        dates = frame["date"].str.to_date() if frame["date"].dtype == pl.String else frame["date"].cast(pl.Date)
        rest = {name: frame[name].cast(kinds[name]) for name in ("visit", "start_s", "remote")}
    except (OSError, pl.exceptions.PolarsError, ValueError) as error:
        raise DataError(f"is no plan that fieldsim wrote: {str(error).splitlines()[0]}", file=str(path)) from error
    return pl.DataFrame({**text, "date": dates, **rest})


def _unrouted(rep: int, rows: list[tuple[int, int, int, bool, int]]) -> TerritoryPlan:
    """Visits and their days, without the times of the days' routes."""
    account, day, ordinal, remote, start = (
        (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
        if rows
        else (np.zeros(0, dtype=np.int64) for _ in range(5))
    )
    none = np.zeros(0, dtype=np.int64)
    return TerritoryPlan(
        rep=rep,
        account=account,
        day=day,
        ordinal=ordinal,
        remote=remote.astype(np.bool_),
        start_s=start,
        travel_s=np.zeros_like(start),
        work_day=none,
        depart_s=none,
        finish_s=none,
        lunch_s=none,
        proven=none.astype(np.bool_),
        needed_s=0.0,
        available_s=0.0,
    )
