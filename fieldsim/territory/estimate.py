"""Estimates the travel an account costs a seat, so that a search can add it up without routing anybody.

A day that starts at home drives out, hops from visit to visit and drives back. The way out and back is shared by the visits of
the day, so an account d seconds from home costs 2d/q + hop (q - 1)/q seconds a visit. Far out no more fit than
q = (day - 2d) / (visit + hop); near home no more are made than fill all working days, because a plan spreads a light book over
them. Ways shared by a fixed number of visits are wrong far out, and an optimiser exploits that. The hop is the way to the nearest
account that is due in the same week. What the form leaves open, planned quarters of the design correct, seat by seat.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from fieldsim.model import Accounts, Bools, Floats, Ints, Scenario, Travel
from fieldsim.territory.guests import NOBODY, Guests
from fieldsim.territory.routed import Planned
from fieldsim.territory.seats import Seats

WHOLE = 2_500
"""Up to so many places one travel matrix holds everything; beyond, hops come from great circles at the measured pace."""
NEIGHBOURS = 8
SPREAD = 1.15
"""What planned quarters drive over the plain form: a day's accounts are never quite in one direction."""
LIGHTEST = 0.98
"""Part of its visits' time that an account may take off a seat's travel at the most: each one is work."""
_EARTH_M = 6_371_000.0


@dataclass(frozen=True, eq=False)
class Ways:
    """Seconds between accounts and seats (mean of out and back), and between near accounts."""

    home_s: Floats
    """Shape [accounts, columns]."""
    seat: Ints
    """Seat of each column, shape [accounts, columns]: all seats, or the near ones of a market too large for a table of all."""
    near: Ints
    """The nearest accounts of each, shape [accounts, neighbours]."""
    near_s: Floats


@dataclass(frozen=True, eq=False)
class Effort:
    """Hours a quarter each account asks of each seat."""

    travel: Floats
    """Shape [accounts, columns]."""
    service: Floats
    """Visits alone, shape [accounts]."""
    hop: Floats
    """The part of travel that does not depend on the seat, shape [accounts]."""
    base: Floats | None = None
    """What a seat drives besides, whatever its book, shape [seats]; None: nothing."""
    lift: Floats | None = None
    """What a search adds to the travel from every seat alike, so that no cost is below zero, shape [accounts]; None: nothing."""
    guest: Floats | None = None
    """Hours of a seat's visits at others' accounts, shape [seats]; None: nobody makes any."""


def measure_ways(scenario: Scenario, travel: Travel, seats: Seats) -> Ways:
    """Travel times at the start of the day between what the estimate needs."""
    n = len(scenario.accounts)
    near = nearest(scenario.accounts.lat, scenario.accounts.lon, NEIGHBOURS)
    every = np.broadcast_to(np.arange(len(seats)), (n, len(seats)))
    if n + len(seats) <= WHOLE:
        points = np.concatenate((np.arange(n, dtype=np.int64), seats.point))
        times = _both_ways(travel, points)
        return Ways(np.ascontiguousarray(times[:n, n:]), every, near, np.take_along_axis(times[:n, :n], near, axis=1))
    parts = [_to_seats(travel, seats, np.arange(a, min(a + WHOLE, n), dtype=np.int64)) for a in range(0, n, WHOLE)]
    return Ways(np.vstack(parts), every, near, _paced(scenario, travel, near))


def nearest(lat: Floats, lon: Floats, count: int) -> Ints:
    """The `count` nearest other places of each by great circle, nearest first; fewer where there are fewer."""
    places = on_sphere(lat, lon)
    count = min(count, len(lat) - 1)
    if count <= 0:
        return np.empty((len(lat), 0), dtype=np.int64)
    found = np.atleast_2d(cKDTree(places).query(places, k=count + 1)[1]).astype(np.int64)
    itself = found == np.arange(len(lat))[:, None]
    itself[~itself.any(axis=1), -1] = True  # more places on one spot than neighbours asked for
    others: Ints = found[~itself].reshape(len(lat), count)
    return others


