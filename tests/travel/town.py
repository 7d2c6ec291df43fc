"""A small town for the tests of this room: a skewed grid with one-way streets, a bypass, a parallel lane and an island."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import networkx as nx
import numpy as np
from small import make_scenario

from fieldsim.model import Scenario, TravelSettings
from fieldsim.travel import RoadGraph, Streets, class_of, network

LAT, LON = -30.0, -71.2
STEP = 0.01


def town(side: int = 6, *, island: bool = False, seed: int = 3, island_lat: float = LAT + 0.3) -> RoadGraph:
    """A grid of side x side junctions; every third street is one-way; with `island` two more junctions apart from the rest."""
    rng = np.random.default_rng(seed)
    place = {
        (r, c): (
            LAT + STEP * (r - side / 2) + rng.uniform(-0.002, 0.002),
            LON + STEP * (c - side / 2) + rng.uniform(-0.002, 0.002),
        )
        for r in range(side)
        for c in range(side)
    }
    links: list[tuple[int, int, bool, str, float]] = []
    number = {key: 10 * k + 7 for k, key in enumerate(place)}
    for (r, c), here in number.items():
        for k, there in enumerate(((r, c + 1), (r + 1, c))):
            if there in number:
                one_way = (r if k == 0 else c) % 3 == 1
                kind = ("residential", "tertiary", "primary_link")[(r + c + k) % 3]
                links.append((here, number[there], not one_way, kind, (30.0, 50.0, np.nan)[(r * c + k) % 3]))
    corner, far = number[0, 0], number[side - 1, side - 1]
    links += [(corner, far, True, "motorway", 100.0), (corner, number[0, 1], True, "residential", 20.0)]
    where = {number[key]: at for key, at in place.items()}
    if island:
        where |= {90001: (island_lat, LON), 90002: (island_lat, LON + 0.01)}
        links.append((90001, 90002, True, "residential", 30.0))
    lines = [np.array([where[a], _bend(where[a], where[b]), where[b]]) for a, b, *_ in links]
    kmh = np.array([speed for *_, speed in links])
    streets = Streets(
        start=np.array([a for a, *_ in links]),
        end=np.array([b for _, b, *_ in links]),
        forth=np.ones(len(links), dtype=np.bool_),
        back=np.array([both for _, _, both, _, _ in links]),
        forth_kmh=kmh,
        back_kmh=kmh,
        metres=np.array([_metres(line) for line in lines]),
        road_class=np.array([class_of(kind) for *_, kind, _ in links], dtype=np.uint8),
        point_start=np.arange(0, 3 * len(links) + 1, 3),
        lat=np.concatenate(lines)[:, 0],
        lon=np.concatenate(lines)[:, 1],
    )
    return network(streets, "a town that does not exist")


def _bend(a: tuple[float, float], b: tuple[float, float]) -> tuple[float, float]:
    return (a[0] + b[0]) / 2 + 0.0008, (a[1] + b[1]) / 2 - 0.0005


def _metres(line: np.ndarray) -> float:
    flat = np.radians(line) * 6_371_008.8 * [1.0, np.cos(np.radians(LAT))]
    return float(np.hypot(*np.diff(flat, axis=0).T).sum())


def as_networkx(graph: RoadGraph, weight_ms: np.ndarray) -> nx.MultiDiGraph:
    """The same roads in another library, weight (ms, dm)."""
    other = nx.MultiDiGraph()
    other.add_nodes_from(range(graph.nodes))
    for arc, (tail, head) in enumerate(zip(graph.tail.tolist(), graph.head.tolist(), strict=True)):
        other.add_edge(tail, head, ms=int(weight_ms[arc]), both=int(weight_ms[arc]) * 10**9 + int(graph.length_dm[arc]))
    return other


def settings(engine: str = "auto", roads: Path | None = None, **changes: object) -> TravelSettings:
    plain = TravelSettings(engine, roads, None, 40.0, 1.3, 30.0, 120, False)
    return dataclasses.replace(plain, **changes)  # type: ignore[arg-type]


def in_town(folder: Path, engine: str = "auto", n: int = 12, **changes: object) -> Scenario:
    """The small scenario, its places inside the town (whose road file must be folder/roads.npz)."""
    return make_scenario(n, folder=folder, travel=settings(engine, folder / "roads.npz", **changes))


def moved(scenario: Scenario, lat: dict[int, float], lon: dict[int, float] | None = None) -> Scenario:
    """The scenario with some accounts elsewhere."""
    accounts = scenario.accounts
    new_lat, new_lon = accounts.lat.copy(), accounts.lon.copy()
    for k, value in lat.items():
        new_lat[k] = value
    for k, value in (lon or {}).items():
        new_lon[k] = value
    return dataclasses.replace(scenario, accounts=dataclasses.replace(accounts, lat=new_lat, lon=new_lon))
