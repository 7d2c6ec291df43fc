"""OSMnx graphs -> streets: from memory, from .graphml, or fetched for a place by name."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from fieldsim.errors import DataError, TravelDataError
from fieldsim.model import Bools, Floats, Ints
from fieldsim.travel.build import Streets, class_of, with_class_means
from fieldsim.travel.places import great_circle_m
from fieldsim.travel.tags import kmh_of

Graph = Any
"""A networkx.MultiDiGraph as OSMnx makes them."""


def streets_of(graph: Graph, name: str = "the graph") -> Streets:
    """The streets of an OSMnx graph, each of its directed edges one; `maxspeed` where given, else class means.

    Raises DataError where the graph has no edges, no `x` and `y` at its nodes, or is projected.
    """
    _check(graph, name)
    number = {node: k for k, node in enumerate(graph.nodes)}
    place = np.array([(float(data["y"]), float(data["x"])) for _, data in graph.nodes(data=True)])
    edges = [(number[u], number[v], data) for u, v, data in graph.edges(data=True)]
    kind = [_first(data.get("highway")) or "other" for _, _, data in edges]
    lines = [_line(data, place[u], place[v]) for u, v, data in edges]
    kmh = np.array([_kmh(data) for _, _, data in edges])
    lat, lon = np.concatenate(lines).T
    start = np.concatenate([[0], np.cumsum([len(line) for line in lines])])
    streets = Streets(
        start=np.array([u for u, _, _ in edges], dtype=np.int64),
        end=np.array([v for _, v, _ in edges], dtype=np.int64),
        forth=np.ones(len(edges), dtype=np.bool_),
        back=np.zeros(len(edges), dtype=np.bool_),
        forth_kmh=kmh,
        back_kmh=kmh,
        metres=_metres([data.get("length") for _, _, data in edges], lat, lon, start),
        road_class=np.array([class_of(name) for name in kind], dtype=np.uint8),
        point_start=start,
        lat=np.ascontiguousarray(lat),
        lon=np.ascontiguousarray(lon),
    )
    return _two_way(with_class_means(streets, kind))


def _check(graph: Graph, name: str) -> None:
    if not graph.number_of_edges():
        raise DataError("the graph has no roads", file=name)
    if not graph.is_directed():
        raise DataError(
            "the graph is undirected, so one-way streets are lost", file=name, hint="use the graph as OSMnx fetched it"
        )
    if not all("x" in data and "y" in data for _, data in graph.nodes(data=True)):
        raise DataError("nodes need 'x' (longitude) and 'y' (latitude), as OSMnx writes them", file=name)
    inside = all(abs(float(data["x"])) <= 180.0 and abs(float(data["y"])) <= 90.0 for _, data in graph.nodes(data=True))
    if not inside:
        raise DataError(
            "the graph is projected", file=name, hint="keep it in degrees: osmnx.project_graph(graph, to_latlong=True)"
        )


def _first(value: object) -> str:
    """OSMnx gives a list where it joined ways of different tags."""
    if isinstance(value, list | tuple):
        return _first(value[0]) if value else ""
    return str(value) if value is not None else ""


def _kmh(data: dict[str, Any]) -> float:
    """Posted speed: of several the mean."""
    value = data.get("maxspeed")
    return kmh_of(
        ";".join(str(one) for one in value) if isinstance(value, list | tuple) else None if value is None else str(value)
    )


def _line(data: dict[str, Any], tail: Floats, head: Floats) -> Floats:
    geometry = data.get("geometry")
    if geometry is None or isinstance(geometry, str):
        return np.array([tail, head])
    corners: Floats = np.array(geometry.coords, dtype=np.float64)[:, 1::-1]
    corners[0], corners[-1] = tail, head
    return corners


def _metres(lengths: Iterable[object], lat: Floats, lon: Floats, start: Ints) -> Floats:
    """The graph's own lengths, measured along the line where it gives none."""
    step = great_circle_m(lat[:-1], lon[:-1], lat[1:], lon[1:])
    along = np.concatenate([[0.0], np.cumsum(step)])
    measured = along[start[1:] - 1] - along[start[:-1]]
    given = np.array([np.nan if length is None else float(str(length)) for length in lengths])
    metres: Floats = np.where(np.isfinite(given), given, measured)
    return metres


def _two_way(streets: Streets) -> Streets:
    """Joins two edges over the same ground in opposite directions into one street with two directions."""
    from dataclasses import replace

    from fieldsim.travel.build import without

    first, last = streets.point_start[:-1], streets.point_start[1:] - 1
    corners, metres = last - first, np.rint(streets.metres * 10).astype(np.int64)
    opposite: dict[tuple[int, ...], int] = {}
    back, drop, back_kmh = streets.back.copy(), np.zeros(len(first), dtype=np.bool_), streets.back_kmh.copy()
    rows = zip(streets.start.tolist(), streets.end.tolist(), corners.tolist(), metres.tolist(), strict=True)
    for k, (start, end, count, length) in enumerate(rows):
        partner = opposite.pop((end, start, count, length), None)
        if partner is not None and _same_ground(streets, partner, k):
            back[partner], drop[k], back_kmh[partner] = True, True, streets.forth_kmh[k]
        else:
            opposite[start, end, count, length] = k
    return without(replace(streets, back=back, back_kmh=back_kmh), drop)


def _same_ground(streets: Streets, a: int, b: int) -> Bools | bool:
    of_a = slice(int(streets.point_start[a]), int(streets.point_start[a + 1]))
    of_b = slice(int(streets.point_start[b]), int(streets.point_start[b + 1]))
    return np.allclose(streets.lat[of_a], streets.lat[of_b][::-1]) and np.allclose(streets.lon[of_a], streets.lon[of_b][::-1])


def load_graphml(path: Path) -> Graph:
    """An OSMnx graph from its file.

    Raises DataError where it is damaged or no graph of OSMnx.
    """
    import osmnx

    try:
        return osmnx.load_graphml(path, node_dtypes={"osmid": str})
    except Exception as error:  # the reader raises whatever its XML, type and geometry parsers do
        said = f"{type(error).__name__}: {error}"
        raise DataError(f"this is no graph saved by OSMnx, or it is damaged ({said})", file=str(path)) from error


def download(place: str, cache: Path) -> Graph:
    """The drivable network of a place by name, from OpenStreetMap over the network.

    Raises TravelDataError where the place is unknown or the service does not answer.
    """
    import osmnx

    osmnx.settings.cache_folder = cache
    try:
        return osmnx.graph_from_place(place, network_type="drive", retain_all=True)
    except Exception as error:  # geocoder, HTTP library and OSMnx each raise their own
        hint = "check the name (such as 'La Serena, Chile') and the connection, or import an extract with 'fieldsim roads import'"
        raise TravelDataError(f"cannot fetch the roads of '{place}': {type(error).__name__}: {error}", hint=hint) from error
