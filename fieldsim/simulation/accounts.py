"""Accounts in order of time: opportunities open and close, orders are booked, owners change, accounts are lost (kernels).

Nothing here looks ahead of the time asked for, and accounts do not interact: bringing one up to date in many small steps or in
one large step gives the same events.
"""

from __future__ import annotations

import numpy as np

from fieldsim.luck import uniform
from fieldsim.simulation.compiled import inner, kernel
from fieldsim.simulation.deals import close_all, next_stage, open_opportunity, reschedule
from fieldsim.simulation.draws import exponential, inverse_normal
from fieldsim.simulation.goodwill import accrue, churn_before, goodwill_at, response, safe_until, season_at, touch
from fieldsim.simulation.nouns import CHURN, HANDOVER, NONE, ORDER, World
from fieldsim.simulation.people import knows, ramp_of
from fieldsim.simulation.records import credit, note

LEAD = 14
"""Layer number of an opportunity that came in as a lead."""


@inner
def bill(w: World, i: int, t: float) -> None:
    """Book the orders of account i up to time t to those who own it now."""
    x = w.state[i]
    accrue(w.seasons, w.book[i], x, w.market, t)
    if x.unbilled > 0.0:
        credit(w, ORDER, t, i, x.unbilled, NONE, 1.0)
        x.unbilled = 0.0


@inner
def look_ahead(w: World, i: int) -> None:
    """Set a time before which account i has no event, as long as nothing touches it."""
    x = w.state[i]
    if not x.alive:
        w.due[i] = np.inf
        return
    soonest = min(x.risk_at, safe_until(w.book[i], x, w.market))
    for layer in range(w.market.layers):
        soonest = min(soonest, w.candidate[i, layer].time)
    o = x.first
    while o >= 0:
        soonest = min(soonest, w.pool[o].end)
        o = w.pool[o].chained
    w.due[i] = soonest


@inner
def candidate_due(w: World, i: int, layer: int) -> None:
    """A candidate of a layer: real if its mark lies below what is left of the rate for this layer; then the next is drawn."""
    a, x, c = w.book[i], w.state[i], w.candidate[i, layer]
    t, number = c.time, c.number
    strength = season_at(w.seasons, t)[0]
    if t >= 0.0:
        strength *= response(a, goodwill_at(x, w.market, t))
    if uniform(w.luck.mark, a.key, number, layer) < strength - layer:
        open_opportunity(w, i, t, number * 16 + layer, -1.0)
    c.number = number + 1
    c.time = t + exponential(w.luck.candidate, a.key, number + 1, layer) / x.rate


@inner
def lose_at_risk(w: World, i: int, t: float) -> None:
    """The part of the running orders that a change of owner put at risk goes, less if the new owner came in time."""
    x = w.state[i]
    accrue(w.seasons, w.book[i], x, w.market, t)
    share = x.risk_share
    if share > 0.0 and x.visited > x.risk_since:
        share *= 1.0 - w.market.handover_rescue
    loss = share * x.running
    x.running -= loss
    x.risk_at = np.inf
    note(w, HANDOVER, t, i, loss, NONE)


@inner
def leave(w: World, i: int, t: float) -> None:
    """Account i is lost, with its open opportunities."""
    bill(w, i, t)
    close_all(w, i, t)
    note(w, CHURN, t, i, w.state[i].running, NONE)
    w.state[i].alive = 0


@inner
def advance(w: World, i: int, t: float) -> None:
    """Bring account i up to time t: all its events in order of time."""
    a, x = w.book[i], w.state[i]
    while x.alive and w.due[i] <= t:
        when, what, which = x.risk_at, 0, -1
        for layer in range(w.market.layers):
            if w.candidate[i, layer].time < when:
                when, what, which = w.candidate[i, layer].time, 1, layer
        o = x.first
        while o >= 0:
            if w.pool[o].end < when:
                when, what, which = w.pool[o].end, 2, o
            o = w.pool[o].chained
        gone = churn_before(a, x, w.market, min(when, t))
        if gone < np.inf:
            leave(w, i, gone)
            break
        if when > t:
            break
        if what == 0:
            lose_at_risk(w, i, when)
        elif what == 1:
            candidate_due(w, i, which)
        else:
            added = next_stage(w, i, which)
            if added > 0.0:
                accrue(w.seasons, a, x, w.market, when)
                x.running += min(added, max(0.0, a.potential - x.running))
    look_ahead(w, i)


