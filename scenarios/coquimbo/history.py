"""The designs that people made: `today`, grown by fifteen years of hires and wins, and `zones`, cut on a map by census people."""

from __future__ import annotations

import numpy as np
from market import Market
from places import Bools, Floats, Ints, Zone
from scipy.optimize import linear_sum_assignment

from fieldsim.luck import keys_of, normals, stream, uniforms

HIRED = (2011.2, 2012.6, 2014.1, 2015.8, 2017.2, 2018.9, 2020.7, 2022.9, 2024.8)
"""When each rep joined, in seniority order."""
FIRST_YEAR, LAST_YEAR = 2011.0, 2026.7
LOCKED = 12


def grow_today(seed: int, market: Market, home_lat: Floats, home_lon: Floats) -> Ints:
    """The owner of each account after the years, as positions in seniority order.

    Large customers tend to be won early. A new customer goes to the nearest rep with room six times in ten and else to whoever
    took the call; room means not more than two accounts above the smallest book, because the company counts accounts. A new rep
    is given his books by colleagues who hand over what they miss least: small accounts more often than large ones.
    """
    keys = keys_of(market.ids)
    u = uniforms(stream(seed, 0, "history"), keys, 3)
    liking = market.potential * np.exp(3.0 * normals(stream(seed, 0, "liking"), keys, 1)[:, 0])
    rank = np.argsort(np.argsort(-market.potential, kind="stable"), kind="stable") / len(market.ids)
    won = FIRST_YEAR + (LAST_YEAR - FIRST_YEAR) * (0.65 * u[:, 0] + 0.35 * rank)
    away = np.hypot(market.places.lat[:, None] - home_lat, (market.places.lon[:, None] - home_lon) * 0.867)
    owner = np.full(len(market.ids), -1, dtype=np.int64)
    staff = 1
    for i in np.argsort(won, kind="stable").tolist():
        while staff < len(HIRED) and HIRED[staff] <= won[i]:
            _hand_over(owner, staff, liking)
            staff += 1
        books = np.bincount(owner[owner >= 0], minlength=staff)
        room = np.flatnonzero(books <= books.min() + 2)
        owner[i] = room[np.argmin(away[i, room])] if u[i, 1] < 0.6 else room[int(u[i, 2] * len(room))]
    return owner


def _hand_over(owner: Ints, newcomer: int, liking: Floats) -> None:
    """Each colleague gives the newcomer an equal part, what he likes least first."""
    for colleague in range(newcomer):
        book = np.flatnonzero(owner == colleague)
        part = len(book) // (newcomer + 1)
        owner[book[np.argsort(liking[book], kind="stable")[:part]]] = newcomer


def cut_zones(zones: list[Zone], market: Market, home_lat: Floats, home_lon: Floats) -> Ints:
    """The owner of each account when whole census zones are cut into groups of equal people, each given to the nearest home."""
    lat, lon = np.array([z.lat for z in zones]), np.array([z.lon for z in zones]) * 0.867
    people = np.array([z.people for z in zones])
    group = np.zeros(len(zones), dtype=np.int64)
    _bisect(np.arange(len(zones)), len(home_lat), 0, lat, lon, people, group)
    weight = np.bincount(group, people)
    middle_lat, middle_lon = np.bincount(group, people * lat) / weight, np.bincount(group, people * lon) / weight
    away = np.hypot(middle_lat[:, None] - home_lat, middle_lon[:, None] - home_lon * 0.867)
    seat: Ints = linear_sum_assignment(away)[1].astype(np.int64)
    return seat[group[market.places.zone]]


def _bisect(part: Ints, groups: int, first: int, lat: Floats, lon: Floats, people: Floats, group: Ints) -> None:
    """Cuts a set of zones across its longer side into two sets whose people are in the ratio of their groups, and so on."""
    if groups == 1:
        group[part] = first
        return
    along = lat if np.ptp(lat[part]) >= np.ptp(lon[part]) else lon
    order = part[np.argsort(along[part], kind="stable")]
    left = groups // 2
    before = np.cumsum(people[order]) - people[order] / 2
    cut = int(np.searchsorted(before, people[order].sum() * left / groups))
    _bisect(order[:cut], left, first, lat, lon, people, group)
    _bisect(order[cut:], groups - left, first + left, lat, lon, people, group)


def lock_some(seed: int, market: Market) -> Bools:
    """The few relationships that nobody may move: drawn among the A accounts."""
    luck = uniforms(stream(seed, 0, "locked"), keys_of(market.ids), 1)[:, 0]
    luck = np.where(np.array(market.tier) == "A", luck, 2.0)
    chosen = np.zeros(len(market.ids), dtype=np.bool_)
    chosen[np.argsort(luck, kind="stable")[:LOCKED]] = True
    return chosen
