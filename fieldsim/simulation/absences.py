"""Who is away and who sits where, on SimPy's clock: first days, sickness, annual leave, departures and hires."""

from __future__ import annotations

import numpy as np
import simpy

from fieldsim.luck import uniform, uniforms
from fieldsim.simulation.draws import normal
from fieldsim.simulation.errands import share_out
from fieldsim.simulation.leavers import Gap, gaps
from fieldsim.simulation.run import APART, NIGHT, Events, Run
from fieldsim.simulation.transfers import fill_seat, leave_seat


def starts(env: simpy.Environment, run: Run) -> Events:
    """Reps whose contract begins later take their seat on its first day; until then nobody works its accounts."""
    w = run.world
    late = np.flatnonzero(w.reps["left"])
    for rep in late[np.argsort(w.reps["hired"][late], kind="stable")].tolist():
        yield env.timeout(max(0.0, float(w.reps["hired"][rep]) + NIGHT + APART * rep - env.now))
        w.reps["absent"][rep] -= 1
        w.reps["left"][rep] = 0
        fill_seat(run.desk, rep, env.now, False)


def sickness(env: simpy.Environment, run: Run) -> Events:
    """Each rep falls ill now and then, by a clock of their own: days well and days ill in turn."""
    if not np.isfinite(run.stage.sick[0]):
        return
    absent, keys = run.world.reps["absent"], np.ascontiguousarray(run.world.reps["key"])
    count, turns = 1 + int(run.stage.days / sum(run.stage.sick)), np.zeros((len(keys), 1))
    while (turns[:, -1] <= run.stage.days).any():  # enough spells for everybody's horizon
        count *= 2
        luck = [uniforms(run.luck(purpose), keys, count) for purpose in ("sick_after", "sick_for")]
        with np.errstate(over="ignore"):  # whoever is as good as never ill
            turns = np.cumsum((-np.log(np.stack(luck, axis=2)) * run.stage.sick).reshape(len(keys), -1), axis=1)
    who, nth = np.nonzero(turns <= run.stage.days)
    order = np.argsort(turns[who, nth], kind="stable")
    for rep, number in zip(who[order].tolist(), nth[order].tolist(), strict=True):
        yield env.timeout(max(0.0, float(turns[rep, number]) - env.now))
        absent[rep] += -1 if number % 2 else 1


def leave(env: simpy.Environment, run: Run) -> Events:
    """Annual leave: each rep is away for one block of working days a quarter, which begins on a day of their own."""
    length = run.stage.leave_days
    days, edges, reps = run.working_days, run.world.edges.tolist(), run.world.reps
    turns: dict[float, list[tuple[int, int]]] = {}
    draw = uniforms(run.luck("leave"), np.ascontiguousarray(reps["key"]), len(edges) - 1)
    for quarter in range(len(edges) - 1):
        mine = [day for day in days if edges[quarter] <= day < edges[quarter + 1]]
        places = len(mine) - length + 1
        for rep in range(len(reps)) if length > 0 and places > 0 else ():
            first = int(draw[rep, quarter] * places)
            turns.setdefault(mine[first] + 0.1, []).append((rep, 1))
            turns.setdefault(mine[first + length - 1] + 0.97, []).append((rep, -1))
    for turn, changes in sorted(turns.items()):
        yield env.timeout(turn - env.now)
        for rep, change in changes:
            reps["absent"][rep] += change


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
    night = NIGHT + APART * rep
    leaves, hired = np.ceil(gap.leaves) + night, np.ceil(gap.hired) + night  # a working day belongs to whoever starts it
    yield env.timeout(gap.resigns - env.now)
    away, luck = False, run.luck("notice")
    while np.ceil(env.now) + 0.1 < leaves:
        yield env.timeout(np.ceil(env.now) + 0.1 - env.now)
        off = uniform(luck, key, int(env.now), gap.number) > run.stage.clocks.effort
        w.reps["absent"][rep] += int(off) - int(away)
        away = off
    yield env.timeout(max(0.0, leaves - env.now))
    w.reps["absent"][rep] += 1 - int(away)
    w.reps["left"][rep] = 1
    leave_seat(run.desk, rep, env.now)
    share_out(w, run.stage.errands, env.now)
    yield env.timeout(hired - env.now)
    w.reps["absent"][rep] -= 1
    w.reps["hired"][rep] = env.now
    w.reps["skill"][rep] = run.stage.skill_sigma * normal(run.luck("skill"), key, gap.number)
    w.reps["left"][rep] = 0
    fill_seat(run.desk, rep, env.now, run.stage.returns)
    share_out(w, run.stage.errands, env.now)
