"""Ruin and recreate: a seeded search for the best order of a day, bounded by iterations.

After Schrimpf et al., "Record breaking optimization results using the ruin and recreate principle" (2000) and Christiaens and
Vanden Berghe, "Slack induction by string removals" (2020).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from fieldsim.luck import Keys
from fieldsim.model import Ints
from fieldsim.routing.arrays import (
    EARLIEST,
    FREE_FROM,
    LUNCH_EARLIEST,
    LUNCH_LATEST,
    LUNCH_S,
    PENDING,
    SHIFT_END,
    DayArrays,
)
from fieldsim.routing.steps import NEVER, start_at, start_before
from fieldsim.routing.walk import walk


@njit(cache=True)
def improve(day: DayArrays, order: Ints, m: int, iterations: int, seed: int) -> int:
    """Better the route order[0..m-1] in place (m may be 0); the number of visits of the best route found.

    Better means: value, agreed starts kept, travel, finish, in this order. The start must be feasible.
    """
    n = day.service.size
    state = np.array([seed], dtype=np.uint64)
    exact_times = bool(day.from_s.size > 1 or np.any(day.agreed >= 0))
    rows = np.empty((n + 1, 4), dtype=np.int64)
    sweep = np.empty((5, n + 2), dtype=np.int64)
    route, trial = np.empty(n + 1, dtype=np.int64), np.empty(n + 1, dtype=np.int64)
    absent, keys = np.empty(n + 1, dtype=np.int64), np.empty(n + 1, dtype=np.int64)
    cost, now, best = np.empty(4, dtype=np.int64), np.empty(4, dtype=np.int64), np.empty(4, dtype=np.int64)
    route[:m] = order[:m]
    count = m
    if not _value(day, route, count, sweep, rows, exact_times, now):
        now[0] = -1
    best[:] = now
    first = True
    stale = 0
    for iteration in range(iterations):
        trial[:count] = route[:count]
        size = count
        if not first:
            size = _ruin(day, trial, count, state)
        first = False
        size = _recreate(day, trial, size, sweep, rows, exact_times, absent, keys, state)
        if not _value(day, trial, size, sweep, rows, exact_times, cost):
            continue
        heat = 0.05 * (1.0 - iteration / iterations) * (now[2] / max(count, 1))
        worse = -1
        for k in range(2):
            if worse < 0 and cost[k] != now[k]:
                worse = 1 if cost[k] < now[k] else 0
        if worse < 0:
            worse = 0 if cost[2] <= now[2] - heat * np.log(_fraction(state)) else 2
        if worse == 0 or (worse == 1 and _draw(state, 50) == 0):
            route[:size] = trial[:size]
            count = size
            now[:] = cost
        stale += 1
        if _beats(cost, best):
            best[:] = cost
            order[:size] = trial[:size]
            m = size
            stale = 0
        elif stale >= 150:
            stale = 0
            count = m
            route[:m] = order[:m]
            now[:] = best
    return m


@njit(cache=True, inline="always")
def _beats(one: Ints, two: Ints) -> bool:
    if one[0] != two[0]:
        return bool(one[0] > two[0])
    if one[1] != two[1]:
        return bool(one[1] > two[1])
    return bool(one[2] < two[2] or (one[2] == two[2] and one[3] < two[3]))


@njit(cache=True)
def _draw(state: Keys, below: int) -> int:
    """A whole number in 0..below-1 (splitmix64 on the state)."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    z = state[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return int((z >> np.uint64(33)) % np.uint64(below))


@njit(cache=True)
def _fraction(state: Keys) -> float:
    """A number in (0, 1)."""
    return (_draw(state, 1 << 30) + 0.5) / (1 << 30)


@njit(cache=True)
def _value(day: DayArrays, order: Ints, m: int, sweep: Ints, rows: Ints, exact_times: bool, cost: Ints) -> bool:
    """Write value, agreed starts kept, travel and finish of a route to `cost`; False if the route cannot be done."""
    cost[0] = 0
    for k in range(m):
        cost[0] += day.value[order[k]]
    if exact_times:
        done, cost[1], cost[2], cost[3] = walk(day, order, m, rows)
        return done == 1
    _sweep(day, order, m, sweep)
    cost[1], cost[2], cost[3] = 0, 0, sweep[0, m + 1]
    place = day.service.size
    for k in range(m):
        if day.remote[order[k]] == 0:
            cost[2] += day.travel[0, place, order[k]]
            place = order[k]
    cost[2] += day.travel[0, place, day.service.size + 1]
    return bool(cost[3] < NEVER)


