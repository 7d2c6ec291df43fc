"""Questions over many replications: `compare`, and `demo`, which asks it of the shipped scenario."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fieldsim.cli import words
from fieldsim.cli.places import check_places
from fieldsim.cli.screen import emit, progress, show, tell, warn
from fieldsim.cli.wanted import pivot_of
from fieldsim.errors import UsageError

if TYPE_CHECKING:
    from fieldsim.api import Results, StressResults

By = Annotated[str, typer.Option("--by", help="The KPI that decides.")]
Horizon = Annotated[int, typer.Option(help="Quarters to simulate.", min=1, max=8)]
LogFolder = Annotated[
    Path | None,
    typer.Option(
        "--log",
        help="Write the log of the first replications, each under every one of --plans, as Parquet files.",
        show_default=False,
    ),
]
Logged = Annotated[
    int, typer.Option("--log-replications", help="How many replications to log; at most those that were run.", min=1)
]
Cluster = Annotated[
    str | None,
    typer.Option(
        help="A Dask scheduler, tcp://HOST:PORT, to run on; a run that loses it or all workers waits 30 s for them.",
        show_default=False,
    ),
]
Plans = Annotated[int, typer.Option(help="Plan each changed territory so often; from 2 on, a plan's own luck counts.", min=1)]
Screen = Annotated[int, typer.Option(help="How many of the strongest assumptions to move to their ends; 0: none.", min=0)]
Pivot = Annotated[
    str | None,
    typer.Option(help="COLUMN=VALUE:FACTOR, as industry=health:2: judge in a market with that potential.", show_default=False),
]
DEMO = ["today", "zones", "balanced"]
ReportFile = Annotated[Path | None, typer.Option("--out", help="Write the report, one HTML file.", show_default=False)]


def compare(
    scenario: words.ScenarioFolder,
    designs: words.DesignNames = None,
    by: By = "contribution",
    horizon: Horizon = 1,
    effort: words.Effort = "quick",
    out: ReportFile = None,
    log: LogFolder = None,
    log_replications: Logged = 1,
    screen: Screen = 5,
    plans: Plans = 2,
    seed: words.Seed = 0,
    workers: words.Workers = None,
    cluster: Cluster = None,
    pivot: Pivot = None,
    json: words.AsJson = False,
) -> None:
    """Say which design is better, by how much and how sure."""
    check_places(out, log)
    how = {"by": by, "effort": effort, "seed": seed, "cluster": cluster, "screen": screen}
    results = _ask(scenario, designs, horizon, pivot=pivot_of(pivot), report=out is not None, workers=workers, plans=plans, **how)
    deliver(results, out, log, json, logged=log_replications)


def demo(
    out: Annotated[Path, typer.Option(help="Where to write the report.")] = Path("report.html"),
    seed: words.Seed = 0,
    workers: words.Workers = None,
    json: words.AsJson = False,
) -> None:
    """Compare the three designs of the shipped scenario over one quarter and four, and write the report."""
    check_places(out)
    folder = shipped("coquimbo")
    results = _ask(folder, DEMO, 4, report=True, seed=seed, workers=workers, plans=1)
    deliver(results, None, None, json)
    write_report(results, out)
    tell(f"\nreport: {out}  (open it in a browser; it needs no network)")
    tell(f"next: fieldsim route {folder} balanced --rep R03 --date 2026-10-05   a rep's day")
    tell(f"      fieldsim check {folder}                                        what the answer rests on")
    tell(f"      fieldsim compare {folder} --horizon 4            with a plan's own luck: each planned twice")
    tell("      fieldsim compare YOUR_FOLDER                                   the same for your own accounts: see README")


def deliver(results: Results | StressResults, out: Path | None, log: Path | None, json: bool, *, logged: int = 1) -> None:
    """Print the answer, and write the report and the log that were asked for."""
    if json:
        emit(results.as_json())
    else:
        show(*results.tables())
    if out:
        write_report(results, out)
        tell(f"report: {out}")
    if log:
        logged = min(logged, results.replications)
        results.write_log(log, replications=range(logged))
        plans = getattr(results, "plan_count", 1)
        plan = f", each under {plans} plans" if plans > 1 else ""
        tell(f"log: {log}  ({'replication 0' if logged == 1 else f'replications 0 to {logged - 1}'}{plan})")


def write_report(results: Results | StressResults, out: Path) -> None:
    """Write the report; plans, maps and curves take some ten seconds where nothing of them is in the cache."""
    with progress() as advance:
        advance("writing the report", 0, 1)
        results.to_html(out)


def _ask(
    folder: Path,
    designs: list[str] | None,
    horizon: int,
    *,
    pivot: tuple[str, str, float] | None = None,
    report: bool,
    workers: int | None,
    **how: Any,
) -> Results:
    """Read, open travel and compare, with progress; the first quarter alone is always answered too.

    With more than one worker the curves of a report that is wanted are made beside.
    """
    from fieldsim import api, territory
    from fieldsim.api.curves import curves_ahead

    scenario = api.read_scenario(folder)
    if pivot is not None:
        scenario = territory.pivot(scenario, *pivot)
    names = designs or api.design_names(scenario)
    read = [api.read_design(scenario, name) for name in dict.fromkeys(names)]
    horizons = tuple(sorted({1, horizon}))
    beside = curves_ahead(scenario, read) if report and workers != 1 else nullcontext()
    with progress() as advance, beside:
        return api.compare_designs(scenario, read, horizons=horizons, workers=workers, progress=advance, warn=warn, **how)


def shipped(name: str) -> Path:
    """The folder of a scenario that comes with fieldsim: in this folder, in the clone, or beside the installed package."""
    roots = (Path(), Path(__file__).parents[2], Path(sys.prefix) / "share" / "fieldsim")
    for root in roots:
        folder = root / "scenarios" / name
        if (folder / "scenario.toml").is_file():
            return folder
    raise UsageError(f"the shipped scenario '{name}' is not here", hint="run fieldsim from a clone of its repository")
