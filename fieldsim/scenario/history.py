"""history.csv -> columns sorted by date: visits held and money earned before the quarter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from fieldsim.errors import did_you_mean
from fieldsim.model import LEDGER_KINDS, OUTCOMES, Accounts
from fieldsim.scenario.cells import MOST_MONEY, Sheet

COLUMNS = ("date", "rep", "account", "kind", "outcome", "amount", "planned_start_s", "arrive_s", "leave_s")
KINDS = ("visit", *LEDGER_KINDS)
History = dict[str, Sequence[object]]


def read_history(sheet: Sheet, accounts: Accounts, quarter_start: date) -> History:
    """Columns of the file as tuples: dates, text ids, floats (None where empty); reps may have left, accounts may not."""
    for column in ("date", "account", "kind"):
        sheet.required(column)
    days = sheet.dates("date")
    for at in (k for k, day in enumerate(days) if day and day >= quarter_start):
        sheet.note(f"'{days[at]}' is not before the quarter, which starts on {quarter_start}", at, "date")
    _check_accounts(sheet, accounts)
    kinds = sheet.choices("kind", KINDS, "kind")
    columns: dict[str, list[object]] = {
        "date": list(days),
        "rep": list(sheet.text("rep")),
        "account": list(sheet.text("account")),
        "kind": list(kinds),
        "outcome": list(sheet.choices("outcome", OUTCOMES, "outcome")),
        "amount": _numbers(sheet, "amount", -MOST_MONEY, MOST_MONEY),
        **{name: _numbers(sheet, name, 0.0, 172_800.0) for name in ("planned_start_s", "arrive_s", "leave_s")},
    }
    rows = sorted(zip(*columns.values(), strict=True), key=lambda row: tuple(map(str, row)))
    return {name: tuple(cells) for name, cells in zip(columns, zip(*rows, strict=True), strict=True)}


def _numbers(sheet: Sheet, column: str, low: float, high: float) -> list[object]:
    return [None if value != value else value for value in sheet.numbers(column, low, high).tolist()]


def _check_accounts(sheet: Sheet, accounts: Accounts) -> None:
    known = set(accounts.ids)
    for at, cell in enumerate(sheet.text("account")):
        if cell and cell not in known:
            sheet.note(f"unknown account '{cell}'", at, "account", did_you_mean(cell, accounts.ids))