@njit(cache=True, inline="always")
def _onward(day: DayArrays, owed: int, free: int, travel: int, visit: int) -> tuple[int, int]:
    """Earliest ends of a visit after a leg, with the break still owed and without, from such times before the leg."""
    late = day.frame[LUNCH_LATEST]
    direct = start_at(day.opens, day.closes, visit, owed + travel) + day.service[visit] if owed < NEVER else NEVER
    after = start_at(day.opens, day.closes, visit, free + travel) + day.service[visit] if free < NEVER else NEVER
    if owed <= late:
        ready = max(owed + travel, day.frame[LUNCH_EARLIEST]) + day.frame[LUNCH_S]
        after = min(after, start_at(day.opens, day.closes, visit, ready) + day.service[visit])
    return direct if direct <= late else NEVER, min(after, NEVER)


@njit(cache=True, inline="always")
def _home(day: DayArrays, owed: int, free: int, travel: int) -> int:
    """Earliest time of being back, NEVER if it is too late."""
    end, late = day.frame[SHIFT_END], day.frame[LUNCH_LATEST]
    back = free + travel
    if owed <= late:
        direct = owed + travel
        if direct > late:
            direct = max(direct, day.frame[LUNCH_EARLIEST]) + day.frame[LUNCH_S]
        back = min(back, direct)
    return back if back <= end else NEVER


@njit(cache=True)
def _sweep(day: DayArrays, order: Ints, m: int, sweep: Ints) -> None:
    """Per position k (0: the start, k: after visit k): earliest ends (break owed, free), latest ends (owed, free), place.

    Column m+1 of the first row is the time of being back.
    """
    n = day.service.size
    frame = day.frame
    sweep[0, 0] = frame[EARLIEST] if frame[PENDING] == 1 else NEVER
    sweep[1, 0] = frame[FREE_FROM] if frame[FREE_FROM] >= 0 else NEVER
    sweep[4, 0] = n
    for k in range(m):
        visit, place = order[k], sweep[4, k]
        remote = day.remote[visit] == 1
        travel = 0 if remote else day.travel[0, place, visit]
        sweep[4, k + 1] = place if remote else visit
        sweep[0, k + 1], sweep[1, k + 1] = _onward(day, sweep[0, k], sweep[1, k], travel, visit)
    travel = day.travel[0, sweep[4, m], n + 1]
    end, early, late, pause = frame[SHIFT_END], frame[LUNCH_EARLIEST], frame[LUNCH_LATEST], frame[LUNCH_S]
    sweep[0, m + 1] = _home(day, sweep[0, m], sweep[1, m], travel)
    sweep[3, m] = end - travel
    sweep[2, m] = min(late, end) - travel
    if early + pause <= end:
        sweep[2, m] = max(sweep[2, m], min(late, end - pause - travel))
    for k in range(m - 1, -1, -1):
        visit = order[k]
        travel = 0 if day.remote[visit] == 1 else day.travel[0, sweep[4, k], visit]
        owed = start_before(day.opens, day.closes, visit, sweep[2, k + 1] - day.service[visit])
        free = start_before(day.opens, day.closes, visit, sweep[3, k + 1] - day.service[visit])
        sweep[3, k] = free - travel
        sweep[2, k] = owed - travel
        if early + pause <= free:
            sweep[2, k] = max(sweep[2, k], min(late, free - pause - travel))


@njit(cache=True)
def _fits(day: DayArrays, order: Ints, m: int, sweep: Ints, k: int, visit: int) -> bool:
    """Can the visit be put in after position k?"""
    n = day.service.size
    place = sweep[4, k]
    travel = 0
    if day.remote[visit] == 0:
        travel, place = day.travel[0, place, visit], visit
    owed, free = _onward(day, sweep[0, k], sweep[1, k], travel, visit)
    for at in range(k, m):
        if owed >= NEVER and free >= NEVER:
            return False
        following = order[at]
        remote = day.remote[following] == 1
        travel = 0 if remote else day.travel[0, place, following]
        owed, free = _onward(day, owed, free, travel, following)
        if not remote:
            return bool(owed <= sweep[2, at + 1] or free <= sweep[3, at + 1])
    return _home(day, owed, free, day.travel[0, place, n + 1]) < NEVER


