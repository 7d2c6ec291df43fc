"""Inserts visits into the days that are left, each where it adds least travel near its even day; numbers as in a full plan."""

from __future__ import annotations

import numpy as np

from fieldsim.model import Bools, Floats, Ints
from fieldsim.planning.calendar import service_s
from fieldsim.planning.remaining import Day, Rest, times_of
from fieldsim.planning.rhythm import remote_visits
from fieldsim.planning.sharing import book_of

TRIES = 64
"""Places whose timetable is tried for a visit, of those in days with time for it, before it counts as without room."""
PULL_S = 120.0
"""Seconds of travel that a visit one day off its even day is worth."""


def join_days(rest: Rest, account: int, count: int) -> int:
    """Insert visits to one account, evenly spread; how many found no room."""
    dates = np.array([rest.plan.days[day.number].toordinal() for day in rest.days])
    if not len(dates) or not count:
        return count
    numbers, others = _numbers(rest, account, count)
    flags = remote_visits(float(rest.scenario.accounts.remote[account]), max(int(rest.plan.due[account]), numbers[-1] + 1))
    span = dates[-1] - dates[0] + 1
    name = rest.scenario.accounts.ids[account]
    gap = rest.wishes.apart.get(name) or max(1, int(span / (count + len(others)) / 2))
    shut = [day.toordinal() for day in rest.wishes.blocked.get(name, ())]
    closed = np.isin(dates, shut) | (np.abs(dates[:, None] - np.array(others, dtype=np.int64)) < gap).any(axis=1)
    last, missed = _before(rest, account), 0
    for k, number in enumerate(numbers):
        even = dates[0] + (k + 0.5) / count * span
        found = _insert(rest, account, number, bool(flags[number]), dates, even, closed | (dates < last + gap))
        missed += found is None
        last = last if found is None else int(dates[found])
    _renumber(rest, account)
    return missed


def _numbers(rest: Rest, account: int, count: int) -> tuple[list[int], list[int]]:
    """The numbers that so many more visits get, and the days of those that the account still has: no two visits are the same one.

    With a design they are those of the territory's visits that a full plan gives it, the last ones that nobody has made.
    """
    plan, due = rest.plan, int(rest.plan.due[account])
    made, there = set[int](), dict[int, int]()
    for territory, part in enumerate(plan.territories):
        rows = np.flatnonzero(part.account == account)
        if territory == rest.territory or not len(rows):
            continue
        theirs = None if rest.design is None else _own(rest, territory, account)
        for day, number in zip(part.day[rows].tolist(), part.ordinal[rows].tolist(), strict=True):
            if day < rest.first:
                made.add(number)
            elif theirs is None or number in theirs:
                there[number] = day
    mine = plan.territories[rest.territory]
    made |= set(mine.ordinal[(mine.account == account) & (mine.day < rest.first)].tolist())
    here = {number: day.number for day in rest.days for who, number, _ in day.stops if who == account}
    own = range(due) if rest.design is None else _own(rest, rest.territory, account)
    free = [number for number in own if number not in made and number not in here and number not in there]
    if rest.design is None and len(free) < count:  # others' visits are the ones that join
        there = {}
    chosen: list[int] = []
    for group in (own, range(due), range(due, due + count + len(here))):
        fit = [n for n in group if n not in made and n not in here and n not in there and n not in chosen]
        chosen += fit[max(0, len(fit) - count + len(chosen)) :]
    days = sorted({*here.values(), *there.values()})
    return sorted(chosen), [plan.days[day].toordinal() for day in days]


def _own(rest: Rest, territory: int, account: int) -> list[int]:
    """Which of the account's visits due a full plan of the design gives a territory."""
    assert rest.design is not None
    book = book_of(rest.design, territory, rest.plan.due)
    at = np.flatnonzero(book.accounts == account)
    return list(map(int, book.numbers[at[0]])) if len(at) else []


def _renumber(rest: Rest, account: int) -> None:
    """Let the numbers of the account's visits go up with their days, remote and in person each on their own."""
    held = [(day, at, *stop) for day in rest.days for at, stop in enumerate(day.stops) if stop[0] == account]
    for kind in (False, True):
        rows = [row for row in held if row[4] == kind]
        for (day, at, *_), number in zip(rows, sorted(row[3] for row in rows), strict=True):
            day.stops[at] = (account, number, kind)


def _before(rest: Rest, account: int) -> int:
    """The day of the account's last visit before those that are left, whoever makes it; long ago if there is none."""
    rows = (mine.day[(mine.account == account) & (mine.day < rest.first)] for mine in rest.plan.territories)
    last = max((int(row.max()) for row in rows if len(row)), default=-1)
    return rest.plan.days[last].toordinal() if last >= 0 else -1_000_000


def _insert(rest: Rest, account: int, ordinal: int, remote: bool, dates: Ints, even: float, closed: Bools) -> int | None:
    """Put one visit into the day where it costs least; the day's position, None if none of the first tries holds it."""
    service = service_s(rest.scenario, account)
    days, wheres, price = _places(rest, account, service, remote)
    price += PULL_S * np.abs(dates[days] - even)
    price[closed[days]] = np.inf
    for choice in np.argsort(price, kind="stable")[:TRIES].tolist():
        if price[choice] == np.inf:
            return None
        day = rest.days[int(days[choice])]
        where = int(wheres[choice])
        stops = [*day.stops[:where], (account, ordinal, remote), *day.stops[where:]]
        times = times_of(rest, day, stops)
        if times is not None:
            day.stops, day.times, day.held_s = stops, times, day.held_s + service
            return int(days[choice])
    return None


def _places(rest: Rest, account: int, service: int, remote: bool) -> tuple[Ints, Ints, Floats]:
    """Every place in every day: the day's position, the place in its order, extra travel; infinite in a day without the time."""
    home, here = len(rest.place), rest.place[account]
    before: list[int] = []
    after: list[int] = []
    days: list[int] = []
    wheres: list[int] = []
    for k, day in enumerate(rest.days):
        way = [home]
        for stop in day.stops:
            way.append(way[-1] if stop[2] else rest.place[stop[0]])
        before += way
        after += [*way[1:], home]
        days += [k] * len(way)
        wheres += range(len(way))
    a, b = np.array(before), np.array(after)
    seconds = rest.seconds
    extra = np.zeros(len(a)) if remote else seconds[a, here] + seconds[here, b] - seconds[a, b]
    at = np.array(days)
    held = np.array([day.held_s for day in rest.days]) + np.bincount(at, seconds[a, b], len(rest.days))
    extra[held[at] + extra + service > np.array([_longest(day) for day in rest.days])[at]] = np.inf
    return at, np.array(wheres), extra


def _longest(day: Day) -> int:
    """Seconds of visits and travel that a day holds at the most: all but the break, or all before it may come no later."""
    whole = day.frame[1] - day.frame[0]
    if day.lunch is None:
        return whole
    return max(whole - day.lunch.duration_s, day.lunch.latest_s - day.frame[0])
