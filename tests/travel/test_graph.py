from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from travel.town import as_networkx, town

from fieldsim.errors import DataError, TravelDataError
from fieldsim.travel import RoadGraph, largest_part, read_roads, write_roads
from fieldsim.travel.graph import strong_parts
from fieldsim.travel.thin import thinned

ARRAYS = ("lat", "lon", "tail", "head", "free_ms", "length_dm", "road_class", "shape", "backward", "corner_start")


def test_a_road_file_gives_back_the_graph(tmp_path: Path) -> None:
    graph = largest_part(town(island=True))
    write_roads(graph, tmp_path / "roads.npz")
    read = read_roads(tmp_path / "roads.npz")
    assert all(np.array_equal(getattr(read, name), getattr(graph, name)) for name in ARRAYS)
    assert np.abs(read.corner_lat - graph.corner_lat).max() < 1e-6
    assert read.source == graph.source
    assert (read.dropped_share, read.cut_lat.tolist()) == (graph.dropped_share, graph.cut_lat.tolist())
    write_roads(read, tmp_path / "again.npz")
    assert (tmp_path / "again.npz").read_bytes() == (tmp_path / "roads.npz").read_bytes()
    assert read_roads(tmp_path / "again.npz").key == read.key


def test_the_key_follows_the_content() -> None:
    assert town().key == town().key != town(seed=4).key


def test_keeps_the_largest_strongly_connected_part_and_tells_the_rest() -> None:
    whole = town(island=True)
    kept = largest_part(whole)
    truth = max(nx.strongly_connected_components(as_networkx(whole, whole.free_ms)), key=len)
    assert kept.nodes == len(truth)
    assert kept.dropped_share == pytest.approx(1 - len(truth) / whole.nodes)
    assert sorted([*kept.lat.tolist(), *kept.cut_lat.tolist()]) == sorted(whole.lat.tolist())
    assert sorted(kept.lat.tolist()) == sorted(whole.lat[sorted(truth)].tolist())
    assert strong_parts(kept).max() == 0
    assert largest_part(kept) is kept


def test_dropping_a_part_keeps_the_shapes_of_the_rest() -> None:
    whole = town(island=True)
    kept = largest_part(whole)
    lines = {tuple(whole.corners(arc)) for arc in range(whole.arcs)}
    assert {tuple(kept.corners(arc)) for arc in range(kept.arcs)} <= lines


def test_both_directions_of_a_street_run_through_the_same_corners() -> None:
    graph = town()
    back = {(int(t), int(h), int(s)): arc for arc, (t, h, s) in enumerate(zip(graph.tail, graph.head, graph.shape, strict=True))}
    pairs = [(arc, back[h, t, s]) for (t, h, s), arc in back.items() if (h, t, s) in back]
    assert pairs
    assert all(graph.corners(a) == graph.corners(b)[::-1] for a, b in pairs)


def test_a_missing_road_file_is_missing_travel_data(tmp_path: Path) -> None:
    with pytest.raises(TravelDataError, match=r"no road file .*nowhere\.npz"):
        read_roads(tmp_path / "nowhere.npz")


@pytest.mark.parametrize(
    "damage", [lambda b: b[: len(b) // 2], lambda b: b"", lambda b: b"<html>", lambda b: b[:400] + b"x" * 40 + b[440:]]
)
def test_a_damaged_road_file_is_named(tmp_path: Path, damage: object) -> None:
    write_roads(town(), tmp_path / "roads.npz")
    data = (tmp_path / "roads.npz").read_bytes()
    (tmp_path / "bad.npz").write_bytes(damage(data))  # type: ignore[operator]
    with pytest.raises(DataError, match=r"bad\.npz.*(no road file|damaged)"):
        read_roads(tmp_path / "bad.npz")


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.floats(-0.01, 0.01), st.floats(-0.01, 0.01)), min_size=2, max_size=30))
def test_a_thinned_line_stays_within_the_tolerance(points: list[tuple[float, float]]) -> None:
    line = np.array(points)
    thin = line[thinned(line[:, 0], line[:, 1], np.array([0, len(line)]), 50.0)]
    assert thin[0].tolist() == line[0].tolist()
    assert thin[-1].tolist() == line[-1].tolist()
    metres = np.radians(line) * 6_371_008.8
    kept = np.radians(thin) * 6_371_008.8
    for point in metres:
        nearest = min(_distance(point, a, b) for a, b in pairwise(kept))
        assert nearest <= 50.0 + 1e-6


def _distance(p: np.ndarray, a: np.ndarray, b: np.ndarray) -> float:
    shares = np.linspace(0.0, 1.0, 2001)[:, None]
    return float(np.hypot(*(a + shares * (b - a) - p).T).min()) - float(np.hypot(*(b - a))) / 2000


def test_the_shipped_road_file_is_sound() -> None:
    graph: RoadGraph = read_roads(Path(__file__).parents[2] / "scenarios" / "coquimbo" / "roads.npz")
    assert graph.nodes > 10_000
    assert strong_parts(graph).max() == 0
    assert "OpenStreetMap contributors" in graph.source
    assert "ODbL" in graph.source
    assert 0 <= graph.dropped_share < 0.05
    assert graph.free_ms.min() > 0
