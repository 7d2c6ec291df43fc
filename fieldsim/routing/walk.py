"""The best times for a day whose order is fixed."""

from __future__ import annotations

import numpy as np

from fieldsim.compiled import inner, maker
from fieldsim.model import Ints
from fieldsim.routing.arrays import (
    AGREED,
    EARLIEST,
    FREE_FROM,
    LUNCH_LATEST,
    NEVER,
    PENDING,
    REMOTE,
    SERVICE,
    SHIFT_END,
    DayArrays,
)
from fieldsim.routing.steps import copy, keeps, later_start, legs, start_at

LABELS = 64
TIME, TRAVEL, KEPT, FREE, PARENT, LEAVE, LEG, LUNCH, START = range(9)


@maker
def walk(day: DayArrays, order: Ints, m: int, rows: Ints) -> tuple[int, int, int, int]:
    """(1 if it can be done, agreed starts kept, travel, finish) of visiting order[0..m-1], best in that order.

    `rows` [m+1, 4] receives for each leg: leaving for it, its travel, start of the lunch on it or -1, start of the visit (the
    last row: of being back).
    """
    travel, from_s, hours, facts, frame = day.travel, day.from_s, day.hours, day.facts, day.frame
    n = facts.shape[0]
    labels = np.empty((m + 2, LABELS, 9), dtype=np.int64)
    counts = np.zeros(m + 2, dtype=np.int64)
    ways = np.empty((3 * from_s.size, 5), dtype=np.int64)
    for free in range(2):
        begin = frame[FREE_FROM] if free == 1 else (frame[EARLIEST] if frame[PENDING] == 1 else -1)
        if begin >= 0:
            first = labels[0, counts[0]]
            first[TIME], first[TRAVEL], first[KEPT], first[FREE] = begin, 0, 0, free
            counts[0] += 1
    place = n
    for k in range(m):
        visit = order[k]
        for a in range(counts[k]):
            label = labels[k, a]
            for w in range(legs(travel, from_s, frame, place, visit, label[TIME], label[FREE], ways)):
                ready, leave, leg, lunch, free = ways[w, 0], ways[w, 1], ways[w, 2], ways[w, 3], ways[w, 4]
                begin = start_at(hours, visit, ready)
                second = later_start(hours, facts[visit, AGREED], visit, ready, begin)
                for s in (begin, second):
                    end = s + facts[visit, SERVICE]
                    if s < NEVER and end <= frame[SHIFT_END] and (free == 1 or end <= frame[LUNCH_LATEST]):
                        kept = label[KEPT] + keeps(facts[visit, AGREED], s)
                        _offer(labels, counts, k + 1, end, label[TRAVEL] + leg, kept, free, a, leave, leg, lunch, s)
        if facts[visit, REMOTE] == 0:
            place = visit
    for a in range(counts[m]):
        label = labels[m, a]
        for w in range(legs(travel, from_s, frame, place, n + 1, label[TIME], label[FREE], ways)):
            ready, leave, leg, lunch, free = ways[w, 0], ways[w, 1], ways[w, 2], ways[w, 3], ways[w, 4]
            if ready <= frame[SHIFT_END] and (free == 1 or ready <= frame[LUNCH_LATEST]):
                _offer(labels, counts, m + 1, ready, label[TRAVEL] + leg, label[KEPT], free, a, leave, leg, lunch, ready)
    best = -1
    for a in range(counts[m + 1]):
        one = labels[m + 1, a]
        if best >= 0:
            top = labels[m + 1, best]
            worse = one[KEPT] < top[KEPT] or (one[KEPT] == top[KEPT] and one[TRAVEL] > top[TRAVEL])
            same = one[KEPT] == top[KEPT] and one[TRAVEL] == top[TRAVEL]
            if worse or (same and one[TIME] >= top[TIME]):
                continue
        best = a
    if best < 0:
        return 0, 0, 0, 0
    a = best
    for k in range(m + 1, 0, -1):
        rows[k - 1, 0], rows[k - 1, 1] = labels[k, a, LEAVE], labels[k, a, LEG]
        rows[k - 1, 2], rows[k - 1, 3] = labels[k, a, LUNCH], labels[k, a, START]
        a = labels[k, a, PARENT]
    return 1, labels[m + 1, best, KEPT], labels[m + 1, best, TRAVEL], labels[m + 1, best, TIME]


@inner
def _offer(
    labels: Ints,
    counts: Ints,
    k: int,
    time: int,
    travel: int,
    kept: int,
    free: int,
    parent: int,
    leave: int,
    leg: int,
    lunch: int,
    start: int,
) -> None:
    """Add a label unless another is at least as good; drop those it beats.

    Aims are ranked and what follows adds the same to both, so a label with more agreed starts kept is ahead whatever its travel.
    """
    a = 0
    while a < counts[k]:
        one = labels[k, a]
        ahead = one[KEPT] > kept or (one[KEPT] == kept and one[TRAVEL] <= travel)
        behind = one[KEPT] < kept or (one[KEPT] == kept and one[TRAVEL] >= travel)
        if ahead and one[TIME] <= time and one[FREE] >= free:
            return
        if behind and time <= one[TIME] and free >= one[FREE]:
            counts[k] -= 1
            copy(labels[k, counts[k]], one, one.size)
        else:
            a += 1
    if counts[k] == LABELS:
        return
    counts[k] += 1
    one = labels[k, a]
    one[TIME], one[TRAVEL], one[KEPT], one[FREE], one[PARENT] = time, travel, kept, free, parent
    one[LEAVE], one[LEG], one[LUNCH], one[START] = leave, leg, lunch, start
