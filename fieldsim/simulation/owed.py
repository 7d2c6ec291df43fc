"""Visits that are due again, as bits of their ordinals; the accounts that have some are listed by owner (kernels)."""

from __future__ import annotations

import numpy as np

from fieldsim.compiled import inner
from fieldsim.simulation.desk import book_row, market_row, owing_row, reps_row, spots_row, state_row
from fieldsim.simulation.nouns import Record

ORDINALS = 1024
"""A visit's index is ORDINALS x quarter + ordinal."""


@inner
def enlist(w: Record, i: int) -> None:
    """Put account i on its owner's list if a visit is due again."""
    x, a = state_row(w.state, i), book_row(w.book, i)
    if x.owed != 0 and x.owner >= 0:
        rep = reps_row(w.reps, x.owner)
        x.owed_at = rep.owing + rep.owed
        entry = owing_row(w.owing, x.owed_at)
        entry.account, entry.from_day = i, x.owed_from
        if x.owner == a.owner:
            entry.territory, entry.place = a.territory, a.local
        else:
            entry.territory, entry.place = a.taken_by, a.local_taken
            for q in range(a.spots_from, a.spots_to):
                spot = spots_row(w.spots, q)
                if spot.rep == x.owner and x.owner != a.taker:
                    entry.territory, entry.place = spot.territory, spot.place
        rep.owed += 1


@inner
def disown(w: Record, i: int) -> None:
    """Take account i off its owner's list."""
    x = state_row(w.state, i)
    if x.owed != 0 and x.owner >= 0:
        rep = reps_row(w.reps, x.owner)
        rep.owed -= 1
        last, entry = owing_row(w.owing, rep.owing + rep.owed), owing_row(w.owing, x.owed_at)
        state_row(w.state, last.account).owed_at = x.owed_at
        entry.account, entry.from_day, entry.territory, entry.place = last.account, last.from_day, last.territory, last.place


@inner
def owe(w: Record, i: int, ordinal: int, from_day: float) -> None:
    """A visit is due again from a day on; beyond 62 visits a quarter nobody keeps count."""
    x = state_row(w.state, i)
    if ordinal < 62:
        fresh = x.owed == 0
        x.owed |= np.int64(1) << np.int64(ordinal)
        x.owed_from = max(x.owed_from, int(from_day))
        if fresh:
            enlist(w, i)
        elif x.owner >= 0:
            owing_row(w.owing, x.owed_at).from_day = x.owed_from


@inner
def owe_again(w: Record, i: int, index: int, again: float, day: int) -> None:
    """A visit the customer missed is due again some days later, if they agree (`again` is their luck)."""
    if state_row(w.state, i).died > day and again < market_row(w.market, 0).rebooked:
        owe(w, i, index % ORDINALS, day + market_row(w.market, 0).rebook_days)


@inner
def take_owed(w: Record, i: int) -> int:
    """The first ordinal that is due again, which it then no longer is."""
    x = state_row(w.state, i)
    ordinal = 0
    while not (x.owed >> np.int64(ordinal)) & 1:
        ordinal += 1
    if x.owed == np.int64(1) << np.int64(ordinal):
        disown(w, i)
    x.owed &= ~(np.int64(1) << np.int64(ordinal))
    x.attempts += 1
    return ordinal
