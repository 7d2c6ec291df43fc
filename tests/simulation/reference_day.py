"""The reference model's days: each rep walks stop by stop on SimPy's clock, in seconds after midnight."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import simpy
from simulation.reference_plans import Plans, Stop, admin, door, place_in

from fieldsim.simulation.draws import spread

if TYPE_CHECKING:
    from simulation.reference import Reference
    from simulation.reference_nouns import Account

HELD, NO_SHOW, CANCELLED, DROPPED = range(4)
DAY = 86_400.0
NEVER = math.inf


class Visit(NamedTuple):
    """The visit ahead, with its luck: whether the customer stays away, rebooks then, delay on the way, length of the meeting."""

    account: Account
    index: int
    start_s: int
    remote: int
    joint: int
    place: int
    away: bool
    again: float
    traffic: float
    length: float


class Walk:
    """One rep's day."""

    def __init__(self, ref: Reference, plans: Plans, row: int, day: int) -> None:
        self.ref, self.plans, self.row, self.day, self.m = ref, plans, row, day, ref.m
        self.rep, self.territory, self.depart, self.lunch_at, _, self.after, self.joint = plans.days[row]
        _, self.leg_from, self.size = plans.ground[self.territory]
        self.home, self.admin = self.size - 1, admin(ref, self.rep)
        self.single = len(plans.periods) == 1
        self.rush, self.calm = (ref.m.rush, ref.m.calm) if self.single else (1.0, 1.0)
        self.end = ref.reps[self.rep].day_end_s
        self.spent = dict.fromkeys(("travel", "wait", "visit", "lunch", "admin", "idle", "overtime", "distance_m"), 0.0)
        self.t, self.here, self.freed = float(self.depart), self.home, 0
        self.hungry = self.lunch_at >= 0 and ref.m.lunch_s > 0
        self.stops: list[Stop] = []

    # ── ways and hours ────────────────────────────────────────────────────────────────────────────────────────────

    def ways(self, t: float) -> memoryview:
        """Seconds of all legs that begin at t."""
        plans = self.plans
        return plans.legs[0 if self.single else max(p for p, start in enumerate(plans.periods) if start <= t or p == 0)]

    def pace(self, t: float) -> float:
        """Traffic's factor on a leg that begins at t; 1 where travel has periods of its own."""
        if t < 25200.0 or t >= 68400.0:
            return self.calm
        return self.calm if t >= 32400.0 and t < 61200.0 else self.rush

    def leg(self, here: int, there: int, t: float) -> float:
        """Seconds of a leg that begins at t."""
        if here == there:
            return 0.0
        return self.ways(t)[self.leg_from + here * self.size + there] * self.pace(t)

    def eats(self, t: float, busy: float) -> bool:
        """Whether a rep who has not eaten does so before something that takes a while."""
        m = self.m
        return t >= m.lunch_from_s and (t >= self.lunch_at or t + busy > m.lunch_until_s)

    def eat(self) -> None:
        self.t, self.hungry = self.t + self.m.lunch_s, False
        self.spent["lunch"] += self.m.lunch_s

    def outlook(self) -> tuple[float, int]:
        """End of the day if all goes as planned, and the first stop with a closed door."""
        t, here, hungry, lunch, row = self.t, self.here, self.hungry, self.m.lunch_s, self.row
        pace, planned = self.pace, self.single
        for at, s in enumerate(self.stops):
            service = s.service
            if planned and s.before == here and s.row == row and not s.remote:  # the leg of the plan
                there = s.place
                leg = s.way * pace(t)
            else:
                there = here if s.remote else place_in(self.ref, s, row, self.territory)
                leg = self.leg(here, there, t)
            if hungry and self.eats(t, leg + service):
                t, hungry = t + lunch, False
                leg = self.leg(here, there, t)
            t += leg
            if hungry and self.eats(t, service):
                t, hungry = t + lunch, False
            for opening, latest in s.doors:
                if t <= latest:
                    t = (t if t > opening else opening) + service
                    break
            else:
                return NEVER, at
            here = there
        return t + self.leg(here, self.home, t) + (lunch if hungry else 0.0) + self.admin, -1

    # ── visits that do not happen ─────────────────────────────────────────────────────────────────────────────────

    def manager(self, s: Stop) -> Iterator[simpy.Event]:
        """A visit of a vacant seat that the manager holds: at its planned time, whatever else is on."""
        a, m, away = self.ref.accounts[s.i], self.m, self.plans.away[s.j]
        self.rep = -1
        if away < m.missed * m.called_off or a.died <= self.day:
            self.missed(s, CANCELLED)
            return
        away = away < m.missed
        leave = s.start_s + (m.no_show_s if away else s.service * self.plans.length[s.j])
        way = driven = 0.0
        if not s.remote:
            there, both = place_in(self.ref, s, self.row, self.territory), 2.0 / m.manager_trip_visits
            way = both * self.leg(there, self.home, float(s.start_s))
            driven = both * self.plans.metres(self.territory, there, self.home)
        times = (s.start_s, s.start_s, round(leave), round(way), round(driven), s.remote)
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
            a.owed |= {index % 1024}
            if a.owner >= 0:
                self.ref.owing[a.owner][a.i] = a
            a.owed_from = max(a.owed_from, int(day))

    def rebook(self, a: Account, index: int, luck: float) -> None:
        if a.died > self.day and luck < self.m.rebooked:
            self.owe(a, index, self.day + self.m.rebook_days)

    # ── the day ───────────────────────────────────────────────────────────────────────────────────────────────────

    def until(self, t: float) -> simpy.Event:
        env = self.ref.env
        return env.timeout(max(0.0, self.day + t / DAY - env.now))

    def morning(self) -> None:
        m, accounts, away, rep, day = self.m, self.ref.accounts, self.plans.away, self.rep, self.day
        called_off = m.missed * m.called_off
        self.spent["idle"] = self.t - self.ref.reps[rep].shift_start_s
        for s in self.plans.rows[self.row]:
            a = accounts[s.i]
            if a.owner != rep and not s.guest:
                self.missed(s, DROPPED)
            elif away[s.j] < called_off or a.died <= day:
                self.missed(s, CANCELLED)
                self.freed += 1
            else:
                self.stops.append(s)

    def shorten(self) -> None:
        """Drop what no longer fits, as long as the rest of the day cannot be done."""
        latest = self.end + self.m.overtime_s
        while self.stops:
            end, closed = self.outlook()
            if closed < 0:
                if end <= latest:
                    return
                least = min(s.priority for s in self.stops)
                closed = max(k for k, s in enumerate(self.stops) if s.priority == least)
            self.missed(self.stops.pop(closed), DROPPED)

    def planned(self, s: Stop) -> Visit:
        """The next planned visit."""
        plans, j = self.plans, s.j
        there = self.here if s.remote else place_in(self.ref, s, self.row, self.territory)
        luck = plans.away[j] < self.m.missed, plans.again[j], plans.traffic[j], plans.length[j]
        return Visit(self.ref.accounts[s.i], s.index, s.start_s, s.remote, s.joint if self.joint else -1, there, *luck)

    def more(self) -> Visit | None:
        """What a rep does with time left: visits that are due again, then those of the next days, for each cancellation one."""
        m = self.m
        if self.hungry and m.lunch_from_s <= self.t < m.lunch_until_s:
            self.eat()
        if self.hungry or self.t + self.leg(self.here, self.home, self.t) >= self.end - self.admin:
            return None
        a = self.nearest_owed()
        if a:
            return self.due_again(a)
        s = self.nearest_soon() if self.freed else None
        if s is None:
            return None
        self.freed -= 1
        self.plans.take_out(s)
        place = self.ref.accounts[s.i].facts.places[self.territory]
        return self.planned(s)._replace(start_s=-1, remote=0, joint=-1, place=place)

    def due_again(self, a: Account) -> Visit:
        """A visit made up, with luck of its own."""
        ref, m, ordinal = self.ref, self.m, min(a.owed)
        a.owed -= {ordinal}
        if not a.owed:
            del ref.owing[self.rep][a.i]
        a.attempts += 1
        index = 1024 * (sum(edge <= self.day for edge in ref.edges) - 1) + ordinal
        away, again = ref.pair("missed", a.key, index, a.attempts)
        traffic, length = ref.pair("leg", a.key, index, a.attempts)
        luck = away < m.missed, again, spread(traffic, m.travel_sigma), spread(length, m.visit_sigma)
        return Visit(a, index, -1, 0, -1, a.facts.places[self.territory], *luck)

    def go(self) -> Iterator[simpy.Event]:
        """From the first leg of the day to the way home."""
        ref, m, plans, spent, day, rep = self.ref, self.m, self.plans, self.spent, self.day, self.rep
        env, visits = ref.env, ref.visits
        self.morning()
        while True:
            if self.stops:
                self.shorten()
            v = self.planned(self.stops.pop(0)) if self.stops else self.more()
            if v is None:
                break
            a, index, start_s, remote, joint, there, away, again, traffic, length = v
            f = a.facts
            service, here = f.service_s, self.here
            leg = self.leg(here, there, self.t)
            if self.hungry and self.eats(self.t, leg + service):
                self.eat()
                leg = self.leg(here, there, self.t)
            left = self.t
            leg *= traffic * plans.weather[f.area][day]
            distance = plans.metres(self.territory, here, there)
            spent["travel"] += leg
            spent["distance_m"] += distance
            self.t, self.here = left + leg, there
            if self.hungry and self.eats(self.t, service):
                self.eat()
            length = m.no_show_s if away else service * length
            came, ready, arrive = None, 0.0, self.t
            if joint >= 0 and not away:
                yield self.until(left)
                came, ready = yield from ref.desks[joint].ask(a.i, day, arrive, length)
            start = door(f.doors[day], max(arrive, ready))
            if start == NEVER:
                self.owe(a, index, day + 1)
                visits.append((rep, a.i, index % 1024, day, start_s, -1, -1, -1, round(leg), round(distance), remote, DROPPED))
                if came:
                    env.process(ref.desks[joint].hold(came, day, arrive))
                continue
            self.t = end = start + length
            if came:
                env.process(ref.desks[joint].hold(came, day, end))
            yield self.until(end)
            times = (round(arrive), round(start), round(end), round(leg), round(distance), remote)
            visits.append((rep, a.i, index % 1024, day, start_s, *times, NO_SHOW if away else HELD))
            spent["wait"] += start - arrive
            if away:
                spent["wait"] += length
                self.freed += 1
                self.rebook(a, index, again)
            else:
                spent["visit"] += length
                self.held(a, day + end / DAY, bool(remote), bool(came))
        self.evening()

    def held(self, a: Account, t: float, remote: bool, joint: bool) -> None:
        """A visit ended: goodwill rises, stages run on at their new speed."""
        ref, m, rep = self.ref, self.m, self.rep
        if a.planned <= t:
            ref.advance(a, t)
        lift = m.lift
        if remote:
            lift *= m.remote_lift
        if joint:
            lift *= m.joint_lift
        if rep >= 0:
            lift *= ref.ramp(rep, t)
            if a.facts.trades not in ref.knows[rep]:
                lift *= m.fit_lift
        ref.settle(a, t)
        a.goodwill += min(1.0, lift) * (1 - a.goodwill)
        if a.attack_at <= t:
            ref.attacked(a, t)
        a.joint = joint
        if a.deals:
            ref.work(a, t)
            a.visited = t
            ref.plan_ends(a)
            ref.touched(a)
        a.visited = t

    def evening(self) -> None:
        ref, m, spent = self.ref, self.m, self.spent
        leg = self.leg(self.here, self.home, self.t)
        if self.hungry and self.eats(self.t, leg):
            self.eat()
            leg = self.leg(self.here, self.home, self.t)
        leg *= spread(ref.u("home_leg", ref.rep_keys[self.rep], self.day), m.travel_sigma)
        leg *= self.plans.weather[ref.areas[self.rep]][self.day]
        spent["travel"] += leg
        spent["distance_m"] += self.plans.metres(self.territory, self.here, self.home)
        self.t += leg
        if self.hungry and self.t > m.lunch_until_s:
            self.eat()
        self.t += self.admin
        spent["admin"] = self.admin
        spent["idle"] += max(0.0, self.end - self.t)
        spent["overtime"] = max(0.0, self.t - self.end)
        ref.free[self.rep] = max(0.0, self.end - self.t)
        ref.minutes.append({"rep": self.rep, "date": self.day, **spent})

    # ── what else fits ────────────────────────────────────────────────────────────────────────────────────────────

    def room(self, a: Account, leg: float, there: int) -> bool:
        """Whether a visit to an account so far away now fits into what is left of the shift."""
        f, limit, day, come = a.facts, self.end - self.admin, self.day, self.t + leg
        if come + f.service_s > limit or a.owner != self.rep or a.died <= day or day - a.visited < 3:
            return False
        start = door(f.doors[day], come)
        end = start + f.service_s
        return start - come <= self.m.max_wait_s and end + self.leg(there, self.home, end) <= limit

    def nearest_owed(self) -> Account | None:
        """The nearest account of the rep's that is due again and can be seen within the shift."""
        best, at, found, territory, today, here = NEVER, -1, None, self.territory, self.day, self.here
        legs, pace, start = self.ways(self.t), self.pace(self.t), self.leg_from + here * self.size
        for a in self.ref.owing[self.rep].values():
            if a.owed_from <= today:
                there = a.facts.places.get(territory)
                if there is None:
                    continue
                leg = 0.0 if there == here else legs[start + there] * pace
                if (leg < best or (leg == best and there < at)) and self.room(a, leg, there):
                    best, at, found = leg, there, a
        return found

    def nearest_soon(self) -> Stop | None:
        """The nearest stop of the next rep-days that can be pulled forward."""
        best, found, row, accounts = NEVER, None, self.after, self.ref.accounts
        legs, pace, start = self.ways(self.t), self.pace(self.t), self.leg_from + self.here * self.size
        last = self.ref.edge_after(self.day)
        for _ in range(int(self.m.pull_days)):
            if row < 0 or self.plans.days[row][0] != self.rep:
                break
            for s in self.plans.rows[row]:
                if s.remote or s.joint >= 0 or s.day >= last:
                    continue
                there = place_in(self.ref, s, row, self.territory)
                leg = 0.0 if there == self.here else legs[start + there] * pace
                if leg < best and self.room(accounts[s.i], leg, there):
                    best, found = leg, s
            row = self.plans.days[row][5]
        return found
