"""Goodwill between touches, in closed form: it fades, orders follow it, and the hazard of churn grows as it falls (kernels)."""

from __future__ import annotations

import math

import numpy as np

from fieldsim.model import Floats
from fieldsim.simulation.compiled import inner
from fieldsim.simulation.nouns import Record


@inner
def goodwill_at(x: Record, m: Record, t: float) -> float:
    """Goodwill of an account at time t."""
    return float(x.goodwill * math.exp((x.touched - t) / m.tau))


@inner
def raised(g: float, c: float) -> float:
    """g to the power c, quickly for the usual 2."""
    return g * g if c == 2.0 else g**c


@inner
def response(a: Record, g: float) -> float:
    """ρ at goodwill g, 1 on average at today's service."""
    y = raised(g, a.steepness)
    return float(a.scale * (a.floor + (1.0 - a.floor) * y / (a.half + y)))


@inner
def season_at(seasons: Floats, t: float) -> tuple[float, float]:
    """The season's factor at time t, and until when it holds."""
    k = 0
    while k + 1 < len(seasons) and seasons[k + 1, 0] <= t:
        k += 1
    return seasons[k, 1], (seasons[k + 1, 0] if k + 1 < len(seasons) else np.inf)


@inner
def accrue(seasons: Floats, a: Record, x: Record, m: Record, t: float) -> None:
    """Orders of an account up to time t, integrated between changes of season."""
    start = x.billed
    if t <= start:
        return
    x.billed = t
    if not x.alive or x.running == 0.0:
        return
    before = raised(goodwill_at(x, m, start), a.steepness)
    while start < t:
        factor, until = season_at(seasons, start)
        until = min(t, until)
        after = raised(goodwill_at(x, m, until), a.steepness)
        area = math.log((a.half + before) / (a.half + after)) * m.tau / a.steepness
        mean = a.scale * (a.floor * (until - start) + (1.0 - a.floor) * area)
        x.unbilled += x.running / 365.0 * factor * mean
        start, before = until, after


@inner
def hazard_between(a: Record, x: Record, m: Record, start: float, end: float) -> float:
    """Churn hazard summed over a time without a touch: base · (1 + β(1 − g)), integrated exactly."""
    fading = m.tau * (goodwill_at(x, m, start) - goodwill_at(x, m, end))
    return float(a.hazard * ((1.0 + m.churn_neglect) * (end - start) - m.churn_neglect * fading))


@inner
def safe_until(a: Record, x: Record, m: Record) -> float:
    """A time before which the account cannot churn, however low its goodwill."""
    most = a.hazard * (1.0 + m.churn_neglect)
    return float(x.hazard_at + x.hazard_left / most) if most > 0.0 else np.inf


@inner
def churn_before(a: Record, x: Record, m: Record, t: float) -> float:
    """When the account leaves, infinite if not before t."""
    start, left = x.hazard_at, x.hazard_left
    if safe_until(a, x, m) > t or hazard_between(a, x, m, start, t) < left:
        return np.inf
    low, high = start, t
    for _ in range(60):
        middle = 0.5 * (low + high)
        if hazard_between(a, x, m, start, middle) < left:
            low = middle
        else:
            high = middle
    return float(high)


@inner
def touch(seasons: Floats, a: Record, x: Record, m: Record, t: float, goodwill: float) -> None:
    """Goodwill jumps at time t: what ran at the old one is charged first."""
    accrue(seasons, a, x, m, t)
    x.hazard_left -= hazard_between(a, x, m, x.hazard_at, t)
    x.hazard_at = x.touched = t
    x.goodwill = goodwill
