"""How fast and how exact are roads: import, snapping, travel matrices, traffic by the hour, and growth with size?

On Greater Porto (`porto.osm.pbf`), every candidate beside its baseline in this process and this run. `--quick` leaves out what
takes minutes (OSMnx's XML path, networkx, the million-arc graph); the figures are medians of a few rounds.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import NamedTuple

import numpy as np

from fieldsim.model import Ints
from fieldsim.store import Store
from fieldsim.travel import RoadGraph, import_roads, read_profile, read_roads, write_roads
from fieldsim.travel.hierarchy import open_hierarchy
from fieldsim.travel.places import snap
from fieldsim.travel.profile import period_weights, weights
from fieldsim.travel.search import Ways, ch, dijkstra

ROUNDS = 3


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args(argv).quick
    file = data_folder() / "roads" / "porto.osm.pbf"
    if not file.is_file():
        print(f"skipped: {file.name} is not in the data folder (FIELDSIM_DATA)")
        return
    print(f"{'question':46}{'candidate':>12}{'baseline':>12}{'ratio':>9}  quality")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        imports(file, folder, quick)
        graph = read_roads(folder / "roads.npz")
        store = Store(folder / "cache")
        topology(graph, store)
        matrices(graph, store, quick)
        hours(graph, store)
        snapping(graph)
        if not quick:
            growth(graph, folder)


def data_folder() -> Path:
    """The data outside the repository."""
    return Path(os.environ.get("FIELDSIM_DATA") or Path(__file__).parents[2] / "shared" / "data")


def line(question: str, candidate_s: float, baseline_s: float | None, quality: str) -> None:
    """One row of the table."""
    base, ratio = (f"{baseline_s:10.3f} s", f"{baseline_s / candidate_s:8.1f}x") if baseline_s else ("", "")
    print(f"{question:46}{candidate_s:10.3f} s{base:>12}{ratio:>9}  {quality}", flush=True)


def timed(*calls: Callable[[], object], rounds: int = ROUNDS) -> list[float]:
    """Median seconds of each call, the calls taken in turn."""
    seconds: list[list[float]] = [[] for _ in calls]
    for _ in range(rounds):
        for k, call in enumerate(calls):
            began = perf_counter()
            call()
            seconds[k].append(perf_counter() - began)
    return [median(times) for times in seconds]


def imports(file: Path, folder: Path, quick: bool) -> None:
    ours = measured("ours", file, folder)
    graph = read_roads(folder / "roads.npz")
    facts = f"{graph.nodes} nodes, {graph.arcs} arcs; processor {ours.cpu_s:.1f} s, peak {ours.megabytes:.0f} MB"
    if quick:
        line("import .osm.pbf to arrays", ours.wall_s, None, facts)
    else:
        theirs = measured("osmnx", file, folder)
        against = f"{facts} against {theirs.cpu_s:.1f} s, {theirs.megabytes:.0f} MB"
        line("import .osm.pbf to arrays / OSMnx from XML", ours.wall_s, theirs.wall_s, against)
    (reload_s,) = timed(lambda: read_roads(folder / "roads.npz"))
    line("reload the road file", reload_s, None, f"{(folder / 'roads.npz').stat().st_size / 1e6:.2f} MB")


class Cost(NamedTuple):
    """What an import takes in a process of its own."""

    wall_s: float
    cpu_s: float
    megabytes: float


def measured(how: str, file: Path, folder: Path) -> Cost:
    command = [sys.executable, "-m", "benchmarks.roads", "--child", how, str(file), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return Cost(*(float(number) for number in done.stdout.split()))


def child(how: str, file: Path, folder: Path) -> None:
    """What `measured` runs: one import, its cost printed; loading packages and preparing the XML are not counted."""
    if how == "ours":
        import osmium  # noqa: F401

        wall, cpu = perf_counter(), process_time()
        graph = import_roads(file)
        wall, cpu = perf_counter() - wall, process_time() - cpu
        write_roads(graph, folder / "roads.npz")
    else:
        import osmnx

        xml = as_xml(file, folder / "drive.osm")
        wall, cpu = perf_counter(), process_time()
        osmnx.graph_from_xml(xml, retain_all=True)
        wall, cpu = perf_counter() - wall, process_time() - cpu
    print(wall, cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000)


def as_xml(file: Path, xml: Path) -> Path:
    """The drivable ways of an extract as the XML that OSMnx reads."""
    import osmium

    from fieldsim.travel.tags import drivable

    ways: set[int] = set()
    points: set[int] = set()
    for way in osmium.FileProcessor(str(file), osmium.osm.WAY).with_filter(osmium.filter.KeyFilter("highway")):
        if isinstance(way, osmium.osm.Way) and drivable(dict(way.tags)):
            ways.add(way.id)
            points.update(point.ref for point in way.nodes)
    writer = osmium.SimpleWriter(str(xml))
    for thing in osmium.FileProcessor(str(file), osmium.osm.NODE | osmium.osm.WAY):
        if isinstance(thing, osmium.osm.Node) and thing.id in points:
            writer.add_node(thing)
        elif isinstance(thing, osmium.osm.Way) and thing.id in ways:
            writer.add_way(thing)
    writer.close()
    return xml


def topology(graph: RoadGraph, store: Store) -> None:
    built, loaded = (timed(lambda: open_hierarchy(graph, store), rounds=1)[0] for _ in range(2))
    facts = open_hierarchy(graph, store)
    line("hierarchy: load / build", loaded, built, f"{len(facts.head)} arcs, at most {facts.depth.max()} deep")


def spread(graph: RoadGraph, count: int) -> Ints:
    """Some nodes, evenly spread over their numbers."""
    return np.linspace(0, graph.nodes - 1, count).astype(np.int64)


def matrices(graph: RoadGraph, store: Store, quick: bool) -> None:
    weight = weights(graph, read_profile())
    for count, rounds in ((300, ROUNDS), (1000, 1), (2000, 1)):
        nodes = spread(graph, count)

        def fast(nodes: Ints = nodes) -> Ways:
            return ch(graph, [weight], nodes, nodes, store)

        def slow(nodes: Ints = nodes) -> Ways:
            return dijkstra(graph, [weight], nodes, nodes)

        fast_s, slow_s = timed(fast, slow, rounds=rounds)
        off = [int(np.abs(one - other).max()) for one, other in zip(fast(), slow(), strict=True)]
        line(
            f"{count} x {count}, times and metres: ch / dijkstra", fast_s, slow_s, f"greatest difference {off[0]} ms, {off[1]} dm"
        )
        if count == 300 and not quick:
            theirs = by_networkx(graph, weight, nodes, fast()[0][0])
            line("300 x 300, times only: ch / networkx", fast_s, theirs, "15 rows of networkx, times 20; difference 0 ms")


def by_networkx(graph: RoadGraph, weight: Ints, nodes: Ints, ms: Ints) -> float:
    """Seconds networkx would take for all rows."""
    import networkx as nx

    other: nx.DiGraph[int] = nx.DiGraph()
    order = np.argsort(-weight, kind="stable")
    other.add_weighted_edges_from(
        zip(graph.tail[order].tolist(), graph.head[order].tolist(), weight[order].tolist(), strict=True)
    )
    began = perf_counter()
    for row in range(0, 300, 20):
        reached = nx.single_source_dijkstra_path_length(other, int(nodes[row]))
        assert [reached[node] for node in nodes.tolist()] == ms[row].tolist()
    return (perf_counter() - began) * 20


def hours(graph: RoadGraph, store: Store) -> None:
    nodes, day = spread(graph, 300), period_weights(graph, read_profile(), range(0, 86_400, 3600))
    one, all_day = timed(
        lambda: ch(graph, day[12:13], nodes, nodes, store), lambda: ch(graph, day, nodes, nodes, store), rounds=ROUNDS
    )
    rows = nodes[:30]
    (slow,) = timed(lambda: dijkstra(graph, day[::6], rows, nodes), rounds=1)
    off = np.abs(ch(graph, day[::6], rows, nodes, store)[0] - dijkstra(graph, day[::6], rows, nodes)[0]).max()
    quality = f"{all_day / one:.1f} x one matrix, greatest difference {off} ms; dijkstra from 4 hours of 30 rows"
    line("24 hourly 300 x 300: ch / dijkstra", all_day, slow * 60, quality)


def snapping(graph: RoadGraph) -> None:
    import geopandas
    import networkx as nx
    import osmnx

    rng = np.random.default_rng(1)
    at = rng.integers(0, graph.nodes, 10_000)
    lat, lon = graph.lat[at] + rng.normal(0, 0.0015, 10_000), graph.lon[at] + rng.normal(0, 0.0015, 10_000)
    theirs: nx.MultiDiGraph[int] = nx.MultiDiGraph(crs="epsg:4326")
    theirs.add_nodes_from((k, {"x": x, "y": y}) for k, (x, y) in enumerate(zip(graph.lon, graph.lat, strict=True)))
    theirs.add_edge(0, 1)
    x, y, how = lon, lat, "on the sphere"
    if find_spec("sklearn") is None:
        theirs, how = osmnx.project_graph(theirs), "on the ellipsoid, as scikit-learn is not installed"
        places = geopandas.GeoSeries(geopandas.points_from_xy(lon, lat), crs="epsg:4326").to_crs(theirs.graph["crs"])
        x, y = places.x.to_numpy(), places.y.to_numpy()

    def ours() -> Ints:
        return snap(graph, lat, lon).node

    def osmnx_nodes() -> Ints:
        return np.asarray(osmnx.distance.nearest_nodes(theirs, x, y), dtype=np.int64)

    fast, slow = timed(ours, osmnx_nodes)
    line("snap 10,000 points / OSMnx nearest_nodes", fast, slow, f"same node {np.mean(ours() == osmnx_nodes()):.2%} ({how})")


def growth(graph: RoadGraph, folder: Path) -> None:
    """Time and memory with size: Porto beside Porto, every tile joined to the next."""
    print("\n      nodes       arcs  build s  load s  ch 300x300 s  dijkstra 300x300 s (from 10 rows)  peak MB of the process")
    for tiles in (1, 2, 4, 9):
        large = tiled(graph, tiles)
        store, nodes, weight = Store(folder / f"tiles{tiles}"), spread(large, 300), weights(large, read_profile())
        build_s, load_s = (timed(partial(open_hierarchy, large, store), rounds=1)[0] for _ in range(2))
        fast, slow = timed(
            partial(ch, large, [weight], nodes, nodes, store), partial(dijkstra, large, [weight], nodes[::30], nodes), rounds=1
        )
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
        print(
            f"{large.nodes:11,}{large.arcs:11,}{build_s:9.1f}{load_s:8.2f}{fast:14.2f}{slow * 30:35.1f}{peak:24.0f}", flush=True
        )


def tiled(graph: RoadGraph, count: int) -> RoadGraph:
    """The graph `count` times side by side, a two-way road from each tile's eastmost junction to the next one's westmost."""
    width, n = float(graph.lon.max() - graph.lon.min()) + 0.01, graph.nodes
    east, west = int(graph.lon.argmax()), int(graph.lon.argmin())
    seams = np.arange(count - 1)
    out, into = seams * n + east, (seams + 1) * n + west
    tiles = np.arange(count)
    extra = 2 * len(seams)
    return replace(
        graph,
        lat=np.tile(graph.lat, count),
        lon=(graph.lon[None] + tiles[:, None] * width).ravel(),
        tail=np.concatenate([(graph.tail[None] + tiles[:, None] * n).ravel(), out, into]).astype(np.int32),
        head=np.concatenate([(graph.head[None] + tiles[:, None] * n).ravel(), into, out]).astype(np.int32),
        free_ms=np.concatenate([np.tile(graph.free_ms, count), np.full(extra, 60_000)]),
        length_dm=np.concatenate([np.tile(graph.length_dm, count), np.full(extra, 10_000)]),
        road_class=np.concatenate([np.tile(graph.road_class, count), np.zeros(extra, dtype=np.uint8)]),
    )


if __name__ == "__main__" and sys.argv[1:2] == ["--child"]:
    child(sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
