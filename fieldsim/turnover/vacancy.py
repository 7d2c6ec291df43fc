"""A seat falls vacant: what a hand-over policy is told and what it answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from fieldsim.model import Bools, Design, Floats, Ints, Scenario, Travel
from fieldsim.territory.balanced import Task, task_of
from fieldsim.territory.locks import kept_locks
from fieldsim.territory.units import Wishes, usual_metrics


@dataclass(frozen=True, eq=False)
class Force:
    """A scenario and a design prepared for many hand-overs: effort of every account from every seat, measured once."""

    scenario: Scenario
    design: Design
    task: Task


@dataclass(frozen=True, eq=False)
class Vacancy:
    """A territory whose rep leaves, in the force as it is that day."""

    force: Force
    territory_of: Ints
    """Territory of each account that day, shape [accounts]."""
    staffed: Bools
    """Whether each territory has a rep after the departure, shape [territories]."""
    territory: int
    seed: int = 0

    @property
    def orphans(self) -> Ints:
        """Positions of the accounts that lose their rep."""
        return np.flatnonzero(self.territory_of == self.territory).astype(np.int64)

    @property
    def takers(self) -> Ints:
        """Positions of the territories that can take accounts; one that is to stay as it is takes none."""
        return np.flatnonzero(self.staffed & ~self.force.task.market.closed).astype(np.int64)

    def work(self) -> Floats:
        """Hours a quarter of each account from each seat: visits and travel, shape [accounts, territories]."""
        effort = self.force.task.market.effort
        hours: Floats = effort.travel + effort.service[:, None]
        return hours


@dataclass(frozen=True, eq=False)
class HandOver:
    """Where the accounts go. What stays in the vacant territory waits for the next hire."""

    territory_of: Ints
    """Shape [accounts]."""
    pool_share: float = 0.0
    """Share of the waiting accounts' visits that the manager holds meanwhile."""


Policy = Callable[[Vacancy], HandOver]
"""A plain function: who gets the accounts of a territory that falls vacant. Nobody else's locked account may move."""


def open_force(scenario: Scenario, travel: Travel, design: Design) -> Force:
    """The force under a design; a second or so, once. Locks that the design does not keep to are void."""
    standing = replace(scenario, locks=kept_locks(scenario, design))
    return Force(scenario, design, task_of(standing, travel, design, Wishes(families=False, metrics=usual_metrics(scenario))))


def vacancy_of(
    force: Force, territory: int, *, territory_of: Ints | None = None, staffed: Bools | None = None, seed: int = 0
) -> Vacancy:
    """The vacancy of one territory; by default every other seat is as the design has it."""
    there = (force.design.rep_of >= 0) if staffed is None else staffed.copy()
    there[territory] = False
    return Vacancy(force, force.design.territory_of if territory_of is None else territory_of, there, territory, seed)
