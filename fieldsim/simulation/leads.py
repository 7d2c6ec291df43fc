"""Leads: they arrive near existing accounts; the owner there answers in the next free time of a working day, or too late."""

from __future__ import annotations

import numpy as np
import simpy

from fieldsim.compiled import kernel
from fieldsim.luck import key_of, uniforms
from fieldsim.model import Floats, Ints
from fieldsim.simulation.accounts import advance, look_ahead
from fieldsim.simulation.deals import open_opportunity
from fieldsim.simulation.desk import reps_row, state_row
from fieldsim.simulation.nouns import Records
from fieldsim.simulation.run import EVENING, Events, Run

LEAD = 14
"""Layer number of an opportunity that came in as a lead."""
NEXT, WAITING, FIRST = (np.int64(k) for k in range(3))
"""In the queue: number of the next lead to arrive, how many wait, the first of those."""


def leads(env: simpy.Environment, run: Run) -> Events:
    """Every evening the day's free time goes to the leads that wait, first come first served."""
    a_day, half_life, quality, seconds = run.stage.leads
    potential = run.world.book["potential"][:-1].copy()
    if a_day < 1e-12 or potential.sum() == 0.0:
        return
    near, one = np.cumsum(potential) / potential.sum(), np.array([key_of("leads")], dtype=np.uint64)
    count = int(a_day * run.stage.days + 10.0 * np.sqrt(a_day * run.stage.days)) + 20
    gap, host, chance = (uniforms(run.luck(f"lead_{name}"), one, count)[0] for name in ("gap", "host", "answer"))
    arrivals = np.append(np.cumsum(-np.log(gap) / a_day), np.inf)
    hosts = np.minimum(np.searchsorted(near, host), len(near) - 1)
    queue = np.zeros(FIRST + count, dtype=np.int64)
    for day in range(run.stage.days):
        yield env.timeout(day + EVENING - env.now)
        answer(run.desk, env.now, arrivals, hosts, chance, queue, quality, half_life, seconds)


@kernel
def answer(
    desk: Records,
    t: float,
    arrivals: Floats,
    hosts: Ints,
    chance: Floats,
    queue: Ints,
    quality: float,
    half_life: float,
    seconds: float,
) -> None:
    """One evening: leads answered in time become opportunities beside their hosts, numbered apart from the accounts' own.

    Nobody answers a lead that has waited for eight half-lives.
    """
    w = desk[0]
    while arrivals[queue[NEXT]] <= t:
        queue[FIRST + queue[WAITING]] = queue[NEXT]
        queue[NEXT], queue[WAITING] = queue[NEXT] + 1, queue[WAITING] + 1
    still = 0
    for k in range(queue[WAITING]):
        lead = queue[FIRST + k]
        i, delay = hosts[lead], t - arrivals[lead]
        owner = state_row(w.state, i).owner
        if owner < 0 or reps_row(w.reps, owner).free_s < seconds:
            if delay < 8.0 * half_life:
                queue[FIRST + still] = lead
                still += 1
            continue
        reps_row(w.reps, owner).free_s -= seconds
        if chance[lead] < quality * 0.5 ** (delay / half_life):
            advance(w, i, t)
            if state_row(w.state, i).alive:
                open_opportunity(w, i, t, lead * 16 + LEAD, -1.0)
                look_ahead(w, i)
    queue[WAITING] = still
    for rep in range(w.n_reps):
        reps_row(w.reps, rep).free_s = 0.0  # tomorrow may be no working day
