"""What was searched before: tables between road nodes kept in the store, so that only new rows and columns are searched."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fieldsim.model import Ints
from fieldsim.store import Store, content_key
from fieldsim.travel.graph import RoadGraph
from fieldsim.travel.search import Search, Ways

MOST_NODES = 3_000
"""A table of more nodes than this is not kept whole."""
_KIND = "matrix"
_FORM = 2
"""Counted up whenever what is kept changes its form."""


def remembered(graph: RoadGraph, weights: Sequence[Ints], sources: Ints, targets: Ints, search: Search, store: Store) -> Ways:
    """Ways between nodes, from the store where they are known; which search found them makes no difference.

    One square table grows with the nodes asked for, up to MOST_NODES; then it starts afresh. Larger questions are not kept.
    """
    nodes = np.unique(np.concatenate([sources, targets]))
    if len(nodes) > MOST_NODES:
        return search(graph, weights, sources, targets, store)
    key = content_key(_FORM, graph.key, *weights)
    known, ways = _kept(store, key, len(weights))
    if not np.isin(nodes, known, assume_unique=True).all():
        known, ways = _grown(graph, weights, nodes, known, ways, search, store)
        store.keep_arrays(_KIND, key, {"nodes": known, "ms": ways[0].astype(np.int32), "dm": ways[1].astype(np.int32)})
    rows, columns = np.searchsorted(known, sources), np.searchsorted(known, targets)
    ms, dm = ways
    return ms[:, rows[:, None], columns].astype(np.int64), dm[rows[:, None], columns].astype(np.int64)


def _kept(store: Store, key: str, periods: int) -> tuple[Ints, Ways]:
    kept = store.arrays(_KIND, key)
    if kept is None:
        none = np.empty(0, dtype=np.int64)
        return none, (np.empty((periods, 0, 0), dtype=np.int64), np.empty((0, 0), dtype=np.int64))
    return kept["nodes"], (kept["ms"], kept["dm"])  # type: ignore[return-value]


def _grown(
    graph: RoadGraph, weights: Sequence[Ints], nodes: Ints, known: Ints, kept: Ways, search: Search, store: Store
) -> tuple[Ints, Ways]:
    """The kept table with the rows and columns of the new nodes."""
    kept_ms, kept_dm = kept
    if len(np.union1d(known, nodes)) > MOST_NODES:
        known, kept_ms, kept_dm = known[:0], kept_ms[:, :0, :0], kept_dm[:0, :0]
    new, every = np.setdiff1d(nodes, known), np.union1d(known, nodes)
    ms = np.empty((len(weights), len(every), len(every)), dtype=np.int64)
    dm = np.empty((len(every), len(every)), dtype=np.int64)
    old_at, new_at = np.searchsorted(every, known), np.searchsorted(every, new)
    ms[:, old_at[:, None], old_at], dm[old_at[:, None], old_at] = kept_ms, kept_dm
    ms[:, new_at], dm[new_at] = search(graph, weights, new, every, store)
    if len(known):
        ms[:, old_at[:, None], new_at], dm[old_at[:, None], new_at] = search(graph, weights, known, new, store)
    return every, (ms, dm)
