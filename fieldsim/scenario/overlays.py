"""Specialists' shares as files: designs/NAME.overlays.csv -> overlays."""

from __future__ import annotations

import numpy as np

from fieldsim.model import Overlay, Scenario
from fieldsim.scenario.cells import Sheet
from fieldsim.scenario.columns import known_only
from fieldsim.scenario.tables import find_file, read_table

SHARES = ("revenue_share", "quota_credit", "visit_share")


def read_overlays(scenario: Scenario, folder: str, name: str) -> tuple[Overlay, ...]:
    """Overlays of the design, sorted by account and rep; empty without a file.

    `quota_credit` is the revenue share where empty, `visit_share` is 0.
    """
    path = find_file(scenario.folder / folder, f"{name}.overlays")
    if path is None:
        return ()
    sheet = Sheet(read_table(path, f"{folder}/{path.name}"))
    known_only(sheet.table, ("account", "rep", *SHARES), ("account", "rep", "revenue_share"))
    accounts = {account: position for position, account in enumerate(scenario.accounts.ids)}
    reps = {rep.id: position for position, rep in enumerate(scenario.reps)}
    for column in ("account", "rep", "revenue_share"):
        sheet.required(column)
    ids, owners = sheet.choices("account", accounts, "account"), sheet.choices("rep", reps, "rep")
    revenue, credit, visits = (sheet.numbers(column, 0.0, 1.0) for column in SHARES)
    sheet.raise_first()
    credit, visits = np.where(np.isnan(credit), revenue, credit), np.nan_to_num(visits)
    columns = zip(ids, owners, revenue.tolist(), credit.tolist(), visits.tolist(), strict=True)
    overlays = [Overlay(accounts[account], reps[rep], *shares) for account, rep, *shares in columns]
    _check(sheet, overlays)
    return tuple(sorted(overlays, key=lambda overlay: (overlay.account, overlay.rep)))


def _check(sheet: Sheet, overlays: list[Overlay]) -> None:
    """One row an account and rep; shares of revenue and of visits of an account add up to 1 at most."""
    seen: dict[tuple[int, int], int] = {}
    sums: dict[tuple[int, str], float] = {}
    for at, overlay in enumerate(overlays):
        if seen.setdefault((overlay.account, overlay.rep), at) != at:
            row = sheet.table.rows[seen[overlay.account, overlay.rep]]
            sheet.note(f"rep '{sheet.text('rep')[at]}' has this account twice, first in row {row}", at, "rep")
        for column in ("revenue_share", "visit_share"):
            total = sums.get((overlay.account, column), 0.0) + getattr(overlay, column)
            sums[overlay.account, column] = total
            if total > 1.0 + 1e-9:
                sheet.note(f"the shares of account '{sheet.text('account')[at]}' add up to {total:g}", at, column)
    sheet.raise_first()
