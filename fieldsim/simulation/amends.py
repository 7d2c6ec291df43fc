"""Visits not held: written down, due again where rep or customer wants it, made up when a day has time left (kernels)."""

from __future__ import annotations

import numpy as np

from fieldsim.luck import uniform
from fieldsim.simulation.compiled import inner
from fieldsim.simulation.moves import leg_s, start_at
from fieldsim.simulation.nouns import DROPPED, Field, Record, World
from fieldsim.simulation.records import visit_row

ORDINALS = 1024
"""A visit's index is ORDINALS x quarter + ordinal."""
FIRST = np.int64(0)
GAP_DAYS = 3.0
"""A visit is made up only this long after the account's last one."""


@inner
def owe(x: Record, ordinal: int, from_day: float) -> None:
    """A visit is due again from a day on; beyond 62 visits a quarter nobody keeps count."""
    if ordinal < 62:
        x.owed |= np.int64(1) << np.int64(ordinal)
        x.owed_from = max(x.owed_from, int(from_day))


@inner
def owe_again(w: World, i: int, index: int, attempt: int, day: int) -> None:
    """A visit the customer missed is due again if they agree, some days later."""
    x = w.state[i]
    if x.alive and uniform(w.luck.rebooked, w.book[i].key, index, attempt) < w.market.rebooked:
        owe(x, index % ORDINALS, day + w.market.rebook_days)


@inner
def miss(w: World, f: Field, j: int, rep: int, day: int, how: int) -> None:
    """Write planned stop j as called off or dropped."""
    stop = f.stops[j]
    i, index = stop.account, stop.index
    visit_row(w.used, f.visits, rep, i, index % ORDINALS, day, stop.start_s, stop.remote, how)
    if how == DROPPED:
        owe(w.state[i], index % ORDINALS, day + 1.0)
    else:
        owe_again(w, i, index, FIRST, day)


@inner
def nearest_owed(w: World, f: Field, d: Record, day: int, here: int, t: float) -> int:
    """The place of the nearest account of the rep's that is due again and can be seen within the shift, -1 if none."""
    m, g = w.market, f.ground[d.territory]
    limit = w.reps[d.rep].shift_end_s - w.reps[d.rep].admin_s
    best, found = np.inf, -1
    for place in range(f.ground[d.territory + 1].book_from - g.book_from):
        i = f.places[g.book_from + place]
        a, x = w.book[i], w.state[i]
        if x.owed == 0 or x.owner != d.rep or x.owed_from > day or not x.alive or day - x.visited < GAP_DAYS:
            continue
        leg = leg_s(f, m, g, here, place, t)
        if leg >= best:
            continue
        start = start_at(f.windows, a, day, t + leg)
        if start - t - leg > m.max_wait_s:
            continue
        end = start + a.service_s
        if end + leg_s(f, m, g, place, g.leg_size - 1, end) <= limit:
            best, found = leg, place
    return found


@inner
def take_owed(x: Record) -> int:
    """The first ordinal that is due again, which it then no longer is."""
    ordinal = 0
    while not (x.owed >> np.int64(ordinal)) & 1:
        ordinal += 1
    x.owed &= ~(np.int64(1) << np.int64(ordinal))
    x.attempts += 1
    return ordinal
