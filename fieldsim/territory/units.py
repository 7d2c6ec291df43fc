"""Accounts -> units that move as one, and the arrays the search works on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from fieldsim.errors import InfeasibleError, UsageError, did_you_mean
from fieldsim.model import Bools, Design, Floats, Ints, Scenario
from fieldsim.territory.disruption import hand_over_hours
from fieldsim.territory.estimate import Effort, Ways
from fieldsim.territory.locks import Bonds, bonds_of
from fieldsim.territory.problem import Problem
from fieldsim.territory.seats import Seats

CANDIDATES = 12
"""Cheapest seats offered to a unit; its present seat is always among them."""
MONEY = ("potential", "revenue_last_year", "open_pipeline")
COLUMNS = (*MONEY, "visits", "priority")


@dataclass(frozen=True)
class Wishes:
    """What a balanced design should weigh."""

    tolerance: float = 0.05
    """Largest deviation of a seat from its share that costs nothing."""
    metrics: Mapping[str, float] = field(default_factory=lambda: {"potential": 1.0, "workload": 1.0})
    """Weights of what is balanced: potential, workload (visits and travel), accounts, or a numeric account column."""
    continuity: float = 0.15
    """Price of a moved account, hours an hour of its visits."""
    misfit: float = 0.05
    """Price of an account whose industry, segment, size or product the rep does not know, hours an hour of its visits."""
    contiguity: float = 1.0
    """Price of near accounts in different territories; 1 is what mixing adds to routed travel, 0 lets territories mix freely."""
    families: bool = True
    """Accounts with the same parent stay together."""
    regroup: bool = True
    """Families that are split today are brought together; False leaves their parts where they are unless a part moves."""
    moves: int | None = None
    """Bounds the tries of the search (default 300 an open seat of a unit and start)."""
    calibrations: int = 1
    """Rounds in which a routed quarter corrects each seat's travel estimate and the search runs again."""
    budget: int | None = None
    """Most accounts a rebalance may move."""
    revenue_budget: float | None = None
    """Most of last year's revenue a rebalance may move, a share."""
    strict: bool = False
    """Every territory in one piece on the graph of near accounts, as far as locks allow; only `balanced` keeps to it."""
    disruption: tuple[float, float, float] = (0.5, 1.0, 2.0)
    """What moving an account without activity, an active one and one with an open pipeline costs, times `continuity`."""


@dataclass(frozen=True, eq=False)
class Brief:
    """What a designer is asked for; a method leaves what it has no use for."""

    name: str
    """Of the design to be."""
    start: Design | None
    """The design that stands."""
    territories: int | None
    """How many; None: as many as there are seats."""
    vacate: Sequence[str]
    """Reps whose seats are not offered."""
    wishes: Wishes
    seed: int
    by: str | None
    """The column of a cut."""


@dataclass(frozen=True, eq=False)
class Market:
    """The accounts as a search sees them: effort, fit and present seats, before they are grouped into units."""

    seats: Seats
    effort: Effort
    metrics: tuple[str, ...]
    amount: Floats
    """Amount of each metric that an account brings to a seat, shape [accounts, seats, metrics]."""
    known: Bools
    """Whether the seat's rep knows the account's trade, shape [accounts, seats]."""
    misfit: Floats
    """Hours, shape [accounts, seats]."""
    hand_over: Floats
    """The price of moving each account, hours, shape [accounts]."""
    present: Ints
    """Seat of each account today, -1 where none of the seats has it."""
    held: Ints
    """Seat a locked account is bound to, -1 where free."""
    closed: Bools
    """Whether a seat takes no account but those bound to it, shape [seats]."""
    unit: Ints
    """Unit of each account, numbered in a canonical order that no id decides."""
    large: tuple[str, ...] = ()
    """Families that are more than a territory, whose accounts therefore go their own ways."""


