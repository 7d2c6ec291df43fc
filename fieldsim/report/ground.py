"""The ground the maps stand on: a projection in metres, the part of the world to show, and the roads as lines."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from fieldsim.errors import DataError, TravelDataError
from fieldsim.model import Bools, Floats, Scenario
from fieldsim.travel import ROAD_CLASSES, RoadGraph, open_roads

EARTH_M = 6_371_008.8
MAJOR = ("motorway", "trunk", "primary", "secondary")
CORNERS = 150_000
"""Road corners a report carries at most, about 1.6 MB."""
_MARGIN = 0.06
_TALLEST, _WIDEST = 1.35, 0.75
"""Height by width of a map, at most and at least."""
_CENTRAL = 0.98
"""The share of the accounts that the first view shows when a few lie far out."""

Line = npt.NDArray[np.float32]
"""Metres with NaN between lines."""


@dataclass(frozen=True)
class View:
    """What a map shows first, in projected metres, and how many accounts lie outside."""

    x0: float
    x1: float
    y0: float
    y1: float
    outside: int

    @property
    def aspect(self) -> float:
        """Width by height."""
        return (self.x1 - self.x0) / (self.y1 - self.y0)


@dataclass(frozen=True, eq=False)
class Ground:
    """Mercator scaled to true metres at the middle of the accounts: angles hold everywhere, lengths near the middle."""

    scenario: Scenario
    roads: RoadGraph | None

    @cached_property
    def middle(self) -> tuple[float, float]:
        """Latitude and longitude of the projection's origin."""
        book = self.scenario.accounts
        return float(np.median(book.lat)), float(np.median(book.lon))

    def project(self, lat: Floats, lon: Floats) -> tuple[Floats, Floats]:
        """Degrees to metres east and north of the middle."""
        lat0, lon0 = self.middle
        scale = EARTH_M * np.cos(np.radians(lat0))
        x = scale * np.radians(np.asarray(lon) - lon0)
        y = scale * (np.arcsinh(np.tan(np.radians(lat))) - np.arcsinh(np.tan(np.radians(lat0))))
        return x, y

    @cached_property
    def accounts(self) -> tuple[Floats, Floats]:
        """The accounts in metres."""
        return self.project(self.scenario.accounts.lat, self.scenario.accounts.lon)

    @cached_property
    def homes(self) -> tuple[Floats, Floats]:
        """The reps' homes in metres."""
        reps = self.scenario.reps
        return self.project(np.array([rep.lat for rep in reps]), np.array([rep.lon for rep in reps]))

    @cached_property
    def view(self) -> View:
        """All accounts, or all but the outermost when these would make the rest a blot."""
        (x0, x1), (y0, y1) = (_span(values) for values in self.accounts)
        x, y = self.accounts
        outside = int(((x < x0) | (x > x1) | (y < y0) | (y > y1)).sum())
        width, height = max(x1 - x0, 1000.0) * (1 + 2 * _MARGIN), max(y1 - y0, 1000.0) * (1 + 2 * _MARGIN)
        width, height = max(width, height / _TALLEST), max(height, width * _WIDEST)
        cx, cy = (x0 + x1) / 2, (y0 + y1) / 2
        return View(cx - width / 2, cx + width / 2, cy - height / 2, cy + height / 2, outside)

    def road_lines(self, *, major: bool) -> tuple[Line, Line]:
        """The roads of the main classes or of the others as x and y, NaN between streets; thinned to the report's budget."""
        if self.roads is None:
            return np.empty(0, np.float32), np.empty(0, np.float32)
        wanted = np.isin(self.roads.road_class, [ROAD_CLASSES.index(name) for name in MAJOR]) == major
        return _lines(self, self.roads, wanted)


def ground_of(scenario: Scenario) -> Ground:
    """The ground with the scenario's road file; without roads where it names none or none can be read."""
    file = scenario.travel.roads
    if file is None:
        return Ground(scenario, None)
    inside = scenario.folder / file
    try:
        return Ground(scenario, open_roads(inside if inside.exists() else file))
    except (DataError, TravelDataError):
        return Ground(scenario, None)


def _span(values: Floats) -> tuple[float, float]:
    whole = float(values.min()), float(values.max())
    inner = tuple(float(q) for q in np.quantile(values, ((1 - _CENTRAL) / 2, (1 + _CENTRAL) / 2)))
    crowded = (inner[1] - inner[0]) * 2 < whole[1] - whole[0]
    return (inner[0], inner[1]) if crowded else whole


def _lines(ground: Ground, roads: RoadGraph, wanted: Bools) -> tuple[Line, Line]:
    """Each street once: tail, corners, head, NaN."""
    _, first = np.unique(roads.shape[wanted], return_index=True)
    arcs = np.flatnonzero(wanted)[first]
    shapes = roads.shape[arcs]
    ends = (roads.tail[arcs], roads.head[arcs])
    # a shape's corners run from its own first node, which a backward arc has as its head
    start, stop = np.where(roads.backward[arcs], ends[1], ends[0]), np.where(roads.backward[arcs], ends[0], ends[1])
    inner = np.diff(roads.corner_start)[shapes]
    length = inner + 3
    at = np.concatenate([[0], np.cumsum(length)])
    x, y = (np.full(int(at[-1]), np.nan) for _ in range(2))
    for out, nodes, corners in zip((x, y), _nodes(ground, roads), _corners(ground, roads), strict=True):
        out[at[:-1]], out[at[1:] - 2] = nodes[start], nodes[stop]
        rows = np.repeat(at[:-1] + 1 - roads.corner_start[shapes], inner) + _ranges(roads.corner_start[shapes], inner)
        out[rows] = corners[_ranges(roads.corner_start[shapes], inner)]
    return _thinned(ground.view, x, y)


def _nodes(ground: Ground, roads: RoadGraph) -> tuple[Floats, Floats]:
    return ground.project(roads.lat, roads.lon)


def _corners(ground: Ground, roads: RoadGraph) -> tuple[Floats, Floats]:
    return ground.project(roads.corner_lat, roads.corner_lon)


def _ranges(start: npt.NDArray[np.integer], length: npt.NDArray[np.integer]) -> npt.NDArray[np.int64]:
    """start[0], start[0] + 1, ... length[0] of them, then the same from start[1] on."""
    begin = np.concatenate([[0], np.cumsum(length)[:-1]])
    ranges: npt.NDArray[np.int64] = np.arange(int(length.sum())) + np.repeat(start.astype(np.int64) - begin, length)
    return ranges


def _thinned(view: View, x: Floats, y: Floats) -> tuple[Line, Line]:
    """Without what lies far outside the first view, and coarser until the budget holds."""
    width, height = view.x1 - view.x0, view.y1 - view.y0
    far = (x < view.x0 - width) | (x > view.x1 + width) | (y < view.y0 - height) | (y > view.y1 + height)
    x, y = np.where(far, np.nan, x), np.where(far, np.nan, y)
    grid = width / 4000
    while True:
        kept = _coarse(x, y, grid)
        if kept.sum() <= CORNERS:
            return np.rint(x[kept]).astype(np.float32), np.rint(y[kept]).astype(np.float32)
        grid *= 1.5


def _coarse(x: Floats, y: Floats, grid: float) -> Bools:
    """Which corners stay when those on the same grid point as their predecessor go; a gap stays once."""
    gx, gy = np.rint(x / grid), np.rint(y / grid)
    gap = np.isnan(x)
    same = (gx[1:] == gx[:-1]) & (gy[1:] == gy[:-1]) | gap[1:] & gap[:-1]
    return np.concatenate([[True], ~same]) if len(x) else gap
