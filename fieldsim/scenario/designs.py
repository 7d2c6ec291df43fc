"""Designs as files: designs/NAME.csv with account, territory and rep -> Design."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from fieldsim.errors import UsageError, did_you_mean
from fieldsim.model import Accounts, Design, Ints, Rep, Scenario
from fieldsim.scenario.cells import Sheet, positions
from fieldsim.scenario.columns import known_only
from fieldsim.scenario.overlays import read_overlays
from fieldsim.scenario.tables import SUFFIXES, find_file, read_table

FOLDER = "designs"
BESIDE = (".overlays", ".moves")
"""Endings of files that stand beside a design's own."""
OWNERS = "owners"
"""The design that the accounts' own column `owner` makes, where no file has this name."""
NO_OWNER = "no owner"
_SHOWN = 3


def design_names(folder: Path) -> list[str]:
    """Names of the design files of a scenario folder, sorted."""
    files = [path for path in (folder / FOLDER).glob("*") if path.suffix in SUFFIXES and path.is_file() and path.name[0] != "."]
    return sorted({path.stem for path in files if not path.stem.endswith(BESIDE)})


def offered_designs(scenario: Scenario) -> list[str]:
    """Names of the designs to look at: the files and the one in force, or, where there are none, the book's own owners."""
    names = design_names(scenario.folder)
    more = scenario.current if names or scenario.current else OWNERS if any(scenario.accounts.owner) else None
    return names if more is None or more in names else [*names, more]


def read_design(scenario: Scenario, name: str) -> Design:
    """The design called `name`: every account in one territory, every territory with one rep or vacant.

    `owners`, where no file is called so, is the book as the accounts' column `owner` has it: a territory an owner, vacant where
    the owner is no rep (by id or by name).
    """
    if name == OWNERS and name not in design_names(scenario.folder) and any(scenario.accounts.owner):
        return design_of_owners(scenario)
    path = _design_file(scenario, name)
    sheet = Sheet(read_table(path, f"{FOLDER}/{path.name}"))
    territories, territory_of, rep_of = read_territories(sheet, scenario.accounts, scenario.reps)
    sheet.raise_first()
    return Design(name, territories, territory_of, rep_of, read_overlays(scenario, FOLDER, name))


def design_of_owners(scenario: Scenario) -> Design:
    """Territories as the accounts' column `owner` makes them."""
    by_name: dict[str, list[str]] = {}
    for rep in scenario.reps:
        by_name.setdefault(rep.name.casefold(), []).append(rep.id)
    ranks = {rep.id: position for position, rep in enumerate(scenario.reps)}

    def territory(owner: str) -> str:
        """A rep's id, also where the owner is given by name; else the owner's own text."""
        named = by_name.get(owner.casefold(), [])
        return named[0] if owner not in ranks and len(named) == 1 else owner or NO_OWNER

    names = [territory(owner) for owner in scenario.accounts.owner]
    territories = tuple(sorted(set(names)))
    places = {name: position for position, name in enumerate(territories)}
    return Design(OWNERS, territories, positions(names, places), positions(list(territories), ranks))


def _design_file(scenario: Scenario, name: str) -> Path:
    names = design_names(scenario.folder)
    if name not in names:
        known = f"there are: {', '.join(names)}" if names else "the folder designs is empty"
        raise UsageError(f"no design '{name}' in {scenario.name}; {known}", hint=did_you_mean(name, names))
    path = find_file(scenario.folder / FOLDER, name)
    assert path is not None
    return path


def read_territories(sheet: Sheet, accounts: Accounts, reps: tuple[Rep, ...]) -> tuple[tuple[str, ...], Ints, Ints]:
    """Sorted names, territory of each account (-1 where wrong) and rep of each territory; what is wrong is noted in the sheet."""
    known_only(sheet.table, ("account", "territory", "rep", "reason"), ("account", "territory"))
    territories, territory_of = _territories(sheet, accounts)
    return territories, territory_of, _seats(sheet, territories, reps)


def _territories(sheet: Sheet, accounts: Accounts) -> tuple[tuple[str, ...], Ints]:
    """Sorted territory names and each account's position among them. A row without an account names an empty territory."""
    names, ids = sheet.required("territory"), sheet.text("account")
    found = positions(ids, {account: position for position, account in enumerate(accounts.ids)})
    for at in np.flatnonzero(found < 0).tolist():
        if ids[at]:
            sheet.note(f"unknown account '{ids[at]}'", at, "account", did_you_mean(ids[at], accounts.ids))
    territories = tuple(sorted(set(filter(None, names))))
    rank = {territory: position for position, territory in enumerate(territories)}
    territory_of = np.full(len(accounts), -1, dtype=np.int64)
    first: dict[int, int] = {}
    for at, account in enumerate(found.tolist()):
        if account < 0:
            continue
        if first.setdefault(account, at) != at:
            sheet.note(f"account '{ids[at]}' is there twice, first in row {sheet.table.rows[first[account]]}", at, "account")
        else:
            territory_of[account] = rank.get(names[at], -1)
    held = set(territory_of.tolist())
    for at in (k for k, cell in enumerate(ids) if not cell and rank.get(names[k], -1) in held):
        sheet.note(f"no value, though territory '{names[at]}' has accounts", at, "account")
    _note_missing(sheet, accounts, first)
    return territories, territory_of


def _note_missing(sheet: Sheet, accounts: Accounts, first: Mapping[int, int]) -> None:
    missing = [account for position, account in enumerate(accounts.ids) if position not in first]
    if missing:
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
        elif name and owners[first.setdefault(name, at)] != owners[at]:
            here, there = (f"'{owner}'" if owner else "nobody" for owner in (owners[at], owners[first[name]]))
            sheet.note(f"territory '{name}' has {here}, but {there} in row {sheet.table.rows[first[name]]}", at, column)
    holds: dict[str, str] = {}
    for name in filter(first.__contains__, territories):
        owner = owners[first[name]]
        if owner and holds.setdefault(owner, name) != name:
            sheet.note(f"rep '{owner}' holds two territories, '{holds[owner]}' and '{name}'", first[name], column)
    return np.array([ranks.get(owners[first[name]], -1) if name in first else -1 for name in territories], dtype=np.int64)
