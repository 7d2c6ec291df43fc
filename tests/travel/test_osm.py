from __future__ import annotations

import bz2
import gzip
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from travel.osm_text import row, write_osm

from fieldsim.errors import DataError
from fieldsim.travel import RoadGraph, import_roads
from fieldsim.travel.graph import ROAD_CLASSES
from fieldsim.travel.osm import FERRY_WAIT_S
from fieldsim.travel.places import great_circle_m
from fieldsim.travel.search import dijkstra
from fieldsim.travel.simplify import Pieces, joined

STREET = {"highway": "residential", "maxspeed": "30"}


def metres(points: list[tuple[float, float]]) -> float:
    lat, lon = np.array(points).T
    return float(great_circle_m(lat[:-1], lon[:-1], lat[1:], lon[1:]).sum())


def arc(graph: RoadGraph, a: tuple[float, float], b: tuple[float, float]) -> int:
    """The one arc from a to b."""
    ends = [(tuple(graph.corners(k)[0]), tuple(graph.corners(k)[-1])) for k in range(graph.arcs)]
    (found,) = [k for k, pair in enumerate(ends) if pair == (a, b)]
    return found


def test_joins_ways_from_junction_to_junction(tmp_path: Path) -> None:
    nodes = {**row(5), 9: (47.001, 9.502)}
    ways = [([1, 2, 3], STREET), ([3, 4, 5], {**STREET, "maxspeed": "50"}), ([3, 9], STREET)]
    graph = import_roads(write_osm(tmp_path / "a.osm", nodes, ways))
    assert (graph.nodes, graph.arcs) == (4, 6)
    long = arc(graph, nodes[1], nodes[3])
    assert graph.length_dm[long] == pytest.approx(metres([nodes[k] for k in (1, 2, 3)]) * 10, abs=1)
    assert graph.free_ms[long] == pytest.approx(metres([nodes[k] for k in (1, 2, 3)]) / 30 * 3600, abs=2)


def test_a_street_of_several_ways_takes_the_sum_of_their_times(tmp_path: Path) -> None:
    nodes = row(3)
    ways = [([1, 2], STREET), ([2, 3], {"highway": "primary", "maxspeed": "60"})]
    graph = import_roads(write_osm(tmp_path / "a.osm", nodes, ways))
    assert (graph.nodes, graph.arcs) == (2, 2)
    a, b = metres([nodes[1], nodes[2]]), metres([nodes[2], nodes[3]])
    assert graph.free_ms.tolist() == pytest.approx([a / 30 * 3600 + b / 60 * 3600] * 2, abs=2)


def test_keeps_one_way_streets_one_way(tmp_path: Path) -> None:
    nodes = {1: (47.0, 9.5), 2: (47.0, 9.51), 3: (47.01, 9.51), 4: (47.01, 9.5)}
    ways = [([1, 2], {**STREET, "oneway": "yes"}), ([3, 2], {**STREET, "oneway": "-1"}), ([3, 1], STREET), ([1, 4], STREET)]
    graph = import_roads(write_osm(tmp_path / "a.osm", nodes, ways))
    arcs = {(tuple(graph.corners(k)[0]), tuple(graph.corners(k)[-1])) for k in range(graph.arcs)}
    assert (nodes[1], nodes[3]) in arcs
    assert len([pair for pair in arcs if pair == (nodes[3], nodes[1])]) == 1
    there = [k for k in range(graph.arcs) if len(graph.corners(k)) == 3]
    assert [graph.corners(k)[1] for k in there] == [nodes[2]]


def test_a_limit_for_one_direction_makes_that_direction_slow(tmp_path: Path) -> None:
    nodes = row(2)
    graph = import_roads(write_osm(tmp_path / "a.osm", nodes, [([1, 2], {**STREET, "maxspeed:backward": "15"})]))
    assert graph.free_ms[arc(graph, nodes[2], nodes[1])] == pytest.approx(
        2 * graph.free_ms[arc(graph, nodes[1], nodes[2])], abs=2
    )


