from __future__ import annotations

import multiprocessing
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from travel.osm_text import row, write_osm
from travel.town import in_town, town

from fieldsim.errors import DataError, FieldsimError, TravelDataError
from fieldsim.store import Store
from fieldsim.travel import from_osmnx, import_roads, open_roads, open_travel, write_roads
from fieldsim.travel.graph import RoadGraph
from fieldsim.travel.search import dijkstra

STREET = {"highway": "residential", "maxspeed": "30"}


def osm(folder: Path) -> Path:
    nodes = {**row(4), 9: (47.001, 9.502)}
    return write_osm(folder / "a.osm", nodes, [([1, 2, 3, 4], STREET), ([3, 9], STREET)])


def osmnx_like(**edge: object) -> nx.MultiDiGraph:
    """A graph as OSMnx makes them: three nodes, one street with both directions, one with one."""
    graph = nx.MultiDiGraph(crs="epsg:4326")
    for node, (lat, lon) in {10: (47.0, 9.5), 20: (47.0, 9.51), 30: (47.01, 9.51)}.items():
        graph.add_node(node, x=lon, y=lat)
    both = {"highway": "primary", "maxspeed": ["50", "30"], "length": 760.0, "oneway": False, **edge}
    graph.add_edge(10, 20, **both)
    graph.add_edge(20, 10, **both)
    graph.add_edge(20, 30, highway=["tertiary", "residential"], length=1112.0, oneway=True)
    graph.add_edge(30, 10, highway="residential", length=1400.0, maxspeed="30 mph", oneway=True)
    return graph


def test_an_osmnx_graph_becomes_the_same_roads() -> None:
    graph = from_osmnx(osmnx_like())
    assert (graph.nodes, graph.arcs) == (3, 4)
    (ms,), dm = dijkstra(graph, [graph.free_ms], np.array([0]), np.array([1, 2]))
    assert ms[0].tolist() == pytest.approx([760 / 40 * 3600, 760 / 40 * 3600 + 1112 / 50 * 3600], abs=5)
    assert dm[0].tolist() == [7600, 18720]


def test_two_edges_over_the_same_ground_share_one_shape() -> None:
    from shapely import LineString

    graph = from_osmnx(osmnx_like())
    assert len(graph.corner_start) - 1 == 3
    bent = osmnx_like()
    bent[10][20][0]["geometry"] = LineString([(9.5, 47.0), (9.505, 47.005), (9.51, 47.0)])
    assert len(from_osmnx(bent).corner_start) - 1 == 4


def test_a_graphml_file_gives_the_roads_of_its_graph(tmp_path: Path) -> None:
    import osmnx

    osmnx.save_graphml(osmnx_like(), tmp_path / "a.graphml")
    assert import_roads(tmp_path / "a.graphml").key == from_osmnx(osmnx_like()).key


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda g: nx.MultiDiGraph(), "no roads"),
        (lambda g: g.to_undirected(), "undirected"),
        (lambda g: _move(g), "projected"),
        (lambda g: _strip(g), "need 'x'"),
    ],
)
def test_a_graph_that_is_none_of_osmnx_is_refused(spoil: object, said: str) -> None:
    with pytest.raises(DataError, match=said):
        from_osmnx(spoil(osmnx_like()))  # type: ignore[operator]


def _move(graph: nx.MultiDiGraph) -> nx.MultiDiGraph:
    for _, data in graph.nodes(data=True):
        data["x"], data["y"] = 530000.0, 5.2e6
    return graph


