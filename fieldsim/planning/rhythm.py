"""How often becomes when: visits due, which of them are remote, and the rhythms an account's visits may follow."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from fieldsim.luck import keys_of, stream, uniforms
from fieldsim.model import Bools, Ints, Scenario

NORMAL_DAYS = (85, 95)
"""Length of a quarter that gets the tier's visits as they stand, calendar days."""
QUARTER_DAYS = 365.25 / 4
WEEK = 5
"""Slots of a week, Monday to Friday."""


def due_visits(scenario: Scenario, quarter: int = 0) -> Ints:
    """Visits due in a quarter, shape [accounts]: the same for every design.

    A horizon that is no normal quarter gets its share; the fraction is rounded by a draw keyed by the account, so that
    many small frequencies keep their sum.
    """
    first, last = scenario.quarter(quarter)
    length = (last - first).days + 1
    visits = scenario.accounts.visits
    if NORMAL_DAYS[0] <= length <= NORMAL_DAYS[1]:
        return visits.astype(np.int64)
    mark = uniforms(stream(0, 0, "visits_due"), keys_of(scenario.accounts.ids), 1, start=quarter)[:, 0]
    return np.floor(visits * (length / QUARTER_DAYS) + mark).astype(np.int64)


def remote_visits(share: float, visits: int) -> Bools:
    """Which of an account's visits are held remotely: visit k where floor((k + 1)·share) passes floor(k·share)."""
    steps = np.floor(np.arange(visits + 1) * share + 1e-9)
    remote: Bools = steps[1:] > steps[:-1]
    return remote


def interval_days(visits: int, slots: int) -> float:
    """Calendar days between visits that are evenly spaced over the quarter."""
    return slots / WEEK * 7 / max(1, visits)


def least_gap(visits: int, slots: int) -> int:
    """Calendar days that two visits of an account are apart at the least: half of the even interval."""
    return max(1, int(interval_days(visits, slots) / 2))


def reach(visits: int, slots: int) -> int:
    """Slots a visit may be off its rhythm: less than half of the even interval, at most two weeks."""
    return min(2 * WEEK, max(1, int(slots / max(1, visits) - 1) // 2)) if visits > 1 else 2 * WEEK


@lru_cache(maxsize=512)
def rhythms(visits: int, slots: int) -> tuple[tuple[tuple[int, ...], float], ...]:
    """The patterns of an account with so many visits a quarter, and how uneven each is: slots in ascending order, 0 or 1.

    13 visits are weekly on one weekday, 6 fortnightly, 3 every four weeks, 1 any day; whatever lies between is spread evenly by
    weeks on one weekday, and more than one visit a week by days. Where a quarter has a week more than the rhythm fills, patterns
    with one longer gap are there too, as uneven ones. Visits beyond one a day get slot -1.
    """
    if visits == 0:
        return (((), 0.0),)
    if visits >= slots:
        return (((*range(slots), *[-1] * (visits - slots)), 0.0),)
    weeks = slots / WEEK / visits
    whole = int(weeks + 1e-9)
    if whole < 1:
        return tuple((pattern, 0.0) for pattern in _by_days(visits, slots))
    loose = _by_weeks(visits, slots, weeks)
    if slots / WEEK - whole * visits > 1.5:
        return tuple((pattern, 0.0) for pattern in loose)
    span = WEEK * whole * (visits - 1)
    even = [tuple(range(start, start + span + 1, WEEK * whole)) for start in range(slots - span)]
    return (*((pattern, 0.0) for pattern in even), *((pattern, 1.0) for pattern in loose if pattern not in even))


def _by_weeks(visits: int, slots: int, weeks: float) -> list[tuple[int, ...]]:
    """Patterns on one weekday whose weeks lie `weeks` apart, rounded down to whole weeks."""
    starts = [(phase / 2, weekday) for phase in range(int(2 * weeks) + 1) for weekday in range(WEEK)]
    return _sound([[weekday + WEEK * int(start + k * weeks + 1e-9) for k in range(visits)] for start, weekday in starts], slots)


def _by_days(visits: int, slots: int) -> list[tuple[int, ...]]:
    """Patterns of more than one visit a week."""
    gap = slots / visits
    return _sound([[int(phase / 4 + k * gap + 1e-9) for k in range(visits)] for phase in range(int(4 * gap) + 1)], slots)


def _sound(patterns: list[list[int]], slots: int) -> list[tuple[int, ...]]:
    """The different patterns that end inside the quarter and never meet one day twice."""
    inside = (tuple(pattern) for pattern in patterns if pattern[-1] < slots and len(set(pattern)) == len(pattern))
    return sorted(set(inside))


def around_gaps(visits: int, could: Bools, dates: Ints, apart: int) -> tuple[tuple[tuple[int, ...], float], ...]:
    """Patterns spread evenly over the days that there are, for a calendar with a gap that no rhythm steps over.

    `could` says which slots it can be visited on; a pattern that comes closer than `apart` days to itself is left out.
    """
    free = np.flatnonzero(could)
    longest = int(np.diff(free, prepend=-1, append=len(could)).max()) - 1
    if visits < 2 or len(free) < visits or longest <= 2 * reach(visits, len(could)):
        return ()
    found = []
    for phase in range(WEEK):
        pattern = free[((np.arange(visits) + (phase + 0.5) / WEEK) * len(free) / visits).astype(np.int64)]
        if np.diff(dates[pattern]).min() >= apart:
            found.append(tuple(pattern.tolist()))
    return tuple((pattern, 1.0) for pattern in dict.fromkeys(found))
