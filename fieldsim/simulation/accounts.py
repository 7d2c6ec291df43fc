"""Accounts between two touches: goodwill fades, orders run, opportunities open and close, some are lost (kernels).

Nothing here looks ahead of the time asked for, and accounts do not interact: bringing one up to date in many small steps or in
one large step gives the same events.
"""

from __future__ import annotations

import math

import numpy as np

from fieldsim.luck import uniform
from fieldsim.simulation.compiled import inner, kernel
from fieldsim.simulation.deals import close_all, next_stage, open_opportunity, reschedule
from fieldsim.simulation.draws import exponential, inverse_normal
from fieldsim.simulation.nouns import CHURN, HANDOVER, ORDER, World
from fieldsim.simulation.people import knows, ramp_of
from fieldsim.simulation.records import credit, note


@inner
def goodwill_at(w: World, i: int, t: float) -> float:
    """Goodwill of account i at time t."""
    x = w.state[i]
    return x.goodwill * math.exp(-(t - x.touched) / w.market.tau)


@inner
def raised(g: float, c: float) -> float:
    """g to the power c, quickly for the usual 2."""
    return g * g if c == 2.0 else g**c


@inner
def response(w: World, i: int, g: float) -> float:
    """ρ at goodwill g, 1 on average at today's service."""
    a = w.book[i]
    y = raised(g, a.steepness)
    return a.scale * (a.floor + (1.0 - a.floor) * y / (a.half + y))


@inner
def accrue(w: World, i: int, t: float) -> None:
    """Orders of account i up to time t, in closed form between changes of season."""
    a, x = w.book[i], w.state[i]
    start = x.billed
    if t <= start:
        return
    x.billed = t
    if not x.alive or x.running == 0.0:
        return
    turn = 0
    while start < t:
        while turn < len(w.turns) and w.turns[turn] <= start:
            turn += 1
        until = min(t, w.turns[turn]) if turn < len(w.turns) else t
        c_ = a.steepness
        before, after = raised(goodwill_at(w, i, start), c_), raised(goodwill_at(w, i, until), c_)
        area = math.log((a.half + before) / (a.half + after)) * w.market.tau / c_
        mean = a.scale * (a.floor * (until - start) + (1.0 - a.floor) * area)
        x.unbilled += x.running / 365.0 * w.season[math.floor(start) + w.market.warm] * mean
        start = until


@inner
def bill(w: World, i: int, t: float) -> None:
    """Book the orders of account i up to time t to those who own it now."""
    x = w.state[i]
    accrue(w, i, t)
    if x.unbilled > 0.0:
        credit(w, ORDER, t, i, x.unbilled, -1, 1.0)
        x.unbilled = 0.0


@inner
def hazard_between(w: World, i: int, start: float, end: float) -> float:
    """Churn hazard of account i summed over a time without a visit: base · (1 + β(1 − g)), integrated exactly."""
    a = w.book[i]
    fading = w.market.tau * (goodwill_at(w, i, start) - goodwill_at(w, i, end))
    return a.hazard * ((1.0 + w.market.churn_neglect) * (end - start) - w.market.churn_neglect * fading)


@inner
def churn_before(w: World, i: int, t: float) -> float:
    """When account i leaves, infinite if not before t; the hazard up to t is then used up."""
    a, x = w.book[i], w.state[i]
    if not x.alive:
        return np.inf
    start = x.hazard_at
    if start + x.hazard_left / max(1e-300, a.hazard * (1.0 + w.market.churn_neglect)) > t:
        return np.inf
    if hazard_between(w, i, start, t) < x.hazard_left:
        return np.inf
    low, high = start, t
    for _ in range(60):
        middle = 0.5 * (low + high)
        if hazard_between(w, i, start, middle) < x.hazard_left:
            low = middle
        else:
            high = middle
    return high


@inner
def use_hazard(w: World, i: int, t: float) -> None:
    """Charge the hazard up to t, before goodwill changes."""
    x = w.state[i]
    x.hazard_left -= hazard_between(w, i, x.hazard_at, t)
    x.hazard_at = t


@inner
def look_ahead(w: World, i: int) -> None:
    """Set a bound below which account i has no event, as long as nothing touches it."""
    a, x = w.book[i], w.state[i]
    if not x.alive:
        x.next_event = np.inf
        return
    soonest = x.risk_at
    for layer in range(w.market.layers):
        soonest = min(soonest, w.candidate[i, layer].time)
    o = x.first
    while o >= 0:
        soonest = min(soonest, w.pool[o].end)
        o = w.pool[o].chained
    hazard = max(1e-300, a.hazard * (1.0 + w.market.churn_neglect))
    x.next_event = min(soonest, x.hazard_at + x.hazard_left / hazard)


