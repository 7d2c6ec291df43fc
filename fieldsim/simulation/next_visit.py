"""What a rep does next: the rest of the day looked over, what no longer fits dropped, the next visit chosen (kernels).

Before each leg the rest of the day is projected with planned durations: stops whose door would be closed are dropped, and while
the day would end after shift and allowed overtime, the stop of lowest priority (the last of them) is dropped. Lunch is taken at
its planned time or the first moment after it between two visits, earlier if the next visit would pass its latest start. After the
last stop, a rep with time left in the shift makes up visits that are due again, the nearest first; for each cancellation of the
day, a visit planned for the next days may then be pulled forward, the nearest.
"""

from __future__ import annotations

from typing import Any

from fieldsim.compiled import inner
from fieldsim.simulation.ahead import fetch_answer, fetch_legs
from fieldsim.simulation.amends import AGAIN, AWAY, DELAY, LENGTH, miss, nearest_owed, nearest_soon, quarter_of, take_out
from fieldsim.simulation.desk import (
    book_row,
    days_row,
    ground_row,
    luck_row,
    market_row,
    minutes_row,
    reps_row,
    state_row,
    stops_row,
)
from fieldsim.simulation.draws import pair, spread
from fieldsim.simulation.memory import floats, ints
from fieldsim.simulation.moves import (
    eat,
    home_s,
    leg_s,
    lowest,
    lunch_now,
    metres,
    place_in,
    place_of,
    project,
    way_to,
)
from fieldsim.simulation.nouns import DROPPED, NONE, Record
from fieldsim.simulation.owed import ORDINALS, take_owed
from fieldsim.simulation.slack import has_slack


@inner
def remaining(w: Record, rep: int) -> Any:
    """A rep's remaining stops."""
    return ints(w.scratch + 8 * rep * w.n_scratch)


@inner
def drop(k: Record, stops: Any, q: int) -> None:
    """Take out the stop at place q."""
    k.count, k.foreseen = k.count - 1, 0
    for later in range(q, k.head + k.count):
        stops[later] = stops[later + 1]


@inner
def drop_what_does_not_fit(w: Record, row: int, day: int, k: Record, stops: Any) -> None:
    """Look over the rest of the day and shorten it until it can be done."""
    rep = days_row(w.days, row).rep
    latest = reps_row(w.reps, rep).shift_end_s + market_row(w.market, 0).overtime_s
    if k.count > 0 and has_slack(w, row, k, stops):
        return
    while k.count > 0:
        end, closed = project(w, row, day, k, stops)
        if closed < 0 and end <= latest:
            break
        q = closed if closed >= 0 else lowest(w, k, stops)
        miss(w, stops[q] >> 1, rep, day, DROPPED)
        drop(k, stops, q)


@inner
def take(w: Record, k: Record, j: int) -> None:
    """Planned stop j is the visit ahead, with the luck dealt to it."""
    stop, fates, n = stops_row(w.stops, j), floats(w.fates), w.n_stops
    k.account, k.index, k.service, k.hours, k.area = stop.account, stop.index, stop.service_s, stop.hours, stop.area
    k.missed = fates[AWAY * n + j] < market_row(w.market, 0).missed
    k.again, k.delay, k.stretch = fates[AGAIN * n + j], fates[DELAY * n + j], fates[LENGTH * n + j]


@inner
def make_up(w: Record, k: Record, i: int, day: int) -> None:
    """A visit to account i that is due again is the visit ahead."""
    a, m, luck = book_row(w.book, i), market_row(w.market, 0), luck_row(w.luck, 0)
    k.account, k.index, k.service, k.hours, k.area = (
        i,
        quarter_of(w, day) * ORDINALS + take_owed(w, i),
        a.service_s,
        a.hours,
        a.area,
    )
    attempt = state_row(w.state, i).attempts
    away, k.again = pair(luck.missed, a.key, k.index, attempt)
    delay, stretch = pair(luck.leg, a.key, k.index, attempt)
    k.missed, k.delay, k.stretch = away < m.missed, spread(delay, m.travel_sigma), spread(stretch, m.visit_sigma)


@inner
def amend(w: Record, row: int, day: int, k: Record) -> bool:
    """With all stops behind, the visit to make up or to pull forward next, if there is any."""
    d, m = days_row(w.days, row), market_row(w.market, 0)
    if k.hungry and k.t >= m.lunch_from_s and k.t < m.lunch_until_s:
        eat(w, k, minutes_row(w.minutes, row))
    home = home_s(w, m, ground_row(w.ground, d.territory), k.here, k.t)
    if k.hungry or k.t + home >= reps_row(w.reps, d.rep).shift_end_s - reps_row(w.reps, d.rep).admin_s:
        return False
    k.planned, k.remote, k.joint = -1, 0, -1
    i = nearest_owed(w, d, day, k)
    if i >= 0:
        make_up(w, k, i, day)
        return True
    if k.freed > 0 and m.pull_days > 0:
        j = nearest_soon(w, row, day, k)
        if j >= 0:
            k.freed -= 1
            take_out(w, j, NONE)
            take(w, k, j)
            return True
    return False


@inner
def choose(w: Record, row: int, day: int, k: Record) -> bool:
    """Drop what no longer fits, pick the next visit and go there; False when the day's visits are over."""
    d, m, spent = days_row(w.days, row), market_row(w.market, 0), minutes_row(w.minutes, row)
    g, stops, way = ground_row(w.ground, d.territory), remaining(w, d.rep), NONE
    drop_what_does_not_fit(w, row, day, k, stops)
    if k.count > 0:
        j = stops[k.head] >> 1
        stop = stops_row(w.stops, j)
        take(w, k, j)
        k.planned, k.remote, k.joint = stop.start_s, stop.remote, stop.joint if d.joint else -1
        k.head, k.count = k.head + 1, k.count - 1
        place, way = place_of(w, stop, row, d.territory), way_to(stop, j, row, k.here)
    else:
        if not amend(w, row, day, k):
            return False
        fetch_answer(w, k.account)
        place = place_in(w, book_row(w.book, k.account), d.territory)
    there = k.here if k.remote else place
    if k.count == 0:
        fetch_legs(w, g, there)
    leg = leg_s(w, m, g, k.here, there, way, k.t)
    if k.hungry and lunch_now(m, float(d.lunch_s), k.t, leg + k.service):
        eat(w, k, spent)
        leg = leg_s(w, m, g, k.here, there, way, k.t)
    k.left, k.not_before, k.came = k.t, 0.0, 0
    k.leg = leg * k.delay * floats(w.weather)[k.area]
    k.length = m.no_show_s if k.missed else k.service * k.stretch
    k.metres = metres(w, g, k.here, there, way)
    spent.travel += k.leg
    spent.metres += k.metres
    k.t, k.here = k.t + k.leg, there
    if k.hungry and lunch_now(m, float(d.lunch_s), k.t, k.service):
        eat(w, k, spent)
    return True
