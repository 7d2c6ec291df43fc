"""The plan as a table and as a file: CSV, Parquet or XLSX, a row a visit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fieldsim.errors import UsageError
from fieldsim.model import Design, Scenario, VisitPlan

if TYPE_CHECKING:
    import polars as pl


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


def write_plan(scenario: Scenario, design: Design, plan: VisitPlan, path: Path | str) -> None:
    """Write the plan by the file's suffix; what found no day goes beside it as NAME.unplaced (in XLSX: a second sheet).

    UsageError for another suffix than .csv, .parquet or .xlsx.
    """
    path = Path(path)
    frames = {"visits": plan_frame(scenario, design, plan), "unplaced": unplaced_frame(scenario, design, plan)}
    if path.suffix not in (".csv", ".parquet", ".xlsx"):
        raise UsageError(f"a plan cannot be written as '{path.suffix or path.name}'", hint="use .csv, .parquet or .xlsx")
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".xlsx":
        _write_sheets(frames, path)
        return
    for name, frame in frames.items():
        file = path if name == "visits" else path.with_suffix(f".{name}{path.suffix}")
        frame.write_csv(file) if path.suffix == ".csv" else frame.write_parquet(file)


def _write_sheets(frames: dict[str, pl.DataFrame], path: Path) -> None:
    from xlsxwriter import Workbook  # type: ignore[import-untyped]

    # text stays text: a name that begins with "=" is no formula
    with Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        for name, frame in frames.items():
            frame.write_excel(book, worksheet=name, autofit=True)
