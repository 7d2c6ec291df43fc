"""`route`: one rep's day, or a bare day problem."""

from __future__ import annotations

import json as json_text
import sys
from pathlib import Path
from typing import Annotated

import typer

from fieldsim.cli import words
from fieldsim.cli.places import check_places
from fieldsim.cli.screen import emit, progress, show, tell, warn
from fieldsim.errors import DataError, UsageError

Format = Annotated[str | None, typer.Option("--format", help="table, json, geojson, ics, gpx or link.", show_default="table")]
OptionalScenario = Annotated[
    Path | None, typer.Argument(metavar="SCENARIO", help="The scenario's folder; not with --problem.", show_default=False)
]
OptionalDesign = Annotated[
    str | None, typer.Argument(metavar="DESIGN", help="A design of the scenario, a file in designs/.", show_default=False)
]
RepId = Annotated[str | None, typer.Option("--rep", help="Whose day.", show_default=False)]


def route(
    scenario: OptionalScenario = None,
    design: OptionalDesign = None,
    rep: RepId = None,
    date: Annotated[str | None, typer.Option(help="The day, YYYY-MM-DD.", show_default=False)] = None,
    problem: Annotated[str | None, typer.Option(help="A bare day problem instead: a JSON file, or - for stdin.")] = None,
    format: Format = None,
    engine: Annotated[str, typer.Option(help="auto, exact or ortools.")] = "auto",
    prove: Annotated[bool, typer.Option("--prove", help="Spend a larger, fixed budget on a proof.")] = False,
    out: words.Out = None,
    effort: words.Effort = "normal",
    seed: words.Seed = 0,
    wishes: words.WishesFile = None,
    json: words.AsJson = False,
) -> None:
    """Show one rep's day in the best order, or solve a bare day problem."""
    if problem is not None:
        _solve_bare(problem, engine=engine, prove=prove, seed=seed)
        return
    if scenario is None or design is None or rep is None or date is None:
        raise UsageError("name a scenario, a design, --rep and --date, or give --problem FILE", hint="see fieldsim route --help")
    if json and format not in (None, "json", "geojson"):
        raise UsageError(f"--json and --format {format} exclude each other")
    check_places(out)
    from fieldsim import api
    from fieldsim.report import day

    read = api.read_scenario(scenario)
    chosen = api.read_design(read, design)
    asked = api.read_wishes(read, wishes) if wishes else None
    with progress():
        how = {"engine": engine, "prove": prove, "effort": effort, "seed": seed, "wishes": asked}
        found = api.day_of(read, chosen, rep=rep, date=date, warn=warn, **how)  # type: ignore[arg-type]
    _write(day.format_day(found, format or ("json" if json else "table")), out)


def _solve_bare(source: str, *, engine: str, prove: bool, seed: int) -> None:
    """Read a problem, route it, print the answer."""
    from fieldsim.routing import read_problem, route_day, route_json

    text = sys.stdin.read() if source == "-" else _read(Path(source))
    try:
        stated = json_text.loads(text)
    except json_text.JSONDecodeError as error:
        raise DataError(f"not JSON: {error.msg}", file=source, row=error.lineno, column=str(error.colno)) from error
    emit(route_json(route_day(read_problem(stated), engine=engine, prove=prove, seed=seed)))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot be read: {error}", file=str(path)) from error


def _write(answer: object, out: Path | None) -> None:
    """Print a table or text, or write text to a file, whole or not at all."""
    from fieldsim.store import write_atomic

    if out is None:
        if isinstance(answer, str):
            sys.stdout.write(answer)
        else:
            show(answer)  # type: ignore[arg-type]
        return
    if not isinstance(answer, str):
        raise UsageError("a table is for the screen", hint="with --out choose --format json, geojson, ics, gpx or link")
    write_atomic(out, answer.encode())
    tell(f"route: {out}")
