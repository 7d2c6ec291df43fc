"""What was searched before: tables between road nodes kept in the store, so that only new rows and columns are searched."""

from __future__ import annotations

import numpy as np

from fieldsim.model import Ints
from fieldsim.store import Store, content_key
from fieldsim.travel.graph import RoadGraph
from fieldsim.travel.search import Search, Ways

MOST_NODES = 3_000
"""A table of more nodes than this is not kept whole."""
_KIND = "matrix"


def remembered(graph: RoadGraph, weight_ms: Ints, sources: Ints, targets: Ints, search: Search, store: Store) -> Ways:
    """Ways between nodes, from the store where they are known; which search found them makes no difference.

    One square table grows with the nodes asked for, up to MOST_NODES; then it starts afresh. Larger questions are not kept.
    """
    nodes = np.unique(np.concatenate([sources, targets]))
    if len(nodes) > MOST_NODES:
        return search(graph, weight_ms, sources, targets, store)
    key = content_key(graph.key, weight_ms)
    known, ms, dm = _kept(store, key)
    if not np.isin(nodes, known, assume_unique=True).all():
        known, ms, dm = _grown(graph, weight_ms, nodes, (known, ms, dm), search, store)
        store.keep_arrays(_KIND, key, {"nodes": known, "ms": ms.astype(np.int32), "dm": dm.astype(np.int32)})
    part = np.ix_(np.searchsorted(known, sources), np.searchsorted(known, targets))
    return ms[part].astype(np.int64), dm[part].astype(np.int64)


def _kept(store: Store, key: str) -> tuple[Ints, Ints, Ints]:
    kept = store.arrays(_KIND, key)
    if kept is None:
        none = np.empty(0, dtype=np.int64)
        return none, none.reshape(0, 0), none.reshape(0, 0)
    return kept["nodes"], kept["ms"], kept["dm"]  # type: ignore[return-value]


def _grown(
    graph: RoadGraph, weight_ms: Ints, nodes: Ints, kept: tuple[Ints, Ints, Ints], search: Search, store: Store
) -> tuple[Ints, Ints, Ints]:
    """The kept table with the rows and columns of the new nodes."""
    known, kept_ms, kept_dm = kept
    if len(np.union1d(known, nodes)) > MOST_NODES:
        known, kept_ms, kept_dm = known[:0], kept_ms[:0, :0], kept_dm[:0, :0]
    new = np.setdiff1d(nodes, known)
    every = np.union1d(known, nodes)
    ms, dm = (np.empty((len(every), len(every)), dtype=np.int64) for _ in range(2))
    old_at, new_at = np.searchsorted(every, known), np.searchsorted(every, new)
    ms[np.ix_(old_at, old_at)], dm[np.ix_(old_at, old_at)] = kept_ms, kept_dm
    ms[new_at], dm[new_at] = search(graph, weight_ms, new, every, store)
    if len(known):
        into = np.ix_(old_at, new_at)
        ms[into], dm[into] = search(graph, weight_ms, known, new, store)
    return every, ms, dm
