"""Prices of visits that make the relaxed day visit each once, or nearly, by subgradient steps (Held and Karp, 1971)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fieldsim.compiled import inner, maker
from fieldsim.model import Ints
from fieldsim.routing.arrays import (
    AGREED,
    EARLIEST,
    LATEST,
    NEVER,
    PENDING,
    REMOTE,
    SERVICE,
    SHIFT_END,
    VALUE,
    DayArrays,
)
from fieldsim.routing.relaxed import AHEAD, LOW, OTHER, Way, sweep, times_made
from fieldsim.routing.steps import copy

COARSE = 8
"""Steps of 256 s while prices are sought."""
FULL_ROUNDS = 3
"""Rounds for a day that can serve all, where trees bound the travel."""
MOST_WORK = 1 << 26
"""Looks of one sweep beyond which the bound goes without tables."""


class Relaxed(NamedTuple):
    """The relaxed day as the label setting reads it."""

    table: Ints
    after: Ints
    """Filled by `sweep`."""
    price: Ints
    worth: Ints
    cost: Ints
    """See `arc_costs`."""
    scale: Ints
    """Weight of a point of value and of an agreed start against a second of travel, log2 of the seconds of a step, 1 if the
    tables are filled (0: they hold the way home only), the same log2 for the early tables."""
    early: Ints
    early_after: Ints
    """The tables for a day that has still to make a certain visit; otherwise `table` and `after` themselves."""


@maker
def arc_costs(travel: Ints, near: Ints, hours: Ints, facts: Ints, frame: Ints) -> Ints:
    """Least seconds from node to node, NEVER where opening hours rule the step out, shape [n+2, n+2]."""
    n = facts.shape[0]
    cost = np.full((n + 2, n + 2), NEVER, dtype=np.int64)
    for i in range(n + 1):
        if i < n and facts[i, REMOTE] == 1:
            continue
        ready = frame[EARLIEST]
        if i < n:
            ready = max(ready + near[n, i], hours[i, 0]) + facts[i, SERVICE]
        for j in range(n + 2):
            if j in (i, n) or (j < n and facts[j, REMOTE] == 1):
                continue
            least = NEVER
            for period in range(travel.shape[0]):
                least = min(least, travel[period, i, j])
            if j > n or ready + near[i, j] <= facts[j, LATEST]:
                cost[i, j] = least
    return cost


@maker
def _reach(cost: Ints, n: int) -> Ints:
    """For each place the visits that can follow, nearest first (see Way)."""
    reach = np.full((n + 1, n + 1, 2), -1, dtype=np.int64)
    for i in range(n + 1):
        count = 0
        for j in range(n):
            if cost[i, j] >= NEVER:
                continue
            k = count
            while k > 0 and reach[i, k - 1, 1] > cost[i, j]:
                reach[i, k, 0], reach[i, k, 1] = reach[i, k - 1, 0], reach[i, k - 1, 1]
                k -= 1
            reach[i, k, 0], reach[i, k, 1] = j, cost[i, j]
            count += 1
        reach[i, n, 1] = cost[i, n + 1]
    return reach


@inner
def weights(facts: Ints, frame: Ints) -> tuple[int, int]:
    """What a point of value and an agreed start weigh against a second of travel, so that none makes up for the one before."""
    agreed, span = 0, max(frame[SHIFT_END] - frame[EARLIEST], 0)
    for i in range(facts.shape[0]):
        agreed += facts[i, AGREED] >= 0
    return (agreed + 1) * (span + 1), span + 1


@maker
def relax(day: DayArrays, best: Ints, price: Ints, rounds: int, fine: int) -> Relaxed:
    """The relaxed day after so many rounds of prices; `best` holds (value, agreed kept, travel, finish) of a known route.

    `price` is where the prices begin (shape [n], or empty for a guess) and is left alone; the steps of the tables are of 2**fine
    seconds, or less where visits and ways are shorter. One body, since each step reads what all before it made.
    """
    facts, frame = day.facts, day.frame
    n = facts.shape[0]
    span = max(frame[SHIFT_END] - frame[EARLIEST], 0)
    cost = arc_costs(day.travel, day.near, day.hours, facts, frame)
    remote, total, briefest = 0, 0, span
    for i in range(n):
        if facts[i, LATEST] >= 0:
            remote |= facts[i, REMOTE]
            total += facts[i, VALUE]
            for j in range(n):
                briefest = min(briefest, facts[i, SERVICE] + (0 if facts[i, REMOTE] == 1 else cost[i, j]))
    coarse = COARSE
    while fine > 0 and 1 << fine > briefest:
        fine -= 1
    while coarse > fine and 1 << coarse > briefest:
        coarse -= 1
    point, agreed = weights(facts, frame)
    scale = np.array([point, agreed, fine, 1, min(coarse, fine + 1)])
    worth, found, now = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    most, share = 1, max(0.0, 5.0 * best[0] / max(total, 1) - 4.0)
    for i in range(n):
        if facts[i, LATEST] >= 0:
            worth[i] = facts[i, VALUE] * scale[0] + (scale[1] if facts[i, AGREED] >= 0 else 0)
        most = max(most, worth[i])
        found[i] = min(price[i], worth[i]) if price.size > 0 else int(share * worth[i])
    steps = (span >> fine) + 1
    table = np.full((2, n, steps, 3), LOW, dtype=np.int64)
    after = np.full((2, n + 1, steps if remote == 1 else 1), LOW, dtype=np.int64)
    looks = steps * n * (n + 1) * (1 + remote) * (2 if frame[PENDING] == 1 else 1)
    if briefest < 1 or looks > MOST_WORK or most >= (1 << 60) // steps:
        for i in range(n + 1):
            for free in range(2):
                for step in range(after.shape[2]):
                    after[free, i, step] = -day.near[i, n + 1]
                for step in range(steps if i < n else 0):
                    table[free, i, step, AHEAD] = table[free, i, step, OTHER] = -day.near[i, n + 1]
        scale[3] = 0
        return Relaxed(table, after, worth, worth, cost, scale, table, after)
    goal = best[0] * scale[0] + best[1] * scale[1] - best[2]
    rough = (span >> coarse) + 1
    small = np.full((2, n, rough, 3), LOW, dtype=np.int64)
    small_after = np.full((2, n + 1, rough if remote == 1 else 1), LOW, dtype=np.int64)
    reach, gain, times = _reach(cost, n), np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    copy(found, now, n)
    lowest, pace = 1 << 62, 1.0
    for _ in range(min(rounds, FULL_ROUNDS) if best[0] == total else rounds):
        paid = 0
        for i in range(n):
            gain[i] = worth[i] - now[i]
            paid += now[i]
        way = Way(gain, reach, coarse, remote)
        bound, free = sweep(day, way, small, small_after, n + 1)
        bound += paid
        pace *= 0.7 if bound >= lowest else (0.8 if bound > lowest - (lowest - goal) // 50 else 1.0)
        if bound < lowest:
            lowest = bound
            copy(now, found, n)
        if bound < goal:
            break
        times_made(day, way, small, small_after, free, times)
        steep = 0
        for i in range(n):
            if times[i] > 0 or now[i] > 0:
                steep += (times[i] - 1) * (times[i] - 1)
        if steep == 0:
            break
        pull = pace * (bound - goal) / steep
        for i in range(n):
            now[i] = min(max(now[i] + int(pull * (times[i] - 1)), 0), worth[i])
    for i in range(n):
        gain[i] = worth[i] - found[i]
    sweep(day, Way(gain, reach, fine, remote), table, after, n + 1)
    return Relaxed(table, after, found, worth, cost, scale, table, after)


def toward(day: DayArrays, relaxed: Relaxed, visit: int) -> Relaxed:
    """The same relaxed day for routes that make the given visit, exactly once if it has a place."""
    if relaxed.scale[3] == 0 or day.facts[visit, REMOTE] == 1:
        return relaxed
    n, cost = day.facts.shape[0], relaxed.cost.copy()
    cost[:, n + 1] = NEVER
    shift = int(relaxed.scale[4])
    every = 1 << (shift - int(relaxed.scale[2]))
    early = np.full_like(relaxed.table[:, :, ::every], LOW, order="C")
    early_after = np.full_like(relaxed.after[:, :, ::every], LOW, order="C")
    early[:, visit] = relaxed.table[:, visit, ::every]
    remote = int(relaxed.after.shape[2] == relaxed.table.shape[2])
    way = Way(relaxed.worth - relaxed.price, _reach(cost, n), shift, remote)
    sweep(day, way, early, early_after, visit)
    return relaxed._replace(early=early, early_after=early_after)
