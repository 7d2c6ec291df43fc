"""The page of a stress test: the verdict, the spread of the team's attainment, and every table of the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fieldsim.model import Scenario
from fieldsim.report import charts
from fieldsim.report.html import page
from fieldsim.report.markup import bullets, details, esc, paragraph, section, table
from fieldsim.report.sheets import SPREAD_HEAD, Sheet, departures_line, heading_of, sheets_of
from fieldsim.store import write_atomic

if TYPE_CHECKING:
    from fieldsim.experiment.stressed import Stress

LONG = 30
"""Rows beyond which a table is folded up."""


def write_stress(path: Path, stress: Stress, scenario: Scenario) -> None:
    """Write the page, one file that opens without a network."""
    write_atomic(path, stress_html(stress, scenario).encode())


def stress_html(stress: Stress, scenario: Scenario) -> str:
    """The page as text."""
    drawings = {}
    plot = charts.team_attainment(stress.comparison)
    if plot is not None:
        drawings["team"] = plot
    chart = "<figure><!--draw:team--></figure>" if drawings else ""
    note = "Each line is a policy: the share of replications in which the team reaches at least that much of its quota."
    sections = [
        _head(stress),
        section("Who reaches the quota", chart, paragraph(note, "note"), name="attainment") if chart else "",
        _spread([sheet for sheet in sheets_of(stress) if sheet.head == SPREAD_HEAD]),
        *(_sheet(sheet) for sheet in sheets_of(stress) if sheet.head != SPREAD_HEAD),
        section("What the answer rests on", bullets(_basis(stress, scenario)), name="basis"),
    ]
    return page(f"{scenario.name}: {stress.design} when people leave", [part for part in sections if part], drawings)


def _head(stress: Stress) -> str:
    verdict = f'<div class="verdicts"><div class="verdict">{paragraph(stress.summary())}</div></div>'
    facts = paragraph(departures_line(stress), "facts")
    return f"<header><h1>{esc(stress.comparison.scenario)}</h1>{paragraph(heading_of(stress), 'facts')}{facts}{verdict}</header>"


def _spread(sheets: list[Sheet]) -> str:
    """The spread of every figure, side by side where the window is wide."""
    cells = "".join(f"<div><h3>{esc(_title(sheet))}</h3>{_cells(sheet)}</div>" for sheet in sheets)
    note = "P10 and P90: one replication in ten lies below or above."
    return section("How far the figures spread", f'<div class="tables">{cells}</div>', paragraph(note, "note"), name="spread")


def _sheet(sheet: Sheet) -> str:
    return section(_title(sheet), _cells(sheet), *([paragraph(sheet.note, "note")] if sheet.note else []))


def _title(sheet: Sheet) -> str:
    return sheet.title[:1].upper() + sheet.title[1:]


def _cells(sheet: Sheet) -> str:
    cells = table([esc(name) for name in sheet.head], [[esc(cell) for cell in row] for row in sheet.rows])
    return cells if len(sheet.rows) <= LONG else details(f"{len(sheet.rows)} rows", cells)


def _basis(stress: Stress, scenario: Scenario) -> list[str]:
    comparison = stress.comparison
    lines = ["Departures do not depend on the policy: the same people leave on the same days under each, with the same luck."]
    lines += [stress.approximation] if stress.approximation else []
    lines += [f"The scenario sets {name.replace('_', ' ')} to {value:g}." for name, value in scenario.parameters.items()]
    return [*lines, f"Verdicts are protected against chance: {comparison.correction}."]
