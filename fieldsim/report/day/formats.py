"""The formats of a rep's day, by the name `--format` takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rich.console import RenderableType

from fieldsim.errors import UsageError, did_you_mean
from fieldsim.report.day.answer import day_json
from fieldsim.report.day.calendar import day_ics
from fieldsim.report.day.geo import day_geojson, day_gpx
from fieldsim.report.day.links import day_links
from fieldsim.report.day.noun import RepDay
from fieldsim.report.day.table import day_table, day_text

FORMATS: Mapping[str, Callable[[RepDay], str]] = {
    "table": day_text,
    "json": day_json,
    "geojson": day_geojson,
    "ics": day_ics,
    "gpx": day_gpx,
    "link": day_links,
}
"""Each gives the whole file as text; a calendar's line ends are CRLF and must be written as they are."""


def format_day(day: RepDay, name: str) -> str | RenderableType:
    """A day in the format of that name; the table as a renderable, so that a terminal shows it in its own width."""
    if name not in FORMATS:
        raise UsageError(f"unknown format '{name}'; known: {', '.join(FORMATS)}", hint=did_you_mean(name, FORMATS))
    return day_table(day) if name == "table" else FORMATS[name](day)
