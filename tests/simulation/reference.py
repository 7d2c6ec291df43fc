"""The same rules as an ordinary SimPy model: a process for each account and each rep, a timeout for each visit and stage.

Readable and slow on purpose; shares with the product only the stage it reads and the keyed draws, which come in blocks where they
can. One quarter or several.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from heapq import heappush, heapreplace
from typing import Any

import numpy as np
import simpy
from simulation.blocks import ATTACKS, DRAWN, KEPT, Prospects, pairs, spreads, waits
from simulation.reference_nouns import NEVER, Account, Deal, Tables
from simulation.reference_people import people

from fieldsim.luck import keys_of, stream, uniform
from fieldsim.model import Scenario
from fieldsim.simulation import Departures, Stage
from fieldsim.simulation.draws import inverse_normal, pair, spread

ORDER, OPENED, DEAL, LOST, CHURN, HANDOVER = range(6)
__all__ = ["Reference", "Tables"]


class Reference:
    """One replication; `visits` and `ledger` are the log's rows as tuples in the order they happen."""

    def __init__(
        self,
        stage: Stage,
        scenario: Scenario,
        seed: int,
        replication: int,
        departures: Departures | None = None,
        tables: Tables | None = None,
    ) -> None:
        self.stage, self.seed, self.replication, self.departures = stage, seed, replication, departures or Departures()
        w = stage.world
        self.tables = tables or Tables(stage)
        self.m, self.facts, self.knows = self.tables.market, self.tables.facts, self.tables.knows
        self.edges, self.seasons = w.edges.tolist(), w.seasons.tolist()
        self.seasonal, self.level = len(self.seasons) > 1, self.seasons[0][1]
        self.streams: dict[str, np.uint64] = {}
        self.visits: list[tuple] = []
        self.ledger: list[tuple] = []
        self.minutes: list[dict[str, float]] = []
        self.reps, self.scenario = scenario.reps, scenario
        self.rep_keys = keys_of(rep.id for rep in scenario.reps)
        self.skill = [inverse_normal(self.u("skill", key, 0)) * stage.skill_sigma for key in self.rep_keys]
        self.hired, self.areas = w.reps["hired"].tolist(), w.reps["area"].tolist()
        self.vacant = [hired > 0 for hired in self.hired]
        self.absent, self.free = [int(gone) for gone in self.vacant], [0.0] * len(self.reps)
        self.covered = 0.0
        self.prospects = Prospects(self)
        self.env = simpy.Environment()
        self.never = stage.days + 1.0
        self.owing: list[dict[int, Account]] = [{} for _ in self.reps]
        self.accounts = self.opening()
        moves = w.shifts.tolist()
        self.shifts = [moves[a:b] for a, b in zip(w.reps["shifts_from"], w.reps["shifts_to"], strict=True)]

    # ── luck ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def stream(self, purpose: str) -> np.uint64:
        if purpose not in self.streams:
            self.streams[purpose] = stream(self.seed, self.replication, purpose)
        return self.streams[purpose]

    def u(self, purpose: str, key: np.uint64, index: int, second: int = 0) -> float:
        return uniform(self.stream(purpose), key, index, second)

    def pair(self, purpose: str, key: np.uint64, index: int, second: int = 0) -> tuple[float, float]:
        return pair(self.stream(purpose), key, index, second)

    def exponential(self, purpose: str, key: np.uint64, index: int) -> float:
        return -math.log(self.u(purpose, key, index))

    # ── the opening ───────────────────────────────────────────────────────────────────────────────────────────────

    def opening(self) -> list[Account]:
        keys, m = self.stage.field.entities, self.m
        zero = np.zeros(len(keys), dtype=np.int64)
        luck = {name: pairs(self.stream(name), keys, zero) for name in ("account", "phase", "churn")}
        mix, size = (spreads(luck["account"][k], sigma).tolist() for k, sigma in enumerate((m.mix_sigma, m.size_sigma)))
        since, tenure = luck["phase"].tolist()
        hazard, stages = waits(luck["churn"][0]).tolist(), luck["churn"][1].tolist()
        found = []
        for i, f in enumerate(self.facts):
            owner = f.owner_today
            if f.visited == f.visited:
                visited, goodwill = f.visited, f.goodwill_then
            else:
                visited, goodwill = -since[i] * f.gap_today if f.gap_today < NEVER else -36500.0, f.goodwill
            a = Account(
                i,
                f,
                keys[i],
                -1 if owner >= 0 and self.vacant[owner] else owner,
                f.running,
                goodwill * math.exp(visited / m.tau),
                visited,
                f.tenure if f.tenure == f.tenure else -1095.0 * tenure[i],
                hazard[i],
                hazard[i] * f.safe,
                f.rate * mix[i],
                size[i],
            )
            for layer in range(f.layers):
                heappush(a.candidates, self.candidate(a, layer, -m.warm if layer < m.warm_layers else 0.0, 0))
            self.advance(a, 0.0)
            self.pipeline(a, stages[i])
            found.append(a)
        return found

    def pipeline(self, a: Account, luck: float) -> None:
        """What is open on day 0, drawn or given; from now on as worked by who is there."""
        given = a.facts.pipeline
        if given == given:
            a.deals = []
            if given > 0.0:
                stage = int(luck * 4) if a.facts.stage < 0 else a.facts.stage
                a.deals.append(Deal(15, -1, given, -(stage + 0.5) * self.m.stage_days))
                self.enter(a, a.deals[0], stage, -0.5 * self.m.stage_days)
        for deal in a.deals:
            self.ledger.append((deal.opened, a.i, OPENED, deal.size, a.owner, 0.0, 0.0, deal.number))
        if a.deals:
            self.work(a, 0.0)
            self.plan_ends(a)

    def candidate(self, a: Account, layer: int, t: float, number: int) -> tuple[float, int, int, float]:
        """The layer's next candidate after t that can be real: time, layer, number, mark."""
        f, rate, p = a.facts, a.rate, self.prospects
        most, first = f.most - layer, (f.base + layer) * DRAWN
        if rate <= 0.0:
            return NEVER, layer, number, 0.0
        while True:
            if number < DRAWN:
                wait, mark = p.wait[first + number], p.mark[first + number]
            else:
                luck, mark = self.pair("candidate", a.key, number, layer)
                wait = -math.log(luck)
            t += wait / rate
            if mark < most:
                return t, layer, number, mark
            number += 1

    # ── goodwill, orders, churn ───────────────────────────────────────────────────────────────────────────────────

    def response(self, f: Any, g: float) -> float:
        x = g**f.steepness
        return f.scale * (f.floor + (1 - f.floor) * x / (f.half + x))

    def season(self, t: float) -> float:
        factor = self.seasons[0][1]
        for start, value in self.seasons[1:]:
            if start <= t:
                factor = value
        return factor

    def settle(self, a: Account, t: float) -> None:
        """Orders, hazard and goodwill up to t."""
        start, g, f = a.touched, a.goodwill, a.facts
        if t <= start:
            return
        tau, b = self.m.tau, self.m.churn_neglect
        after = g * math.exp((start - t) / tau)
        a.hazard_left -= f.hazard * ((1 + b) * (t - start) - b * tau * (g - after))
        if a.alive and a.running:
            turns = [turn for turn, _ in self.seasons if start < turn < t] if self.seasonal else ()
            for turn in turns:
                low = g * math.exp((start - turn) / tau)
                self.order(a, start, turn, g, low)
                start, g = turn, low
            self.order(a, start, t, g, after)
        a.goodwill, a.touched, a.safe = after, t, t + a.hazard_left * f.safe

    def order(self, a: Account, start: float, end: float, high: float, low: float) -> None:
        """Orders while goodwill falls from high to low, within one season."""
        f, c = a.facts, a.facts.steepness
        area = math.log((f.half + high**c) / (f.half + low**c)) * self.m.tau / c
        mean = f.scale * (f.floor * (end - start) + (1 - f.floor) * area)
        a.unbilled += a.running / 365.0 * (self.season(start) if self.seasonal else self.level) * mean

    def note(self, a: Account, kind: int, t: float, amount: float, number: int = -1) -> None:
        """A row of the ledger that moves no money."""
        if t >= 0.0:
            self.ledger.append((t, a.i, kind, amount, a.owner, 0.0, 0.0, number))

    def credit(self, a: Account, kind: int, t: float, amount: float, number: int = -1, weight: float = 1.0) -> None:
        """Money, shared between owner and specialists."""
        if t < 0.0:
            return
        rest = 1.0
        for share, quota, rep in a.facts.overlays:
            self.ledger.append((t, a.i, kind, amount, rep, weight * share, weight * quota, number))
            rest -= share
        self.ledger.append((t, a.i, kind, amount, a.owner, weight * rest, weight, number))

    def bill(self, a: Account, t: float) -> None:
        self.settle(a, t)
        if a.unbilled > 0.0:
            self.credit(a, ORDER, t, a.unbilled)
        a.unbilled = 0.0

    def churn_time(self, a: Account, before: float) -> float:
        """When the hazard is used up, by bisection; never if not before a time."""
        if a.safe > before:
            return NEVER
        b, tau, f = self.m.churn_neglect, self.m.tau, a.facts

        def hazard(days: float) -> float:
            return f.hazard * ((1 + b) * days - b * tau * a.goodwill * (1 - math.exp(-days / tau)))

        if hazard(before - a.touched) < a.hazard_left:
            return NEVER
        low, high = 0.0, before - a.touched
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if hazard(middle) < a.hazard_left else (low, middle)
        return a.touched + high

    # ── deals ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def edge_after(self, t: float) -> float:
        """The end of the quarter that t lies in."""
        for edge in self.edges:
            if edge > t:
                return edge
        return NEVER

    def pace(self, a: Account, t: float) -> tuple[float, float]:
        """Speed of the account's deals at t and until when it holds; before day 0 somebody worked it, whoever owns it now."""
        if a.owner < 0 and t >= 0.0:
            return 0.0, NEVER
        m, until, speed = self.m, NEVER, 1.0
        for edge in self.edges:
            if edge > t:
                until = edge
                break
        push, overdue = until - m.push_days, a.visited + m.overdue_after * a.facts.gap
        if t >= push:
            speed = m.push_speed
        else:
            until = push
        if t >= overdue:
            speed *= m.overdue_speed
        elif overdue < until:
            until = overdue
        return speed, 0.0 if a.owner < 0 and t < 0.0 < until else until

    def end_of(self, a: Account, deal: Deal) -> float:
        t, left = deal.since, deal.left
        while t < NEVER:
            speed, until = self.pace(a, t)
            if speed > 0.0:
                if t + left / speed <= until:
                    return t + left / speed
                left -= speed * (until - t)
            t = until
        return NEVER

    def plan_ends(self, a: Account) -> None:
        for deal in a.deals:
            deal.end = self.end_of(a, deal)

    def work(self, a: Account, t: float) -> None:
        """Charge the work done on open deals up to t."""
        for deal in a.deals:
            now = deal.since
            while now < t:
                speed, until = self.pace(a, now)
                until = min(until, t)
                deal.left -= speed * (until - now)
                now = until
            deal.left, deal.since = max(0.0, deal.left), t

    def open(self, a: Account, t: float, number: int) -> None:
        nth, layer, f = number >> 4, number & 15, a.facts
        size, at = self.m.deal_share * (f.potential - a.running) * a.size, -1
        if nth < KEPT and layer < f.layers:
            at = (f.base + layer) * KEPT + nth
            size *= self.prospects.size[at]
        else:
            size *= spread(self.pair("size", a.key, number)[0], self.m.deal_sigma)
        if size > 0.0:
            deal = Deal(number, at, size, t)
            a.deals.append(deal)
            self.enter(a, deal, 0, t)
            self.note(a, OPENED, t, size, number)

    def enter(self, a: Account, deal: Deal, stage: int, t: float) -> None:
        if deal.at >= 0:
            length, deal.luck = self.prospects.length[stage][deal.at], self.prospects.luck[stage][deal.at]
        else:
            length, deal.luck = self.pair("stage", a.key, deal.number, stage)
            length = spread(length, self.m.stage_sigma)
        deal.stage, deal.since = stage, t
        deal.left = self.m.stage_days * length
        deal.end = self.end_of(a, deal)

    def attacked(self, a: Account, t: float) -> None:
        """Competitors' attacks up to t, if there are any."""
        m = self.m
        if m.attack_rate == 0.0:
            a.attack_at = NEVER
        elif a.attack_at == -NEVER:
            a.attack_at = -m.warm + self.attack(a, 0)[0] / m.attack_rate
        while a.attack_at <= t:
            at = a.attack_at
            since = at - a.visited if at >= 0.0 else 0.5 * a.facts.gap_today
            risk = 1.0 if since == NEVER else since / (since + m.attack_half_days)
            if self.attack(a, a.attacks)[1] < risk:
                a.pressed_until = at + m.pressure_days
            a.attacks += 1
            a.attack_at = at + self.attack(a, a.attacks)[0] / m.attack_rate

    def attack(self, a: Account, number: int) -> tuple[float, float]:
        """Wait for an account's attack, and whether it bites."""
        if number < ATTACKS:
            return self.prospects.after[a.i * ATTACKS + number], self.prospects.bite[a.i * ATTACKS + number]
        wait, bite = self.pair("attack", a.key, number)
        return -math.log(wait), bite

    def survival(self, a: Account, t: float) -> float:
        m, rep = self.m, a.owner
        if a.attack_at <= t:
            self.attacked(a, t)
        x = m.base_odds
        if t < a.pressed_until:
            x -= m.pressure
        if rep >= 0:
            x += self.skill[rep] + m.ramp_effect * (self.ramp(rep, t) - 1)
            x += m.fit_effect * (0.5 if a.facts.trades in self.knows[rep] else -0.5)
            x += m.tenure_effect * (min(t - a.tenure, 730.0) / 730.0 - 0.5)
            if a.joint:
                x += m.joint_effect
        return 1 / (1 + math.exp(-x))

    def stage_end(self, a: Account, t: float, deal: Deal) -> None:
        m, survival = self.m, self.survival(a, t)
        late = deal.stage == 3 and t >= self.edge_after(t) - m.push_days
        survives = deal.luck < (survival * m.push_win if late else survival)
        if survives and deal.stage < 3:
            self.enter(a, deal, deal.stage + 1, t)
            return
        a.deals.remove(deal)
        if not survives:
            self.note(a, LOST, t, deal.size, deal.number)
            return
        size = deal.size * (m.push_size if late else 1.0)
        mode = self.prospects.mode[deal.at] if deal.at >= 0 else self.pair("size", a.key, deal.number)[1]
        recurring = mode < m.recurring_share
        self.credit(a, DEAL, t, size, deal.number, 0.0 if recurring else 1.0)
        if recurring and t >= 0:
            self.settle(a, t)
            a.running += min(size, max(0.0, a.facts.potential - a.running))

    def ramp(self, rep: int, t: float) -> float:
        m, age = self.m, t - self.hired[rep]
        return 1.0 if age >= m.ramp_full else 1 / (1 + math.exp(-m.ramp_slope * (age - m.ramp_midpoint)))

    # ── an account's life ─────────────────────────────────────────────────────────────────────────────────────────

    def next_event(self, a: Account) -> tuple[float, Any]:
        """The next thing to happen by itself, churn apart: when, and which deal, risk or candidate."""
        what: Any = a.candidates[0]
        t = what[0]
        for deal in a.deals:
            if deal.end < t:
                t, what = deal.end, deal
        if a.risk and a.risk[0] < t:
            t, what = a.risk[0], a.risk
        return t, what

    def advance(self, a: Account, t: float) -> float:
        """All that happens to the account up to t, in order; returns when the next thing will, churn apart."""
        while a.alive:
            when, what = self.next_event(a)
            before = when if when < t else t
            if a.safe <= before:
                gone = self.churn_time(a, before)
                if gone <= t:
                    self.lose(a, gone)
                    break
            if when > t:
                return when
            if type(what) is Deal:
                self.stage_end(a, when, what)
            elif what is a.risk:
                self.lose_at_risk(a, when, *what)
            else:
                self.decide(a, *what)
        return NEVER

    def lose(self, a: Account, t: float) -> None:
        self.bill(a, t)
        for deal in a.deals:
            self.note(a, LOST, t, deal.size, deal.number)
        a.deals = []
        self.note(a, CHURN, t, a.running)
        a.alive, a.died = False, t

    def lose_at_risk(self, a: Account, t: float, _: float, share: float, since: float) -> None:
        """The part of the running orders that a change of owner put at risk goes."""
        self.settle(a, t)
        share *= 1 - self.m.handover_rescue if share > 0 and a.visited > since else 1.0
        loss, a.risk = share * a.running, None
        a.running -= loss
        self.note(a, HANDOVER, t, loss)

    def decide(self, a: Account, t: float, layer: int, number: int, mark: float) -> None:
        """A candidate is real if its mark lies below what is left of the rate for its layer; then the next is drawn."""
        strength = self.season(t) if self.seasonal else self.level
        if t >= 0.0:
            strength *= self.response(a.facts, a.goodwill * math.exp((a.touched - t) / self.m.tau))
        if mark < strength - layer:
            self.open(a, t, number * 16 + layer)
        heapreplace(a.candidates, self.candidate(a, layer, t, number + 1))

    def live(self, a: Account) -> Iterator[simpy.Event]:
        """Sleep until the next event, or until somebody brings it forward."""
        env, never = self.env, self.never
        soonest = self.next_event(a)[0]
        while a.alive:
            before = soonest if soonest < never else never
            if a.safe <= before:
                gone = self.churn_time(a, before)
                if gone <= env.now:
                    self.lose(a, gone)
                    return
                soonest = min(soonest, gone)
            a.planned = soonest
            try:
                if soonest < never:
                    yield env.timeout(max(0.0, soonest - env.now) + 1e-12)
                else:
                    yield env.event()
                soonest = self.advance(a, env.now)
            except simpy.Interrupt:
                soonest = self.next_event(a)[0]

    def touched(self, a: Account) -> None:
        """Somebody changed the account: wake it if its next event comes earlier now."""
        if a.alive and a.sleeping:
            soonest = min(self.next_event(a)[0], a.planned, self.never)
            if min(soonest, self.churn_time(a, soonest)) < a.planned:
                a.sleeping.interrupt()

    def hand_over(self, a: Account, owner: int, t: float, cost: bool) -> None:
        m = self.m
        self.advance(a, t)
        self.bill(a, t)
        self.work(a, t)
        if a.owed and a.owner >= 0:
            del self.owing[a.owner][a.i]
        a.owner = owner
        if a.owed and owner >= 0:
            self.owing[owner][a.i] = a
        self.plan_ends(a)
        self.note(a, HANDOVER, t, 0.0)
        number = a.transfers
        a.transfers += 1
        if cost and a.alive:
            a.goodwill *= 1 - min(1.0, 2 * m.handover_loss * self.u("goodwill_loss", a.key, number))
            size, wait = self.pair("risk", a.key, number)
            share = min(0.95, m.handover_risk + m.handover_risk_sd * inverse_normal(size))
            a.tenure = t
            a.risk = (t - m.handover_days * math.log(wait), share, t)
        self.touched(a)

    def run(self) -> Reference:
        for a in self.accounts:
            owner = a.facts.owner
            owner = -1 if owner >= 0 and self.vacant[owner] else owner
            if a.owner != owner:
                self.hand_over(a, owner, 0.0, self.stage.handover)
        for a in self.accounts:
            a.sleeping = self.env.process(self.live(a))
        people(self)
        self.env.run(until=self.stage.days + 1e-6)
        return self
