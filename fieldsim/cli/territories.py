"""`design`: build, rebalance or hand over territories, with a reason for every move."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from fieldsim.cli import words
from fieldsim.cli.screen import emit, progress, show, tell, warn
from fieldsim.errors import UsageError

if TYPE_CHECKING:
    from fieldsim.territory import DesignResult

Method = Annotated[str, typer.Option(help="balanced, rebalance, geographic, segment, nearest or hybrid.")]
From = Annotated[str | None, typer.Option("--from", help="The design to start from; the one in force by default.")]
OutName = Annotated[str | None, typer.Option("--out", help="Name of the design to write.", show_default=False)]
Territories = Annotated[int | None, typer.Option(help="How many territories; as many as there are seats by default.", min=1)]
Tolerance = Annotated[float, typer.Option(help="How far a seat may be from its share of potential and work.")]
Budget = Annotated[int | None, typer.Option(help="Accounts a rebalance may move.", min=0, show_default=False)]
By = Annotated[str | None, typer.Option(help="The account column of a geographic or segment cut.", show_default=False)]
Vacate = Annotated[str | None, typer.Option(help="A rep who leaves; the accounts are handed over.", show_default=False)]
Policy = Annotated[str, typer.Option(help="How --vacate hands over: balanced, nearest, similar, pool, vacant, ...")]
Explain = Annotated[str | None, typer.Option(help="Say why this account moves, or that it stays.", show_default=False)]


def design(
    scenario: words.ScenarioFolder,
    method: Method = "balanced",
    out: OutName = None,
    start: From = None,
    territories: Territories = None,
    tolerance: Tolerance = 0.05,
    budget: Budget = None,
    by: By = None,
    vacate: Vacate = None,
    policy: Policy = "balanced",
    explain: Explain = None,
    seed: words.Seed = 0,
    json: words.AsJson = False,
) -> None:
    """Build or rebalance a design, write it, and say what it changes and why."""
    from fieldsim import api

    read = api.read_scenario(scenario)
    if out is None and explain is None:
        raise UsageError("name the design to write with --out NAME, or ask about one account with --explain ACCOUNT")
    if out is not None and out == read.current:
        raise UsageError(f"'{out}' is the design in force, by which all others are judged", hint="write under another name")
    with progress():
        made = api.make_design(
            read,
            method,
            name=out or method,
            start=start,
            territories=territories,
            tolerance=tolerance,
            budget=budget,
            by=by,
            vacate=vacate,
            policy=policy,
            seed=seed,
            warn=warn,
        )
    sentence = None if explain is None else api.account_move(read, made, explain)
    path = None if out is None else api.write_result(read, made)
    _print(made, sentence, whole=path is not None, as_json=json)
    if path is not None:
        tell(f"design: {path}")


def _print(made: DesignResult, sentence: str | None, *, whole: bool, as_json: bool) -> None:
    """The sentence about one account, and if asked for the whole: figures beside the old ones, seats and moves."""
    from fieldsim.report import text

    if as_json:
        emit({**({} if sentence is None else {"explanation": sentence}), **(text.design_facts(made) if whole else {})})
    else:
        show(*([] if sentence is None else [sentence]), *(text.design_tables(made) if whole else []))