def market_of(scenario: Scenario, seats: Seats, effort: Effort, start: Design | None, wishes: Wishes) -> Market:
    """Effort, fit and present seats of all accounts."""
    present = present_seats(scenario, seats, start)
    bonds = bonds_of(scenario, seats, present)
    metrics = tuple(sorted(wishes.metrics))
    pool = in_pool(scenario, start)
    amount = np.stack([_amount(scenario, effort, name, pool) for name in metrics], axis=2)
    for m, name in enumerate(metrics):
        if not amount[:, :, m].sum() > 0.0:
            raise InfeasibleError(f"'{name}' is zero for every account, so it cannot be balanced")
    known = known_trades(scenario, seats)
    misfit = wishes.misfit * effort.service[:, None] * ~known
    large = large_families(scenario, amount, len(seats)) if wishes.families else ()
    unit = units_of(scenario, bonds, present, wishes, large)
    price = hand_over_hours(scenario, effort.service, wishes.continuity, wishes.disruption)
    return Market(seats, effort, metrics, amount, known, misfit, price, present, bonds.held, bonds.closed, unit, large)


def present_seats(scenario: Scenario, seats: Seats, start: Design | None) -> Ints:
    """The seat each account is in: by the start design, else by the owner's name in the accounts file; -1 where neither."""
    if start is not None:
        at = {name: s for s, name in enumerate(seats.names)}
        seat_of = np.array([at.get(name, -1) for name in start.territories], dtype=np.int64)
        return seat_of[start.territory_of]
    by_rep = {scenario.reps[rep].id: s for s, rep in enumerate(seats.rep.tolist()) if rep >= 0}
    return np.array([by_rep.get(owner, -1) for owner in scenario.accounts.owner], dtype=np.int64)


def known_trades(scenario: Scenario, seats: Seats) -> Bools:
    """Whether the seat's rep knows an account's industry, segment, size or product; who lists no skills knows all."""
    accounts = scenario.accounts
    traits = list(zip(accounts.industry, accounts.segment, accounts.size, accounts.product, strict=True))
    known = np.ones((len(accounts), len(seats)), dtype=np.bool_)
    for s, rep in enumerate(seats.rep.tolist()):
        skills = scenario.reps[rep].skills if rep >= 0 else frozenset()
        if skills:
            known[:, s] = [not skills.isdisjoint(trait) or not any(trait) for trait in traits]
    return known


def large_families(scenario: Scenario, amount: Floats, seats: int) -> tuple[str, ...]:
    """Families that are more than a mean seat's share of any metric, so that no design with them in one piece is balanced."""
    least = amount.min(axis=1)
    whole = np.maximum(least.sum(axis=0), 1e-9)
    sums: dict[str, Floats] = {}
    for parent, part in zip(scenario.accounts.parent, least, strict=True):
        if parent:
            sums[parent] = sums.get(parent, 0.0) + part
    return tuple(sorted(parent for parent, total in sums.items() if (total * seats > whole).any()))


def units_of(scenario: Scenario, bonds: Bonds, present: Ints, wishes: Wishes, large: Sequence[str] = ()) -> Ints:
    """Unit of each account: families as one, unless their locks disagree or they are too large; then every member is its own.

    Members in a seat that takes nobody else are apart from those outside it.
    """
    accounts, held = scenario.accounts, bonds.held
    inside = np.where((held >= 0) & bonds.closed[held], held, -1).tolist()
    order = np.lexsort((accounts.visits, accounts.potential, accounts.lon, accounts.lat)).tolist()
    today = [-1] * len(accounts) if wishes.regroup else present.tolist()
    family = list(zip(accounts.parent, today, inside, strict=True))
    bound: dict[tuple[str, int, int], set[int]] = {}
    for i in order:
        if held[i] >= 0:
            bound.setdefault(family[i], set()).add(int(held[i]))
    numbers: dict[object, int] = {}
    unit = np.empty(len(accounts), dtype=np.int64)
    for i in order:
        together = (
            wishes.families and accounts.parent[i] and accounts.parent[i] not in large and len(bound.get(family[i], ())) < 2
        )
        unit[i] = numbers.setdefault(family[i] if together else i, len(numbers))
    return unit


