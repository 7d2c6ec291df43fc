"""Roads: import or fetch a network, and show the travel times the engine uses."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated

import typer

from fieldsim.cli import words
from fieldsim.cli.places import check_places
from fieldsim.cli.screen import emit, show, tell, warn

if TYPE_CHECKING:
    from fieldsim.travel import RoadGraph

app = typer.Typer(help="Make a road network for a scenario.", no_args_is_help=True, rich_markup_mode=None)
Ferries = Annotated[bool, typer.Option("--ferries", help="Keep car ferries.")]
RoadFile = Annotated[Path, typer.Option(help="The road file to write, for [travel] roads in scenario.toml.")]


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="An extract: .osm.pbf, .osm or .graphml.", metavar="FILE")],
    out: RoadFile = Path("roads.npz"),
    ferries: Ferries = False,
    every_part: Annotated[bool, typer.Option("--every-part", help="Keep roads not connected with the largest part too.")] = False,
    json: words.AsJson = False,
) -> None:
    """Read the drivable roads of an OpenStreetMap extract."""
    check_places(out)
    from fieldsim import travel

    began = perf_counter()
    _keep(travel.import_roads(file, ferries=ferries, every_part=every_part), out, perf_counter() - began, json)


@app.command("fetch")
def fetch_place(
    place: Annotated[str, typer.Argument(help='A place by name, such as "Porto, Portugal".', metavar="PLACE")],
    out: RoadFile = Path("roads.npz"),
    json: words.AsJson = False,
) -> None:
    """Download the drivable roads of a place with OSMnx."""
    check_places(out)
    from fieldsim import travel

    began = perf_counter()
    _keep(travel.fetch_roads(place), out, perf_counter() - began, json)


def _keep(graph: RoadGraph, out: Path, seconds: float, as_json: bool) -> None:
    """Write the network and say what it holds."""
    from fieldsim import travel

    travel.write_roads(graph, out)
    facts = {
        "nodes": len(graph.lat),
        "edges": len(graph.tail),
        "dropped_share": graph.dropped_share,
        "seconds": round(seconds, 3),
    }
    if as_json:
        emit(facts)
    else:
        show(f"{facts['nodes']:,} nodes, {facts['edges']:,} directed edges, {graph.dropped_share:.1%} dropped as not connected")
    tell(f"roads: {out}")


def travel(
    scenario: words.ScenarioFolder,
    origins: Annotated[list[str], typer.Option("--from", help="Account or rep to start from; repeat for several.")],
    targets: Annotated[list[str], typer.Option("--to", help="Account or rep to go to; repeat for several.")],
    at: Annotated[str | None, typer.Option(help="Time of departure, HH:MM; without it, as plans count it.")] = None,
    json: words.AsJson = False,
) -> None:
    """Show the travel times the engine uses, in minutes, for anyone to check."""
    from fieldsim import api
    from fieldsim.report import text

    read = api.read_scenario(scenario)
    times = api.travel_times(read, origins, targets, at=at, warn=warn)
    if json:
        emit(times)
    else:
        show(text.travel_table(times))
