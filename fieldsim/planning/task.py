"""Everything that decides the plan of one territory, as one small record: it crosses process boundaries and keys the cache."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from datetime import date
from functools import cached_property
from itertools import pairwise

import numpy as np

from fieldsim.model import Bools, Design, Floats, Ints, Lunch, Scenario, TerritoryPlan, Travel, TravelMatrix, VisitPlan, Window
from fieldsim.planning.calendar import Hours, hours_of, lunch_in, service_s, slots_of, working_frame, works
from fieldsim.planning.prior import Prior, carried_over
from fieldsim.planning.rhythm import least_gap, remote_visits
from fieldsim.planning.sharing import Book, book_of, own_days
from fieldsim.planning.wishes import NONE, Wishes, day_shares, moved_pins, pinned_slots
from fieldsim.store import content_key

FORMAT = 23
"""Raised when the same task would get another plan than before, so that old cache entries are left alone."""


@dataclass(frozen=True, eq=False)
class TerritoryTask:
    """One territory's quarter. Accounts are positions in `ids` (sorted); home is the last row of the matrix."""

    rep: str
    ids: tuple[str, ...]
    due: Ints
    """[accounts] visits of this territory."""
    ordinal: Ints
    """[visits] the number of each among all of its account's, whoever makes them."""
    every: Ints
    """[accounts] visits by this territory and others: a rhythm that they share."""
    remote: Bools
    """[visits] in the accounts' order, then in time."""
    service_s: Ints
    priority: Ints
    slots: tuple[date, ...]
    """Mondays to Fridays of the quarter, holidays included."""
    open_days: Bools
    """[slots] the rep works."""
    frame: Window
    """Working time of a whole day."""
    closing_s: Ints
    """[slots] end of the working time, earlier than the frame's on a short day."""
    lunch: Lunch | None
    hours: Hours
    travel: TravelMatrix
    angle: Floats
    """[accounts] direction from home, radians."""
    pinned: Ints
    """[visits] slot that a visit must have, -1: free."""
    weekday: Ints
    """[accounts] preferred weekday, -1: any."""
    apart: Ints
    """[accounts] calendar days between visits at the least."""
    effort: str
    seed: int
    prior: Prior | None = None

    @property
    def first(self) -> Ints:
        """Position of each account's first visit, shape [accounts + 1]."""
        return np.concatenate([[0], np.cumsum(self.due)]).astype(np.int64)

    @cached_property
    def key(self) -> str:
        """Content key; neither the territory's nor the design's name is in it."""
        return content_key(FORMAT, *(_content(getattr(self, field.name)) for field in fields(self)))


def _content(value: object) -> object:
    """A value as `content_key` takes it."""
    if isinstance(value, Hours | TravelMatrix | Lunch | Prior | TerritoryPlan):
        return [_content(getattr(value, field.name)) for field in fields(value)]
    if isinstance(value, tuple) and value and isinstance(value[0], date):
        return [day.isoformat() for day in value]
    return value


