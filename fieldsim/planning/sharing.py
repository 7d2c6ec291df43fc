"""In whose hands each visit to a shared account is: its owner's alone, a specialist's in their own days, or both together.

A specialist's `visit_share` of the visits due falls to them, spread evenly. One who has a territory makes these visits within its
days, in the owner's place; one without a territory goes along with the owner, which needs both calendars.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from fieldsim.model import Bools, Design, Ints, Scenario, VisitPlan
from fieldsim.planning.calendar import opening

Shares = tuple[tuple[int, float], ...]
"""Specialists of an account by position, each with a share of its visits."""


class Book(NamedTuple):
    """The visits in a territory's hands."""

    accounts: Ints
    """Ascending."""
    numbers: tuple[Ints, ...]
    """For each account which of all its visits due, from 0."""
    runs: Mapping[int, Bools]
    """Accounts that others visit too: for each of all its visits due, is it this territory's?"""

    @property
    def due(self) -> Ints:
        """Visits of each account."""
        return np.array([len(own) for own in self.numbers], dtype=np.int64)

    @property
    def first(self) -> Ints:
        """Position of each account's first visit among all of them, shape [accounts + 1]."""
        return np.concatenate([[0], np.cumsum(self.due)]).astype(np.int64)


@lru_cache(maxsize=8)
def shared(design: Design) -> Mapping[int, Shares]:
    """Accounts with specialists who have a share of the visits; nobody shares an account that they own."""
    owner = design.owner
    found: dict[int, list[tuple[int, float]]] = {}
    for overlay in sorted(design.overlays, key=lambda overlay: (overlay.account, overlay.rep)):
        if overlay.visit_share > 0.0 and overlay.rep != owner[overlay.account]:
            found.setdefault(overlay.account, []).append((overlay.rep, overlay.visit_share))
    return {account: tuple(shares) for account, shares in found.items()}


@lru_cache(maxsize=8)
def seats(design: Design) -> Mapping[int, int]:
    """The territory of each rep who has one, the first of several."""
    return {rep: t for t, rep in reversed(list(enumerate(design.rep_of.tolist()))) if rep >= 0}


@lru_cache(maxsize=1024)
def dealt(shares: Shares, visits: int) -> tuple[int, ...]:
    """The specialist to whom each visit due falls, -1: the owner alone. Who lacks most, and a whole visit, is next."""
    given, found = [0] * len(shares), []
    for k in range(1, visits + 1):
        lacks = [share * k - had + 1e-9 for (_, share), had in zip(shares, given, strict=True)]
        most = max(range(len(shares)), key=lambda j: (lacks[j], -j))
        own = lacks[most] >= 1.0
        given[most] += own
        found.append(shares[most][0] if own else -1)
    return tuple(found)


@lru_cache(maxsize=8)
def touched(design: Design) -> Mapping[int, tuple[int, ...]]:
    """Accounts of which one territory owns a part of the visits and others the rest, by each of these territories."""
    found: dict[int, list[int]] = {}
    for i, shares in shared(design).items():
        guests = {seats(design)[who] for who, _ in shares if who in seats(design)}
        for territory in sorted({int(design.territory_of[i]), *guests} if guests else ()):
            found.setdefault(territory, []).append(i)
    return {territory: tuple(accounts) for territory, accounts in found.items()}


def book_of(design: Design, territory: int, due: Ints) -> Book:
    """What a territory's rep visits: its own accounts but for other seats' shares, and its rep's share of others'."""
    own, runs = design.book(territory), {}
    for i in touched(design).get(territory, ()):
        at = int(design.territory_of[i])
        hands = [seats(design).get(who, at) for who in dealt(shared(design)[i], int(due[i]))]
        if territory == at or territory in hands:
            mine = np.array([seat == territory for seat in hands], dtype=np.bool_)
            if not (territory == at and mine.all()):
                runs[i] = mine
    accounts = np.union1d(own, np.array(sorted(runs), dtype=np.int64)).astype(np.int64)
    numbers = tuple(np.flatnonzero(runs[i]) if i in runs else np.arange(int(due[i])) for i in accounts.tolist())
    return Book(accounts, numbers, runs)


def due_in(design: Design, plan: VisitPlan, territory: int) -> int:
    """Visits due that are a territory's to make."""
    return int(book_of(design, territory, plan.due).due.sum())


def own_days(scenario: Scenario, account: int, mine: Bools, apart: int, slots: tuple[date, ...], shut: frozenset[date]) -> Bools:
    """The slots on which a territory may visit a shared account, so that its visits stay `apart` days from the others' ones.

    All of its visits, whoever makes them, are spread evenly over the days it is open; each stretch of days belongs to the visit
    in its middle. It rests on nothing that only one of them knows, so each can be planned without the other. `shut` are days off.
    """
    dates = np.array([day.toordinal() for day in slots], dtype=np.int64)
    could = [day not in scenario.holidays and day not in shut and bool(opening(scenario, account, day)) for day in slots]
    free = dates[np.array(could, dtype=np.bool_)]
    if not len(free):
        return np.ones(len(slots), dtype=np.bool_)
    even = free[((np.arange(len(mine)) + 0.5) * len(free) / len(mine)).astype(np.int64)]
    gap = np.diff(even)
    kept = np.clip(gap, 1, apart)
    last = np.append(even[:-1] + (gap - kept) // 2, dates[-1])
    first = np.append(dates[0], last[:-1] + kept)
    allowed = np.zeros(len(slots), dtype=np.bool_)
    for k in np.flatnonzero(mine).tolist():
        begin = even[k - 1] if k and mine[k - 1] else first[k]
        allowed |= (dates >= begin) & (dates <= last[k])
    return allowed


def part_of(patterns: tuple[tuple[tuple[int, ...], float], ...], mine: Ints) -> tuple[tuple[tuple[int, ...], float], ...]:
    """Of an account's rhythms the visits in one pair of hands."""
    return tuple(dict.fromkeys((tuple(pattern[k] for k in mine.tolist()), uneven) for pattern, uneven in patterns))
