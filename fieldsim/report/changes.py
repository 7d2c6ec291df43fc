"""What a design changes for whom, against the design in force: per rep what comes, what goes, and from or to whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from fieldsim.model import Bools, Design, Ints, Scenario


@dataclass(frozen=True)
class Share:
    """Accounts with their potential a year, last year's revenue and open pipeline."""

    accounts: int
    potential: float
    revenue: float
    pipeline: float


@dataclass(frozen=True)
class SeatChange:
    """One rep before and after; `to` and `from_` count the accounts by the other rep's position, -1 a vacant seat."""

    rep: int
    before: Share
    after: Share
    lost: Share
    gained: Share
    to: Mapping[int, int]
    from_: Mapping[int, int]


@dataclass(frozen=True, eq=False)
class DesignChange:
    """A whole design against the one in force: the accounts that change hands, their sum, the whole book, and each rep."""

    moved: Ints
    """Accounts by open pipeline, then revenue, the largest first."""
    sum: Share
    book: Share
    seats: tuple[SeatChange, ...]


def design_change(scenario: Scenario, base: Design, design: Design) -> DesignChange:
    """Compares the owners of every account; a territory that only changes its name changes nothing."""
    old, new = base.owner, design.owner
    moves = old != new
    everybody = np.ones(len(old), dtype=np.bool_)
    book = scenario.accounts
    order = np.lexsort((np.arange(len(old)), -book.revenue_last_year, -book.open_pipeline))
    reps = sorted({*old.tolist(), *new.tolist()} - {-1})
    seats = tuple(_seat(scenario, rep, old, new) for rep in reps)
    return DesignChange(order[moves[order]].astype(np.int64), _share(scenario, moves), _share(scenario, everybody), seats)


def _seat(scenario: Scenario, rep: int, old: Ints, new: Ints) -> SeatChange:
    had, has = old == rep, new == rep
    lost, gained = had & ~has, has & ~had
    before, after, gives, takes = (_share(scenario, rows) for rows in (had, has, lost, gained))
    return SeatChange(rep, before, after, gives, takes, _counted(new[lost]), _counted(old[gained]))


def _share(scenario: Scenario, rows: Bools) -> Share:
    book = scenario.accounts
    sums = (float(values[rows].sum()) for values in (book.potential, book.revenue_last_year, book.open_pipeline))
    return Share(int(rows.sum()), *sums)


def _counted(reps: Ints) -> dict[int, int]:
    """How many of each, the most first."""
    return dict(sorted(Counter(reps.tolist()).items(), key=lambda item: (-item[1], item[0])))
