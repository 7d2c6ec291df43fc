"""Accounts in order of time: opportunities open and close, orders are booked, owners change, accounts are lost (kernels).

Nothing here looks ahead of the time asked for, and accounts do not interact: bringing one up to date in many small steps or in
one large step gives the same events.
"""

from __future__ import annotations

import math

import numpy as np

from fieldsim.compiled import inner, kernel
from fieldsim.luck import uniform
from fieldsim.simulation.deals import close_all, next_stage, open_opportunity, reschedule
from fieldsim.simulation.desk import book_row, candidate_row, luck_row, market_row, pool_row, reps_row, state_row
from fieldsim.simulation.draws import inverse_normal, pair
from fieldsim.simulation.goodwill import churn_before, goodwill_at, response, season_at, settle, settle_orders
from fieldsim.simulation.nouns import CHURN, HANDOVER, NONE, ONLY, ORDER, Record, Records
from fieldsim.simulation.owed import disown, enlist
from fieldsim.simulation.people import catch_up, knows, ramp_of
from fieldsim.simulation.records import credit, note


@inner
def bill(w: Record, i: int, t: float) -> None:
    """Book the orders of account i up to time t to those who own it now."""
    x = state_row(w.state, i)
    settle_orders(w, book_row(w.book, i), x, market_row(w.market, 0), t)
    if x.unbilled > 0.0:
        credit(w, ORDER, t, i, x.unbilled, NONE, 1.0)
        x.unbilled = 0.0


@inner
def look_ahead(w: Record, i: int) -> None:
    """Set a time before which account i has no event, as long as nothing touches it."""
    x = state_row(w.state, i)
    if not x.alive:
        x.due = np.inf
        return
    soonest = min(x.risk_at, x.candidate_at, x.touched + x.hazard_left * book_row(w.book, i).safe)
    o = x.first
    while o >= 0:
        soonest = min(soonest, pool_row(w.pool, o).end)
        o = pool_row(w.pool, o).chained
    x.due = soonest


@inner
def next_candidate(w: Record, i: int, layer: int, t: float, number: int) -> None:
    """The first candidate of a layer after time t, from the one of a number on, that can be real."""
    wait, mark = pair(luck_row(w.luck, 0).candidate, book_row(w.book, i).key, number, layer)
    first_real(w, i, layer, after(w, state_row(w.state, i), t, wait), number, mark)


@inner
def after(w: Record, x: Record, t: float, wait: float) -> float:
    """When a candidate comes that waited since time t; infinite beyond the horizon. 2 (1 - u) / (1 + u) is below -log u."""
    if t + 2.0 * (1.0 - wait) / ((1.0 + wait) * x.rate) >= w.horizon + 1.0:
        return np.inf
    return t - math.log(wait) / x.rate  # type: ignore[no-any-return]


@inner
def first_real(w: Record, i: int, layer: int, t: float, number: int, mark: float) -> None:
    """The first of a layer's candidates whose mark lies below all that its rate can ever reach; that of time t is drawn already.

    One after the horizon never comes, at whatever time: the search ends there.
    """
    a, x, c = book_row(w.book, i), state_row(w.state, i), candidate_row(w.candidate, i * w.n_layers + layer)
    while t < np.inf:
        if mark < a.most - layer:
            c.time, c.number, c.mark = t, number, mark
            return
        number += 1
        wait, mark = pair(luck_row(w.luck, 0).candidate, a.key, number, layer)
        t = after(w, x, t, wait)
    c.time = np.inf


@inner
def soonest_candidate(w: Record, i: int) -> None:
    """Note which layer's candidate comes first."""
    x = state_row(w.state, i)
    x.candidate_at, x.layer = np.inf, 0
    for layer in range(math.ceil(book_row(w.book, i).most)):
        if candidate_row(w.candidate, i * w.n_layers + layer).time < x.candidate_at:
            x.candidate_at, x.layer = candidate_row(w.candidate, i * w.n_layers + layer).time, layer


@inner
def candidate_due(w: Record, i: int) -> None:
    """A candidate: real if its mark lies below what is left of the rate for its layer; then the next is drawn."""
    a, x = book_row(w.book, i), state_row(w.state, i)
    layer, t = x.layer, x.candidate_at
    c = candidate_row(w.candidate, i * w.n_layers + layer)
    number = c.number
    strength = season_at(w, t)[0]
    if t >= 0.0:
        strength *= response(a, goodwill_at(x, market_row(w.market, 0), t))
    if c.mark < strength - layer:
        open_opportunity(w, i, t, number * 16 + layer, -1.0)
    next_candidate(w, i, layer, t, number + 1)
    soonest_candidate(w, i)


