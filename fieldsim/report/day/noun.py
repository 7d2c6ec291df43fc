"""One rep's day as the formats read it: the route joined with the accounts it calls on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from fieldsim.model import DayProblem, DayRoute, Rep, Scenario, Stop
from fieldsim.report.words import clean

Place = tuple[float, float]
"""Latitude and longitude in WGS84 degrees."""
Path = Callable[[int, int], list[Place]]
"""The way between two points of the scenario, as `Travel.path` gives it."""


@dataclass(frozen=True, eq=False)
class RepDay:
    """A route in its setting. A visit's id is the id of its account; other ids are shown as they are."""

    scenario: Scenario
    design: str
    rep: int
    """Position in `scenario.reps`."""
    date: date
    problem: DayProblem
    route: DayRoute
    points: tuple[int, ...]
    """The scenario's point behind each row of the problem's matrix."""
    path: Path | None = None
    """None draws straight lines."""
    ordinal: Mapping[str, int] = field(default_factory=dict)
    """Which of the account's visits of the quarter each visit is, from 0; absent means 0."""
    sequence: int = 0
    """Revision of the day: a re-plan counts it up, so that a calendar replaces its entries."""
    called_off: tuple[Stop, ...] = ()
    """Visits that were in the day before and are not any more: a calendar shows them as cancelled."""

    @property
    def who(self) -> Rep:
        """The rep."""
        return self.scenario.reps[self.rep]

    @cached_property
    def _account(self) -> dict[str, int]:
        return {name: position for position, name in enumerate(self.scenario.accounts.ids)}

    def account(self, visit: str) -> int | None:
        """The position of a visit's account, None if the id is no account's."""
        return self._account.get(visit)

    def name(self, visit: str) -> str:
        """The account's name, its id where it has none."""
        account = self.account(visit)
        return clean(self.scenario.accounts.name[account] if account is not None else "") or visit

    def address(self, visit: str) -> str:
        """Street, postal code and city as far as known, else an empty text."""
        account = self.account(visit)
        if account is None:
            return ""
        book = self.scenario.accounts
        city = " ".join(part for part in (book.postal_code[account], book.city[account]) if part)
        return ", ".join(part for part in (clean(book.address[account]), clean(city)) if part)

    def place(self, row: int) -> Place:
        """Where a row of the problem's matrix lies."""
        point = self.points[row]
        book = self.scenario.accounts
        if point < len(book):
            return float(book.lat[point]), float(book.lon[point])
        home = self.scenario.reps[point - len(book)]
        return home.lat, home.lon

    def moment(self, seconds: int) -> datetime:
        """A wall-clock time of the day in the scenario's time zone."""
        midnight = datetime(self.date.year, self.date.month, self.date.day)
        return (midnight + timedelta(seconds=seconds)).replace(tzinfo=ZoneInfo(self.scenario.timezone))

    def on_the_road(self) -> list[Stop]:
        """The stops with a place, in order; a remote meeting has none."""
        return [stop for stop in self.route.stops if stop.at is not None]

    def way(self) -> list[Place]:
        """The way of the day, from where it starts over every stop to where it ends; empty for a day without a drive."""
        rows = [self.problem.now.at if self.problem.now else self.problem.start]
        rows += [stop.at for stop in self.on_the_road() if stop.at is not None]
        corners: list[Place] = []
        for origin, destination in zip(rows, [*rows[1:], self.problem.end], strict=True):
            if self.points[origin] != self.points[destination]:
                corners += self._leg(origin, destination)
        return [corner for k, corner in enumerate(corners) if k == 0 or corner != corners[k - 1]]

    def _leg(self, origin: int, destination: int) -> list[Place]:
        if self.path is None:
            return [self.place(origin), self.place(destination)]
        return self.path(self.points[origin], self.points[destination])
