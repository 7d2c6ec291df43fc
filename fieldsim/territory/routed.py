"""Routes a whole quarter roughly but honestly, to tell how far an additive estimate of travel is off on a given design.

Each visit gets a week (evenly spaced, offsets spread by place); a week's visits are swept around the home by angle, cut
into days when the day is full, and each day is shortened by 2-opt. Sweeps start at up to eight angles and the shortest is kept.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from fieldsim.model import Design, Floats, Ints, Scenario, Travel
from fieldsim.territory.seats import Seats

ANGLES = 8


def routed_hours(scenario: Scenario, travel: Travel, design: Design, seats: Seats, visit_share: Floats) -> Floats:
    """Hours of travel a quarter of each seat under a design of these seats, shape [seats]."""
    weeks = max(1, round(((scenario.end - scenario.start).days + 1) / 7.0))
    order = np.lexsort((scenario.accounts.potential, scenario.accounts.lon, scenario.accounts.lat))
    offset = np.empty(len(order))
    offset[order] = np.arange(1, len(order) + 1) * 0.6180339887498949 % 1.0
    hours = np.zeros(len(seats))
    for s in range(len(seats)):
        book = design.book(s)
        book = book[scenario.accounts.visits[book] > 0]
        if len(book):
            hours[s] = _routed(scenario, travel, book, int(seats.point[s]), float(seats.day_s[s]), visit_share, offset, weeks)
    return hours


def _routed(
    scenario: Scenario, travel: Travel, book: Ints, point: int, day_s: float, share: Floats, offset: Floats, weeks: int
) -> float:
    accounts = scenario.accounts
    seconds = travel.matrix(np.concatenate(([point], book))).seconds[0].astype(np.float64)
    seconds = (seconds + seconds.T) / 2.0
    lat = np.array([*accounts.lat.tolist(), *(rep.lat for rep in scenario.reps)])
    lon = np.array([*accounts.lon.tolist(), *(rep.lon for rep in scenario.reps)])
    squeeze = np.cos(np.radians(lat[point]))
    angle = np.arctan2(lat[book] - lat[point], (lon[book] - lon[point]) * squeeze)
    present = accounts.visits[book] * share[book] * (1.0 - accounts.remote[book])
    total = _quarter(seconds, angle, present, offset[book], accounts.visit_minutes[book] * 60.0, day_s, weeks)
    return total / 3600.0


@njit(cache=True, nogil=True)
def _quarter(seconds: Floats, angle: Floats, visits: Floats, offset: Floats, stay: Floats, day_s: float, weeks: int) -> float:
    """Seconds of travel in all weeks; row 0 of `seconds` is home, row i + 1 the account i."""
    n = len(angle)
    order = np.argsort(angle)
    due = np.empty(n, dtype=np.int64)
    tour = np.empty(n + 1, dtype=np.int64)
    total = 0.0
    for week in range(weeks):
        count = 0
        for i in order:
            # as many visits as the even spacing puts into this week; two in one week are two days, so they count once here
            if np.floor(visits[i] * (week + 1) / weeks + offset[i]) > np.floor(visits[i] * week / weeks + offset[i]):
                due[count] = i
                count += 1
        best = np.inf
        for start in range(min(ANGLES, count)):
            best = min(best, _week(seconds, due, count, start * count // min(ANGLES, count), stay, day_s, tour))
        if count > 0:
            total += best
    return total


@njit(cache=True, nogil=True)
def _week(seconds: Floats, due: Ints, count: int, start: int, stay: Floats, day_s: float, tour: Ints) -> float:
    total = 0.0
    used, length, here = 0.0, 0, 0
    for k in range(count):
        i = due[(start + k) % count]
        more = seconds[here, i + 1] + stay[i]
        if length > 0 and used + more + seconds[i + 1, 0] > day_s:
            total += _shorten(seconds, tour, length)
            used, length, here = 0.0, 0, 0
            more = seconds[0, i + 1] + stay[i]
        tour[length] = i + 1
        used, length, here = used + more, length + 1, i + 1
    return total + _shorten(seconds, tour, length)


@njit(cache=True, nogil=True)
def _shorten(seconds: Floats, tour: Ints, length: int) -> float:
    """2-opt, home at both ends; seconds of the tour."""
    better = True
    while better:
        better = False
        for a in range(length - 1):
            before = tour[a - 1] if a > 0 else 0
            for b in range(a + 1, length):
                after = tour[b + 1] if b < length - 1 else 0
                old = seconds[before, tour[a]] + seconds[tour[b], after]
                if seconds[before, tour[b]] + seconds[tour[a], after] < old - 1e-9:
                    tour[a : b + 1] = tour[a : b + 1][::-1].copy()
                    better = True
    total, here = 0.0, 0
    for k in range(length):
        total += seconds[here, tour[k]]
        here = tour[k]
    return total + seconds[here, 0] if length else 0.0
