"""Is a scenario's data sound? Everything that is wrong or odd at once, what is assumed, and what the designs amount to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import BaseModel

from fieldsim.errors import DataError, FieldsimError
from fieldsim.model import Accounts, Design, Scenario
from fieldsim.scenario.accounts import PRECISIONS
from fieldsim.scenario.designs import design_names, design_of_owners, read_design
from fieldsim.scenario.findings import Book, Finding, from_error
from fieldsim.scenario.history import read_history
from fieldsim.scenario.read import Sources, assemble, open_sources, read_book
from fieldsim.scenario.settings import Settings
from fieldsim.scenario.suspicions import suspicions, visiting_hours, working_hours
from fieldsim.scenario.toml import load_settings

_MOST = 50
"""Errors of one column that are listed; the rest is counted."""


@dataclass(frozen=True)
class ScenarioCheck:
    """What `check` says. `ok` means that the scenario and all its designs can be used."""

    scenario: str
    counts: dict[str, int]
    precision: dict[str, int]
    """Accounts by how well their place is known."""
    unplaced: tuple[str, ...]
    """Accounts whose place is not known; the scenario cannot be read until they have one."""
    designs: tuple[dict[str, object], ...]
    errors: tuple[Finding, ...]
    warnings: tuple[Finding, ...]
    assumptions: tuple[str, ...]
    defaults: dict[str, object]
    """Keys of scenario.toml that are not in it, with the value that holds for them."""

    @property
    def ok(self) -> bool:
        """No errors."""
        return not self.errors

    def as_json(self) -> dict[str, object]:
        """The check as `--json` prints it."""
        return {
            "scenario": self.scenario,
            "ok": self.ok,
            "counts": self.counts,
            "precision": self.precision,
            "unplaced": list(self.unplaced),
            "designs": list(self.designs),
            "errors": [finding.as_json() for finding in self.errors],
            "warnings": [finding.as_json() for finding in self.warnings],
            "assumptions": list(self.assumptions),
            "defaults": self.defaults,
        }


def check_scenario(folder: Path | str) -> ScenarioCheck:
    """Everything there is to say about the data in a folder; wrong data are in the answer, not raised."""
    folder = Path(folder)
    settings, errors = load_settings(folder)
    if settings is None:
        return _stopped(folder.name, errors)
    name = settings.name or folder.resolve().name
    try:
        sources = open_sources(folder)
        accounts, reps = read_book(folder, sources)
        history = read_history(sources.history, accounts, settings.quarter.start) if sources.history else None
    except DataError as error:
        return _stopped(name, [error], settings)
    errors = [error for sheet in (sources.accounts, sources.reps, sources.history) if sheet for error in sheet.errors]
    try:
        scenario = assemble(folder, settings, accounts, reps, history)
    except DataError as error:
        return _stopped(name, [*errors, error], settings)
    return _judged(scenario, sources, errors)


def _stopped(name: str, errors: list[DataError], settings: Settings | None = None) -> ScenarioCheck:
    """A check that could not look further than its errors."""
    return ScenarioCheck(name, {}, {}, (), (), _shortened(errors), (), (), _defaults(settings) if settings else {})


def _judged(scenario: Scenario, sources: Sources, errors: list[DataError]) -> ScenarioCheck:
    """The check of a scenario whose files could all be opened."""
    accounts = scenario.accounts
    warnings: list[Finding] = []
    designs: list[dict[str, object]] = []
    book = Book.of(sources.accounts, accounts, scenario.reps)
    if not errors:
        warnings = [*suspicions(book, scenario), *_roads(scenario), *_leavers(scenario)]
    if not any(error.column in ("account", "rep") for error in errors):
        read, broken = _designs(scenario)
        errors = errors + broken
        current = read.get(scenario.current or "")
        designs = [_summary(scenario, design, current) for design in read.values()]
        if not errors:
            warnings += [*_seatless(scenario, list(read.values())), *_owners_differ(book, scenario, current)]
    return ScenarioCheck(
        scenario.name,
        _counts(scenario, len(designs)),
        _precision(accounts),
        tuple(accounts.ids[at] for at in np.flatnonzero(np.isnan(accounts.lat + accounts.lon)).tolist()),
        tuple(designs),
        _shortened(errors),
        tuple(warnings),
        tuple(_assumptions(scenario)),
        _defaults(sources.settings),
    )


def _shortened(errors: list[DataError]) -> tuple[Finding, ...]:
    """Errors by file and row; of those of one column only the first fifty, then how many more there are."""
    seen: Counter[tuple[str | None, str | None]] = Counter()
    listed = []
    for error in sorted(errors, key=lambda error: (error.file or "", error.row or 0, error.column or "")):
        seen[error.file, error.column] += 1
        if seen[error.file, error.column] <= _MOST:
            listed.append(from_error(error))
    more = [(place, count - _MOST) for place, count in seen.items() if count > _MOST]
    return (*listed, *(Finding("bad_data", f"{count} more errors here", file, None, column) for (file, column), count in more))


def _designs(scenario: Scenario) -> tuple[dict[str, Design], list[DataError]]:
    """All designs that can be read, and what is wrong with the others."""
    read: dict[str, Design] = {}
    errors: list[DataError] = []
    names = design_names(scenario.folder)
    for name in names if scenario.current in (None, *names) else [*names, str(scenario.current)]:
        try:
            read[name] = read_design(scenario, name)
        except FieldsimError as error:
            errors.append(error if isinstance(error, DataError) else DataError(error.message, hint=error.hint))
    if not names and not read and not errors:
        errors.append(DataError("no design", file="designs", hint="write designs/NAME.csv with columns account, territory, rep"))
    return read, errors


def _summary(scenario: Scenario, design: Design, current: Design | None) -> dict[str, object]:
    """What a design amounts to, in numbers."""
    sizes = np.bincount(design.territory_of, minlength=len(design.territories))
    potential = np.bincount(design.territory_of, scenario.accounts.potential, len(design.territories))
    return {
        "design": design.name,
        "territories": len(design.territories),
        "vacant": int((design.rep_of < 0).sum()),
        "accounts_least": int(sizes.min()),
        "accounts_most": int(sizes.max()),
        "potential_imbalance": round(float(np.ptp(potential) / potential.mean()), 4) if potential.any() else None,
        "moved": None if current is None else int((design.owner != current.owner).sum()),
        "families_split": _families_split(scenario.accounts, design),
        "overlays": len(design.overlays),
    }


def _families_split(accounts: Accounts, design: Design) -> int:
    """Families (a parent and its accounts) that lie in more than one territory."""
    territory = design.territory_of.tolist()
    of_id = dict(zip(accounts.ids, territory, strict=True))
    families: dict[str, set[int]] = {}
    for parent, at in zip(accounts.parent, territory, strict=True):
        if parent:
            families.setdefault(parent, {of_id.get(parent, at)}).add(at)
    return sum(len(found) > 1 for found in families.values())


def _counts(scenario: Scenario, designs: int) -> dict[str, int]:
    accounts = scenario.accounts
    return {
        "accounts": len(accounts),
        "reps": len(scenario.reps),
        "designs": designs,
        "history_rows": len(scenario.history["date"]) if scenario.history else 0,
        "working_days": len(scenario.working_days(0)),
        "visits_due": int(accounts.visits.sum()),
        "visit_hours_due": round(visiting_hours(accounts)),
        "working_hours": round(working_hours(scenario, scenario.reps)),
        **{f"tier_{name}": accounts.tier.count(name) for name in scenario.tiers},
    }


def _precision(accounts: Accounts) -> dict[str, int]:
    """Accounts by precision, those without a place apart."""
    placed = np.isfinite(accounts.lat + accounts.lon).tolist()
    found = Counter(word for word, known in zip(accounts.precision, placed, strict=True) if known)
    return {word: found[word] for word in PRECISIONS if found[word]}


def _assumptions(scenario: Scenario) -> list[str]:
    """Worths that the tier table stands in for, and what the quarter's calendar rests on."""
    filled = Counter(column for _, column in scenario.accounts.assumed)
    last = list(scenario.tiers)[-1]
    words = {
        "tier": f"tier: '{last}' (the last of the table)",
        "potential": "potential: the tier's",
        "revenue_last_year": "revenue_last_year: the tier's revenue_share of the potential",
    }
    total = len(scenario.accounts)
    gaps = [f"{text}, for {filled[column]:,} of {total:,} accounts" for column, text in words.items() if filled[column]]
    off = sum(scenario.start <= day <= scenario.end and day.weekday() < 5 for day in scenario.holidays)
    no_history = [] if scenario.history else ["no history.csv: the opening position is drawn, not measured"]
    return [*gaps, f"public holidays of {scenario.country} on working days of the quarter: {off}", *no_history]


