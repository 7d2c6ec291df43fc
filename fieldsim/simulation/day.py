"""A rep's working day as it really goes: legs in traffic, doors, no-shows, overruns, lunch, cut-off, visits made up (kernels).

Rules, in the order a rep meets them. In the morning called-off stops leave the day. Before each leg the rest of the day is
projected with planned durations: stops whose door would be closed are dropped, and while the day would end after shift and
allowed overtime, the stop of lowest priority (the last of them) is dropped. Lunch is taken at its planned time or the first
moment after it between two visits, earlier if the next visit would pass its latest start. After the last stop, a rep with time
left in the shift makes up visits that are due again, the nearest first. Office work comes last.
"""

from __future__ import annotations

import numpy as np

from fieldsim.luck import uniform
from fieldsim.model import Floats, Ints
from fieldsim.simulation.accounts import held
from fieldsim.simulation.amends import ORDINALS, miss, nearest_owed, owe, owe_again, take_owed
from fieldsim.simulation.compiled import inner, kernel
from fieldsim.simulation.draws import lognormal
from fieldsim.simulation.moves import leg_s, lowest, lunch_now, metres, project, start_at
from fieldsim.simulation.nouns import CANCELLED, DROPPED, HELD, NO_SHOW, Field, World
from fieldsim.simulation.records import visit_row

TRAVEL, WAIT, VISIT, LUNCH, ADMIN, IDLE, OVERTIME, METRES = range(2, 10)
"""Columns of the minutes, after rep and date; seconds while the day runs."""
DAY_S = 86_400.0


@inner
def morning(w: World, f: Field, row: int, day: int, stops: Ints) -> int:
    """The stops left when those called off, of lost accounts, and of accounts a colleague has now are gone; returns how many."""
    n, d = 0, f.days[row]
    for j in range(d.stop_from, f.days[row + 1].stop_from):
        i, index = f.stops[j].account, f.stops[j].index
        called_off = uniform(w.luck.missed, w.book[i].key, index) < w.market.missed * w.market.called_off
        if w.state[i].owner != d.rep:
            miss(w, f, j, d.rep, day, DROPPED)
        elif called_off or not w.state[i].alive:
            miss(w, f, j, d.rep, day, CANCELLED)
        else:
            stops[n] = j
            n += 1
    return n


@inner
def without(stops: Ints, n: int, q: int) -> int:
    """Take out the stop at place q; returns how many are left."""
    for k in range(q, n - 1):
        stops[k] = stops[k + 1]
    return n - 1


@inner
def quarter_of(edges: Floats, day: int) -> int:
    """The quarter a day lies in."""
    quarter = 0
    while edges[quarter + 1] <= day:
        quarter += 1
    return quarter


@inner
def visit(
    w: World,
    f: Field,
    row: int,
    day: int,
    i: int,
    index: int,
    attempt: int,
    arrive: float,
    leg: float,
    distance: float,
    planned: int,
    remote: int,
) -> float:
    """From arriving at account i to leaving it: a closed door, a no-show or a visit held; returns when the rep leaves."""
    d, a, x, m, spent = f.days[row], w.book[i], w.state[i], w.market, f.minutes[row]
    start = start_at(f.windows, a, day, arrive)
    missed = uniform(w.luck.missed, a.key, index, attempt) < m.missed
    how = DROPPED if start == np.inf else NO_SHOW if missed else HELD
    at = visit_row(w.used, f.visits, d.rep, i, index % ORDINALS, day, planned, remote, how)
    if at >= 0:
        f.visits[at, 8], f.visits[at, 9] = round(leg), round(distance)
    if how == DROPPED:
        owe(x, index % ORDINALS, day + 1.0)
        return arrive
    length = m.no_show_s if missed else a.service_s * lognormal(w.luck.meeting, a.key, index, attempt, m.visit_sigma)
    leave = start + length
    spent[WAIT] += start - arrive
    spent[WAIT if missed else VISIT] += length
    if at >= 0:
        f.visits[at, 5], f.visits[at, 6], f.visits[at, 7] = round(arrive), round(start), round(leave)
    if missed:
        owe_again(w, i, index, attempt, day)
    else:
        held(w, i, d.rep, day + leave / DAY_S, remote == 1)
    return float(leave)


