"""Fastest ways on a road graph: contraction hierarchies and Dijkstra, to the same millisecond and decimetre.

Both answer with the fastest time and, among all fastest ways, the shortest length, so the answer is unique.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from fieldsim.errors import TravelDataError
from fieldsim.model import Ints
from fieldsim.store import Store
from fieldsim.travel.graph import RoadGraph

UNREACHABLE = -1
Ways = tuple[Ints, Ints]
"""Milliseconds [periods, from, to] and decimetres of the first period's way [from, to]; -1 where there is no way."""
Search = Callable[[RoadGraph, Sequence[Ints], Ints, Ints, Store], Ways]
"""(graph, weight in ms of each arc for each period, source nodes, target nodes, store) -> ways."""

_BITS = 25
_PACK = 2.0**_BITS
"""One number holds ms * 2**25 + dm: exact up to 2**25 dm (3,355 km) and, as float64, 2**28 ms (74 h)."""
_ROWS = 64
"""Dijkstra's sources a batch: bounds memory to 64 rows of the graph."""


def dijkstra(graph: RoadGraph, weights: Sequence[Ints], sources: Ints, targets: Ints, _store: Store | None = None) -> Ways:
    """Fastest ways by scipy's Dijkstra; always there, and the yardstick of `ch`."""
    ways = [_dijkstra(graph, weight, sources, targets) for weight in weights]
    return np.stack([ms for ms, _ in ways]), ways[0][1]


def _dijkstra(graph: RoadGraph, weight: Ints, sources: Ints, targets: Ints) -> Ways:
    from scipy.sparse.csgraph import dijkstra as search

    links = _links(graph, weight)
    packed = np.empty((len(sources), len(targets)))
    for first in range(0, len(sources), _ROWS):
        rows = slice(first, first + _ROWS)
        packed[rows] = search(links, indices=sources[rows])[:, targets]
    ms = np.full(packed.shape, UNREACHABLE, dtype=np.int64)
    dm = ms.copy()
    found = np.isfinite(packed)
    ms[found], dm[found] = _unpack(packed[found])
    return ms, dm


def _unpack(packed: npt.NDArray[np.float64]) -> tuple[Ints, Ints]:
    if len(packed) and packed.max() >= 2.0**53:
        raise TravelDataError("ways of more than 74 hours are out of range", hint="cut the road file to the territories")
    ms = np.floor(packed / _PACK)
    return ms.astype(np.int64), (packed - ms * _PACK).astype(np.int64)


def _links(graph: RoadGraph, weight: Ints) -> Any:
    """The graph as a sparse matrix of packed weights, of parallel arcs the best."""
    from scipy.sparse import csr_array

    best = best_arcs(graph, weight)
    packed = weight[best] * _PACK + graph.length_dm[best]
    return csr_array((packed, (graph.tail[best], graph.head[best])), shape=(graph.nodes, graph.nodes))


def best_arcs(graph: RoadGraph, weight: Ints) -> Ints:
    """Of the arcs between the same two nodes in the same direction the fastest, then the shortest; ordered by tail, head."""
    order = np.lexsort((graph.length_dm, weight, graph.head, graph.tail))
    tail, head = graph.tail[order], graph.head[order]
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
    best: Ints = order[first & (tail != head)]
    return best


def ch(graph: RoadGraph, weights: Sequence[Ints], sources: Ints, targets: Ints, store: Store) -> Ways:
    """Fastest ways by a customizable contraction hierarchy: one topology, kept in the store, for all periods."""
    from fieldsim.travel.hierarchy import many_to_many, open_hierarchy
    from fieldsim.travel.kernels import FAR

    hierarchy = open_hierarchy(graph, store)
    packed = [many_to_many(hierarchy, (weight << _BITS) + graph.length_dm, sources, targets) for weight in weights]
    ms = np.stack([np.where(both < FAR, both >> _BITS, UNREACHABLE) for both in packed])
    return ms, np.where(packed[0] < FAR, packed[0] & ((1 << _BITS) - 1), UNREACHABLE)


def way(graph: RoadGraph, weight: Ints, source: int, target: int) -> list[int] | None:
    """The arcs of the fastest way between two nodes in order, None where there is none."""
    from scipy.sparse.csgraph import dijkstra as search

    reached, before = search(_links(graph, weight), indices=np.array([source]), return_predecessors=True)
    if not np.isfinite(reached[0, target]):
        return None
    nodes = [target]
    while nodes[-1] != source:
        nodes.append(int(before[0, nodes[-1]]))
    best = best_arcs(graph, weight)
    code = graph.tail[best].astype(np.int64) * graph.nodes + graph.head[best]
    steps = np.array(nodes[::-1], dtype=np.int64)
    found: list[int] = best[np.searchsorted(code, steps[:-1] * graph.nodes + steps[1:])].tolist()
    return found
