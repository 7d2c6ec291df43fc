"""Units and the seats worth offering to each: a market as the problem that the search works on."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from fieldsim.errors import InfeasibleError
from fieldsim.model import Bools, Floats, Ints, Scenario
from fieldsim.territory.estimate import Ways, beyond_reach
from fieldsim.territory.problem import Problem
from fieldsim.territory.units import Market, Wishes

CANDIDATES = 12
"""Cheapest seats offered to a unit; its present seat is always among them."""
TABLE = 200_000
"""More are offered up to so many slots in all: in one town the cheapest seats of all accounts are the same few."""
WHOLE_TABLE = 400_000
"""And up to so many where territories must be in one piece: the way to what a seat needs leads through accounts far from it."""


class Anchor(NamedTuple):
    """A design that a search is to stay near: the seat of each account, and the price of leaving it, hours an hour of visits."""

    owner: Ints
    price: float


def problem_of(
    scenario: Scenario, market: Market, ways: Ways, wishes: Wishes, allowed: Bools | None = None, anchor: Anchor | None = None
) -> Problem:
    """The market as a Problem: costs and loads summed over units, cheapest slots first, targets at the cheapest total.

    `allowed` [accounts, columns] closes seats to accounts. What seats carry besides is a last unit of each seat, without
    neighbours.
    """
    hours = _sum_by(market.unit, _hours(market, anchor))
    load = np.stack([_sum_by(market.unit, market.amount[:, :, m]) for m in range(len(market.metrics))], axis=2)
    column = market.seat[np.unique(market.unit, return_index=True)[1]]
    least = np.take_along_axis(load, hours.argmin(axis=1)[:, None, None], axis=1)[:, 0]
    base = market.besides()
    target, full = _targets(market, column, load, base, least, wishes.tolerance)
    load /= target[column]
    for unit, m in full:
        load[unit, :, m] = np.where(load[unit, :, m] > 0.0, np.minimum(load[unit, :, m], 1.0), 1.0)
    cost = hours
    if allowed is not None:
        cost = np.where(_sum_by(market.unit, (~allowed).astype(np.float64)) > 0.0, np.inf, cost)
    cost = np.where(market.closed[column], np.inf, cost)
    if wishes.within_reach:
        cost = _within_reach(scenario, market, ways, cost)
    slot = _slots(market, column, cost, WHOLE_TABLE if wishes.strict else TABLE)
    _all_placed(scenario, market, slot)
    near, apart = _beside(market, ways, wishes, scenario)
    rows = np.arange(len(slot))[:, None]
    hours, load = hours[rows, slot], load[rows, slot]
    hours[slot < 0], load[slot < 0] = np.inf, 0.0  # in place: of a million accounts a copy is a tenth of the memory
    problem = Problem(
        len(market.seats),
        np.where(slot >= 0, column[rows, slot], -1),
        hours,
        np.ascontiguousarray(load),
        near,
        apart,
        np.array([wishes.metrics[name] for name in market.metrics]),
        wishes.tolerance,
        None if wishes.excess is None else wishes.excess * _worked(market),
    )
    besides = _besides(market, base / target)
    return problem if besides is None else _with_base(problem, besides)


def _besides(market: Market, load: Floats) -> Floats | None:
    """What each seat carries besides its accounts, as parts of its targets, None where nothing does.

    A closed seat without anything carries a full book, so that the mean of all is that of the seats that share out.
    """
    shut = market.shut
    if market.effort.base is None and not shut.any():
        return None
    return np.where(shut[:, None] & (load <= 0.0), 1.0, load)


def _worked(market: Market) -> float:
    """Hours that a mean seat works a quarter when each account is where it takes least travel."""
    effort = market.effort
    hours = effort.service.sum() + effort.travel.min(axis=1).sum()
    # rounded, so that the order of rows in a sum decides nothing
    return round(float(hours) / len(market.seats), 6)


def _targets(
    market: Market, column: Ints, load: Floats, base: Floats, least: Floats, tolerance: float
) -> tuple[Floats, list[tuple[int, int]]]:
    """What each seat is to carry of each metric, shape [seats, metrics], and the units that count as a full book of a metric.

    A seat is to carry its share of `least` [units, metrics] and of `base`. One that takes only the accounts bound to it is to
    carry what it has, were it nothing, and a lump, more than a seat's share alone, is a full book wherever it goes; the others
    share out the rest: else nothing would tell them apart once they are all beyond the tolerance.
    """
    part = np.where(market.closed, 0.0, market.seats.share)
    bound = np.flatnonzero((market.held >= 0) & market.closed[market.held])
    if not part.any():
        return (least.sum(axis=0) + base.sum(axis=0)) * market.seats.share[:, None], []
    unit, first = np.unique(market.unit[bound], return_index=True)
    seat = market.held[bound][first]
    there = load[unit, (column[unit] == seat[:, None]).argmax(axis=1)]
    has = base + np.stack([np.bincount(seat, there[:, m], len(base)) for m in range(base.shape[1])], axis=1)
    rest = least.sum(axis=0) - least[unit].sum(axis=0) + base[~market.closed].sum(axis=0)
    share = part / part.sum() if market.closed.any() else part
    free, targets, full = least.copy(), np.empty(base.shape), []
    free[unit] = 0.0
    for m in range(base.shape[1]):
        shared, large = _without_lumps(free[:, m], float(rest[m]), int((part > 0.0).sum()), tolerance)
        targets[:, m] = np.where(market.closed, has[:, m], shared * share)
        idle = [int(unit[seat == j][0]) for j in np.unique(seat).tolist() if has[j, m] <= 0.0]
        full += [(k, m) for k in (*large.tolist(), *idle)]
    return np.maximum(targets, 1e-9), full


def _without_lumps(amount: Floats, total: float, seats: int, tolerance: float) -> tuple[float, Ints]:
    """What all seats carry when each lump is a full book of its own, and the lumps, largest first: fewer than seats."""
    order = np.argsort(-amount, kind="stable")[: seats - 1]
    rest, count = total, 0
    while count < len(order) and amount[order[count]] > (1.0 + tolerance) * rest / (seats - count):
        rest -= float(amount[order[count]])
        count += 1
    return (rest / (seats - count) * seats if count else total), order[:count].astype(np.int64)


def _within_reach(scenario: Scenario, market: Market, ways: Ways, cost: Floats) -> Floats:
    """The costs without seats that can make none of a unit's visits in a day, where the unit is elsewhere and others can.

    A search that balances would fill up a light seat with such accounts, which no plan ever serves.
    """
    accounts = scenario.accounts
    far = beyond_reach(accounts, market.seats, ways) & (accounts.remote[:, None] < 1.0)
    near = _sum_by(market.unit, (~far | (market.present[:, None] == market.seat)).astype(np.float64)) > 0.0
    reached = np.where(near, cost, np.inf)
    costs: Floats = np.where(np.isfinite(reached).any(axis=1, keepdims=True), reached, cost)
    return costs


def _hours(market: Market, anchor: Anchor | None) -> Floats:
    """What each account costs each seat, shape [accounts, columns]."""
    hours: Floats = market.effort.travel + market.misfit + moved_hours(market)
    if market.effort.lift is not None:
        hours += market.effort.lift[:, None]
    if anchor is not None:
        hours += anchor.price * market.effort.service[:, None] * (anchor.owner[:, None] != market.seat)
    return hours


def fixed_units(problem: Problem, market: Market, seats: Ints) -> Ints:
    """The units that stand for what some seats carry besides; none where nothing does."""
    count = int(market.unit.max()) + 1
    return count + seats if problem.units > count else seats[:0]


def _with_base(problem: Problem, base: Floats) -> Problem:
    """The problem with one more unit a seat, which has no choice, costs nothing and weighs what the seat drives besides."""
    seats, width = problem.seats, problem.seat.shape[1]
    seat, cost = np.full((seats, width), -1, dtype=np.int64), np.full((seats, width), np.inf)
    load = np.zeros((seats, width, base.shape[1]))
    seat[:, 0], cost[:, 0], load[:, 0] = np.arange(seats), 0.0, base
    alone = np.full((seats, problem.near.shape[1]), -1, dtype=np.int64)
    return replace(
        problem,
        seat=np.vstack((problem.seat, seat)),
        cost=np.vstack((problem.cost, cost)),
        load=np.ascontiguousarray(np.vstack((problem.load, load))),
        near=np.vstack((problem.near, alone)),
        apart=np.vstack((problem.apart, np.zeros(alone.shape))),
    )


def moved_hours(market: Market) -> Floats:
    """The price of leaving the present seat, hours, shape [accounts, columns]."""
    elsewhere = (market.present[:, None] != market.seat) & (market.present >= 0)[:, None]
    hours: Floats = market.hand_over[:, None] * elsewhere
    return hours


def _sum_by(unit: Ints, values: Floats) -> Floats:
    """Rows of `values` added up by unit, in the units' order."""
    order = np.argsort(unit, kind="stable")
    first = np.flatnonzero(np.diff(unit[order], prepend=-1))
    summed: Floats = np.asarray(np.add.reduceat(values[order], first, axis=0), dtype=np.float64)
    return summed


