"""The accounts as a search sees them: what each would mean to each seat, and the units that move as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from fieldsim.errors import DataError, InfeasibleError, UsageError, did_you_mean
from fieldsim.model import Accounts, Bools, Design, Floats, Ints, Scenario
from fieldsim.territory.disruption import hand_over_hours
from fieldsim.territory.estimate import Effort, Ways, column_of
from fieldsim.territory.locks import Bonds, bonds_of, shut_seats
from fieldsim.territory.reach import LEAST, add_unreached
from fieldsim.territory.seats import Seats

MONEY = ("potential", "revenue_last_year", "open_pipeline")
COLUMNS = (*MONEY, "visits", "priority", "visit_minutes", "remote")
"""Columns that are added up, and so must be numbers from 0; beside them the scenario's own."""


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
    """Rounds in which a planned quarter corrects each seat's travel estimate and the search runs again."""
    budget: int | None = None
    """Most accounts a rebalance may move."""
    revenue_budget: float | None = None
    """Most of last year's revenue a rebalance may move, a share."""
    strict: bool = False
    """Territories in one piece on the graph of near accounts, as far as locks and rules allow: balanced, hybrid, rebalance."""
    disruption: tuple[float, ...] = (0.5, 1.0, 2.0, 4.0)
    """What moving an account of each class of ACTIVITY costs, times `continuity`; each is twice as dear as the one before."""
    within_reach: bool = False
    """Nothing moves to a seat that can make none of its visits in a day, where another can: rebalance and fewest ask for it."""
    excess: float | None = None
    """What a full load beyond the tolerance costs, in hours that a mean seat works: a rebalance asks for 1, so that an hour too
    much costs as much as an hour of travel; None: so much that hardly anything else counts."""


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
    """The accounts as a search sees them: effort, fit and present seats, before they are grouped into units.

    Columns are seats; of a market too large for a table of all of them, column c of account i is the seat `seat[i, c]`.
    """

    seats: Seats
    effort: Effort
    seat: Ints
    """Seat of each column, shape [accounts, columns]."""
    metrics: tuple[str, ...]
    amount: Floats
    """Amount of each metric that an account brings to a seat, shape [accounts, columns, metrics]."""
    known: Bools
    """Whether the seat's rep knows the account's trade, shape [accounts, columns]."""
    misfit: Floats
    """The price of trades that the seat's rep does not know and of visits out of reach, hours, shape [accounts, columns]."""
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

    def carried(self, owner: Ints) -> Floats:
        """What each account brings to its seat in a design, shape [accounts, metrics]."""
        picked: Floats = self.amount[np.arange(len(owner)), column_of(self.seat, owner)]
        return picked

    def driven(self, owner: Ints) -> Floats:
        """Hours of travel of each seat in a design by the estimate, shape [seats]."""
        hours = self.summed(owner, self.effort.travel[np.arange(len(owner)), column_of(self.seat, owner)])
        return hours if self.effort.base is None else hours + self.effort.base

    def visited(self, owner: Ints) -> Floats:
        """Hours of visits of each seat in a design, those at others' accounts among them, shape [seats]."""
        hours = self.summed(owner, self.effort.service)
        return hours if self.effort.guest is None else hours + self.effort.guest

    @property
    def shut(self) -> Bools:
        """Whether a seat stays as it is and is empty, shape [seats]: it is no part of any balance."""
        return shut_seats(self.held, self.closed)

    def besides(self) -> Floats:
        """What each seat carries of each metric whatever its accounts, shape [seats, metrics]."""
        base = np.zeros((len(self.seats), len(self.metrics)))
        if "workload" in self.metrics:
            for part in (self.effort.base, self.effort.guest):
                base[:, self.metrics.index("workload")] += 0.0 if part is None else part
        return base

    def summed(self, owner: Ints, values: Floats) -> Floats:
        """The sum of each seat's accounts, shape [seats]."""
        return np.bincount(owner, values, len(self.seats)).astype(np.float64)

    def by_unit(self, owner: Ints) -> Ints:
        """The seat of each unit, the first of them where its accounts are in several: no order of rows decides."""
        seat = np.full(int(self.unit.max()) + 1, len(self.seats), dtype=np.int64)
        np.minimum.at(seat, self.unit, owner)
        return seat

    def asking(self, effort: Effort) -> Market:
        """The same accounts by another estimate of travel."""
        amount = self.amount.copy()
        if "workload" in self.metrics:
            amount[:, :, self.metrics.index("workload")] = effort.travel + effort.service[:, None]
        return replace(self, effort=effort, amount=amount)


def market_of(scenario: Scenario, ways: Ways, seats: Seats, effort: Effort, start: Design | None, wishes: Wishes) -> Market:
    """Effort, fit and present seats of all accounts."""
    present = present_seats(scenario, seats, start)
    bonds = bonds_of(scenario, seats, present)
    metrics = tuple(sorted(wishes.metrics))
    pool = in_pool(scenario, start)
    amount = np.stack([_amount(scenario, effort, name, pool) for name in metrics], axis=2)
    for m, name in enumerate(metrics):
        if not amount[:, :, m].sum() > 0.0:
            raise InfeasibleError(f"'{name}' is zero for every account, so it cannot be balanced", hint="choose with --metric")
    known = known_trades(scenario, seats, ways.seat)
    misfit = wishes.misfit * effort.service[:, None] * ~known
    add_unreached(misfit, scenario, seats, ways, effort, 0.0 if wishes.within_reach else LEAST)
    large = large_families(scenario, amount, len(seats)) if wishes.families else ()
    unit = units_of(scenario, bonds, present, wishes, large)
    price = hand_over_hours(scenario, effort.service, wishes.continuity, wishes.disruption)
    return Market(seats, effort, ways.seat, metrics, amount, known, misfit, price, present, bonds.held, bonds.closed, unit, large)