def on_sphere(lat: Floats, lon: Floats) -> Floats:
    """Places on the earth as points in metres, so that plain distances order them."""
    y, x = np.radians(lat), np.radians(lon)
    points: Floats = _EARTH_M * np.column_stack((np.cos(y) * np.cos(x), np.cos(y) * np.sin(x), np.sin(y)))
    return points


def estimate_effort(
    scenario: Scenario,
    seats: Seats,
    ways: Ways,
    guests: Guests = NOBODY,
    factor: Floats | None = None,
    owner: Ints | None = None,
) -> Effort:
    """Hours of travel and visits a quarter; what `guests` visit is not the owners' but drives and weighs on their own seats.

    `factor` [seats] is the calibration, `owner` the seat of each account in the design that it comes from, by default the nearest
    one. From it follows how many visits a day holds near home when all books together are spread over all working days.
    """
    accounts = scenario.accounts
    service = accounts.visits * accounts.visit_minutes / 60.0
    present = accounts.visits * (1.0 - accounts.remote)
    hop_s = hop_seconds(scenario, ways)
    fits = _fits(scenario, seats, ways, hop_s)
    room = fits.max(axis=1) if owner is None else fits[np.arange(len(owner)), column_of(ways.seat, owner)]
    stops = np.minimum(fits, _level(room, present, float(len(scenario.working_days(0)) * len(seats))))
    scale = (np.full(len(seats), SPREAD) if factor is None else factor)[ways.seat]
    travel = present[:, None] * (2.0 * ways.home_s / stops + hop_s[:, None] * (1.0 - 1.0 / stops)) / 3600.0 * scale
    if not len(guests.account):
        return Effort(travel, service, present * hop_s / 3600.0)
    left, column = guests.left(len(accounts)), column_of(ways.seat[guests.account], guests.seat)
    base = guests.sums(travel[guests.account, column], len(seats))
    visited = guests.sums(service[guests.account], len(seats))
    return Effort(travel * left[:, None], service * left, present * left * hop_s / 3600.0, base, guest=visited)


def effort_about(
    scenario: Scenario, seats: Seats, ways: Ways, guests: Guests, owner: Ints, planned: Planned, plain: Effort
) -> Effort:
    """Hours of travel as they change when accounts leave and join the books of a planned design.

    A seat's days out stay as many, so an account changes how long their way out is on the mean: by the way beyond the book's mean
    way, shared by the visits of a day, or by as few as fit into a day so far out. Besides it costs its hop. What a seat then
    drives beyond its accounts' sum, so that its own book makes up the planned hours, is its base; so estimate and plan agree on
    the design itself. An account too far for any day has no part in these means: it costs its way there and back alone, as in
    the plan. `plain` sets the scale of costs.
    """
    count, rows = len(seats), np.arange(len(owner))
    every = scenario.accounts.visits * (1.0 - scenario.accounts.remote)
    visits = every * guests.left(len(owner))
    column = column_of(ways.seat, owner)
    beyond = beyond_reach(scenario.accounts, seats, ways)
    reached = np.where(beyond[rows, column], 0.0, visits)
    book = np.bincount(owner, reached, count) + guests.sums(every[guests.account], count)
    out = (planned.days > 0.0) & (book > 0.0)
    usual = float(book.sum()) / max(float(planned.days.sum()), 1.0)
    # rounded, so that the order of rows in a sum decides nothing
    a_day = np.round(np.where(out, np.maximum(1.0, book / np.maximum(planned.days, 1.0)), max(1.0, usual)), 6)
    there = column_of(ways.seat[guests.account], guests.seat)
    guest_way_s = guests.sums(every[guests.account] * ways.home_s[guests.account, there], count)
    way_s = np.bincount(owner, reached * ways.home_s[rows, column], count) + guest_way_s
    mean_s = np.where(out, np.round(way_s / np.maximum(book, 1e-9), 6), 0.0)
    hop_s = hop_seconds(scenario, ways)
    stops = np.minimum(_fits(scenario, seats, ways, hop_s), a_day[ways.seat])
    more_s = 2.0 * ways.home_s / stops - (2.0 * mean_s / a_day)[ways.seat] + hop_s[:, None]
    more_s = np.where(beyond, 2.0 * ways.home_s, more_s)
    travel = np.maximum(visits[:, None] * more_s / 3600.0, -LIGHTEST * plain.service[:, None])
    base = np.round(planned.hours - np.bincount(owner, travel[rows, column], count), 6)
    return Effort(travel, plain.service, plain.hop, base, plain.travel.min(axis=1) - travel.min(axis=1), plain.guest)


