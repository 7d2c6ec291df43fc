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


app.command("demo")(ask.demo)
app.command("check")(house.check)
app.command("compare")(ask.compare)
app.command("stress")(stress.stress)
app.command("design", cls=Grouped)(territories.design)
app.command("who-owns")(territories.who_owns)
app.command("plan")(plan.plan)
app.command("route")(day.route)
app.command("travel")(roads.travel)
app.add_typer(roads.app, name="roads")
app.command("serve")(serving.serve)
app.add_typer(serving.export, name="export")
app.command("doctor")(house.doctor)
