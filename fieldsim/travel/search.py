"""Fastest ways on a road graph: contraction hierarchies and Dijkstra, to the same millisecond and decimetre.

Both answer with the fastest time and, among all fastest ways, the shortest length, so the answer is unique.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fieldsim.errors import TravelDataError
from fieldsim.model import Ints
from fieldsim.store import Store
from fieldsim.travel.graph import RoadGraph

UNREACHABLE = -1
Ways = tuple[Ints, Ints]
"""Milliseconds and decimetres, shape [sources, targets]; -1 where there is no way."""
Search = Callable[[RoadGraph, Ints, Ints, Ints, Store], Ways]
"""(graph, weight in ms of each arc, source nodes, target nodes, store) -> ways."""

_PACK = 2.0**25
"""One float64 holds ms * 2**25 + dm exactly up to 2**28 ms (74 h) and 2**25 dm (3,355 km)."""
_ROWS = 64
"""Dijkstra's sources a batch: bounds memory to 64 rows of the graph."""


def dijkstra(graph: RoadGraph, weight_ms: Ints, sources: Ints, targets: Ints, _store: Store | None = None) -> Ways:
    """Fastest ways by scipy's Dijkstra; always there, and the yardstick of `ch`."""
    from scipy.sparse.csgraph import dijkstra as search

    links = _links(graph, weight_ms)
    packed = np.empty((len(sources), len(targets)))
    for first in range(0, len(sources), _ROWS):
        rows = slice(first, first + _ROWS)
        packed[rows] = search(links, indices=sources[rows])[:, targets]
    ms = np.full(packed.shape, UNREACHABLE, dtype=np.int64)
    dm = ms.copy()
    found = np.isfinite(packed)
    ms[found], dm[found] = _unpack(packed[found])
    return ms, dm


def _unpack(packed: npt.NDArray[np.float64]) -> Ways:
    if len(packed) and packed.max() >= 2.0**53:
        raise TravelDataError("ways of more than 74 hours are out of range", hint="cut the road file to the territories")
    ms = np.floor(packed / _PACK)
    return ms.astype(np.int64), (packed - ms * _PACK).astype(np.int64)


def _links(graph: RoadGraph, weight_ms: Ints) -> Any:
    """The graph as a sparse matrix of packed weights, of parallel arcs the best."""
    from scipy.sparse import csr_array

    packed = weight_ms * _PACK + graph.length_dm
    best = best_arcs(graph, weight_ms)
    return csr_array((packed[best], (graph.tail[best], graph.head[best])), shape=(graph.nodes, graph.nodes))


def best_arcs(graph: RoadGraph, weight_ms: Ints) -> Ints:
    """Of the arcs between the same two nodes in the same direction the fastest, then the shortest; ordered by tail, head."""
    order = np.lexsort((graph.length_dm, weight_ms, graph.head, graph.tail))
    tail, head = graph.tail[order], graph.head[order]
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
    best: Ints = order[first & (tail != head)]
    return best


def has_hierarchies() -> bool:
    """Whether the package behind `ch` is installed."""
    return find_spec("pyroutingkit") is not None


def ch(graph: RoadGraph, weight_ms: Ints, sources: Ints, targets: Ints, store: Store) -> Ways:
    """Fastest ways by a customizable contraction hierarchy, whose topology is kept in the store.

    The length comes from two more sweeps with weights a*ms + dm. h(a) = min over ways of a*(ms - fastest) + dm is concave and
    nondecreasing in a, so h(a) = h(b) for a < b proves that h is flat from a on: h is the shortest length among the fastest
    ways. The few pairs where the two differ are asked of Dijkstra.
    """
    table = _tables(graph, sources, targets, store)
    ms = table(weight_ms)
    longest = max(int(ms.max(initial=0)), 1)
    high = (2**31 - 1 - 2**26) // longest
    if high < 2:
        return dijkstra(graph, weight_ms, sources, targets)
    high = min(high, 512)
    low = high // 2
    dm, check = (_rest(table(weight_ms * a + graph.length_dm), ms, a) for a in (low, high))
    doubtful = np.flatnonzero((dm != check).any(axis=1))
    if len(doubtful):
        dm[doubtful] = dijkstra(graph, weight_ms, sources[doubtful], targets)[1]
    return ms, dm


def _rest(both: Ints, ms: Ints, times: int) -> Ints:
    rest: Ints = np.where(ms == UNREACHABLE, UNREACHABLE, both - times * ms)
    return rest


def _tables(graph: RoadGraph, sources: Ints, targets: Ints, store: Store) -> Callable[[Ints], Ints]:
    """A function from arc weights to the many-to-many table of the sources and targets."""
    from pyroutingkit import INF_WEIGHT, CCHMetric

    topology = _topology(graph, store)
    out, into = _uint32(sources), _uint32(targets)

    def table(weight: Ints) -> Ints:
        metric = CCHMetric(topology)
        metric.customize(_uint32(np.minimum(weight, INF_WEIGHT)))
        answer = np.asarray(metric.distances_many_to_many(out, into)).reshape(len(out), len(into))
        return np.where(answer >= INF_WEIGHT, UNREACHABLE, answer.astype(np.int64))

    return table


def _uint32(values: npt.NDArray[np.generic]) -> npt.NDArray[np.uint32]:
    """Contiguous, because the package misreads strided arrays and then runs a thousand times slower."""
    return np.ascontiguousarray(values, dtype=np.uint32)


def _topology(graph: RoadGraph, store: Store) -> Any:
    from pyroutingkit import CCHTopology

    topology = CCHTopology()
    kept = store.arrays("topology", graph.topology_key)
    with tempfile.TemporaryDirectory() as scratch:
        if kept is not None:
            for name, data in kept.items():
                (Path(scratch) / name).write_bytes(data.tobytes())
            topology.load(scratch)
            return topology
        lat, lon = (np.ascontiguousarray(side, dtype=np.float32) for side in (graph.lat, graph.lon))
        topology.build(_uint32(graph.tail), _uint32(graph.head), lat, lon, graph.nodes)
        topology.save(scratch)
        files = sorted(Path(scratch).iterdir())
        store.keep_arrays("topology", graph.topology_key, {f.name: np.frombuffer(f.read_bytes(), np.uint8) for f in files})
    return topology


def way(graph: RoadGraph, weight_ms: Ints, source: int, target: int) -> list[int] | None:
    """The arcs of the fastest way between two nodes in order, None where there is none."""
    from scipy.sparse.csgraph import dijkstra as search

    reached, before = search(_links(graph, weight_ms), indices=np.array([source]), return_predecessors=True)
    if not np.isfinite(reached[0, target]):
        return None
    nodes = [target]
    while nodes[-1] != source:
        nodes.append(int(before[0, nodes[-1]]))
    best = best_arcs(graph, weight_ms)
    code = graph.tail[best].astype(np.int64) * graph.nodes + graph.head[best]
    steps = np.array(nodes[::-1], dtype=np.int64)
    found: list[int] = best[np.searchsorted(code, steps[:-1] * graph.nodes + steps[1:])].tolist()
    return found
