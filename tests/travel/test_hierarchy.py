from __future__ import annotations

from pathlib import Path

import networkx as nx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from travel.town import town

from fieldsim.store import Store
from fieldsim.travel import RoadGraph, read_roads
from fieldsim.travel.dissection import contraction_order
from fieldsim.travel.hierarchy import build_hierarchy, many_to_many, open_hierarchy
from fieldsim.travel.kernels import FAR


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**6), st.integers(2, 6), st.booleans())
def test_any_order_of_contraction_gives_the_least_weights(seed: int, side: int, island: bool) -> None:
    rng = np.random.default_rng(seed)
    graph = town(side, island=island)
    weight = rng.integers(0, 2**40, graph.arcs)
    other = nx.DiGraph()
    for arc in np.argsort(-weight):
        other.add_edge(int(graph.tail[arc]), int(graph.head[arc]), weight=int(weight[arc]))
    hierarchy = build_hierarchy(graph, rng.permutation(graph.nodes))
    sources, targets = rng.permutation(graph.nodes)[:7], rng.permutation(graph.nodes)
    found = many_to_many(hierarchy, weight, sources, targets)
    for row, source in enumerate(sources.tolist()):
        right = nx.single_source_dijkstra_path_length(other, source)
        assert found[row].tolist() == [right.get(target, FAR) for target in targets.tolist()]


def test_every_upper_neighbour_is_an_ancestor() -> None:
    graph = town(9, island=True)
    h = build_hierarchy(graph, np.random.default_rng(2).permutation(graph.nodes))
    for v in range(graph.nodes):
        upper = h.head[h.first[v] : h.first[v + 1]].tolist()
        assert upper == sorted(set(upper))
        ancestors, at = [], int(h.parent[v])
        while at >= 0:
            ancestors.append(at)
            at = int(h.parent[at])
        assert len(ancestors) == h.depth[v]
        assert set(upper) <= set(ancestors)
        assert upper[:1] == ancestors[:1]


def test_a_kept_hierarchy_is_the_one_that_was_built(tmp_path: Path) -> None:
    graph, store = town(), Store(tmp_path)
    built, kept = open_hierarchy(graph, store), open_hierarchy(graph, store)
    assert store.sizes()["topology"][0] == 1
    for name, values in vars(built).items():
        assert np.array_equal(values, getattr(kept, name))
        assert values.dtype == getattr(kept, name).dtype


def of_nodes(lat: list[float], arcs: list[tuple[int, int]]) -> RoadGraph:
    """A graph of nodes on a line, with arcs of weight 1."""
    count, ends = len(arcs), np.array(arcs, dtype=np.int32).reshape(-1, 2)
    return RoadGraph(
        lat=np.array(lat),
        lon=np.zeros(len(lat)),
        tail=ends[:, 0].copy(),
        head=ends[:, 1].copy(),
        free_ms=np.ones(count, dtype=np.int64),
        length_dm=np.ones(count, dtype=np.int64),
        road_class=np.zeros(count, dtype=np.uint8),
        shape=np.arange(count, dtype=np.int32),
        backward=np.zeros(count, dtype=np.bool_),
        corner_start=np.zeros(count + 1, dtype=np.int32),
        corner_lat=np.empty(0),
        corner_lon=np.empty(0),
    )


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.sampled_from([0.0, 0.1, 0.2, 0.5]), min_size=0, max_size=40),
    st.lists(st.tuples(st.integers(0, 39), st.integers(0, 39)), max_size=80),
)
def test_the_order_holds_every_node_once_whatever_the_map(lat: list[float], arcs: list[tuple[int, int]]) -> None:
    graph = of_nodes(lat, [(a, b) for a, b in arcs if max(a, b) < len(lat)])
    assert sorted(contraction_order(graph).tolist()) == list(range(len(lat)))


def test_the_order_keeps_the_hierarchy_of_a_city_small() -> None:
    graph = read_roads(Path(__file__).parents[2] / "scenarios" / "coquimbo" / "roads.npz")
    h = build_hierarchy(graph, contraction_order(graph))
    assert len(h.head) < 3 * graph.arcs
    assert h.depth.max() < 200
