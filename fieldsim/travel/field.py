"""Travel over a scenario's points: opens roads or table, snaps, asks the engine, and stands behind `fieldsim.model.Travel`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from fieldsim.errors import DataError, TravelDataError, UsageError
from fieldsim.extend import find
from fieldsim.model import Ints, Scenario, TravelMatrix
from fieldsim.store import Store, content_key, default_store
from fieldsim.travel.engines import ENGINES, Engine, Ground, engine_name
from fieldsim.travel.graph import RoadGraph
from fieldsim.travel.memory import MOST_NODES
from fieldsim.travel.places import check_snap, listed, places_of, snap
from fieldsim.travel.profile import read_profile, weights
from fieldsim.travel.roadfile import read_roads
from fieldsim.travel.search import Ways, way
from fieldsim.travel.table import read_table

ROAD_ENGINES = ("ch", "dijkstra")
Point = tuple[float, float]


@dataclass(frozen=True, eq=False)
class FieldTravel:
    """Travel over the points of one scenario by one engine; the object `open_travel` gives."""

    engine: str
    answer: Engine
    ground: Ground
    key: str
    """Content key of everything that decides the times."""

    def matrix(self, points: Sequence[int] | Ints) -> TravelMatrix:
        """Times and metres between the given points in their order, parking included.

        Raises DataError that lists the places that cannot be reached.
        """
        asked = np.asarray(points, dtype=np.int64)
        if len(self.ground.places) <= MOST_NODES:
            part = np.ix_(asked, asked)
            ms, dm = self._whole[0][part], self._whole[1][part]
        else:
            ms, dm = self.answer(self.ground, asked, asked, 0)
        if (ms < 0).any():
            raise self._unreachable(asked, ms)
        return TravelMatrix(self._door_s(asked, ms)[None], -(-dm // 10))

    @cached_property
    def _whole(self) -> Ways:
        every = np.arange(len(self.ground.places))
        return self.answer(self.ground, every, every, 0)

    def _door_s(self, points: Ints, ms: Ints) -> Ints:
        """Whole seconds, rounded up so that no detour is ever quicker; parking between different places."""
        lat, lon = self.ground.places.lat[points], self.ground.places.lon[points]
        apart = (lat[:, None] != lat[None]) | (lon[:, None] != lon[None])
        seconds: Ints = -(-ms // 1000) + np.where(apart, self.ground.settings.park_s, 0)
        return seconds

    def _unreachable(self, points: Ints, ms: Ints) -> DataError:
        """Names the places that most of the others cannot get to or away from, or the first pair where there are none."""
        places = self.ground.places
        cut = ((ms < 0) | (ms < 0).T).sum(axis=1) > len(points) / 2
        if cut.any() and not cut.all():
            lone = [int(p) for p in points[cut]]
            message = f"no way by road between {listed([places.title(p) for p in lone])} and the other places"
            return DataError(message, file=places.file(lone[0]), column="lat,lon", hint=_APART)
        a, b = (int(points[k]) for k in np.argwhere(ms < 0)[0])
        message = f"no way by road from {places.title(a)} to {places.title(b)}"
        return DataError(message, file=places.file(b), column="lat,lon", hint=_APART)

    def path(self, origin: int, destination: int) -> list[Point]:
        """The way as (lat, lon) corners, both places included; a straight line where no roads are known."""
        places, roads, snapped = self.ground.places, self.ground.roads, self.ground.snapped
        ends = [(float(places.lat[p]), float(places.lon[p])) for p in (origin, destination)]
        if roads is None or snapped is None or ends[0] == ends[1]:
            return ends
        arcs = way(roads, self.ground.weights[0], int(snapped.node[origin]), int(snapped.node[destination]))
        if arcs is None:
            raise self._unreachable(np.array([origin, destination]), np.array([[0, -1], [-1, 0]]))
        start = int(snapped.node[origin])
        road: list[Point] = [(float(roads.lat[start]), float(roads.lon[start]))]
        for arc in arcs:
            road += roads.corners(arc)[1:]
        return _without_repeats([ends[0], *road, ends[1]])


_APART = "they may be on an island or behind a road the extract cuts off; correct the coordinates or the road file"


def _without_repeats(corners: list[Point]) -> list[Point]:
    return [corner for k, corner in enumerate(corners) if k == 0 or corner != corners[k - 1]]


def open_travel(
    scenario: Scenario,
    *,
    store: Store | None = None,
    warn: Callable[[str], None] | None = None,
    allow_plugins: bool = False,
) -> FieldTravel:
    """Travel over the scenario's points by the engine its settings name.

    Places more than 500 m from a road are told to `warn`. Raises TravelDataError where roads or table are missing, DataError
    naming the account where a place is more than 5 km from any road.
    """
    settings, places = scenario.travel, places_of(scenario)
    name = engine_name(settings)
    answer = find(name, ENGINES, "travel engine", allow_plugins=allow_plugins)
    ground = Ground(places, settings, store or default_store())
    decides: list[object] = [name not in ROAD_ENGINES and name, settings.park_s, places.lat, places.lon]
    if name == "table":
        if settings.table is None:
            raise TravelDataError("the engine 'table' needs a file", hint='set table = "FILE" under [travel]')
        table = read_table(settings.table, places)
        return FieldTravel(name, answer, replace(ground, table=table), content_key(*decides, table.key))
    if settings.roads is not None and name != "straight":
        file = settings.roads
        ground = _on_graph(ground, read_roads(file), file, warn)
        decides += [ground.roads.key if ground.roads else None, *ground.weights, settings.access_kmh]
    elif name in ROAD_ENGINES:
        raise UsageError(f"the travel engine '{name}' needs roads", hint='set roads = "FILE" under [travel]')
    else:
        decides += [settings.speed_kmh, settings.detour]
    return FieldTravel(name, answer, ground, content_key(*decides))


def _on_graph(ground: Ground, roads: RoadGraph, file: Path, warn: Callable[[str], None] | None) -> Ground:
    snapped = snap(roads, ground.places.lat, ground.places.lon)
    allow_far = ground.settings.allow_far
    for warning in check_snap(ground.places, snapped, roads, allow_far=allow_far, roads=file.name):
        if warn:
            warn(warning)
    return replace(ground, roads=roads, snapped=snapped, weights=(weights(roads, read_profile()),))
