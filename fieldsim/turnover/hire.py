"""A new hire takes the vacant seat: which accounts make a stable, well-formed first patch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fieldsim.model import Ints
from fieldsim.territory.seats import FIRST_SHARE
from fieldsim.turnover.vacancy import Vacancy


@dataclass(frozen=True)
class Patch:
    """How well-formed a book is: share of the neighbours it keeps, share of a mean seat's work, and who it was before."""

    together: float
    """Share of the eight nearest accounts that are in the patch too, mean over the patch."""
    work: float
    """Work over that of the mean seat."""
    potential: float
    familiar: float
    """Share of the patch that belonged to this seat before it fell vacant."""


def first_patch(vacancy: Vacancy, before: Ints) -> Ints:
    """Territories after a hire joins the vacant seat; `before` is where accounts were on the day it fell vacant.

    The hire gets accounts of the seat's old book, those that lie together and close to home first, until the patch has 60 % of a
    mean seat's work. Locked accounts and open pipelines stay with whoever has them now, and nothing else moves, so nobody changes
    hands for the second time without getting the seat they knew back.
    """
    accounts, task = vacancy.force.scenario.accounts, vacancy.force.task
    work = vacancy.work()
    old = (before == vacancy.territory) & ~accounts.locked
    free = old & ((accounts.open_pipeline <= 0.0) | (vacancy.territory_of == vacancy.territory))
    limit = FIRST_SHARE * float(work[np.arange(len(before)), vacancy.territory_of].sum()) / max(1, len(task.seats))
    patch = vacancy.territory_of == vacancy.territory
    near, home = task.ways.near, task.ways.home_s[:, vacancy.territory]
    while work[patch, vacancy.territory].sum() < limit and (free & ~patch).any():
        beside = patch[near].mean(axis=1) if near.shape[1] else np.zeros(len(before))
        rank = np.where(free & ~patch, home * (1.0 - 0.5 * beside), np.inf)
        patch[int(np.argmin(rank))] = True
    changed = vacancy.territory_of.copy()
    changed[patch] = vacancy.territory
    return changed


def patch_quality(vacancy: Vacancy, territory_of: Ints, before: Ints) -> Patch:
    """How well-formed the vacant seat's book is under `territory_of`."""
    mine = territory_of == vacancy.territory
    near, work = vacancy.force.task.ways.near, vacancy.work()
    potential, seats = vacancy.force.scenario.accounts.potential, max(1, len(vacancy.force.task.seats))
    total = float(work[np.arange(len(before)), territory_of].sum()) / seats
    return Patch(
        float(mine[near[mine]].mean()) if mine.any() and near.shape[1] else 0.0,
        float(work[mine, vacancy.territory].sum()) / max(total, 1e-9),
        float(potential[mine].sum()) / max(float(potential.sum()) / seats, 1e-9),
        float((before[mine] == vacancy.territory).mean()) if mine.any() else 0.0,
    )
