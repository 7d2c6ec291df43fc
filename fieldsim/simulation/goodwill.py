"""Goodwill between touches, in closed form: it fades, orders follow it, and the hazard of churn grows as it falls (kernels)."""

from __future__ import annotations

import math

import numpy as np

from fieldsim.compiled import inner
from fieldsim.simulation.memory import floats
from fieldsim.simulation.nouns import Record

STEPS = 30
"""Newton's steps at most; five or so are enough."""
MOST_RATIO = 1e100
"""Beyond this a product of ratios is charged at once, long before it leaves the range of numbers."""


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
def season_at(w: Record, t: float) -> tuple[float, float]:
    """The season's factor at time t, and until when it holds."""
    seasons, k = floats(w.seasons), 0
    while k + 1 < w.n_seasons and seasons[2 * k + 2] <= t:
        k += 1
    return seasons[2 * k + 1], (seasons[2 * k + 2] if k + 1 < w.n_seasons else np.inf)


@inner
def settle(w: Record, a: Record, x: Record, m: Record, t: float) -> None:
    """Note orders and charge churn hazard up to time t, integrated exactly as goodwill fades, and date goodwill at t."""
    days = t - x.touched
    if days <= 0.0:
        return
    start, x.touched = x.touched, t
    g = x.goodwill
    after_all = g * math.exp(-days / m.tau)
    x.goodwill = after_all
    x.hazard_left -= a.hazard * ((1.0 + m.churn_neglect) * days - m.churn_neglect * m.tau * (g - after_all))
    if not x.alive or x.running == 0.0:
        return
    before = raised(g, a.steepness)
    while start < t:
        factor, until = season_at(w, start)
        last = until > t
        if last:
            until, g = t, after_all
        else:
            g *= math.exp((start - until) / m.tau)
        after = raised(g, a.steepness)
        x.ratio *= (a.half + before) / (a.half + after)
        x.days += until - start
        if not last or x.ratio > MOST_RATIO:
            charge(a, x, m, factor)
        start, before = until, after


@inner
def charge(a: Record, x: Record, m: Record, factor: float) -> None:
    """Orders of the days noted, all in one season of that factor and at one level of running orders."""
    area = math.log(x.ratio) * m.tau / a.steepness
    x.unbilled += x.running / 365.0 * factor * a.scale * (a.floor * x.days + (1.0 - a.floor) * area)
    x.ratio, x.days = 1.0, 0.0


@inner
def settle_orders(w: Record, a: Record, x: Record, m: Record, t: float) -> None:
    """`settle`, with orders charged: before they are billed, or before what they run at changes."""
    settle(w, a, x, m, t)
    if x.days > 0.0:
        charge(a, x, m, season_at(w, x.touched)[0])


@inner
def churn_before(a: Record, x: Record, m: Record, t: float) -> float:
    """When the account leaves, infinite if not before t: base hazard · (1 + β(1 − g)), integrated exactly.

    Newton's steps begin at the earliest day possible, so that the answer does not hang on t.
    """
    days = x.hazard_left * a.safe
    if x.touched + days > t or used_up(a, x, m, t - x.touched, math.exp((x.touched - t) / m.tau)) < 0.0:
        return np.inf
    for _ in range(STEPS):
        left = math.exp(-days / m.tau)
        step = used_up(a, x, m, days, left) / (a.hazard * (1.0 + m.churn_neglect * (1.0 - x.goodwill * left)))
        days -= step
        if abs(step) < 1e-12 * (1.0 + days):
            break
    return float(x.touched + days)


@inner
def used_up(a: Record, x: Record, m: Record, days: float, left: float) -> float:
    """Hazard of so many days from now less what the account still has; `left` is what the days leave of goodwill."""
    neglect = m.churn_neglect
    return float(a.hazard * ((1.0 + neglect) * days - neglect * m.tau * x.goodwill * (1.0 - left)) - x.hazard_left)
