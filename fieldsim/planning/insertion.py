"""Compiled: what inserting a visit costs a day, doing and undoing it, and walking a day to see that it holds."""

from __future__ import annotations

import numpy as np

from fieldsim.compiled import inner, kernel
from fieldsim.model import Floats, Ints
from fieldsim.planning.board import Board, Desk, Ground

SHORT = 0.7
"""Seconds of travel that a second of missing length is worth: less than one, so that no detour pays by filling a day."""
UNDER = 0.8
"""Seconds of travel that a second of missing work is worth on a day that holds less than `HELD` of its share."""
HELD = 0.75


@inner
def _start(windows: Floats, row: int, arrive: float) -> float:
    """The first moment from `arrive` on at which a visit may start; infinite if the door stays closed."""
    for k in range(windows.shape[1]):
        if arrive <= windows[row, k, 1]:
            return float(max(arrive, windows[row, k, 0]))
    return np.inf


@kernel
def walk(g: Ground, slot: int, stops: Ints, count: int, remote: float) -> float:
    """Earliest end of a day in this order of stops, infinite if windows, break or shift do not allow it."""
    return stroll(g, slot, stops, count, remote)[0]


@inner
def stroll(g: Ground, slot: int, stops: Ints, count: int, remote: float) -> tuple[float, float]:
    """Earliest end of a day, and its waiting at doors after the first, for which the rep can leave home later.

    Two clocks run side by side: before the break (`plain`) and after it (`fed`); the break may lie on any leg.
    """
    travel, home = g.travel, g.travel.shape[0] - 1
    hours, windows, service = g.hours, g.windows, g.service
    earliest, latest, pause = g.lunch[0], g.lunch[1], g.lunch[2]
    plain, fed, here = g.opening[slot], np.inf, home
    idle_plain, idle_fed = 0.0, 0.0
    for k in range(count + 1):
        there = stops[k] if k < count else home
        leg = travel[here, there]
        ate, idle_ate = np.inf, 0.0
        if pause > 0.0 and max(plain, earliest) <= latest:
            ate = max(plain + leg, earliest) + pause
            idle_ate = idle_plain + ate - pause - plain - leg
        fed += leg
        if ate < fed:
            fed, idle_fed = ate, idle_ate
        plain += leg
        if k < count:
            row = hours[there, slot]
            if row < 0:
                return np.inf, 0.0
            start_plain, start_fed = _start(windows, row, plain), _start(windows, row, fed)
            if start_plain == np.inf and start_fed == np.inf:
                return np.inf, 0.0
            if k > 0:
                idle_plain += start_plain - plain
                idle_fed += start_fed - fed
            plain, fed = start_plain + service[there], start_fed + service[there]
        here = there
    if (pause == 0.0 or plain + remote <= latest) and plain <= fed:
        fed, idle_fed = plain, idle_plain
    if fed + remote > g.closing[slot]:
        return np.inf, 0.0
    return fed + remote, max(0.0, idle_fed - remote)


@inner
def imbalance(balance: float, ease: float, whole: float, service: float, length: float, held: float) -> float:
    """Price of a day of this length that holds so much work, against its targets (`whole`, `service`).

    A day's length counts, so that a far day may hold fewer visits than a near one; hardly any work is never worth the way.
    """
    if balance == 0.0 or whole <= 0.0 or service <= 0.0:
        return 0.0
    over = max(0.0, length / whole - 1.0 - ease)
    under = max(0.0, HELD - held / service)
    short = max(0.0, 1.0 - ease - length / whole)
    return float((balance * over * over + UNDER * under + SHORT * short) * whole)


@kernel
def link(a: int, b: int) -> np.uint64:
    """What the leg from a to b adds to a route's digest (splitmix64's last steps)."""
    x = (np.uint64(a) << np.uint64(32)) + np.uint64(b) + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


@kernel
def digest(g: Ground, b: Board, r: int) -> np.uint64:
    """The digest of a route: the sum of its legs'."""
    home = g.travel.shape[0] - 1
    here, total = home, np.uint64(1)
    for k in range(b.size[r]):
        total += link(here, b.route[r, k])
        here = b.route[r, k]
    return total + link(here, home)


