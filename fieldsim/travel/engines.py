"""Travel engines: plain functions that answer the same question, how long and how far it is from places to places."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fieldsim.errors import TravelDataError
from fieldsim.model import Bools, Floats, Ints, TravelSettings
from fieldsim.store import Store
from fieldsim.travel.graph import RoadGraph
from fieldsim.travel.memory import remembered
from fieldsim.travel.places import Places, Snap, great_circle_m
from fieldsim.travel.search import UNREACHABLE, Search, Ways, ch, dijkstra
from fieldsim.travel.table import Table


@dataclass(frozen=True, eq=False)
class Ground:
    """All an engine may need: the places, and the roads they are snapped to or the user's own table where there is one."""

    places: Places
    settings: TravelSettings
    store: Store
    roads: RoadGraph | None = None
    snapped: Snap | None = None
    weights: tuple[Ints, ...] = ()
    """Milliseconds along each arc, one array a period."""
    from_s: tuple[int, ...] = (0,)
    """The time of day from which each period holds."""
    table: Table | None = None


Engine = Callable[[Ground, Ints, Ints], Ways]
"""(ground, from points, to points) -> (milliseconds [periods, from, to], decimetres [from, to]), -1 where there is no way.

Door to door without parking: the way from a place to its road point and back is in. Zero from a place to itself. One period
instead of the ground's many where the hour makes no difference.
"""


def by_hierarchy(ground: Ground, origins: Ints, destinations: Ints) -> Ways:
    """Fastest ways on the roads by contraction hierarchies."""
    return _on_roads(ground, origins, destinations, ch)


def by_dijkstra(ground: Ground, origins: Ints, destinations: Ints) -> Ways:
    """Fastest ways on the roads by Dijkstra's algorithm."""
    return _on_roads(ground, origins, destinations, dijkstra)


def straight(ground: Ground, origins: Ints, destinations: Ints) -> Ways:
    """Without roads: the great circle times the detour factor, at one speed at all hours."""
    direct = _direct_m(ground.places, origins, destinations) * ground.settings.detour
    ms = np.ceil(direct / ground.settings.speed_kmh * 3600.0).astype(np.int64)
    return ms[None], np.ceil(direct * 10).astype(np.int64)


def by_table(ground: Ground, origins: Ints, destinations: Ints) -> Ways:
    """The user's own travel times, the same at all hours."""
    if ground.table is None:
        raise TravelDataError("the engine 'table' needs a table of travel times", hint='set table = "FILE" under [travel]')
    part = np.ix_(origins, destinations)
    return ground.table.ms[part][None], ground.table.dm[part]


ENGINES: dict[str, Engine] = {"ch": by_hierarchy, "dijkstra": by_dijkstra, "straight": straight, "table": by_table}


def engine_name(settings: TravelSettings) -> str:
    """The engine that `auto` stands for: the user's table, else the fastest on the roads, else straight lines."""
    if settings.engine != "auto":
        return settings.engine
    if settings.table is not None:
        return "table"
    return "straight" if settings.roads is None else "ch"


def _on_roads(ground: Ground, origins: Ints, destinations: Ints, search: Search) -> Ways:
    if ground.roads is None or ground.snapped is None:
        raise TravelDataError("this engine needs roads", hint='set roads = "FILE" under [travel], or engine = "straight"')
    node = ground.snapped.node
    ms, dm = remembered(ground.roads, ground.weights, node[origins], node[destinations], search, ground.store)
    to_road_ms, to_road_dm = access(ground.snapped, ground.settings)
    same = _direct_m(ground.places, origins, destinations) == 0.0
    return _door(ms, _both(to_road_ms, origins, destinations), same), _door(dm, _both(to_road_dm, origins, destinations), same)


def _door(road: Ints, to_road: Ints, same: Bools) -> Ints:
    """From junction to junction -> from door to door."""
    door: Ints = np.where(same, 0, np.where(road == UNREACHABLE, UNREACHABLE, road + to_road))
    return door


def access(snapped: Snap, settings: TravelSettings) -> tuple[Ints, Ints]:
    """Milliseconds and decimetres between each place and its road point."""
    ms = np.ceil(snapped.metres / settings.access_kmh * 3600.0).astype(np.int64)
    return ms, np.rint(snapped.metres * 10).astype(np.int64)


def _both(ends: Ints, origins: Ints, destinations: Ints) -> Ints:
    both: Ints = ends[origins][:, None] + ends[destinations][None, :]
    return both


def _direct_m(places: Places, origins: Ints, destinations: Ints) -> Floats:
    lat, lon = places.lat, places.lon
    return great_circle_m(lat[origins][:, None], lon[origins][:, None], lat[destinations][None], lon[destinations][None])
