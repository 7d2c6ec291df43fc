"""`serve`: the rep's service.  `export`: what happened, as files for the next question.

Here one door opens the other: the service is started by a command. Its packages are an extra, imported when it is asked for.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from fieldsim.cli import words
from fieldsim.cli.screen import progress, tell, warn
from fieldsim.errors import UsageError

DatabaseUrl = Annotated[
    str, typer.Option("--database", help="postgresql://... for a team; else SQLite beside the scenario.", show_default=False)
]
Today = Annotated[
    str | None,
    typer.Option(help="Serve as if today were this day: YYYY-MM-DD (from 08:00 on) or YYYY-MM-DDTHH:MM.", show_default=False),
]
NewKey = Annotated[
    str | None, typer.Option("--new-key", help="Only make a key: ops, read, rep:ID or read:ID.", show_default=False)
]


def serve(
    scenario: words.ScenarioFolder,
    design: words.DesignName,
    port: Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)] = 8000,
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 lets phones in the network in.")] = "127.0.0.1",
    database: DatabaseUrl = "",
    processes: Annotated[int, typer.Option(help="Server processes.", min=1, max=64)] = 1,
    today: Today = None,
    new_key: NewKey = None,
    effort: words.Effort = "normal",
    seed: words.Seed = 0,
) -> None:
    """Serve each rep's route of the day to phones, calendars and programs."""
    _need_extra()
    from fieldsim.service.running import run
    from fieldsim.service.settings import Settings

    chosen = Settings(scenario, design, database, host, port, effort=effort, seed=seed)
    with progress() as advance:
        ready = run(chosen, today=today, new_key=new_key, processes=processes, warn=warn, tell=tell, advance=advance)
    ready()


def _need_extra() -> None:
    """The web packages are an extra: say so in one line where they are missing."""
    from importlib.util import find_spec

    missing = [name for name in ("fastapi", "uvicorn", "sqlalchemy", "jinja2", "python_multipart") if find_spec(name) is None]
    if missing:
        raise UsageError(f"fieldsim serve needs {', '.join(missing)}", hint="pip install 'fieldsim[web]'")


export = typer.Typer(help="Write what happened under the service to a file.", no_args_is_help=True)
OutFile = Annotated[Path | None, typer.Option("--out", help="Write to this file; else to the screen.", show_default=False)]


@export.command("actuals", short_help="Write visits as they happened.")
def actuals(scenario: words.ScenarioFolder, out: OutFile = None, database: DatabaseUrl = "") -> None:
    """Write visits as they happened, in the form that history.csv reads."""
    _need_extra()
    from fieldsim.service.actuals import actuals_csv, database_of

    with database_of(scenario, database) as opened:
        text, count = actuals_csv(opened)
    _write(text, out, f"{count} visits, the history.csv of a quarter that starts later")


@export.command("corrections")
def corrections(scenario: words.ScenarioFolder, out: OutFile = None, database: DatabaseUrl = "") -> None:
    """Write places and opening hours that reps found wrong."""
    _need_extra()
    from fieldsim import api
    from fieldsim.service.actuals import database_of
    from fieldsim.service.corrections import corrections as found
    from fieldsim.service.corrections import corrections_csv

    with database_of(scenario, database) as opened:
        rows = found(api.read_scenario(scenario).accounts, opened)
    _write(corrections_csv(rows), out, f"{len(rows)} corrections")


def _write(text: str, out: Path | None, what: str) -> None:
    """Print, or write to a file, whole or not at all."""
    from fieldsim.store import write_atomic

    if out is None:
        sys.stdout.write(text)
        return
    write_atomic(out, text.encode())
    tell(f"{what}: {out}")
