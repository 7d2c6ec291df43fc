from __future__ import annotations

from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from travel.town import town

from fieldsim.store import Store
from fieldsim.travel.hierarchy import build_hierarchy, many_to_many, open_hierarchy
from fieldsim.travel.kernels import FAR
from fieldsim.travel.search import has_hierarchies


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
    if not has_hierarchies():
        pytest.skip("no hierarchies here")
    graph, store = town(), Store(tmp_path)
    built, kept = open_hierarchy(graph, store), open_hierarchy(graph, store)
    assert store.sizes()["topology"][0] == 1
    for name, values in vars(built).items():
        assert np.array_equal(values, getattr(kept, name))
        assert values.dtype == getattr(kept, name).dtype
