"""A rep's working day as it really goes: legs in traffic, doors, no-shows, overruns, lunch, cut-off, re-plans (kernels).

Rules, in the order a rep meets them. In the morning called-off stops leave the day. Before each leg the rest of the day is
projected with planned durations: stops whose door would be closed are dropped, and while the day would end after shift and
allowed overtime, the stop of lowest priority (the last of them) is dropped. Lunch is taken at its planned time or the first
moment after it between two visits, earlier if the next visit would pass its latest start. After the last stop, a rep with time
left in the shift makes up visits that are due again, the nearest first; for each cancellation of the day, a visit planned for the
next days may then be pulled forward, the nearest. Office work comes last. Before a stop that a specialist joins, the day halts.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fieldsim.simulation.accounts import advance, held
from fieldsim.simulation.amends import miss, nearest_owed, nearest_soon, quarter_of
from fieldsim.simulation.compiled import inner, kernel
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
    walks_row,
)
from fieldsim.simulation.draws import lognormal, pair, spread
from fieldsim.simulation.memory import floats, int32s, ints, keys
from fieldsim.simulation.moves import leg_s, lowest, lunch_now, metres, place_in, place_of, project, start_at, way_home, way_to
from fieldsim.simulation.nouns import CANCELLED, DROPPED, HELD, NO_SHOW, NONE, Record
from fieldsim.simulation.owed import ORDINALS, has, owe, owe_again, take_owed
from fieldsim.simulation.pool import pooled, stand_in
from fieldsim.simulation.records import visit_row

DAY_S = 86_400.0


@inner
def remaining(w: Record, rep: int) -> Any:
    """A rep's remaining stops."""
    return ints(w.scratch + 8 * rep * w.n_scratch)


@inner
def morning(w: Record, row: int, day: int, k: Record) -> None:
    """The day as planned, without the stops called off, pulled forward, of lost accounts, and of accounts a colleague has."""
    d, m, stops = days_row(w.days, row), market_row(w.market, 0), remaining(w, days_row(w.days, row).rep)
    k.row, k.t, k.here, k.head, k.count, k.waiting, k.freed = (
        row,
        d.depart_s,
        ground_row(w.ground, d.territory).leg_size - 1,
        0,
        0,
        0,
        0,
    )
    k.hungry = d.lunch_s >= 0 and m.lunch_s > 0.0
    j = ints(w.chain)[row]
    while j >= 0:
        stop = stops_row(w.stops, j)
        if floats(w.due)[stop.account] <= day:
            advance(w, stop.account, float(day))
        x = state_row(w.state, stop.account)
        luck = pair(luck_row(w.luck, 0).missed, stop.key, stop.index, 0)[0]
        if not has(x.pulled, stop.index % ORDINALS):
            if x.owner != d.rep or k.count == w.n_scratch:
                miss(w, j, d.rep, day, DROPPED)
            elif luck < m.missed * m.called_off or x.died <= day:
                miss(w, j, d.rep, day, CANCELLED)
                k.freed += 1
            else:
                stops[k.count] = 2 * j + (luck < m.missed)
                k.count += 1
        j = ints(w.chain)[w.n_days + j]


@inner
def drop(k: Record, stops: Any, q: int) -> None:
    """Take out the stop at place q."""
    k.count -= 1
    for later in range(q, k.head + k.count):
        stops[later] = stops[later + 1]


@inner
def eat(w: Record, k: Record, spent: Record) -> None:
    """Lunch, now."""
    k.t += market_row(w.market, 0).lunch_s
    k.hungry = 0
    spent.lunch += market_row(w.market, 0).lunch_s