def _slots(market: Market, column: Ints, cost: Floats, table: int) -> Ints:
    """The columns of the cheapest seats of each unit, about `table` of them in all, -1 behind the last one.

    A unit with a lock has one; the present seat of its members is always there, that of the last member if they differ.
    """
    width = min(max(CANDIDATES, table // len(cost)), cost.shape[1])
    slot = np.argsort(cost, axis=1, kind="stable")[:, :width].astype(np.int64)
    today = np.flatnonzero(market.present >= 0)
    unit, there = market.unit[today], market.present[today]
    meant = column[unit] == there[:, None]
    at = meant.argmax(axis=1)
    new = meant.any(axis=1) & np.isfinite(cost[unit, at]) & ~(slot[unit] == at[:, None]).any(axis=1)
    slot[unit[new], -1] = at[new]
    slot[~np.isfinite(np.take_along_axis(cost, slot, axis=1))] = -1
    held = np.flatnonzero(market.held >= 0)
    unit = market.unit[held]
    slot[unit] = -1
    slot[unit, 0] = (column[unit] == market.held[held][:, None]).argmax(axis=1)
    return slot


def _all_placed(scenario: Scenario, market: Market, seat: Ints) -> None:
    """Every unit has a seat that may take it."""
    if (seat[:, 0] < 0).any():
        lost = int(np.flatnonzero(market.unit == int(np.argmax(seat[:, 0] < 0)))[0])
        raise InfeasibleError(
            f"no seat may take account '{scenario.accounts.ids[lost]}': locks and rules close all of them to it"
        )


def _beside(market: Market, ways: Ways, wishes: Wishes, scenario: Scenario) -> tuple[Ints, Floats]:
    """Neighbouring units, both ways, and the hours a pair costs when it is torn apart.

    An account whose neighbours all belong to others costs about one more mean way to a neighbour a visit: routed quarters of
    six designs, from whole areas to fully mixed books, differ from the additive estimate by 0.9 to 1.4 times that.
    """
    visits = scenario.accounts.visits * (1.0 - scenario.accounts.remote)
    count = max(1, ways.near.shape[1])
    a = np.repeat(market.unit, ways.near.shape[1])
    b = market.unit[ways.near.ravel()]
    price = np.repeat(visits, ways.near.shape[1]) * ways.near_s.ravel() / 3600.0 * wishes.contiguity / count
    return paired(a, b, price, int(market.unit.max()) + 1)


def paired(a: Ints, b: Ints, price: Floats, units: int) -> tuple[Ints, Floats]:
    """Neighbour lists from pairs of units: symmetric, without repeats, prices of a pair added up, padded with -1."""
    keep = a != b
    key = np.minimum(a, b)[keep] * units + np.maximum(a, b)[keep]
    pairs, place = np.unique(key, return_inverse=True)
    total = np.bincount(place, price[keep], len(pairs)) if len(pairs) else np.empty(0)
    low, high = pairs // units, pairs % units
    ends, others = np.concatenate((low, high)), np.concatenate((high, low))
    prices = np.concatenate((total, total)) / 2.0
    order = np.lexsort((others, ends))
    ends, others, prices = ends[order], others[order], prices[order]
    degree = np.bincount(ends, minlength=units)
    column = np.arange(len(ends)) - np.repeat(np.cumsum(degree) - degree, degree)
    near = np.full((units, max(1, int(degree.max(initial=0)))), -1, dtype=np.int64)
    apart = np.zeros(near.shape)
    near[ends, column], apart[ends, column] = others, prices
    return near, apart
