"""Hand-over policies: plain functions from a vacancy to new territories, and the table that names them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fieldsim.model import Floats, Ints
from fieldsim.territory.problem import Problem
from fieldsim.territory.search import solve
from fieldsim.territory.slots import paired
from fieldsim.turnover.vacancy import HandOver, Policy, Vacancy

TOLERANCE = 0.05
TRIES = 40
"""Tries of the search for each orphan and taker."""
CONTINUITY = 0.6
"""Hours an hour of visits that moving somebody else's account costs when everything is optimised again."""
MANAGER_SHARE = 0.25
"""Share of the visits due that a manager finds time for."""
LIKENESS = 2.0
"""How many times the way a rep with nothing in common with the last one seems to live from an account."""


def vacant(vacancy: Vacancy) -> HandOver:
    """Nobody takes over: the book waits for the next hire."""
    return HandOver(vacancy.territory_of)


def pool(vacancy: Vacancy) -> HandOver:
    """The book waits, and managers hold a quarter of its visits as far as they have time; their hours and way are charged."""
    return HandOver(vacancy.territory_of, MANAGER_SHARE)


def nearest_rep(vacancy: Vacancy) -> HandOver:
    """The whole book to the rep who reaches it with the least travel."""
    orphans, takers = vacancy.orphans, vacancy.takers
    if not len(orphans) or not len(takers):
        return vacant(vacancy)
    travel = vacancy.force.task.market.effort.travel[orphans][:, takers].sum(axis=0)
    return _given(vacancy, orphans, np.full(len(orphans), takers[np.argmin(travel)]))


def nearest(vacancy: Vacancy) -> HandOver:
    """Each account to the rep who lives closest."""
    orphans, takers = vacancy.orphans, vacancy.takers
    if not len(orphans) or not len(takers):
        return vacant(vacancy)
    way = vacancy.force.task.ways.home_s[orphans][:, takers]
    return _given(vacancy, orphans, takers[np.argmin(way, axis=1)])


def balanced(vacancy: Vacancy) -> HandOver:
    """Only the orphans move, each to a rep near it who has room, so that potential and workload end up even."""
    orphans, takers = vacancy.orphans, vacancy.takers
    if not len(orphans) or not len(takers):
        return vacant(vacancy)
    problem = _orphans_only(vacancy, orphans, takers)
    split = solve(problem, seed=vacancy.seed, moves=TRIES * len(orphans) * len(takers))
    taken = problem.seat[np.arange(len(orphans)), split.slot[: len(orphans)]]
    return _given(vacancy, orphans, takers[taken])


def reoptimise(vacancy: Vacancy) -> HandOver:
    """All accounts of takers and leaver may move; moving a taker's own costs 0.6 hours an hour of visits."""
    orphans, takers = vacancy.orphans, vacancy.takers
    if not len(orphans) or not len(takers):
        return vacant(vacancy)
    every = np.flatnonzero(np.isin(vacancy.territory_of, [vacancy.territory, *takers.tolist()])).astype(np.int64)
    problem = _everybody(vacancy, every, takers)
    split = solve(problem, seed=vacancy.seed)
    taken = problem.seat[np.arange(len(every)), split.slot[: len(every)]]
    return _given(vacancy, every, takers[taken])


def similar(vacancy: Vacancy) -> HandOver:
    """Each account to the rep most like its last one in skills among those who live near: likeness stretches the way."""
    orphans, takers = vacancy.orphans, vacancy.takers
    if not len(orphans) or not len(takers):
        return vacant(vacancy)
    way = vacancy.force.task.ways.home_s[orphans][:, takers]
    likeness = np.array([_likeness(vacancy, int(taker)) for taker in takers])
    return _given(vacancy, orphans, takers[np.argmin(way * (1.0 + (LIKENESS - 1.0) * (1.0 - likeness)), axis=1)])


POLICIES: Mapping[str, Policy] = {
    "balanced": balanced,
    "nearest": nearest,
    "nearest_rep": nearest_rep,
    "pool": pool,
    "reoptimise": reoptimise,
    "similar": similar,
    "vacant": vacant,
}


def _given(vacancy: Vacancy, accounts: Ints, territories: Ints) -> HandOver:
    changed = vacancy.territory_of.copy()
    changed[accounts] = territories
    return HandOver(changed)


def _likeness(vacancy: Vacancy, taker: int) -> float:
    """Shared skills over all skills of the two reps; 1 where neither lists any."""
    rep_of, reps = vacancy.force.design.rep_of, vacancy.force.scenario.reps
    last = reps[rep_of[vacancy.territory]].skills if rep_of[vacancy.territory] >= 0 else frozenset()
    other = reps[rep_of[taker]].skills
    return len(last & other) / len(last | other) if last | other else 1.0


