"""Where accounts may go when reps leave: the accounts each territory may ever visit, and each account's places in them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fieldsim.model import Design, Ints, VisitPlan
from fieldsim.simulation.nouns import SHIFTS, SPOTS, World


def places_of(design: Design, takers: Ints, shifts: Ints, plans: Sequence[VisitPlan]) -> list[Ints]:
    """For each territory its own accounts, those it may take over, then those that others' departures and shares may bring."""
    books = []
    for territory in range(len(design.territories)):
        known = np.concatenate([design.book(territory), np.flatnonzero(takers == territory)]).astype(np.int64)
        shared = [plan.territories[territory].account for plan in plans]
        more = np.unique(np.concatenate([shifts[shifts[:, 2] == territory, 1], *shared]))
        books.append(np.concatenate([known, more[~np.isin(more, known)]]).astype(np.int64))
    return books


def shifted(world: World, design: Design, books: Sequence[Ints], shifts: Ints | None) -> World:
    """The world with the changes of hands among reps who stay: rows (territory whose rep leaves, account, new territory)."""
    if shifts is None or not len(shifts):
        return world
    rep_of = design.rep_of
    rows = shifts[np.lexsort((shifts[:, 1], rep_of[shifts[:, 0]]))]
    moves = np.zeros(len(rows), dtype=SHIFTS)
    moves["account"], moves["territory"], moves["taker"] = rows[:, 1], rows[:, 2], rep_of[rows[:, 2]]
    reps, book = world.reps.copy(), world.book
    leaver, every = rep_of[rows[:, 0]], np.arange(len(reps))
    reps["shifts_from"], reps["shifts_to"] = np.searchsorted(leaver, every), np.searchsorted(leaver, every, side="right")
    pairs = np.unique(rows[:, 1:], axis=0)
    spots = np.zeros(len(pairs), dtype=SPOTS)
    spots["territory"], spots["rep"] = pairs[:, 1], rep_of[pairs[:, 1]]
    spots["place"] = [int(np.flatnonzero(books[territory] == account)[0]) for account, territory in pairs.tolist()]
    accounts = np.arange(len(book))
    book["spots_from"], book["spots_to"] = (np.searchsorted(pairs[:, 0], accounts, side=side) for side in ("left", "right"))
    return world._replace(spots=spots, shifts=moves, reps=reps)