@inner
def candidate_due(w: World, i: int, layer: int) -> None:
    """A candidate of a layer: real if its mark lies below what is left of the rate for this layer; then the next is drawn."""
    a, x = w.book[i], w.state[i]
    t, number = w.candidate[i, layer].time, w.candidate[i, layer].number
    strength = w.season[math.floor(t) + w.market.warm]
    strength *= 1.0 if t < 0.0 else response(w, i, goodwill_at(w, i, t))
    if uniform(w.luck.mark, a.key, number, layer) < strength - layer:
        open_opportunity(w, i, t, number * 16 + layer, -1.0)
    w.candidate[i, layer].number = number + 1
    w.candidate[i, layer].time = t + exponential(w.luck.candidate, a.key, number + 1, layer) / x.rate


@inner
def lose_at_risk(w: World, i: int, t: float) -> None:
    """The part of the running orders that a change of owner put at risk goes, less if the new owner came in time."""
    x = w.state[i]
    accrue(w, i, t)
    share = x.risk_share
    if share > 0.0 and x.visited > x.risk_since:
        share *= 1.0 - w.market.handover_rescue
    loss = share * x.running
    x.running -= loss
    x.risk_at = np.inf
    note(w, HANDOVER, t, i, loss, -1)


@inner
def leave(w: World, i: int, t: float) -> None:
    """Account i is lost, with its open opportunities."""
    x = w.state[i]
    bill(w, i, t)
    close_all(w, i, t)
    note(w, CHURN, t, i, x.running, -1)
    x.alive = False


@inner
def advance(w: World, i: int, t: float) -> None:
    """Bring account i up to time t: all its events in order of time."""
    a, x = w.book[i], w.state[i]
    if x.next_event > t:
        return
    while x.alive:
        when, what, which = x.risk_at, 0, -1
        for layer in range(w.market.layers):
            if w.candidate[i, layer].time < when:
                when, what, which = w.candidate[i, layer].time, 1, layer
        o = x.first
        while o >= 0:
            if w.pool[o].end < when:
                when, what, which = w.pool[o].end, 2, o
            o = w.pool[o].chained
        gone = churn_before(w, i, min(when, t))
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
                accrue(w, i, when)
                x.running += min(added, max(0.0, a.potential - x.running))
    look_ahead(w, i)


@inner
def held(w: World, i: int, rep: int, t: float, remote: bool) -> None:
    """A visit to account i ended at time t: goodwill rises, stages run on at their new speed."""
    x = w.state[i]
    advance(w, i, t)
    accrue(w, i, t)
    use_hazard(w, i, t)
    lift = (
        w.market.lift
        * (w.market.remote_lift if remote else 1.0)
        * ramp_of(w, rep, t)
        * (1.0 if knows(w, rep, i) else w.market.fit_lift)
    )
    g = goodwill_at(w, i, t)
    x.goodwill = g + lift * (1.0 - g)
    x.touched = t
    reschedule(w, i, t, t, x.owner)
    look_ahead(w, i)


@inner
def hand_over(w: World, i: int, owner: int, t: float, cost: bool) -> None:
    """Account i gets a new owner at time t: tenure restarts, goodwill drops by a drawn share, a drawn part of orders is at risk.

    Without `cost` only the owner changes (the gross view).
    """
    a, x = w.book[i], w.state[i]
    advance(w, i, t)
    bill(w, i, t)
    reschedule(w, i, t, x.visited, owner)
    note(w, HANDOVER, t, i, 0.0, -1)
    if cost and x.alive:
        number = x.transfers
        use_hazard(w, i, t)
        x.goodwill = goodwill_at(w, i, t) * (
            1.0 - min(1.0, 2.0 * w.market.handover_loss * uniform(w.luck.goodwill_loss, a.key, number))
        )
        x.touched = x.tenure = x.risk_since = t
        z = inverse_normal(uniform(w.luck.risk, a.key, number))
        x.risk_share = min(0.95, w.market.handover_risk + w.market.handover_risk_sd * z)
        x.risk_at = t + w.market.handover_days * exponential(w.luck.risk_time, a.key, number)
    x.transfers += 1
    look_ahead(w, i)


@kernel
def hand_over_all(w: World, t: float, cost: bool) -> None:
    """Every account whose owner is not the design's gets it."""
    for i in range(len(w.state)):
        if w.state[i].owner != w.book[i].owner:
            hand_over(w, i, w.book[i].owner, t, cost)


@kernel
def advance_all(w: World, t: float) -> None:
    """Bring every account up to time t."""
    for i in range(len(w.state)):
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
    x = w.state[i]
    if x.alive:
        open_opportunity(w, i, t, lead * 16 + 14, -1.0)
        look_ahead(w, i)
