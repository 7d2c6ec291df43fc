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
from fieldsim.model import Ints
from fieldsim.simulation.accounts import held
from fieldsim.simulation.compiled import inner, kernel
from fieldsim.simulation.draws import lognormal
from fieldsim.simulation.nouns import CANCELLED, DROPPED, HELD, NO_SHOW, Field, World
from fieldsim.simulation.records import visit_row

TRAVEL, WAIT, VISIT, LUNCH, ADMIN, IDLE, OVERTIME, METRES = range(2, 10)
DAY_S = 86_400.0
GAP_DAYS = 3.0


@inner
def start_at(f: Field, hours: int, day: int, service: float, ready: float) -> float:
    """First moment from `ready` on at which a visit may start, infinite if there is none that day."""
    for q in range(f.windows.shape[2]):
        opening, closing = f.windows[hours, day, q, 0], f.windows[hours, day, q, 1]
        if opening < 0:
            break
        last = closing - service if closing - opening >= service else closing
        if ready <= last:
            return max(ready, float(opening))
    return np.inf


@inner
def base_leg(w: World, f: Field, territory: int, here: int, there: int, t: float) -> float:
    """Seconds from one place to another when leaving at t, without luck."""
    if here == there:
        return 0.0
    at = f.ground[territory].leg_from + here * f.ground[territory].leg_size + there
    periods = len(f.period_from_s)
    if periods == 1:
        rush = 25200.0 <= t < 32400.0 or 61200.0 <= t < 68400.0
        return f.leg_s[0, at] * (w.market.rush if rush else w.market.calm)
    p = periods - 1
    while p > 0 and f.period_from_s[p] > t:
        p -= 1
    return float(f.leg_s[p, at])


@inner
def lunch_now(w: World, planned: float, t: float, busy: float) -> bool:
    """Whether to break at t, before something that takes `busy` seconds."""
    return t >= w.market.lunch_from_s and (t >= planned or t + busy > w.market.lunch_until_s)


@inner
def project(w: World, f: Field, d: int, day: int, stops: Ints, n: int, here: int, t: float, hungry: bool) -> tuple[float, int]:
    """When the office work of the day would end, and the first of the remaining stops whose door would be closed (-1: none)."""
    territory, home, planned = f.days[d].territory, f.ground[f.days[d].territory].leg_size - 1, float(f.days[d].lunch_s)
    for q in range(n):
        j = stops[q]
        i = f.stops[j].account
        there = here if f.stops[j].remote else w.book[i].local
        if hungry and lunch_now(w, planned, t, base_leg(w, f, territory, here, there, t) + w.book[i].service_s):
            t, hungry = t + w.market.lunch_s, False
        t += base_leg(w, f, territory, here, there, t)
        if hungry and lunch_now(w, planned, t, w.book[i].service_s):
            t, hungry = t + w.market.lunch_s, False
        start = start_at(f, w.book[i].hours, day, w.book[i].service_s, t)
        if start == np.inf:
            return t, q
        t, here = start + w.book[i].service_s, there
    t += base_leg(w, f, territory, here, home, t) + (w.market.lunch_s if hungry else 0.0)
    return t + w.market.admin_s, -1


@inner
def lowest(w: World, f: Field, stops: Ints, n: int) -> int:
    """The remaining stop to drop first: lowest priority, the last of them."""
    worst = 0
    for q in range(1, n):
        if w.book[f.stops[stops[q]].account].priority <= w.book[f.stops[stops[worst]].account].priority:
            worst = q
    return worst


@inner
def owe(w: World, i: int, index: int, from_day: int) -> None:
    """A visit is due again from a day on."""
    if index % 1024 < 62:
        w.state[i].owed |= np.int64(1) << np.int64(index % 1024)
        w.state[i].owed_from = max(w.state[i].owed_from, from_day)