@inner
def amend(w: Record, row: int, day: int, k: Record, spent: Record) -> bool:
    """With all stops behind, the visit to make up or to pull forward next, if there is any."""
    d, m = days_row(w.days, row), market_row(w.market, 0)
    if k.hungry and k.t >= m.lunch_from_s and k.t < m.lunch_until_s:
        eat(w, k, spent)
    g = ground_row(w.ground, d.territory)
    home = leg_s(w, m, g, k.here, g.leg_size - 1, way_home(w, row, k.here), k.t)
    if k.hungry or k.t + home >= reps_row(w.reps, d.rep).shift_end_s - reps_row(w.reps, d.rep).admin_s:
        return False
    k.planned, k.remote, k.joint = -1, 0, -1
    i = nearest_owed(w, d, day, k)
    if i >= 0:
        k.account = i
        k.index = quarter_of(w, day) * ORDINALS + take_owed(w, i)
        k.attempt = state_row(w.state, i).attempts
    elif k.freed > 0 and m.pull_days > 0:
        j = nearest_soon(w, row, day, k)
        if j < 0:
            return False
        k.freed -= 1
        i = stops_row(w.stops, j).account
        k.account, k.index, k.attempt = i, stops_row(w.stops, j).index, 0
        state_row(w.state, i).pulled |= np.int64(1) << np.int64(k.index % ORDINALS)
    else:
        return False
    k.missed = pair(luck_row(w.luck, 0).missed, book_row(w.book, i).key, k.index, k.attempt)[0] < m.missed
    return True


@inner
def choose(w: Record, row: int, day: int, k: Record) -> bool:
    """Drop what no longer fits, pick the next visit and go there; False when the day's visits are over."""
    d, m, spent = days_row(w.days, row), market_row(w.market, 0), minutes_row(w.minutes, row)
    g, stops = ground_row(w.ground, d.territory), remaining(w, d.rep)
    while k.count > 0:
        end, closed = project(w, row, day, k, stops)
        if closed < 0 and end <= reps_row(w.reps, d.rep).shift_end_s + m.overtime_s:
            break
        q = closed if closed >= 0 else lowest(w, k, stops)
        miss(w, stops[q] >> 1, d.rep, day, DROPPED)
        drop(k, stops, q)
    way = NONE
    if k.count > 0:
        j = stops[k.head] >> 1
        stop = stops_row(w.stops, j)
        k.missed, k.account, k.index, k.attempt = stops[k.head] & 1, stop.account, stop.index, 0
        k.planned, k.remote, k.joint = stop.start_s, stop.remote, stop.joint if d.joint else -1
        k.head, k.count = k.head + 1, k.count - 1
        place, way = place_of(w, stop, row, d.territory), way_to(stop, j, row, k.here)
    else:
        if not amend(w, row, day, k, spent):
            return False
        place = place_in(w, book_row(w.book, k.account), d.territory)
    a = book_row(w.book, k.account)
    there = k.here if k.remote else place
    leg = leg_s(w, m, g, k.here, there, way, k.t)
    if k.hungry and lunch_now(m, float(d.lunch_s), k.t, leg + a.service_s):
        eat(w, k, spent)
        leg = leg_s(w, m, g, k.here, there, way, k.t)
    traffic, length = pair(luck_row(w.luck, 0).leg, a.key, k.index, k.attempt)
    k.left, k.not_before, k.came = k.t, 0.0, 0
    k.leg = leg * spread(traffic, m.travel_sigma) * floats(w.weather)[a.area]
    k.length = m.no_show_s if k.missed else a.service_s * spread(length, m.visit_sigma)
    k.metres = (
        0.0 if k.here == there else int32s(w.ways)[w.n_periods * w.n_ways + way] if way >= 0 else metres(w, g, k.here, there)
    )
    spent.travel += k.leg
    spent.metres += k.metres
    k.t, k.here = k.t + k.leg, there
    if k.hungry and lunch_now(m, float(d.lunch_s), k.t, a.service_s):
        eat(w, k, spent)
    return True


@inner
def visit(w: Record, row: int, day: int, k: Record) -> None:
    """From arriving at an account to leaving it: a closed door, a no-show or a visit held."""
    d, i, m, spent = days_row(w.days, row), k.account, market_row(w.market, 0), minutes_row(w.minutes, row)
    a = book_row(w.book, i)
    start = start_at(w, a.hours, a.service_s, day, max(k.t, k.not_before))
    how = DROPPED if start == np.inf else NO_SHOW if k.missed else HELD
    at = visit_row(w, d.rep, i, k.index % ORDINALS, day, k.planned, k.remote, how)
    if at >= 0:
        ints(w.visits)[8 * w.n_visits + at], ints(w.visits)[9 * w.n_visits + at] = round(k.leg), round(k.metres)
    if how == DROPPED:
        k.end = k.t
        owe(w, i, k.index % ORDINALS, day + 1.0)
        return
    leave = start + k.length
    if k.came:
        k.end = leave
    spent.wait += start - k.t
    if k.missed:
        spent.wait += k.length
    else:
        spent.visit += k.length
    if at >= 0:
        ints(w.visits)[5 * w.n_visits + at], ints(w.visits)[6 * w.n_visits + at], ints(w.visits)[7 * w.n_visits + at] = (
            round(k.t),
            round(start),
            round(leave),
        )
    k.t = leave
    if k.missed:
        owe_again(w, i, k.index, k.attempt, day)
        k.freed += 1
    else:
        factor = (m.remote_lift if k.remote else 1.0) * (m.joint_lift if k.came else 1.0)
        held(w, i, d.rep, day + leave / DAY_S, factor, k.came)


