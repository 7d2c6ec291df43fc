"""Says before anything is planned which visit asked for can never have its day, whatever else is planned, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from fieldsim.errors import DataError
from fieldsim.model import Design, Ints, Rep, Scenario, Travel, Window
from fieldsim.planning.calendar import clock, opening, service_s, shortened, slots_of, working_frame, works
from fieldsim.planning.rhythm import due_visits, least_gap, remote_visits
from fieldsim.planning.sharing import seats, shared
from fieldsim.planning.wishes import Wishes, day_shares, told
from fieldsim.scenario.calendars import holiday_name


@dataclass(frozen=True)
class _Asked:
    """A visit asked for on a day, by a pin or as the end of a move."""

    name: str
    day: date
    moved: bool

    def but(self, wishes: Wishes, why: str, hint: str | None = None) -> DataError:
        """The error that names it, where it was asked for, and why it cannot be."""
        verb = f"the visit to '{self.name}' cannot move to" if self.moved else f"'{self.name}' is pinned to"
        return told(wishes, self.name, self.day, f"{verb} {self.day.isoformat()}, {why}", hint)


@dataclass(frozen=True, eq=False)
class _Calendars:
    """What decides about a day: the quarter, and who may visit an account."""

    scenario: Scenario
    design: Design
    travel: Travel
    wishes: Wishes
    quarter: tuple[date, date]
    due: Ints
    place: dict[str, int]

    def never(self, asked: _Asked) -> str:
        """Why the day can hold no such visit, empty where it can; of several who may visit, the account's owner's reason."""
        if why := self._no_day(asked.day):
            return why
        if asked.day in self.wishes.blocked.get(asked.name, ()):
            return "a day that is to be kept free of it"
        i = self.place[asked.name]
        owner = int(self.design.rep_of[self.design.territory_of[i]])
        guests = [rep for rep, _ in shared(self.design).get(i, ()) if rep in seats(self.design)]
        whys = [self._not_by(self.scenario.reps[rep], i, asked.day) for rep in (owner, *guests) if rep >= 0]
        return whys[0] if whys and all(whys) else ""

    def _no_day(self, day: date) -> str:
        """Why nobody works that day."""
        first, last = self.quarter
        if not first <= day <= last:
            return f"outside the quarter, {first} to {last}"
        if day.weekday() >= 5:
            return "a Saturday" if day.weekday() == 5 else "a Sunday"
        if day in self.scenario.holidays:
            name = holiday_name(self.scenario.country, self.scenario.region, day)
            return f"a public holiday ({name})" if name else "a public holiday"
        return ""

    def _not_by(self, rep: Rep, i: int, day: date) -> str:
        """Why this rep cannot visit the account that day, though nothing else is on it."""
        if not works(rep, day):
            return f"when {rep.id} is not employed"
        share = day_shares(self.wishes, rep.id, (day,))[0]
        start, end = shortened(working_frame(self.scenario.day, rep), float(share))
        if end <= start:
            why = self.wishes.named.get((rep.id, day), "")
            return f"a day off of {rep.id}" + (f" ({why})" if why else "")
        opens, text = opening(self.scenario, i, day), self.scenario.accounts.opens[i]
        if not opens:
            return f"when it is closed (it opens {text})"
        hours = f"{rep.id}'s hours, {clock(start)} to {clock(end)}"
        if not _inside(opens, (start, end - service_s(self.scenario, i))):
            return f"when it does not open within {hours} (it opens {text})" if text else f"when it is longer than {hours}"
        out, back = self._ways(rep, i)
        if not _inside(opens, (start + out, end - back - service_s(self.scenario, i))):
            return f"when {hours}, do not hold the way there and back, {_minutes(out)} and {_minutes(back)}"
        return ""

    def _ways(self, rep: Rep, i: int) -> tuple[int, int]:
        """Least travel from home and back, seconds; none where a visit may be remote."""
        if remote_visits(float(self.scenario.accounts.remote[i]), int(self.due[i])).any():
            return 0, 0
        seconds = self.travel.matrix([i, self.scenario.home(self.scenario.reps.index(rep))]).seconds
        return int(seconds[:, 1, 0].min()), int(seconds[:, 0, 1].min())


def check_asked(scenario: Scenario, design: Design, travel: Travel, wishes: Wishes, quarter: int = 0) -> None:
    """DataError for the first account, by name, with a pin or a move that no plan of the quarter can keep.

    It names the day, why, and where it was asked for. What only other visits leave no room for is planned as far as it goes, and
    listed; so is all of a vacant seat.
    """
    names = sorted({*wishes.pins, *wishes.moves})
    if not names:
        return
    place = {name: i for i, name in enumerate(scenario.accounts.ids)}
    span = scenario.quarter(quarter)
    known = _Calendars(scenario, design, travel, wishes, span, due_visits(scenario, quarter), place)
    for name in names:
        rows = list(_asked(wishes, name))
        for asked in rows:
            if why := known.never(asked):
                raise asked.but(wishes, why, _other_day(known, asked))
        _check_together(known, name, rows)


def _asked(wishes: Wishes, name: str) -> Iterator[_Asked]:
    """What is asked for an account, by day."""
    ends = dict.fromkeys(wishes.moves.get(name, {}).values(), True)
    for day, moved in sorted((dict.fromkeys(wishes.pins.get(name, ()), False) | ends).items()):
        yield _Asked(name, day, moved)


def _check_together(known: _Calendars, name: str, rows: list[_Asked]) -> None:
    """Each can be: but can all of them?"""
    wishes, due = known.wishes, int(known.due[known.place[name]])
    for asked in rows:
        if not asked.moved and asked.day in wishes.moves.get(name, {}):
            raise asked.but(wishes, "the day that its visit is to leave")
    if len(rows) > due:
        visits = f"{due} visits are due" if due != 1 else "1 visit is due"
        raise rows[-1].but(wishes, f"which makes {len(rows)} days asked for, but only {visits}")
    gap = wishes.apart.get(name) or least_gap(due, len(slots_of(*known.quarter)))
    for one, other in pairwise(rows):
        days = (other.day - one.day).days
        if days < gap:
            hint = f"[apart] {name} = {days} in a file for --wishes allows it"
            raise other.but(wishes, f"{days} days after {one.day}, but its visits are at least {gap} days apart", hint)


def _other_day(known: _Calendars, asked: _Asked) -> str | None:
    """A day near to the one asked for that can hold the visit."""
    near = sorted(slots_of(*known.quarter), key=lambda day: (abs((day - asked.day).days), day))
    for day in near if known.quarter[0] <= asked.day <= known.quarter[1] else ():
        if not known.never(_Asked(asked.name, day, asked.moved)):
            return f"{day.isoformat()} can hold it"
    return None


def _inside(opens: tuple[Window, ...], span: Window) -> bool:
    """Can a visit start within both?"""
    return any(max(first, span[0]) <= min(last, span[1]) for first, last in opens)


def _minutes(seconds: int) -> str:
    return f"{round(seconds / 60)} min"
