"""The rep's calendar: slots of a quarter, the working time of a day, and the hours at which an account can be visited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from fieldsim.model import DayRules, Floats, Ints, Lunch, Rep, Scenario, Window
from fieldsim.scenario.hours import windows


def slots_of(first: date, last: date) -> tuple[date, ...]:
    """Mondays to Fridays from `first` to `last`, public holidays included."""
    days = (first + timedelta(days=k) for k in range((last - first).days + 1))
    return tuple(day for day in days if day.weekday() < 5)


def working_frame(rules: DayRules, rep: Rep) -> Window:
    """From leaving home to being back: the shift less office work at its end, both times the rep's capacity."""
    office_s = 60.0 * rules.admin_minutes * min(1.0, rep.capacity)
    return rep.shift_start_s, max(rep.shift_start_s, int(rep.day_end_s - office_s))


def shortened(frame: Window, share: float) -> Window:
    """The first part of a day: 0.5 is the morning of a half-day."""
    return frame[0], frame[0] + int(share * (frame[1] - frame[0]))


def clock(seconds: int) -> str:
    """A time of day as it is said: `8:05`."""
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}"


def lunch_in(rules: DayRules, frame: Window) -> Lunch | None:
    """The break of a day, None where the day ends before it could be needed."""
    lunch = rules.lunch
    return None if lunch is None or lunch.duration_s == 0 or frame[1] <= lunch.latest_s else lunch


def works(rep: Rep, day: date) -> bool:
    """Is the rep employed that day?"""
    return (rep.start is None or rep.start <= day) and (rep.end is None or day <= rep.end)


def opening(scenario: Scenario, account: int, day: date) -> tuple[Window, ...]:
    """Times at which a visit to the account may start that day."""
    accounts = scenario.accounts
    country = accounts.country[account] or scenario.country
    return windows(accounts.opens[account], day, country, service_s(scenario, account))


def service_s(scenario: Scenario, account: int) -> int:
    """Length of a visit, whole seconds."""
    return max(1, round(60.0 * float(scenario.accounts.visit_minutes[account])))


@dataclass(frozen=True, eq=False)
class Hours:
    """Opening hours of a territory's accounts: `row` [accounts, slots] points into the tables, -1: no time that day."""

    row: Ints
    doors: tuple[tuple[Window, ...], ...]
    """Times at which a visit may start, as the account states them."""
    table: tuple[tuple[Window, ...], ...]
    """The same, cut to the rep's day."""

    def array(self) -> Floats:
        """The table as [classes, windows, 2]; unused rows are windows that no arrival meets."""
        most = max([1, *(len(entry) for entry in self.table)])
        out = np.tile(np.array([np.inf, -np.inf]), (max(1, len(self.table)), most, 1))
        for number, entry in enumerate(self.table):
            out[number, : len(entry)] = np.array(entry, dtype=np.float64).reshape(-1, 2)
        return out


def hours_of(scenario: Scenario, book: Ints, days: tuple[date, ...], frame: Window) -> Hours:
    """Opening hours of the accounts in `book` on `days`."""
    numbers: dict[tuple[tuple[Window, ...], tuple[Window, ...]], int] = {}
    kinds: dict[tuple[str, str, int], list[int]] = {}
    rows = np.empty((len(book), len(days)), dtype=np.int64)
    accounts = scenario.accounts
    for at, account in enumerate(book.tolist()):
        kind = (accounts.opens[account], accounts.country[account], service_s(scenario, account))
        if kind not in kinds:
            doors = [opening(scenario, account, day) for day in days]
            both = [(door, _cut(door, frame, kind[2])) for door in doors]
            kinds[kind] = [numbers.setdefault(pair, len(numbers)) if pair[1] else -1 for pair in both]
        rows[at] = kinds[kind]
    return Hours(rows, tuple(door for door, _ in numbers), tuple(cut for _, cut in numbers))


def _cut(opens: tuple[Window, ...], frame: Window, service: int) -> tuple[Window, ...]:
    inside = ((max(first, frame[0]), min(last, frame[1] - service)) for first, last in opens)
    return tuple((first, last) for first, last in inside if first <= last)
