"""The reference model's people: a process for each rep, walking leg by leg on SimPy's clock; sickness, leads, quarter ends."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import simpy

from fieldsim.luck import key_of

if TYPE_CHECKING:
    from simulation.reference import Account, Reference

HELD, NO_SHOW, CANCELLED, DROPPED = range(4)
DAY = 86_400.0


def sickness(ref: Reference, rep: int) -> Iterator[simpy.Event]:
    between, spell = ref.stage.sick
    number, key = 0, ref.rep_keys[rep]
    while math.isfinite(between):
        yield ref.env.timeout(between * ref.exponential("sick_after", key, number))
        ref.absent[rep] += 1
        yield ref.env.timeout(spell * ref.exponential("sick_for", key, number))
        ref.absent[rep] -= 1
        number += 1


def nights(ref: Reference) -> Iterator[simpy.Event]:
    """At midnight the house learns who is lost; at the end of a quarter orders are booked and amends lapse."""
    for day in range(1, ref.stage.days + 1):
        yield ref.env.timeout(day - ref.env.now)
        yield ref.env.timeout(0)
        for a in ref.accounts:
            a.known_alive = a.alive
            if day in ref.edges:
                ref.bill(a, day)
                a.owed, a.owed_from = set(), 0


def leads(ref: Reference) -> Iterator[simpy.Event]:
    a_day, half_life, quality, seconds = ref.stage.leads
    if a_day == 0:
        return
    one, number, waiting = np.uint64(key_of("leads")), 0, []
    potential = np.array([a.facts["potential"] for a in ref.accounts])
    near = np.cumsum(potential) / potential.sum()
    arrival = ref.exponential("lead_gap", one, 0) / a_day
    for day in range(ref.stage.days):
        yield ref.env.timeout(day + 0.95 - ref.env.now)
        while arrival <= ref.env.now:
            host = min(int(np.searchsorted(near, ref.u("lead_host", one, number))), len(near) - 1)
            waiting.append((arrival, ref.accounts[host], number))
            number += 1
            arrival += ref.exponential("lead_gap", one, number) / a_day
        kept = []
        for arrived, a, lead in waiting:
            delay = ref.env.now - arrived
            if a.owner < 0 or ref.free[a.owner] < seconds:
                if delay < 8 * half_life:
                    kept.append((arrived, a, lead))
                continue
            ref.free[a.owner] -= seconds
            if ref.u("lead_answer", one, lead) < quality * 0.5 ** (delay / half_life) and a.alive:
                ref.open(a, ref.env.now, lead * 16 + 14)
                ref.touched(a)
        waiting = kept


def rep_life(ref: Reference, rep: int) -> Iterator[simpy.Event]:
    """Morning after morning: a day's work, or a day away."""
    for day in range(ref.stage.days):
        yield ref.env.timeout(day + 0.2 - ref.env.now)
        ref.free[rep] = 0.0
        for row in range(ref.day_from[day], ref.day_from[day + 1]):
            if ref.days[row][0] == rep:
                stops = ref.stops[ref.days[row][4] : ref.days[row + 1][4]]
                walk = Walk(ref, rep, day, ref.days[row])
                if ref.absent[rep]:
                    for stop in stops:
                        walk.missed(stop, DROPPED)
                else:
                    yield from walk.go(stops)