def test_a_street_without_limit_takes_the_mean_of_its_kind(tmp_path: Path) -> None:
    nodes = {**row(3), **row(2, lat=47.01, first=11), **row(2, lat=47.02, first=21)}
    ways = [
        ([1, 2, 3], {"highway": "primary", "maxspeed": "40"}),
        ([11, 12], {"highway": "primary", "maxspeed": "70"}),
        ([21, 22], {"highway": "primary"}),
    ]
    graph = import_roads(write_osm(tmp_path / "a.osm", nodes, ways), every_part=True)
    k = arc(graph, nodes[21], nodes[22])
    assert graph.length_dm[k] / graph.free_ms[k] * 360 == pytest.approx((2 * 40 + 70) / 3, rel=0.01)


def test_a_clipped_way_is_kept_as_far_as_its_points_are_there(tmp_path: Path) -> None:
    nodes = row(6)
    del nodes[3]
    file = write_osm(tmp_path / "a.osm", nodes, [([1, 2, 3, 4, 5, 6, 77], STREET)])
    graph = import_roads(file, every_part=True)
    assert sorted(graph.lon.tolist()) == [nodes[k][1] for k in (1, 2, 4, 6)]
    assert graph.arcs == 4
    assert import_roads(file).dropped_share == 0.5


def test_points_that_an_editor_added_are_read(tmp_path: Path) -> None:
    nodes = {-1: (47.0, 9.5), -2: (47.0, 9.51), 3: (47.01, 9.51)}
    assert import_roads(write_osm(tmp_path / "a.osm", nodes, [([-1, -2], STREET), ([-2, 3], STREET)])).arcs == 2


def test_points_may_follow_the_ways(tmp_path: Path) -> None:
    text = write_osm(tmp_path / "a.osm", row(3), [([1, 2, 3], STREET)]).read_text()
    nodes, ways = text.index("<node"), text.index("<way")
    (tmp_path / "a.osm").write_text(text[:nodes] + text[ways : text.index("</osm>")] + text[nodes:ways] + "</osm>")
    assert import_roads(tmp_path / "a.osm").arcs == 2


@pytest.mark.parametrize(("suffix", "pack"), [(".gz", gzip.compress), (".bz2", bz2.compress)])
def test_packed_extracts_are_read(tmp_path: Path, suffix: str, pack: Callable[[bytes], bytes]) -> None:
    file = write_osm(tmp_path / "a.osm", row(3), [([1, 2, 3], STREET)])
    (tmp_path / f"b.osm{suffix}").write_bytes(pack(file.read_bytes()))
    assert import_roads(tmp_path / f"b.osm{suffix}").key == import_roads(file).key


def test_an_island_is_dropped_and_told_unless_every_part_is_asked_for(tmp_path: Path) -> None:
    nodes = {**row(3), 4: (47.001, 9.501), **row(2, lat=47.5, first=50)}
    file = write_osm(tmp_path / "a.osm", nodes, [([1, 2, 3], STREET), ([2, 4], STREET), ([50, 51], STREET)])
    assert import_roads(file).dropped_share == pytest.approx(2 / 6)
    assert import_roads(file, every_part=True).nodes == 6


def test_a_ferry_joins_islands_where_it_is_asked_for(tmp_path: Path) -> None:
    nodes = {**row(3), 4: (47.001, 9.501), **row(3, lat=47.1, first=50), 54: (47.101, 9.501)}
    sea = {"route": "ferry", "duration": "00:30"}
    ways = [([1, 2, 3], STREET), ([2, 4], STREET), ([50, 51, 52], STREET), ([51, 54], STREET), ([2, 51], sea)]
    file = write_osm(tmp_path / "a.osm", nodes, ways)
    assert import_roads(file).nodes == 4
    graph = import_roads(file, ferries=True)
    assert graph.nodes == 8
    crossing = arc(graph, nodes[2], nodes[51])
    assert graph.free_ms[crossing] == pytest.approx(1000 * (1800 + FERRY_WAIT_S), abs=1000)
    assert ROAD_CLASSES[graph.road_class[crossing]] == "ferry"


def test_a_roundabout_of_its_own_is_no_junction(tmp_path: Path) -> None:
    nodes = {**row(2), 5: (47.3, 9.5), 6: (47.301, 9.5), 7: (47.301, 9.501)}
    ways = [([1, 2], STREET), ([5, 6, 7, 5], {**STREET, "junction": "roundabout"})]
    assert import_roads(write_osm(tmp_path / "a.osm", nodes, ways), every_part=True).nodes == 2


