"""Reads OSM extracts (.osm.pbf, .osm, also packed) with pyosmium straight into arrays."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from fieldsim.errors import DataError
from fieldsim.model import Bools, Floats, Ints
from fieldsim.travel.build import Streets, class_of, with_class_means
from fieldsim.travel.places import great_circle_m
from fieldsim.travel.simplify import Pieces, joined
from fieldsim.travel.tags import directions, drivable, duration_s, ferry, speeds

Classes = npt.NDArray[np.uint8]

FERRY_WAIT_S = 1200.0
"""Mean wait for a ferry, added where one boards: half of a headway of 40 minutes, an assumption."""
_NOWHERE = 2**31 - 1
"""What pyosmium gives as coordinate of a point the extract does not hold."""


@dataclass
class _Read:
    """What the file says, gathered way by way."""

    points: array[int] = field(default_factory=lambda: array("q"))
    """Reference, x, y of each point of each way; x and y in 1e-7 degrees."""
    count: list[int] = field(default_factory=list)
    kind: list[str] = field(default_factory=list)
    forth: list[bool] = field(default_factory=list)
    back: list[bool] = field(default_factory=list)
    forth_kmh: list[float] = field(default_factory=list)
    back_kmh: list[float] = field(default_factory=list)
    duration_s: list[float] = field(default_factory=list)


def read_osm(path: Path, *, ferries: bool = False) -> Streets:
    """The drivable streets of an extract, joined from junction to junction, all speeds known.

    Ways that a clipped extract cuts are kept as far as their points are there. Raises DataError where the file is damaged, is no
    OSM file, or has no drivable road.
    """
    read = _ways(path, ferries)
    ref, lon, lat = np.frombuffer(read.points, dtype=np.int64).reshape(-1, 3).T.copy()
    _locate(path, ref, lon, lat)
    way = np.repeat(np.arange(len(read.count)), read.count)
    there = (lon != _NOWHERE) & (lat != _NOWHERE)
    a = np.flatnonzero((way[:-1] == way[1:]) & there[:-1] & there[1:] & (ref[:-1] != ref[1:]))
    if not len(a):
        raise DataError("the extract has no road that a car may use", file=str(path), hint="does it cover the area you want?")
    _, first, point = np.unique(ref, return_index=True, return_inverse=True)
    degrees = lat[first] / 1e7, lon[first] / 1e7
    return joined(_pieces(read, way[a], point[a], point[a + 1], *degrees), *degrees)


def _locate(path: Path, ref: Ints, lon: Ints, lat: Ints) -> None:
    """Fill in, in place, what pyosmium's index does not hold: an editor's new points (numbers below 0), points after the ways."""
    import osmium

    lost = lon == _NOWHERE
    if not lost.all():
        lost &= ref < 0
    if not lost.any():
        return
    wanted, at = set(ref[lost].tolist()), {}
    for point in osmium.FileProcessor(str(path), osmium.osm.NODE):
        if isinstance(point, osmium.osm.Node) and point.id in wanted and point.location.valid():
            at[point.id] = point.location.x, point.location.y
    for k in np.flatnonzero(lost).tolist():
        lon[k], lat[k] = at.get(int(ref[k]), (_NOWHERE, _NOWHERE))


def _ways(path: Path, ferries: bool) -> _Read:
    import osmium

    read = _Read()
    ways = osmium.FileProcessor(str(path), osmium.osm.NODE | osmium.osm.WAY).with_locations()
    ways = ways.with_filter(osmium.filter.EntityFilter(osmium.osm.WAY)).with_filter(osmium.filter.KeyFilter("highway", "route"))
    try:
        for way in ways:
            tags = dict(way.tags)
            if isinstance(way, osmium.osm.Way) and way.visible and (drivable(tags) or (ferries and ferry(tags))):
                _add(read, tags, [(point.ref, point.x, point.y) for point in way.nodes])
    except RuntimeError as error:
        raise DataError(f"this is no OSM extract, or it is damaged: {error}", file=str(path)) from error
    return read


def _add(read: _Read, tags: dict[str, str], points: list[tuple[int, int, int]]) -> None:
    forth, back = directions(tags)
    forth_kmh, back_kmh = speeds(tags)
    for point in points:
        read.points.extend(point)
    read.count.append(len(points))
    read.kind.append(tags.get("highway", "ferry").partition(";")[0])
    read.forth.append(forth)
    read.back.append(back)
    read.forth_kmh.append(forth_kmh)
    read.back_kmh.append(back_kmh)
    read.duration_s.append(duration_s(tags.get("duration")) if "highway" not in tags else np.nan)


def _pieces(read: _Read, way: Ints, a: Ints, b: Ints, lat: Floats, lon: Floats) -> Pieces:
    """The directed pieces between neighbouring points a and b of the ways."""
    metres = great_circle_m(lat[a], lon[a], lat[b], lon[b])
    forth, back = np.array(read.forth)[way], np.array(read.back)[way]
    road_class = np.array([class_of(kind) for kind in read.kind], dtype=np.uint8)
    forth_kmh, back_kmh = _way_speeds(read, road_class, np.bincount(way, metres, len(read.count)).astype(np.float64))
    ahead, behind = np.flatnonzero(forth), np.flatnonzero(back)
    number = np.full((2, len(way)), -1, dtype=np.int64)
    number[0, ahead], number[1, behind] = np.arange(len(ahead)), len(ahead) + np.arange(len(behind))
    of = np.concatenate([ahead, behind])
    kmh = np.concatenate([forth_kmh[way[ahead]], back_kmh[way[behind]]])
    tail, kind = np.concatenate([a[ahead], b[behind]]), road_class[way[of]]
    return Pieces(
        tail=tail,
        head=np.concatenate([b[ahead], a[behind]]),
        twin=np.concatenate([number[1, ahead], number[0, behind]]),
        metres=metres[of],
        seconds=metres[of] / kmh * 3.6 + FERRY_WAIT_S * _boards(tail, a, b, kind, road_class[way], len(lat)),
        road_class=kind,
    )


def _way_speeds(read: _Read, road_class: Classes, metres: Floats) -> tuple[Floats, Floats]:
    """Speed of each way in both directions: a ferry's from its duration, else posted, else the mean of its kind."""
    sailing = metres / np.array(read.duration_s) * 3.6
    ends = np.zeros(len(metres) + 1, dtype=np.int64)
    ways = Streets(
        start=ends[1:],
        end=ends[1:],
        forth=np.array(read.forth),
        back=np.array(read.back),
        forth_kmh=np.where(np.isfinite(sailing), sailing, np.array(read.forth_kmh)),
        back_kmh=np.where(np.isfinite(sailing), sailing, np.array(read.back_kmh)),
        metres=metres,
        road_class=road_class,
        point_start=ends,
        lat=np.empty(0),
        lon=np.empty(0),
    )
    filled = with_class_means(ways, read.kind)
    return filled.forth_kmh, filled.back_kmh


def _boards(tail: Ints, a: Ints, b: Ints, kind: Classes, piece_class: Classes, points: int) -> Bools:
    """Pieces by which one boards a ferry: at a point that a road touches."""
    sea = class_of("ferry")
    on_road = np.zeros(points, dtype=np.bool_)
    on_road[a[piece_class != sea]] = True
    on_road[b[piece_class != sea]] = True
    boards: Bools = (kind == sea) & on_road[tail]
    return boards
