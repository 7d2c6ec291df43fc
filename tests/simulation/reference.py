"""The same rules as an ordinary SimPy model: a process for each account and each rep, an event for each leg, meeting and stage.

Readable and slow on purpose; shares with the product only the stage it reads and the keyed draws. One quarter or several.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, field

import numpy as np
import simpy

from fieldsim.luck import keys_of, stream, uniform
from fieldsim.model import Scenario
from fieldsim.simulation import Stage
from fieldsim.simulation.draws import inverse_normal

ORDER, OPENED, DEAL, LOST, CHURN, HANDOVER = range(6)
HELD, NO_SHOW, CANCELLED, DROPPED = range(4)
DAY = 86_400.0


@dataclass(eq=False)
class Deal:
    number: int
    size: float
    opened: float
    stage: int = 0
    left: float = 0.0
    since: float = 0.0


@dataclass(eq=False)
class Account:
    i: int
    facts: dict[str, float]
    key: np.uint64
    owner: int
    running: float
    goodwill: float
    touched: float
    visited: float
    tenure: float
    hazard_left: float
    candidates: list[tuple[float, int]]
    rate: float
    size: float
    alive: bool = True
    known_alive: bool = True
    billed: float = 0.0
    unbilled: float = 0.0
    hazard_at: float = 0.0
    deals: list[Deal] = field(default_factory=list)
    risk: tuple[float, float, float] | None = None
    owed: set[int] = field(default_factory=set)
    owed_from: int = 0
    attempts: int = 0
    wake: simpy.Event | None = None


class Reference:
    """One replication; `visits` and `ledger` are the log's rows as tuples in the order they happen."""

    def __init__(self, stage: Stage, scenario: Scenario, seed: int, replication: int) -> None:
        self.stage, self.seed, self.replication = stage, seed, replication
        w, f = stage.world, stage.field
        self.m = {name: float(w.market[name][0]) for name in w.market.dtype.names}
        self.m["admin_s"] = 60.0 * scenario.day.admin_minutes
        self.edges, self.seasons = w.edges.tolist(), w.seasons.tolist()
        self.streams: dict[str, np.uint64] = {}
        self.visits: list[tuple] = []
        self.ledger: list[tuple] = []
        self.minutes: list[dict[str, float]] = []
        self.rep_keys = keys_of(rep.id for rep in scenario.reps)
        self.reps, self.scenario = scenario.reps, scenario
        self.skill = [self.normal("skill", key, 0) * stage.skill_sigma for key in self.rep_keys]
        self.hired = w.reps["hired"].tolist()
        self.absent, self.free = [0] * len(self.reps), [0.0] * len(self.reps)
        self.knows = w.knows.tolist()
        self.overlays = w.overlay.tolist()
        self.days, self.stops, self.ground = f.days.tolist(), f.stops.tolist(), f.ground.tolist()
        self.day_from, self.places = f.day_from.tolist(), f.places.tolist()
        self.legs, self.periods, self.windows = f.legs.tolist(), f.period_from_s.tolist(), f.windows.tolist()
        names = w.book.dtype.names
        self.rows = [dict(zip(names, row, strict=True)) for row in w.book.tolist()]
        self.env = simpy.Environment()
        self.accounts = [self.opening(i) for i in range(len(self.rows) - 1)]

    # ── luck ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def u(self, purpose: str, key: np.uint64, index: int, second: int = 0) -> float:
        if purpose not in self.streams:
            self.streams[purpose] = stream(self.seed, self.replication, purpose)
        return uniform(self.streams[purpose], key, index, second)

    def normal(self, purpose: str, key: np.uint64, index: int, second: int = 0) -> float:
        return inverse_normal(self.u(purpose, key, index, second))

    def lognormal(self, purpose: str, key: np.uint64, index: int, second: int, sigma: float) -> float:
        return math.exp(sigma * self.normal(purpose, key, index, second) - sigma * sigma / 2) if sigma else 1.0

    def exponential(self, purpose: str, key: np.uint64, index: int, second: int = 0) -> float:
        return -math.log(self.u(purpose, key, index, second))

    # ── accounts ──────────────────────────────────────────────────────────────────────────────────────────────────

    def opening(self, i: int) -> Account:
        facts, m = self.rows[i], self.m
        key = np.uint64(facts["key"])
        since = self.u("phase", key, 0) * facts["gap_today"] if facts["gap_today"] < math.inf else 36500.0
        rate = facts["rate"] * self.lognormal("mix", key, 0, 0, m["mix_sigma"])
        a = Account(
            i,
            facts,
            key,
            facts["owner_today"],
            facts["running"],
            facts["goodwill"],
            -since,
            -since,
            -1095.0 * self.u("tenure", key, 0),
            self.exponential("churn", key, 0),
            [(self.first(j) + self.later(self.exponential("candidate", key, 0, j), rate), 0) for j in range(int(m["layers"]))],
            rate,
            self.lognormal("account_size", key, 0, 0, m["size_sigma"]),
        )
        while True:
            t, what, which = self.next_event(a)
            if t > 0.0:
                break
            self.happen(a, t, what, which)
        if not math.isnan(facts["pipeline"]):
            a.deals = []
            if facts["pipeline"] > 0.0:
                stage = int(self.u("phase", key, 1) * 4)
                a.deals.append(Deal(15, facts["pipeline"], -(stage + 0.5) * m["stage_days"]))
                self.enter(a, a.deals[0], stage, -0.5 * m["stage_days"])
        self.work(a, 0.0)
        for deal in a.deals:
            self.ledger.append((deal.opened, i, OPENED, deal.size, a.owner, 0.0, 0.0, deal.number))
        return a

    def first(self, layer: int) -> float:
        return -self.m["warm"] if layer < self.m["warm_layers"] else 0.0

    @staticmethod
    def later(wait: float, rate: float) -> float:
        return wait / rate if rate > 0 else math.inf

    def goodwill(self, a: Account, t: float) -> float:
        return a.goodwill * math.exp((a.touched - t) / self.m["tau"])

    def response(self, a: Account, g: float) -> float:
        f = a.facts
        x = g ** f["steepness"]
        return f["scale"] * (f["floor"] + (1 - f["floor"]) * x / (f["half"] + x))

    def season(self, t: float) -> float:
        factor = self.seasons[0][1]
        for start, value in self.seasons:
            if start <= t:
                factor = value
        return factor

    def accrue(self, a: Account, t: float) -> None:
        """Orders up to t: the integral of the response between changes of season."""
        cuts = [a.billed, *(s for s, _ in self.seasons if a.billed < s < t), t]
        f, c = a.facts, a.facts["steepness"]
        for start, end in itertools.pairwise(cuts):
            if a.alive and end > start:
                before, after = self.goodwill(a, start) ** c, self.goodwill(a, end) ** c
                area = math.log((f["half"] + before) / (f["half"] + after)) * self.m["tau"] / c
                mean = f["scale"] * (f["floor"] * (end - start) + (1 - f["floor"]) * area)
                a.unbilled += a.running / 365.0 * self.season(start) * mean
        a.billed = max(a.billed, t)

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
        self.accrue(a, t)
        if a.unbilled > 0:
            self.book(a, ORDER, t, a.unbilled)
        a.unbilled = 0.0

    def pace(self, a: Account, t: float) -> tuple[float, float]:
        """Speed of the account's deals at t and until when it holds; before day 0 somebody worked it, whoever owns it now."""
        if a.owner < 0 and t >= 0:
            return 0.0, math.inf
        edge = min((e for e in self.edges if e > t), default=math.inf)
        push = edge - self.m["push_days"]
        overdue = a.visited + self.m["overdue_after"] * a.facts["gap"]
        speed = (self.m["push_speed"] if t >= push else 1.0) * (self.m["overdue_speed"] if t >= overdue else 1.0)
        return speed, min(x for x in (edge, push, overdue, 0.0 if a.owner < 0 else math.inf, math.inf) if x > t)

    def end_of(self, a: Account, deal: Deal) -> float:
        t, left = deal.since, deal.left
        while t < math.inf:
            speed, until = self.pace(a, t)
            if speed > 0 and t + left / speed <= until:
                return t + left / speed
            left -= speed * (until - t) if speed > 0 else 0.0
            t = until
        return math.inf

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

    def hazard(self, a: Account, start: float, end: float) -> float:
        b, tau = self.m["churn_neglect"], self.m["tau"]
        return a.facts["hazard"] * ((1 + b) * (end - start) - b * tau * (self.goodwill(a, start) - self.goodwill(a, end)))

    def churn_time(self, a: Account) -> float:
        """When the hazard is used up, by bisection over the horizon."""
        low, high = a.hazard_at, self.stage.days + 1.0
        if self.hazard(a, a.hazard_at, high) < a.hazard_left:
            return math.inf
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if self.hazard(a, a.hazard_at, middle) < a.hazard_left else (low, middle)
        return high

    def next_event(self, a: Account) -> tuple[float, str, object]:
        events: list[tuple[float, str, object]] = [(self.churn_time(a), "churn", None)]
        if a.risk:
            events.append((a.risk[0], "risk", None))
        events += [(t, "candidate", layer) for layer, (t, _) in enumerate(a.candidates)]
        events += [(self.end_of(a, deal), "stage", deal) for deal in a.deals]
        return min(events, key=lambda event: event[0])

    def happen(self, a: Account, t: float, what: str, which: object) -> None:
        if what == "churn":
            self.bill(a, t)
            for deal in a.deals:
                self.book(a, LOST, t, deal.size, deal.number)
            a.deals = []
            self.book(a, CHURN, t, a.running)
            a.alive = False
        elif what == "risk":
            assert a.risk
            self.accrue(a, t)
            _, share, since = a.risk
            share *= 1 - self.m["handover_rescue"] if share > 0 and a.visited > since else 1.0
            loss, a.risk = share * a.running, None
            a.running -= loss
            self.book(a, HANDOVER, t, loss)
        elif what == "candidate":
            layer = int(which)  # type: ignore[call-overload]
            number = a.candidates[layer][1]
            strength = self.season(t) * (1.0 if t < 0 else self.response(a, self.goodwill(a, t)))
            if self.u("mark", a.key, number, layer) < strength - layer:
                self.open(a, t, number * 16 + layer)
            wait = self.exponential("candidate", a.key, number + 1, layer)
            a.candidates[layer] = (t + self.later(wait, a.rate), number + 1)
        else:
            assert isinstance(which, Deal)
            self.stage_end(a, t, which)

    def open(self, a: Account, t: float, number: int) -> None:
        size = self.m["deal_share"] * (a.facts["potential"] - a.running) * a.size
        size *= self.lognormal("size", a.key, number, 0, self.m["deal_sigma"])
        if size > 0:
            deal = Deal(number, size, t)
            a.deals.append(deal)
            self.enter(a, deal, 0, t)
            self.book(a, OPENED, t, size, number)

    def enter(self, a: Account, deal: Deal, stage: int, t: float) -> None:
        days = self.m["stage_days"] * self.lognormal("stage", a.key, deal.number, stage, self.m["stage_sigma"])
        deal.stage, deal.since, deal.left = stage, t, days

    def survival(self, a: Account, t: float) -> float:
        m, x, rep = self.m, self.m["base_odds"], a.owner
        if rep >= 0:
            x += self.skill[rep] + m["ramp_effect"] * (self.ramp(rep, t) - 1)
            x += m["fit_effect"] * (0.5 if self.fits(a, rep) else -0.5)
            x += m["tenure_effect"] * (min(t - a.tenure, 730.0) / 730.0 - 0.5)
        return 1 / (1 + math.exp(-x))

    def stage_end(self, a: Account, t: float, deal: Deal) -> None:
        edge = min((e for e in self.edges if e > t), default=math.inf)
        late = deal.stage == 3 and t >= edge - self.m["push_days"]
        survives = self.u("survival", a.key, deal.number, deal.stage) < self.survival(a, t) * (
            self.m["push_win"] if late else 1.0
        )
        if survives and deal.stage < 3:
            self.enter(a, deal, deal.stage + 1, t)
            return
        a.deals.remove(deal)
        if not survives:
            self.book(a, LOST, t, deal.size, deal.number)
            return
        size = deal.size * (self.m["push_size"] if late else 1.0)
        recurring = self.u("recurring", a.key, deal.number) < self.m["recurring_share"]
        self.book(a, DEAL, t, size, deal.number, 0.0 if recurring else 1.0)
        if recurring and t >= 0:
            self.accrue(a, t)
            a.running += min(size, max(0.0, a.facts["potential"] - a.running))

    def ramp(self, rep: int, t: float) -> float:
        age = t - self.hired[rep]
        return 1.0 if age >= self.m["ramp_full"] else 1 / (1 + math.exp(-self.m["ramp_slope"] * (age - self.m["ramp_midpoint"])))

    def fits(self, a: Account, rep: int) -> bool:
        return any(self.knows[rep][int(a.facts[f"trade{k}"])] for k in range(3))

    def touch(self, a: Account, t: float, goodwill: float) -> None:
        self.accrue(a, t)
        a.hazard_left -= self.hazard(a, a.hazard_at, t)
        a.hazard_at = a.touched = t
        a.goodwill = goodwill

    def live(self, a: Account):
        """An account's life: sleep until the next event or until somebody touches it."""
        while a.alive:
            t, what, which = self.next_event(a)
            a.wake = self.env.event()
            if t < math.inf:
                yield self.env.timeout(max(0.0, t - self.env.now)) | a.wake
            else:
                yield a.wake
            if not a.wake.triggered:
                self.happen(a, t, what, which)

    def touched(self, a: Account) -> None:
        if a.wake is not None and not a.wake.triggered:
            a.wake.succeed()

    def hand_over(self, a: Account, owner: int, t: float, cost: bool) -> None:
        self.bill(a, t)
        self.work(a, t)
        a.owner = owner
        self.book(a, HANDOVER, t, 0.0)
        if cost and a.alive:
            lost = min(1.0, 2 * self.m["handover_loss"] * self.u("goodwill_loss", a.key, 0))
            self.touch(a, t, self.goodwill(a, t) * (1 - lost))
            share = min(0.95, self.m["handover_risk"] + self.m["handover_risk_sd"] * self.normal("risk", a.key, 0))
            a.tenure = t
            a.risk = (t + self.m["handover_days"] * self.exponential("risk_time", a.key, 0), share, t)
        self.touched(a)

    # ── the run ───────────────────────────────────────────────────────────────────────────────────────────────────

    def run(self) -> Reference:
        from simulation.reference_day import leads, nights, rep_life, sickness

        for a in self.accounts:
            if a.owner != a.facts["owner"]:
                self.hand_over(a, int(a.facts["owner"]), 0.0, self.stage.handover)
        for a in self.accounts:
            self.env.process(self.live(a))
        for rep in range(len(self.reps)):
            self.env.process(sickness(self, rep))
            self.env.process(rep_life(self, rep))
        self.env.process(leads(self))
        self.env.process(nights(self))
        self.env.run(until=self.stage.days + 1e-6)
        return self