def problem_of(scenario: Scenario, market: Market, ways: Ways, wishes: Wishes, allowed: Bools | None = None) -> Problem:
    """The market as a Problem: costs and loads summed over units, cheapest slots first, targets at the cheapest total.

    `allowed` [accounts, seats] closes seats to accounts.
    """
    hours = market.effort.travel + market.misfit + moved_hours(market)
    cost = hours_by_unit = _sum_by(market.unit, hours)
    load = np.stack([_sum_by(market.unit, market.amount[:, :, m]) for m in range(len(market.metrics))], axis=2)
    total = np.take_along_axis(load, cost.argmin(axis=1)[:, None, None], axis=1).sum(axis=(0, 1))
    load = load / (total * market.seats.share[:, None])
    if allowed is not None:
        cost = np.where(_sum_by(market.unit, (~allowed).astype(np.float64)) > 0.0, np.inf, cost)
    cost = np.where(market.closed, np.inf, cost)
    seat = _slots(market, cost)
    _all_placed(scenario, market, seat)
    near, apart = _beside(market, ways, wishes, scenario)
    rows = np.arange(len(seat))[:, None]
    return Problem(
        len(market.seats),
        seat,
        np.where(seat >= 0, hours_by_unit[rows, seat], np.inf),
        np.ascontiguousarray(np.where(seat[:, :, None] >= 0, load[rows, seat], 0.0)),
        near,
        apart,
        np.array([wishes.metrics[name] for name in market.metrics]),
        wishes.tolerance,
    )


def moved_hours(market: Market) -> Floats:
    """The price of leaving the present seat, hours, shape [accounts, seats]."""
    elsewhere = (market.present[:, None] != np.arange(len(market.seats))) & (market.present >= 0)[:, None]
    hours: Floats = market.hand_over[:, None] * elsewhere
    return hours


def in_pool(scenario: Scenario, start: Design | None) -> Floats:
    """0 for accounts whose revenue is wholly the specialists', else 1, shape [accounts].

    A shared account counts in full, because its owner's quota is credited in full.
    """
    taken = np.zeros(len(scenario.accounts))
    for overlay in start.overlays if start else ():
        taken[overlay.account] += overlay.revenue_share
    return np.where(taken >= 1.0 - 1e-9, 0.0, 1.0)


def _amount(scenario: Scenario, effort: Effort, name: str, pool: Floats) -> Floats:
    """Amount of a metric, shape [accounts, seats]; money of accounts that are out of the pool counts for nobody."""
    if name == "workload":
        return effort.travel + effort.service[:, None]
    if name == "accounts":
        return np.ones_like(effort.travel)
    if name not in COLUMNS:
        raise UsageError(f"'{name}' cannot be balanced", hint=did_you_mean(name, (*COLUMNS, "workload", "accounts")))
    column = np.asarray(getattr(scenario.accounts, name), dtype=np.float64) * (pool if name in MONEY else 1.0)
    return np.repeat(column[:, None], effort.travel.shape[1], axis=1)


def _sum_by(unit: Ints, values: Floats) -> Floats:
    """Rows of `values` added up by unit, in the units' order."""
    order = np.argsort(unit, kind="stable")
    first = np.flatnonzero(np.diff(unit[order], prepend=-1))
    summed: Floats = np.asarray(np.add.reduceat(values[order], first, axis=0), dtype=np.float64)
    return summed


def _slots(market: Market, cost: Floats) -> Ints:
    """The cheapest seats of each unit; a unit with a lock has one, the present seat of its largest member is always there."""
    width = min(CANDIDATES, len(market.seats))
    seat = np.argsort(cost, axis=1, kind="stable")[:, :width].astype(np.int64)
    for i in np.flatnonzero(market.present >= 0).tolist():
        u, s = market.unit[i], market.present[i]
        if s not in seat[u] and np.isfinite(cost[u, s]):
            seat[u, -1] = s
    seat[~np.isfinite(np.take_along_axis(cost, seat, axis=1))] = -1
    for i in np.flatnonzero(market.held >= 0).tolist():
        seat[market.unit[i]] = -1
        seat[market.unit[i], 0] = market.held[i]
    return seat


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
