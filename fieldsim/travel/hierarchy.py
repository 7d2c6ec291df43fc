"""The contraction hierarchy behind the engine `ch`: the only module that calls pyroutingkit."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fieldsim.model import Ints
from fieldsim.store import Store
from fieldsim.travel.graph import RoadGraph

_KIND = "topology"


def many_to_many(graph: RoadGraph, sources: Ints, targets: Ints, store: Store) -> Callable[[Ints], Ints]:
    """A function from arc weights to the table between sources and targets, -1 where there is no way.

    Weights and ways of 2**31 - 1 and more count as no way.
    """
    from pyroutingkit import INF_WEIGHT, CCHMetric

    topology = open_topology(graph, store)
    out, into = _uint32(sources), _uint32(targets)

    def table(weight: Ints) -> Ints:
        metric = CCHMetric(topology)
        metric.customize(_uint32(np.minimum(weight, INF_WEIGHT)))
        answer = np.asarray(metric.distances_many_to_many(out, into)).reshape(len(out), len(into))
        return np.where(answer >= INF_WEIGHT, -1, answer.astype(np.int64))

    return table


def _uint32(values: npt.NDArray[np.generic]) -> npt.NDArray[np.uint32]:
    """Contiguous, because the package misreads strided arrays and then runs a thousand times slower."""
    return np.ascontiguousarray(values, dtype=np.uint32)


def open_topology(graph: RoadGraph, store: Store) -> Any:
    """The hierarchy of nodes and arcs without weights, from the store where it was built before."""
    from pyroutingkit import CCHTopology

    topology = CCHTopology()
    kept = store.arrays(_KIND, graph.topology_key)
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
        store.keep_arrays(_KIND, graph.topology_key, {f.name: np.frombuffer(f.read_bytes(), np.uint8) for f in files})
    return topology
