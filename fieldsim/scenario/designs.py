"""Designs as files: designs/NAME.csv (account, territory, rep) and designs/NAME.overlays.csv, read and written."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from fieldsim.errors import DataError, UsageError, did_you_mean
from fieldsim.model import Accounts, Design, Ints, Overlay, Rep, Scenario
from fieldsim.scenario.cells import Sheet, positions
from fieldsim.scenario.columns import known_only
from fieldsim.scenario.tables import SUFFIXES, find_file, read_table
from fieldsim.store import write_atomic

FOLDER = "designs"
_SHOWN = 3


def design_names(folder: Path) -> list[str]:
    """Names of the designs in a scenario folder, sorted."""
    files = [path for path in (folder / FOLDER).glob("*") if path.suffix in SUFFIXES and not path.name.startswith(".")]
    return sorted({path.stem for path in files if not path.stem.endswith(".overlays")})


def read_design(scenario: Scenario, name: str) -> Design:
    """The design called `name`: every account in one territory, every territory with one rep or vacant."""
    path = _design_file(scenario, name)
    sheet = Sheet(read_table(path, f"{FOLDER}/{path.name}"))
    known_only(sheet.table, ("account", "territory", "rep", "reason"), ("account", "territory"))
    territories, territory_of = _territories(sheet, scenario.accounts)
    sheet.raise_first()
    rep_of = _seats(sheet, territories, scenario.reps)
    sheet.raise_first()
    return Design(name, territories, territory_of, rep_of, _overlays(scenario, name))


def _design_file(scenario: Scenario, name: str) -> Path:
    names = design_names(scenario.folder)
    if name not in names:
        known = f"there are: {', '.join(names)}" if names else "the folder designs is empty"
        raise UsageError(f"no design '{name}' in {scenario.name}; {known}", hint=did_you_mean(name, names))
    path = find_file(scenario.folder / FOLDER, name)
    assert path is not None
    return path


def _territories(sheet: Sheet, accounts: Accounts) -> tuple[tuple[str, ...], Ints]:
    """Sorted territory names and each account's position among them. A row without an account names an empty territory."""
    names = sheet.required("territory")
    ids = sheet.text("account")
    places = {account: position for position, account in enumerate(accounts.ids)}
    found = positions(ids, places)
    for at in np.flatnonzero(found < 0).tolist():
        if ids[at]:
            sheet.note(f"unknown account '{ids[at]}'", at, "account", did_you_mean(ids[at], accounts.ids))
    territories = tuple(sorted(set(filter(None, names))))
    rank = {territory: position for position, territory in enumerate(territories)}
    territory_of = np.full(len(accounts), -1, dtype=np.int64)
    first: dict[int, int] = {}
    for at, account in enumerate(found.tolist()):
        if account >= 0 and first.setdefault(account, at) != at:
            sheet.note(f"account '{ids[at]}' is there twice, first in row {sheet.table.rows[first[account]]}", at, "account")
        elif account >= 0:
            territory_of[account] = rank.get(names[at], -1)
    _note_missing(sheet, accounts, first)
    return territories, territory_of


def _note_missing(sheet: Sheet, accounts: Accounts, first: Mapping[int, int]) -> None:
    missing = [account for position, account in enumerate(accounts.ids) if position not in first]
    if missing and not sheet.errors:
        shown = ", ".join(f"'{account}'" for account in missing[:_SHOWN]) + (", ..." if len(missing) > _SHOWN else "")
        sheet.note(f"{len(missing)} of {len(accounts)} accounts are in no territory: {shown}", None, "account")


def _seats(sheet: Sheet, territories: tuple[str, ...], reps: tuple[Rep, ...]) -> Ints:
    """Rep of each territory, -1 where its seat is vacant; without a rep column a territory is named after its rep."""
    column = "rep" if sheet.has("rep") else "territory"
    ranks = {rep.id: position for position, rep in enumerate(reps)}
    names, owners = sheet.text("territory"), sheet.text(column)
    first: dict[str, int] = {}
    for at, name in enumerate(names):
        if owners[at] and owners[at] not in ranks:
            sheet.note(f"unknown rep '{owners[at]}'", at, column, did_you_mean(owners[at], ranks))
        elif owners[first.setdefault(name, at)] != owners[at]:
            other = owners[first[name]] or "nobody"
            sheet.note(f"territory '{name}' has '{owners[at]}', but '{other}' in row {sheet.table.rows[first[name]]}", at, column)
    holds: dict[str, str] = {}
    for name in territories:
        owner = owners[first[name]] if name in first else ""
        if owner and holds.setdefault(owner, name) != name:
            sheet.note(f"rep '{owner}' holds two territories, '{holds[owner]}' and '{name}'", first[name], column)
    return np.array([ranks.get(owners[first[name]], -1) if name in first else -1 for name in territories], dtype=np.int64)


