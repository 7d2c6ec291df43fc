"""Label setting with bounds: proves that a day cannot be better, or finds the better one.

A label is a way to have spent the day so far. Two labels at one place that leave the same visits open compare by time and by what
was reached (aims are ranked, and what follows adds the same to both); a label is dropped where even the relaxed rest of the day
does not lift it above the best route known.
"""

from __future__ import annotations

import numpy as np

from fieldsim.compiled import inner, maker
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
from fieldsim.routing.prices import Relaxed
from fieldsim.routing.relaxed import AHEAD, OTHER, THEN, held
from fieldsim.routing.steps import keeps, later_start, legs, start_at
from fieldsim.routing.trees import Forest, least_way

MOST_VISITS = 62
"""Visits that fit into one 64-bit mask."""
NOBODY = 63
"""No visit: a bit that no mask has."""
NARROW = 100
"""Labels a side question follows side by side without a proof in reach; a wider search for one gives up where it fails."""
CLOSED, LAST, TIME, TRAVEL, KEPT, FREE, PARENT, VISIT, SCORE, TWIN, LEVEL, OPEN, KEY = range(13)
"""Columns of a label: visits served or out of reach, place, end of the last visit, travel, agreed starts kept, no break owed,
label it came from, visit it added, value, next label of the same visits and place, next of its level, prices of the visits still
open, bound."""
ALL = -(1 << 62)


@maker
def settle(
    day: DayArrays, relaxed: Relaxed, trees: Forest, wanted: int, best: Ints, order: Ints, budget: int, width: int
) -> tuple[int, int, int]:
    """(1 if the search was complete, number of visits of a better order or -1, labels made).

    `best` holds (value, agreed kept, travel, finish) of a route known so far and is improved in place; a better order is written
    to `order`. An incomplete search (more than `budget` labels, or more than `width` with as many visits closed, of which only
    the most hopeful are followed) proves nothing, but may still find a better order. Only routes that make the visit `wanted`
    count, if there is such a visit; `trees` are those of a day that can serve all, or empty. The loops stay in one body: they
    share some twenty arrays and the best route so far, by which every label is judged as it is made.
    """
    travel, from_s, hours, facts = day.travel, day.from_s, day.hours, day.facts
    near, frame = day.near, day.frame
    price, worth, cost, scale = relaxed.price, relaxed.worth, relaxed.cost, relaxed.scale
    n, begin_s = facts.shape[0], frame[EARLIEST]
    agreed, full = 0, trees.weight.size > 0
    for visit in range(n):
        agreed += facts[visit, AGREED] >= 0
    budget = min(budget, max(8 * width * (n + 1), 4096))
    labels = np.empty((budget + 1, 13), dtype=np.int64)
    size = 1024
    while size < 2 * budget:
        size *= 2
    heads, keys = np.full(size, -1, dtype=np.int64), np.empty(budget + 1, dtype=np.int64)
    levels = np.full(n + 1, -1, dtype=np.int64)
    ways = np.empty((3 * from_s.size, 5), dtype=np.int64)
    goal = best[0] * scale[0] + best[1] * scale[1] - best[2]
    made, winner = int(levels[n]) + 1, int(levels[n])  # 0 and -1; numba would compile the callees once more for the literals
    for free in range(2):
        begin = frame[FREE_FROM] if free == 1 else (begin_s if frame[PENDING] == 1 else -1)
        if begin >= 0 and made < budget:
            one = labels[made]
            one[LAST], one[TIME], one[TRAVEL], one[KEPT], one[FREE] = n, begin, 0, 0, free
            one[PARENT], one[VISIT], one[SCORE], one[CLOSED], one[OPEN] = -1, -1, 0, 0, price.sum()
            level = _close(one, near, facts, price)
            if one[CLOSED] >> wanted & 1:
                continue
            one[TWIN], one[LEVEL], one[KEY] = -1, levels[level], NEVER
            levels[level] = made
            made += 1
    complete = 1
    for now in range(n + 1):
        keenest = _cut(labels, levels[now], width, keys)
        if keenest > ALL:
            complete = 0
            if wanted < n and width > NARROW:
                break
        a = levels[now]
        while a >= 0:
            label = labels[a]
            closed, last, time, free = label[CLOSED], label[LAST], label[TIME], label[FREE]
            if time < NEVER and label[KEY] >= keenest:
                served = wanted >= n or closed >> wanted & 1
                table, after, shift = relaxed.table, relaxed.after, scale[2]
                if not served:
                    table, after, shift = relaxed.early, relaxed.early_after, scale[4]
                for w in range(legs(travel, from_s, frame, last, n + 1, time, free, ways) if served else 0):
                    back = ways[w, 0]
                    if back > frame[SHIFT_END] or (ways[w, 4] == 0 and back > frame[LUNCH_LATEST]):
                        continue
                    if _better(label[SCORE], label[KEPT], label[TRAVEL] + ways[w, 2], back, best):
                        best[0], best[1], best[2], best[3] = label[SCORE], label[KEPT], label[TRAVEL] + ways[w, 2], back
                        goal = best[0] * scale[0] + best[1] * scale[1] - best[2]
                        winner = a
                sure = label[SCORE] * scale[0] + label[KEPT] * scale[1] - label[TRAVEL] + label[OPEN]
                for visit in range(n):
                    if closed >> visit & 1:
                        continue
                    if facts[visit, REMOTE] == 1:
                        bound = (
                            sure - price[visit] + worth[visit] + held(hours, facts, frame, after, shift, visit, last, time, free)
                        )
                    else:
                        step = (time + cost[last, visit] - begin_s) >> shift
                        if step >= table.shape[2]:
                            continue
                        then = table[free, visit, step, THEN]
                        spent = then >= 0 and closed >> then & 1
                        follows = table[free, visit, step, OTHER if spent else AHEAD]
                        bound = sure - cost[last, visit] + follows
                    if bound < goal:
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
                            one[OPEN] = label[OPEN] - price[visit]
                            one[LAST] = last if facts[visit, REMOTE] == 1 else visit
                            one[TIME], one[TRAVEL], one[FREE] = end, label[TRAVEL] + ways[w, 2], ways[w, 4]
                            one[KEPT] = label[KEPT] + keeps(facts[visit, AGREED], s)
                            one[PARENT], one[VISIT], one[SCORE] = a, visit, label[SCORE] + facts[visit, VALUE]
                            level = _close(one, near, facts, price)
                            if not served and one[CLOSED] >> wanted & 1 and visit != wanted:
                                continue
                            one[KEY] = bound + one[OPEN] + price[visit] - label[OPEN]
                            if full and level > now + 1:
                                continue
                            if full and one[KEY] >= goal:
                                left = ((1 << n) - 1) & ~one[CLOSED]
                                ahead = one[TRAVEL] + least_way(trees, cost, facts, one[LAST], left)
                                one[KEY] = min(one[KEY], best[0] * scale[0] + agreed * scale[1] - ahead)
                            if one[KEY] >= goal and _undominated(labels, made, heads):
                                if made == budget:
                                    return 0, _trace(labels, winner, order), made
                                one[LEVEL] = levels[level]
                                levels[level] = made
                                made += 1
            a = label[LEVEL]
    return complete, _trace(labels, winner, order), made


