"""Opportunities from opening to won or lost, in four stages; each account chains its own in one pool (kernels)."""

from __future__ import annotations

import numpy as np

from fieldsim.luck import uniform
from fieldsim.simulation.compiled import inner
from fieldsim.simulation.draws import lognormal
from fieldsim.simulation.market import STAGES
from fieldsim.simulation.nouns import DEAL, FREE, LOST, OPENED, OVERFLOW, POOL_ROWS, Record, World
from fieldsim.simulation.people import odds
from fieldsim.simulation.records import credit, note
from fieldsim.simulation.stages import finish, pushing, work_between

FIRST = np.int64(0)


@inner
def overdue_at(a: Record, x: Record, m: Record) -> float:
    """When an account becomes overdue."""
    return float(x.visited + m.overdue_after * a.gap)


@inner
def reschedule(w: World, i: int, t: float, visited: float, owner: int) -> None:
    """Charge the work done on open opportunities of account i up to t, then go on with a new last visit and owner.

    Nobody works the opportunities of an account without an owner; before day 0 somebody always did.
    """
    a, x = w.book[i], w.state[i]
    before, owned = overdue_at(a, x, w.market), x.owner >= 0
    x.visited, x.owner = visited, owner
    after = overdue_at(a, x, w.market)
    o = x.first
    while o >= 0:
        p = w.pool[o]
        if owned or p.clock < 0.0:
            p.left = max(0.0, p.left - work_between(w.edges, w.market, p.clock, t, before))
        p.clock = t
        p.end = finish(w.edges, w.market, t, p.left, after) if owner >= 0 else np.inf
        o = p.chained


@inner
def start_stage(w: World, i: int, o: int, stage: int, t: float) -> None:
    """Opportunity o of account i enters a stage at time t."""
    a, x, p, m = w.book[i], w.state[i], w.pool[o], w.market
    p.stage, p.clock = stage, t
    p.left = m.stage_days * lognormal(w.luck.stage, a.key, p.number, stage, m.stage_sigma)
    p.end = finish(w.edges, m, t, p.left, overdue_at(a, x, m)) if x.owner >= 0 or t < 0.0 else np.inf


@inner
def open_opportunity(w: World, i: int, t: float, number: int, size: float) -> None:
    """A new opportunity of account i; a negative size is drawn from the headroom, and none opens where there is none."""
    a, x = w.book[i], w.state[i]
    if size < 0.0:
        size = w.market.deal_share * (a.potential - x.running) * x.account_size
        size *= lognormal(w.luck.size, a.key, number, 0, w.market.deal_sigma)
    o = w.used[FREE]
    if size <= 0.0:
        return
    if o >= 0:
        w.used[FREE] = w.pool[o].chained
    elif w.used[POOL_ROWS] < len(w.pool):
        o = w.used[POOL_ROWS]
        w.used[POOL_ROWS] = o + 1
    else:
        w.used[OVERFLOW] = 1
        return
    p = w.pool[o]
    p.chained, x.first = x.first, o
    p.number, p.size, p.opened = number, size, t
    start_stage(w, i, o, FIRST, t)
    note(w, OPENED, t, i, size, number)


@inner
def forget(w: World, i: int, o: int) -> None:
    """Take opportunity o off its account's chain."""
    x = w.state[i]
    after = w.pool[o].chained
    if x.first == o:
        x.first = after
    else:
        before = x.first
        while w.pool[before].chained != o:
            before = w.pool[before].chained
        w.pool[before].chained = after
    w.pool[o].chained = w.used[FREE]
    w.used[FREE] = o


@inner
def close_all(w: World, i: int, t: float) -> None:
    """Lose all open opportunities of account i."""
    while w.state[i].first >= 0:
        o = w.state[i].first
        note(w, LOST, t, i, w.pool[o].size, w.pool[o].number)
        forget(w, i, o)


@inner
def next_stage(w: World, i: int, o: int) -> float:
    """The present stage of opportunity o ends: on, won or lost. Returns what a deal adds to the orders a year, else 0."""
    key, p, m = w.book[i].key, w.pool[o], w.market
    t, stage, number, size = p.end, p.stage, p.number, p.size
    late = stage == STAGES - 1 and pushing(w.edges, m, t)
    if uniform(w.luck.survival, key, number, stage) >= odds(w, i, t) * (m.push_win if late else 1.0):
        note(w, LOST, t, i, size, number)
        forget(w, i, o)
        return 0.0
    if stage < STAGES - 1:
        start_stage(w, i, o, stage + 1, t)
        return 0.0
    size *= m.push_size if late else 1.0
    recurring = uniform(w.luck.recurring, key, number) < m.recurring_share
    credit(w, DEAL, t, i, size, number, 0.0 if recurring else 1.0)
    forget(w, i, o)
    return float(size) if recurring and t >= 0.0 else 0.0
