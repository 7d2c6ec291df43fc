"""Streets as a map gives them -> RoadGraph: free speeds with class means, shapes thinned to what an eye can see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fieldsim.model import Bools, Floats
from fieldsim.travel.graph import ROAD_CLASSES, RoadGraph

SHAPE_M = 4.0
"""Corners that move a line by less than this are left out."""
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


@dataclass(frozen=True, eq=False)
class Streets:
    """Pieces of road between two ends, as a map gives them."""

    start: np.ndarray[tuple[int], np.dtype[np.int64]]
    """Any number that names the end, the same for all streets that meet there."""
    end: np.ndarray[tuple[int], np.dtype[np.int64]]
    forth: Bools
    """May be driven from start to end."""
    back: Bools
    metres: Floats
    road_class: Sequence[str]
    forth_kmh: Floats
    """Posted speed, NaN where none."""
    back_kmh: Floats
    lines: Sequence[Floats]
    """(lat, lon) corners from start to end, both included, shape [corners, 2]."""


def network(streets: Streets, source: str) -> RoadGraph:
    """The graph of the streets: ends become nodes, each direction that may be driven an arc. Loops are left out."""
    ids, ends = np.unique(np.concatenate([streets.start, streets.end]), return_inverse=True)
    start, end = ends[: len(streets.start)], ends[len(streets.start) :]
    lat, lon = _places(len(ids), start, end, streets.lines)
    kind = np.array([class_of(name) for name in streets.road_class], dtype=np.uint8)
    forth, back = (np.flatnonzero(may & (start != end)) for may in (streets.forth, streets.back))
    of = np.concatenate([forth, back])
    posted = np.concatenate([streets.forth_kmh[forth], streets.back_kmh[back]])
    kmh = with_class_means(posted, kind[of], streets.metres[of])
    thin = [simplified(line)[1:-1] for line in streets.lines]
    corners = np.concatenate([*thin, np.empty((0, 2))])
    return RoadGraph(
        lat=lat,
        lon=lon,
        tail=np.concatenate([start[forth], end[back]]).astype(np.int32),
        head=np.concatenate([end[forth], start[back]]).astype(np.int32),
        free_ms=np.ceil(streets.metres[of] / kmh * 3600.0).astype(np.int64),
        length_dm=np.rint(streets.metres[of] * 10.0).astype(np.int64),
        road_class=kind[of],
        shape=of.astype(np.int32),
        backward=np.arange(len(of)) >= len(forth),
        corner_start=np.concatenate([[0], np.cumsum([len(line) for line in thin])]).astype(np.int32),
        corner_lat=np.ascontiguousarray(corners[:, 0]),
        corner_lon=np.ascontiguousarray(corners[:, 1]),
        source=source,
    )


def class_of(name: str) -> int:
    """The class of an OSM highway value; a link belongs to its road's class."""
    plain = name.removesuffix("_link")
    return ROAD_CLASSES.index(plain if plain in ROAD_CLASSES else "other")


def _places(count: int, start: np.ndarray, end: np.ndarray, lines: Sequence[Floats]) -> tuple[Floats, Floats]:
    """Where the ends are, rounded to a millionth of a degree as the road file does."""
    place = np.empty((count, 2))
    place[end] = [line[-1] for line in lines]
    place[start] = [line[0] for line in lines]
    lat, lon = np.ascontiguousarray(np.round(place, 6).T)
    return np.ascontiguousarray(lat), np.ascontiguousarray(lon)


def with_class_means(posted: Floats, kind: np.ndarray, metres: Floats) -> Floats:
    """Free speed of each arc: posted, else the class's mean of posted speeds weighted by length, else the usual one."""
    kmh = posted.copy()
    for number, name in enumerate(ROAD_CLASSES):
        of = kind == number
        known = of & np.isfinite(posted)
        weight = metres[known].sum()
        kmh[of & ~np.isfinite(posted)] = (posted[known] * metres[known]).sum() / weight if weight > 0 else USUAL_KMH[name]
    return kmh


def simplified(line: Floats, tolerance_m: float = SHAPE_M) -> Floats:
    """The line without corners that move it by less than the tolerance (Douglas and Peucker 1973); ends stay."""
    if len(line) <= 2:
        return line
    flat = np.radians(line) * 6_371_008.8
    flat = flat * [1.0, np.cos(np.radians(line[0, 0]))]
    keep = np.zeros(len(line), dtype=np.bool_)
    keep[[0, -1]] = True
    spans = [(0, len(line) - 1)]
    while spans:
        first, last = spans.pop()
        if last - first < 2:
            continue
        away = _away(flat[first + 1 : last], flat[first], flat[last])
        worst = int(away.argmax())
        if away[worst] > tolerance_m:
            split = first + 1 + worst
            keep[split] = True
            spans += [(first, split), (split, last)]
    kept: Floats = line[keep]
    return kept


def _away(points: Floats, a: Floats, b: Floats) -> Floats:
    """Metres of points from the stretch between a and b."""
    along = b - a
    square = float(along @ along)
    share = np.clip((points - a) @ along / square, 0.0, 1.0) if square > 0 else np.zeros(len(points))
    away: Floats = np.linalg.norm(points - a - share[:, None] * along, axis=1)
    return away
