"""A road network as plain arrays."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from fieldsim.model import Bools, Floats, Ints
from fieldsim.store import content_key

Int32s = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.uint8]

ROAD_CLASSES = (
    "motorway",
    "trunk",
    "primary",
    "secondary",
    "tertiary",
    "unclassified",
    "residential",
    "living_street",
    "service",
    "other",
    "ferry",
)
"""Links (motorway_link, ...) belong to the class of their road."""


@dataclass(frozen=True, eq=False)
class RoadGraph:
    """Junctions and directed arcs between them. A street with two directions is two arcs that share one shape."""

    lat: Floats
    """Degrees, shape [nodes]; as all arrays here contiguous."""
    lon: Floats
    tail: Int32s
    """Node an arc leaves, shape [arcs]."""
    head: Int32s
    free_ms: Ints
    """Milliseconds along the arc at its free speed; traffic is the profile's matter."""
    length_dm: Ints
    """Decimetres along the arc."""
    road_class: Bytes
    """Position in ROAD_CLASSES."""
    shape: Int32s
    """The arc's shape."""
    backward: Bools
    """True where the arc runs through its shape's corners from last to first."""
    corner_start: Int32s
    """Shape s has the corners corner_start[s] .. corner_start[s + 1] - 1, without the two end nodes; shape [shapes + 1]."""
    corner_lat: Floats
    corner_lon: Floats
    source: str = ""
    """Who made the data and under which licence they may be used."""
    dropped_share: float = 0.0
    """Share of the imported nodes left out because they are not strongly connected with the rest."""
    cut_lat: Floats = field(default_factory=lambda: np.empty(0))
    """Where the nodes left out are, to tell places on an island from places far from any road."""
    cut_lon: Floats = field(default_factory=lambda: np.empty(0))

    @property
    def nodes(self) -> int:
        """Number of junctions."""
        return len(self.lat)

    @property
    def arcs(self) -> int:
        """Number of directed arcs."""
        return len(self.tail)

    @cached_property
    def key(self) -> str:
        """Content key of what decides times, distances and ways."""
        return content_key(*(getattr(self, name) for name in _ARRAYS))

    @cached_property
    def topology_key(self) -> str:
        """Content key of what decides the hierarchy: nodes and arcs without weights."""
        return content_key(self.lat, self.lon, self.tail, self.head)

    def corners(self, arc: int) -> list[tuple[float, float]]:
        """The arc as (lat, lon) corners, both end nodes included."""
        first, last = self.corner_start[self.shape[arc]], self.corner_start[self.shape[arc] + 1]
        between = list(zip(self.corner_lat[first:last].tolist(), self.corner_lon[first:last].tolist(), strict=True))
        if self.backward[arc]:
            between.reverse()
        tail, head = self.tail[arc], self.head[arc]
        return [(float(self.lat[tail]), float(self.lon[tail])), *between, (float(self.lat[head]), float(self.lon[head]))]


_ARRAYS = tuple(
    column.name for column in fields(RoadGraph) if column.name not in ("source", "dropped_share", "cut_lat", "cut_lon")
)


def strong_parts(graph: RoadGraph) -> Ints:
    """Strongly connected part of each node, shape [nodes]; part 0 is the largest (ties: holds the lowest node)."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    links = csr_array((np.ones(graph.arcs, dtype=np.int8), (graph.tail, graph.head)), shape=(graph.nodes, graph.nodes))
    count, label = connected_components(links, directed=True, connection="strong")
    size = np.bincount(label, minlength=count)
    first = np.full(count, graph.nodes)
    np.minimum.at(first, label, np.arange(graph.nodes))
    rank = np.empty(count, dtype=np.int64)
    rank[np.lexsort((first, -size))] = np.arange(count)
    parts: Ints = rank[label]
    return parts


def largest_part(graph: RoadGraph) -> RoadGraph:
    """The largest strongly connected part, with `dropped_share` telling what was left out."""
    keep = strong_parts(graph) == 0
    if keep.all():
        return graph
    share = 1.0 - (1.0 - graph.dropped_share) * float(keep.mean())
    cut_lat, cut_lon = np.append(graph.cut_lat, graph.lat[~keep]), np.append(graph.cut_lon, graph.lon[~keep])
    return replace(_part(graph, keep), dropped_share=share, cut_lat=cut_lat, cut_lon=cut_lon)


def _part(graph: RoadGraph, keep: Bools) -> RoadGraph:
    number = np.cumsum(keep) - 1
    arcs = np.flatnonzero(keep[graph.tail] & keep[graph.head])
    shapes, shape = np.unique(graph.shape[arcs], return_inverse=True)
    count = np.diff(graph.corner_start)[shapes]
    start = np.concatenate([[0], np.cumsum(count)]).astype(np.int32)
    corner = np.repeat(graph.corner_start[shapes] - start[:-1], count) + np.arange(start[-1])
    return replace(
        graph,
        lat=graph.lat[keep],
        lon=graph.lon[keep],
        tail=number[graph.tail[arcs]].astype(np.int32),
        head=number[graph.head[arcs]].astype(np.int32),
        free_ms=graph.free_ms[arcs],
        length_dm=graph.length_dm[arcs],
        road_class=graph.road_class[arcs],
        shape=shape.astype(np.int32),
        backward=graph.backward[arcs],
        corner_start=start,
        corner_lat=graph.corner_lat[corner],
        corner_lon=graph.corner_lon[corner],
    )


def stretches(graph: RoadGraph) -> tuple[Floats, Floats, Floats, Floats]:
    """All straight stretches of all roads as lat, lon of one end and lat, lon of the other, each street once."""
    shape, arc = np.unique(graph.shape, return_index=True)
    tail, head = graph.tail[arc].astype(np.int64), graph.head[arc].astype(np.int64)
    first, last = np.where(graph.backward[arc], (head, tail), (tail, head))
    start, count = graph.corner_start[shape], np.diff(graph.corner_start)[shape]
    where = np.cumsum(count) - count
    corner = np.repeat(start - where, count) + np.arange(int(count.sum()))
    ends_at = where + count
    lat, lon = (
        np.insert(np.insert(corners[corner], ends_at, nodes[last]), where + np.arange(len(shape)), nodes[first])
        for corners, nodes in ((graph.corner_lat, graph.lat), (graph.corner_lon, graph.lon))
    )
    inside = np.ones(len(lat) - 1, dtype=np.bool_)
    inside[(np.cumsum(count + 2) - 1)[:-1]] = False
    return lat[:-1][inside], lon[:-1][inside], lat[1:][inside], lon[1:][inside]
