"""`stress`: what happens to a design when reps leave, and who should get their accounts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fieldsim.cli import words
from fieldsim.cli.ask import By, Cluster, Logged, ReportFile, deliver
from fieldsim.cli.places import check_places
from fieldsim.cli.screen import progress, warn

Policies = Annotated[
    list[str] | None,
    typer.Option(
        "--policy",
        help="A hand-over policy, several may be named: vacant, nearest, nearest_rep, balanced, similar, reoptimise, or pool "
        "(managers hold up to a quarter of the visits; their hours and way are charged).",
        show_default="vacant, nearest, balanced, similar",
    ),
]
Turnover = Annotated[
    float | None,
    typer.Option("--turnover", help="Departures a filled seat-year; 0.27 is 27 %.", min=0.0, show_default="the scenario's"),
]
Depart = Annotated[
    list[str] | None,
    typer.Option("--depart", help="REP@DATE, or 3@DATE for three random seats in each replication.", show_default=False),
]
LogFolder = Annotated[
    Path | None, typer.Option("--log", help="Write the log of the first replications as Parquet files.", show_default=False)
]
Horizon = Annotated[int, typer.Option(help="Quarters to simulate; a vacancy and a ramp outlast one.", min=1, max=8)]
Replications = Annotated[int, typer.Option(help="Simulated futures a policy.", min=10)]


def stress(
    scenario: words.ScenarioFolder,
    design: words.DesignName,
    policy: Policies = None,
    turnover: Turnover = None,
    depart: Depart = None,
    by: By = "contribution",
    horizon: Horizon = 4,
    replications: Replications = 50,
    effort: words.Effort = "quick",
    out: ReportFile = None,
    log: LogFolder = None,
    log_replications: Logged = 1,
    seed: words.Seed = 0,
    workers: words.Workers = None,
    cluster: Cluster = None,
    allow_plugins: Annotated[bool, typer.Option("--allow-plugins", help="Run policies named module:function.")] = False,
    json: words.AsJson = False,
) -> None:
    """Say what departures cost a design, and who should take over from whom."""
    check_places(out, log)
    from fieldsim import api

    read = api.read_scenario(scenario)
    chosen = api.read_design(read, design)
    with progress() as advance:
        results = api.stress_turnover(
            read,
            chosen,
            policies=policy,
            rate=turnover,
            depart=depart or (),
            by=by,
            horizon=horizon,
            replications=replications,
            effort=effort,
            seed=seed,
            workers=workers,
            cluster=cluster,
            allow_plugins=allow_plugins,
            progress=advance,
            warn=warn,
        )
    deliver(results, out, log, json, logged=log_replications)