def test_both_directions_share_one_shape(tmp_path: Path) -> None:
    nodes = {1: (47.0, 9.5), 2: (47.005, 9.505), 3: (47.0, 9.51)}
    graph = import_roads(write_osm(tmp_path / "a.osm", nodes, [([1, 2, 3], STREET)]))
    assert graph.shape.tolist() == [0, 0]
    assert graph.corners(0) == graph.corners(1)[::-1] == [nodes[k] for k in ((1, 2, 3) if not graph.backward[0] else (3, 2, 1))]


@pytest.mark.parametrize(
    "ways", [[], [([1, 2], {"highway": "footway"})], [([1], STREET)], [([1, 1], STREET)], [([8, 9], STREET)]]
)
def test_an_extract_without_roads_is_refused(tmp_path: Path, ways: list[tuple[list[int], dict[str, str]]]) -> None:
    with pytest.raises(DataError, match=r"a\.osm.*no road that a car may use"):
        import_roads(write_osm(tmp_path / "a.osm", row(2), ways))


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6))
def test_joining_changes_no_time_between_junctions(seed: int) -> None:
    rng = np.random.default_rng(seed)
    points = int(rng.integers(4, 25))
    lat, lon = rng.uniform(0, 0.1, points).round(6), rng.uniform(0, 0.1, points).round(6)
    lines = [rng.permutation(points)[: rng.integers(2, 6)].tolist() for _ in range(rng.integers(1, 8))]
    pieces = [(a, b, bool(rng.random() < 0.7)) for line in lines for a, b in pairwise(line)]
    tail, head, twin = [], [], []
    for a, b, both in pieces:
        k = len(tail)
        tail += [a, b] if both else [a]
        head += [b, a] if both else [b]
        twin += [k + 1, k] if both else [-1]
    kilometres = great_circle_m(lat[tail], lon[tail], lat[head], lon[head])
    given = Pieces(
        tail=np.array(tail),
        head=np.array(head),
        twin=np.array(twin),
        metres=kilometres,
        seconds=rng.uniform(1, 9, len(tail)),
        road_class=rng.integers(0, 10, len(tail)).astype(np.uint8),
    )
    streets = joined(given, lat, lon)
    before = nx.MultiDiGraph()
    before.add_weighted_edges_from(zip(tail, head, given.seconds.tolist(), strict=True))
    after = nx.MultiDiGraph()
    after_s = [streets.metres / kmh * 3.6 for kmh in (streets.forth_kmh, streets.back_kmh)]
    for k, (a, b) in enumerate(zip(streets.start.tolist(), streets.end.tolist(), strict=True)):
        after.add_edge(a, b, weight=after_s[0][k])
        if streets.back[k]:
            after.add_edge(b, a, weight=after_s[1][k])
    for node in after:
        was = nx.single_source_dijkstra_path_length(before, node)
        now = nx.single_source_dijkstra_path_length(after, node)
        assert set(now) == set(was) & set(after)
        assert all(now[other] == pytest.approx(was[other]) for other in now)


@cache
def imported(file: Path) -> RoadGraph:
    return import_roads(file)


EXTRACTS = ("porto", "liechtenstein", "baltimore", "munchen", "london", "fiji-ferry")


@pytest.mark.parametrize("name", EXTRACTS)
def test_every_extract_imports(name: str, extracts: Path) -> None:
    graph = imported(extracts / f"{name}.osm.pbf")
    assert graph.nodes > 300
    assert 0 <= graph.dropped_share < 0.5
    assert (graph.free_ms >= 0).all()
    assert (graph.tail != graph.head).all()
    speed = graph.length_dm.sum() / graph.free_ms.sum() * 360
    assert 20 < speed < 90
    nodes = np.linspace(0, graph.nodes - 1, 20).astype(np.int64)
    (ms,), dm = dijkstra(graph, [graph.free_ms], nodes, nodes)
    straight = great_circle_m(graph.lat[nodes][:, None], graph.lon[nodes][:, None], graph.lat[nodes], graph.lon[nodes])
    assert (ms >= 0).all()
    assert (dm / 10 >= straight * 0.99 - 5).all()


def test_porto_is_as_large_as_osmnx_makes_it(extracts: Path) -> None:
    graph = imported(extracts / "porto.osm.pbf")
    assert graph.nodes == pytest.approx(50_562, rel=0.002)
    assert graph.arcs == pytest.approx(122_600, rel=0.01)
