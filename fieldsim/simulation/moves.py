"""Single steps of a rep's day: doors, legs, lunch, and what the rest of the day would come to (kernels)."""

from __future__ import annotations

import numpy as np

from fieldsim.model import Ints
from fieldsim.simulation.compiled import inner
from fieldsim.simulation.nouns import Field, Record, World

RUSH = ((25_200.0, 32_400.0), (61_200.0, 68_400.0))
"""7 to 9 and 17 to 19 h."""


@inner
def start_at(windows: Ints, a: Record, day: int, ready: float) -> float:
    """First moment from `ready` on at which a visit to account `a` may start, infinite if there is none that day."""
    for k in range(windows.shape[2]):
        opening, closing = windows[a.hours, day, k, 0], windows[a.hours, day, k, 1]
        if opening < 0:
            break
        last = closing - a.service_s if closing - opening >= a.service_s else closing
        if ready <= last:
            return max(ready, float(opening))
    return np.inf


@inner
def leg_at(g: Record, here: int, there: int) -> int:
    """Where a leg stands in the table of legs."""
    return int(g.leg_from + here * g.leg_size + there)


@inner
def leg_s(f: Field, m: Record, g: Record, here: int, there: int, t: float) -> float:
    """Seconds from one place to another when leaving at t, without luck."""
    if here == there:
        return 0.0
    p = len(f.period_from_s) - 1
    while p > 0 and f.period_from_s[p] > t:
        p -= 1
    seconds = float(f.legs[p, leg_at(g, here, there)])
    if len(f.period_from_s) > 1:
        return seconds
    rush = RUSH[0][0] <= t < RUSH[0][1] or RUSH[1][0] <= t < RUSH[1][1]
    return float(seconds * (m.rush if rush else m.calm))


@inner
def metres(f: Field, g: Record, here: int, there: int) -> float:
    """Metres from one place to another."""
    return 0.0 if here == there else float(f.legs[len(f.period_from_s), leg_at(g, here, there)])


@inner
def lunch_now(m: Record, planned: float, t: float, busy: float) -> bool:
    """Whether to break at t, before something that takes `busy` seconds: at the planned time, or before it is too late."""
    return bool(t >= m.lunch_from_s and (t >= planned or t + busy > m.lunch_until_s))


@inner
def project(w: World, f: Field, d: Record, day: int, stops: Ints, n: int, here: int, t: float, hungry: bool) -> tuple[float, int]:
    """When the office work of the day would end, and the first of n remaining stops whose door would be closed (-1: none)."""
    m, g, planned = w.market, f.ground[d.territory], float(d.lunch_s)
    for q in range(n):
        stop = f.stops[stops[q]]
        a = w.book[stop.account]
        there = here if stop.remote else a.local
        leg = leg_s(f, m, g, here, there, t)
        if hungry and lunch_now(m, planned, t, leg + a.service_s):
            t, hungry = t + m.lunch_s, False
            leg = leg_s(f, m, g, here, there, t)
        t += leg
        if hungry and lunch_now(m, planned, t, a.service_s):
            t, hungry = t + m.lunch_s, False
        t = start_at(f.windows, a, day, t)
        if t == np.inf:
            return t, q
        t, here = t + a.service_s, there
    t += leg_s(f, m, g, here, g.leg_size - 1, t)
    return t + (m.lunch_s if hungry else 0.0) + w.reps[d.rep].admin_s, -1


@inner
def lowest(w: World, f: Field, stops: Ints, n: int) -> int:
    """The remaining stop to drop first: lowest priority, the last of them."""
    worst, least = 0, w.book[f.stops[stops[0]].account].priority
    for q in range(1, n):
        priority = w.book[f.stops[stops[q]].account].priority
        if priority <= least:
            worst, least = q, priority
    return worst
