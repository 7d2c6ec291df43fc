"""Label setting with bounds: proves that a day cannot be better, or finds the better one."""

from __future__ import annotations

import numpy as np
from numba import njit

from fieldsim.model import Ints
from fieldsim.routing.arrays import EARLIEST, FREE_FROM, LUNCH_LATEST, PENDING, SHIFT_END, DayArrays
from fieldsim.routing.steps import NEVER, keeps, later_start, legs, start_at

MOST_VISITS = 62
"""Visits that fit into one 64-bit mask."""
MASK, LAST, TIME, TRAVEL, KEPT, FREE, PARENT, VISIT, SCORE, NEXT = range(10)


@njit(cache=True)
def settle(day: DayArrays, best: Ints, order: Ints, budget: int) -> tuple[int, int, int]:
    """(1 if the search was complete, number of visits of a better order or -1, labels made).

    `best` holds (value, agreed kept, travel, finish) of a route known so far and is improved in place; a better order is written
    to `order`. With an incomplete search (more than `budget` labels) nothing is proven, but a better order may still be found.
    """
    n = day.service.size
    labels = np.empty((budget, 10), dtype=np.int64)
    size = 1024
    while size < 2 * budget and size < (n + 1) << min(n, 40):
        size *= 2
    heads = np.empty(size, dtype=np.int64)
    stamps = np.zeros(size, dtype=np.int64)
    ways = np.empty((3 * day.from_s.size, 5), dtype=np.int64)
    entry, need, rank = _least_needs(day)
    made, winner = 0, -1
    for free in range(2):
        begin = day.frame[PENDING] * day.frame[EARLIEST] if free == 0 else day.frame[FREE_FROM]
        if (free == 0 and day.frame[PENDING] == 1) or (free == 1 and begin >= 0):
            one = labels[made]
            one[MASK], one[LAST], one[TIME], one[TRAVEL], one[KEPT] = 0, n, begin, 0, 0
            one[FREE], one[PARENT], one[VISIT], one[SCORE], one[NEXT] = free, -1, -1, 0, -1
            made += 1
    low, high, layer = 0, made, 0
    while low < high:
        layer += 1
        for a in range(low, high):
            label = labels[a]
            if label[TIME] >= NEVER or not _hopeful(day, label, best, entry, need, rank):
                continue
            winner = _finish(day, labels, a, ways, best, winner)
            for visit in range(n):
                if label[MASK] >> visit & 1 or label[TIME] + day.near[label[LAST], visit] > day.latest[visit]:
                    continue
                for w in range(legs(day, label[LAST], visit, label[TIME], label[FREE], ways)):
                    ready, travel, free = ways[w, 0], label[TRAVEL] + ways[w, 2], ways[w, 4]
                    begin = start_at(day.opens, day.closes, visit, ready)
                    second = later_start(day, visit, ready, begin)
                    for s in (begin, second):
                        end = s + day.service[visit]
                        if s > day.latest[visit] or (free == 0 and end > day.frame[LUNCH_LATEST]):
                            continue
                        if made == budget:
                            return 0, _trace(labels, winner, order), made
                        one = labels[made]
                        one[MASK] = label[MASK] | (1 << visit)
                        one[LAST] = label[LAST] if day.remote[visit] == 1 else visit
                        one[TIME], one[TRAVEL], one[FREE] = end, travel, free
                        one[KEPT] = label[KEPT] + keeps(day, visit, s)
                        one[PARENT], one[VISIT], one[SCORE] = a, visit, label[SCORE] + day.value[visit]
                        if _hopeful(day, one, best, entry, need, rank) and _undominated(labels, made, heads, stamps, layer):
                            made += 1
        low, high = high, made
    return 1, _trace(labels, winner, order), made


@njit(cache=True)
def _least_needs(day: DayArrays) -> tuple[Ints, Ints, Ints]:
    """Least travel into each node, least time each visit takes, and the visits by value for time."""
    n = day.service.size
    entry = np.zeros(n + 2, dtype=np.int64)
    for j in range(n + 2):
        if j == n or (j < n and day.remote[j] == 1):
            continue
        entry[j] = NEVER
        for i in range(n + 1):
            if i != j and (i == n or day.remote[i] == 0):
                for period in range(day.from_s.size):
                    entry[j] = min(entry[j], day.travel[period, i, j])
    need = day.service + entry[:n]
    return entry, need, np.argsort(-day.value / np.maximum(need, 1), kind="mergesort")


