"""The contraction hierarchy behind the engine `ch`: one topology for all weights, kept in the store."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fieldsim.model import Bools, Ints
from fieldsim.store import Store, content_key
from fieldsim.travel.dissection import contraction_order
from fieldsim.travel.graph import RoadGraph
from fieldsim.travel.kernels import FAR, climb, complete, customize, meet

_KIND = "topology"
_FORM = 2
"""Counted up whenever what is kept changes its form."""


@dataclass(frozen=True, eq=False)
class Hierarchy:
    """Nodes in the order of contraction and the upper neighbours of each; see `kernels`."""

    rank: Ints
    """Rank of each node of the graph."""
    first: Ints
    head: Ints
    parent: Ints
    depth: Ints
    slot: Ints
    """The place of each arc of the graph among the upper neighbours of its lower end."""
    upward: Bools
    """Whether the arc leads from its lower to its higher end."""


def open_hierarchy(graph: RoadGraph, store: Store) -> Hierarchy:
    """The hierarchy of nodes and arcs without weights, from the store where it was built before."""
    key = content_key(_FORM, graph.topology_key)
    kept = store.arrays(_KIND, key)
    if kept is not None:
        whole = {name: kept[name].astype(np.int64) for name in kept if name != "upward"}
        return Hierarchy(**whole, upward=kept["upward"].astype(np.bool_))
    built = build_hierarchy(graph, contraction_order(graph))
    small = {name: values.astype(np.int32) for name, values in vars(built).items() if name != "upward"}
    store.keep_arrays(_KIND, key, {**small, "upward": built.upward})
    return built


def build_hierarchy(graph: RoadGraph, order: Ints) -> Hierarchy:
    """The hierarchy of any order of contraction; a good order makes it small."""
    n = graph.nodes
    rank = np.empty(n, dtype=np.int64)
    rank[order] = np.arange(n)
    tail, head = rank[graph.tail], rank[graph.head]
    low, high = np.minimum(tail, head), np.maximum(tail, head)
    near = np.unique((low * n + high)[low != high])
    first, upper, parent = _completed(np.searchsorted(near, np.arange(n + 1) * n), near % n)
    slot = np.searchsorted(np.repeat(np.arange(n), np.diff(first)) * n + upper, low * n + high)
    return Hierarchy(rank, first, upper, parent, _depths(parent), slot, tail < head)


def _completed(near_first: Ints, near_head: Ints) -> tuple[Ints, Ints, Ints]:
    """Upper neighbours and parents after contraction, in arrays made larger until they hold them."""
    n, size = len(near_first) - 1, 8 * len(near_head) + 16
    while True:
        first, head, parent = np.zeros(n + 1, dtype=np.int64), np.empty(size, dtype=np.int64), np.full(n, -1)
        length = complete(near_first, near_head, first, head, parent, np.full((3, n), -1))
        if length >= 0:
            return first, head[:length].copy(), parent
        size *= 2


def _depths(parent: Ints) -> Ints:
    """Steps from each node up to its root, by pointer jumping."""
    above, depth = np.where(parent < 0, np.arange(len(parent)), parent), (parent >= 0).astype(np.int64)
    while (parent[above] >= 0).any():
        depth, above = depth + depth[above], above[above]
    return depth


def many_to_many(hierarchy: Hierarchy, weight: Ints, sources: Ints, targets: Ints) -> Ints:
    """Least weights from nodes to nodes, FAR where there is no way; weights up to 2**61 in all."""
    h = hierarchy
    up, down = np.full(len(h.head), FAR), np.full(len(h.head), FAR)
    np.minimum.at(up, h.slot[h.upward], weight[h.upward])
    np.minimum.at(down, h.slot[~h.upward], weight[~h.upward])
    customize(h.first, h.head, up, down)
    width = int(h.depth.max(initial=0)) + 1
    reach, over = _climbed(h, up, sources, width)
    back, under = _climbed(h, down, targets, width)
    out = np.empty((len(sources), len(targets)), dtype=np.int64)
    meet(reach, over, back, under, out)
    return out


def _climbed(h: Hierarchy, weight: Ints, nodes: Ints, width: int) -> tuple[Ints, Ints]:
    """Weight to the ancestor of each depth, and that ancestor, shape [nodes, width] each."""
    reach, over = np.full((len(nodes), width), FAR), np.full((len(nodes), width), -1)
    climb(h.first, h.head, weight, h.parent, h.depth, h.rank[nodes], reach, over)
    return reach, over
