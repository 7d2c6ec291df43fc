"""One replication on SimPy's clock: changes of owner, sickness, working days, opportunities, leads, quarter ends in order.

Each kind of event is a process in PROCESSES. Between events, kernels do what nothing outside can interrupt: a working day, an
account from one touch to the next.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from dataclasses import field as dataclass_field

import numpy as np
import simpy

from fieldsim.luck import key_of, stream, uniform
from fieldsim.model import Quarter
from fieldsim.simulation.accounts import advance_all, bill_all, fill_seat, hand_over_all, lead_in, leave_seat
from fieldsim.simulation.day import walk_all
from fieldsim.simulation.draws import exponential, normal
from fieldsim.simulation.leavers import Departures, Gap, gaps
from fieldsim.simulation.nouns import OVERFLOW, Field, World
from fieldsim.simulation.opening import open_book
from fieldsim.simulation.stage import Stage
from fieldsim.simulation.start import new_field, new_world, quarter_log

MORNING = 0.2
EVENING = 0.95
Events = Generator[simpy.Event, None, None]


@dataclass(frozen=True, eq=False)
class Run:
    """A replication under way."""

    stage: Stage
    seed: int
    replication: int
    world: World
    field: Field
    departures: Departures
    gaps: list[Gap] = dataclass_field(default_factory=list)
    """The gaps of seats that happened, as they are known."""

    def luck(self, purpose: str) -> np.uint64:
        """The stream of a purpose that no kernel uses."""
        return stream(self.seed, self.replication, purpose)


def transfers(env: simpy.Environment, run: Run) -> Events:
    """On day one, accounts whose owner is not today's change hands."""
    yield env.timeout(0.0)
    hand_over_all(run.world, env.now, run.stage.handover)


def sickness(env: simpy.Environment, run: Run) -> Events:
    """Each rep falls ill now and then, by a clock of their own."""
    yield env.timeout(0.0)
    if np.isfinite(run.stage.sick[0]):
        for rep, key in enumerate(run.world.reps["key"]):
            env.process(_spells(env, run, rep, key))


def _spells(env: simpy.Environment, run: Run, rep: int, key: np.uint64) -> Events:
    well, ill = run.luck("sick_after"), run.luck("sick_for")
    between, spell = run.stage.sick
    number = 0
    while True:
        yield env.timeout(between * exponential(well, key, number))
        run.world.reps["absent"][rep] += 1
        yield env.timeout(spell * exponential(ill, key, number))
        run.world.reps["absent"][rep] -= 1
        number += 1


def departures(env: simpy.Environment, run: Run) -> Events:
    """Seats fall vacant and are filled again, where the question asks for it."""
    yield env.timeout(0.0)
    wanted, clocks = run.departures, run.stage.clocks
    for gap in gaps(run.world.reps, clocks, wanted, run.stage.days, run.seed, run.replication, run.stage.over):
        run.gaps.append(gap)
        env.process(_gap(env, run, gap))


def _gap(env: simpy.Environment, run: Run, gap: Gap) -> Events:
    """Resignation, days still worked now and then, leaving, vacancy, a new hire who starts to ramp."""
    w, rep, key = run.world, gap.rep, run.world.reps["key"][gap.rep]
    yield env.timeout(gap.resigns - env.now)
    away = False
    while np.ceil(env.now) + 0.1 < gap.leaves:
        yield env.timeout(np.ceil(env.now) + 0.1 - env.now)
        off = uniform(run.luck("notice"), key, int(env.now), gap.number) > run.stage.clocks.effort
        w.reps["absent"][rep] += int(off) - int(away)
        away = off
    yield env.timeout(max(0.0, gap.leaves - env.now))
    w.reps["absent"][rep] += 1 - int(away)
    w.reps["left"][rep] = 1
    leave_seat(w, rep, env.now)
    yield env.timeout(gap.hired - env.now)
    w.reps["absent"][rep] -= 1
    w.reps["hired"][rep] = env.now
    w.reps["skill"][rep] = run.stage.skill_sigma * normal(run.luck("skill"), key, gap.number)
    w.reps["left"][rep] = 0
    fill_seat(w, rep, env.now, run.stage.returns)