def _orphans_only(vacancy: Vacancy, orphans: Ints, takers: Ints) -> Problem:
    """The orphans as free units, and for each taker one fixed unit that carries what it has."""
    market, k = vacancy.force.task.market, len(takers)
    free = market.amount[orphans][:, takers]
    base = market.besides()[takers]
    for t, taker in enumerate(takers.tolist()):
        base[t] += market.amount[vacancy.territory_of == taker, taker].sum(axis=0)
    target = _targets(vacancy, takers, base.sum(axis=0) + free.min(axis=1).sum(axis=0))
    seat = np.vstack((np.tile(np.arange(k, dtype=np.int64), (len(orphans), 1)), _only(np.arange(k, dtype=np.int64), k)))
    cost = np.vstack((market.effort.travel[orphans][:, takers] + market.misfit[orphans][:, takers], np.zeros((k, k))))
    cost[seat < 0] = np.inf
    load = np.zeros((len(seat), k, free.shape[2]))
    load[: len(orphans)] = free / target
    load[len(orphans) :, 0] = base / target
    near, apart = paired(*_neighbours(vacancy, orphans), len(seat))
    return Problem(k, seat, cost, np.ascontiguousarray(load), near, apart, np.ones(free.shape[2]), TOLERANCE)


def _everybody(vacancy: Vacancy, accounts: Ints, takers: Ints) -> Problem:
    """These accounts as units; locked ones fixed, orphans free of the price of moving; what takers carry besides is fixed too."""
    market, k, n = vacancy.force.task.market, len(takers), len(accounts)
    effort, here = market.effort, vacancy.territory_of[accounts]
    amount = market.amount[accounts][:, takers]
    base = market.besides()[takers]
    target = _targets(vacancy, takers, base.sum(axis=0) + amount.min(axis=1).sum(axis=0))
    moved = (here[:, None] != takers) & (here != vacancy.territory)[:, None]
    hours = effort.travel[accounts][:, takers] + market.misfit[accounts][:, takers]
    cost = hours + CONTINUITY * effort.service[accounts][:, None] * moved
    seat = np.tile(np.arange(k, dtype=np.int64), (n, 1))
    load = amount / target
    at = {int(taker): t for t, taker in enumerate(takers)}
    for i in np.flatnonzero(market.held[accounts] >= 0).tolist():
        t = at.get(int(here[i]))
        if t is not None:
            cost[i, 0], load[i, 0] = cost[i, t], load[i, t]
            seat[i], seat[i, 0] = -1, t
    if base.any():
        fixed = np.zeros((k, k, base.shape[1]))
        fixed[:, 0] = base / target
        seat, cost = np.vstack((seat, _only(np.arange(k, dtype=np.int64), k))), np.vstack((cost, np.zeros((k, k))))
        load = np.vstack((load, fixed))
    cost, load = np.where(seat >= 0, cost, np.inf), np.where(seat[:, :, None] >= 0, load, 0.0)
    near, apart = paired(*_neighbours(vacancy, accounts), len(seat))
    return Problem(k, seat, cost, np.ascontiguousarray(load), near, apart, np.ones(load.shape[2]), TOLERANCE)


def _targets(vacancy: Vacancy, takers: Ints, total: Floats) -> Floats:
    """Target of each taker and metric, shape [takers, metrics]."""
    share = vacancy.force.task.seats.share[takers]
    targets: Floats = total * (share / share.sum())[:, None]
    return targets


def _only(seats: Ints, width: int) -> Ints:
    only = np.full((len(seats), width), -1, dtype=np.int64)
    only[:, 0] = seats
    return only


def _neighbours(vacancy: Vacancy, accounts: Ints) -> tuple[Ints, Ints, Floats]:
    """Pairs of near accounts among the given ones and the hours that tearing each pair apart costs."""
    task = vacancy.force.task
    place = np.full(len(vacancy.territory_of), -1, dtype=np.int64)
    place[accounts] = np.arange(len(accounts))
    near, seconds = task.ways.near[accounts], task.ways.near_s[accounts]
    known = vacancy.force.scenario.accounts
    visits = (known.visits * (1.0 - known.remote))[accounts]
    price = visits[:, None] * seconds / 3600.0 / max(1, near.shape[1])
    a = np.repeat(np.arange(len(accounts), dtype=np.int64), near.shape[1])
    b = place[near.ravel()]
    return a[b >= 0], b[b >= 0], price.ravel()[b >= 0]


def loads_after(vacancy: Vacancy, hand: HandOver) -> Floats:
    """Loads of the staffed seats after a hand-over as shares of their targets, shape [takers, metrics]."""
    market, takers = vacancy.force.task.market, vacancy.takers
    loads = market.besides()[takers] + np.array([market.amount[hand.territory_of == t, t].sum(axis=0) for t in takers.tolist()])
    share = vacancy.force.task.seats.share[takers]
    shares: Floats = loads / loads.sum(axis=0) / (share / share.sum())[:, None]
    return shares
