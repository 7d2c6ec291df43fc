"""A rep's working day as it really goes: calls in the morning, visit after visit, the way home (kernels).

In the morning called-off stops leave the day; office work comes last. Before a stop that a specialist joins, the day halts.
"""

from __future__ import annotations

import numpy as np

from fieldsim.compiled import inner, kernel
from fieldsim.simulation.accounts import advance, held
from fieldsim.simulation.ahead import fetch_deals, fetch_owed, fetch_row
from fieldsim.simulation.amends import AWAY, miss
from fieldsim.simulation.desk import (
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
from fieldsim.simulation.draws import lognormal
from fieldsim.simulation.memory import floats, ints, keys
from fieldsim.simulation.moves import eat, home_s, lunch_now, metres_home, start_at
from fieldsim.simulation.next_visit import choose, remaining
from fieldsim.simulation.nouns import CANCELLED, DROPPED, HELD, NO_SHOW, ONLY, Record, Records
from fieldsim.simulation.owed import ORDINALS, owe, owe_again
from fieldsim.simulation.pool import pooled, stand_in
from fieldsim.simulation.records import visit_row
from fieldsim.simulation.slack import foresee

DAY_S = 86_400.0


@inner
def morning(w: Record, row: int, day: int, k: Record) -> None:
    """The day as planned, without the stops called off, of lost accounts, and of accounts a colleague has.

    A specialist's own share of a colleague's visits stays.
    """
    d, m, stops = days_row(w.days, row), market_row(w.market, 0), remaining(w, days_row(w.days, row).rep)
    k.row, k.t, k.here, k.head, k.count = row, d.depart_s, ground_row(w.ground, d.territory).leg_size - 1, 0, 0
    k.waiting, k.freed, k.hungry = 0, 0, d.lunch_s >= 0 and m.lunch_s > 0.0
    j = ints(w.chain)[row]
    while j >= 0:
        stop, luck = stops_row(w.stops, j), floats(w.fates)[AWAY * w.n_stops + j]
        i = stop.account
        x = state_row(w.state, i)
        if x.due <= day:
            advance(w, i, float(day))
        if (x.owner != d.rep and not stop.guest) or k.count == w.n_scratch:
            miss(w, j, d.rep, day, DROPPED)
        elif luck < m.missed * m.called_off or x.died <= day:
            miss(w, j, d.rep, day, CANCELLED)
            k.freed += 1
        else:
            stops[k.count] = 2 * j + (luck < m.missed)
            k.count += 1
        j = ints(w.chain)[w.n_days + j]
    foresee(w, row, day, k, stops)


@inner
def visit(w: Record, row: int, day: int, k: Record) -> None:
    """From arriving at an account to leaving it: a closed door, a no-show or a visit held."""
    d, i, m, spent = days_row(w.days, row), k.account, market_row(w.market, 0), minutes_row(w.minutes, row)
    start = start_at(w, k.hours, k.service, day, max(k.t, k.not_before))
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
        owe_again(w, i, k.index, k.again, day)
        k.freed += 1
    else:
        factor = (m.remote_lift if k.remote else 1.0) * (m.joint_lift if k.came else 1.0)
        held(w, i, d.rep, day + leave / DAY_S, factor, k.came)


@inner
def evening(w: Record, row: int, day: int, k: Record) -> None:
    """The way home, a late lunch, office work; then the day's minutes are closed."""
    d, m, spent = days_row(w.days, row), market_row(w.market, 0), minutes_row(w.minutes, row)
    rep, g = reps_row(w.reps, d.rep), ground_row(w.ground, d.territory)
    leg = home_s(w, m, g, k.here, k.t)
    if k.hungry and lunch_now(m, float(d.lunch_s), k.t, leg):
        eat(w, k, spent)
        leg = home_s(w, m, g, k.here, k.t)
    leg *= lognormal(luck_row(w.luck, 0).home_leg, rep.key, day, ONLY, m.travel_sigma) * floats(w.weather)[rep.area]
    spent.metres += metres_home(w, g, k.here)
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


@inner
def stay_away(w: Record, row: int, day: int) -> None:
    """A rep who is away drops the whole plan of the day; of a seat left vacant, a manager may hold a part."""
    rep, j = days_row(w.days, row).rep, ints(w.chain)[row]
    while j >= 0:
        if pooled(w, j, rep, day):
            stand_in(w, j, row, day)
        else:
            miss(w, j, rep, day, DROPPED)
        j = ints(w.chain)[w.n_days + j]


@kernel
def resume(desk: Records, rep: int, day: int) -> bool:
    """Go on with a day that waited for a specialist; True if it waits again."""
    w = desk[0]
    return go_on(w, walks_row(w.walks, rep).row, day)


@kernel
def walk_all(desk: Records, day: int) -> None:
    """All rep-days of a calendar day, up to the first stop a specialist joins; who is away has no minutes."""
    w = desk[0]
    m, first, end = market_row(w.market, 0), ints(w.day_from)[day], ints(w.day_from)[day + 1]
    for area in range(w.n_areas):
        floats(w.weather)[area] = lognormal(luck_row(w.luck, 0).area_day, keys(w.areas)[area], day, ONLY, m.area_sigma)
    for row in range(first, min(first + 2, end)):
        fetch_row(w, row)
    for row in range(first, end):
        if row + 2 < end:
            fetch_row(w, row + 2)
        if row + 1 < end:
            fetch_deals(w, row + 1, day)
        spent, d = minutes_row(w.minutes, row), days_row(w.days, row)
        spent.rep, spent.date = d.rep, day
        if reps_row(w.reps, d.rep).absent:
            spent.rep = -1.0
            stay_away(w, row, day)
            continue
        fetch_owed(w, d.rep, day)
        spent.idle = d.depart_s - reps_row(w.reps, d.rep).shift_start_s
        morning(w, row, day, walks_row(w.walks, d.rep))
        go_on(w, row, day)