class Walk:
    """One rep's day."""

    def __init__(self, ref: Reference, rep: int, day: int, row: tuple[int, ...]) -> None:
        self.ref, self.rep, self.day = ref, rep, day
        _, self.territory, self.depart, self.lunch_at, _ = row
        self.book_from, self.leg_from, self.size = ref.ground[self.territory]
        self.home = self.size - 1
        self.spent = dict.fromkeys(("travel", "wait", "visit", "lunch", "admin", "idle", "overtime", "distance_m"), 0.0)

    def leg(self, here: int, there: int, t: float) -> float:
        ref = self.ref
        if here == there:
            return 0.0
        period = max(p for p, start in enumerate(ref.periods) if start <= t or p == 0)
        seconds = float(ref.legs[period][self.leg_from + here * self.size + there])
        if len(ref.periods) > 1:
            return seconds
        hour = t / 3600.0
        return seconds * (ref.m["rush"] if 7 <= hour < 9 or 17 <= hour < 19 else ref.m["calm"])

    def metres(self, here: int, there: int) -> float:
        return 0.0 if here == there else float(self.ref.legs[-1][self.leg_from + here * self.size + there])

    def door(self, a: Account, t: float) -> float:
        service = a.facts["service_s"]
        for opening, closing in self.ref.windows[int(a.facts["hours"])][self.day]:
            if opening >= 0 and t <= (closing - service if closing - opening >= service else closing):
                return max(t, float(opening))
        return math.inf

    def eats(self, hungry: bool, t: float, busy: float) -> bool:
        m = self.ref.m
        return hungry and t >= m["lunch_from_s"] and (t >= self.lunch_at or t + busy > m["lunch_until_s"])

    def outlook(self, stops: list[tuple[int, ...]], here: int, t: float, hungry: bool) -> tuple[float, int]:
        """End of the day if all goes as planned, and the first stop with a closed door."""
        m = self.ref.m
        for place, (account, _, _, remote) in enumerate(stops):
            a = self.ref.accounts[account]
            there = here if remote else int(a.facts["local"])
            if self.eats(hungry, t, self.leg(here, there, t) + a.facts["service_s"]):
                t, hungry = t + m["lunch_s"], False
            t += self.leg(here, there, t)
            if self.eats(hungry, t, a.facts["service_s"]):
                t, hungry = t + m["lunch_s"], False
            start = self.door(a, t)
            if start == math.inf:
                return start, place
            t, here = start + a.facts["service_s"], there
        return t + self.leg(here, self.home, t) + (m["lunch_s"] if hungry else 0.0) + m["admin_s"], -1

    def missed(self, stop: tuple[int, ...], how: int) -> None:
        account, index, start, remote = stop
        a = self.ref.accounts[account]
        self.ref.visits.append((self.rep, account, index % 1024, self.day, start, -1, -1, -1, 0, 0, remote, how))
        if how == DROPPED:
            self.owe(a, index, self.day + 1)
        else:
            self.rebook(a, index, 0)

    @staticmethod
    def owe(a: Account, index: int, day: float) -> None:
        if index % 1024 < 62:
            a.owed.add(index % 1024)
            a.owed_from = max(a.owed_from, int(day))

    def rebook(self, a: Account, index: int, attempt: int) -> None:
        if a.alive and self.ref.u("rebooked", a.key, index, attempt) < self.ref.m["rebooked"]:
            self.owe(a, index, self.day + self.ref.m["rebook_days"])

    def to_make_up(self, here: int, t: float) -> Account | None:
        """The nearest account that is due again and can be seen within the shift."""
        m, best = self.ref.m, (math.inf, None)
        for account in self.ref.places[self.book_from : self.ref.ground[self.territory + 1][0]]:
            a = self.ref.accounts[account]
            if not a.owed or a.owed_from > self.day or not a.known_alive or self.day - a.visited < 3:
                continue
            there = int(a.facts["local"])
            leg = self.leg(here, there, t)
            start = self.door(a, t + leg)
            end = start + a.facts["service_s"]
            if leg >= best[0] or start - t - leg > m["max_wait_s"]:
                continue
            if end + self.leg(there, self.home, end) + m["admin_s"] <= self.ref.reps[self.rep].shift_end_s:
                best = (leg, a)
        return best[1]

    def until(self, t: float) -> simpy.Event:
        return self.ref.env.timeout(max(0.0, self.day + t / DAY - self.ref.env.now))

    def go(self, planned: list[tuple[int, ...]]) -> Iterator[simpy.Event]:
        ref, m, rep = self.ref, self.ref.m, self.ref.reps[self.rep]
        stops = []
        for stop in planned:
            a = ref.accounts[stop[0]]
            if not a.known_alive or ref.u("missed", a.key, stop[1]) < m["missed"] * m["called_off"]:
                self.missed(stop, CANCELLED)
            else:
                stops.append(stop)
        t, here, hungry = float(self.depart), self.home, self.lunch_at >= 0 and m["lunch_s"] > 0
        self.spent["idle"] = t - rep.shift_start_s
        yield self.until(t)
        while True:
            while stops:
                end, closed = self.outlook(stops, here, t, hungry)
                if closed < 0 and end <= rep.shift_end_s + m["overtime_s"]:
                    break
                if closed < 0:
                    least = min(ref.accounts[stop[0]].facts["priority"] for stop in stops)
                    closed = max(k for k, stop in enumerate(stops) if ref.accounts[stop[0]].facts["priority"] == least)
                self.missed(stops.pop(closed), DROPPED)
            if stops:
                account, index, start_s, remote = stops.pop(0)
                a, attempt = ref.accounts[account], 0
            else:
                if hungry and m["lunch_from_s"] <= t < m["lunch_until_s"]:
                    t, hungry = t + m["lunch_s"], False
                    self.spent["lunch"] += m["lunch_s"]
                found = None if hungry else self.to_make_up(here, t)
                if found is None:
                    break
                a, start_s, remote = found, -1, 0
                ordinal = min(a.owed)
                a.owed.remove(ordinal)
                a.attempts += 1
                attempt = a.attempts
                index = 1024 * (sum(edge <= self.day for edge in ref.edges) - 1) + ordinal
            there = here if remote else int(a.facts["local"])
            if self.eats(hungry, t, self.leg(here, there, t) + a.facts["service_s"]):
                t, hungry = t + m["lunch_s"], False
                self.spent["lunch"] += m["lunch_s"]
            leg = self.leg(here, there, t)
            leg *= ref.lognormal("leg", a.key, index, attempt, m["travel_sigma"])
            leg *= ref.lognormal("area_day", np.uint64(a.facts["area"]), self.day, 0, m["area_sigma"])
            distance = self.metres(here, there)
            self.spent["travel"] += leg
            self.spent["distance_m"] += distance
            t, here = t + leg, there
            yield self.until(t)
            if self.eats(hungry, t, a.facts["service_s"]):
                t, hungry = t + m["lunch_s"], False
                self.spent["lunch"] += m["lunch_s"]
            arrive, start = t, self.door(a, t)
            visit = [self.rep, a.i, index % 1024, self.day, start_s]
            if start == math.inf:
                self.owe(a, index, self.day + 1)
                ref.visits.append((*visit, -1, -1, -1, round(leg), round(distance), remote, DROPPED))
                continue
            away = ref.u("missed", a.key, index, attempt) < m["missed"]
            length = m["no_show_s"]
            if not away:
                length = a.facts["service_s"] * ref.lognormal("meeting", a.key, index, attempt, m["visit_sigma"])
            t = start + length
            self.spent["wait"] += start - arrive + (length if away else 0.0)
            self.spent["visit"] += 0.0 if away else length
            yield self.until(t)
            times = (round(arrive), round(start), round(t), round(leg), round(distance), remote)
            ref.visits.append((*visit, *times, NO_SHOW if away else HELD))
            if away:
                self.rebook(a, index, attempt)
            else:
                self.held(a, self.day + t / DAY, bool(remote))
        self.evening(here, t, hungry)

    def held(self, a: Account, t: float, remote: bool) -> None:
        ref, m = self.ref, self.ref.m
        lift = m["lift"] * ref.ramp(self.rep, t) * (m["remote_lift"] if remote else 1.0)
        lift *= 1.0 if ref.fits(a, self.rep) else m["fit_lift"]
        g = ref.goodwill(a, t)
        ref.touch(a, t, g + lift * (1 - g))
        ref.work(a, t)
        a.visited = t
        ref.touched(a)

    def evening(self, here: int, t: float, hungry: bool) -> None:
        ref, m, shift_end = self.ref, self.ref.m, self.ref.reps[self.rep].shift_end_s
        if self.eats(hungry, t, self.leg(here, self.home, t)):
            t, hungry = t + m["lunch_s"], False
            self.spent["lunch"] += m["lunch_s"]
        leg = self.leg(here, self.home, t)
        leg *= ref.lognormal("home_leg", ref.rep_keys[self.rep], self.day, 0, m["travel_sigma"])
        area = np.uint64(ref.stage.world.reps["area"][self.rep])
        leg *= ref.lognormal("area_day", area, self.day, 0, m["area_sigma"])
        self.spent["travel"] += leg
        self.spent["distance_m"] += self.metres(here, self.home)
        t += leg
        if hungry and t > m["lunch_until_s"]:
            t += m["lunch_s"]
            self.spent["lunch"] += m["lunch_s"]
        t += m["admin_s"]
        self.spent["admin"] = m["admin_s"]
        self.spent["idle"] += max(0.0, shift_end - t)
        self.spent["overtime"] = max(0.0, t - shift_end)
        ref.free[self.rep] = max(0.0, shift_end - t)
        ref.minutes.append({"rep": self.rep, "date": self.day, **self.spent})
