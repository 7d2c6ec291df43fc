"""Visits not held: written down, made up or pulled forward when a day has time left (kernels)."""

from __future__ import annotations

from typing import Any

import numpy as np

from fieldsim.compiled import inner
from fieldsim.simulation.accounts import advance
from fieldsim.simulation.ahead import fetch_question
from fieldsim.simulation.desk import book_row, days_row, ground_row, market_row, owing_row, reps_row, state_row, stops_row
from fieldsim.simulation.memory import floats, int32s, ints
from fieldsim.simulation.moves import home_s, leg_factor, period_at, place_of, start_at
from fieldsim.simulation.nouns import DROPPED, NONE, Record
from fieldsim.simulation.owed import ORDINALS, owe, owe_again
from fieldsim.simulation.records import visit_row

AWAY, AGAIN, DELAY, LENGTH = range(4)
"""Rows of `fates`."""
GAP_DAYS = 3.0
"""A visit is made up or pulled forward only this long after the account's last one."""


@inner
def miss(w: Record, j: int, rep: int, day: int, how: int) -> None:
    """Write planned stop j as called off or dropped."""
    stop = stops_row(w.stops, j)
    i, index = stop.account, stop.index
    visit_row(w, rep, i, index % ORDINALS, day, stop.start_s, stop.remote, how)
    if how == DROPPED:
        owe(w, i, index % ORDINALS, day + 1.0)
    else:
        owe_again(w, i, index, floats(w.fates)[AGAIN * w.n_stops + j], day)


@inner
def quarter_of(w: Record, day: int) -> int:
    """The quarter a day lies in."""
    quarter = 0
    while floats(w.edges)[quarter + 1] <= day:
        quarter += 1
    return quarter


@inner
def fits(w: Record, d: Record, day: int, i: int, k: Record, leg: float, place: int) -> bool:
    """Whether a visit to account i, so far away, now fits into what is left of the shift."""
    x, a, m, g = state_row(w.state, i), book_row(w.book, i), market_row(w.market, 0), ground_row(w.ground, d.territory)
    limit = reps_row(w.reps, d.rep).shift_end_s - reps_row(w.reps, d.rep).admin_s
    if k.t + leg + a.service_s > limit or x.owner != d.rep or day - x.visited < GAP_DAYS:
        return False
    if x.due <= day:
        advance(w, i, float(day))
    start = start_at(w, a.hours, a.service_s, day, k.t + leg)
    if x.died <= day or start - k.t - leg > m.max_wait_s:
        return False
    end = start + a.service_s
    return end + home_s(w, m, g, place, end) <= limit  # type: ignore[no-any-return]


@inner
def ways_from(w: Record, g: Record, k: Record) -> Any:
    """The ways from where a rep is to all places of a territory, as of now, to be indexed by place times width."""
    return int32s(w.legs + 4 * ((g.leg_from + k.here * g.leg_size) * (w.n_periods + 1) + period_at(w, k.t)))


@inner
def nearest_owed(w: Record, d: Record, day: int, k: Record) -> Any:
    """The nearest account of the rep's that is due again and can be seen within the shift, -1 if none."""
    rep, g = reps_row(w.reps, d.rep), ground_row(w.ground, d.territory)
    best, found, at = np.inf, NONE, NONE
    legs, wide, factor = ways_from(w, g, k), w.n_periods + 1, leg_factor(w, market_row(w.market, 0), k.t)
    for q in range(rep.owing, rep.owing + rep.owed):
        entry = owing_row(w.owing, q)
        if entry.from_day <= day and entry.territory == d.territory:
            place = entry.place
            leg = 0.0 if place == k.here else legs[place * wide] * factor
            if (leg < best or (leg == best and place < at)) and fits(w, d, day, entry.account, k, leg, place):
                best, found, at = leg, entry.account, place
    return found


@inner
def fetch_soon(w: Record, d: Record) -> None:
    """Ask for the accounts of the territory's next rep-days."""
    ahead = d.after
    for _ in range(market_row(w.market, 0).pull_days):
        if ahead < 0:
            break
        j = ints(w.chain)[ahead]
        while j >= 0:
            fetch_question(w, stops_row(w.stops, j).account)
            j = ints(w.chain)[w.n_days + j]
        ahead = days_row(w.days, ahead).after


@inner
def nearest_soon(w: Record, row: int, day: int, k: Record) -> Any:
    """The nearest stop of the territory's next rep-days that can be pulled forward into the shift, -1 if none."""
    d, best, found = days_row(w.days, row), np.inf, NONE
    g, last, ahead = ground_row(w.ground, d.territory), floats(w.edges)[quarter_of(w, day) + 1], d.after
    legs, wide, factor = ways_from(w, g, k), w.n_periods + 1, leg_factor(w, market_row(w.market, 0), k.t)
    fetch_soon(w, d)
    for _ in range(market_row(w.market, 0).pull_days):
        if ahead < 0 or days_row(w.days, ahead).rep != d.rep:
            break
        j = ints(w.chain)[ahead]
        while j >= 0:
            stop = stops_row(w.stops, j)
            if not stop.remote and stop.joint < 0 and stop.day < last:
                place = place_of(w, stop, ahead, d.territory)
                leg = 0.0 if place == k.here else legs[place * wide] * factor
                if leg < best and fits(w, d, day, stop.account, k, leg, place):
                    best, found = leg, j
            j = ints(w.chain)[w.n_days + j]
        ahead = days_row(w.days, ahead).after
    return found


@inner
def take_out(w: Record, j: int, to: int) -> None:
    """Take stop j out of its rep-day's chain; it now belongs to rep-day `to` (NONE: to none, it was pulled forward)."""
    rows = w.n_days
    row = ints(w.chain)[rows + w.n_stops + j]
    ints(w.chain)[rows + w.n_stops + j] = to
    if ints(w.chain)[row] == j:
        ints(w.chain)[row] = ints(w.chain)[rows + j]
        return
    before = ints(w.chain)[row]
    while ints(w.chain)[rows + before] != j:
        before = ints(w.chain)[rows + before]
    ints(w.chain)[rows + before] = ints(w.chain)[rows + j]
