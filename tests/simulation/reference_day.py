"""The reference model's days: each rep walks stop by stop on SimPy's clock, in seconds after midnight."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import simpy
from simulation.blocks import pairs, spreads

from fieldsim.simulation.draws import spread

if TYPE_CHECKING:
    from simulation.reference import Account, Reference

    from fieldsim.simulation import Stage

HELD, NO_SHOW, CANCELLED, DROPPED = range(4)
DAY = 86_400.0
NEVER = math.inf


@dataclass(eq=False, slots=True)
class Stop:
    """A planned visit."""

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
    doors: list
    way: float
    metres: float


class Planned:
    """What was planned, the same for every replication: rep-days, stops in order, ways between places, doors."""

    def __init__(self, stage: Stage) -> None:
        f = stage.field
        self.days, self.ground, self.legs = f.days.tolist(), f.ground.tolist(), [memoryview(row.copy()) for row in f.legs.T]
        self.day_from, self.row_of = f.day_from.tolist(), f.row_of.tolist()
        self.periods, self.windows, ways = f.period_from_s.tolist(), f.windows.tolist(), f.ways.T.tolist()
        columns = ("account", "index", "start_s", "remote", "row", "day", "place", "before", "service_s", "priority", "joint")
        rows = zip(*(f.stops[name].tolist() for name in columns), strict=True)
        doors = [self.windows[hours] for hours in f.stops["hours"].tolist()]
        more = zip(rows, doors, ways[0], ways[-1], strict=True)
        self.stops = [Stop(j, *row, *rest) for j, (row, *rest) in enumerate(more)]
        self.of_account: dict[int, list[Stop]] = {}
        for s in self.stops:
            self.of_account.setdefault(s.i, []).append(s)


class Plans:
    """The plans of one replication, with the luck of their visits; stops may move to another rep-day of their date."""

    def __init__(self, ref: Reference) -> None:
        p, f = ref.tables.plans, ref.stage.field
        self.days, self.ground, self.legs, self.day_from, self.row_of = p.days, p.ground, p.legs, p.day_from, p.row_of
        self.periods, self.windows, self.of_account = p.periods, p.windows, p.of_account
        self.rows = [p.stops[a[4] : b[4]] for a, b in zip(self.days, self.days[1:], strict=False)]
        self.where = {s.j: s.row for s in p.stops}
        zero = np.zeros(len(f.indices), dtype=np.int64)
        missed, leg = (pairs(ref.stream(name), f.visitors, f.indices, zero) for name in ("missed", "leg"))
        self.away, self.again = missed.tolist()
        self.traffic = spreads(leg[0], ref.m["travel_sigma"]).tolist()
        self.length = spreads(leg[1], ref.m["visit_sigma"]).tolist()
        days = np.arange(ref.stage.days, dtype=np.int64)
        self.weather = [
            spreads(pairs(ref.stream("area_day"), np.repeat(key, len(days)), days, 0 * days)[0], ref.m["area_sigma"]).tolist()
            for key in f.areas
        ]

    def metres(self, territory: int, here: int, there: int) -> float:
        _, start, size = self.ground[territory]
        return 0.0 if here == there else float(self.legs[-1][start + here * size + there])

    def move(self, ref: Reference, a: Account, territory: int, t: float) -> None:
        """Visits to the account after t move to the same days of another territory, by cheapest insertion, if the shift holds."""
        for s in self.of_account.get(a.i, ()):
            row = self.row_of[territory][s.day]
            if s.day + 0.2 <= t or row < 0 or self.where.get(s.j, row) == row:
                continue
            at = self.cheapest(ref, row, a)
            if at is not None:
                self.rows[self.where[s.j]].remove(s)
                self.rows[row].insert(at, s)
                self.where[s.j] = row

    def luck(self, s: Stop, m: dict[str, float]) -> tuple[bool, float, float, float]:
        """Whether the customer stays away, whether they rebook then, delay on the way and length of the meeting."""
        return self.away[s.j] < m["missed"], self.again[s.j], self.traffic[s.j], self.length[s.j]

    def take_out(self, s: Stop) -> None:
        """The visit is pulled forward: it leaves its day for good."""
        self.rows[self.where.pop(s.j)].remove(s)

    def cheapest(self, ref: Reference, row: int, a: Account) -> int | None:
        rep, territory, depart = self.days[row][:3]
        _, start, size = self.ground[territory]
        leg = self.legs[0]
        way = [size - 1]
        for s in self.rows[row]:
            way.append(way[-1] if s.remote else place_in(ref, s, row, territory))
        way.append(size - 1)
        there = place(a, territory)
        legs = [leg[start + p * size + q] for p, q in itertools.pairwise(way)]
        extra = [
            leg[start + p * size + there] + leg[start + there * size + q] - between
            for p, q, between in zip(way, way[1:], legs, strict=False)
        ]
        at = min(range(len(extra)), key=lambda k: (extra[k], k))
        busy = sum(legs) + extra[at] + sum(s.service for s in self.rows[row]) + a.facts["service_s"]
        person = ref.reps[rep]
        return at if depart + busy + ref.m["lunch_s"] + admin(ref, rep) <= person.day_end_s else None


def admin(ref: Reference, rep: int) -> float:
    return 60.0 * ref.scenario.day.admin_minutes * min(1.0, ref.reps[rep].capacity)


def place(a: Account, territory: int) -> int:
    return a.places[territory]


def place_in(ref: Reference, s: Stop, row: int, territory: int) -> int:
    return s.place if s.row == row else place(ref.accounts[s.i], territory)


class Walk:
    """One rep's day."""

    def __init__(self, ref: Reference, plans: Plans, row: int, day: int) -> None:
        self.ref, self.plans, self.row, self.day = ref, plans, row, day
        self.rep, self.territory, self.depart, self.lunch_at, _, self.after, self.joint = plans.days[row]
        _, self.leg_from, self.size = plans.ground[self.territory]
        self.home, self.admin = self.size - 1, admin(ref, self.rep)
        self.rush, self.calm = ref.m["rush"], ref.m["calm"]
        self.end = ref.reps[self.rep].day_end_s
        self.spent = dict.fromkeys(("travel", "wait", "visit", "lunch", "admin", "idle", "overtime", "distance_m"), 0.0)
        self.t, self.here, self.freed = float(self.depart), self.home, 0
        self.hungry = self.lunch_at >= 0 and ref.m["lunch_s"] > 0
        self.stops: list[Stop] = []

    def pace(self, t: float) -> float:
        """Traffic's factor on a leg that begins at t; 1 where travel has periods of its own."""
        if len(self.plans.periods) > 1:
            return 1.0
        return self.rush if 25200 <= t < 32400 or 61200 <= t < 68400 else self.calm

    def ways(self, t: float) -> memoryview:
        """Seconds of all legs that begin at t."""
        periods = self.plans.periods
        return self.plans.legs[0 if len(periods) == 1 else max(p for p, start in enumerate(periods) if start <= t or p == 0)]

    def leg(self, here: int, there: int, t: float) -> float:
        if here == there:
            return 0.0
        return self.ways(t)[self.leg_from + here * self.size + there] * self.pace(t)

    def door(self, doors: list, service: float, t: float) -> float:
        for opening, closing in doors[self.day]:
            if opening >= 0 and t <= (closing - service if closing - opening >= service else closing):
                return t if t > opening else float(opening)
        return NEVER

    def eats(self, hungry: bool, t: float, busy: float) -> bool:
        m = self.ref.m
        return hungry and t >= m["lunch_from_s"] and (t >= self.lunch_at or t + busy > m["lunch_until_s"])

    def outlook(self) -> tuple[float, int]:
        """End of the day if all goes as planned, and the first stop with a closed door."""
        t, here, hungry, lunch, row = self.t, self.here, self.hungry, self.ref.m["lunch_s"], self.row
        single = len(self.plans.periods) == 1
        for at, s in enumerate(self.stops):
            there, service = here if s.remote else s.place, s.service
            if s.row != row and not s.remote:
                there = place(self.ref.accounts[s.i], self.territory)
            planned = single and s.before == here and s.row == row and here != there
            leg = s.way * self.pace(t) if planned else self.leg(here, there, t)
            if hungry and self.eats(hungry, t, leg + service):
                t, hungry = t + lunch, False
                leg = s.way * self.pace(t) if planned else self.leg(here, there, t)
            t += leg
            if hungry and self.eats(hungry, t, service):
                t, hungry = t + lunch, False
            t = self.door(s.doors, service, t)
            if t == NEVER:
                return t, at
            t, here = t + service, there
        return t + self.leg(here, self.home, t) + (lunch if hungry else 0.0) + self.admin, -1

    def manager(self, s: Stop) -> Iterator[simpy.Event]:
        """A visit of a vacant seat that the manager holds: at its planned time, whatever else is on."""
        a, m, away = self.ref.accounts[s.i], self.ref.m, self.plans.away[s.j]
        self.rep = -1
        if away < m["missed"] * m["called_off"] or a.died <= self.day:
            self.missed(s, CANCELLED)
            return
        away = away < m["missed"]
        leave = s.start_s + (m["no_show_s"] if away else s.service * self.plans.length[s.j])
        times = (s.start_s, s.start_s, round(leave), 0, 0, s.remote)
        self.ref.visits.append((-1, a.i, s.index % 1024, self.day, s.start_s, *times, NO_SHOW if away else HELD))
        yield self.until(leave)
        if away:
            self.rebook(a, s.index, self.plans.again[s.j])
        else:
            self.held(a, self.day + leave / DAY, bool(s.remote), False)

    def missed(self, s: Stop, how: int) -> None:
        a = self.ref.accounts[s.i]
        self.ref.visits.append((self.rep, a.i, s.index % 1024, self.day, s.start_s, -1, -1, -1, 0, 0, s.remote, how))
        if how == DROPPED:
            self.owe(a, s.index, self.day + 1)
        else:
            self.rebook(a, s.index, self.plans.again[s.j])

    def owe(self, a: Account, index: int, day: float) -> None:
        if index % 1024 < 62:
            a.owed.add(index % 1024)
            if a.owner >= 0:
                self.ref.owing[a.owner][a.i] = a
            a.owed_from = max(a.owed_from, int(day))

    def rebook(self, a: Account, index: int, luck: float) -> None:
        if a.died > self.day and luck < self.ref.m["rebooked"]:
            self.owe(a, index, self.day + self.ref.m["rebook_days"])

    def room(self, a: Account, leg: float, there: int) -> bool:
        """Whether a visit to an account so far away now fits into what is left of the shift."""
        f, limit = a.facts, self.end - self.admin
        if self.t + leg + f["service_s"] > limit or a.owner != self.rep or a.died <= self.day or self.day - a.visited < 3:
            return False
        start = self.door(self.plans.windows[f["hours"]], f["service_s"], self.t + leg)
        end = start + f["service_s"]
        return start - self.t - leg <= self.ref.m["max_wait_s"] and end + self.leg(there, self.home, end) <= limit

    def nearest_owed(self) -> Account | None:
        """The nearest account of the rep's that is due again and can be seen within the shift."""
        best, at, found, territory, today = NEVER, -1, None, self.territory, self.day
        legs, pace, start = self.ways(self.t), self.pace(self.t), self.leg_from + self.here * self.size
        for a in self.ref.owing[self.rep].values():
            if a.owed_from <= today and territory in a.places:
                there = a.places[territory]
                leg = 0.0 if there == self.here else legs[start + there] * pace
                if (leg < best or (leg == best and there < at)) and self.room(a, leg, there):
                    best, at, found = leg, there, a
        return found

    def nearest_soon(self) -> Stop | None:
        """The nearest stop of the next rep-days that can be pulled forward."""
        best, row = (NEVER, None), self.after
        legs, pace, start = self.ways(self.t), self.pace(self.t), self.leg_from + self.here * self.size
        last = next(edge for edge in self.ref.edges if edge > self.day)
        for _ in range(int(self.ref.m["pull_days"])):
            if row < 0 or self.plans.days[row][0] != self.rep:
                break
            for s in self.plans.rows[row]:
                if s.remote or s.joint >= 0 or s.day >= last:
                    continue
                there = place_in(self.ref, s, row, self.territory)
                leg = 0.0 if there == self.here else legs[start + there] * pace
                if leg < best[0] and self.room(self.ref.accounts[s.i], leg, there):
                    best = (leg, s)
            row = self.plans.days[row][5]
        return best[1]

    def until(self, t: float) -> simpy.Event:
        return self.ref.env.timeout(max(0.0, self.day + t / DAY - self.ref.env.now))

    def morning(self) -> None:
        m, accounts, away = self.ref.m, self.ref.accounts, self.plans.away
        self.spent["idle"] = self.t - self.ref.reps[self.rep].shift_start_s
        for s in self.plans.rows[self.row]:
            a = accounts[s.i]
            if a.owner != self.rep:
                self.missed(s, DROPPED)
            elif away[s.j] < m["missed"] * m["called_off"] or a.died <= self.day:
                self.missed(s, CANCELLED)
                self.freed += 1
            else:
                self.stops.append(s)

    def eat(self) -> None:
        self.t, self.hungry = self.t + self.ref.m["lunch_s"], False
        self.spent["lunch"] += self.ref.m["lunch_s"]

    def go(self) -> Iterator[simpy.Event]:
        ref, m = self.ref, self.ref.m
        self.morning()
        while True:
            while self.stops:
                end, closed = self.outlook()
                if closed < 0 and end <= self.end + m["overtime_s"]:
                    break
                if closed < 0:
                    least = min(s.priority for s in self.stops)
                    closed = max(k for k, s in enumerate(self.stops) if s.priority == least)
                self.missed(self.stops.pop(closed), DROPPED)
            if self.stops:
                s = self.stops.pop(0)
                a, index, start_s, remote = ref.accounts[s.i], s.index, s.start_s, s.remote
                away, again, traffic, length = self.plans.luck(s, m)
                there = self.here if remote else place_in(ref, s, self.row, self.territory)
                joint = s.joint if self.joint else -1
            else:
                if self.hungry and m["lunch_from_s"] <= self.t < m["lunch_until_s"]:
                    self.eat()
                if self.hungry or self.t + self.leg(self.here, self.home, self.t) >= self.end - self.admin:
                    break
                found = self.nearest_owed()
                soon = None if found or not self.freed else self.nearest_soon()
                if found is None and soon is None:
                    break
                if found:
                    a = found
                    ordinal = min(a.owed)
                    a.owed.remove(ordinal)
                    if not a.owed:
                        del ref.owing[self.rep][a.i]
                    a.attempts += 1
                    index = 1024 * (sum(edge <= self.day for edge in ref.edges) - 1) + ordinal
                    luck, again = ref.pair("missed", a.key, index, a.attempts)
                    traffic, length = ref.pair("leg", a.key, index, a.attempts)
                    away, traffic, length = (
                        luck < m["missed"],
                        spread(traffic, m["travel_sigma"]),
                        spread(length, m["visit_sigma"]),
                    )
                else:
                    self.freed -= 1
                    a, index = ref.accounts[soon.i], soon.index
                    self.plans.take_out(soon)
                    away, again, traffic, length = self.plans.luck(soon, m)
                start_s, remote, joint, there = -1, 0, -1, place(a, self.territory)
            service = a.facts["service_s"]
            leg = self.leg(self.here, there, self.t)
            if self.hungry and self.eats(True, self.t, leg + service):
                self.eat()
                leg = self.leg(self.here, there, self.t)
            left = self.t
            leg *= traffic * self.plans.weather[a.facts["area"]][self.day]
            distance = self.plans.metres(self.territory, self.here, there)
            self.spent["travel"] += leg
            self.spent["distance_m"] += distance
            self.t, self.here = self.t + leg, there
            if self.hungry and self.eats(True, self.t, service):
                self.eat()
            length = m["no_show_s"] if away else service * length
            came, ready = None, 0.0
            if joint >= 0 and not away:
                yield self.until(left)
                came, ready = yield from ref.desks[joint].ask(a.i, self.day, self.t, length)
            arrive = self.t
            start = self.door(self.plans.windows[a.facts["hours"]], service, max(arrive, ready))
            visit = [self.rep, a.i, index % 1024, self.day, start_s]
            if start == NEVER:
                self.owe(a, index, self.day + 1)
                ref.visits.append((*visit, -1, -1, -1, round(leg), round(distance), remote, DROPPED))
                if came:
                    ref.env.process(ref.desks[joint].hold(came, self.day + arrive / DAY))
                continue
            self.t = start + length
            self.spent["wait"] += start - arrive + (length if away else 0.0)
            self.spent["visit"] += 0.0 if away else length
            if came:
                ref.env.process(ref.desks[joint].hold(came, self.day + self.t / DAY))
            yield self.until(self.t)
            times = (round(arrive), round(start), round(self.t), round(leg), round(distance), remote)
            ref.visits.append((*visit, *times, NO_SHOW if away else HELD))
            if away:
                self.freed += 1
                self.rebook(a, index, again)
            else:
                self.held(a, self.day + self.t / DAY, bool(remote), bool(came))
        self.evening()

    def held(self, a: Account, t: float, remote: bool, joint: bool) -> None:
        ref, m = self.ref, self.ref.m
        if a.planned <= t:
            ref.advance(a, t)
        lift = m["lift"] * (m["remote_lift"] if remote else 1.0) * (m["joint_lift"] if joint else 1.0)
        if self.rep >= 0:
            lift *= ref.ramp(self.rep, t) * (1.0 if ref.fits(a, self.rep) else m["fit_lift"])
        ref.settle(a, t)
        a.goodwill += min(1.0, lift) * (1 - a.goodwill)
        ref.attacked(a, t)
        if a.deals:
            ref.work(a, t)
        a.visited, a.joint = t, joint
        if a.deals:
            ref.plan_ends(a)
            ref.touched(a)

    def evening(self) -> None:
        ref, m = self.ref, self.ref.m
        if self.hungry and self.eats(True, self.t, self.leg(self.here, self.home, self.t)):
            self.eat()
        leg = self.leg(self.here, self.home, self.t)
        leg *= spread(ref.u("home_leg", ref.rep_keys[self.rep], self.day), m["travel_sigma"])
        leg *= self.plans.weather[ref.stage.world.reps["area"][self.rep]][self.day]
        self.spent["travel"] += leg
        self.spent["distance_m"] += self.plans.metres(self.territory, self.here, self.home)
        self.t += leg
        if self.hungry and self.t > m["lunch_until_s"]:
            self.eat()
        self.t += self.admin
        self.spent["admin"] = self.admin
        self.spent["idle"] += max(0.0, self.end - self.t)
        self.spent["overtime"] = max(0.0, self.t - self.end)
        ref.free[self.rep] = max(0.0, self.end - self.t)
        ref.minutes.append({"rep": self.rep, "date": self.day, **self.spent})
