"""The best that can still become of a label: what can be reached, fits into the time left, and the least travel it costs."""

from __future__ import annotations

import numpy as np
from numba import njit

from fieldsim.model import Ints
from fieldsim.routing.arrays import (
    AGREED,
    LATEST,
    LUNCH_LATEST,
    LUNCH_S,
    NEVER,
    REMOTE,
    SERVICE,
    SHIFT_END,
    VALUE,
)
from fieldsim.routing.bounds import tree

CLOSED, LAST, TIME, TRAVEL, KEPT, FREE, PARENT, VISIT, SCORE, TWIN, LEVEL, KEY = range(12)
"""Columns of a label: visits served or out of reach, place, end of the last visit, travel, agreed starts kept, no break owed,
label it came from, visit it added, value, next label of the same visits and place, next of its level, rank of its hope."""


@njit(cache=True)
def halves_of(cost: Ints, facts: Ints) -> Ints:
    """Twice the least travel that each node has a part in, rows by node: leaving it, entering it, entering and leaving a visit.

    A way through some visits costs half of: leaving its first node, passing each visit between two different others, entering
    its last node. The last column is what a visit takes in all, also doubled.
    """
    n = facts.shape[0]
    halves = np.zeros((n + 2, 4), dtype=np.int64)
    for j in range(n + 2):
        if j < n and facts[j, REMOTE] == 1:
            halves[j, 3] = 2 * facts[j, SERVICE]
            continue
        halves[j, 0] = halves[j, 1] = NEVER
        for i in range(n + 2):
            halves[j, 0] = min(halves[j, 0], cost[j, i])
            halves[j, 1] = min(halves[j, 1], cost[i, j])
        if j < n:
            passing = 2 * NEVER
            for i in range(n + 1):
                for k in range(n + 2):
                    if i != k:
                        passing = min(passing, cost[i, j] + cost[j, k])
            halves[j, 2] = passing
            halves[j, 3] = 2 * facts[j, SERVICE] + passing
    return halves


@njit(cache=True)
def ranked(above: Ints, below: Ints) -> Ints:
    """Rows by the ratio above/below, highest first, ties by row."""
    n = above.size
    order = np.empty(n, dtype=np.int64)
    for row in range(n):
        k = row
        while k > 0 and above[order[k - 1]] * max(below[row], 1) < above[row] * max(below[order[k - 1]], 1):
            order[k] = order[k - 1]
            k -= 1
        order[k] = row
    return order


@njit(cache=True)
def hope(
    label: Ints,
    best: Ints,
    near: Ints,
    facts: Ints,
    frame: Ints,
    cost: Ints,
    halves: Ints,
    dense: Ints,
    costly: Ints,
    price: Ints,
    weight: Ints,
    cache: Ints,
    spare: Ints,
    keyed: bool,
) -> int:
    """-1 if no completion of the label can beat `best`; else how many visits are closed to it.

    Closes the visits that can no longer be reached, and writes the key by which labels are more or less hopeful.
    """
    n = facts.shape[0]
    last, time, closed = label[LAST], label[TIME], label[CLOSED]
    ends = halves[last, 0] + halves[n + 1, 1]
    room = 2 * (frame[SHIFT_END] - time) - ends
    if label[FREE] == 0:
        room = max(room - 2 * frame[LUNCH_S], min(room, 2 * (frame[LUNCH_LATEST] - time) - ends))
    if room < 0:
        return -1
    everything = fits = label[SCORE]
    agreed, lasting, level, full, ways = label[KEPT], 0, 0, False, ends
    for r in range(n):
        visit = dense[r]
        if closed >> visit & 1:
            level += 1
            continue
        if time + near[last, visit] > facts[visit, LATEST]:
            closed |= 1 << visit
            level += 1
            continue
        value = facts[visit, VALUE]
        everything += value
        lasting += facts[visit, SERVICE]
        ways += halves[visit, 2]
        if facts[visit, AGREED] >= 0:
            agreed += 1
        if not full:
            if halves[visit, 3] <= room:
                room -= halves[visit, 3]
                fits += value
            else:
                full = True
                fits += value * room // halves[visit, 3] if value < 10_000_000_000_000 else value
    label[CLOSED] = closed
    if fits < best[0] or (fits == best[0] and agreed < best[1]):
        return -1
    travel, ahead = label[TRAVEL], 0
    if keyed or everything == best[0]:
        ahead = _least_way(last, ((1 << n) - 1) & ~closed, facts, cost, price, weight, cache, spare)
        label[KEY] = travel + ahead - (min(fits // (n + 1), NEVER) << 20)
    if everything == best[0]:
        back = time + lasting + ahead
        if label[FREE] == 0 and back > frame[LUNCH_LATEST]:
            back += frame[LUNCH_S]
        if back > frame[SHIFT_END]:
            return -1
        if agreed > best[1] or travel + ahead < best[2]:
            return level
        return level if travel + ahead == best[2] and back < best[3] else -1
    if fits > best[0] or agreed > best[1]:
        return level
    loss = everything - best[0]
    for r in range(n):
        visit = costly[r]
        if closed >> visit & 1 == 0:
            if facts[visit, VALUE] > loss:
                ways -= halves[visit, 2] * loss // facts[visit, VALUE]
                break
            loss -= facts[visit, VALUE]
            ways -= halves[visit, 2]
    return level if travel + ways // 2 <= best[2] else -1


@njit(cache=True)
def _least_way(last: int, left: int, facts: Ints, cost: Ints, price: Ints, weight: Ints, cache: Ints, spare: Ints) -> int:
    """A lower bound on the travel from `last` through all visits in the mask `left` to the end."""
    n = facts.shape[0]
    out, home, refund, places = NEVER, NEVER, 0, 0
    for j in range(n):
        if left >> j & 1 and facts[j, REMOTE] == 0:
            places |= 1 << j
            out = min(out, cost[last, j] + price[j])
            home = min(home, cost[j, n + 1] + price[j])
            refund += 2 * price[j]
    if places == 0:
        return int(cost[last, n + 1])
    slot = (places ^ (places >> 14) ^ (places >> 31)) & (cache.shape[1] - 1)
    if cache[0, slot] != places:
        cache[0, slot], cache[1, slot] = places, tree(weight, places, n, spare[0], spare[1])
    return max(0, int(out + cache[1, slot] + home - refund))
