"""Synthetic districting problems of any size, published so that others can run them, and what an answer to one is worth."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial import cKDTree

from fieldsim.model import Floats, Ints
from fieldsim.territory.problem import Problem

KMH = 50.0
DETOUR = 1.3
DAY_H = 7.5
CONTINUITY, MISFIT = 0.15, 0.05
BLOCK = 100_000
"""Accounts worked out at a time, so that a million of them fit into memory."""


@dataclass(frozen=True, eq=False)
class District:
    """A clustered country: accounts round towns, reps who live among them, a design grown by history."""

    place: Floats
    """Kilometres, shape [accounts, 2]."""
    home: Floats
    potential: Floats
    visits: Floats
    """A quarter."""
    service: Floats
    """Hours a quarter."""
    current: Ints
    locked: Ints
    trade: Ints
    skill: Ints


def make_district(accounts: int, reps: int, seed: int) -> District:
    """Towns of lognormal size on a square of 2,500 km2 a rep; homes about the middle of equal parts of the accounts (companies
    hire where customers are); lognormal potential; 5 % locked; seeded numpy draws."""
    rng = np.random.default_rng([accounts, reps, seed])
    side = np.sqrt(2500.0 * reps)
    towns = max(5, reps * 3 // 2)
    centre, size = rng.uniform(0.0, side, (towns, 2)), np.exp(rng.normal(0.0, 0.7, towns))
    town = rng.choice(towns, accounts, p=size / size.sum())
    spread = 4.0 + 8.0 * np.sqrt(size[town])
    place = centre[town] + rng.normal(0.0, 1.0, (accounts, 2)) * np.minimum(spread, side / 12)[:, None]
    country = rng.random(accounts) < 0.2
    place[country] = rng.uniform(0.0, side, (int(country.sum()), 2))
    middle = np.array([place[part].mean(axis=0) for part in bisect(place, np.ones(accounts), reps)])
    home = middle + rng.normal(0.0, 5.0, (reps, 2))
    potential = np.exp(rng.normal(0.0, 1.0, accounts))
    rank = np.argsort(np.argsort(-potential)) / accounts
    visits = np.select([rank < 0.15, rank < 0.45], [12.0, 6.0], 3.0)
    service = visits * np.select([rank < 0.15, rank < 0.45], [45.0, 30.0], 20.0) / 60.0
    near = nearest(home, place, min(3, reps))
    current = near[np.arange(accounts), rng.choice(min(3, reps), accounts, p=np.array([0.75, 0.17, 0.08])[: min(3, reps)])]
    locked = (rng.random(accounts) < 0.05).astype(np.int64)
    trade, skill = rng.integers(0, 4, accounts), rng.integers(0, 4, reps)
    return District(place, home, potential, visits, service, current.astype(np.int64), locked, trade, skill)


def clumped(accounts: int, reps: int, seed: int) -> District:
    """The same country, but reps live near customers drawn at random: several in one town, none in others."""
    plain = make_district(accounts, reps, seed)
    rng = np.random.default_rng([accounts, reps, seed, 1])
    home = plain.place[rng.choice(accounts, reps, replace=False)] + rng.normal(0.0, 5.0, (reps, 2))
    near = nearest(home, plain.place, min(3, reps))
    current = near[np.arange(accounts), rng.choice(near.shape[1], accounts, p=np.array([0.75, 0.17, 0.08])[: near.shape[1]])]
    return replace(plain, home=home, current=current.astype(np.int64))


def nearest(among: Floats, places: Floats, count: int) -> Ints:
    """The `count` nearest of `among` for each place, shape [places, count]."""
    found = np.asarray(cKDTree(among).query(places, k=count)[1], dtype=np.int64)
    return found.reshape(len(places), count)


def bisect(place: Floats, weight: Floats, parts: int) -> list[Ints]:
    """Positions in `parts` groups of about equal weight, by cuts across the longer side."""
    done: list[Ints] = []
    open_: list[tuple[Ints, int]] = [(np.arange(len(place), dtype=np.int64), parts)]
    while open_:
        group, count = open_.pop()
        if count == 1:
            done.append(group)
            continue
        axis = int(np.argmax(np.ptp(place[group], axis=0)))
        group = group[np.argsort(place[group, axis], kind="stable")]
        left = count // 2
        cut = int(np.searchsorted(np.cumsum(weight[group]), weight[group].sum() * left / count))
        cut = min(max(cut, left), len(group) - (count - left))
        open_ += [(group[cut:], count - left), (group[:cut], left)]
    return done


def hours_of(district: District, seat: Ints, way_km: Floats, hop_km: Floats | float) -> Floats:
    """Hours of travel a quarter of accounts to given seats; the way out is shared by the visits that fit into the day."""
    one_way, hop = way_km * DETOUR / KMH, hop_km * DETOUR / KMH
    stay = district.service.sum() / district.visits.sum()
    fits = np.maximum(1.0, (DAY_H - 2.0 * one_way) / (stay + hop))
    hours: Floats = district.visits[seat] * (2.0 * one_way / fits + hop * (1.0 - 1.0 / fits))
    return hours


def problem_of(district: District, tolerance: float = 0.05, candidates: int = 12, beside: float = 1.0) -> Problem:
    """Travel + 0.15 h an hour moved + 0.05 h an hour misfit; potential and workload within the tolerance.

    `beside` weighs what stands beside travel: at 0, only travel counts.
    """
    n, k = len(district.place), len(district.home)
    width = min(candidates, k)
    near = np.ascontiguousarray(nearest(district.place, district.place, 9)[:, 1:])
    seat, cost = np.empty((n, width), dtype=np.int64), np.empty((n, width))
    load = np.empty((n, width, 2))
    for first in range(0, n, BLOCK):
        rows = np.arange(first, min(first + BLOCK, n))
        seat[rows], cost[rows], load[rows] = _slots(district, rows, near[rows, 2], width, beside)
    load /= load[:, 0].sum(axis=0) / k
    return Problem(k, seat, cost, load, near, np.zeros(near.shape), np.ones(2), tolerance)


def _slots(district: District, rows: Ints, hop_to: Ints, width: int, weight: float) -> tuple[Ints, Floats, Floats]:
    """Seat, cost and load of the slots of some accounts; the present seat is one, and the only one where it is locked."""
    place, service, current = district.place[rows], district.service[rows, None], district.current[rows]
    seat = nearest(district.home, place, width)
    absent = ~(seat == current[:, None]).any(axis=1)
    seat[absent, -1] = current[absent]
    hop = np.linalg.norm(district.place[hop_to] - place, axis=1)
    way = np.linalg.norm(district.home[seat] - place[:, None, :], axis=2)
    travel = hours_of(district, np.repeat(rows, width), way.ravel(), np.repeat(hop, width)).reshape(seat.shape)
    mine = seat == current[:, None]
    held = district.locked[rows] == 1
    unfit = district.trade[rows, None] != district.skill[seat]
    cost = travel + weight * service * (CONTINUITY * ~mine + MISFIT * unfit)
    order = np.argsort(np.where(mine & held[:, None], -np.inf, cost), axis=1, kind="stable")
    seat, cost, travel = (np.take_along_axis(a, order, axis=1) for a in (seat, cost, travel))
    seat[held, 1:], cost[held, 1:] = -1, np.inf
    load = np.stack([np.repeat(district.potential[rows, None], width, axis=1), travel + service], axis=2)
    load[seat < 0] = 0.0
    return seat, cost, load
