"""Is a scenario's data sound? Everything that is wrong or odd at once, what is assumed, and what the designs amount to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fieldsim.errors import DataError, FieldsimError
from fieldsim.model import Design, Scenario
from fieldsim.scenario import summaries
from fieldsim.scenario.bindings import binding_errors, binding_warnings, contradictions, rule_summary
from fieldsim.scenario.designs import design_of_owners, offered_designs, read_design
from fieldsim.scenario.findings import Book, Finding, from_error
from fieldsim.scenario.read import Sources, assemble, open_sources, read_book, read_rest
from fieldsim.scenario.settings import Settings
from fieldsim.scenario.suspicions import suspicions
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
    rules: tuple[dict[str, object], ...] = ()
    """The rules in their order: name, seats, and the accounts and potential each decides on."""

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
            "rules": list(self.rules),
        }


def check_scenario(folder: Path | str) -> ScenarioCheck:
    """Everything there is to say about the data in a folder; wrong data are in the answer, not raised."""
    folder = Path(folder)
    settings, errors = load_settings(folder)
    if settings is None:
        return _stopped(folder.name, errors)
    name = settings.name or folder.resolve().name
    sources, errors = open_sources(folder, settings)
    if sources is None:
        return _stopped(name, errors, settings)
    try:
        accounts, reps = read_book(folder, sources)
        history, locks = read_rest(sources, accounts)
    except DataError as error:
        return _stopped(name, [error], settings)
    errors = [error for sheet in sources.sheets for error in sheet.errors]
    try:
        scenario = assemble(folder, sources, accounts, reps, history, locks)
    except DataError as error:
        return _stopped(name, [*errors, error], settings)
    return _judged(scenario, sources, errors)


def _stopped(name: str, errors: list[DataError], settings: Settings | None = None) -> ScenarioCheck:
    """A check that could not look further than its errors."""
    return ScenarioCheck(name, {}, {}, (), (), _shortened(errors), (), (), summaries.defaults(settings) if settings else {})


def _judged(scenario: Scenario, sources: Sources, errors: list[DataError]) -> ScenarioCheck:
    """The check of a scenario whose files could all be opened."""
    accounts = scenario.accounts
    warnings: list[Finding] = []
    designs: list[dict[str, object]] = []
    read: dict[str, Design] = {}
    unbound: list[Finding] = []
    book = Book.of(sources.accounts, accounts, scenario.reps)
    if not errors:
        warnings = [*suspicions(book, scenario), *_roads(scenario), *_leavers(scenario)]
    if not any(error.column in ("account", "rep") for error in errors):
        read, broken = _designs(scenario)
        errors = errors + broken
        current = read.get(scenario.current or "")
        designs = [summaries.summary(scenario, design, current) for design in read.values()]
        if not errors:
            hired = sources.hires.text("rep") if sources.hires else []
            warnings += [*_seatless(scenario, list(read.values()), hired), *_owners_differ(book, scenario, current)]
            warnings += binding_warnings(scenario)
            unbound = binding_errors(scenario, book, list(read.values()))
            warnings += contradictions(scenario, book, list(read.values()))
    return ScenarioCheck(
        scenario.name,
        summaries.counts(scenario, len(designs)),
        summaries.precision(accounts),
        tuple(accounts.ids[at] for at in np.flatnonzero(np.isnan(accounts.lat + accounts.lon)).tolist()),
        tuple(designs),
        (*_shortened(errors), *unbound),
        tuple(warnings),
        (*summaries.assumptions(scenario), *summaries.shares(read.values())),
        summaries.defaults(sources.settings),
        rule_summary(scenario) if not errors else (),
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
    names = offered_designs(scenario)
    for name in names:
        try:
            read[name] = read_design(scenario, name)
        except FieldsimError as error:
            errors.append(error if isinstance(error, DataError) else DataError(error.message, hint=error.hint))
    if not names:
        errors.append(DataError("no design", file="designs", hint="write designs/NAME.csv with columns account, territory, rep"))
    return read, errors


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


def _seatless(scenario: Scenario, designs: list[Design], hired: list[str]) -> list[Finding]:
    """Reps without a seat or an overlay in a design; those of hires.csv have one only where a design gives it."""
    findings = []
    for design in designs:
        busy = {*design.rep_of.tolist(), *(overlay.rep for overlay in design.overlays)}
        idle = [rep.id for position, rep in enumerate(scenario.reps) if position not in busy and rep.id not in hired]
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