def days(env: simpy.Environment, run: Run) -> Events:
    """Every working day, all reps walk their routes."""
    for day in np.flatnonzero(np.diff(run.field.day_from)).tolist():
        yield env.timeout(day + MORNING - env.now)
        walk_all(run.world, run.field, day)


def opportunities(env: simpy.Environment, run: Run) -> Events:
    """At the end of each day, what fell due on it for any account is settled, at its own moment and in its own order."""
    for day in range(1, run.stage.days + 1):
        yield env.timeout(day - env.now)
        advance_all(run.world, env.now)


def leads(env: simpy.Environment, run: Run) -> Events:
    """Leads arrive near existing accounts; the owner there answers in the next free time of a working day, or too late."""
    w = run.world
    potential = w.book["potential"][:-1]
    a_day, half_life, quality, seconds = run.stage.leads
    if a_day == 0.0 or potential.sum() == 0.0:
        return
    gap, host, answer = run.luck("lead_gap"), run.luck("lead_host"), run.luck("lead_answer")
    near = np.cumsum(potential) / potential.sum()
    one, number = np.uint64(key_of("leads")), 0
    arrival = exponential(gap, one, 0) / a_day
    waiting: list[tuple[float, int, int]] = []
    for day in range(run.stage.days):
        yield env.timeout(day + EVENING - env.now)
        while arrival <= env.now:
            account = min(int(np.searchsorted(near, uniform(host, one, number))), len(near) - 1)
            waiting.append((arrival, account, number))
            number += 1
            arrival += exponential(gap, one, number) / a_day
        still = []
        for arrived, account, lead in waiting:
            owner = w.state["owner"][account]
            if owner < 0 or w.reps["free_s"][owner] < seconds:
                if env.now - arrived < 8.0 * half_life:
                    still.append((arrived, account, lead))
                continue
            w.reps["free_s"][owner] -= seconds
            if uniform(answer, one, lead) < quality * 0.5 ** ((env.now - arrived) / half_life):
                lead_in(w, account, env.now, lead)
        waiting = still
        w.reps["free_s"] = 0.0  # tomorrow may be no working day


def quarter_ends(env: simpy.Environment, run: Run) -> Events:
    """At the end of each quarter orders are booked and visits that were due lapse."""
    for edge in run.world.edges[1:].tolist():
        yield env.timeout(edge - env.now)
        yield env.timeout(0.0)  # after the opportunities of the same moment
        bill_all(run.world, env.now)


PROCESSES: dict[str, Callable[[simpy.Environment, Run], Events]] = {
    "transfers": transfers,
    "sickness": sickness,
    "departures": departures,
    "days": days,
    "leads": leads,
    "opportunities": opportunities,
    "quarter_ends": quarter_ends,
}


def simulate_quarter(stage: Stage, *, seed: int, replication: int, departures: Departures | None = None) -> Quarter:
    """One replication of a stage: the same seed and replication give the same log, whatever else is simulated, anywhere.

    With `departures`, seats fall vacant: colleagues (the stage's takers) or nobody work the accounts until a new hire comes,
    who then works the seat's plan; takers make up what is due in the time their own plan leaves.
    """
    rows = 1
    while True:
        run = _run(stage, seed, replication, rows, departures or Departures())
        if run.world.used[OVERFLOW] == 0:
            return quarter_log(stage, run.world, run.field, replication, run.gaps)
        rows *= 2  # buffers were too small: the same replication again with larger ones


def _run(stage: Stage, seed: int, replication: int, rows: int, wanted: Departures) -> Run:
    world, field = new_world(stage, seed, replication, rows), new_field(stage, rows)
    run = Run(stage, seed, replication, world, field, wanted)
    open_book(run.world)
    env = simpy.Environment()
    for process in PROCESSES.values():
        env.process(process(env, run))
    env.run(until=stage.days + 0.5)
    return run
