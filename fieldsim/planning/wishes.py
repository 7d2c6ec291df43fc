"""What a planner asks for beyond the scenario: days off, short days, visits pinned, moved or kept off a day, weekdays, gaps."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from fieldsim.errors import DataError, did_you_mean
from fieldsim.model import Floats, Ints, Scenario


@dataclass(frozen=True)
class Wishes:
    """All by the users' own ids."""

    off: Mapping[str, Collection[date]] = field(default_factory=dict)
    """Days on which a rep does not visit: leave, training, fairs."""
    share: Mapping[tuple[str, date], float] = field(default_factory=dict)
    """Share of a rep's day that is there for visits: 0.5 is an afternoon in the office."""
    pins: Mapping[str, Collection[date]] = field(default_factory=dict)
    """Days on which an account must be visited."""
    weekday: Mapping[str, int] = field(default_factory=dict)
    """Weekday an account likes, 0 is Monday."""
    apart: Mapping[str, int] = field(default_factory=dict)
    """Calendar days between two visits to an account at the least."""
    blocked: Mapping[str, Collection[date]] = field(default_factory=dict)
    """Days on which an account must not be visited."""
    moves: Mapping[str, Mapping[date, date]] = field(default_factory=dict)
    """By account: the visit that the plan carried over has on the one day goes to the other."""
    named: Mapping[tuple[str, date], str] = field(default_factory=dict)
    """What a rep's day off is called: the public holiday of the region that a rep keeps."""
    said: Mapping[tuple[str, date], tuple[str, int]] = field(default_factory=dict)
    """Where an account's pin or a move's new day was asked for: file and line, or an argument and 0."""

    def __or__(self, more: Wishes) -> Wishes:
        """Both; where a value can only be one, that of `more`."""
        moves = {who: {**self.moves.get(who, {}), **more.moves.get(who, {})} for who in sorted({*self.moves, *more.moves})}
        return Wishes(
            off=_merged(self.off, more.off),
            share={**self.share, **more.share},
            pins=_merged(self.pins, more.pins),
            weekday={**self.weekday, **more.weekday},
            apart={**self.apart, **more.apart},
            blocked=_merged(self.blocked, more.blocked),
            moves=moves,
            named={**self.named, **more.named},
            said={**self.said, **more.said},
        )


def within(wishes: Wishes, first: date, last: date) -> Wishes:
    """The wishes with those pins and moves only whose days lie from `first` to `last`: other quarters' are not theirs to keep."""
    pins = {who: [day for day in days if first <= day <= last] for who, days in wishes.pins.items()}
    moves = {who: {a: b for a, b in each.items() if first <= a <= last} for who, each in wishes.moves.items()}
    return replace(wishes, pins=pins, moves=moves)


def _merged(a: Mapping[str, Collection[date]], b: Mapping[str, Collection[date]]) -> dict[str, list[date]]:
    return {who: sorted({*a.get(who, ()), *b.get(who, ())}) for who in sorted({*a, *b})}


NONE = Wishes()


def check_wishes(scenario: Scenario, wishes: Wishes) -> None:
    """DataError for an unknown account or rep, a weekday that is none, or a share outside 0 to 1."""
    reps = [rep.id for rep in scenario.reps]
    _known([*wishes.off, *(rep for rep, _ in wishes.share)], reps, "rep")
    named = (wishes.pins, wishes.weekday, wishes.apart, wishes.blocked, wishes.moves)
    _known([name for column in named for name in column], scenario.accounts.ids, "account")
    for account, weekday in wishes.weekday.items():
        if weekday not in range(5):
            raise DataError(f"weekday {weekday} of '{account}' is not 0 (Monday) to 4 (Friday)")
    for (rep, day), share in wishes.share.items():
        if not 0.0 <= share <= 1.0:
            raise DataError(f"share {share} of {rep}'s {day.isoformat()} is not between 0 and 1")


def _known(names: Iterable[str], known: Collection[str], kind: str) -> None:
    there = frozenset(known)
    for name in names:
        if name not in there:
            raise DataError(f"unknown {kind} '{name}'", hint=did_you_mean(name, known))


def told(wishes: Wishes, account: str, day: date, message: str, hint: str | None = None) -> DataError:
    """The error about a pin or a move to the day, with the place where it was asked for."""
    place, line = wishes.said.get((account, day), ("", 0))
    if place and not line:
        return DataError(f"{place}: {message}", hint=hint)
    return DataError(message, file=place or None, row=line or None, hint=hint)


