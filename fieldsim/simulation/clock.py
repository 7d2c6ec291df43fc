"""One replication on SimPy's clock: changes of owner, absences, working days, opportunities, leads, quarter ends in order.

Each kind of event is a process in PROCESSES. Between events, kernels do what nothing outside can interrupt: a working day up to
the next stop a specialist joins, an account from one touch to the next.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import simpy

from fieldsim.model import Quarter
from fieldsim.simulation.absences import departures, leave, sickness, starts
from fieldsim.simulation.accounts import advance_all, bill_all, hand_over_all
from fieldsim.simulation.day import resume, walk_all
from fieldsim.simulation.desk import desk_of
from fieldsim.simulation.leads import leads
from fieldsim.simulation.leavers import Departures
from fieldsim.simulation.nouns import OVERFLOW
from fieldsim.simulation.run import EVENING, NIGHT, Events, Run
from fieldsim.simulation.specialists import DAY_S, Desk, day_of, go_along, hold, join, left_s
from fieldsim.simulation.stage import Stage
from fieldsim.simulation.start import hand_in, new_field, new_world, quarter_log
from fieldsim.simulation.transfers import MORNING
from fieldsim.simulation.warming import open_book


def transfers(env: simpy.Environment, run: Run) -> Events:
    """On day one, accounts whose owner is not today's change hands."""
    yield env.timeout(0.0)
    hand_over_all(run.desk, env.now, run.stage.handover)


def days(env: simpy.Environment, run: Run) -> Events:
    """Every working day, all reps walk their routes, up to the first stop that a specialist joins."""
    for day in run.working_days:
        yield env.timeout(day + MORNING - env.now)
        walk_all(run.desk, day)


def specialists(env: simpy.Environment, run: Run) -> Events:
    """Reps who stopped for a specialist ask for one; at the end of the day the specialists' hours are written."""
    f = run.field
    for day in run.working_days if run.desks else ():
        yield env.timeout(day + MORNING - env.now)
        yield env.timeout(0.0)  # after the day has begun
        first, end = f.day_from[day], f.day_from[day + 1]
        for row in (first + np.flatnonzero(f.days["joint"][first:end])).tolist():
            rep = int(f.days["rep"][row])
            if f.walks["waiting"][rep] and f.walks["row"][rep] == row:
                env.process(_together(env, run, rep, day))
        yield env.timeout(day + EVENING - 0.05 - env.now)
        for rep, desk in run.desks.items():
            if not run.world.reps["absent"][rep]:
                run.minutes.append(day_of(desk, run.world.reps[rep], day))


def _together(env: simpy.Environment, run: Run, rep: int, day: int) -> Events:
    """From one joint stop of a rep's day to the next: the rep calls the specialist when setting off, and waits a while.

    The plan says where specialists are wanted next, so they are on their way there before the call.
    """
    walk, waiting = run.field.walks[rep], True
    while waiting:
        yield env.timeout(max(0.0, day + walk["left"] / DAY_S - env.now))
        desk = run.desks[int(walk["joint"])]
        request = yield from _ask(env, run, desk, walk, day)
        waiting = bool(resume(run.desk, rep, day))
        if request:
            desk.free = (day, float(walk["end"]))
            env.process(hold(env, desk, request, day + float(walk["end"]) / DAY_S))


def _ask(env: simpy.Environment, run: Run, desk: Desk, walk: Any, day: int) -> Events:
    """The specialist's promise to come (None: the rep goes in alone); the visit begins when both are there."""
    assert desk.calendar is not None
    person, place = run.world.reps[desk.calendar.rep], desk.calendar.place[int(walk["account"])]
    if person["absent"] or walk["t"] + walk["length"] > person["shift_end_s"] - person["admin_s"]:
        return None
    deadline = day + float(walk["t"] + run.stage.patience_s) / DAY_S
    request = yield from join(env, desk, deadline, lambda: left_s(desk, place, day, (env.now - day) * DAY_S) / DAY_S)
    walk["not_before"] = now_s = (env.now - day) * DAY_S
    if request:
        walk["not_before"] += left_s(desk, place, day, now_s)
        walk["came"] = 1
        go_along(desk, place, float(walk["length"]))
    return request


def opportunities(env: simpy.Environment, run: Run) -> Events:
    """At the end of a quarter, what fell due for any account is settled, at its own moment and in its own order.

    Until then whoever looks at an account (a visit, a lead, a change of owner) settles what fell due before: nothing else asks.
    """
    for edge in run.world.edges[1:].tolist():
        yield env.timeout(edge - env.now)
        advance_all(run.desk, env.now)


def quarter_ends(env: simpy.Environment, run: Run) -> Events:
    """At the end of each quarter orders are booked and visits that were due lapse."""
    for edge in run.world.edges[1:].tolist():
        yield env.timeout(edge - env.now)
        yield env.timeout(0.0)  # after the opportunities of the same moment
        bill_all(run.desk, env.now)


PROCESSES: dict[str, Callable[[simpy.Environment, Run], Events]] = {
    "transfers": transfers,
    "starts": starts,
    "sickness": sickness,
    "leave": leave,
    "departures": departures,
    "days": days,
    "specialists": specialists,
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
        full = run.world.used[OVERFLOW]
        log = None if full else quarter_log(stage, run.world, run.field, run.desk, replication, run.gaps, run.minutes)
        hand_in(run.world, run.field)
        if log is not None:
            return log
        rows *= 2  # buffers were too small: the same replication again with larger ones


def _run(stage: Stage, seed: int, replication: int, rows: int, wanted: Departures) -> Run:
    world = new_world(stage, seed, replication, rows)
    field = new_field(stage, world.luck, rows)
    run = Run(stage, seed, replication, world, field, wanted, desk=desk_of(world, field))
    open_book(run.desk, world, rows)
    env = simpy.Environment()
    for calendar in stage.calendars:
        run.desks[calendar.rep] = Desk(simpy.Resource(env), calendar, len(calendar.seconds) - 1)
    for process in PROCESSES.values():
        env.process(process(env, run))
    env.run(until=stage.days + 0.5 * NIGHT)  # the last evening, not the night after
    return run
