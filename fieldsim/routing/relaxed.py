"""The most that can still become of a day if visits may be made again: tables that bound every label.

State-space relaxation after Christofides, Mingozzi and Toth (1981): the best way on from a place and an hour forgets which visits
were made, all but the last two. Hours are rounded down to steps of a power of two, which keeps it a bound.
"""

from __future__ import annotations

from typing import NamedTuple

from fieldsim.compiled import inner, kernel
from fieldsim.model import Ints
from fieldsim.routing.arrays import (
    EARLIEST,
    FREE_FROM,
    LATEST,
    LUNCH_EARLIEST,
    LUNCH_LATEST,
    LUNCH_S,
    PENDING,
    REMOTE,
    SERVICE,
    SHIFT_END,
    DayArrays,
)
from fieldsim.routing.steps import copy, start_at

LOW = -(1 << 60)
"""Worth of what cannot be done."""


AHEAD, OTHER, THEN = range(3)
"""Entries of a table [break owed or free of it, visit, step]: the most that follows from reaching the visit in that step, itself
included; the same where the visit after it may not be the one in THEN (-1: none)."""


class Way(NamedTuple):
    """What the tables are made of."""

    gain: Ints
    """Worth of each visit, less its price."""
    reach: Ints
    """For each place (last: the start) the visits that can follow and the least travel there, nearest first; last the way to
    the end. Shape [n+1, n+1, 2], -1 after the last visit."""
    shift: int
    """log2 of the seconds of a step."""
    remote: int
    """1 if there are remote visits."""


@inner
def _onward(
    hours: Ints, facts: Ints, frame: Ints, gain: Ints, reach: Ints, table: Ints, after: Ints, shift: int, remote: int,
    place: int, free: int, end: int, barred: int,
) -> tuple[int, int, int]:  # fmt: skip
    """Best that follows being free at `place` at `end`, best that begins otherwise, the visit the best begins with (-1: home).

    Neither begins with the visit `barred`.
    """
    n, steps = facts.shape[0], table.shape[2]
    late, early, pause = frame[LUNCH_LATEST], frame[LUNCH_EARLIEST], frame[LUNCH_S]
    since = end - frame[EARLIEST]
    best, second, first = LOW, LOW, -1
    leg = reach[place, n, 1]
    back = end + leg
    if back <= frame[SHIFT_END] and (free == 1 or back <= late or max(back, early) + pause <= frame[SHIFT_END]):
        best = -leg
    for r in range(n):
        visit, leg = reach[place, r, 0], reach[place, r, 1]
        step = (since + leg) >> shift
        if visit < 0 or step >= steps:
            break
        here = table[free, visit, step, AHEAD] - leg
        if here > second and visit != barred:
            if table[free, visit, step, THEN] == place:
                here = table[free, visit, step, OTHER] - leg
            if here > best:
                best, second, first = here, best, visit
            elif here > second:
                second = here
    if remote == 1:
        for visit in range(n):
            if facts[visit, REMOTE] == 1:
                here = gain[visit] + held(hours, facts, frame, after, shift, visit, place, end, free)
                if here > best:
                    best, second, first = here, best, visit
                elif here > second:
                    second = here
    return best, second, first


@inner
def onward(
    day: DayArrays, way: Way, table: Ints, after: Ints, place: int, free: int, end: int, barred: int
) -> tuple[int, int, int]:
    """`_onward`, compiled once for where it is not called often."""
    return _onward(
        day.hours, day.facts, day.frame, way.gain, way.reach, table, after, way.shift, way.remote, place, free, end, barred
    )


@inner
def held(hours: Ints, facts: Ints, frame: Ints, after: Ints, shift: int, visit: int, place: int, time: int, free: int) -> int:
    """The best that follows a remote visit held at `place` from `time` on, the break before it or not.

    `after` [break owed or free, place, step] is the best that follows being free at a place; it is of use only where there are
    remote visits.
    """
    best = LOW
    for eats in range(2 - free):
        begin = start_at(hours, visit, _fed(frame, time) if eats == 1 else time)
        end = begin + facts[visit, SERVICE]
        if begin <= facts[visit, LATEST] and (free + eats > 0 or end <= frame[LUNCH_LATEST]):
            best = max(best, after[free + eats, place, (end - frame[EARLIEST]) >> shift])
    return best


