"""A day's slack, worked out in the morning: while the rest fits at the slowest pace, nobody looks it over again (kernels)."""

from __future__ import annotations

from typing import Any

import numpy as np

from fieldsim.compiled import inner
from fieldsim.model import Ints
from fieldsim.simulation.desk import days_row, ground_row, market_row, reps_row, stops_row
from fieldsim.simulation.memory import floats, int32s, ints
from fieldsim.simulation.moves import place_of, way_to
from fieldsim.simulation.nouns import Record

MARGIN_S = 1e-3
"""More than sums in another order can differ by."""


@inner
def slowest(w: Record, known: int, leg: int) -> float:
    """Seconds of a leg of a table at the slowest time of the day."""
    m, wide = market_row(w.market, 0), w.n_periods + 1
    seconds = int32s(known)[leg * wide]
    if w.n_periods == 1:
        return float(seconds * max(m.rush, m.calm))
    for p in range(1, w.n_periods):
        seconds = max(seconds, int32s(known)[leg * wide + p])
    return float(seconds)


@inner
def slowest_to(w: Record, g: Record, here: int, there: int, way: int) -> float:
    """Seconds from one place to another at the slowest time; `way` is the planned way if this is it, else -1."""
    if here == there:
        return 0.0
    return float(slowest(w, w.ways, way) if way >= 0 else slowest(w, w.legs, g.leg_from + here * g.leg_size + there))


@inner
def slacks(w: Record, rep: int) -> Any:
    """Three numbers for each of a rep's stops: from when on all doors from here are open; by when to arrive here, so that none
    closes; seconds from arriving here to being home."""
    return floats(w.slack + 24 * rep * w.n_scratch)


@inner
def foresee(w: Record, row: int, day: int, k: Record, stops: Ints) -> None:
    """Work out the slack of a rep's day that begins."""
    d, here, ahead = days_row(w.days, row), k.here, 0.0
    g, slack, opening, last = ground_row(w.ground, d.territory), slacks(w, d.rep), -np.inf, np.inf
    for q in range(k.count):
        j = stops[q] >> 1
        stop = stops_row(w.stops, j)
        there = here if stop.remote else place_of(w, stop, row, d.territory)
        if q > 0:
            ahead += slowest_to(w, g, here, there, way_to(stop, j, row, here))
        door = 2 * (stop.hours * w.horizon + day) * w.n_doors
        opens, closes = ints(w.windows)[door], ints(w.windows)[door + 1]
        single = opens >= 0 and (w.n_doors == 1 or ints(w.windows)[door + 2] < 0)
        slack[3 * q] = opens if single else np.inf
        slack[3 * q + 1] = (closes - stop.service_s if closes - opens >= stop.service_s else closes) - ahead
        slack[3 * q + 2] = ahead
        ahead, here = ahead + stop.service_s, there
    if here != g.leg_size - 1:
        ahead += slowest(w, w.homeward, g.book_from + here)
    for q in range(k.count - 1, -1, -1):
        opening, last = max(opening, slack[3 * q]), min(last, slack[3 * q + 1])
        slack[3 * q], slack[3 * q + 1], slack[3 * q + 2] = opening, last + slack[3 * q + 2], ahead - slack[3 * q + 2]
    k.foreseen = 1


@inner
def has_slack(w: Record, row: int, k: Record, stops: Ints) -> bool:
    """Whether all that is left of a day fits in any case, lunch and office work included."""
    if not k.foreseen:
        return False
    d, m = days_row(w.days, row), market_row(w.market, 0)
    j, at = stops[k.head] >> 1, 3 * k.head
    stop, slack, rep = stops_row(w.stops, j), slacks(w, d.rep), reps_row(w.reps, d.rep)
    there = k.here if stop.remote else place_of(w, stop, row, d.territory)
    arrives = k.t + slowest_to(w, ground_row(w.ground, d.territory), k.here, there, way_to(stop, j, row, k.here)) + MARGIN_S
    if k.hungry:
        arrives += m.lunch_s
    latest = rep.shift_end_s + m.overtime_s - rep.admin_s
    return bool(k.t >= slack[at] and arrives <= slack[at + 1] and arrives + slack[at + 2] <= latest)
