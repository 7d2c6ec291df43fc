"""Streets as a map gives them -> RoadGraph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from fieldsim.model import Bools, Floats, Ints
from fieldsim.travel.graph import ROAD_CLASSES, RoadGraph
from fieldsim.travel.thin import thinned

USUAL_KMH = {
    "motorway": 100.0,
    "trunk": 80.0,
    "primary": 60.0,
    "secondary": 50.0,
    "tertiary": 50.0,
    "unclassified": 50.0,
    "residential": 40.0,
    "living_street": 15.0,
    "service": 20.0,
    "other": 40.0,
    "ferry": 15.0,
}
"""Free speed of a class of which no road of the map has a posted speed: an assumption."""
PRECISION = 6
"""Decimals of a degree that are kept, about 0.1 m, so that a graph is the same before and after its file."""


@dataclass(frozen=True, eq=False)
class Streets:
    """Pieces of road between two ends; either direction may be closed."""

    start: Ints
    """Any number that names the end, the same for all streets that meet there; shape [streets]."""
    end: Ints
    forth: Bools
    """May be driven from start to end."""
    back: Bools
    forth_kmh: Floats
    """Free speed from start to end; NaN where nobody knows."""
    back_kmh: Floats
    metres: Floats
    road_class: npt.NDArray[np.uint8]
    """Position in ROAD_CLASSES."""
    point_start: Ints
    """Street k runs through the points point_start[k] .. point_start[k + 1] - 1, its two ends included."""
    lat: Floats
    lon: Floats


def network(streets: Streets, source: str) -> RoadGraph:
    """The graph of the streets: ends become nodes, each direction that may be driven an arc.

    Loops and streets closed in both directions are left out, shapes are thinned, unknown speeds filled with class means.
    """
    streets = with_class_means(without(streets, (streets.start == streets.end) | ~(streets.forth | streets.back)))
    ids, ends = np.unique(np.concatenate([streets.start, streets.end]), return_inverse=True)
    start, end = ends[: len(streets.start)], ends[len(streets.start) :]
    forth, back = np.flatnonzero(streets.forth), np.flatnonzero(streets.back)
    shape, kmh = np.concatenate([forth, back]), np.concatenate([streets.forth_kmh[forth], streets.back_kmh[back]])
    order = np.lexsort((shape, np.concatenate([end[forth], start[back]]), np.concatenate([start[forth], end[back]])))
    of = shape[order]
    lat, lon = _nodes(len(ids), start, end, streets)
    inner_start, inner_lat, inner_lon = _inner(streets)
    return RoadGraph(
        lat=lat,
        lon=lon,
        tail=np.concatenate([start[forth], end[back]])[order].astype(np.int32),
        head=np.concatenate([end[forth], start[back]])[order].astype(np.int32),
        free_ms=np.ceil(streets.metres[of] / kmh[order] * 3600.0 - 1e-6).astype(np.int64),
        length_dm=np.rint(streets.metres[of] * 10.0).astype(np.int64),
        road_class=streets.road_class[of],
        shape=of.astype(np.int32),
        backward=order >= len(forth),
        corner_start=inner_start.astype(np.int32),
        corner_lat=inner_lat,
        corner_lon=inner_lon,
        source=source,
    )


def class_of(highway: str) -> int:
    """The class of an OSM highway value; a link (motorway_link) belongs to its road's class."""
    plain = highway.removesuffix("_link")
    return ROAD_CLASSES.index(plain if plain in ROAD_CLASSES else "other")


def without(streets: Streets, drop: Bools) -> Streets:
    """The streets that are not dropped."""
    keep = np.flatnonzero(~drop)
    count = np.diff(streets.point_start)[keep]
    start = np.concatenate([[0], np.cumsum(count)])
    point = np.repeat(streets.point_start[keep] - start[:-1], count) + np.arange(start[-1])
    columns = ("start", "end", "forth", "back", "forth_kmh", "back_kmh", "metres", "road_class")
    kept = {name: getattr(streets, name)[keep] for name in columns}
    return Streets(**kept, point_start=start, lat=streets.lat[point], lon=streets.lon[point])


def with_class_means(streets: Streets, kind: Sequence[str] | None = None) -> Streets:
    """The streets with unknown speeds filled: the mean of the known speeds of the same kind, weighted by length.

    Kinds may be finer than classes (motorway_link); one without any known speed takes its class's mean, then the usual speed.
    """
    kmh = np.concatenate([streets.forth_kmh, streets.back_kmh])
    metres = np.concatenate([streets.metres * streets.forth, streets.metres * streets.back])
    road_class = np.tile(streets.road_class, 2).astype(np.int64)
    if kind is not None:
        names, number = np.unique(np.array(kind, dtype=np.str_), return_inverse=True)
        kmh = _filled(kmh, np.tile(number, 2), metres, len(names))
    kmh = _filled(kmh, road_class, metres, len(ROAD_CLASSES))
    usual = np.array([USUAL_KMH[name] for name in ROAD_CLASSES])
    kmh = np.where(np.isfinite(kmh), kmh, usual[road_class])
    half = len(streets.start)
    return replace(streets, forth_kmh=kmh[:half], back_kmh=kmh[half:])


def _filled(kmh: Floats, kind: Ints, metres: Floats, kinds: int) -> Floats:
    known = np.isfinite(kmh)
    weight = np.bincount(kind[known], metres[known], kinds)
    total = np.bincount(kind[known], metres[known] * kmh[known], kinds)
    mean = np.divide(total, weight, out=np.full(kinds, np.nan), where=weight > 0)
    filled: Floats = np.where(known, kmh, mean[kind])
    return filled


def _nodes(count: int, start: Ints, end: Ints, streets: Streets) -> tuple[Floats, Floats]:
    """Latitude and longitude of the ends."""
    lat, lon = np.empty(count), np.empty(count)
    for at, points in ((end, streets.point_start[1:] - 1), (start, streets.point_start[:-1])):
        lat[at], lon[at] = streets.lat[points], streets.lon[points]
    return np.round(lat, PRECISION), np.round(lon, PRECISION)


def _inner(streets: Streets) -> tuple[Ints, Floats, Floats]:
    """The thinned corners of the streets without their ends, rounded as the road file rounds."""
    keep = thinned(streets.lat, streets.lon, streets.point_start)
    keep[streets.point_start[:-1]] = False
    keep[streets.point_start[1:] - 1] = False
    before = np.concatenate([[0], np.cumsum(keep)])
    return before[streets.point_start], np.round(streets.lat[keep], PRECISION), np.round(streets.lon[keep], PRECISION)