@inner
def evening(w: Record, row: int, day: int, k: Record) -> None:
    """The way home, a late lunch, office work; then the day's minutes are closed."""
    d, m, spent = days_row(w.days, row), market_row(w.market, 0), minutes_row(w.minutes, row)
    rep, g, way = reps_row(w.reps, d.rep), ground_row(w.ground, d.territory), way_home(w, row, k.here)
    home = g.leg_size - 1
    leg = leg_s(w, m, g, k.here, home, way, k.t)
    if k.hungry and lunch_now(m, float(d.lunch_s), k.t, leg):
        eat(w, k, spent)
        leg = leg_s(w, m, g, k.here, home, way, k.t)
    leg *= lognormal(luck_row(w.luck, 0).home_leg, rep.key, day, 0, m.travel_sigma) * floats(w.weather)[rep.area]
    spent.metres += (
        0.0 if k.here == home else int32s(w.ways)[w.n_periods * w.n_ways + way] if way >= 0 else metres(w, g, k.here, home)
    )
    spent.travel += leg
    k.t += leg
    if k.hungry and k.t > m.lunch_until_s:
        eat(w, k, spent)
    spent.admin = rep.admin_s
    left = rep.shift_end_s - k.t - rep.admin_s
    rep.free_s = max(0.0, left)
    spent.idle += max(0.0, left)
    spent.overtime = max(0.0, -left)
    for column in range(2, 9):  # from seconds to minutes
        floats(w.minutes)[10 * row + column] /= 60.0


@inner
def go_on(w: Record, row: int, day: int) -> bool:
    """Walk until the next stop that a specialist joins (True), or to the end of the day."""
    k = walks_row(w.walks, days_row(w.days, row).rep)
    while True:
        if not k.waiting:
            if not choose(w, row, day, k):
                evening(w, row, day, k)
                return False
            if k.joint >= 0 and not k.missed:
                k.waiting = 1
                return True
        k.waiting = 0
        visit(w, row, day, k)


@kernel
def resume(w: Record, rep: int, day: int) -> bool:
    """Go on with a day that waited for a specialist; True if it waits again."""
    return go_on(w, walks_row(w.walks, rep).row, day)  # type: ignore[no-any-return]


@kernel
def walk_all(w: Record, day: int) -> None:
    """All rep-days of a calendar day, up to the first stop a specialist joins.

    A rep who is away drops the whole plan of the day and has no minutes; of a seat left vacant, a manager may hold a part.
    """
    for area in range(w.n_areas):
        floats(w.weather)[area] = lognormal(
            luck_row(w.luck, 0).area_day, keys(w.areas)[area], day, 0, market_row(w.market, 0).area_sigma
        )
    for row in range(ints(w.day_from)[day], ints(w.day_from)[day + 1]):
        spent = minutes_row(w.minutes, row)
        d = days_row(w.days, row)
        spent.rep, spent.date = d.rep, day
        if reps_row(w.reps, d.rep).absent == 0:
            k = walks_row(w.walks, d.rep)
            spent.idle = d.depart_s - reps_row(w.reps, d.rep).shift_start_s
            morning(w, row, day, k)
            go_on(w, row, day)
            continue
        spent.rep = -1.0
        j = ints(w.chain)[row]
        while j >= 0:
            if not has(state_row(w.state, stops_row(w.stops, j).account).pulled, stops_row(w.stops, j).index % ORDINALS):
                if pooled(w, j, d.rep, day):
                    stand_in(w, j, day)
                else:
                    miss(w, j, d.rep, day, DROPPED)
            j = ints(w.chain)[w.n_days + j]
