"""A market too large for a table of accounts by seats: a few near seats stand for all of them."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from fieldsim.model import Design, Floats, Ints, Scenario, Travel
from fieldsim.territory.estimate import Ways, estimate_effort, nearest, on_sphere
from fieldsim.territory.guests import guests_of
from fieldsim.territory.routed import roughly_planned
from fieldsim.territory.search import MANY, solve
from fieldsim.territory.seats import Seats
from fieldsim.territory.slots import problem_of
from fieldsim.territory.units import Market, Wishes, canonical

CELLS = 20_000_000
"""Accounts times seats from which a market is wide."""
QUICK_CELLS = 2_000_000
"""From here on a balanced design takes near seats too: one correction of the estimate and one search, within seconds."""
COLUMNS = 10
"""Seats of an account: the nearest ones, with the present one and the one it is bound to among them."""
BESIDE = 4
"""Neighbours of an account."""
ASKED = 400
"""Pairs of places whose travel time tells the pace of all others."""
FIRST_TRIES = 250
"""Tries for each account of the search that only tells which books are planned for the one factor of all."""
STAND_INS = 16
"""Seats planned for the one factor of all: their ratios differ by 9 to 12 %, so it is known within 2 to 3 % (standard error)."""


def wide_ways(scenario: Scenario, travel: Travel, seats: Seats, present: Ints, held: Ints) -> Ways:
    """Ways to the near seats of each account by great circles, at the pace of some hundred travel times.

    `present` and `held` [accounts] are seats that must be among them, -1 where there is none. A family shares its seats.
    """
    accounts = scenario.accounts
    seat = near_seats(scenario, seats, present, held)
    place, home = on_sphere(accounts.lat, accounts.lon), _homes(scenario, seats)
    near = nearest(accounts.lat, accounts.lon, BESIDE)
    some = canonical(accounts)[:: max(1, len(accounts) // ASKED)]
    column = np.arange(len(some)) % seat.shape[1]
    metres = np.stack([np.linalg.norm(home[seat[:, c]] - place, axis=1) for c in range(seat.shape[1])], axis=1)
    out = _pace(travel, some, seats.point[seat[some, column]], metres[some, column])
    hops = np.stack([np.linalg.norm(place[near[:, c]] - place, axis=1) for c in range(near.shape[1])], axis=1)
    beside = _pace(travel, some, near[some, -1], hops[some, -1])
    return Ways(_seconds(metres, out), seat, near, _seconds(hops, beside))


def evenly_planned(
    scenario: Scenario, travel: Travel, market: Market, ways: Ways, wishes: Wishes, start: Design | None
) -> tuple[Market, Floats]:
    """The market with all travel scaled to what some seats of a quickly searched design drive, and the factor of each seat.

    The nearest seats would not do: their books are uneven, and an even design drives a tenth to a fifth more than they tell. Only
    beyond MANY units, where there is time for one search, they have to.
    """
    seats, guests = market.seats, guests_of(market.seats, start)
    owner = market.seat[np.arange(len(market.seat)), market.effort.travel.argmin(axis=1)]
    if len(owner) <= MANY:
        problem = problem_of(scenario, market, ways, wishes)
        slot = solve(problem, moves=wishes.moves or FIRST_TRIES * problem.units, quick=True).slot
        owner = problem.seat[np.arange(problem.units), slot][market.unit]
    plain = estimate_effort(scenario, seats, ways, guests, np.ones(len(seats)), owner)
    guess = market.asking(plain).driven(owner)
    design = Design("", seats.names, owner, seats.rep, start.overlays if start else ())
    routed = roughly_planned(scenario, travel, design, seats, guess, most=STAND_INS).hours
    # rounded, so that the order of rows in a sum decides nothing
    factor = np.full(len(seats), np.round(routed.sum() / max(float(guess.sum()), 1e-9), 6))
    return market.asking(estimate_effort(scenario, seats, ways, guests, factor, owner)), factor


def near_seats(scenario: Scenario, seats: Seats, present: Ints, held: Ints) -> Ints:
    """The seats of each account's columns, shape [accounts, columns]."""
    accounts = scenario.accounts
    width = min(COLUMNS, len(seats))
    seat = cKDTree(_homes(scenario, seats)).query(on_sphere(accounts.lat, accounts.lon), k=width)[1].reshape(-1, width)
    seat = _with(seat.astype(np.int64), present, -2 % width)
    seat = _with(seat, held, -1 % width)
    return _shared(seat, accounts.parent, held)


def _with(seat: Ints, wanted: Ints, column: int) -> Ints:
    """The seats with the wanted one in the given column, where it is in none."""
    absent = (wanted >= 0) & ~(seat == wanted[:, None]).any(axis=1)
    seat[absent, column] = wanted[absent]
    return seat


def _shared(seat: Ints, parent: tuple[str, ...], held: Ints) -> Ints:
    """All of a family get the seats of a member that is bound to one, or of its first, unless locks tear it apart."""
    families: dict[str, list[int]] = {}
    for i, name in enumerate(parent):
        if name:
            families.setdefault(name, []).append(i)
    for members in families.values():
        if len(np.unique(held[members][held[members] >= 0])) < 2:
            seat[members] = seat[max(members, key=lambda i: (held[i] >= 0, -i))]
    return seat


def _homes(scenario: Scenario, seats: Seats) -> Floats:
    accounts = scenario.accounts
    lat = np.concatenate((accounts.lat, [rep.lat for rep in scenario.reps]))[seats.point]
    lon = np.concatenate((accounts.lon, [rep.lon for rep in scenario.reps]))[seats.point]
    return on_sphere(lat, lon)


def _pace(travel: Travel, origin: Ints, target: Ints, metres: Floats) -> tuple[float, float]:
    """Seconds a metre and seconds a way, by least squares over some pairs of points."""
    points, at = np.unique(np.concatenate((origin, target)), return_inverse=True)
    times = travel.matrix(points).seconds[0].astype(np.float64)
    start, end = at[: len(origin)], at[len(origin) :]
    slope, base = np.polyfit(metres, (times[start, end] + times[end, start]) / 2.0, 1)
    return float(slope), float(base)


def _seconds(metres: Floats, pace: tuple[float, float]) -> Floats:
    seconds: Floats = np.maximum(0.0, pace[0] * metres + pace[1])
    return seconds