@inner
def miss(w: World, f: Field, j: int, rep: int, day: int, outcome: int) -> int:
    """Write a planned visit that is not held; it is due again if the rep dropped it or the customer agrees."""
    i, index = f.stops[j].account, f.stops[j].index
    if outcome == DROPPED:
        owe(w, i, index, day + 1)
    elif w.state[i].alive and uniform(w.luck.rebooked, w.book[i].key, index) < w.market.rebooked:
        owe(w, i, index, day + int(w.market.rebook_days))
    return visit_row(w, f, rep, i, index % 1024, day, f.stops[j].start_s, f.stops[j].remote, outcome)


@inner
def time_row(f: Field, at: int, travel: float, metres: int, arrive: float, start: float, leave: float) -> None:
    """Add the times of a visit to its row."""
    if at >= 0:
        v = f.visits[at]
        v[5], v[6], v[7] = round(arrive), round(start), round(leave)
        v[8], v[9] = round(travel), metres


@inner
def nearest_owed(w: World, f: Field, d: int, day: int, here: int, t: float) -> int:
    """The nearest account of the territory that is due again and can be seen within the shift, -1 if none."""
    territory, rep = f.days[d].territory, f.days[d].rep
    home = f.ground[territory].leg_size - 1
    best, found = np.inf, -1
    for place in range(f.ground[territory].book_from, f.ground[territory + 1].book_from):
        i = f.places[place]
        if w.state[i].owed == 0 or w.state[i].owed_from > day or not w.state[i].alive or day - w.state[i].visited < GAP_DAYS:
            continue
        leg = base_leg(w, f, territory, here, w.book[i].local, t)
        start = start_at(f, w.book[i].hours, day, w.book[i].service_s, t + leg)
        if leg >= best or start - t - leg > w.market.max_wait_s:
            continue
        back = start + w.book[i].service_s + base_leg(w, f, territory, w.book[i].local, home, start + w.book[i].service_s)
        if back + w.market.admin_s <= w.reps[rep].shift_end_s:
            best, found = leg, i
    return found


