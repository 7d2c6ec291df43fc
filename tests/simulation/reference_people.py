"""The reference model's calendar: reps' absences, departures and hires, specialists, leads, quarter ends."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import simpy
from simulation.reference_day import DAY, DROPPED, Walk
from simulation.reference_plans import Plans, admin

from fieldsim.luck import key_of
from fieldsim.simulation.draws import inverse_normal
from fieldsim.simulation.leavers import Gap, gaps

if TYPE_CHECKING:
    from simulation.reference import Reference


def people(ref: Reference) -> None:
    """Start everybody's process."""
    ref.plans = Plans(ref)
    ref.desks = {calendar.rep: Desk(ref, calendar) for calendar in ref.stage.calendars}
    env = ref.env
    for rep in range(len(ref.reps)):
        env.process(sickness(ref, rep))
        env.process(leave(ref, rep))
        if ref.vacant[rep]:
            env.process(first_day(ref, rep))
    found = gaps(
        ref.stage.world.reps, ref.stage.clocks, ref.departures, ref.stage.days, ref.seed, ref.replication, ref.stage.over
    )
    for gap in found:
        env.process(departure(ref, gap))
    for rep in range(len(ref.reps)):
        env.process(rep_life(ref, rep))
    for desk in ref.desks.values():
        env.process(desk.evenings())
    env.process(leads(ref))
    env.process(quarter_ends(ref))


def sickness(ref: Reference, rep: int) -> Iterator[simpy.Event]:
    between, spell = ref.stage.sick
    number, key = 0, ref.rep_keys[rep]
    while math.isfinite(between):
        yield ref.env.timeout(between * ref.exponential("sick_after", key, number))
        ref.absent[rep] += 1
        yield ref.env.timeout(spell * ref.exponential("sick_for", key, number))
        ref.absent[rep] -= 1
        number += 1


def leave(ref: Reference, rep: int) -> Iterator[simpy.Event]:
    """One block of working days a quarter."""
    days = [day for day in range(ref.stage.days) if ref.plans.day_from[day] < ref.plans.day_from[day + 1]]
    for quarter, (start, end) in enumerate(zip(ref.edges, ref.edges[1:], strict=False)):
        mine = [day for day in days if start <= day < end]
        length = ref.stage.leave_days
        places = len(mine) - length + 1
        if length <= 0 or places <= 0:
            continue
        first = int(ref.u("leave", ref.rep_keys[rep], quarter) * places)
        yield ref.env.timeout(mine[first] + 0.1 - ref.env.now)
        ref.absent[rep] += 1
        yield ref.env.timeout(mine[first + length - 1] + 0.97 - ref.env.now)
        ref.absent[rep] -= 1


def first_day(ref: Reference, rep: int) -> Iterator[simpy.Event]:
    yield ref.env.timeout(ref.hired[rep] + 0.02 + 1e-6 * rep)
    ref.absent[rep] -= 1
    ref.vacant[rep] = False
    fill(ref, rep, ref.env.now, False)


def departure(ref: Reference, gap: Gap) -> Iterator[simpy.Event]:
    """Notice, vacancy, a new hire."""
    env, rep, key = ref.env, gap.rep, ref.rep_keys[gap.rep]
    night = 0.02 + 1e-6 * rep
    leaves, hired = math.ceil(gap.leaves) + night, math.ceil(gap.hired) + night if gap.hired < math.inf else math.inf
    yield env.timeout(gap.resigns)
    away = False
    while math.ceil(env.now) + 0.1 < leaves:
        yield env.timeout(math.ceil(env.now) + 0.1 - env.now)
        off = ref.u("notice", key, int(env.now), gap.number) > ref.stage.clocks.effort
        ref.absent[rep] += int(off) - int(away)
        away = off
    yield env.timeout(max(0.0, leaves - env.now))
    ref.absent[rep] += 1 - int(away)
    ref.vacant[rep] = True
    for i, territory, taker in ref.shifts[rep]:
        a, own = ref.accounts[i], ref.accounts[i].facts.owner
        if a.owner == own != taker and min(own, taker) >= 0 and not (ref.vacant[own] or ref.vacant[taker]):
            ref.hand_over(a, taker, env.now, True)
            ref.plans.move(ref, a, territory, env.now)
    for a in ref.accounts:
        if a.owner == rep:
            own, taker, to = a.facts.owner, a.facts.taker, a.facts.taken_by
            if own not in (rep, -1) and not ref.vacant[own]:
                taker, to = own, a.facts.territory
            there = taker >= 0 and taker != rep and not ref.vacant[taker]
            ref.hand_over(a, taker if there else -1, env.now, True)
            if there:
                ref.plans.move(ref, a, to, env.now)
    for i, territory, taker in ref.shifts[rep]:
        if ref.accounts[i].owner == taker:
            ref.plans.move(ref, ref.accounts[i], territory, env.now)
    managers(ref)
    if hired == math.inf:
        return
    yield env.timeout(hired - env.now)
    ref.absent[rep] -= 1
    ref.hired[rep] = env.now
    ref.skill[rep] = ref.stage.skill_sigma * inverse_normal(ref.u("skill", key, gap.number))
    ref.vacant[rep] = False
    fill(ref, rep, env.now, ref.stage.returns)
    managers(ref)


def managers(ref: Reference) -> None:
    """The part of the visits asked of managers that their week has room for."""
    week, limit = ref.stage.errands
    asked = []
    for a, seconds in zip(ref.accounts, week.tolist(), strict=True):
        own = a.facts.owner
        if a.owner < 0 <= own and ref.vacant[own] and ref.hired[own] <= ref.env.now:
            asked.append(a.facts.pooled * seconds)
    total = math.fsum(asked)
    ref.covered = min(1.0, limit / total) if total > 0.0 else 1.0