@inner
def lose_at_risk(w: Record, i: int, t: float) -> None:
    """The part of the running orders that a change of owner put at risk goes, less if the new owner came in time."""
    x = state_row(w.state, i)
    settle_orders(w, book_row(w.book, i), x, market_row(w.market, 0), t)
    share = x.risk_share
    if share > 0.0 and x.visited > x.risk_since:
        share *= 1.0 - market_row(w.market, 0).handover_rescue
    loss = share * x.running
    x.running -= loss
    x.risk_at = np.inf
    note(w, HANDOVER, t, i, loss, NONE)


@inner
def leave(w: Record, i: int, t: float) -> None:
    """Account i is lost, with its open opportunities."""
    bill(w, i, t)
    close_all(w, i, t)
    note(w, CHURN, t, i, state_row(w.state, i).running, NONE)
    state_row(w.state, i).alive, state_row(w.state, i).died = 0, t


@inner
def advance(w: Record, i: int, t: float) -> None:
    """Bring account i up to time t: all its events in order of time."""
    a, x = book_row(w.book, i), state_row(w.state, i)
    while x.alive and x.due <= t:
        when, which = min(x.risk_at, x.candidate_at), NONE
        o = x.first
        while o >= 0:
            if pool_row(w.pool, o).end < when:
                when, which = pool_row(w.pool, o).end, o
            o = pool_row(w.pool, o).chained
        gone = churn_before(a, x, market_row(w.market, 0), min(when, t))
        if gone < np.inf:
            leave(w, i, gone)
            break
        if when > t:
            break
        if which >= 0:
            added = next_stage(w, i, which)
            if added > 0.0:
                settle_orders(w, a, x, market_row(w.market, 0), when)
                x.running += min(added, max(0.0, a.potential - x.running))
        elif x.risk_at <= x.candidate_at:
            lose_at_risk(w, i, when)
        else:
            candidate_due(w, i)
    look_ahead(w, i)


@inner
def held(w: Record, i: int, rep: int, t: float, factor: float, joint: int) -> None:
    """A visit to account i ended at time t: goodwill rises by the rep's lift times `factor`, stages run on at their new speed.

    A manager (rep -1) has the lift of a rep in full productivity who knows the trade.
    """
    a, x, m = book_row(w.book, i), state_row(w.state, i), market_row(w.market, 0)
    if x.due <= t:
        advance(w, i, t)
    lift = m.lift * factor
    if rep >= 0:
        lift *= ramp_of(reps_row(w.reps, rep), m, t)
        if not knows(w, a, rep):
            lift *= m.fit_lift
    settle(w, a, x, m, t)
    x.goodwill += min(1.0, lift) * (1.0 - x.goodwill)
    catch_up(w, i, t)
    x.joint = joint
    reschedule(w, i, t, t, x.owner)
    look_ahead(w, i)


@inner
def hand_over(w: Record, i: int, owner: int, t: float, cost: bool) -> None:
    """Account i gets a new owner at time t: tenure restarts, goodwill drops by a drawn share, a drawn part of orders is at risk.

    Without `cost` only the owner changes (the gross view).
    """
    advance(w, i, t)
    bill(w, i, t)
    a, x, m = book_row(w.book, i), state_row(w.state, i), market_row(w.market, 0)
    disown(w, i)
    reschedule(w, i, t, x.visited, owner)
    enlist(w, i)
    note(w, HANDOVER, t, i, 0.0, NONE)
    number = x.transfers
    x.transfers = number + 1
    if cost and x.alive:
        lost = min(1.0, 2.0 * m.handover_loss * uniform(luck_row(w.luck, 0).goodwill_loss, a.key, number))
        x.goodwill *= 1.0 - lost
        x.tenure = x.risk_since = t
        size, wait = pair(luck_row(w.luck, 0).risk, a.key, number, ONLY)
        x.risk_share = min(0.95, m.handover_risk + m.handover_risk_sd * inverse_normal(size))
        x.risk_at = t - m.handover_days * math.log(wait)
    look_ahead(w, i)


@kernel
def hand_over_all(desk: Records, t: float, cost: bool) -> None:
    """Every account whose owner is not the design's gets it; nobody gets it whose seat waits for its rep's first day."""
    w = desk[0]
    for i in range(w.n_accounts):
        owner = book_row(w.book, i).owner
        if owner >= 0 and reps_row(w.reps, owner).left:
            owner = NONE
        if state_row(w.state, i).owner != owner:
            hand_over(w, i, owner, t, cost)


@kernel
def advance_all(desk: Records, t: float) -> None:
    """Bring every account up to time t."""
    w = desk[0]
    for i in range(w.n_accounts):
        if state_row(w.state, i).due <= t:
            advance(w, i, t)


@kernel
def bill_all(desk: Records, t: float) -> None:
    """Book the orders of every account up to time t; visits that are due again lapse with the quarter."""
    w = desk[0]
    for i in range(w.n_accounts):
        bill(w, i, t)
        state_row(w.state, i).owed, state_row(w.state, i).owed_from = 0, 0
    for rep in range(w.n_reps):
        reps_row(w.reps, rep).owed = 0
