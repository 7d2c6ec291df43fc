"""A scenario and a design in an order that no name decides, so that no name decides what a search finds.

Sums of the same numbers in another order differ in their last digit, and a search from there goes another way. So accounts, reps
and territories stand in the order of what they are; of some that are alike in all, names decide, and any order is as good.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, overload

import numpy as np

from fieldsim.model import Accounts, Design, Floats, Ints, Rep, Scenario, Travel
from fieldsim.territory.routed import Renumbered

NUMBERS = (
    *("lat", "lon", "potential", "visits", "visit_minutes", "remote", "revenue_last_year", "open_pipeline", "priority", "locked"),
)
FIRST = 4
"""Columns of NUMBERS that tell nearly all accounts apart."""
WORDS = ("tier", "segment", "industry", "size", "product", "city", "postal_code", "country", "opens", "pipeline_stage", "address")


@dataclass(frozen=True, eq=False)
class Nameless:
    """A scenario in that order, and the way back."""

    scenario: Scenario
    travel: Travel
    account: Ints
    """Position in the scenario as it is of each account, shape [accounts]."""
    rep: Ints
    """The same for reps."""

    def of(self, design: Design, ranks: Ints) -> Design:
        """A design of the scenario as it is, its territories in the order of `ranks`."""
        order = np.argsort(ranks, kind="stable")
        place, new = np.argsort(order), np.argsort(self.rep)
        rep_of = _of_owner(new, design.rep_of)
        at = np.argsort(self.account)
        overlays = (replace(o, account=int(at[o.account]), rep=int(new[o.rep])) for o in design.overlays)
        return Design(
            design.name,
            tuple(design.territories[t] for t in order.tolist()),
            place[design.territory_of[self.account]].astype(np.int64),
            rep_of[order],
            tuple(sorted(overlays, key=lambda o: (o.account, o.rep))),
        )

    def named(self, design: Design) -> Design:
        """A design in this order as one of the scenario as it is, territories sorted by name."""
        order = sorted(range(len(design.territories)), key=design.territories.__getitem__)
        place = np.argsort(np.array(order, dtype=np.int64))
        territory_of = np.empty(len(self.account), dtype=np.int64)
        territory_of[self.account] = place[design.territory_of]
        rep_of = _of_owner(self.rep, design.rep_of)
        overlays = (replace(o, account=int(self.account[o.account]), rep=int(self.rep[o.rep])) for o in design.overlays)
        return Design(
            design.name,
            tuple(design.territories[t] for t in order),
            territory_of,
            rep_of[order],
            tuple(sorted(overlays, key=lambda o: (o.account, o.rep))),
        )


@overload
def nameless(scenario: Scenario, travel: Travel, start: Design) -> tuple[Nameless, Design]: ...


@overload
def nameless(scenario: Scenario, travel: Travel, start: None) -> tuple[Nameless, None]: ...


def nameless(scenario: Scenario, travel: Travel, start: Design | None) -> tuple[Nameless, Design | None]:
    """The scenario and the design that stands in the order of what accounts, reps and books are."""
    accounts, like = scenario.accounts, _likeness(scenario.accounts)
    reps = _rep_ranks(scenario, start, like)
    seats = np.empty(0, dtype=np.int64)
    if start is not None:
        books = _books(start.territory_of, like, np.arange(len(start.territories)))
        keys = [(rep < 0, int(reps[rep]) if rep >= 0 else 0, books[t]) for t, rep in enumerate(start.rep_of.tolist())]
        seats = _dense(keys)
    present = _of_owner(reps, _owners(scenario)) if start is None else seats[start.territory_of]
    bound = _bound(scenario, start, reps, seats)
    order = np.lexsort((bound, present, like)).astype(np.int64)
    by_rank = np.argsort(reps, kind="stable").astype(np.int64)
    points = np.concatenate((order, len(accounts) + by_rank))
    place = np.argsort(order)
    locks = (lock if lock.account is None else replace(lock, account=int(place[lock.account])) for lock in scenario.locks)
    told = replace(
        scenario,
        accounts=_taken(accounts, order),
        reps=tuple(scenario.reps[k] for k in by_rank.tolist()),
        locks=tuple(sorted(locks, key=lambda lock: (-1 if lock.account is None else lock.account, lock.seat))),
        origins=(),
    )
    view = Nameless(told, Renumbered(travel, points), order, by_rank)
    return view, None if start is None else view.of(start, seats)


def _likeness(accounts: Accounts) -> Ints:
    """A number of each account by what it is, the same for those alike in all columns that are no names."""
    columns = [np.asarray(getattr(accounts, name)) for name in NUMBERS]
    columns += [accounts.amounts[name] for name in sorted(accounts.amounts)]
    for more in (FIRST, len(columns)):
        order, ranks = _ranked(columns[:more])
        alike = np.flatnonzero(np.diff(ranks[order]) == 0)
        if not len(alike):
            return ranks
    rows = np.unique(np.concatenate((order[alike], order[alike + 1])))
    words = [column for column in (getattr(accounts, name) for name in WORDS) if column]
    told = np.zeros(len(accounts), dtype=np.int64)
    told[rows] = _dense([tuple(column[i] for column in words) for i in rows.tolist()])
    return _ranked([ranks, told])[1]


def _ranked(columns: Sequence[Any]) -> tuple[Ints, Ints]:
    """An order by the columns, the first of them first, and the rank of each row, equal where all columns are."""
    order = np.lexsort(columns[::-1]).astype(np.int64)
    new = np.zeros(len(order), dtype=np.bool_)
    for column in columns:
        new[1:] |= column[order[1:]] != column[order[:-1]]
    ranks = np.empty(len(order), dtype=np.int64)
    ranks[order] = np.cumsum(new)
    return order, ranks


def _dense(keys: Sequence[Any]) -> Ints:
    """The rank of each key among the distinct ones."""
    rank = {key: k for k, key in enumerate(sorted(set(keys)))}
    return np.array([rank[key] for key in keys], dtype=np.int64)


def _rep_ranks(scenario: Scenario, start: Design | None, like: Ints) -> Ints:
    """The rank of each rep by what is known of the person, and among equals by the accounts that are theirs."""
    plain = _dense([_person(rep) for rep in scenario.reps])
    if len(np.unique(plain)) == len(plain):
        return plain
    owner = _owners(scenario) if start is None else start.owner
    same = np.flatnonzero(np.bincount(plain)[plain] > 1)
    books = _books(owner, like, same)
    return _dense([(int(rank), books.get(k, ())) for k, rank in enumerate(plain.tolist())])


def _person(rep: Rep) -> tuple[Any, ...]:
    days = (rep.start is not None, rep.start or 0, rep.end is not None, rep.end or 0)
    skills = tuple(sorted(rep.skills))
    return rep.lat, rep.lon, rep.capacity, rep.shift_start_s, rep.shift_end_s, *days, skills, rep.cost_per_year, rep.quota or 0.0


def _books(owner: Ints, like: Ints, wanted: Any) -> dict[int, tuple[int, ...]]:
    """What the accounts of each wanted owner are, as numbers that tell books apart."""
    order = np.lexsort((like, owner))
    first, last = np.searchsorted(owner[order], wanted), np.searchsorted(owner[order], wanted, side="right")
    return {int(k): tuple(like[order[a:b]].tolist()) for k, a, b in zip(wanted, first.tolist(), last.tolist(), strict=True)}


def _of_owner(values: Ints, owner: Ints) -> Ints:
    """What stands for each owner among `values`, -1 where there is nobody."""
    return np.where(owner >= 0, values[owner] if len(values) else -1, -1).astype(np.int64)


def _owners(scenario: Scenario) -> Ints:
    """The rep named by each account's owner column, -1 where none is."""
    ids = {rep.id: k for k, rep in enumerate(scenario.reps)}
    return np.array([ids.get(name, -1) for name in scenario.accounts.owner], dtype=np.int64)


def _bound(scenario: Scenario, start: Design | None, reps: Ints, seats: Ints) -> Ints:
    """Which seat locks.csv binds each account to: 0 none, else more by the seat's rank."""
    rank = {rep.id: int(reps[k]) for k, rep in enumerate(scenario.reps)}
    rank |= {} if start is None else {name: int(seats[t]) for t, name in enumerate(start.territories)}
    bound = np.zeros(len(scenario.accounts), dtype=np.int64)
    for lock in scenario.locks:
        if lock.account is not None:
            bound[lock.account] = 2 + rank.get(lock.seat, -1)
    return bound


def _taken(accounts: Accounts, order: Ints) -> Accounts:
    """The accounts in another order."""
    rows = order.tolist()
    columns: dict[str, Floats | tuple[str, ...]] = {}
    for field in fields(Accounts):
        column = getattr(accounts, field.name)
        if isinstance(column, np.ndarray):
            columns[field.name] = column[order]
        elif isinstance(column, tuple) and any(column):
            columns[field.name] = tuple(map(column.__getitem__, rows))
    amounts = {name: values[order] for name, values in accounts.amounts.items()}
    return replace(accounts, amounts=amounts, **columns)  # type: ignore[arg-type]