def task_of(
    scenario: Scenario,
    design: Design,
    travel: Travel,
    territory: int,
    due: Ints,
    *,
    quarter: int,
    effort: str,
    seed: int,
    like: VisitPlan | None = None,
    wishes: Wishes = NONE,
) -> TerritoryTask:
    """The task of a territory whose seat is filled."""
    mine, rep_at = book_of(design, territory, due), int(design.rep_of[territory])
    rep, accounts, book = scenario.reps[rep_at], scenario.accounts, mine.accounts
    slots = slots_of(*scenario.quarter(quarter))
    frame = working_frame(scenario.day, rep)
    working = set(scenario.working_days(quarter))
    own, every, ids = mine.due, due[book], tuple(accounts.ids[i] for i in book.tolist())
    named = list(zip(ids, every.tolist(), mine.numbers, strict=True))
    flags = [
        remote_visits(float(accounts.remote[i]), n)[numbers] for i, (_, n, numbers) in zip(book.tolist(), named, strict=True)
    ]
    hours = hours_of(scenario, book, slots, frame)
    for at, name in enumerate(ids):
        hours.row[at, [k for k, day in enumerate(slots) if day in wishes.blocked.get(name, ())]] = -1
    prior = None if like is None else carried_over(scenario, like, territory, rep_at, mine, slots, hours, quarter)
    share = day_shares(wishes, rep.id, slots)
    apart = np.array([wishes.apart.get(name) or least_gap(n, len(slots)) for name, n, _ in named], dtype=np.int64)
    asked = _asked_slots(wishes, mine, named, slots, prior, _elsewhere(like, territory, mine) if wishes.moves else {})
    _keep_to_own_days(scenario, mine, apart, slots, wishes, hours, asked, prior)
    return TerritoryTask(
        rep=rep.id,
        ids=ids,
        due=own,
        ordinal=np.concatenate([np.zeros(0, np.int64), *mine.numbers]),
        every=every,
        remote=np.concatenate([np.zeros(0, np.bool_), *flags]),
        service_s=np.array([service_s(scenario, i) for i in book.tolist()], dtype=np.int64),
        priority=accounts.priority[book].astype(np.int64),
        slots=slots,
        open_days=np.array([day in working and works(rep, day) for day in slots], dtype=np.bool_)
        & (share * (frame[1] - frame[0]) >= 1.0),
        frame=frame,
        closing_s=(frame[0] + share * (frame[1] - frame[0])).astype(np.int64),
        lunch=lunch_in(scenario.day, frame),
        hours=hours,
        travel=travel.matrix(np.append(book, scenario.home(rep_at))),
        angle=_angle(accounts.lat[book] - rep.lat, (accounts.lon[book] - rep.lon) * np.cos(np.radians(rep.lat))),
        pinned=asked,
        weekday=np.array([wishes.weekday.get(name, -1) for name in ids], dtype=np.int64),
        apart=apart,
        effort=effort,
        seed=seed,
        prior=prior,
    )


def _asked_slots(
    wishes: Wishes,
    mine: Book,
    named: list[tuple[str, int, Ints]],
    slots: tuple[date, ...],
    prior: Prior | None,
    elsewhere: Mapping[int, Collection[date]],
) -> Ints:
    """Slot that each visit is to have by pins and moves, -1: free; `elsewhere` are the days of others' visits to an account."""
    found = [np.zeros(0, np.int64)]
    for account, (name, due, numbers), (a, b) in zip(mine.accounts.tolist(), named, pairwise(mine.first.tolist()), strict=True):
        planned = None if prior is None else prior.slot[a:b]
        again = planned if prior is not None and prior.same_quarter else None
        pins = pinned_slots(wishes, name, due, slots, again)[numbers]
        if name in wishes.moves:
            pins = moved_pins(wishes, name, pins, planned, slots, elsewhere.get(account, ()))
        found.append(pins)
    return np.concatenate(found)


def _keep_to_own_days(
    scenario: Scenario,
    mine: Book,
    apart: Ints,
    slots: tuple[date, ...],
    wishes: Wishes,
    hours: Hours,
    pinned: Ints,
    prior: Prior | None,
) -> None:
    """Close shared accounts on the others' days, but for visits that are asked for there or have their day there."""
    first = mine.first.tolist()
    for at, account in enumerate(mine.accounts.tolist()):
        if account in mine.runs:
            shut = frozenset(wishes.blocked.get(scenario.accounts.ids[account], ()))
            open_ = own_days(scenario, account, mine.runs[account], int(apart[at]), slots, shut)
            fixed = pinned[first[at] : first[at + 1]]
            open_[fixed[fixed >= 0]] = True
            if prior is not None and prior.same_quarter:
                kept = prior.slot[first[at] : first[at + 1]]
                open_[kept[kept >= 0]] = True
            hours.row[at, ~open_] = -1


def _elsewhere(like: VisitPlan | None, territory: int, mine: Book) -> dict[int, set[date]]:
    """Days on which others visit the accounts that a territory shares."""
    found: dict[int, set[date]] = {account: set() for account in mine.runs}
    for t, part in enumerate(like.territories if like and found else ()):
        for row in np.flatnonzero(np.isin(part.account, list(found))).tolist() if t != territory else ():
            assert like is not None
            found[int(part.account[row])].add(like.days[part.day[row]])
    return found


def _angle(north: Floats, east: Floats) -> Floats:
    """Direction in radians, to a hundredth: the last bits of a cosine may differ between machines."""
    return np.asarray(np.round(np.arctan2(north, east), 2), dtype=np.float64)
