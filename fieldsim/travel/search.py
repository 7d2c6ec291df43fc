"""Fastest ways on a road graph: contraction hierarchies and Dijkstra, to the same millisecond and decimetre.

Both answer with the fastest time and, among all fastest ways, the shortest length, so the answer is unique.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
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

_BITS = 26
"""One number holds ms * 2**26 + dm, for ways up to 6,710 km; as float64 (Dijkstra) it is exact up to 37 hours."""
_PACK = 2.0**_BITS
_MOST_MS_DIJKSTRA, _MOST_MS = 2**27, 2**31
_ROWS = 64
"""Dijkstra's sources a batch: bounds memory to 64 rows of the graph."""


def dijkstra(graph: RoadGraph, weights: Sequence[Ints], sources: Ints, targets: Ints, _store: Store | None = None) -> Ways:
    """Fastest ways by scipy's Dijkstra; always there, and the yardstick of `ch`."""
    ways = [_dijkstra(graph, weight, sources, targets) for weight in weights]
    return np.stack([ms for ms, _ in ways]), ways[0][1]


def _dijkstra(graph: RoadGraph, weight: Ints, sources: Ints, targets: Ints) -> Ways:
    from scipy.sparse.csgraph import dijkstra as search

    links = linked(graph, weight).links
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
    ms = np.floor(packed / _PACK)
    _check_range(int(ms.max(initial=0)), _MOST_MS_DIJKSTRA)
    return ms.astype(np.int64), (packed - ms * _PACK).astype(np.int64)


def _check_range(longest_ms: int, most_ms: int) -> None:
    if longest_ms >= most_ms:
        hours = most_ms // 3_600_000
        raise TravelDataError(f"ways of more than {hours} hours are out of range", hint="cut the road file to the territories")


@dataclass(frozen=True, eq=False)
class Links:
    """A road graph ready for scipy: of the arcs between the same two nodes in the same direction the best."""

    links: Any
    """Sparse matrix of packed weights, [nodes, nodes]."""
    arc: Ints
    """The arcs behind the links, ordered by tail, then head."""
    code: Ints
    """tail * nodes + head of each of them."""


def linked(graph: RoadGraph, weight: Ints) -> Links:
    """The graph with, of parallel arcs, only the fastest, then the shortest; loops left out."""
    from scipy.sparse import csr_array

    order = np.lexsort((graph.length_dm, weight, graph.head, graph.tail))
    code = graph.tail[order].astype(np.int64) * graph.nodes + graph.head[order]
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = code[1:] != code[:-1]
    arc = order[first & (graph.tail[order] != graph.head[order])]
    tail, head = graph.tail[arc], graph.head[arc]
    packed = weight[arc] * _PACK + graph.length_dm[arc]
    links = csr_array((packed, (tail, head)), shape=(graph.nodes, graph.nodes))
    return Links(links, arc, tail.astype(np.int64) * graph.nodes + head)


def way(roads: Links, source: int, target: int) -> list[int] | None:
    """The arcs of the fastest way between two nodes in order, None where there is none."""
    from scipy.sparse.csgraph import dijkstra as search

    reached, before = search(roads.links, indices=np.array([source]), return_predecessors=True)
    if not np.isfinite(reached[0, target]):
        return None
    nodes = [target]
    while nodes[-1] != source:
        nodes.append(int(before[0, nodes[-1]]))
    steps = np.array(nodes[::-1], dtype=np.int64)
    found: list[int] = roads.arc[np.searchsorted(roads.code, steps[:-1] * roads.links.shape[0] + steps[1:])].tolist()
    return found


def ch(graph: RoadGraph, weights: Sequence[Ints], sources: Ints, targets: Ints, store: Store) -> Ways:
    """Fastest ways by a customizable contraction hierarchy: one topology, kept in the store, for all periods."""
    from fieldsim.travel.hierarchy import many_to_many, open_hierarchy
    from fieldsim.travel.kernels import FAR

    hierarchy = open_hierarchy(graph, store)
    packed = [many_to_many(hierarchy, (weight << _BITS) + graph.length_dm, sources, targets) for weight in weights]
    ms = np.stack([np.where(both < FAR, both >> _BITS, UNREACHABLE) for both in packed])
    _check_range(int(ms.max(initial=0)), _MOST_MS)
    return ms, np.where(packed[0] < FAR, packed[0] & ((1 << _BITS) - 1), UNREACHABLE)
