"""Label setting with bounds: proves that a day cannot be better, or finds the better one.

A label is a way to have spent the day so far. Two labels at one place that leave the same visits open compare by time and by what
was reached (aims are ranked, and what follows adds the same to both); a label whose best hope is not above the best route known
is dropped. The hope is what can still be reached and fits into the time left; where that means every open visit, also the least
travel they cost.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from fieldsim.model import Ints
from fieldsim.routing.arrays import (
    AGREED,
    EARLIEST,
    FREE_FROM,
    LATEST,
    LUNCH_LATEST,
    NEVER,
    PENDING,
    REMOTE,
    SERVICE,
    SHIFT_END,
    VALUE,
    DayArrays,
)
from fieldsim.routing.bounds import arc_costs, priced, prices
from fieldsim.routing.hope import (
    CLOSED,
    FREE,
    KEPT,
    KEY,
    LAST,
    LEVEL,
    PARENT,
    SCORE,
    TIME,
    TRAVEL,
    TWIN,
    VISIT,
    halves_of,
    hope,
    ranked,
)
from fieldsim.routing.steps import keeps, later_start, legs, start_at

MOST_VISITS = 62
"""Visits that fit into one 64-bit mask."""
CACHE_BITS = 14


@njit(cache=True)
def settle(day: DayArrays, best: Ints, order: Ints, budget: int, width: int) -> tuple[int, int, int]:
    """(1 if the search was complete, number of visits of a better order or -1, labels made).

    `best` holds (value, agreed kept, travel, finish) of a route known so far and is improved in place; a better order is written
    to `order`. An incomplete search (more than `budget` labels, or more than `width` with as many visits closed, of which only
    the most hopeful are followed) proves nothing, but may still find a better order.
    """
    travel, from_s, hours, facts = day.travel, day.from_s, day.hours, day.facts
    near, frame = day.near, day.frame
    n = facts.shape[0]
    cost = arc_costs(travel, near, hours, facts, frame)
    halves = halves_of(cost, facts)
    dense, costly = ranked(facts[:, VALUE], halves[:n, 3]), ranked(halves[:n, 2], facts[:, VALUE])
    physical = 0
    for visit in range(n):
        if facts[visit, REMOTE] == 0 and facts[visit, LATEST] >= 0:
            physical |= 1 << visit
    price = prices(cost, physical, n, best[2])
    weight = priced(cost, price, n)
    cache = np.full((2, 1 << min(n, CACHE_BITS)), -1, dtype=np.int64)
    spare = np.empty((2, n), dtype=np.int64)
    labels = np.empty((budget + 1, 12), dtype=np.int64)
    size = 1024
    while size < 2 * budget and size < (n + 1) << min(n, 40):
        size *= 2
    heads = np.full(size, -1, dtype=np.int64)
    levels = np.full(n + 1, -1, dtype=np.int64)
    ways = np.empty((3 * from_s.size, 5), dtype=np.int64)
    keyed = width < budget
    made, winner = 0, -1
    for free in range(2):
        begin = frame[FREE_FROM] if free == 1 else (frame[EARLIEST] if frame[PENDING] == 1 else -1)
        if begin >= 0 and made < budget:
            one = labels[made]
            one[LAST], one[TIME], one[TRAVEL], one[KEPT], one[FREE] = n, begin, 0, 0, free
            one[PARENT], one[VISIT], one[SCORE], one[CLOSED] = -1, -1, 0, 0
            level = hope(one, best, near, facts, frame, cost, halves, dense, costly, price, weight, cache, spare, keyed)
            if level >= 0:
                one[TWIN], one[LEVEL] = -1, levels[level]
                levels[level] = made
                made += 1
    complete = 1
    for now in range(n + 1):
        keenest = _cut(labels, levels[now], width) if keyed else NEVER << 20
        if keenest < NEVER << 20:
            complete = 0
        a = levels[now]
        while a >= 0:
            label = labels[a]
            closed, last, time, free = label[CLOSED], label[LAST], label[TIME], label[FREE]
            if time < NEVER and (not keyed or label[KEY] <= keenest):
                for w in range(legs(travel, from_s, frame, last, n + 1, time, free, ways)):
                    back = ways[w, 0]
                    if back > frame[SHIFT_END] or (ways[w, 4] == 0 and back > frame[LUNCH_LATEST]):
                        continue
                    if _better(label[SCORE], label[KEPT], label[TRAVEL] + ways[w, 2], back, best):
                        best[0], best[1], best[2], best[3] = label[SCORE], label[KEPT], label[TRAVEL] + ways[w, 2], back
                        winner = a
                for visit in range(n):
                    if closed >> visit & 1:
                        continue
                    for w in range(legs(travel, from_s, frame, last, visit, time, free, ways)):
                        ready = ways[w, 0]
                        begin = start_at(hours, visit, ready)
                        second = later_start(hours, facts[visit, AGREED], visit, ready, begin)
                        for s in (begin, second):
                            end = s + facts[visit, SERVICE]
                            if s > facts[visit, LATEST] or (ways[w, 4] == 0 and end > frame[LUNCH_LATEST]):
                                continue
                            one = labels[made]
                            one[CLOSED] = closed | (1 << visit)
                            one[LAST] = last if facts[visit, REMOTE] == 1 else visit
                            one[TIME], one[TRAVEL], one[FREE] = end, label[TRAVEL] + ways[w, 2], ways[w, 4]
                            one[KEPT] = label[KEPT] + keeps(facts[visit, AGREED], s)
                            one[PARENT], one[VISIT], one[SCORE] = a, visit, label[SCORE] + facts[visit, VALUE]
                            level = hope(
                                one, best, near, facts, frame, cost, halves, dense, costly, price, weight, cache, spare, keyed
                            )
                            if level >= 0 and _undominated(labels, made, heads):
                                if made == budget:
                                    return 0, _trace(labels, winner, order), made
                                one[LEVEL] = levels[level]
                                levels[level] = made
                                made += 1
            a = label[LEVEL]
    return complete, _trace(labels, winner, order), made


@njit(cache=True)
def _cut(labels: Ints, head: int, width: int) -> int:
    """The key up to which about `width` labels of a level are followed, by halving; beyond all keys if there are no more."""
    count, a = 0, head
    low, high = NEVER << 20, -NEVER << 20
    while a >= 0:
        if labels[a, TIME] < NEVER:
            count += 1
            low, high = min(low, labels[a, KEY]), max(high, labels[a, KEY])
        a = labels[a, LEVEL]
    if count <= width:
        return NEVER << 20
    while low < high:
        middle = low + (high - low) // 2
        count, a = 0, head
        while a >= 0:
            if labels[a, TIME] < NEVER and labels[a, KEY] <= middle:
                count += 1
            a = labels[a, LEVEL]
        if count < width:
            low = middle + 1
        else:
            high = middle
    return low


@njit(cache=True)
def _better(score: int, kept: int, travel: int, finish: int, best: Ints) -> bool:
    if score != best[0]:
        return bool(score > best[0])
    if kept != best[1]:
        return bool(kept > best[1])
    return bool(travel < best[2] or (travel == best[2] and finish < best[3]))


@njit(cache=True)
def _undominated(labels: Ints, made: int, heads: Ints) -> bool:
    """True if no label that left the same visits open at the same place is at least as good; those that the new one beats die."""
    one = labels[made]
    closed, last, time, travel = one[CLOSED], one[LAST], one[TIME], one[TRAVEL]
    score, kept, free = one[SCORE], one[KEPT], one[FREE]
    mixed = (closed * 64 + last) * 0x9E3779B97F4A7C1
    slot = (mixed ^ (mixed >> 29) ^ (mixed >> 43)) & (heads.size - 1)
    while heads[slot] >= 0:
        head = labels[heads[slot]]
        if head[CLOSED] == closed and head[LAST] == last:
            break
        slot = (slot + 1) & (heads.size - 1)
    before, a = -1, heads[slot]
    while a >= 0:
        two = labels[a]
        twin = two[TWIN]
        level = two[SCORE] - score
        if level == 0:
            level = two[KEPT] - kept
        if level == 0:
            level = travel - two[TRAVEL]
        if level >= 0 and two[TIME] <= time and two[FREE] >= free:
            return False
        if level <= 0 and time <= two[TIME] and free >= two[FREE]:
            two[TIME] = NEVER
            if before < 0:
                heads[slot] = twin
            else:
                labels[before, TWIN] = twin
        else:
            before = a
        a = twin
    one[TWIN] = heads[slot]
    heads[slot] = made
    return True


@njit(cache=True)
def _trace(labels: Ints, winner: int, order: Ints) -> int:
    """Write the order that led to the winner; its length, -1 without a winner."""
    if winner < 0:
        return -1
    count, a = 0, winner
    while labels[a, PARENT] >= 0:
        count, a = count + 1, labels[a, PARENT]
    k, a = count, winner
    while labels[a, PARENT] >= 0:
        k -= 1
        order[k] = labels[a, VISIT]
        a = labels[a, PARENT]
    return count