def _overlays(scenario: Scenario, name: str) -> tuple[Overlay, ...]:
    """Shares of specialists, sorted by account and rep; empty without a file."""
    path = find_file(scenario.folder / FOLDER, f"{name}.overlays")
    if path is None:
        return ()
    sheet = Sheet(read_table(path, f"{FOLDER}/{path.name}"))
    shares = ("revenue_share", "quota_credit", "visit_share")
    known_only(sheet.table, ("account", "rep", *shares), ("account", "rep", "revenue_share"))
    ids, owners = sheet.required("account"), sheet.required("rep")
    account_ranks = {account: position for position, account in enumerate(scenario.accounts.ids)}
    rep_ranks = {rep.id: position for position, rep in enumerate(scenario.reps)}
    sheet.choices("account", account_ranks, "account")
    sheet.choices("rep", rep_ranks, "rep")
    sheet.required("revenue_share")
    revenue, credit, visits = (sheet.numbers(column, 0.0, 1.0) for column in shares)
    sheet.raise_first()
    credit, visits = np.where(np.isnan(credit), revenue, credit), np.nan_to_num(visits)
    overlays = [
        Overlay(account_ranks[ids[at]], rep_ranks[owners[at]], float(revenue[at]), float(credit[at]), float(visits[at]))
        for at in range(len(sheet))
    ]
    _check_overlays(sheet, overlays)
    return tuple(sorted(overlays, key=lambda overlay: (overlay.account, overlay.rep)))


def _check_overlays(sheet: Sheet, overlays: list[Overlay]) -> None:
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


# ── writing ───────────────────────────────────────────────────────────────────────────────────────────────────────


def write_design(scenario: Scenario, design: Design, reasons: Mapping[int, str] | None = None) -> Path:
    """Write designs/NAME.csv (and its overlays), sorted by account; `reasons` maps account positions to a text each."""
    folder = scenario.folder / FOLDER
    _check_name(folder, design.name)
    owners = [scenario.reps[rep].id if rep >= 0 else "" for rep in design.rep_of.tolist()]
    header = ["account", "territory", "rep", *(["reason"] if reasons else [])]
    rows = [
        [account, design.territories[territory], owners[territory], *([reasons.get(at, "")] if reasons else [])]
        for at, (account, territory) in enumerate(zip(scenario.accounts.ids, design.territory_of.tolist(), strict=True))
    ]
    empty = sorted(set(range(len(design.territories))) - set(design.territory_of.tolist()))
    rows += [["", design.territories[territory], owners[territory], *([""] if reasons else [])] for territory in empty]
    path = folder / f"{design.name}.csv"
    write_atomic(path, _csv(header, rows))
    _write_overlays(scenario, design)
    return path


def _check_name(folder: Path, name: str) -> None:
    if not name or name != Path(name).name or name.startswith(".") or name.endswith(".overlays") or set(name) & set('\\:*?"<>|'):
        raise UsageError(f"'{name}' cannot be the name of a design file")
    other = find_file(folder, name)
    if other and other.suffix != ".csv":
        raise DataError(
            "a design of this name exists in another format", file=f"{FOLDER}/{other.name}", hint="choose another name"
        )


def _write_overlays(scenario: Scenario, design: Design) -> None:
    path = scenario.folder / FOLDER / f"{design.name}.overlays.csv"
    if not design.overlays:
        path.unlink(missing_ok=True)
        return
    header = ["account", "rep", "revenue_share", "quota_credit", "visit_share"]
    rows = [
        [
            scenario.accounts.ids[o.account],
            scenario.reps[o.rep].id,
            repr(o.revenue_share),
            repr(o.quota_credit),
            repr(o.visit_share),
        ]
        for o in sorted(design.overlays, key=lambda overlay: (overlay.account, overlay.rep))
    ]
    write_atomic(path, _csv(header, rows))


def _csv(header: list[str], rows: list[list[str]]) -> bytes:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return buffer.getvalue().encode()
