"""What a design changes against the one that stands: moves with reasons in numbers, and the figures of the whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from fieldsim.errors import UsageError
from fieldsim.model import Design, Floats, Ints, Scenario, Travel
from fieldsim.territory.balanced import Task, calibrated, own_share, task_of
from fieldsim.territory.bound import Bound, lower_bound
from fieldsim.territory.disruption import ACTIVITY, activity_of, classes_of, late_of
from fieldsim.territory.hybrid import pools_of
from fieldsim.territory.locks import broken_locks, kept_locks
from fieldsim.territory.prices import find_prices
from fieldsim.territory.problem import apart_hours
from fieldsim.territory.reasons import Books, reasons_of
from fieldsim.territory.routed import routed_hours
from fieldsim.territory.units import Wishes
from fieldsim.territory.whole import apart


@dataclass(frozen=True)
class Move:
    """One account that changes territory, and why."""

    account: str
    from_territory: str
    """Empty where nobody had it."""
    to_territory: str
    activity: str
    """One of ACTIVITY: the cheap moves come first in a result."""
    revenue: float
    """Revenue of last year that changes hands."""
    travel_hours: float
    """Travel a quarter by the estimate, after less before: negative is saved."""
    cost_hours: float
    """The price of the hand-over, hours."""
    reasons: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class DesignResult:
    """A design with its moves, cheapest class first, and its figures beside those of the design that stands."""

    design: Design
    moves: tuple[Move, ...]
    metrics: Mapping[str, float]
    """hours (travel, misfit and moves by the estimate, to hold against the bound), travel_hours (estimate, mixing included),
    routed_hours (a roughly planned quarter, to whose sum the estimate is scaled), moved_accounts, moved_revenue_share,
    late_moves_share (with an open pipeline that is late, or whose stage is not known), exceptions_share (accounts bound by a
    lock; from 10 to 15 % on a design is made of exceptions), split_families, and imbalance_NAME: the largest deviation of a
    seat from its share, workload as routed."""
    before: Mapping[str, float]
    """The same for the design that stands; empty where there is none."""
    seats: tuple[Mapping[str, float | str], ...]
    """Per territory: territory, accounts, visits_hours, travel_hours, routed_hours and the share of target of each metric."""
    bound: Bound | None
    """Least hours (travel, misfit, moves) that any design within the tolerance can have; None where it was not asked for."""
    notes: tuple[str, ...]
    """Why the tolerance is not met, where it is not, and which locks the design does not keep."""
    classes: tuple[str, ...] = ACTIVITY[:-1]
    """The classes of ACTIVITY that the accounts' columns tell apart."""


def explain_design(
    scenario: Scenario,
    travel: Travel,
    design: Design,
    start: Design | None = None,
    *,
    wishes: Wishes | None = None,
    bound: bool = False,
) -> DesignResult:
    """Moves, reasons and figures of a design against `start`; `bound` adds the lower bound of its problem (a second or so)."""
    wishes = wishes or Wishes()
    standing = replace(scenario, locks=kept_locks(scenario, design))
    task = task_of(standing, travel, _seated(design, start), wishes)
    if task.seats.names != design.territories:
        raise UsageError(f"design '{design.name}' has other territories than its seats")
    present = _present(design, start)
    task = calibrated(task, travel, design, _seated(design, start), wishes, by_seat=False)
    routed = routed_hours(scenario, travel, design, task.seats, own_share(scenario, design))
    books = _books(task, design.territory_of, routed)
    moves = _moves(task, design, start, present, books)
    before: Mapping[str, float] = {}
    if start is not None and (present >= 0).all():
        old = Design(start.name, design.territories, present, design.rep_of, start.overlays)
        old_routed = routed_hours(scenario, travel, old, task.seats, own_share(scenario, old))
        before = _figures(task, _books(task, present, old_routed), present, present, old_routed)
    return DesignResult(
        design,
        moves,
        _figures(task, books, design.territory_of, present, routed),
        before,
        tuple(_seat_row(task, books, t, routed) for t in range(len(task.seats))),
        lower_bound(task.problem) if bound else None,
        (*_notes(task, books, wishes), *(() if start is None else broken_locks(scenario, design, start))),
        classes_of(scenario),
    )


def explain_account(result: DesignResult, account: str) -> str:
    """One account's move in plain words."""
    for move in result.moves:
        if move.account == account:
            return f"{account}: {move.from_territory or 'nobody'} -> {move.to_territory}: {'; '.join(move.reasons)}"
    return f"{account}: stays where it is"


def _seated(design: Design, start: Design | None) -> Design:
    """The seats of `design`, with the accounts where `start` has them: what the design was made from."""
    present = _present(design, start)
    return Design(
        design.name, design.territories, np.where(present >= 0, present, design.territory_of), design.rep_of, design.overlays
    )


def _present(design: Design, start: Design | None) -> Ints:
    """The territory of `design` that each account was in under `start`: same name, else same rep; -1 where it is gone."""
    if start is None:
        return design.territory_of
    by_name = {name: t for t, name in enumerate(design.territories)}
    by_rep = {rep: t for t, rep in enumerate(design.rep_of.tolist()) if rep >= 0}
    pairs = zip(start.territories, start.rep_of.tolist(), strict=True)
    seat = np.array([by_name.get(name, by_rep.get(rep, -1)) for name, rep in pairs], dtype=np.int64)
    return seat[start.territory_of]