def usual_metrics(scenario: Scenario) -> Mapping[str, float]:
    """What is balanced where nobody says: potential and workload, or workload alone where no account has any potential."""
    usual = Wishes().metrics
    return usual if scenario.accounts.potential.any() else {"workload": usual["workload"]}


def check_amounts(scenario: Scenario) -> None:
    """Refuses amounts that are no numbers from 0: a scenario read from files has none, one made by hand may."""
    for column in (*COLUMNS, *scenario.accounts.amounts):
        values = _column(scenario.accounts, column)
        wrong = ~((values >= 0.0) & np.isfinite(values))
        if wrong.any():
            at = int(wrong.argmax())
            raise DataError(f"account '{scenario.accounts.ids[at]}' has {values[at]:g}, not a number from 0", column=column)


def present_seats(scenario: Scenario, seats: Seats, start: Design | None) -> Ints:
    """The seat each account is in: by the start design, else by the owner's name in the accounts file; -1 where neither."""
    if start is not None:
        at = {name: s for s, name in enumerate(seats.names)}
        seat_of = np.array([at.get(name, -1) for name in start.territories], dtype=np.int64)
        return seat_of[start.territory_of]
    by_rep = {scenario.reps[rep].id: s for s, rep in enumerate(seats.rep.tolist()) if rep >= 0}
    return np.array([by_rep.get(owner, -1) for owner in scenario.accounts.owner], dtype=np.int64)


def known_trades(scenario: Scenario, seats: Seats, column: Ints) -> Bools:
    """Whether the rep of a seat knows an account's industry, segment, size or product, shape of `column`.

    Who lists no skills knows all, and an account without any of them is known to all.
    """
    accounts = scenario.accounts
    skills = [scenario.reps[rep].skills if rep >= 0 else frozenset() for rep in seats.rep.tolist()]
    words = {word: k for k, word in enumerate(sorted(frozenset().union(*skills)))}
    if not words:
        return np.ones(column.shape, dtype=np.bool_)
    has = np.zeros((len(seats), len(words) + 1), dtype=np.bool_)
    for s, known in enumerate(skills):
        has[s, [words[word] for word in known]] = True
    all_round = ~has.any(axis=1)
    told: Bools = np.zeros(len(accounts), dtype=np.bool_)
    found: Bools = np.take(all_round, column)
    for trait in (accounts.industry, accounts.segment, accounts.size, accounts.product):
        told |= np.array([bool(word) for word in trait])
        found |= has[column, np.array([words.get(word, len(words)) for word in trait])[:, None]]
    return found | ~told[:, None]


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
    if not (wishes.families and any(accounts.parent)):
        alone = np.empty(len(accounts), dtype=np.int64)
        alone[canonical(accounts)] = np.arange(len(accounts))
        return alone
    inside = np.where((held >= 0) & bonds.closed[held], held, -1).tolist()
    order = canonical(accounts).tolist()
    today = [-1] * len(accounts) if wishes.regroup else present.tolist()
    family = list(zip(accounts.parent, today, inside, strict=True))
    bound: dict[tuple[str, int, int], set[int]] = {}
    for i in order:
        if held[i] >= 0:
            bound.setdefault(family[i], set()).add(int(held[i]))
    numbers: dict[object, int] = {}
    unit = np.empty(len(accounts), dtype=np.int64)
    for i in order:
        together = accounts.parent[i] and accounts.parent[i] not in large and len(bound.get(family[i], ())) < 2
        unit[i] = numbers.setdefault(family[i] if together else i, len(numbers))
    return unit


def canonical(accounts: Accounts) -> Ints:
    """The accounts in an order that no id and no order of rows decides."""
    order: Ints = np.lexsort((accounts.visits, accounts.potential, accounts.lon, accounts.lat)).astype(np.int64)
    return order


def in_pool(scenario: Scenario, start: Design | None) -> Floats:
    """0 for accounts whose revenue is wholly the specialists', else 1, shape [accounts].

    A shared account counts in full, because its owner's quota is credited in full.
    """
    taken = np.zeros(len(scenario.accounts))
    for overlay in start.overlays if start else ():
        taken[overlay.account] += overlay.revenue_share
    return np.where(taken >= 1.0 - 1e-9, 0.0, 1.0)


def _amount(scenario: Scenario, effort: Effort, name: str, pool: Floats) -> Floats:
    """Amount of a metric, shape [accounts, columns]; money of accounts that are out of the pool counts for nobody."""
    if name == "workload":
        return effort.travel + effort.service[:, None]
    if name == "accounts":
        return np.ones_like(effort.travel)
    if name not in (*COLUMNS, *scenario.accounts.amounts):
        known = (*COLUMNS, *scenario.accounts.amounts, "workload", "accounts")
        raise UsageError(f"'{name}' cannot be balanced", hint=did_you_mean(name, known) or f"known: {', '.join(known)}")
    column = _column(scenario.accounts, name) * (pool if name in MONEY else 1.0)
    return np.repeat(column[:, None], effort.travel.shape[1], axis=1)


def _column(accounts: Accounts, name: str) -> Floats:
    """A column of numbers, ours or the scenario's own."""
    own = accounts.amounts.get(name)
    return np.asarray(getattr(accounts, name) if own is None else own, dtype=np.float64)