def _roads(scenario: Scenario) -> list[Finding]:
    paths = {"roads": scenario.travel.roads, "table": scenario.travel.table}
    return [
        Finding("no_travel_data", f"travel.{key} = '{path.name}': no such file", "scenario.toml")
        for key, path in paths.items()
        if path is not None and not path.exists()
    ]


def _leavers(scenario: Scenario) -> list[Finding]:
    """Reps of the history who are not in the reps table."""
    known = {rep.id for rep in scenario.reps}
    gone = sorted({str(rep) for rep in (scenario.history or {}).get("rep", ()) if rep and rep not in known})
    shown = ", ".join(gone[:3]) + (" and others" if len(gone) > 3 else "")
    return [Finding("unknown_rep", f"{len(gone)} reps of the history are no longer there: {shown}", "history")] if gone else []


def _seatless(scenario: Scenario, designs: list[Design]) -> list[Finding]:
    """Reps without a seat or an overlay in a design."""
    findings = []
    for design in designs:
        busy = {*design.rep_of.tolist(), *(overlay.rep for overlay in design.overlays)}
        idle = [rep.id for position, rep in enumerate(scenario.reps) if position not in busy]
        if idle:
            message = f"reps without a territory: {', '.join(idle)}"
            findings.append(Finding("seatless", message, f"designs/{design.name}", None, "rep"))
    return findings


def _owners_differ(book: Book, scenario: Scenario, current: Design | None) -> list[Finding]:
    """Accounts that the file and the design in force give to different reps."""
    if current is None or not any(scenario.accounts.owner):
        return []
    said, true = design_of_owners(scenario).owner, current.owner
    differ = np.flatnonzero((said != true) & (said >= 0))
    return book.finding("owner_differs", f"with an owner who is not their rep in '{current.name}'", "owner", differ)


def _defaults(settings: Settings) -> dict[str, object]:
    """Dotted keys that scenario.toml leaves out, with their values."""
    defaults: dict[str, object] = {}
    plain = settings.model_dump(mode="json")
    for name in type(settings).model_fields:
        section, values = getattr(settings, name), plain[name]
        if isinstance(section, BaseModel):
            left_out = {key: value for key, value in values.items() if key not in section.model_fields_set}
            defaults |= {f"{name}.{key}": value for key, value in left_out.items() if value not in (None, {})}
        elif name not in settings.model_fields_set and values not in (None, {}, ""):
            defaults[name] = values
    return defaults
