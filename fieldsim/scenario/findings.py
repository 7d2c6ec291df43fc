"""A finding: one line about a scenario's data with the place it is at and the accounts it concerns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt

from fieldsim.errors import DataError, count
from fieldsim.model import Accounts, Rep
from fieldsim.scenario.cells import Sheet

_LISTED = 3


@dataclass(frozen=True)
class Finding:
    """Something wrong (an error) or odd (a warning); `row` is that of the first account concerned."""

    code: str
    message: str
    file: str | None = None
    row: int | None = None
    column: str | None = None
    hint: str | None = None
    accounts: tuple[str, ...] = ()

    def __str__(self) -> str:
        return str(DataError(self.message, file=self.file, row=self.row, column=self.column, hint=self.hint))

    def as_json(self) -> dict[str, object]:
        """The finding as `check --json` prints it."""
        return {**asdict(self), "accounts": list(self.accounts)}


def from_error(error: DataError) -> Finding:
    """An error as a finding."""
    return Finding(error.code, error.message, error.file, error.row, error.column, error.hint)


@dataclass(frozen=True)
class Book:
    """Accounts and reps that are sound, with their rows in the user's file."""

    accounts: Accounts
    reps: tuple[Rep, ...]
    file: str
    row_of: dict[str, int]

    @classmethod
    def of(cls, sheet: Sheet, accounts: Accounts, reps: tuple[Rep, ...]) -> Book:
        """The book of an accounts table."""
        return cls(accounts, reps, sheet.table.file, dict(zip(sheet.text("account"), sheet.table.rows, strict=True)))

    def finding(
        self, code: str, what: str, column: str, at: Sequence[int] | npt.NDArray[np.generic], hint: str | None = None
    ) -> list[Finding]:
        """One finding on the accounts at these positions, none if there are none; `what` completes "12 accounts"."""
        ids = [self.accounts.ids[int(position)] for position in at]
        if not ids:
            return []
        shown = ", ".join(f"{account} (row {self.row_of[account]})" for account in ids[:_LISTED])
        more = f" and {len(ids) - _LISTED} more" if len(ids) > _LISTED else ""
        row = min(self.row_of[account] for account in ids)
        return [Finding(code, f"{count(len(ids), 'account')} {what}: {shown}{more}", self.file, row, column, hint, tuple(ids))]
