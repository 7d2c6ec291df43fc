from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from travel.town import as_networkx, town

from fieldsim.errors import TravelDataError
from fieldsim.model import Ints
from fieldsim.store import Store
from fieldsim.travel import RoadGraph
from fieldsim.travel.memory import remembered
from fieldsim.travel.profile import read_profile, weights
from fieldsim.travel.search import Search, Ways, ch, dijkstra, linked, way

SEARCHES = [dijkstra, ch]


def truth(graph: RoadGraph, weight_ms: np.ndarray, sources: np.ndarray, targets: np.ndarray) -> Ways:
    """All pairs by networkx."""
    other = as_networkx(graph, weight_ms)
    both = np.full((len(sources), len(targets)), -1, dtype=np.int64)
    for row, source in enumerate(sources.tolist()):
        reached = nx.single_source_dijkstra_path_length(other, source, weight="both")
        both[row] = [reached.get(target, -1) for target in targets.tolist()]
    return np.where(both < 0, -1, both // 10**9)[None], np.where(both < 0, -1, both % 10**9)


@pytest.mark.parametrize("search", SEARCHES)
@pytest.mark.parametrize("island", [False, True])
def test_agrees_with_networkx_on_time_and_length(search: Search, island: bool, tmp_path: Path) -> None:
    graph = town(7, island=island)
    weight = weights(graph, read_profile())
    sources, targets = np.arange(graph.nodes), np.arange(0, graph.nodes, 2)
    for found, right in zip(
        search(graph, [weight], sources, targets, Store(tmp_path)), truth(graph, weight, sources, targets), strict=True
    ):
        assert np.array_equal(found, right)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10**6), st.integers(2, 9), st.sampled_from([3, 1000]))
def test_hierarchies_and_dijkstra_agree_on_any_weights(seed: int, side: int, most: int) -> None:
    rng = np.random.default_rng(seed)
    graph = town(side, island=True)
    graph = dataclasses.replace(graph, length_dm=rng.integers(0, 10**5, graph.arcs))
    weight = rng.integers(0, most, graph.arcs)
    nodes = rng.permutation(graph.nodes)
    store = Store(Path("unused"))
    fast = ch(graph, [weight], nodes, nodes, _Forgetful())
    slow = dijkstra(graph, [weight], nodes, nodes, store)
    assert np.array_equal(fast[0], slow[0])
    assert np.array_equal(fast[1], slow[1])


class _Forgetful(Store):
    """A store that keeps nothing."""

    def __init__(self) -> None:
        super().__init__(Path("nowhere"))

    def arrays(self, kind: str, key: str) -> None:
        return None

    def keep_arrays(self, kind: str, key: str, arrays: object) -> None:
        pass


def test_a_kept_topology_gives_the_same_ways(tmp_path: Path) -> None:
    graph, store = town(), Store(tmp_path)
    nodes = np.arange(graph.nodes)
    first = ch(graph, [graph.free_ms], nodes, nodes, store)
    assert store.sizes()["topology"][0] == 1
    again = ch(graph, [graph.free_ms], nodes, nodes, store)
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))


@pytest.mark.parametrize(("search", "hours"), [(dijkstra, 37), (ch, 596)])
def test_ways_too_long_to_count_are_an_error_not_a_number(search: Search, hours: int, tmp_path: Path) -> None:
    graph, nodes = town(), np.arange(36)
    with pytest.raises(TravelDataError, match=f"more than {hours} hours"):
        search(graph, [graph.free_ms * hours * 1_000], nodes, nodes, Store(tmp_path))


def test_the_way_adds_up_to_the_table() -> None:
    graph = town()
    weight = weights(graph, read_profile())
    (ms,), dm = dijkstra(graph, [weight], np.arange(graph.nodes), np.arange(graph.nodes))
    for source, target in ((0, 20), (20, 0), (3, 3), (35, 1)):
        arcs = way(linked(graph, weight), source, target)
        assert arcs is not None
        assert weight[arcs].sum() == ms[source, target]
        assert graph.length_dm[arcs].sum() == dm[source, target]
        assert [int(graph.head[a]) for a in arcs[:-1]] == [int(graph.tail[a]) for a in arcs[1:]]


def test_there_is_no_way_to_the_island() -> None:
    graph = town(island=True)
    assert way(linked(graph, graph.free_ms), 0, graph.nodes - 1) is None


def test_new_nodes_search_only_new_rows_and_columns(tmp_path: Path) -> None:
    graph, store, asked = town(), Store(tmp_path), []

    def counted(g: RoadGraph, w: Sequence[Ints], sources: np.ndarray, targets: np.ndarray, s: Store) -> Ways:
        asked.append(len(sources) * len(targets))
        return dijkstra(g, w, sources, targets, s)

    few, more = np.array([5, 1, 9, 1]), np.array([30, 5, 1, 9, 2])
    remembered(graph, [graph.free_ms], few, few, counted, store)
    assert asked == [9]
    grown = remembered(graph, [graph.free_ms], more, more, counted, store)
    assert sum(asked[1:]) == 2 * 5 + 3 * 2
    fresh = dijkstra(graph, [graph.free_ms], more, more)
    assert all(np.array_equal(a, b) for a, b in zip(grown, fresh, strict=True))
    remembered(graph, [graph.free_ms], more[1:], few, counted, store)
    assert len(asked) == 3


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
def test_a_damaged_cache_is_computed_again(tmp_path: Path) -> None:
    graph, store = town(), Store(tmp_path)
    nodes = np.arange(0, 30, 3)
    right = remembered(graph, [graph.free_ms], nodes, nodes, SEARCHES[-1], store)
    for file in [f for f in tmp_path.rglob("*") if f.is_file()]:
        data = file.read_bytes()
        file.write_bytes(data[: len(data) // 2])
    again = remembered(graph, [graph.free_ms], nodes, nodes, SEARCHES[-1], store)
    assert all(np.array_equal(a, b) for a, b in zip(right, again, strict=True))
