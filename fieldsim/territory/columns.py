"""Designs cut by a column: geographic areas or segments as wholes, and the plain nearest rep."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

from fieldsim.errors import InfeasibleError, UsageError, did_you_mean
from fieldsim.model import Design, Floats, Ints, Scenario, Travel
from fieldsim.territory.balanced import Task, task_of
from fieldsim.territory.units import Brief

PLACES = ("postal_code", "city", "country")
TRAITS = ("industry", "segment", "size", "product", "tier")


def geographic(scenario: Scenario, travel: Travel, brief: Brief) -> Design:
    """Whole areas (`by`, default postal_code) go to seats: the areas with most work first, each to the seat it fits best.

    An area fits a seat that is near and still has room; the outcome is as even as whole areas allow.
    """
    task = task_of(scenario, travel, brief.start, brief.wishes, brief.territories, brief.vacate)
    return _design(task, _by_room(task, _groups(scenario, brief.by or "postal_code", PLACES + TRAITS)), brief.name, brief.start)


def segment(scenario: Scenario, travel: Travel, brief: Brief) -> Design:
    """Each value of a trait (`by`, default industry) gets seats in proportion to its work, and is shared among them by travel.

    Seats are matched to values by the reps' skills. More values than seats: the smallest values share a seat.
    """
    task = task_of(scenario, travel, brief.start, brief.wishes, brief.territories, brief.vacate)
    group = _groups(scenario, brief.by or "industry", TRAITS + PLACES)
    values = sorted(set(group))
    work = _work(task)
    weight = np.array([work[[g == value for g in group]].sum() for value in values])
    owners = _seats_for_values(task, group, values, weight)
    owner = np.empty(len(scenario.accounts), dtype=np.int64)
    for value in values:
        rows = np.flatnonzero([g == value for g in group])
        owner[rows] = _share_out(task, rows, owners[value], work)
    return _design(task, owner, brief.name, brief.start)


def nearest_rep(scenario: Scenario, travel: Travel, brief: Brief) -> Design:
    """Every account to the seat with the shortest way, whatever that does to balance: a yardstick, not a proposal."""
    task = task_of(scenario, travel, brief.start, brief.wishes, brief.territories, brief.vacate)
    return _design(task, task.ways.home_s.argmin(axis=1).astype(np.int64), brief.name, brief.start)


def _groups(scenario: Scenario, by: str, known: Sequence[str]) -> tuple[str, ...]:
    if by not in known:
        raise UsageError(f"'{by}' is no column to cut by", hint=did_you_mean(by, known) or f"known: {', '.join(known)}")
    values: tuple[str, ...] = getattr(scenario.accounts, by)
    if not all(values):
        missing = min(account for account, value in zip(scenario.accounts.ids, values, strict=True) if not value)
        raise InfeasibleError(
            f"account '{missing}' has no {by}, so a cut by {by} has no place for it", hint="name another column with --by"
        )
    return values


def _work(task: Task) -> Floats:
    """Hours of each account from its nearest seat."""
    effort = task.market.effort
    hours: Floats = effort.service + effort.travel.min(axis=1)
    return hours


def _by_room(task: Task, group: tuple[str, ...]) -> Ints:
    """Largest area first, to the seat with the least (way + price of what it would be over its share)."""
    work, values = _work(task), sorted(set(group))
    member = {value: np.flatnonzero([g == value for g in group]) for value in values}
    room = task.seats.share * work.sum()
    load = np.zeros(len(room))
    owner = np.empty(len(group), dtype=np.int64)
    for value in sorted(values, key=lambda v: (-work[member[v]].sum(), v)):
        rows = member[value]
        way = task.market.effort.travel[rows].sum(axis=0)
        over = np.maximum(0.0, (load + work[rows].sum()) / room - 1.0)
        seat = int(np.argmin(way + 4.0 * over * room))
        owner[rows] = seat
        load[seat] += work[rows].sum()
    return owner


def _seats_for_values(task: Task, group: tuple[str, ...], values: list[str], weight: Floats) -> dict[str, list[int]]:
    """Seats of each value: their number by largest remainder, at least one while seats last, who by skill and way."""
    seats = len(task.seats)
    ranked = sorted(range(len(values)), key=lambda v: (-weight[v], values[v]))
    chair_of = {v: min(r, seats - 1) for r, v in enumerate(ranked)}
    chairs = ranked[:seats]
    while len(chairs) < seats:
        chairs.append(max(ranked, key=lambda v: (weight[v] / chairs.count(v), values[v])))
    cost = np.empty((seats, seats))
    for c, v in enumerate(chairs):
        rows = np.flatnonzero([g == values[v] for g in group])
        cost[c] = (task.market.effort.travel[rows] + 20.0 * task.market.misfit[rows]).mean(axis=0)
    taken = linear_sum_assignment(cost)[1]
    owners = {v: [int(taken[c]) for c, chair in enumerate(chairs) if chair == v] for v in ranked[:seats]}
    return {values[v]: owners.get(v) or [int(taken[chair_of[v]])] for v in ranked}


def _share_out(task: Task, rows: Ints, seats: list[int], work: Floats) -> Ints:
    """Accounts of one value among its seats: nearest first, full seats last."""
    way = task.market.effort.travel[rows][:, seats]
    room = np.full(len(seats), work[rows].sum() / len(seats))
    owner = np.empty(len(rows), dtype=np.int64)
    regret = np.sort(way, axis=1)
    eager = np.argsort(-(regret[:, 1] - regret[:, 0]) if len(seats) > 1 else np.zeros(len(rows)), kind="stable")
    for i in eager.tolist():
        open_ = room > 0.0
        pick = int(np.argmin(np.where(open_, way[i], np.inf))) if open_.any() else int(np.argmax(room))
        owner[i] = seats[pick]
        room[pick] -= work[rows[i]]
    return owner


def _design(task: Task, owner: Ints, name: str, start: Design | None) -> Design:
    """The design of these owners; locks go before any cut, and who may not stay in a seat goes to the nearest that takes all."""
    held, closed = task.market.held, task.market.closed
    if closed.all() and (held < 0).any():
        raise InfeasibleError("every territory is to stay as it is, but some accounts have none")
    near = np.where(closed, np.inf, task.ways.home_s).argmin(axis=1)
    kept = np.where(held >= 0, held, np.where(closed[owner], near, owner)).astype(np.int64)
    return Design(name, task.seats.names, kept, task.seats.rep, start.overlays if start else ())