@njit(cache=True)
def _hopeful(day: DayArrays, label: Ints, best: Ints, entry: Ints, need: Ints, rank: Ints) -> bool:
    """False if no completion of the label can beat `best`."""
    n = day.service.size
    left = day.frame[SHIFT_END] - label[TIME] - entry[n + 1]
    if left < 0:
        return False
    if label[FREE] == 0 and label[TIME] > day.frame[LUNCH_LATEST]:
        return False
    everything, fits, room = label[SCORE], label[SCORE], left
    travel, time, agreed, full = label[TRAVEL] + entry[n + 1], label[TIME] + entry[n + 1], label[KEPT], False
    for r in range(n):
        visit = rank[r]
        if label[MASK] >> visit & 1 or label[TIME] + day.near[label[LAST], visit] > day.latest[visit]:
            continue
        value = day.value[visit]
        everything += value
        agreed += day.agreed[visit] >= 0
        travel += entry[visit]
        time += need[visit]
        if full:
            continue
        if need[visit] <= room:
            room -= need[visit]
            fits += value
        else:
            full = True
            fits += value * room // need[visit] if value < 10_000_000_000_000 else value
    top = min(everything, fits) if full else everything
    if top != best[0]:
        return bool(top > best[0])
    if agreed != best[1]:
        return bool(agreed > best[1])
    if everything > best[0]:
        return bool(label[TRAVEL] + entry[n + 1] <= best[2])
    return bool(travel < best[2] or (travel == best[2] and time < best[3]))


@njit(cache=True)
def _undominated(labels: Ints, made: int, heads: Ints, stamps: Ints, layer: int) -> bool:
    """True if no label of the same visits and place is at least as good; those that the new one beats die."""
    one = labels[made]
    size = heads.size
    mixed = (one[MASK] * 64 + one[LAST]) * 0x9E3779B97F4A7C1
    slot = (mixed ^ (mixed >> 29)) & (size - 1)
    while stamps[slot] == layer:
        head = labels[heads[slot]]
        if head[MASK] == one[MASK] and head[LAST] == one[LAST]:
            break
        slot = (slot + 1) & (size - 1)
    if stamps[slot] != layer:
        stamps[slot], heads[slot], one[NEXT] = layer, made, -1
        return True
    a = heads[slot]
    while a >= 0:
        two = labels[a]
        if two[TIME] <= one[TIME] and two[TRAVEL] <= one[TRAVEL] and two[KEPT] >= one[KEPT] and two[FREE] >= one[FREE]:
            return False
        a = two[NEXT]
    before, a = -1, heads[slot]
    while a >= 0:
        two = labels[a]
        if one[TIME] <= two[TIME] and one[TRAVEL] <= two[TRAVEL] and one[KEPT] >= two[KEPT] and one[FREE] >= two[FREE]:
            two[TIME] = NEVER
            if before < 0:
                heads[slot] = two[NEXT]
            else:
                labels[before, NEXT] = two[NEXT]
        else:
            before = a
        a = two[NEXT]
    one[NEXT] = heads[slot]
    heads[slot] = made
    return True


@njit(cache=True)
def _finish(day: DayArrays, labels: Ints, a: int, ways: Ints, best: Ints, winner: int) -> int:
    """Go home from label `a`; if that beats `best`, `a` is the new winner."""
    label = labels[a]
    for w in range(legs(day, label[LAST], day.service.size + 1, label[TIME], label[FREE], ways)):
        ready, travel = ways[w, 0], label[TRAVEL] + ways[w, 2]
        if ready > day.frame[SHIFT_END] or (ways[w, 4] == 0 and ready > day.frame[LUNCH_LATEST]):
            continue
        if label[SCORE] != best[0]:
            better = label[SCORE] > best[0]
        elif label[KEPT] != best[1]:
            better = label[KEPT] > best[1]
        else:
            better = travel < best[2] or (travel == best[2] and ready < best[3])
        if better:
            best[0], best[1], best[2], best[3] = label[SCORE], label[KEPT], travel, ready
            winner = a
    return winner


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