@inner
def evening(w: World, f: Field, row: int, day: int, here: int, t: float, hungry: bool) -> None:
    """The way home, a late lunch, office work; then the day's minutes are closed."""
    d, m, spent = f.days[row], w.market, f.minutes[row]
    rep, g = w.reps[d.rep], f.ground[d.territory]
    home = g.leg_size - 1
    leg = leg_s(f, m, g, here, home, t)
    if hungry and lunch_now(m, float(d.lunch_s), t, leg):
        t, hungry = t + m.lunch_s, False
        spent[LUNCH] += m.lunch_s
        leg = leg_s(f, m, g, here, home, t)
    leg *= lognormal(w.luck.home_leg, rep.key, day, 0, m.travel_sigma)
    leg *= lognormal(w.luck.area_day, rep.area, day, 0, m.area_sigma)
    spent[METRES] += metres(f, g, here, home)
    spent[TRAVEL] += leg
    t += leg
    if hungry and t > m.lunch_until_s:
        spent[LUNCH] += m.lunch_s
        t += m.lunch_s
    spent[ADMIN] = rep.admin_s
    left = rep.shift_end_s - t - rep.admin_s
    rep.free_s = max(0.0, left)
    spent[IDLE] += max(0.0, left)
    spent[OVERTIME] = max(0.0, -left)
    for column in range(TRAVEL, METRES):
        spent[column] /= 60.0


@inner
def walk(w: World, f: Field, row: int, day: int) -> None:
    """One rep-day: writes its visits and minutes, and tells the accounts of each visit held."""
    d, m, spent = f.days[row], w.market, f.minutes[row]
    g, planned_lunch = f.ground[d.territory], float(d.lunch_s)
    limit = w.reps[d.rep].shift_end_s + m.overtime_s
    stops = f.scratch
    n = morning(w, f, row, day, stops)
    t, here, hungry = float(d.depart_s), g.leg_size - 1, planned_lunch >= 0.0 and m.lunch_s > 0.0
    spent[IDLE] = t - w.reps[d.rep].shift_start_s
    while True:
        while n > 0:
            end, closed = project(w, f, d, day, stops, n, here, t, hungry)
            if closed < 0 and end <= limit:
                break
            q = closed if closed >= 0 else lowest(w, f, stops, n)
            miss(w, f, stops[q], d.rep, day, DROPPED)
            n = without(stops, n, q)
        if n > 0:
            stop = f.stops[stops[0]]
            i, index, attempt, planned, remote = stop.account, stop.index, 0, stop.start_s, stop.remote
            place = w.book[i].local
            n = without(stops, n, 0)
        else:
            if hungry and t >= m.lunch_from_s and t < m.lunch_until_s:
                t, hungry = t + m.lunch_s, False
                spent[LUNCH] += m.lunch_s
            place = -1 if hungry else nearest_owed(w, f, d, day, here, t)
            if place < 0:
                break
            i = f.places[g.book_from + place]
            index = quarter_of(w.edges, day) * ORDINALS + take_owed(w.state[i])
            attempt, planned, remote = w.state[i].attempts, -1, 0
        a = w.book[i]
        there = here if remote else place
        leg = leg_s(f, m, g, here, there, t)
        if hungry and lunch_now(m, planned_lunch, t, leg + a.service_s):
            t, hungry = t + m.lunch_s, False
            spent[LUNCH] += m.lunch_s
            leg = leg_s(f, m, g, here, there, t)
        leg *= lognormal(w.luck.leg, a.key, index, attempt, m.travel_sigma)
        leg *= lognormal(w.luck.area_day, a.area, day, 0, m.area_sigma)
        distance = metres(f, g, here, there)
        spent[TRAVEL] += leg
        spent[METRES] += distance
        t, here = t + leg, there
        if hungry and lunch_now(m, planned_lunch, t, a.service_s):
            t, hungry = t + m.lunch_s, False
            spent[LUNCH] += m.lunch_s
        t = visit(w, f, row, day, i, index, attempt, t, leg, distance, planned, remote)
    evening(w, f, row, day, here, t, hungry)


@kernel
def walk_all(w: World, f: Field, day: int) -> None:
    """All rep-days of a calendar day; a rep who is away drops the whole plan of the day and has no minutes."""
    for row in range(f.day_from[day], f.day_from[day + 1]):
        d = f.days[row]
        f.minutes[row, 0], f.minutes[row, 1] = d.rep, day
        if w.reps[d.rep].absent == 0:
            walk(w, f, row, day)
            continue
        f.minutes[row, 0] = -1.0
        for j in range(d.stop_from, f.days[row + 1].stop_from):
            miss(w, f, j, d.rep, day, DROPPED)