def day_shares(wishes: Wishes, rep: str, days: tuple[date, ...]) -> Floats:
    """Share of each day that the rep has for visits, 0 on a day off."""
    off = frozenset(wishes.off.get(rep, ()))
    return np.array([0.0 if day in off else wishes.share.get((rep, day), 1.0) for day in days])


def pinned_slots(wishes: Wishes, account: str, due: int, slots: tuple[date, ...], planned: Ints | None = None) -> Ints:
    """Slot each of an account's visits is pinned to, -1: free. A pin takes the visit that an even rhythm has nearest.

    Where all its visits are `planned` in the same quarter already, a pin takes the one that lies nearest.
    `check_asked` has seen to it that there are as many visits as pins, each on a slot.
    """
    where = {day: k for k, day in enumerate(slots)}
    days = sorted(set(wishes.pins.get(account, ())))
    pinned = np.full(due, -1, dtype=np.int64)
    at = -1
    for number, day in enumerate(days):
        even = round(where[day] / len(slots) * due - 0.5)
        if planned is not None and len(planned) == due and (planned >= 0).all():
            even = int(np.argmin(np.abs(planned - where[day])))
        at = min(max(at + 1, even), due - (len(days) - number))
        pinned[at] = where[day]
    return pinned


def moved_pins(
    wishes: Wishes, account: str, pinned: Ints, planned: Ints | None, slots: tuple[date, ...], elsewhere: Collection[date] = ()
) -> Ints:
    """The pins with each moved visit on its new day; `planned` is the slot that each visit has in the plan carried over.

    A pin that the moved visit had goes to the nearest of the others; a visit that has left the one day for the other has moved.
    Visits on days `elsewhere` are another territory's to move. DataError where no plan is carried over, it has no such visit,
    or has one on the new day that is to stay.
    """
    moved = pinned.copy()
    where = {day: k for k, day in enumerate(slots)}
    lost: list[int] = []
    for day, to in sorted(wishes.moves.get(account, {}).items()):
        if day in elsewhere:
            continue
        held = planned if planned is not None else np.zeros(0, dtype=np.int64)
        visit = np.flatnonzero(held == where.get(day, -2))
        there = np.flatnonzero(held == where[to])
        if len(visit) and len(there) and to not in wishes.moves[account]:
            raise told(wishes, account, to, f"the visit to '{account}' cannot move to {to.isoformat()}, which has one already")
        visit = visit if len(visit) else there
        if not len(visit):
            raise told(wishes, account, to, f"no visit to '{account}' is planned on {day.isoformat()}, so none can be moved")
        moved[moved == where[to]] = -1
        lost += [int(slot) for slot in moved[visit[:1]] if slot >= 0]
        moved[visit[0]] = where[to]
    for slot in lost:
        free = np.flatnonzero(moved < 0)
        if planned is not None and len(free):
            moved[free[np.argmin(np.abs(planned[free] - slot))]] = slot
    return moved


def pinned_rhythms(
    patterns: tuple[tuple[tuple[int, ...], float], ...], pinned: Ints, dates: Ints, apart: int
) -> tuple[tuple[tuple[int, ...], float], ...]:
    """The patterns with the pinned visits on their slots; where all come too close to a pin, an even spread."""
    fixed = [(k, slot) for k, slot in enumerate(pinned.tolist()) if slot >= 0]
    if not fixed:
        return patterns
    moved = []
    for pattern, uneven in patterns:
        entry = list(pattern)
        for k, slot in fixed:
            entry[k] = slot
        gaps = np.diff(dates[np.array(entry)])
        if len(entry) < 2 or gaps.min() >= apart:
            moved.append((tuple(entry), uneven))
    return tuple(dict.fromkeys(moved)) or ((_around(fixed, len(pinned), len(dates)), 1.0),)


def _around(fixed: list[tuple[int, int]], visits: int, slots: int) -> tuple[int, ...]:
    """Slots spread evenly before, between and after the pins."""
    knots = [(-1, -slots // (2 * visits) - 1), *fixed, (visits, slots + slots // (2 * visits))]
    spread = np.interp(np.arange(visits), [k for k, _ in knots], [slot for _, slot in knots])
    return tuple(np.clip(np.round(spread), 0, slots - 1).astype(int).tolist())
