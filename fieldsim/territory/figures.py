"""The figures of a design: books of all seats, hours, moves, imbalance, families split."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fieldsim.model import Bools, Floats, Ints
from fieldsim.territory.balanced import Task, stands
from fieldsim.territory.disruption import late_of
from fieldsim.territory.problem import apart_hours
from fieldsim.territory.reach import unreached
from fieldsim.territory.reasons import Books


def books_of(task: Task, seat: Ints, routed: Floats | None = None) -> Books:
    """All books; workload is by the routed quarter where there is one, else by the estimate.

    A vacant seat without accounts waits for a hire and has no share, nor has one that stays as it is and is empty: the others
    carry all.
    """
    rows = np.arange(len(seat))
    market, seats = task.market, len(task.seats)
    picked = market.amount[rows, seat]
    loads: Floats = np.stack([market.summed(seat, picked[:, m]) for m in range(picked.shape[1])], axis=1) + market.besides()
    service = market.visited(seat)
    if routed is not None and "workload" in market.metrics:
        loads[:, market.metrics.index("workload")] = routed + service
    count = np.bincount(seat, minlength=seats)
    part = np.where(_used(task, count), task.seats.share, 0.0)
    share = loads / loads[part > 0.0].sum(axis=0) / np.where(part > 0.0, part / part.sum(), 1.0)[:, None]
    travel = market.effort.travel[rows, seat]
    return Books(seat, share, count, travel, service)


def in_use(task: Task, books: Books) -> Bools:
    """Whether each seat has accounts, or a rep who may get some, shape [seats]."""
    return _used(task, books.accounts)


def _used(task: Task, count: Ints) -> Bools:
    used: Bools = (count > 0) | ((task.seats.rep >= 0) & ~task.market.shut)
    return used


def figures_of(task: Task, books: Books, seat: Ints, present: Ints, routed: Floats) -> dict[str, float]:
    """The figures of a whole design, see DesignResult."""
    accounts = task.scenario.accounts
    moved = present != seat
    late = moved & late_of(task.scenario)
    far = unreached(task.scenario, task.seats, task.ways, seat)
    market, rows = task.market, np.arange(len(seat))
    figures = {
        "hours": float((books.travel + market.misfit[rows, seat]).sum() + market.hand_over[moved].sum()),
        "travel_hours": float(market.driven(seat).sum()) + _mixing(task, seat),
        "routed_hours": float(routed.sum()),
        "moved_accounts": float(moved.sum()),
        "moved_revenue_share": float(accounts.revenue_last_year[moved].sum() / max(accounts.revenue_last_year.sum(), 1e-9)),
        "late_moves_share": float(late.sum() / max(1, int(moved.sum()))),
        "exceptions_share": float((market.held >= 0).mean()),
        "split_families": float(_split_families(accounts.parent, seat)),
        "unreached_accounts": float(far.sum()),
        "unreached_potential_share": float(accounts.potential[far].sum() / max(accounts.potential.sum(), 1e-9)),
    }
    for m, name in enumerate(task.market.metrics):
        figures[f"imbalance_{name}"] = float(np.abs(books.share[in_use(task, books), m] - 1.0).max())
    return figures


def _mixing(task: Task, seat: Ints) -> float:
    """Hours that accounts of others in between cost."""
    return apart_hours(task.problem, stands(task, seat))


def _split_families(parent: Sequence[str], seat: Ints) -> int:
    homes: dict[str, set[int]] = {}
    for name, where in zip(parent, seat.tolist(), strict=True):
        if name:
            homes.setdefault(name, set()).add(where)
    return sum(len(where) > 1 for where in homes.values())


def seat_row(task: Task, books: Books, t: int, routed: Floats) -> dict[str, float | str]:
    """The figures of one seat."""
    row: dict[str, float | str] = {
        "territory": task.seats.names[t],
        "accounts": float(books.accounts[t]),
        "visits_hours": float(books.service[t]),
        "travel_hours": float(task.market.driven(books.seat)[t]),
        "routed_hours": float(routed[t]),
    }
    shares = books.share[t].tolist()
    return row | {
        f"{name}_share" if name in row else name: share for name, share in zip(task.market.metrics, shares, strict=True)
    }
