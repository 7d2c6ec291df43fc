"""Opens travel for a scenario: roads or table, the places snapped to the roads, the engine its settings name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from fieldsim.errors import TravelDataError, UsageError
from fieldsim.extend import find
from fieldsim.model import Ints, Scenario
from fieldsim.store import Store, content_key, default_store
from fieldsim.travel.engines import ENGINES, Ground, engine_name
from fieldsim.travel.field import FieldTravel
from fieldsim.travel.graph import RoadGraph
from fieldsim.travel.importing import open_roads
from fieldsim.travel.places import check_snap, great_circle_m, places_of, snap
from fieldsim.travel.profile import Profile, period_weights, read_profile
from fieldsim.travel.search import dijkstra
from fieldsim.travel.table import read_table

Warn = Callable[[str], None]
_SAMPLE = 48
"""Places whose mutual ways fit the straight engine to the roads."""


def open_travel(
    scenario: Scenario, *, store: Store | None = None, warn: Warn | None = None, allow_plugins: bool = False
) -> FieldTravel:
    """Travel over the scenario's points by the engine its settings name.

    Places more than 500 m from a road are told to `warn`. Raises TravelDataError where roads or table are missing, DataError
    naming the account where a place is more than 5 km from any road.
    """
    settings, places, store = scenario.travel, places_of(scenario), store or default_store()
    name = engine_name(settings)
    answer = find(name, ENGINES, "travel engine", allow_plugins=allow_plugins)
    profile = read_profile(settings.profile)
    ground = Ground(places, settings, store, from_s=settings.periods or (0,))
    if name == "table":
        ground = _with_table(ground)
    elif settings.roads is not None:
        ground = _with_roads(ground, settings.roads, profile, warn or _silent)
    elif name in ("ch", "dijkstra"):
        raise UsageError(f"the travel engine '{name}' needs roads", hint='set roads = "FILE" under [travel]')
    if name == "straight" and ground.roads is not None:
        ground = fitted(ground)
    return FieldTravel(name, answer, ground, profile, _key(name, ground))


def _silent(_: str) -> None:
    pass


def _with_table(ground: Ground) -> Ground:
    if ground.settings.table is None:
        raise TravelDataError("the engine 'table' needs a file", hint='set table = "FILE" under [travel]')
    return replace(ground, table=read_table(ground.settings.table, ground.places))


def _with_roads(ground: Ground, file: Path, profile: Profile, warn: Warn) -> Ground:
    roads = open_roads(file, store=ground.store)
    snapped = snap(roads, ground.places.lat, ground.places.lon)
    for warning in check_snap(ground.places, snapped, roads, allow_far=ground.settings.allow_far, roads=file.name):
        warn(warning)
    return replace(ground, roads=roads, snapped=snapped, weights=period_weights(roads, profile, ground.settings.periods))


def fitted(ground: Ground) -> Ground:
    """The ground with the straight engine's speed and detour fitted to its roads, which it then does without.

    The ways between a sample of the places: detour = road metres / great-circle metres, speed = road metres / time, both of sums.
    """
    roads, snapped = ground.roads, ground.snapped
    if roads is None or snapped is None:
        return ground
    node = _spread(np.unique(snapped.node))
    ms, dm = dijkstra(roads, ground.weights[:1], node, node)
    lat, lon = roads.lat[node], roads.lon[node]
    straight_m = great_circle_m(lat[:, None], lon[:, None], lat[None], lon[None])[ms[0] > 0].sum()
    road_m, seconds = dm[ms[0] > 0].sum() / 10.0, ms[0][ms[0] > 0].sum() / 1000.0
    if not (straight_m > 0 and road_m > 0 and seconds > 0):
        return replace(ground, roads=None, snapped=None, weights=())
    settings = replace(ground.settings, detour=float(road_m / straight_m), speed_kmh=float(road_m / seconds * 3.6))
    return replace(ground, settings=settings, roads=None, snapped=None, weights=())


def _spread(nodes: Ints) -> Ints:
    """A sample of at most _SAMPLE nodes, evenly spread over their numbers."""
    return nodes[np.unique(np.linspace(0, len(nodes) - 1, min(_SAMPLE, len(nodes))).astype(np.int64))]


def _key(name: str, ground: Ground) -> str:
    """Content key of what decides the times; engines that search the same roads give the same times."""
    settings, places = ground.settings, ground.places
    common = ("roads" if name in ("ch", "dijkstra") else name, settings.park_s, places.lat, places.lon, ground.from_s)
    if ground.table is not None:
        return content_key(*common, ground.table.key)
    if isinstance(ground.roads, RoadGraph):
        return content_key(*common, ground.roads.key, *ground.weights, settings.access_kmh)
    return content_key(*common, settings.speed_kmh, settings.detour)
