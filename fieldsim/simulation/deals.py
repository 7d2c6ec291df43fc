"""Opportunities from opening to won or lost, in four stages; each account chains its own in one pool (kernels)."""

from __future__ import annotations

import numpy as np

from fieldsim.compiled import inner
from fieldsim.simulation.desk import book_row, luck_row, market_row, pool_row, state_row
from fieldsim.simulation.draws import pair, spread
from fieldsim.simulation.market import STAGES
from fieldsim.simulation.memory import ints
from fieldsim.simulation.nouns import DEAL, FREE, LOST, ONLY, OPENED, OVERFLOW, POOL_ROWS, Record
from fieldsim.simulation.people import odds
from fieldsim.simulation.records import credit, note
from fieldsim.simulation.stages import finish, pushing, work_between

FIRST = np.int64(0)


@inner
def overdue_at(a: Record, x: Record, m: Record) -> float:
    """When an account becomes overdue."""
    return float(x.visited + m.overdue_after * a.gap)


@inner
def reschedule(w: Record, i: int, t: float, visited: float, owner: int) -> None:
    """Charge the work done on open opportunities of account i up to t, then go on with a new last visit and owner.

    Nobody works the opportunities of an account without an owner; before day 0 somebody always did.
    """
    a, x = book_row(w.book, i), state_row(w.state, i)
    before, owned = overdue_at(a, x, market_row(w.market, 0)), x.owner >= 0
    same = owned and owner >= 0 and visited >= x.visited
    x.visited, x.owner = visited, owner
    after = overdue_at(a, x, market_row(w.market, 0))
    o = x.first
    while o >= 0:
        p = pool_row(w.pool, o)
        if not same or p.end > before:  # else it ends before anybody is overdue, early visit or not
            if owned or p.clock < 0.0:
                p.left = max(0.0, p.left - work_between(w, market_row(w.market, 0), p.clock, t, before))
            p.clock = t
            p.end = finish(w, market_row(w.market, 0), t, p.left, after) if owner >= 0 else np.inf
        o = p.chained


@inner
def start_stage(w: Record, i: int, o: int, stage: int, t: float) -> None:
    """Opportunity o of account i enters a stage at time t."""
    a, x, p, m = book_row(w.book, i), state_row(w.state, i), pool_row(w.pool, o), market_row(w.market, 0)
    number = p.code // STAGES
    p.code, p.clock = STAGES * number + stage, t
    length, p.survival = pair(luck_row(w.luck, 0).stage, a.key, number, stage)
    p.left = m.stage_days * spread(length, m.stage_sigma)
    p.end = finish(w, m, t, p.left, overdue_at(a, x, m)) if x.owner >= 0 or t < 0.0 else np.inf


@inner
def open_opportunity(w: Record, i: int, t: float, number: int, size: float) -> None:
    """A new opportunity of account i; a negative size is drawn from the headroom, and none opens where there is none."""
    a, x = book_row(w.book, i), state_row(w.state, i)
    if size < 0.0:
        size = market_row(w.market, 0).deal_share * (a.potential - x.running) * x.account_size
        size *= spread(pair(luck_row(w.luck, 0).size, a.key, number, ONLY)[0], market_row(w.market, 0).deal_sigma)
    o = ints(w.used)[FREE]
    if size <= 0.0:
        return
    if o >= 0:
        ints(w.used)[FREE] = pool_row(w.pool, o).chained
    elif ints(w.used)[POOL_ROWS] < w.n_pool:
        o = ints(w.used)[POOL_ROWS]
        ints(w.used)[POOL_ROWS] = o + 1
    else:
        ints(w.used)[OVERFLOW] = 1
        return
    p = pool_row(w.pool, o)
    p.chained, x.first = x.first, o
    p.code, p.size, p.opened = STAGES * number, size, t
    start_stage(w, i, o, FIRST, t)
    note(w, OPENED, t, i, size, number)


@inner
def forget(w: Record, i: int, o: int) -> None:
    """Take opportunity o off its account's chain."""
    x = state_row(w.state, i)
    after = pool_row(w.pool, o).chained
    if x.first == o:
        x.first = after
    else:
        before = x.first
        while pool_row(w.pool, before).chained != o:
            before = pool_row(w.pool, before).chained
        pool_row(w.pool, before).chained = after
    pool_row(w.pool, o).chained = ints(w.used)[FREE]
    ints(w.used)[FREE] = o


@inner
def close_all(w: Record, i: int, t: float) -> None:
    """Lose all open opportunities of account i."""
    while state_row(w.state, i).first >= 0:
        o = state_row(w.state, i).first
        note(w, LOST, t, i, pool_row(w.pool, o).size, pool_row(w.pool, o).code // STAGES)
        forget(w, i, o)


@inner
def next_stage(w: Record, i: int, o: int) -> float:
    """The present stage of opportunity o ends: on, won or lost. Returns what a deal adds to the orders a year, else 0."""
    key, p, m = book_row(w.book, i).key, pool_row(w.pool, o), market_row(w.market, 0)
    t, stage, number, size = p.end, p.code % STAGES, p.code // STAGES, p.size
    late = stage == STAGES - 1 and pushing(w, m, t)
    if p.survival >= odds(w, i, t) * (m.push_win if late else 1.0):
        note(w, LOST, t, i, size, number)
        forget(w, i, o)
        return 0.0
    if stage < STAGES - 1:
        start_stage(w, i, o, stage + 1, t)
        return 0.0
    size *= m.push_size if late else 1.0
    recurring = pair(luck_row(w.luck, 0).size, key, number, ONLY)[1] < m.recurring_share
    credit(w, DEAL, t, i, size, number, 0.0 if recurring else 1.0)
    forget(w, i, o)
    return float(size) if recurring and t >= 0.0 else 0.0
