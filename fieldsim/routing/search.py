"""Ruin and recreate: a seeded search for the best order of a day, bounded by iterations.

After Schrimpf et al., "Record breaking optimization results using the ruin and recreate principle" (2000) and Christiaens and
Vanden Berghe, "Slack induction by string removals" (2020).
"""

from __future__ import annotations

import numpy as np

from fieldsim.compiled import inner, maker
from fieldsim.luck import Keys
from fieldsim.model import Ints
from fieldsim.routing.arrays import AGREED, LATEST, NEVER, REMOTE, SERVICE, VALUE, DayArrays
from fieldsim.routing.insertion import fits, room, sweep_times, way
from fieldsim.routing.steps import copy
from fieldsim.routing.walk import walk

WEIGHT = 0.5
"""Legs of travel that a point of priority weighs in the annealing, so that the search can change what it serves."""
HEAT = 0.5
"""Legs of travel at which the annealing starts."""
STALE = 500
"""Iterations without a better route after which the search returns to the best."""


@maker
def improve(day: DayArrays, order: Ints, m: int, iterations: int, seed: int) -> int:
    """Better the route order[0..m-1] in place (m may be 0); the number of visits of the best route found.

    Better means: value, agreed starts kept, travel, finish, in this order. The start must be feasible. The loop is one body: its
    parts that stand alone are the functions below, the rest works on the same dozen scratch arrays and counts.
    """
    travel, hours, facts, near, frame = day.travel, day.hours, day.facts, day.near, day.frame
    n = facts.shape[0]
    state = np.array([seed], dtype=np.uint64)
    general, remote = day.from_s.size > 1, False
    for visit in range(n):
        general = general or facts[visit, AGREED] >= 0
        remote = remote or facts[visit, REMOTE] == 1
    rows = np.empty((n + 1, 4), dtype=np.int64)
    sweep = np.empty((6, n + 2), dtype=np.int64)
    route, trial, out = np.empty(n + 1, dtype=np.int64), np.empty(n + 1, dtype=np.int64), np.zeros(n, dtype=np.int64)
    absent, keys, spare = np.empty(n + 1, dtype=np.int64), np.empty(n + 1, dtype=np.int64), np.empty(n + 1, dtype=np.int64)
    cost, now, best = np.empty(4, dtype=np.int64), np.empty(4, dtype=np.int64), np.empty(4, dtype=np.int64)
    order_by = _neighbours(near, facts)
    copy(order, route, m)
    count, stale, anew = m, 0, min(m, -1)
    for iteration in range(-1, iterations):
        copy(route, trial, count)
        size, swept = count, False
        if iteration >= 0:
            if m > 0:
                size = _ruin(trial, count, order_by, out, state)
            gone = _absent(trial, size, facts, near, out, absent, keys, state)
            for r in range(gone):
                visit = absent[r]
                if general:
                    at = _cheapest_walk(day, trial, size, rows, spare, visit, state)
                else:
                    if r == 0:
                        sweep_times(travel, hours, facts, frame, trial, size, anew, sweep)
                        swept = True
                    at = _cheapest(travel, hours, facts, frame, trial, size, sweep, visit, state)
                if at < 0:
                    continue
                for k in range(size, at, -1):
                    trial[k] = trial[k - 1]
                trial[at] = visit
                size += 1
                if not general:
                    sweep_times(travel, hours, facts, frame, trial, size, anew if remote else at, sweep)
        cost[0] = 0
        for k in range(size):
            cost[0] += facts[trial[k], VALUE]
        if general:
            done, cost[1], cost[2], cost[3] = walk(day, trial, size, rows)
            if done == 0:
                cost[3] = NEVER
        else:
            if not swept:
                sweep_times(travel, hours, facts, frame, trial, size, anew, sweep)
            cost[1], cost[2], cost[3] = 0, way(travel, facts, trial, size), sweep[0, size + 1]
        if iteration < 0:
            if cost[3] >= NEVER:
                cost[0] = -1
            copy(cost, now, cost.size)
            copy(cost, best, cost.size)
            continue
        if cost[3] >= NEVER:
            continue
        if _accepted(cost, now, count, n, iteration / iterations, state):
            copy(trial, route, size)
            count = size
            copy(cost, now, cost.size)
        stale += 1
        if _beats(cost, best):
            copy(cost, best, cost.size)
            copy(trial, order, size)
            m, stale = size, 0
        elif stale >= STALE:
            stale, count = 0, m
            copy(order, route, m)
            copy(best, now, best.size)
    return m


@inner
def _accepted(cost: Ints, now: Ints, count: int, visits: int, progress: float, state: Keys) -> bool:
    """Annealing on travel and, far heavier, on value and agreed starts lost."""
    if cost[0] > now[0] or (cost[0] == now[0] and cost[1] > now[1]):
        return True
    leg = now[2] / max(count, 1)
    lost = (now[0] - cost[0]) / (visits + 1) + (now[1] - cost[1])
    heat = -HEAT * (1.0 - progress) * leg * np.log(((_draw(state) >> 2) + 0.5) / (1 << 30))
    worth_it: bool = max(0, cost[2] - now[2]) + WEIGHT * leg * lost <= heat
    return worth_it


