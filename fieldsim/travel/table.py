"""The user's own travel times: a file of from, to, seconds and metres."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fieldsim.errors import DataError, TravelDataError, did_you_mean
from fieldsim.model import Ints
from fieldsim.store import content_key
from fieldsim.travel.places import Places, great_circle_m
from fieldsim.travel.search import UNREACHABLE

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, eq=False)
class Table:
    """Milliseconds and decimetres between all points, -1 where the file has no row."""

    ms: Ints
    dm: Ints
    key: str


def read_table(path: Path, places: Places) -> Table:
    """Read a CSV or Parquet file with the columns `from`, `to` (ids of accounts or reps), `travel_s` and, if known, `distance_m`.

    Rows of ids the scenario does not have are passed over; a pair without a row counts as unreachable; a missing distance
    is the great circle. Where an account and a rep share an id, the id means the account.
    """
    frame = _frame(path)
    number = {name: point for point, name in reversed(list(enumerate(places.names)))}
    ends = [np.array([number.get(name, -1) for name in frame[side].to_list()], dtype=np.int64) for side in ("from", "to")]
    ms = np.full((len(places), len(places)), UNREACHABLE, dtype=np.int64)
    dm = np.ceil(great_circle_m(places.lat[:, None], places.lon[:, None], places.lat[None], places.lon[None]) * 10).astype(
        np.int64
    )
    known = (ends[0] >= 0) & (ends[1] >= 0)
    at = ends[0][known], ends[1][known]
    ms[at] = np.ceil(frame["travel_s"].to_numpy()[known] * 1000.0).astype(np.int64)
    if "distance_m" in frame.columns:
        dm[at] = np.rint(frame["distance_m"].to_numpy()[known] * 10.0).astype(np.int64)
    np.fill_diagonal(ms, 0)
    np.fill_diagonal(dm, 0)
    return Table(ms, dm, content_key(ms, dm))


def _frame(path: Path) -> pl.DataFrame:
    import polars as pl

    if not path.is_file():
        raise TravelDataError(f"no table of travel times '{path}'", file=path.name)
    try:
        frame = pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path, infer_schema=False)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise DataError("this is no CSV or Parquet table", file=str(path)) from error
    missing = [name for name in ("from", "to", "travel_s") if name not in frame.columns]
    if missing:
        hint = did_you_mean(missing[0], frame.columns)
        raise DataError(f"the column '{missing[0]}' is missing", file=str(path), row=1, column=missing[0], hint=hint)
    columns = [pl.col("from").cast(pl.String), pl.col("to").cast(pl.String)]
    numbers = [name for name in ("travel_s", "distance_m") if name in frame.columns]
    typed = frame.select(*columns, *(pl.col(name).cast(pl.Float64, strict=False) for name in numbers))
    for name in numbers:
        _check(frame[name], typed[name], path, name)
    return typed


def _check(text: pl.Series, number: pl.Series, path: Path, column: str) -> None:
    values = number.fill_null(float("nan")).to_numpy()
    wrong = np.flatnonzero(~(np.isfinite(values) & (values >= 0) & (values < 1e7)))
    if len(wrong):
        row = int(wrong[0])
        raise DataError(f"'{text[row]}' is no number of 0 or more", file=str(path), row=row + 2, column=column)
