"""Opportunities: four stages on their own clock, which stops without an owner, slows when visits are overdue and hurries at
the end of a quarter (kernels)."""

from __future__ import annotations

import numpy as np

from fieldsim.luck import uniform
from fieldsim.simulation.compiled import inner
from fieldsim.simulation.draws import lognormal
from fieldsim.simulation.market import STAGES
from fieldsim.simulation.nouns import DEAL, FREE, LOST, OPENED, OVERFLOW, POOL_ROWS, World
from fieldsim.simulation.people import odds
from fieldsim.simulation.records import credit, note


@inner
def pushing(w: World, t: float) -> bool:
    """Whether t lies in the last days of a quarter."""
    for edge in w.edges:
        if t < edge:
            return t >= edge - w.market.push_days
    return False


@inner
def pace(w: World, t: float, overdue_at: float) -> tuple[float, float]:
    """Speed of a stage's clock at time t, and until when it holds."""
    until, speed = np.inf, 1.0
    for edge in w.edges:
        if t < edge:
            if t >= edge - w.market.push_days:
                until, speed = edge, w.market.push_speed
            else:
                until = edge - w.market.push_days
            break
    if t >= overdue_at:
        speed *= w.market.overdue_speed
    elif overdue_at < until:
        until = overdue_at
    return speed, until


@inner
def work_between(w: World, start: float, end: float, overdue_at: float) -> float:
    """Work done on a stage between two times."""
    work = 0.0
    while start < end:
        speed, until = pace(w, start, overdue_at)
        until = min(until, end)
        work += speed * (until - start)
        start = until
    return work


@inner
def finish(w: World, start: float, work: float, overdue_at: float) -> float:
    """When `work` is done, infinite if never."""
    while True:
        speed, until = pace(w, start, overdue_at)
        if speed > 0.0 and start + work / speed <= until:
            return start + work / speed
        if until == np.inf:
            return np.inf
        work -= speed * (until - start)
        start = until


@inner
def overdue_at(w: World, i: int) -> float:
    """When account i becomes overdue."""
    a, x = w.book[i], w.state[i]
    return x.visited + w.market.overdue_after * a.gap


@inner
def works(w: World, i: int, t: float) -> bool:
    """Whether somebody works the opportunities of account i; before day 0 somebody always did."""
    x = w.state[i]
    return x.owner >= 0 or t < 0.0


@inner
def set_end(w: World, i: int, o: int) -> None:
    """When the present stage of an opportunity ends, if nothing changes."""
    w.pool[o].end = finish(w, w.pool[o].clock, w.pool[o].left, overdue_at(w, i)) if works(w, i, w.pool[o].clock) else np.inf


@inner
def reschedule(w: World, i: int, t: float, visited: float, owner: int) -> None:
    """Charge the work done on open opportunities of account i up to t, then go on with a new last visit and owner."""
    x = w.state[i]
    before = overdue_at(w, i)
    o = x.first
    while o >= 0:
        if works(w, i, w.pool[o].clock):
            w.pool[o].left = max(0.0, w.pool[o].left - work_between(w, w.pool[o].clock, t, before))
        w.pool[o].clock = t
        o = w.pool[o].chained
    x.visited, x.owner = visited, owner
    o = x.first
    while o >= 0:
        set_end(w, i, o)
        o = w.pool[o].chained


@inner
def new_opportunity(w: World) -> int:
    """A place in the pool, -1 when it is full."""
    o = w.used[FREE]
    if o >= 0:
        w.used[FREE] = w.pool[o].chained
        return o
    o = w.used[POOL_ROWS]
    if o >= len(w.pool):
        w.used[OVERFLOW] = 1
        return -1
    w.used[POOL_ROWS] = o + 1
    return o


@inner
def start_stage(w: World, i: int, o: int, stage: int, t: float) -> None:
    """Enter a stage at time t."""
    a = w.book[i]
    w.pool[o].stage, w.pool[o].clock = stage, t
    w.pool[o].left = w.market.stage_days * lognormal(w.luck.stage, a.key, w.pool[o].number, stage, w.market.stage_sigma)
    set_end(w, i, o)


@inner
def open_opportunity(w: World, i: int, t: float, number: int, size: float) -> None:
    """A new opportunity of account i; a negative size is drawn from the headroom, and none opens where there is none."""
    a, x = w.book[i], w.state[i]
    if size < 0.0:
        size = w.market.deal_share * (a.potential - x.running) * x.account_size
        size *= lognormal(w.luck.size, a.key, number, 0, w.market.deal_sigma)
    if size <= 0.0:
        return
    o = new_opportunity(w)
    if o < 0:
        return
    w.pool[o].chained, x.first = x.first, o
    w.pool[o].number, w.pool[o].size, w.pool[o].opened = number, size, t
    start_stage(w, i, o, 0, t)
    note(w, OPENED, t, i, size, number)


@inner
def forget(w: World, i: int, o: int) -> None:
    """Take an opportunity off its account's list."""
    x = w.state[i]
    if x.first == o:
        x.first = w.pool[o].chained
    else:
        p = x.first
        while w.pool[p].chained != o:
            p = w.pool[p].chained
        w.pool[p].chained = w.pool[o].chained
    w.pool[o].chained = w.used[FREE]
    w.used[FREE] = o


@inner
def close_all(w: World, i: int, t: float) -> None:
    """Lose all open opportunities of account i."""
    x = w.state[i]
    while x.first >= 0:
        o = x.first
        note(w, LOST, t, i, w.pool[o].size, w.pool[o].number)
        forget(w, i, o)


@inner
def next_stage(w: World, i: int, o: int) -> float:
    """The present stage of an opportunity ends: on, won or lost. Returns what a deal adds to the orders a year, else 0."""
    a = w.book[i]
    t, stage, number = w.pool[o].end, w.pool[o].stage, w.pool[o].number
    late = stage == STAGES - 1 and pushing(w, t)
    survival = odds(w, i, t) * (w.market.push_win if late else 1.0)
    if uniform(w.luck.survival, a.key, number, stage) >= survival:
        note(w, LOST, t, i, w.pool[o].size, number)
        forget(w, i, o)
        return 0.0
    if stage < STAGES - 1:
        start_stage(w, i, o, stage + 1, t)
        return 0.0
    size = w.pool[o].size * (w.market.push_size if late else 1.0)
    recurring = uniform(w.luck.recurring, a.key, number) < w.market.recurring_share
    credit(w, DEAL, t, i, size, number, 0.0 if recurring else 1.0)
    forget(w, i, o)
    return size if recurring and t >= 0.0 else 0.0
