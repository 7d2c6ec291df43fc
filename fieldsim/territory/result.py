"""What a design changes against the one that stands: moves with reasons in numbers, and the figures of the whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from fieldsim.errors import UsageError
from fieldsim.model import Design, Ints, Scenario, Travel
from fieldsim.territory.balanced import Task, calibrated, scaled, stands, task_of, whole
from fieldsim.territory.bound import Bound, lower_bound
from fieldsim.territory.disruption import ACTIVITY, activity_of, classes_of
from fieldsim.territory.figures import books_of, figures_of, seat_row
from fieldsim.territory.locks import broken_locks, kept_locks
from fieldsim.territory.notes import notes_of
from fieldsim.territory.problem import slots_of
from fieldsim.territory.reasons import Books, reasons_of
from fieldsim.territory.routed import routed_hours
from fieldsim.territory.units import Wishes, usual_metrics


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
    lock; from 10 to 15 % on a design is made of exceptions), split_families, unreached_accounts and their
    unreached_potential_share (no visit fits into their rep's day), and imbalance_NAME: the largest deviation of a seat from
    its share, workload as routed."""
    before: Mapping[str, float]
    """The same for the design that stands; empty where there is none."""
    seats: tuple[Mapping[str, float | str], ...]
    """Per territory: territory, accounts, visits_hours, travel_hours, routed_hours and the share of target of each metric by its
    name (that of the number of accounts: accounts_share)."""
    bound: Bound | None
    """Least hours (travel, misfit, moves) that any design within the tolerance can have, or any as even as this one where it is
    not; None where it was not asked for."""
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
    by_hand: bool = False,
) -> DesignResult:
    """Moves, reasons and figures of a design against `start`; `bound` adds the lower bound of its problem (a second or so).

    `by_hand` says that `start` was split, merged or the like and nobody looked for balance, so that the notes tell that.
    """
    wishes = wishes or Wishes(metrics=usual_metrics(scenario))
    standing = replace(scenario, locks=kept_locks(scenario, design))
    task = task_of(standing, travel, _seated(design, start), wishes)
    if task.seats.names != design.territories:
        raise UsageError(f"design '{design.name}' has other territories than its seats")
    present = _present(design, start)
    plain = task
    task = calibrated(plain, travel, design, _seated(design, start), wishes)
    routed = routed_hours(scenario, travel, design, task.seats, task.market.driven(design.territory_of))
    books = books_of(task, design.territory_of, routed)
    moves = _moves(task, travel, design, start, present, books)
    before = {} if start is None else _before(plain, travel, design, start, present, wishes)
    return DesignResult(
        design,
        moves,
        figures_of(task, books, design.territory_of, present, routed),
        before,
        tuple(seat_row(task, books, t, routed) for t in range(len(task.seats))),
        _bound(_holding(task, design, _seated(design, start), wishes), design) if bound else None,
        (
            *notes_of(task, books, wishes, present, by_hand=by_hand),
            *(() if start is None else broken_locks(scenario, design, start)),
        ),
        classes_of(scenario),
    )


def _holding(task: Task, design: Design, start: Design, wishes: Wishes) -> Task:
    """The task, with families apart as far as the design has them apart: a bound for families in one hand says nothing of it."""
    for freer in (replace(wishes, regroup=False), replace(wishes, families=False)):
        if whole(task, design.territory_of):
            break
        task = scaled(task, task.factor, start, freer, design.territory_of)
    return task


def _bound(task: Task, design: Design) -> Bound:
    """The bound of a design's problem, for designs as even as it is where it is out of tolerance."""
    slot = slots_of(task.problem, stands(task, design.territory_of))
    return lower_bound(task.problem, slot if (slot >= 0).all() else None)


def explain_account(result: DesignResult, account: str) -> str:
    """One account's move in plain words."""
    for move in result.moves:
        if move.account == account:
            return f"{account}: {move.from_territory or 'nobody'} -> {move.to_territory}: {'; '.join(move.reasons)}"
    return f"{account}: stays where it is"


def _before(plain: Task, travel: Travel, design: Design, start: Design, present: Ints, wishes: Wishes) -> Mapping[str, float]:
    """The figures of the design that stands, by an estimate scaled to its own planned quarter, on its own seats."""
    old, task = start, plain
    if start.territories == design.territories:
        old = Design(start.name, design.territories, present, design.rep_of, start.overlays)
    else:
        task = task_of(replace(plain.scenario, locks=kept_locks(plain.scenario, start)), travel, old, wishes)
    task = calibrated(task, travel, old, old, wishes)
    where = old.territory_of
    routed = routed_hours(task.scenario, travel, old, task.seats, task.market.driven(where))
    return figures_of(task, books_of(task, where, routed), where, where, routed)


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


def _moves(task: Task, travel: Travel, design: Design, start: Design | None, present: Ints, books: Books) -> tuple[Move, ...]:
    accounts = task.scenario.accounts
    if start is None or (present == design.territory_of).all():
        return ()
    stood = replace(design, territory_of=np.where(present >= 0, present, design.territory_of))
    guess = task.market.driven(stood.territory_of)
    old = books_of(task, stood.territory_of, routed_hours(task.scenario, travel, stood, task.seats, guess))
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