def fill(ref: Reference, rep: int, t: float, returns: bool) -> None:
    """A seat's accounts go to who sits there now."""
    for a in ref.accounts:
        if a.facts.owner == rep and a.owner != rep and (a.owner < 0 or returns):
            ref.hand_over(a, rep, t, a.owner >= 0)
            ref.plans.move(ref, a, a.facts.territory, t)
            a.tenure = t
    for i, _, taker in ref.shifts[rep]:
        a, own = ref.accounts[i], ref.accounts[i].facts.owner
        if returns and a.owner == taker != own and own >= 0 and not ref.vacant[own]:
            ref.hand_over(a, own, t, True)
            ref.plans.move(ref, a, a.facts.territory, t)


def rep_life(ref: Reference, rep: int) -> Iterator[simpy.Event]:
    """Morning after morning: a day's work, or a day away."""
    for day, row in ref.plans.of_rep.get(rep, ()):
        yield ref.env.timeout(day + 0.2 - ref.env.now)
        walk = Walk(ref, ref.plans, row, day)
        if ref.absent[rep]:
            for s in ref.plans.rows[row]:
                a = ref.accounts[s.i]
                waits = ref.vacant[rep] and ref.hired[rep] <= day and a.owner < 0
                if waits and ref.u("manager", a.key, s.index) < a.facts.pooled * ref.covered:
                    ref.env.process(Walk(ref, ref.plans, row, day).manager(s))
                else:
                    walk.missed(s, DROPPED)
        else:
            yield from walk.go()


class Desk:
    """A specialist: one at a time, first come first served."""

    def __init__(self, ref: Reference, calendar: Any) -> None:
        self.ref, self.calendar = ref, calendar
        self.resource = simpy.Resource(ref.env)
        self.home = len(calendar.seconds) - 1
        self.here, self.spent = self.home, [0.0, 0.0, 0.0]
        self.free_on, self.free_s = -1, 0.0

    def way(self, there: int) -> float:
        return float(self.calendar.seconds[self.here, there])

    def ask(self, account: int, day: int, arrive: float, length: float) -> Iterator[Any]:
        """The request if the specialist comes (else None) and when the visit can begin."""
        env, person = self.ref.env, self.ref.reps[self.calendar.rep]
        if self.ref.absent[self.calendar.rep] or arrive + length > person.day_end_s - admin(self.ref, self.calendar.rep):
            return None, 0.0
        there, deadline = self.calendar.place[account], day + (arrive + self.ref.stage.patience_s) / DAY
        request = self.resource.request()
        answer = yield request | env.timeout(max(0.0, deadline - env.now))
        now = (env.now - day) * DAY
        if request not in answer:
            request.cancel()
            return None, now
        left = max(0.0, self.free_s + self.way(there) - now) if self.free_on == day else 0.0
        if env.now + left / DAY > deadline:
            self.resource.release(request)
            return None, now
        ready = now + left
        self.spent = [
            self.spent[0] + self.way(there),
            self.spent[1] + length,
            self.spent[2] + float(self.calendar.metres[self.here, there]),
        ]
        self.here = there
        return request, ready

    def hold(self, request: Any, day: int, end: float) -> Iterator[simpy.Event]:
        """With the customer until then, and from then on under way to the next."""
        self.free_on, self.free_s = day, end
        yield self.ref.env.timeout(max(0.0, day + end / DAY - self.ref.env.now))
        self.resource.release(request)

    def evenings(self) -> Iterator[simpy.Event]:
        ref, rep = self.ref, self.calendar.rep
        for day in range(ref.stage.days):
            if ref.plans.day_from[day] == ref.plans.day_from[day + 1]:
                continue
            yield ref.env.timeout(day + 0.9 - ref.env.now)
            if ref.absent[rep]:
                continue
            travel, visit, metres = self.spent
            travel, metres = travel + self.way(self.home), metres + float(self.calendar.metres[self.here, self.home])
            self.here, self.spent = self.home, [0.0, 0.0, 0.0]
            lunch, desk, person = self.calendar.lunch_s, admin(ref, rep), ref.reps[rep]
            left = person.day_end_s - person.shift_start_s - travel - visit - desk - lunch
            spent = {"travel": travel, "wait": 0.0, "visit": visit, "lunch": lunch, "admin": desk, "idle": max(0.0, left)}
            ref.minutes.append({"rep": rep, "date": day, **spent, "overtime": max(0.0, -left), "distance_m": metres})


def quarter_ends(ref: Reference) -> Iterator[simpy.Event]:
    """Orders are booked and visits due again lapse."""
    for edge in ref.edges[1:]:
        yield ref.env.timeout(edge - ref.env.now)
        for a in ref.accounts:
            ref.advance(a, edge)
            ref.bill(a, edge)
            a.owed, a.owed_from = frozenset(), 0
        for mine in ref.owing:
            mine.clear()


def leads(ref: Reference) -> Iterator[simpy.Event]:
    a_day, half_life, quality, seconds = ref.stage.leads
    if a_day < 1e-12:
        return
    one, number, waiting = np.uint64(key_of("leads")), 0, []
    potential = np.array([a.facts.potential for a in ref.accounts])
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
                ref.advance(a, ref.env.now)
                if a.alive:
                    ref.open(a, ref.env.now, lead * 16 + 14)
                    ref.touched(a)
        waiting = kept
        ref.free = [0.0] * len(ref.free)
