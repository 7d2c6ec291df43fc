"""What a day will read, asked for before it is needed: most of a day's time would else be spent waiting for memory (kernels)."""

from __future__ import annotations

import numpy as np

from fieldsim.compiled import inner
from fieldsim.simulation.desk import owing_row, reps_row, state_row, stops_row
from fieldsim.simulation.memory import fetch, ints
from fieldsim.simulation.nouns import BOOK, CANDIDATE, LINE, POOL, STATE, Record

BOOK_BYTES, STATE_BYTES, POOL_BYTES, CANDIDATE_BYTES = (np.int64(kind.itemsize) for kind in (BOOK, STATE, POOL, CANDIDATE))


@inner
def fetch_question(w: Record, i: int) -> None:
    """Whether to go to account i: the first line of what is known of it."""
    fetch(w.state + STATE_BYTES * i)
    fetch(w.book + BOOK_BYTES * i)


@inner
def fetch_answer(w: Record, i: int) -> None:
    """What a visit to account i changes, and how it answers: the second line."""
    fetch(w.state + STATE_BYTES * i + LINE)
    fetch(w.book + BOOK_BYTES * i + LINE)


@inner
def fetch_row(w: Record, row: int) -> None:
    """The accounts of a rep-day's stops."""
    j = ints(w.chain)[row]
    while j >= 0:
        i = stops_row(w.stops, j).account
        fetch(w.state + STATE_BYTES * i)
        fetch_answer(w, i)
        j = ints(w.chain)[w.n_days + j]


@inner
def fetch_deals(w: Record, row: int, day: int) -> None:
    """What is open at the accounts of a rep-day's stops, and all of those that have something due."""
    j = ints(w.chain)[row]
    while j >= 0:
        i = stops_row(w.stops, j).account
        x = state_row(w.state, i)
        if x.first >= 0:
            fetch(w.pool + POOL_BYTES * x.first)
        if x.due <= day + 1:
            fetch(w.state + STATE_BYTES * i + 2 * LINE)
            fetch(w.book + BOOK_BYTES * i)
            fetch(w.book + BOOK_BYTES * i + 2 * LINE)
            fetch(w.candidate + CANDIDATE_BYTES * w.n_layers * i)
            fetch(w.candidate + CANDIDATE_BYTES * w.n_layers * i + LINE)
        j = ints(w.chain)[w.n_days + j]


@inner
def fetch_owed(w: Record, rep: int, day: int) -> None:
    """The rep's accounts with a visit due again."""
    p = reps_row(w.reps, rep)
    for q in range(p.owing, p.owing + p.owed):
        entry = owing_row(w.owing, q)
        if entry.from_day <= day:
            fetch_question(w, entry.account)


@inner
def fetch_legs(w: Record, g: Record, here: int) -> None:
    """The ways from a place to all others of a territory."""
    wide = 4 * g.leg_size * (w.n_periods + 1)
    first = w.legs + here * wide + 4 * g.leg_from * (w.n_periods + 1)
    for at in range(0, wide, LINE):
        fetch(first + at)
