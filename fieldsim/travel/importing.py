"""Makes road graphs from what users have: OSM extracts, OSMnx graphs and files, a place's name, or our own road file."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from fieldsim.errors import DataError, TravelDataError
from fieldsim.store import Store, cache_folder, content_key
from fieldsim.travel.build import Streets, network
from fieldsim.travel.graph import RoadGraph, largest_part
from fieldsim.travel.roadfile import read_roads

OSM_SOURCE = "© OpenStreetMap contributors, Open Database License (ODbL) 1.0, https://www.openstreetmap.org/copyright"
OSM_SUFFIXES = (".osm.pbf", ".pbf", ".osm", ".osm.gz", ".osm.bz2")
_LOADER = 2
"""Counted up whenever the same file would give another graph, so that no cache holds the old one."""


def open_roads(path: Path, *, store: Store | None = None) -> RoadGraph:
    """The roads of any file a scenario may name: a road file is read, anything else imported once and then kept in the store."""
    if path.suffix == ".npz" or store is None:
        return import_roads(path)
    key = content_key(_LOADER, file_hash(path))
    kept = store.get("roads", key)
    if isinstance(kept, RoadGraph):
        return kept
    graph = import_roads(path)
    store.keep("roads", key, graph)
    return graph


def import_roads(path: Path, *, ferries: bool = False, every_part: bool = False) -> RoadGraph:
    """The drivable roads of a file: .osm.pbf or .osm (also packed), .graphml of OSMnx, or a road file.

    `ferries` takes car ferries in. Kept is the largest strongly connected part, unless `every_part` (islands that reps never
    leave). Raises TravelDataError where there is no file, DataError where it is damaged, of another kind or without roads.
    """
    if not path.is_file():
        raise TravelDataError(
            f"no road file '{path}'", file=path.name, hint="make one with 'fieldsim roads import' or 'roads fetch'"
        )
    if path.suffix == ".npz":
        return read_roads(path)
    return _kept(_streets(path, ferries), str(path), every_part)


def _streets(path: Path, ferries: bool) -> Streets:
    if path.name.endswith(OSM_SUFFIXES):
        from fieldsim.travel.osm import read_osm

        return read_osm(path, ferries=ferries)
    if path.suffix == ".graphml":
        from fieldsim.travel.networkx_roads import load_graphml, streets_of

        return streets_of(load_graphml(path), str(path))
    known = ", ".join((*OSM_SUFFIXES, ".graphml"))
    raise DataError(f"'{path.name}' is of no kind that holds roads", file=str(path), hint=f"known: {known}")


def from_osmnx(graph: Any, *, every_part: bool = False) -> RoadGraph:
    """The roads of an OSMnx graph (a networkx MultiDiGraph in degrees)."""
    from fieldsim.travel.networkx_roads import streets_of

    return _kept(streets_of(graph), "the graph", every_part)


def fetch_roads(place: str, *, every_part: bool = False) -> RoadGraph:
    """The drivable roads of a place by name ("La Serena, Chile"), downloaded with OSMnx.

    Raises TravelDataError where the place is unknown or the service does not answer.
    """
    from fieldsim.travel.networkx_roads import download, streets_of

    return _kept(streets_of(download(place, cache_folder() / "osmnx"), place), place, every_part)


def _kept(streets: Streets, name: str, every_part: bool) -> RoadGraph:
    graph = network(streets, OSM_SOURCE)
    if not every_part:
        graph = largest_part(graph)
    if not graph.arcs:
        raise DataError("the roads are not connected to each other", file=name, hint="does the extract cover the area you want?")
    return graph


def file_hash(path: Path) -> str:
    """Hash of a file's bytes.

    Raises TravelDataError where there is no such file.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise TravelDataError(f"cannot read the road file '{path}': {error.strerror}", file=path.name) from error