@njit(cache=True, inline="always")
def _detour(day: DayArrays, order: Ints, m: int, sweep: Ints, k: int, visit: int) -> int:
    """Extra travel of putting the visit in after position k."""
    if day.remote[visit] == 1:
        return 0
    place, following = sweep[4, k], day.service.size + 1
    for at in range(k, m):
        if day.remote[order[at]] == 0:
            following = order[at]
            break
    return int(day.travel[0, place, visit] + day.travel[0, visit, following] - day.travel[0, place, following])


@njit(cache=True)
def _ruin(day: DayArrays, order: Ints, m: int, state: Keys) -> int:
    """Take out some visits that are neighbours in the route, on the map or in time; the number left."""
    n = day.service.size
    if m == 0:
        return 0
    most = max(2, min(m, 10))
    size = 1 + _draw(state, most)
    kind = _draw(state, 4)
    out = np.zeros(n, dtype=np.int64)
    if kind == 0:
        begin = _draw(state, m)
        for k in range(size):
            out[order[(begin + k) % m]] = 1
    elif kind == 1:
        for _ in range(size):
            out[order[_draw(state, m)]] = 1
    else:
        seed = _draw(state, n)
        near = np.empty(m, dtype=np.int64)
        for k in range(m):
            if kind == 2:
                near[k] = min(day.near[seed, order[k]], day.near[order[k], seed])
            else:
                near[k] = abs(day.latest[seed] - day.latest[order[k]]) + abs(day.opens[seed, 0] - day.opens[order[k], 0])
            near[k] += _draw(state, 300)
        ranked = np.argsort(near, kind="mergesort")
        for k in range(min(size, m)):
            out[order[ranked[k]]] = 1
    left = 0
    for k in range(m):
        if out[order[k]] == 0:
            order[left] = order[k]
            left += 1
    return left


@njit(cache=True)
def _recreate(
    day: DayArrays,
    order: Ints,
    m: int,
    sweep: Ints,
    rows: Ints,
    exact_times: bool,
    absent: Ints,
    keys: Ints,
    state: Keys,
) -> int:
    """Put absent visits back where they cost least, in a drawn order of rank; the number in the route then."""
    n = day.service.size
    inside = np.zeros(n, dtype=np.int64)
    for k in range(m):
        inside[order[k]] = 1
    gone = 0
    kind = _draw(state, 6)
    for visit in range(n):
        if inside[visit] == 0 and day.latest[visit] >= 0:
            absent[gone] = visit
            key = _draw(state, 1 << 20)
            if kind == 1 or kind == 2:
                key = -day.value[visit] * 1024 + (key & 1023)
            elif kind == 3:
                key = -day.near[n, visit]
            elif kind == 4:
                key = day.near[n, visit]
            elif kind == 5:
                key = day.latest[visit]
            keys[gone] = key
            gone += 1
    ranked = np.argsort(keys[:gone], kind="mergesort")
    _sweep(day, order, m, sweep)
    for r in range(gone):
        visit = absent[ranked[r]]
        at = _cheapest(day, order, m, sweep, rows, exact_times, visit, state)
        if at < 0:
            continue
        for k in range(m, at, -1):
            order[k] = order[k - 1]
        order[at] = visit
        m += 1
        if not exact_times:
            _sweep(day, order, m, sweep)
    return m


@njit(cache=True)
def _cheapest(day: DayArrays, order: Ints, m: int, sweep: Ints, rows: Ints, exact_times: bool, visit: int, state: Keys) -> int:
    """Position at which the visit costs least, -1 if it fits nowhere; now and then a position is overlooked."""
    best, least, most_kept = -1, NEVER, -1
    if exact_times:
        trial = np.empty(m + 1, dtype=np.int64)
        trial[1:] = order[:m]
        trial[0] = visit
        for k in range(m + 1):
            if k > 0:
                trial[k - 1], trial[k] = trial[k], visit
            if _draw(state, 100) == 0:
                continue
            done, kept, travel, _ = walk(day, trial, m + 1, rows)
            if done == 1 and (kept > most_kept or (kept == most_kept and travel < least)):
                best, least, most_kept = k, travel, kept
        return best
    for k in range(m + 1):
        detour = _detour(day, order, m, sweep, k, visit)
        if detour < least and _draw(state, 100) != 0 and _fits(day, order, m, sweep, k, visit):
            best, least = k, detour
    return best