@kernel
def sweep(day: DayArrays, way: Way, table: Ints, after: Ints, fixed: int) -> tuple[int, int]:
    """Fill the tables from the last step to the first; the best of the whole day and whether it begins free of the break."""
    hours, facts, frame, near = day.hours, day.facts, day.frame, day.near
    gain, reach, shift, remote = way.gain, way.reach, way.shift, way.remote
    n, steps, owed = facts.shape[0], table.shape[2], frame[PENDING] == 1
    late, early, nobody = frame[LUNCH_LATEST], frame[LUNCH_EARLIEST], n + 1
    last = steps - 1
    if fixed < n:
        last = min(last, (facts[fixed, LATEST] - frame[EARLIEST]) >> shift)
    for step in range(last, -1, -1):
        time = frame[EARLIEST] + (step << shift)
        for free in range(1, -1 if owed else 0, -1):
            for visit in range(n):
                if visit == fixed:
                    continue
                ready = max(time, frame[EARLIEST] + near[n, visit])
                later = max(time + (1 << shift), ready)
                best, other, then = LOW, LOW, -1
                if ready <= facts[visit, LATEST] and facts[visit, REMOTE] == 0:
                    begin = start_at(hours, visit, ready)
                    settled = later <= facts[visit, LATEST] and begin == start_at(hours, visit, later)
                    if settled and (free == 1 or ready == later or later <= early):
                        copy(table[free, visit, step + 1], table[free, visit, step], table.shape[3])
                        continue
                    end = begin + facts[visit, SERVICE]
                    if free == 1 or end <= late:
                        best, other, then = _onward(
                            hours, facts, frame, gain, reach, table, after, shift, remote, visit, free, end, nobody
                        )
                        best = best + gain[visit] if best > LOW else LOW
                        other = other + gain[visit] if other > LOW else LOW
                    eaten = (_fed(frame, ready) - frame[EARLIEST]) >> shift
                    if free == 0 and eaten < steps:
                        fed = table[1, visit, eaten]
                        if fed[AHEAD] > best:
                            other = max(fed[OTHER], best if then != fed[THEN] else other)
                            best, then = fed[AHEAD], fed[THEN]
                        else:
                            other = max(other, fed[AHEAD] if then != fed[THEN] else fed[OTHER])
                table[free, visit, step, AHEAD] = best
                table[free, visit, step, OTHER] = other
                table[free, visit, step, THEN] = then
            for place in range(n + 1 if remote == 1 else 0):
                here = LOW
                if free == 1 or time <= late:
                    here = onward(day, way, table, after, place, free, time, nobody)[0]
                after[free, place, step] = here
    best, start = LOW, 1
    for free in range(2):
        time = frame[FREE_FROM] if free == 1 else (frame[EARLIEST] if owed else -1)
        if 0 <= time <= frame[SHIFT_END]:
            here = onward(day, way, table, after, n, free, time, nobody)[0]
            if here > best:
                best, start = here, free
    return best, start


@inner
def times_made(day: DayArrays, way: Way, table: Ints, after: Ints, free: int, times: Ints) -> None:
    """How often the best relaxed day makes each visit."""
    hours, facts, frame, near = day.hours, day.facts, day.frame, day.near
    n, begin, shift = facts.shape[0], frame[EARLIEST], way.shift
    for visit in range(n):
        times[visit] = 0
    place, time, barred = n, frame[FREE_FROM] if free == 1 else begin, n + 1
    for _ in range(table.shape[2]):
        best, _, visit = onward(day, way, table, after, place, free, time, barred)
        if visit < 0:
            return
        times[visit] += 1
        after_break = False
        if facts[visit, REMOTE] == 1:
            if free == 0:
                after_break = (
                    way.gain[visit] + held(hours, facts, frame, after, shift, visit, place, _fed(frame, time), free + 1) == best
                )
                free = 1 if after_break else 0
            end = start_at(hours, visit, _fed(frame, time) if after_break else time) + facts[visit, SERVICE]
            time = begin + (((end - begin) >> shift) << shift)
            continue
        leg = 0
        for r in range(n):
            if way.reach[place, r, 0] == visit:
                leg = way.reach[place, r, 1]
        ready = max(begin + (((time + leg - begin) >> shift) << shift), begin + near[n, visit])
        if free == 0:
            end = start_at(hours, visit, ready) + facts[visit, SERVICE]
            stays = end <= frame[LUNCH_LATEST]
            if stays:
                stays = onward(day, way, table, after, visit, free, end, place)[0] + way.gain[visit] - leg == best
            if not stays:
                free = 1
                ready = max(begin + (((_fed(frame, ready) - begin) >> shift) << shift), begin + near[n, visit])
        time = start_at(hours, visit, ready) + facts[visit, SERVICE]
        barred, place = place, visit


@inner
def _fed(frame: Ints, time: int) -> int:
    """The earliest end of a break taken from `time` on."""
    return int(max(time, frame[LUNCH_EARLIEST]) + frame[LUNCH_S])