@inner
def walk(w: World, f: Field, d: int, day: int) -> None:
    """One rep-day: writes its visits and minutes, and tells the accounts of each visit held."""
    rep, territory = f.days[d].rep, f.days[d].territory
    home, planned = f.ground[territory].leg_size - 1, float(f.days[d].lunch_s)
    minutes = f.minutes[d]
    limit = w.reps[rep].shift_end_s + w.market.overtime_s
    stops = np.empty(f.days[d + 1].stop_from - f.days[d].stop_from, dtype=np.int64)
    n = 0
    for j in range(f.days[d].stop_from, f.days[d + 1].stop_from):
        i = f.stops[j].account
        if (
            not w.state[i].alive
            or uniform(w.luck.missed, w.book[i].key, f.stops[j].index) < w.market.missed * w.market.called_off
        ):
            miss(w, f, j, rep, day, CANCELLED)
        else:
            stops[n] = j
            n += 1
    t, here, hungry = float(f.days[d].depart_s), home, planned >= 0.0 and w.market.lunch_s > 0.0
    minutes[IDLE] = t - w.reps[rep].shift_start_s
    while True:
        while n > 0:
            end, closed = project(w, f, d, day, stops, n, here, t, hungry)
            if closed < 0 and end <= limit:
                break
            q = closed if closed >= 0 else lowest(w, f, stops, n)
            miss(w, f, stops[q], rep, day, DROPPED)
            stops[q : n - 1] = stops[q + 1 : n].copy()
            n -= 1
        if n > 0:
            j = stops[0]
            i, index, remote, attempt, planned_s = f.stops[j].account, f.stops[j].index, f.stops[j].remote, 0, f.stops[j].start_s
            stops[: n - 1] = stops[1:n].copy()
            n -= 1
        else:
            i = nearest_owed(w, f, d, day, here, t) if not hungry else -1
            if i < 0:
                break
            ordinal = 0
            while not (w.state[i].owed >> np.int64(ordinal)) & 1:
                ordinal += 1
            w.state[i].owed &= ~(np.int64(1) << np.int64(ordinal))
            w.state[i].attempts += 1
            index, remote, attempt, planned_s = quarter_of(w, day) * 1024 + ordinal, 0, w.state[i].attempts, -1
        there = here if remote else w.book[i].local
        leg = base_leg(w, f, territory, here, there, t)
        if hungry and lunch_now(w, planned, t, leg + w.book[i].service_s):
            t, hungry = t + w.market.lunch_s, False
            minutes[LUNCH] += w.market.lunch_s
            leg = base_leg(w, f, territory, here, there, t)
        leg *= lognormal(w.luck.leg, w.book[i].key, index, attempt, w.market.travel_sigma) * lognormal(
            w.luck.area_day, w.book[i].area, day, 0, w.market.area_sigma
        )
        metres = 0 if here == there else f.leg_m[f.ground[territory].leg_from + here * f.ground[territory].leg_size + there]
        t, here = t + leg, there
        minutes[TRAVEL] += leg
        minutes[METRES] += metres
        if hungry and lunch_now(w, planned, t, w.book[i].service_s):
            t, hungry = t + w.market.lunch_s, False
            minutes[LUNCH] += w.market.lunch_s
        start = start_at(f, w.book[i].hours, day, w.book[i].service_s, t)
        if start == np.inf:
            owe(w, i, index, day + 1)
            at = visit_row(w, f, rep, i, index % 1024, day, planned_s, remote, DROPPED)
            if at >= 0:
                f.visits[at, 8], f.visits[at, 9] = round(leg), metres
            continue
        minutes[WAIT] += start - t
        lost = uniform(w.luck.missed, w.book[i].key, index, attempt) < w.market.missed
        service = w.book[i].service_s * lognormal(w.luck.meeting, w.book[i].key, index, attempt, w.market.visit_sigma)
        leave = start + (w.market.no_show_s if lost else service)
        at = visit_row(w, f, rep, i, index % 1024, day, planned_s, remote, NO_SHOW if lost else HELD)
        time_row(f, at, leg, metres, t, start, leave)
        minutes[WAIT if lost else VISIT] += leave - start
        t = leave
        if not lost:
            held(w, i, rep, day + t / DAY_S, remote)
        elif uniform(w.luck.rebooked, w.book[i].key, index, attempt) < w.market.rebooked:
            owe(w, i, index, day + int(w.market.rebook_days))
    leg = base_leg(w, f, territory, here, home, t)
    if hungry and lunch_now(w, planned, t, leg):
        t, hungry = t + w.market.lunch_s, False
        minutes[LUNCH] += w.market.lunch_s
    if here != home:
        leg *= lognormal(w.luck.home_leg, w.reps[rep].key, day, 0, w.market.travel_sigma)
        leg *= lognormal(w.luck.area_day, w.reps[rep].area, day, 0, w.market.area_sigma)
        minutes[METRES] += f.leg_m[f.ground[territory].leg_from + here * f.ground[territory].leg_size + home]
        minutes[TRAVEL] += leg
        t += leg
    if hungry and t > w.market.lunch_until_s:
        t += w.market.lunch_s
        minutes[LUNCH] += w.market.lunch_s
    t += w.market.admin_s
    minutes[ADMIN] = w.market.admin_s
    minutes[IDLE] += max(0.0, w.reps[rep].shift_end_s - t)
    minutes[OVERTIME] = max(0.0, t - w.reps[rep].shift_end_s)
    w.reps[rep].free_s = max(0.0, w.reps[rep].shift_end_s - t)
    minutes[TRAVEL:METRES] /= 60.0


@inner
def quarter_of(w: World, day: int) -> int:
    """The quarter a day lies in."""
    quarter = 0
    while w.edges[quarter + 1] <= day:
        quarter += 1
    return quarter


@kernel
def walk_all(w: World, f: Field, day: int) -> None:
    """All rep-days of a calendar day; a rep who is away drops the whole plan of the day."""
    for rep in range(len(w.reps)):
        w.reps[rep].free_s = 0.0
    for d in range(f.day_from[day], f.day_from[day + 1]):
        f.minutes[d, 0], f.minutes[d, 1] = f.days[d].rep, day
        if w.reps[f.days[d].rep].absent == 0:
            walk(w, f, d, day)
            continue
        f.minutes[d, 0] = -1.0
        for j in range(f.days[d].stop_from, f.days[d + 1].stop_from):
            miss(w, f, j, f.days[d].rep, day, DROPPED)