@inner
def _beats(one: Ints, two: Ints) -> bool:
    ahead: bool = one[2] < two[2] or (one[2] == two[2] and one[3] < two[3])
    if one[1] != two[1]:
        ahead = one[1] > two[1]
    if one[0] != two[0]:
        ahead = one[0] > two[0]
    return ahead


@inner
def _draw(state: Keys) -> int:
    """32 random bits (splitmix64 on the state); times a number and shifted by 32 they are a draw below that number."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    z = state[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return int(np.int64(z >> np.uint64(32)))


@maker
def _neighbours(near: Ints, facts: Ints) -> Ints:
    """For each visit all visits, nearest in travel and in hours first, shape [n, n]."""
    n = facts.shape[0]
    order, apart = np.empty((n, n), dtype=np.int64), np.empty(n, dtype=np.int64)
    for i in range(n):
        for j in range(n):
            far = 10 * min(near[i, j], near[j, i]) + abs(facts[i, LATEST] - facts[j, LATEST])
            if i == j:
                far = -1
            k = j
            while k > 0 and apart[k - 1] > far:
                apart[k], order[i, k] = apart[k - 1], order[i, k - 1]
                k -= 1
            apart[k], order[i, k] = far, j
    return order


@inner
def _ruin(order: Ints, m: int, neighbours: Ints, out: Ints, state: Keys) -> int:
    """Take out some visits: a stretch of the route, scattered ones, or neighbours of one; the number left."""
    n = out.size
    size = 1 + (_draw(state) * max(2, min(m, 10)) >> 32)
    kind = _draw(state) * 4 >> 32
    for k in range(out.size):
        out[k] = 0
    if kind == 0:
        begin = _draw(state) * m >> 32
        for k in range(min(size, m)):
            out[order[(begin + k) % m]] = 1
    elif kind == 1:
        for _ in range(size):
            out[order[_draw(state) * m >> 32]] = 1
    else:
        seed = _draw(state) * n >> 32
        for k in range(n):
            if size > 0 and _draw(state) >> 29 > 0:
                out[neighbours[seed, k]] = 1
                size -= 1
    left = 0
    for k in range(m):
        if out[order[k]] == 0:
            order[left] = order[k]
            left += 1
    return left


@inner
def _absent(order: Ints, m: int, facts: Ints, near: Ints, out: Ints, absent: Ints, keys: Ints, state: Keys) -> int:
    """List the visits that are not in the route, in a drawn order of rank; their number."""
    n = facts.shape[0]
    for k in range(out.size):
        out[k] = 0
    for k in range(m):
        out[order[k]] = 1
    kind, gone = _draw(state) * 6 >> 32, 0
    for visit in range(n):
        if out[visit] == 1 or facts[visit, LATEST] < 0:
            continue
        key = _draw(state) >> 12
        if kind == 1 or kind == 2:
            key = -facts[visit, VALUE] * 1024 + (key & 1023)
        elif kind == 3:
            key = -(facts[visit, VALUE] * (768 + (key & 511))) // (facts[visit, SERVICE] + 600)
        elif kind == 4:
            key = near[n, visit]
        elif kind == 5:
            key = facts[visit, LATEST]
        k = gone
        while k > 0 and keys[k - 1] > key:
            keys[k], absent[k] = keys[k - 1], absent[k - 1]
            k -= 1
        keys[k], absent[k] = key, visit
        gone += 1
    return gone


@inner
def _cheapest(
    travel: Ints, hours: Ints, facts: Ints, frame: Ints, order: Ints, m: int, sweep: Ints, visit: int, state: Keys
) -> int:
    """Position at which the visit costs least, -1 if it fits nowhere; now and then a position is overlooked."""
    n = facts.shape[0]
    best, least = -1, NEVER
    remote, service = facts[visit, REMOTE] == 1, facts[visit, SERVICE]
    for k in range(m + 1):
        if min(sweep[0, k], sweep[1, k]) > facts[visit, LATEST]:
            break
        place, following = sweep[4, k], sweep[5, k]
        extra = 0
        if not remote:
            extra = travel[0, place, visit] + travel[0, visit, following] - travel[0, place, following]
            if extra >= least or (following == (order[k] if k < m else n + 1) and extra + service > room(frame, sweep, k)):
                continue
        if extra < least and _draw(state) * 100 >> 32 > 0 and fits(travel, hours, facts, frame, order, m, sweep, k, visit):
            best, least = k, extra
    return best


@inner
def _cheapest_walk(day: DayArrays, order: Ints, m: int, rows: Ints, trial: Ints, visit: int, state: Keys) -> int:
    """The same where only walking the whole day tells: agreed starts, or travel that changes with the hour."""
    best, least, most_kept = -1, NEVER, -1
    trial[0] = visit
    for k in range(m):
        trial[k + 1] = order[k]
    for k in range(m + 1):
        if k > 0:
            trial[k - 1], trial[k] = trial[k], visit
        if _draw(state) * 100 >> 32 == 0:
            continue
        done, kept, way, _ = walk(day, trial, m + 1, rows)
        if done == 1 and (kept > most_kept or (kept == most_kept and way < least)):
            best, least, most_kept = k, way, kept
    return best
