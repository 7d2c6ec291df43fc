"""Turns columns of text into numbers, dates and choices, noting every cell that cannot be read with its row and value."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

import numpy as np

from fieldsim.errors import DataError, did_you_mean
from fieldsim.model import Bools, Floats, Ints
from fieldsim.scenario.tables import Table

T = TypeVar("T")
_TIME = re.compile(r"(\d{1,2}):([0-5]\d)(?::([0-5]\d))?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
MOST_MONEY = 1e15
"""Larger amounts are slips, and sums of a book full of them would lose their last digits."""
_TRUTH = {
    **dict.fromkeys(("true", "1", "yes", "y", "x"), True),
    **dict.fromkeys(("false", "0", "no", "n", ""), False),
}


def seconds_of_day(text: str) -> int | None:
    """Seconds after midnight of `HH:MM[:SS]` up to 24:00, None for other text."""
    match = _TIME.fullmatch(text.strip())
    if not match:
        return None
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    total = 3600 * hours + 60 * minutes + seconds
    return total if total <= 86_400 else None


def clock(seconds: int) -> str:
    """`HH:MM` of seconds after midnight."""
    return f"{seconds // 3600:02d}:{seconds % 3600 // 60:02d}"


@dataclass(frozen=True)
class Sheet:
    """A table read column by column. What cannot be read is noted in `errors` and a neutral value stands in for it."""

    table: Table
    errors: list[DataError] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.table)

    def has(self, column: str) -> bool:
        """The file has this column."""
        return column in self.table.columns

    def note(self, message: str, at: int | None = None, column: str | None = None, hint: str | None = None) -> None:
        """Add an error of this file."""
        self.errors.append(self.table.error(message, at, column, hint))

    def raise_first(self) -> None:
        """Raise the error of the uppermost row, if there is any, and say how many more there are."""
        if not self.errors:
            return
        first = min(self.errors, key=lambda error: error.row or 1 << 60)
        if len(self.errors) > 1:
            more = f"the first of {len(self.errors)} errors"
            first.hint = f"{first.hint}; {more}" if first.hint else more
        raise first

    def text(self, column: str) -> list[str]:
        """The column as it is, "" throughout where the file has none."""
        return self.table.columns.get(column) or [""] * len(self)

    def required(self, column: str) -> list[str]:
        """A column that has a value in every row."""
        cells = self.text(column)
        if self.has(column):
            for at in (k for k, cell in enumerate(cells) if not cell):
                self.note("no value", at, column)
        return cells

    def ids(self, column: str) -> list[str]:
        """A required column without repeated values; letter case counts, because 15-character CRM ids differ in it alone."""
        cells = self.required(column)
        first: dict[str, int] = {}
        for at, cell in enumerate(cells):
            if cell and first.setdefault(cell, at) != at:
                self.note(f"'{cell}' is there twice, first in row {self.table.rows[first[cell]]}", at, column)
        return cells

    def numbers(self, column: str, low: float = 0.0, high: float = np.inf) -> Floats:
        """Numbers from `low` to `high`, both included; NaN where the cell is empty or the file has no such column."""
        if not self.has(column):
            return np.full(len(self), np.nan)
        cells = self.table.columns[column]
        values = _floats(cells, self.table.decimal_comma)
        empty = np.fromiter((not cell for cell in cells), np.bool_, len(cells))
        with np.errstate(invalid="ignore"):
            wrong = ~empty & ~(np.isfinite(values) & (values >= low) & (values <= high))
        for at in np.flatnonzero(wrong).tolist():
            what = "is not a number" if not np.isfinite(values[at]) else f"is not {_bounds(low, high, values[at])}"
            self.note(f"'{cells[at]}' {what}", at, column)
        return np.where(empty | wrong, np.nan, values)

    def whole(self, column: str, low: int, high: int) -> Floats:
        """Whole numbers as floats, NaN where empty."""
        values = self.numbers(column, low, high)
        for at in np.flatnonzero(values % 1 > 0).tolist():
            self.note(f"'{self.text(column)[at]}' is not a whole number", at, column)
        return values

    def flags(self, column: str) -> Bools:
        """true, yes, y, x, 1 against false, no, n, 0 and empty."""
        truths = self._each(column, lambda cell: _TRUTH.get(cell.casefold()), "is neither true nor false", False)
        return np.array(truths, dtype=np.bool_)

    def dates(self, column: str) -> list[date | None]:
        """ISO dates, None where empty."""
        return self._each(column, _date, "is not a date such as 2026-10-05", None)

    def times(self, column: str) -> list[int | None]:
        """Times of day in seconds, None where empty."""
        return self._each(column, seconds_of_day, "is not a time such as 08:30", None)

    def choices(self, column: str, known: Collection[str], what: str) -> list[str]:
        """Text out of `known`, or ""."""
        cells = self.text(column)
        wrong = {cell for cell in set(cells) if cell and cell not in known}
        for at in (k for k, cell in enumerate(cells) if wrong and cell in wrong):
            hint = did_you_mean(cells[at], known) or f"known: {', '.join(sorted(known)[:8])}"
            self.note(f"unknown {what} '{cells[at]}'", at, column, hint)
        return cells

    def _each(self, column: str, read: Callable[[str], T | None], complaint: str, empty: T) -> list[T]:
        """Each cell read on its own; `empty` for empty cells and for those that `read` answers None."""
        values = []
        for at, cell in enumerate(self.text(column)):
            value = read(cell) if cell else empty
            if cell and value is None:
                self.note(f"'{cell}' {complaint}", at, column)
                value = empty
            values.append(value)
        return values  # type: ignore[return-value]


def positions(cells: list[str], places: dict[str, int]) -> Ints:
    """Position of each id, -1 where it is unknown."""
    return np.fromiter((places.get(cell, -1) for cell in cells), np.int64, len(cells))


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10] if "T" in text else text)
    except ValueError:
        return None


def _bounds(low: float, high: float, value: float) -> str:
    return f"{low:g} or more" if high >= MOST_MONEY and value < low else f"between {low:g} and {high:g}"


def _floats(cells: list[str], decimal_comma: bool) -> Floats:
    """Numbers, NaN for other text; 1,234.5 is grouped, and in a `;` file with commas 1.234,5 is."""
    import polars as pl

    series = pl.Series(cells, dtype=pl.String)
    if decimal_comma and series.str.contains(",", literal=True).any():
        series = series.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
    values = series.cast(pl.Float64, strict=False)
    if not decimal_comma and (values.is_null() & series.str.contains(",", literal=True)).any():
        cells = [cell.replace(",", "") if _GROUPED.fullmatch(cell) else cell for cell in cells]
        values = pl.Series(cells, dtype=pl.String).cast(pl.Float64, strict=False)
    return values.fill_null(np.nan).to_numpy().astype(np.float64)
