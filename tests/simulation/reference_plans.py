"""The reference model's plans: stops in order on each rep-day, which may move to a colleague's or be pulled forward."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from simulation.blocks import pairs, spreads

if TYPE_CHECKING:
    from simulation.reference import Reference
    from simulation.reference_nouns import Account

    from fieldsim.simulation import Stage

NEVER = math.inf
GONE = -1
"""The rep-day of a stop that was pulled forward."""


@dataclass(eq=False, slots=True)
class Stop:
    """A planned visit; `doors` are the openings of its day, each with the latest time for it to begin."""

    j: int
    i: int
    index: int
    start_s: int
    remote: int
    row: int
    day: int
    place: int
    before: int
    service: float
    priority: int
    joint: int
    guest: int
    doors: list[tuple[int, float]]
    way: float


class Planned:
    """What was planned, the same for every replication: rep-days, stops in order, ways between places, doors."""

    def __init__(self, stage: Stage) -> None:
        f = stage.field
        self.days, self.ground, self.legs = f.days.tolist(), f.ground.tolist(), [memoryview(row.copy()) for row in f.legs.T]
        self.day_from, self.row_of = f.day_from.tolist(), f.row_of.tolist()
        self.periods, self.windows, ways = f.period_from_s.tolist(), f.windows.tolist(), f.ways.T.tolist()
        self.openings: dict[tuple[int, float], list[list[tuple[int, float]]]] = {}
        columns = (
            "account",
            "index",
            "start_s",
            "remote",
            "row",
            "day",
            "place",
            "before",
            "service_s",
            "priority",
            "joint",
            "guest",
        )
        rows = zip(*(f.stops[name].tolist() for name in columns), strict=True)
        columns = ("hours", "service_s", "day")
        doors = [self.doors(*what)[day] for *what, day in zip(*(f.stops[name].tolist() for name in columns), strict=True)]
        self.stops = [Stop(j, *row, *rest) for j, (row, *rest) in enumerate(zip(rows, doors, ways[0], strict=True))]
        self.of_account: dict[int, list[Stop]] = {}
        for s in self.stops:
            self.of_account.setdefault(s.i, []).append(s)
        self.rows = [self.stops[a[4] : b[4]] for a, b in itertools.pairwise(self.days)]
        dates = np.repeat(np.arange(len(f.day_from) - 1), np.diff(f.day_from)).tolist()
        self.of_rep: dict[int, list[tuple[int, int]]] = {}
        for row, day in enumerate(dates):
            self.of_rep.setdefault(self.days[row][0], []).append((day, row))

    def doors(self, hours: int, service: float) -> list[list[tuple[int, float]]]:
        """Each day's openings, and the latest time for a visit to begin: it ends in time, if the opening holds it at all."""
        asked = hours, service
        if asked not in self.openings:
            self.openings[asked] = [
                [(a, b - service if b - a >= service else float(b)) for a, b in openings if a >= 0]
                for openings in self.windows[hours]
            ]
        return self.openings[asked]


def door(doors: list[tuple[int, float]], t: float) -> float:
    """When a visit can begin for who is there at t."""
    for opening, latest in doors:
        if t <= latest:
            return t if t > opening else float(opening)
    return NEVER


class Plans:
    """The plans of one replication, with the luck of their visits; stops may move to another rep-day of their date."""

    def __init__(self, ref: Reference) -> None:
        p, f, m = ref.tables.plans, ref.stage.field, ref.m
        self.planned, self.days, self.ground, self.legs, self.row_of = p, p.days, p.ground, p.legs, p.row_of
        self.day_from, self.periods, self.of_account, self.of_rep = p.day_from, p.periods, p.of_account, p.of_rep
        self.rows = [stops.copy() for stops in p.rows]
        self.where: dict[int, int] = {}
        missed, leg = (pairs(ref.stream(name), f.visitors, f.indices) for name in ("missed", "leg"))
        self.away, self.again = missed.tolist()
        self.traffic, self.length = spreads(leg[0], m.travel_sigma).tolist(), spreads(leg[1], m.visit_sigma).tolist()
        days = np.arange(ref.stage.days, dtype=np.int64)
        self.weather = [
            spreads(pairs(ref.stream("area_day"), np.repeat(key, len(days)), days)[0], m.area_sigma).tolist() for key in f.areas
        ]

    def metres(self, territory: int, here: int, there: int) -> float:
        _, start, size = self.ground[territory]
        return 0.0 if here == there else float(self.legs[-1][start + here * size + there])

    def move(self, ref: Reference, a: Account, territory: int, t: float) -> None:
        """Visits to the account after t move to the same days of another territory, by cheapest insertion, if the shift holds."""
        for s in self.of_account.get(a.i, ()):
            row, now = self.row_of[territory][s.day], self.where.get(s.j, s.row)
            if s.guest or s.day + 0.2 <= t or row < 0 or now in (row, GONE):
                continue
            at = self.cheapest(ref, row, a)
            if at is not None:
                self.rows[now].remove(s)
                self.rows[row].insert(at, s)
                self.where[s.j] = row

    def take_out(self, s: Stop) -> None:
        """The visit is pulled forward: it leaves its day for good."""
        self.rows[self.where.get(s.j, s.row)].remove(s)
        self.where[s.j] = GONE

    def cheapest(self, ref: Reference, row: int, a: Account) -> int | None:
        rep, territory, depart = self.days[row][:3]
        _, start, size = self.ground[territory]
        leg = self.legs[0]
        way = [size - 1]
        for s in self.rows[row]:
            way.append(way[-1] if s.remote else place_in(ref, s, row, territory))
        way.append(size - 1)
        there = a.facts.places[territory]
        legs = [leg[start + p * size + q] for p, q in itertools.pairwise(way)]
        extra = [
            leg[start + p * size + there] + leg[start + there * size + q] - between
            for p, q, between in zip(way, way[1:], legs, strict=False)
        ]
        at = min(range(len(extra)), key=lambda k: (extra[k], k))
        busy = sum(legs) + extra[at] + sum(s.service for s in self.rows[row]) + a.facts.service_s
        person = ref.reps[rep]
        return at if depart + busy + ref.m.lunch_s + admin(ref, rep) <= person.day_end_s else None


def admin(ref: Reference, rep: int) -> float:
    return 60.0 * ref.scenario.day.admin_minutes * min(1.0, ref.reps[rep].capacity)


def place_in(ref: Reference, s: Stop, row: int, territory: int) -> Any:
    """A stop's place in the territory of a rep-day, its own or another."""
    return s.place if s.row == row else ref.accounts[s.i].facts.places[territory]
