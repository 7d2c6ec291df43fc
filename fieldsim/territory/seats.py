"""Who sits where: the seats a design is made for, their places, and the share of the team's work each can carry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fieldsim.errors import InfeasibleError, UsageError, count, did_you_mean
from fieldsim.model import Design, Floats, Ints, Rep, Scenario

FIRST_SHARE = 0.6
"""Share of a full book that a hire starts with; who is still learning cannot carry more."""
RAMP_MONTHS = 9.0
"""Months until a hire carries a full book; the market model's full ramp (simulation/market.toml)."""
MONTH_DAYS = 30.4
ASKING, TRIED = 10_000, 1_000
"""Accounts whose ways decide on a new seat's place, and places that are tried, of a larger book every so-many-th."""


@dataclass(frozen=True, eq=False)
class Seats:
    """The chairs of a design, in its order, new ones last."""

    names: tuple[str, ...]
    rep: Ints
    """Rep position of each seat, -1 where vacant."""
    point: Ints
    """Point of the scenario the seat's days start from: the rep's home, or the middle account of a vacant seat's book."""
    share: Floats
    """Share of what the team can carry: part-time reps and those who joined lately less; adds to 1."""
    day_s: Floats
    """Seconds of a working day left for visits and travel, after lunch and office work."""

    def __len__(self) -> int:
        return len(self.names)


def seats_of(
    scenario: Scenario, start: Design | None = None, territories: int | None = None, vacate: Sequence[str] = ()
) -> Seats:
    """The seats of `start`, else one for each rep who is there when the quarter starts.

    `vacate` names reps who leave: their seats are not offered. `territories` asks for another number: more than there are
    seats adds vacant ones where they shorten ways most; fewer is an error that says whom to vacate.
    """
    gone = _positions(scenario, vacate)
    if start is not None:
        names, reps = list(start.territories), start.rep_of.tolist()
        points = [_place(scenario, start, t, rep) for t, rep in enumerate(reps)]
    else:
        reps = [k for k, rep in enumerate(scenario.reps) if rep.end is None or rep.end >= scenario.start]
        names, points = [scenario.reps[k].id for k in reps], [scenario.home(k) for k in reps]
    kept = [t for t, rep in enumerate(reps) if rep not in gone]
    names, reps, points = [names[t] for t in kept], [reps[t] for t in kept], [points[t] for t in kept]
    many = max(len(names), territories or 0)
    if many > len(scenario.accounts):
        raise InfeasibleError(f"{many} territories for {count(len(scenario.accounts), 'account')}")
    _add_vacant(scenario, territories, names, reps, points)
    if not names:
        raise InfeasibleError("no rep is there when the quarter starts")
    day = [_day_s(scenario, scenario.reps[rep] if rep >= 0 else None) for rep in reps]
    share = np.array([max(_capacity(scenario, rep) * ramped(scenario, rep), 1e-6) for rep in reps]) * np.array(day)
    return Seats(
        tuple(names),
        np.array(reps, dtype=np.int64),
        np.array(points, dtype=np.int64),
        share / share.sum(),
        np.array(day),
    )


def working_hours(scenario: Scenario, seats: Seats) -> Floats:
    """Hours of the quarter each seat has for visits and travel."""
    days = len(scenario.working_days(0))
    part = [_capacity(scenario, rep) for rep in seats.rep.tolist()]
    hours: Floats = np.array(part) * seats.day_s * days / 3600.0
    return hours


def _positions(scenario: Scenario, names: Sequence[str]) -> frozenset[int]:
    ids = {rep.id: k for k, rep in enumerate(scenario.reps)}
    for name in names:
        if name not in ids:
            raise UsageError(f"unknown rep '{name}'", hint=did_you_mean(name, ids))
    return frozenset(ids[name] for name in names)


def _capacity(scenario: Scenario, rep: int) -> float:
    return 1.0 if rep < 0 else scenario.reps[rep].capacity


def ramped(scenario: Scenario, rep: int) -> float:
    """Share of a full book that a rep can carry when the quarter starts: 60 % on joining, all of it nine months later."""
    start = scenario.reps[rep].start if rep >= 0 else None
    if start is None:
        return 1.0
    months = (scenario.start - start).days / MONTH_DAYS
    return min(1.0, FIRST_SHARE + (1.0 - FIRST_SHARE) * max(0.0, months) / RAMP_MONTHS)


def _day_s(scenario: Scenario, rep: Rep | None) -> float:
    if rep is None:
        return float(np.median([_day_s(scenario, known) for known in scenario.reps])) if scenario.reps else 8 * 3600.0
    lunch = scenario.day.lunch.duration_s if scenario.day.lunch else 0
    return max(3600.0, rep.shift_end_s - rep.shift_start_s - lunch - scenario.day.admin_minutes * 60.0)


def _place(scenario: Scenario, start: Design, territory: int, rep: int) -> int:
    return scenario.home(rep) if rep >= 0 else middle_account(scenario, start.book(territory))


def middle_account(scenario: Scenario, book: Ints) -> int:
    """The account of a book that lies closest to the middle of its visits; of all accounts where the book is empty."""
    accounts = scenario.accounts
    book = book if len(book) else np.arange(len(accounts), dtype=np.int64)
    weight = np.maximum(accounts.visits[book], 1)
    squeeze = np.cos(np.radians(accounts.lat[book].mean()))
    y, x = accounts.lat[book], accounts.lon[book] * squeeze
    away = np.hypot(y - np.average(y, weights=weight), x - np.average(x, weights=weight))
    nearest = np.lexsort((accounts.lon[book], accounts.lat[book], np.round(away, 9)))  # no order of rows decides a tie
    return int(book[nearest[0]])


def _add_vacant(scenario: Scenario, territories: int | None, names: list[str], reps: list[int], points: list[int]) -> None:
    """Puts a vacant seat, again and again, at the account from which it shortens the ways to all accounts most."""
    if territories is None:
        return
    if territories < len(names):
        raise UsageError(f"{territories} territories for {len(names)} seats", hint="say who goes with --without REP")
    if territories == len(names):
        return
    accounts = scenario.accounts
    squeeze = np.cos(np.radians(accounts.lat.mean()))
    places = np.column_stack((accounts.lat, accounts.lon * squeeze))
    homes = np.array([*places.tolist(), *([rep.lat, rep.lon * squeeze] for rep in scenario.reps)])
    order = np.lexsort((accounts.visits, accounts.potential, accounts.lon, accounts.lat))
    ask, try_at = (order[:: max(1, -(-len(order) // most))] for most in (ASKING, TRIED))
    drives = accounts.visits[ask] * (1.0 - accounts.remote[ask])
    weight = drives if drives.any() else np.ones(len(ask))
    ways = _apart(places[try_at], places[ask])
    away = _apart(homes[points], places[ask]).min(axis=0) if points else np.full(len(ask), ways.max() + 1.0)
    while len(names) < territories:
        best = int(np.argmax(np.maximum(away - ways, 0.0) @ weight))
        away = np.minimum(away, ways[best])
        points.append(int(try_at[best]))
        number = next(n for n in range(1, territories + 2) if f"New {n}" not in names)
        names.append(f"New {number}")
        reps.append(-1)


def _apart(these: Floats, those: Floats) -> Floats:
    """Plain distances, shape [these, those]."""
    apart: Floats = np.hypot(these[:, :1] - those[:, 0], these[:, 1:] - those[:, 1])
    return apart