def beyond_reach(accounts: Accounts, seats: Seats, ways: Ways, at: Any = slice(None)) -> Bools:
    """Whether a visit and its way there and back alone are more than a seat's day, shape [accounts, columns], or `at` a part."""
    minutes = np.broadcast_to(accounts.visit_minutes[:, None], ways.home_s.shape)
    beyond: Bools = 2.0 * ways.home_s[at] + 60.0 * minutes[at] > seats.day_s[ways.seat[at]]
    return beyond


def _fits(scenario: Scenario, seats: Seats, ways: Ways, hop_s: Floats) -> Floats:
    """Visits that fit into a day at the distance of each account, shape [accounts, columns]."""
    accounts = scenario.accounts
    meeting = float(np.average(accounts.visit_minutes, weights=np.maximum(accounts.visits, 1e-9))) * 60.0
    fits: Floats = np.maximum(1.0, (seats.day_s[ways.seat] - 2.0 * ways.home_s) / (meeting + hop_s[:, None]))
    return fits


def column_of(seat: Ints, owner: Ints) -> Ints:
    """The column of each account that means its owner, 0 where none does."""
    column: Ints = (seat == owner[:, None]).argmax(axis=1).astype(np.int64)
    return column


def _level(fits: Floats, visits: Floats, days: float) -> float:
    """The number c >= 1 with which visits / min(fits, c) add up to the days; the most that fit, where they are more with any."""
    if not visits.sum() > 0.0:
        return 1.0
    order = np.argsort(fits, kind="stable")
    fits, visits = fits[order], visits[order]
    full = np.concatenate(([0.0], np.cumsum(visits / fits)))[:-1]
    level = np.cumsum(visits[::-1])[::-1] / np.maximum(days - full, 1e-9)
    reached = np.flatnonzero((full < days) & (level <= fits))
    return max(1.0, float(level[reached[0]]) if len(reached) else float(fits[-1]))


def hop_seconds(scenario: Scenario, ways: Ways) -> Floats:
    """The way from each account to the nearest one that is due in the same week, seconds."""
    accounts = scenario.accounts
    weeks = max(1.0, ((scenario.end - scenario.start).days + 1) / 7.0)
    due = np.minimum(1.0, accounts.visits / weeks)
    if ways.near.shape[1] == 0:
        return np.zeros(len(accounts))
    reached = np.cumsum(due[ways.near], axis=1)
    which = np.minimum((reached < 1.0).sum(axis=1), ways.near.shape[1] - 1)
    hops: Floats = np.take_along_axis(ways.near_s, which[:, None], axis=1)[:, 0]
    return hops


def _both_ways(travel: Travel, points: Ints) -> Floats:
    seconds = travel.matrix(points).seconds[0].astype(np.float64)
    mean: Floats = (seconds + seconds.T) / 2.0
    return mean


def _to_seats(travel: Travel, seats: Seats, accounts: Ints) -> Floats:
    times = _both_ways(travel, np.concatenate((accounts, seats.point)))
    return times[: len(accounts), len(accounts) :]


def _paced(scenario: Scenario, travel: Travel, near: Ints) -> Floats:
    """Seconds to neighbours from great circles, at the pace (seconds, and seconds a metre) of every so-many-th account's hops."""
    accounts = scenario.accounts
    place = on_sphere(accounts.lat, accounts.lon)
    metres = np.linalg.norm(place[near] - place[:, None, :], axis=2)
    some = np.arange(0, len(accounts), max(1, len(accounts) // 200), dtype=np.int64)
    pairs = np.concatenate((some, near[some, -1]))
    times = _both_ways(travel, pairs)[np.arange(len(some)), np.arange(len(some)) + len(some)]
    slope, base = np.polyfit(metres[some, -1], times, 1) if len(some) > 2 else (0.1, 0.0)
    return np.asarray(np.maximum(0.0, base + slope * metres))
