"""The same rules as an ordinary SimPy model: a process for each account and each rep, a timeout for each visit and stage.

Readable and slow on purpose; shares with the product only the stage it reads and the keyed draws, which come in blocks where they
can. One quarter or several.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field

import numpy as np
import simpy
from simulation.blocks import KEPT, Prospects, pairs, spreads, waits
from simulation.reference_day import Planned
from simulation.reference_people import people

from fieldsim.luck import keys_of, stream, uniform
from fieldsim.model import Scenario
from fieldsim.simulation import Departures, Stage
from fieldsim.simulation.draws import inverse_normal, pair, spread

ORDER, OPENED, DEAL, LOST, CHURN, HANDOVER = range(6)
NEVER = math.inf


@dataclass(eq=False, slots=True)
class Deal:
    number: int
    size: float
    opened: float
    stage: int = 0
    left: float = 0.0
    since: float = 0.0
    end: float = NEVER
    luck: float = 0.0


@dataclass(eq=False, slots=True)
class Account:
    i: int
    facts: dict[str, float]
    key: np.uint64
    owner: int
    running: float
    goodwill: float
    visited: float
    tenure: float
    hazard_left: float
    rate: float
    size: float
    touched: float = 0.0
    alive: bool = True
    died: float = NEVER
    unbilled: float = 0.0
    candidates: list[tuple[float, int, float]] = field(default_factory=list)
    soonest: tuple[float, int] = (NEVER, 0)
    deals: list[Deal] = field(default_factory=list)
    risk: tuple[float, float, float] | None = None
    transfers: int = 0
    owed: set[int] = field(default_factory=set)
    owed_from: int = 0
    attempts: int = 0
    joint: bool = False
    attacks: tuple[float, int] | None = None
    pressed_until: float = -NEVER
    planned: float = NEVER
    sleeping: simpy.Process | None = None
    places: dict[int, int] = field(default_factory=dict)


class Tables:
    """What all replications of a stage read, as plain Python: facts of accounts, their places, planned stops."""

    def __init__(self, stage: Stage) -> None:
        names = stage.world.book.dtype.names
        self.rows = [dict(zip(names, row, strict=True)) for row in stage.world.book.tolist()]
        for row in self.rows:
            row["known_by"] = tuple(row["trades"] >> bits & 0xFFFF for bits in (0, 16, 32))
        self.places: list[dict[int, int]] = [{} for _ in self.rows]
        f = stage.field
        for territory, (start, end) in enumerate(itertools.pairwise(f.ground["book_from"].tolist())):
            for place, i in enumerate(f.places[start:end].tolist()):
                self.places[i][territory] = place
        self.plans = Planned(stage)


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
        self.m = {name: float(w.market[name][0]) for name in w.market.dtype.names}
        self.edges, self.seasons = w.edges.tolist(), w.seasons.tolist()
        self.streams: dict[str, np.uint64] = {}
        self.visits: list[tuple] = []
        self.ledger: list[tuple] = []
        self.minutes: list[dict[str, float]] = []
        self.reps, self.scenario = scenario.reps, scenario
        self.rep_keys = keys_of(rep.id for rep in scenario.reps)
        self.skill = [inverse_normal(self.u("skill", key, 0)) * stage.skill_sigma for key in self.rep_keys]
        self.hired = w.reps["hired"].tolist()
        self.vacant = [hired > 0 for hired in self.hired]
        self.absent, self.free = [int(gone) for gone in self.vacant], [0.0] * len(self.reps)
        self.knows, self.overlays = w.knows.tolist(), w.overlay.tolist()
        self.tables = tables or Tables(stage)
        self.rows = self.tables.rows
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
        keys = self.stage.field.entities
        zero = np.zeros(len(keys), dtype=np.int64)
        luck = {name: pairs(self.stream(name), keys, zero, zero) for name in ("account", "phase", "churn")}
        mix, size = (spreads(luck["account"][k], self.m[name]).tolist() for k, name in enumerate(("mix_sigma", "size_sigma")))
        since, tenure = luck["phase"].tolist()
        hazard, stages = waits(luck["churn"][0]).tolist(), luck["churn"][1].tolist()
        found = []
        for i, key in enumerate(keys):
            f = self.rows[i]
            owner = int(f["owner_today"])
            visited = -since[i] * f["gap_today"] if f["gap_today"] < NEVER else -36500.0
            known = not math.isnan(f["visited"])
            visited, goodwill = (f["visited"], f["goodwill_then"]) if known else (visited, f["goodwill"])
            a = Account(
                i,
                f,
                key,
                -1 if owner >= 0 and self.vacant[owner] else owner,
                f["running"],
                goodwill * math.exp(visited / self.m["tau"]),
                visited,
                -1095.0 * tenure[i] if math.isnan(f["tenure"]) else f["tenure"],
                hazard[i],
                f["rate"] * mix[i],
                size[i],
                places=self.tables.places[i],
            )
            for layer in range(math.ceil(f["most"])):
                start = -self.m["warm"] if layer < self.m["warm_layers"] else 0.0
                a.candidates.append(self.candidate(a, layer, start, 0))
            self.look(a)
            self.advance(a, 0.0)
            self.pipeline(a, stages[i])
            found.append(a)
        return found

    def pipeline(self, a: Account, luck: float) -> None:
        """What is open on day 0, drawn or given; from now on as worked by who is there."""
        given = a.facts["pipeline"]
        if not math.isnan(given):
            a.deals = []
            if given > 0.0:
                stage = int(luck * 4) if a.facts["stage"] < 0 else int(a.facts["stage"])
                a.deals.append(Deal(15, given, -(stage + 0.5) * self.m["stage_days"]))
                self.enter(a, a.deals[0], stage, -0.5 * self.m["stage_days"])
        for deal in a.deals:
            self.ledger.append((deal.opened, a.i, OPENED, deal.size, a.owner, 0.0, 0.0, deal.number))
        if a.deals:
            self.work(a, 0.0)
            self.plan_ends(a)

    def look(self, a: Account) -> None:
        """Note which layer's candidate comes first."""
        soonest, first = NEVER, 0
        for layer, (when, _, _) in enumerate(a.candidates):
            if when < soonest:
                soonest, first = when, layer
        a.soonest = (soonest, first)

    def candidate(self, a: Account, layer: int, t: float, number: int) -> tuple[float, int, float]:
        """The next candidate after t that can be real: time, number, mark."""
        p, most = self.prospects, a.facts["most"] - layer
        while True:
            at = p.place(a.i, number, layer)
            if at >= 0:
                wait, mark = p.wait[at], p.mark[at]
            else:
                wait, mark = self.pair("candidate", a.key, number, layer)
                wait = -math.log(wait)
            t += wait / a.rate if a.rate > 0.0 else NEVER
            if mark < most or t == NEVER:
                return t, number, mark
            number += 1

    # ── goodwill, orders, churn ───────────────────────────────────────────────────────────────────────────────────

    def response(self, a: Account, g: float) -> float:
        f = a.facts
        x = g ** f["steepness"]
        return f["scale"] * (f["floor"] + (1 - f["floor"]) * x / (f["half"] + x))

    def season(self, t: float) -> float:
        factor = self.seasons[0][1]
        if len(self.seasons) == 1:
            return factor
        for start, value in self.seasons:
            if start <= t:
                factor = value
        return factor

    def settle(self, a: Account, t: float) -> None:
        """Orders, hazard and goodwill up to t."""
        start, tau, f = a.touched, self.m["tau"], a.facts
        if t <= start:
            return
        g, b, c = a.goodwill, self.m["churn_neglect"], f["steepness"]
        after = g * math.exp((start - t) / tau)
        a.hazard_left -= f["hazard"] * ((1 + b) * (t - start) - b * tau * (g - after))
        if a.alive and a.running:
            low = g
            cuts = (t,) if len(self.seasons) == 1 else [*(s for s, _ in self.seasons if start < s < t), t]
            for end in cuts:
                high, low = low, g * math.exp((a.touched - end) / tau)
                area = math.log((f["half"] + high**c) / (f["half"] + low**c)) * tau / c
                mean = f["scale"] * (f["floor"] * (end - start) + (1 - f["floor"]) * area)
                a.unbilled += a.running / 365.0 * self.season(start) * mean
                start = end
        a.goodwill, a.touched = after, t

    def book(self, a: Account, kind: int, t: float, amount: float, number: int = -1, weight: float = 1.0) -> None:
        if t < 0:
            return
        if kind not in (ORDER, DEAL):
            self.ledger.append((t, a.i, kind, amount, a.owner, 0.0, 0.0, number))
            return
        mine = self.overlays[int(a.facts["overlay_from"]) : int(self.rows[a.i + 1]["overlay_from"])]
        rest = 1.0 - sum(share for share, _, _ in mine)
        self.ledger.append((t, a.i, kind, amount, a.owner, weight * rest, weight, number))
        for share, quota, rep in mine:
            self.ledger.append((t, a.i, kind, amount, rep, weight * share, weight * quota, number))

    def bill(self, a: Account, t: float) -> None:
        self.settle(a, t)
        if a.unbilled > 0:
            self.book(a, ORDER, t, a.unbilled)
        a.unbilled = 0.0

    def churn_time(self, a: Account, before: float) -> float:
        """When the hazard is used up, by bisection; never if not before a time."""
        b, tau, f = self.m["churn_neglect"], self.m["tau"], a.facts

        def hazard(days: float) -> float:
            return f["hazard"] * ((1 + b) * days - b * tau * a.goodwill * (1 - math.exp(-days / tau)))

        if a.touched + a.hazard_left * f["safe"] > before or hazard(before - a.touched) < a.hazard_left:
            return NEVER
        low, high = 0.0, before - a.touched
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if hazard(middle) < a.hazard_left else (low, middle)
        return a.touched + high

    # ── deals ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def pace(self, a: Account, t: float) -> tuple[float, float]:
        """Speed of the account's deals at t and until when it holds; before day 0 somebody worked it, whoever owns it now."""
        if a.owner < 0 and t >= 0:
            return 0.0, NEVER
        edge = NEVER
        for edge in self.edges:
            if edge > t:
                break
        else:
            edge = NEVER
        push = edge - self.m["push_days"]
        overdue = a.visited + self.m["overdue_after"] * a.facts["gap"]
        speed = (self.m["push_speed"] if t >= push else 1.0) * (self.m["overdue_speed"] if t >= overdue else 1.0)
        until = push if push > t else edge
        until = overdue if t < overdue < until else until
        return speed, 0.0 if a.owner < 0 and t < 0.0 < until else until

    def end_of(self, a: Account, deal: Deal) -> float:
        t, left = deal.since, deal.left
        while t < NEVER:
            speed, until = self.pace(a, t)
            if speed > 0 and t + left / speed <= until:
                return t + left / speed
            left -= speed * (until - t) if speed > 0 else 0.0
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
        at = self.prospects.place(a.i, number >> 4, number & 15)
        size = self.m["deal_share"] * (a.facts["potential"] - a.running) * a.size
        size *= self.prospects.size[at] if at >= 0 else spread(self.pair("size", a.key, number)[0], self.m["deal_sigma"])
        if size > 0:
            deal = Deal(number, size, t)
            a.deals.append(deal)
            self.enter(a, deal, 0, t)
            self.book(a, OPENED, t, size, number)

    def enter(self, a: Account, deal: Deal, stage: int, t: float) -> None:
        at = 4 * self.prospects.place(a.i, deal.number >> 4, deal.number & 15) + stage
        if at >= 0:
            length, deal.luck = self.prospects.length[at], self.prospects.luck[at]
        else:
            length, deal.luck = self.pair("stage", a.key, deal.number, stage)
            length = spread(length, self.m["stage_sigma"])
        deal.stage, deal.since = stage, t
        deal.left = self.m["stage_days"] * length
        deal.end = self.end_of(a, deal)

    def attacked(self, a: Account, t: float) -> None:
        """Competitors' attacks up to t."""
        m = self.m
        if m["attack_rate"] == 0 or (a.attacks and a.attacks[0] > t):
            return
        at, number = a.attacks or (-m["warm"] + self.attack(a, 0)[0] / m["attack_rate"], 0)
        while at <= t:
            since = at - a.visited if at >= 0 else 0.5 * a.facts["gap_today"]
            risk = 1.0 if since == NEVER else since / (since + m["attack_half_days"])
            if self.attack(a, number)[1] < risk:
                a.pressed_until = at + m["pressure_days"]
            number += 1
            at += self.attack(a, number)[0] / m["attack_rate"]
        a.attacks = (at, number)

    def attack(self, a: Account, number: int) -> tuple[float, float]:
        """Wait for an account's attack, and whether it bites."""
        if number < KEPT:
            return self.prospects.after[a.i * KEPT + number], self.prospects.bite[a.i * KEPT + number]
        wait, bite = self.pair("attack", a.key, number)
        return -math.log(wait), bite

    def survival(self, a: Account, t: float) -> float:
        m, x, rep = self.m, self.m["base_odds"], a.owner
        self.attacked(a, t)
        x -= m["pressure"] if t < a.pressed_until else 0.0
        if rep >= 0:
            x += self.skill[rep] + m["ramp_effect"] * (self.ramp(rep, t) - 1)
            x += m["fit_effect"] * (0.5 if self.fits(a, rep) else -0.5)
            x += m["tenure_effect"] * (min(t - a.tenure, 730.0) / 730.0 - 0.5)
            x += m["joint_effect"] if a.joint else 0.0
        return 1 / (1 + math.exp(-x))

    def stage_end(self, a: Account, t: float, deal: Deal) -> None:
        edge = next((e for e in self.edges if e > t), NEVER)
        late = deal.stage == 3 and t >= edge - self.m["push_days"]
        survives = deal.luck < self.survival(a, t) * (self.m["push_win"] if late else 1.0)
        if survives and deal.stage < 3:
            self.enter(a, deal, deal.stage + 1, t)
            return
        a.deals.remove(deal)
        if not survives:
            self.book(a, LOST, t, deal.size, deal.number)
            return
        size = deal.size * (self.m["push_size"] if late else 1.0)
        at = self.prospects.place(a.i, deal.number >> 4, deal.number & 15)
        mode = self.prospects.mode[at] if at >= 0 else self.pair("size", a.key, deal.number)[1]
        recurring = mode < self.m["recurring_share"]
        self.book(a, DEAL, t, size, deal.number, 0.0 if recurring else 1.0)
        if recurring and t >= 0:
            self.settle(a, t)
            a.running += min(size, max(0.0, a.facts["potential"] - a.running))

    def ramp(self, rep: int, t: float) -> float:
        age = t - self.hired[rep]
        return 1.0 if age >= self.m["ramp_full"] else 1 / (1 + math.exp(-self.m["ramp_slope"] * (age - self.m["ramp_midpoint"])))

    def fits(self, a: Account, rep: int) -> bool:
        known, (industry, segment, product) = self.knows[rep], a.facts["known_by"]
        return known[industry] or known[segment] or known[product]

    # ── an account's life ─────────────────────────────────────────────────────────────────────────────────────────

    def next_event(self, a: Account) -> tuple[float, object]:
        """The next thing to happen by itself, churn apart: when, and a deal, a layer or "risk"."""
        t, what = a.soonest
        for deal in a.deals:
            if deal.end < t:
                t, what = deal.end, deal
        if a.risk and a.risk[0] < t:
            t, what = a.risk[0], "risk"
        return t, what

    def advance(self, a: Account, t: float) -> float:
        """All that happens to the account up to t, in order; returns when the next thing will, churn apart."""
        safe = a.facts["safe"]
        while a.alive:
            when, what = self.next_event(a)
            before = when if when < t else t
            if a.touched + a.hazard_left * safe <= before:
                gone = self.churn_time(a, before)
                if gone <= t:
                    self.lose(a, gone)
                    break
            if when > t:
                return when
            self.happen(a, when, what)
        return NEVER

    def lose(self, a: Account, t: float) -> None:
        self.bill(a, t)
        for deal in a.deals:
            self.book(a, LOST, t, deal.size, deal.number)
        a.deals = []
        self.book(a, CHURN, t, a.running)
        a.alive, a.died = False, t

    def happen(self, a: Account, t: float, what: object) -> None:
        if isinstance(what, Deal):
            self.stage_end(a, t, what)
        elif what == "risk":
            assert a.risk
            self.settle(a, t)
            _, share, since = a.risk
            share *= 1 - self.m["handover_rescue"] if share > 0 and a.visited > since else 1.0
            loss, a.risk = share * a.running, None
            a.running -= loss
            self.book(a, HANDOVER, t, loss)
        else:
            layer = int(what)  # type: ignore[call-overload]
            _, number, mark = a.candidates[layer]
            strength = self.season(t)
            if t >= 0:
                strength *= self.response(a, a.goodwill * math.exp((a.touched - t) / self.m["tau"]))
            if mark < strength - layer:
                self.open(a, t, number * 16 + layer)
            a.candidates[layer] = self.candidate(a, layer, t, number + 1)
            self.look(a)

    def live(self, a: Account):
        """Sleep until the next event, or until somebody brings it forward."""
        soonest = self.next_event(a)[0]
        while a.alive:
            gone = self.churn_time(a, min(soonest, self.never))
            if gone <= self.env.now:
                self.lose(a, gone)
                return
            a.planned = min(soonest, gone)
            try:
                if a.planned < self.never:
                    yield self.env.timeout(max(0.0, a.planned - self.env.now) + 1e-12)
                else:
                    yield self.env.event()
                soonest = self.advance(a, self.env.now)
            except simpy.Interrupt:
                soonest = self.next_event(a)[0]

    def touched(self, a: Account) -> None:
        """Somebody changed the account: wake it if its next event comes earlier now."""
        if a.alive and a.sleeping:
            soonest = min(self.next_event(a)[0], a.planned, self.never)
            if min(soonest, self.churn_time(a, soonest)) < a.planned:
                a.sleeping.interrupt()

    def hand_over(self, a: Account, owner: int, t: float, cost: bool) -> None:
        self.advance(a, t)
        self.bill(a, t)
        self.work(a, t)
        if a.owed and a.owner >= 0:
            del self.owing[a.owner][a.i]
        a.owner = owner
        if a.owed and owner >= 0:
            self.owing[owner][a.i] = a
        self.plan_ends(a)
        self.book(a, HANDOVER, t, 0.0)
        number = a.transfers
        a.transfers += 1
        if cost and a.alive:
            a.goodwill *= 1 - min(1.0, 2 * self.m["handover_loss"] * self.u("goodwill_loss", a.key, number))
            size, wait = self.pair("risk", a.key, number)
            share = min(0.95, self.m["handover_risk"] + self.m["handover_risk_sd"] * inverse_normal(size))
            a.tenure = t
            a.risk = (t - self.m["handover_days"] * math.log(wait), share, t)
        self.touched(a)

    def run(self) -> Reference:
        for a in self.accounts:
            owner = int(a.facts["owner"])
            owner = -1 if owner >= 0 and self.vacant[owner] else owner
            if a.owner != owner:
                self.hand_over(a, owner, 0.0, self.stage.handover)
        for a in self.accounts:
            a.sleeping = self.env.process(self.live(a))
        people(self)
        self.env.run(until=self.stage.days + 1e-6)
        return self
