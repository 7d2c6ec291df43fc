"""The log of chosen replications as Parquet files, with the users' own ids, so that somebody else can recompute every KPI."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from fieldsim.kpi import manager_hour
from fieldsim.model import LEDGER_KINDS, LOG_COLUMNS, OUTCOMES, Design, Quarter, Scenario
from fieldsim.store import write_atomic

if TYPE_CHECKING:
    import polars as pl

_RENAMED = {"from_day": "from", "to_day": "to", "ordinal": "due"}
_DATES = frozenset({"date", "from_day", "to_day"})


def log_frames(quarters: Sequence[Quarter], scenario: Scenario, designs: Sequence[Design]) -> dict[str, pl.DataFrame]:
    """A frame a table. Ids are text (null: no rep), dates ISO, `time` days after the scenario's first day.

    `plan` counts a design's plans from 1: a comparison's figures are means over all replications and plans.
    `visits.due` counts an account's due visits of a quarter from 1; times are seconds after midnight, -1 where a visit did not
    happen; `minutes` are minutes; `seats.to` is the day after the last. `accounts`, `reps` and `rates` hold the facts that KPIs
    need beside the log, and `owners` whose each account is under each design.
    """
    import polars as pl

    by_name = {design.name: design for design in designs}
    frames: dict[str, pl.DataFrame] = {}
    for table, columns in LOG_COLUMNS.items():
        parts = [_frame(each, table, columns, scenario, by_name[each.design]) for each in quarters]
        frames[table] = pl.concat(parts) if parts else pl.DataFrame()
    return {**frames, **_facts(scenario, designs)}


def write_log(folder: Path, quarters: Sequence[Quarter], scenario: Scenario, designs: Sequence[Design]) -> None:
    """Write the frames to `folder` as NAME.parquet, each file whole or not at all."""
    for name, frame in log_frames(quarters, scenario, designs).items():
        buffer = io.BytesIO()
        frame.write_parquet(buffer)
        write_atomic(folder / f"{name}.parquet", buffer.getvalue())


def _frame(quarter: Quarter, table: str, columns: tuple[str, ...], scenario: Scenario, design: Design) -> pl.DataFrame:
    import polars as pl

    rows: Mapping[str, npt.NDArray[np.generic]] = getattr(quarter, table)
    translated = {_RENAMED.get(name, name): _translated(name, rows[name], table, scenario, design) for name in columns}
    frame = pl.DataFrame(translated)
    numbers = {"replication": quarter.replication, "plan": quarter.plan}
    mark = [pl.lit(number, dtype=pl.Int64).alias(name) for name, number in numbers.items()]
    return frame.select(pl.lit(quarter.design).alias("design"), *mark, pl.all())


def _translated(name: str, values: npt.NDArray[np.generic], table: str, scenario: Scenario, design: Design) -> pl.Series:
    """One column with ids, dates and codes in words."""
    import polars as pl

    if name == "rep":
        return _named(values, [rep.id for rep in scenario.reps])
    if name == "account":
        return _named(values, scenario.accounts.ids)
    if name == "territory":
        return _named(values, design.territories)
    if name == "outcome":
        return _named(values, OUTCOMES)
    if name == "kind":
        return _named(values, LEDGER_KINDS)
    if name in _DATES:
        days = values.astype(np.int64).tolist()
        return pl.Series([(scenario.start + timedelta(days=day)).isoformat() for day in days], dtype=pl.String)
    if name == "ordinal" and table == "visits":
        return pl.Series(values.astype(np.int64) + 1)
    return pl.Series(values)


def _named(positions: npt.NDArray[np.generic], names: Sequence[str]) -> pl.Series:
    import polars as pl

    known = [*names, None]
    return pl.Series([known[position] if position >= 0 else None for position in positions.tolist()], dtype=pl.String)


def _facts(scenario: Scenario, designs: Sequence[Design]) -> dict[str, pl.DataFrame]:
    """What a KPI needs beside the log: the book, the people, the rates, and who owns what under each design."""
    import polars as pl

    book = scenario.accounts
    accounts = pl.DataFrame(
        {
            "account": book.ids,
            "tier": book.tier,
            "potential": book.potential,
            "revenue_last_year": book.revenue_last_year,
        }
    )
    reps = pl.DataFrame({"rep": [rep.id for rep in scenario.reps], "cost_per_year": [rep.cost_per_year for rep in scenario.reps]})
    rates = pl.DataFrame(
        {
            "currency": [scenario.currency],
            "start": [scenario.start.isoformat()],
            "margin": [scenario.rates.margin],
            "travel_cost_per_km": [scenario.rates.travel_cost_per_km],
            "manager_cost_per_hour": [manager_hour(scenario)],
            "current": pl.Series([scenario.current], dtype=pl.String),
        }
    )
    owners = [
        pl.DataFrame(
            {
                "design": [design.name] * len(book),
                "account": book.ids,
                "territory": _named(design.territory_of, design.territories),
                "rep": _named(design.owner, [rep.id for rep in scenario.reps]),
            }
        )
        for design in designs
    ]
    return {"accounts": accounts, "reps": reps, "rates": rates, "owners": pl.concat(owners) if owners else pl.DataFrame()}
