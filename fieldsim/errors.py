"""What can go wrong, as one tree; each branch carries the exit code of its kind.

FieldsimError                 1  internal, and the root of all below
├── UsageError                2  the command or call itself is wrong
├── DataError                 3  a file of the user's is wrong: names file, row, column and value
├── InfeasibleError           4  the data are sound but no answer exists
└── TravelDataError           5  roads or a travel matrix are missing
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class FieldsimError(Exception):
    """Root of the errors fieldsim raises on purpose; `exit_code` is what the command line returns."""

    exit_code = 1
    code = "internal"
    row: int | None = None
    column: str | None = None

    def __init__(self, message: str, *, file: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message, self.file, self.hint = visible(message), file, hint and visible(hint)

    def as_json(self) -> dict[str, object]:
        """The error as `--json` prints it."""
        place = {"file": self.file, "row": self.row, "column": self.column}
        return {"error": {"code": self.code, "message": self.message, **place, "hint": self.hint}}

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


def visible(text: str) -> str:
    """The text on one line: line ends and other characters that a terminal would act upon are spelt out."""
    return text if text.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def count(number: int, noun: str, plural: str | None = None) -> str:
    """A number with its noun: `1 visit`, `3 visits`."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


class UsageError(FieldsimError):
    """The command or the call asks for something that does not exist."""

    exit_code = 2
    code = "usage"


class DataError(FieldsimError):
    """A file holds what cannot be used; `row` counts from 1 with the header as row 1, as spreadsheets do."""

    exit_code = 3
    code = "bad_data"

    def __init__(
        self,
        message: str,
        *,
        file: str | None = None,
        row: int | None = None,
        column: str | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, file=file, hint=hint)
        self.row, self.column = row, column

    def __str__(self) -> str:
        place = [self.file, self.row and f"row {self.row}", self.column and f"column {self.column}"]
        where = ", ".join(str(part) for part in place if part)
        return f"{where}: {super().__str__()}" if where else super().__str__()

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild_data_error, (self.message, self.file, self.row, self.column, self.hint))


def _rebuild_data_error(message: str, file: str | None, row: int | None, column: str | None, hint: str | None) -> DataError:
    """Lets a DataError cross a process boundary whole."""
    return DataError(message, file=file, row=row, column=column, hint=hint)


class InfeasibleError(FieldsimError):
    """Sound data, but no answer exists under the rules asked for."""

    exit_code = 4
    code = "infeasible"


class TravelDataError(FieldsimError):
    """Roads or a travel matrix are missing or do not cover the points."""

    exit_code = 5
    code = "no_travel_data"


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """A hint naming the closest known word, or None when nothing is close."""
    choices = {name.casefold(): name for name in known}
    close = get_close_matches(word.casefold(), choices, n=1, cutoff=0.6)
    return f"did you mean '{choices[close[0]]}'?" if close else None
