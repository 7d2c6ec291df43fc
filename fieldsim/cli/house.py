"""`check`: is the data sound?  `doctor`: is the installation sound?"""

from __future__ import annotations

from typing import Annotated

import typer

from fieldsim.cli import words
from fieldsim.cli.screen import emit, show
from fieldsim.errors import DataError, TravelDataError


def check(scenario: words.ScenarioFolder, json: words.AsJson = False) -> None:
    """Say whether the data are sound: counts, errors, warnings, and the assumptions the scenario rests on."""
    from fieldsim import api
    from fieldsim.report import text

    found = api.check_scenario(scenario)
    if json:
        emit(found)
    else:
        show(*text.check_tables(found))
    if not found["ok"]:
        only_travel = all(error["code"] == TravelDataError.code for error in found["errors"])
        raise typer.Exit(TravelDataError.exit_code if only_travel else DataError.exit_code)


def doctor(
    clear_cache: Annotated[bool, typer.Option("--clear-cache", help="Delete everything that can be computed again.")] = False,
    json: words.AsJson = False,
) -> None:
    """Show versions, engines and the cache, and run a smoke test."""
    from fieldsim.cli.health import examine
    from fieldsim.report import text

    health = examine(clear_cache=clear_cache)
    if json:
        emit(health)
    else:
        show(*text.doctor_tables(health))
    if not all(test["passed"] for test in health["smoke_test"]):
        raise typer.Exit(1)