def _books(task: Task, seat: Ints, routed: Floats | None = None) -> Books:
    """All books; workload is by the routed quarter where there is one, else by the estimate."""
    rows = np.arange(len(seat))
    market, seats = task.market, len(task.seats)
    picked = market.amount[rows, seat]
    columns = [np.bincount(seat, picked[:, m], seats) for m in range(picked.shape[1])]
    loads: Floats = np.stack(columns, axis=1).astype(np.float64)
    service = np.bincount(seat, market.effort.service, seats).astype(np.float64)
    if routed is not None and "workload" in market.metrics:
        loads[:, market.metrics.index("workload")] = routed + service
    share = loads / loads.sum(axis=0) / task.seats.share[:, None]
    travel = market.effort.travel[rows, seat]
    return Books(
        seat,
        share,
        np.bincount(seat, minlength=seats),
        travel,
        np.bincount(seat, market.effort.service, seats).astype(np.float64),
    )


def _moves(task: Task, design: Design, start: Design | None, present: Ints, books: Books) -> tuple[Move, ...]:
    accounts = task.scenario.accounts
    if start is None:
        return ()
    old = _books(task, np.where(present >= 0, present, design.territory_of))
    sizes = np.bincount(start.territory_of, minlength=len(start.territories))
    kind = activity_of(task.scenario)
    moves = []
    for i in np.flatnonzero(present != design.territory_of).tolist():
        a, b = int(present[i]), int(design.territory_of[i])
        saved = float(task.market.effort.travel[i, b] - task.market.effort.travel[i, a]) if a >= 0 else 0.0
        moves.append(
            Move(
                accounts.ids[i],
                start.territories[int(start.territory_of[i])],
                design.territories[b],
                ACTIVITY[kind[i]],
                float(accounts.revenue_last_year[i]),
                saved,
                float(task.market.hand_over[i]),
                reasons_of(
                    task, i, a, b, old, books, start.territories[int(start.territory_of[i])], int(sizes[start.territory_of[i]])
                ),
            )
        )
    return tuple(sorted(moves, key=lambda m: (ACTIVITY.index(m.activity), m.cost_hours + m.travel_hours, m.account)))


def _figures(task: Task, books: Books, seat: Ints, present: Ints, routed: Floats) -> dict[str, float]:
    accounts = task.scenario.accounts
    moved = present != seat
    late = moved & late_of(task.scenario)
    market, rows = task.market, np.arange(len(seat))
    figures = {
        "hours": float((books.travel + market.misfit[rows, seat]).sum() + market.hand_over[moved].sum()),
        "travel_hours": float(books.travel.sum()) + _mixing(task, seat),
        "routed_hours": float(routed.sum()),
        "moved_accounts": float(moved.sum()),
        "moved_revenue_share": float(accounts.revenue_last_year[moved].sum() / max(accounts.revenue_last_year.sum(), 1e-9)),
        "late_moves_share": float(late.sum() / max(1, int(moved.sum()))),
        "exceptions_share": float((market.held >= 0).mean()),
        "split_families": float(_split_families(accounts.parent, seat)),
    }
    for m, name in enumerate(task.market.metrics):
        figures[f"imbalance_{name}"] = float(np.abs(books.share[:, m] - 1.0).max())
    return figures


def _mixing(task: Task, seat: Ints) -> float:
    """Hours that accounts of others in between cost, of the units' first members."""
    first = np.full(task.problem.units, -1, dtype=np.int64)
    first[task.market.unit[::-1]] = seat[::-1]
    return apart_hours(task.problem, first)


def _split_families(parent: Sequence[str], seat: Ints) -> int:
    homes: dict[str, set[int]] = {}
    for name, where in zip(parent, seat.tolist(), strict=True):
        if name:
            homes.setdefault(name, set()).add(where)
    return sum(len(where) > 1 for where in homes.values())


def _seat_row(task: Task, books: Books, t: int, routed: Floats) -> dict[str, float | str]:
    row: dict[str, float | str] = {
        "territory": task.seats.names[t],
        "accounts": float(books.accounts[t]),
        "visits_hours": float(books.service[t]),
        "travel_hours": float(books.travel[books.seat == t].sum()),
        "routed_hours": float(routed[t]),
    }
    return row | {name: float(books.share[t, m]) for m, name in enumerate(task.market.metrics)}


def _notes(task: Task, books: Books, wishes: Wishes) -> tuple[str, ...]:
    """Families too large for one territory; for each seat beyond the tolerance by how much, and what stands in the way."""
    notes = [f"family '{name}' is more than a territory: its accounts go their own ways" for name in task.market.large]
    if wishes.strict:
        accounts, pools = task.scenario.accounts, pools_of(task.scenario, task.seats, books.seat)
        if stray := apart(accounts, task.market.unit, books.seat, pools):
            notes.append(
                f"{stray} accounts lie apart from their territory: locks, rules, a budget or distant seats leave no other way"
            )
    out = np.argwhere(np.abs(books.share - 1.0) > wishes.tolerance + 0.002).tolist()
    prices = find_prices(task.problem) if out else np.empty(0)
    for t, m in out:
        name, share = task.market.metrics[m], float(books.share[t, m])
        amount = task.market.amount[:, t, m]
        target = task.seats.share[t] * sum(float(task.market.amount[books.seat == s, s, m].sum()) for s in range(len(task.seats)))
        unit = np.bincount(task.market.unit, amount)
        held = float(amount[task.market.held == t].sum() / target)
        largest = float(unit[task.market.unit[books.seat == t]].max() / target) if books.accounts[t] else 0.0
        lump = f", its largest account or family alone is {largest:.0%}" if largest > 2 * wishes.tolerance else ""
        locked = f", its locked accounts alone are {held:.0%}" if held > 0.3 else ""
        dear = f", and each 1 % costs {abs(prices[t, m]) / 100.0:.1f} h a quarter" if abs(prices[t, m]) > 10.0 else ""
        notes.append(f"{task.seats.names[t]} has {share:.0%} of its share of {name}{locked or lump or dear}")
    return tuple(notes)
