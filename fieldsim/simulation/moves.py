"""Single steps of a rep's day: doors, legs, lunch, and what the rest of the day would come to (kernels)."""

from __future__ import annotations

from typing import Any

import numpy as np

from fieldsim.compiled import inner
from fieldsim.model import Ints
from fieldsim.simulation.desk import book_row, days_row, ground_row, market_row, reps_row, spots_row, stops_row
from fieldsim.simulation.memory import int32s, ints
from fieldsim.simulation.nouns import NONE, Record

RUSH = ((25_200.0, 32_400.0), (61_200.0, 68_400.0))
"""7 to 9 and 17 to 19 h."""


@inner
def start_at(w: Record, hours: int, service_s: float, day: int, ready: float) -> float:
    """First moment from `ready` on at which a visit may start at doors of such hours, infinite if there is none that day."""
    first = 2 * (hours * w.horizon + day) * w.n_doors
    for k in range(first, first + 2 * w.n_doors, 2):
        opening, closing = ints(w.windows)[k], ints(w.windows)[k + 1]
        if opening < 0:
            break
        last = closing - service_s if closing - opening >= service_s else closing
        if ready <= last:
            return max(ready, float(opening))
    return np.inf


@inner
def leg_factor(w: Record, m: Record, t: float) -> float:
    """Traffic's factor on a planned leg: that of the hour, where travel has no periods of its own."""
    if w.n_periods > 1:
        return 1.0
    rush = RUSH[0][0] <= t < RUSH[0][1] or RUSH[1][0] <= t < RUSH[1][1]
    return float(m.rush if rush else m.calm)


@inner
def leg_s(w: Record, m: Record, g: Record, here: int, there: int, way: int, t: float) -> float:
    """Seconds from one place to another when leaving at t, without luck; `way` is the planned way if this is it, else -1."""
    if here == there:
        return 0.0
    known, leg = (w.ways, way) if way >= 0 else (w.legs, g.leg_from + here * g.leg_size + there)
    seconds = float(int32s(known)[leg * (w.n_periods + 1) + period_at(w, t)])
    return seconds * leg_factor(w, m, t)


@inner
def period_at(w: Record, t: float) -> int:
    """The travel period that holds at time t."""
    p = w.n_periods - 1
    while p > 0 and ints(w.period_from_s)[p] > t:
        p -= 1
    return p  # type: ignore[no-any-return]


@inner
def home_s(w: Record, m: Record, g: Record, here: int, t: float) -> float:
    """Seconds home when leaving at t, without luck."""
    if here == g.leg_size - 1:
        return 0.0
    seconds = float(int32s(w.homeward)[(g.book_from + here) * (w.n_periods + 1) + period_at(w, t)])
    return seconds * leg_factor(w, m, t)


@inner
def metres(w: Record, g: Record, here: int, there: int, way: int) -> float:
    """Metres from one place to another; `way` is the planned way if this is it, else -1."""
    if here == there:
        return 0.0
    known, leg = (w.ways, way) if way >= 0 else (w.legs, g.leg_from + here * g.leg_size + there)
    return float(int32s(known)[leg * (w.n_periods + 1) + w.n_periods])


@inner
def metres_home(w: Record, g: Record, here: int) -> float:
    """Metres home."""
    if here == g.leg_size - 1:
        return 0.0
    return float(int32s(w.homeward)[(g.book_from + here) * (w.n_periods + 1) + w.n_periods])


@inner
def eat(w: Record, k: Record, spent: Record) -> None:
    """Lunch, now."""
    k.t += market_row(w.market, 0).lunch_s
    k.hungry = 0
    spent.lunch += market_row(w.market, 0).lunch_s


@inner
def way_to(stop: Record, j: int, row: int, here: int) -> Any:
    """The planned way to stop j if a rep on rep-day `row` leaves from where the plan says, else -1."""
    return j if stop.before == here and stop.row == row else NONE


@inner
def lunch_now(m: Record, planned: float, t: float, busy: float) -> bool:
    """Whether to break at t, before something that takes `busy` seconds: at the planned time, or before it is too late."""
    return bool(t >= m.lunch_from_s and (t >= planned or t + busy > m.lunch_until_s))


@inner
def place_in(w: Record, a: Record, territory: int) -> int:
    """An account's place among those of a territory that has it or may take it over."""
    if a.territory == territory:
        return int(a.local)
    for q in range(a.spots_from, a.spots_to):
        if spots_row(w.spots, q).territory == territory:
            return int(spots_row(w.spots, q).place)
    return int(a.local_taken)


@inner
def place_of(w: Record, stop: Record, row: int, territory: int) -> int:
    """The place of a stop on a rep-day."""
    if stop.row == row:
        return int(stop.place)
    return int(place_in(w, book_row(w.book, stop.account), territory))


@inner
def project(w: Record, row: int, day: int, k: Record, stops: Ints) -> tuple[float, int]:
    """When the office work of the day would end, and the first of the remaining stops whose door would be closed (-1: none)."""
    d, m, here, t, hungry = days_row(w.days, row), market_row(w.market, 0), k.here, k.t, k.hungry
    g, planned = ground_row(w.ground, d.territory), float(d.lunch_s)
    for q in range(k.head, k.head + k.count):
        j = stops[q] >> 1
        stop = stops_row(w.stops, j)
        there = here if stop.remote else place_of(w, stop, row, d.territory)
        way = way_to(stop, j, row, here)
        leg = leg_s(w, m, g, here, there, way, t)
        if hungry and lunch_now(m, planned, t, leg + stop.service_s):
            t, hungry = t + m.lunch_s, 0
            leg = leg_s(w, m, g, here, there, way, t)
        t += leg
        if hungry and lunch_now(m, planned, t, stop.service_s):
            t, hungry = t + m.lunch_s, 0
        t = start_at(w, stop.hours, stop.service_s, day, t)
        if t == np.inf:
            return t, q
        t, here = t + stop.service_s, there
    t += home_s(w, m, g, here, t)
    return t + (m.lunch_s if hungry else 0.0) + reps_row(w.reps, d.rep).admin_s, -1


@inner
def lowest(w: Record, k: Record, stops: Ints) -> int:
    """The remaining stop to drop first: lowest priority, the last of them."""
    worst = k.head
    for q in range(k.head + 1, k.head + k.count):
        if stops_row(w.stops, stops[q] >> 1).priority <= stops_row(w.stops, stops[worst] >> 1).priority:
            worst = q
    return int(worst)