@inner
def price(
    g: Ground, b: Board, target: Floats, i: int, far: bool | np.bool_, w: Desk, first: int | np.int64, last: int | np.int64
) -> None:
    """Cheapest insertion of account i into each slot from `first` to `last` - 1: its cost, infinite if there is none, and place.

    What an insertion adds to a route is remembered as long as the route is the same. One function with the arrays at hand,
    because a call that passes the whole ground costs more than the work.
    """
    travel, home, cars = g.travel, g.travel.shape[0] - 1, g.cars
    service, weight, room, bearing, hours = g.service[i], g.weight[i], g.room, g.bearing, g.hours
    route, size, time, way, load, mark = b.route, b.size, b.time, b.travel, b.load, b.mark
    seen, extra, spot = w.seen, w.extra, w.where
    cost, place = w.cost, w.place
    kind = int(far)
    for slot in range(first, last):
        cost[kind, slot] = np.inf
        if hours[i, slot] < 0:
            continue
        for r in range(slot * cars, (slot + 1) * cars):
            if load[r] + weight > bearing[r] + 1e-9 or time[r] + service > room[r] + 1e-9:
                continue
            best, where = 0.0, 0
            if not far:
                if seen[i, r] != mark[r]:
                    best, here = np.inf, home
                    for k in range(size[r] + 1):
                        there = route[r, k] if k < size[r] else home
                        more = travel[here, i] + travel[i, there] - travel[here, there]
                        if more < best:
                            best, where = more, k
                        here = there
                    seen[i, r], extra[i, r], spot[i, r] = mark[r], best, where
                best, where = extra[i, r], spot[i, r]
            longer = time[r] + service + best
            if longer > room[r] + 1e-9 or size[r] + 1 > route.shape[1]:
                continue
            value = best
            if cars == 1:
                whole, work, held = target[0, slot], target[1, slot], time[r] - way[r]
                value += imbalance(g.balance, g.ease, whole, work, longer, held + service)
                value -= imbalance(g.balance, g.ease, whole, work, time[r], held)
            if value < cost[kind, slot]:
                cost[kind, slot] = value
                place[kind, slot, 0], place[kind, slot, 1] = r, where


@inner
def put(g: Ground, b: Board, i: int, visit: int, r: int, where: int) -> None:
    """Insert a visit of account i into route r before position `where`."""
    b.at[visit] = r
    b.time[r] += g.service[i]
    b.load[r] += g.weight[i]
    if g.remote[visit]:
        b.remote[r] += g.service[i]
        return
    home = g.travel.shape[0] - 1
    here = b.route[r, where - 1] if where > 0 else home
    there = b.route[r, where] if where < b.size[r] else home
    extra = g.travel[here, i] + g.travel[i, there] - g.travel[here, there]
    for k in range(b.size[r], where, -1):
        b.route[r, k] = b.route[r, k - 1]
    b.route[r, where] = i
    b.size[r] += 1
    b.mark[r] += link(here, i) + link(i, there) - link(here, there)
    b.travel[r] += extra
    b.time[r] += extra


@kernel
def take(g: Ground, b: Board, i: int, visit: int) -> None:
    """Remove a visit from its route, if it has one."""
    r = b.at[visit]
    if r < 0:
        return
    b.at[visit] = -1
    b.time[r] -= g.service[i]
    b.load[r] -= g.weight[i]
    if g.remote[visit]:
        b.remote[r] -= g.service[i]
        return
    home = g.travel.shape[0] - 1
    where = 0
    while b.route[r, where] != i:
        where += 1
    here = b.route[r, where - 1] if where > 0 else home
    there = b.route[r, where + 1] if where + 1 < b.size[r] else home
    saved = g.travel[here, i] + g.travel[i, there] - g.travel[here, there]
    for k in range(where, b.size[r] - 1):
        b.route[r, k] = b.route[r, k + 1]
    b.size[r] -= 1
    b.mark[r] -= link(here, i) + link(i, there) - link(here, there)
    b.travel[r] -= saved
    b.time[r] -= saved
