"""The commands by name: what `fieldsim --help` lists, in the order a newcomer meets them."""

from __future__ import annotations

from typing import Annotated

import typer

from fieldsim.cli import ask, day, house, plan, roads, serving, stress, territories
from fieldsim.cli.grouped import Grouped

app = typer.Typer(
    name="fieldsim",
    help="Routes each rep's day, simulates the quarter, and says which territory design is better, by how much and how sure.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"fieldsim {version('fieldsim')}")
        raise typer.Exit


@app.callback()
def _top(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")] = False,
) -> None:
    """Hold the options of the program itself."""


app.command("demo", short_help="Compare the designs of the shipped scenario.")(ask.demo)
app.command("check", short_help="Say whether the data are sound.")(house.check)
app.command("compare")(ask.compare)
app.command("stress", short_help="Say what departures cost, and who should take over.")(stress.stress)
app.command("design", cls=Grouped, short_help="Build, rebalance or change a design.")(territories.design)
app.command("who-owns", short_help="Say whose an account or a new lead is.")(territories.who_owns)
app.command("plan", short_help="Show the quarter's visit calendar.")(plan.plan)
app.command("route", short_help="Show one rep's day in the best order.")(day.route)
app.command("travel", short_help="Show the travel times the engine uses.")(roads.travel)
app.add_typer(roads.app, name="roads")
app.command("serve", short_help="Serve the day's routes to phones and programs.")(serving.serve)
app.add_typer(serving.export, name="export")
app.command("doctor", short_help="Look at the installation and the cache.")(house.doctor)