@inner
def held(w: World, i: int, rep: int, t: float, remote: bool) -> None:
    """A visit to account i ended at time t: goodwill rises, stages run on at their new speed."""
    a, x, m = w.book[i], w.state[i], w.market
    if w.due[i] <= t:
        advance(w, i, t)
    lift = m.lift * ramp_of(w.reps[rep], m, t)
    if remote:
        lift *= m.remote_lift
    if not knows(w.knows, a, rep):
        lift *= m.fit_lift
    g = goodwill_at(x, m, t)
    touch(w.seasons, a, x, m, t, g + lift * (1.0 - g))
    reschedule(w, i, t, t, x.owner)
    look_ahead(w, i)


@inner
def hand_over(w: World, i: int, owner: int, t: float, cost: bool) -> None:
    """Account i gets a new owner at time t: tenure restarts, goodwill drops by a drawn share, a drawn part of orders is at risk.

    Without `cost` only the owner changes (the gross view).
    """
    advance(w, i, t)
    bill(w, i, t)
    a, x, m = w.book[i], w.state[i], w.market
    reschedule(w, i, t, x.visited, owner)
    note(w, HANDOVER, t, i, 0.0, NONE)
    number = x.transfers
    x.transfers = number + 1
    if cost and x.alive:
        lost = min(1.0, 2.0 * m.handover_loss * uniform(w.luck.goodwill_loss, a.key, number))
        touch(w.seasons, a, x, m, t, goodwill_at(x, m, t) * (1.0 - lost))
        x.tenure = x.risk_since = t
        z = inverse_normal(uniform(w.luck.risk, a.key, number))
        x.risk_share = min(0.95, m.handover_risk + m.handover_risk_sd * z)
        x.risk_at = t + m.handover_days * exponential(w.luck.risk_time, a.key, number)
    look_ahead(w, i)


@kernel
def hand_over_all(w: World, t: float, cost: bool) -> None:
    """Every account whose owner is not the design's gets it."""
    for i in range(len(w.state)):
        if w.state[i].owner != w.book[i].owner:
            hand_over(w, i, w.book[i].owner, t, cost)


@kernel
def leave_seat(w: World, rep: int, t: float) -> None:
    """A rep leaves: their accounts go to colleagues or to nobody, and lose what goes with the person."""
    for i in range(len(w.state)):
        if w.state[i].owner == rep:
            taker = w.book[i].taker
            there = taker >= 0 and taker != rep and w.reps[taker].left == 0
            hand_over(w, i, taker if there else NONE, t, True)


@kernel
def fill_seat(w: World, rep: int, t: float, returns: bool) -> None:
    """A new hire takes the seat's accounts: those that waited without a further loss, those a colleague has if they return."""
    for i in range(len(w.state)):
        owner = w.state[i].owner
        if w.book[i].owner == rep and owner != rep and (owner < 0 or returns):
            hand_over(w, i, rep, t, owner >= 0)
            w.state[i].tenure = t


@kernel
def advance_all(w: World, t: float) -> None:
    """Bring every account up to time t."""
    for i in range(len(w.state)):
        if w.due[i] <= t:
            advance(w, i, t)


@kernel
def bill_all(w: World, t: float) -> None:
    """Book the orders of every account up to time t; visits that are due again lapse with the quarter."""
    for i in range(len(w.state)):
        bill(w, i, t)
        w.state[i].owed, w.state[i].owed_from = 0, 0


@kernel
def lead_in(w: World, i: int, t: float, lead: int) -> None:
    """A lead answered in time becomes an opportunity beside account i, numbered apart from the account's own."""
    advance(w, i, t)
    if w.state[i].alive:
        open_opportunity(w, i, t, lead * 16 + LEAD, -1.0)
        look_ahead(w, i)
