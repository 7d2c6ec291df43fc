"""The clock of a deal's stage: it stops without an owner, slows when visits are overdue, hurries as a quarter ends (kernels)."""

from __future__ import annotations

import numpy as np

from fieldsim.compiled import inner
from fieldsim.simulation.memory import floats
from fieldsim.simulation.nouns import Record


@inner
def next_edge(w: Record, t: float) -> float:
    """The first end of a quarter after t, infinite if there is none."""
    for k in range(w.n_edges):
        if t < floats(w.edges)[k]:
            return float(floats(w.edges)[k])
    return np.inf


@inner
def pushing(w: Record, m: Record, t: float) -> bool:
    """Whether t lies in the last days of a quarter."""
    return bool(t >= next_edge(w, t) - m.push_days)


@inner
def pace(w: Record, m: Record, t: float, overdue_at: float) -> tuple[float, float]:
    """Speed of the clock at time t, and until when it holds."""
    edge = next_edge(w, t)
    pushed = t >= edge - m.push_days
    speed, until = (m.push_speed, edge) if pushed else (1.0, edge - m.push_days)
    if t >= overdue_at:
        speed *= m.overdue_speed
    elif overdue_at < until:
        until = overdue_at
    return speed, until


@inner
def work_between(w: Record, m: Record, start: float, end: float, overdue_at: float) -> float:
    """Work done between two times."""
    work = 0.0
    while start < end:
        speed, until = pace(w, m, start, overdue_at)
        until = min(until, end)
        work += speed * (until - start)
        start = until
    return work


@inner
def finish(w: Record, m: Record, start: float, work: float, overdue_at: float) -> float:
    """When `work` is done, infinite if never."""
    while True:
        speed, until = pace(w, m, start, overdue_at)
        if speed > 0.0 and start + work / speed <= until:
            return float(start + work / speed)
        if until == np.inf:
            return np.inf
        work -= speed * (until - start)
        start = until