@inner
def _close(label: Ints, near: Ints, facts: Ints, price: Ints) -> int:
    """Close the visits that can no longer be reached; how many are closed."""
    last, time, closed, level = label[LAST], label[TIME], label[CLOSED], 0
    for visit in range(facts.shape[0]):
        if closed >> visit & 1:
            level += 1
        elif time + near[last, visit] > facts[visit, LATEST]:
            label[CLOSED] |= 1 << visit
            label[OPEN] -= price[visit]
            level += 1
    return level


@inner
def _cut(labels: Ints, head: int, width: int, keys: Ints) -> int:
    """The key from which about `width` labels of a level are followed, by halving; ALL if there are no more than that."""
    count, a = 0, head
    low, high = NEVER << 20, ALL
    while a >= 0:
        if labels[a, TIME] < NEVER:
            keys[count] = labels[a, KEY]
            low, high = min(low, keys[count]), max(high, keys[count])
            count += 1
        a = labels[a, LEVEL]
    if count <= width:
        return ALL
    while low < high:
        middle = low + (high - low + 1) // 2
        above = 0
        for k in range(count):
            above += keys[k] >= middle
        if above < width:
            high = middle - 1
        else:
            low = middle
    return low


@inner
def _better(score: int, kept: int, travel: int, finish: int, best: Ints) -> bool:
    ahead: bool = travel < best[2] or (travel == best[2] and finish < best[3])
    if kept != best[1]:
        ahead = kept > best[1]
    if score != best[0]:
        ahead = score > best[0]
    return ahead


@inner
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


@inner
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