def _strip(graph: nx.MultiDiGraph) -> nx.MultiDiGraph:
    for _, data in graph.nodes(data=True):
        del data["x"]
    return graph


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.osm.pbf", b""),
        ("a.osm.pbf", b"no extract at all"),
        ("a.osm", b"hello"),
        ("a.osm", b'<?xml version="1.0"?><osm version="0.6"><node id="1" lat="1" lon'),
        ("a.osm", b'<?xml version="1.0"?><html></html>'),
        ("a.graphml", b"<graphml><graph"),
        ("a.graphml", b"<?xml version='1.0'?><graphml></graphml>"),
        ("a.csv", b"from,to"),
        ("a.npz", b"PK nothing"),
    ],
)
def test_a_file_that_is_no_road_data_is_named(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    store = Store(tmp_path / "cache")
    with pytest.raises(DataError) as error:
        open_roads(tmp_path / name, store=store)
    assert name in str(error.value)
    assert not store.sizes()


@pytest.mark.parametrize("damage", ["half", "middle", "start"])
def test_a_damaged_extract_is_named_and_leaves_no_trace(tmp_path: Path, extracts: Path, damage: str) -> None:
    data = (extracts / "munchen.osm.pbf").read_bytes()
    third = len(data) // 3
    spoilt = {
        "half": data[: len(data) // 2],
        "middle": data[:third] + bytes(999) + data[third + 999 :],
        "start": bytes(64) + data[64:],
    }
    (tmp_path / "bad.osm.pbf").write_bytes(spoilt[damage])
    store = Store(tmp_path / "cache")
    with pytest.raises(DataError, match=r"bad\.osm\.pbf"):
        open_roads(tmp_path / "bad.osm.pbf", store=store)
    assert not store.sizes()
    (tmp_path / "bad.osm.pbf").write_bytes(data)
    assert open_roads(tmp_path / "bad.osm.pbf", store=store).nodes > 300


def test_a_missing_file_is_missing_travel_data(tmp_path: Path) -> None:
    for name in ("a.osm.pbf", "a.npz", "a.graphml"):
        with pytest.raises(TravelDataError, match=name):
            open_roads(tmp_path / name, store=Store(tmp_path / "cache"))


def test_an_extract_is_imported_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path / "cache")
    first = open_roads(osm(tmp_path), store=store)
    monkeypatch.setattr("fieldsim.travel.importing.import_roads", None)
    assert open_roads(tmp_path / "a.osm", store=store).key == first.key


def test_a_changed_extract_is_imported_again(tmp_path: Path) -> None:
    store = Store(tmp_path / "cache")
    first = open_roads(osm(tmp_path), store=store)
    write_osm(tmp_path / "a.osm", row(4), [([1, 2, 3, 4], STREET)])
    assert open_roads(tmp_path / "a.osm", store=store).key != first.key


def test_a_damaged_cache_of_roads_is_imported_again(tmp_path: Path) -> None:
    store = Store(tmp_path / "cache")
    first = open_roads(osm(tmp_path), store=store)
    for file in (tmp_path / "cache" / "roads").rglob("*.pickle"):
        file.write_bytes(file.read_bytes()[:100])
    assert open_roads(tmp_path / "a.osm", store=store).key == first.key


def test_a_road_file_keeps_the_roads_of_an_extract(tmp_path: Path) -> None:
    graph = import_roads(osm(tmp_path))
    write_roads(graph, tmp_path / "roads.npz")
    assert import_roads(tmp_path / "roads.npz").key == graph.key
    assert "OpenStreetMap" in import_roads(tmp_path / "roads.npz").source


def _matrix_sum(folder: Path) -> int:
    return int(open_travel(in_town(folder), store=Store(folder / "cache")).matrix(range(15)).seconds.sum())


def test_two_processes_may_fill_one_cache(tmp_path: Path) -> None:
    write_roads(town(20), tmp_path / "roads.npz")
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        sums = pool.map(_matrix_sum, [tmp_path] * 4, chunksize=1)
    assert len(set(sums)) == 1
    assert sums[0] == _matrix_sum(tmp_path)
    assert not list((tmp_path / "cache").rglob("*.part"))


def test_fetching_an_unknown_place_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    import osmnx

    from fieldsim.travel import fetch_roads

    def fails(place: str, **options: object) -> None:
        raise ValueError("nothing found")

    monkeypatch.setattr(osmnx, "graph_from_place", fails)
    with pytest.raises(TravelDataError, match=r"Atlantis.*roads import") as error:
        fetch_roads("Atlantis")
    assert isinstance(error.value, FieldsimError)


def test_a_fetched_place_becomes_roads(monkeypatch: pytest.MonkeyPatch) -> None:
    import osmnx

    from fieldsim.travel import fetch_roads

    monkeypatch.setattr(osmnx, "graph_from_place", lambda place, **options: osmnx_like())
    graph = fetch_roads("Somewhere")
    assert isinstance(graph, RoadGraph)
    assert graph.key == from_osmnx(osmnx_like()).key
