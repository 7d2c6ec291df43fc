"""The one record a kernel is handed: where the arrays of a World and a Field begin, their lengths, and rows by number."""

from __future__ import annotations

import zlib

import numpy as np

from fieldsim.simulation.memory import address, rows
from fieldsim.simulation.nouns import (
    BOOK,
    CANDIDATE,
    DAYS,
    GROUND,
    LEDGER,
    LUCK,
    MARKET,
    MINUTES,
    OVERLAY,
    OWED,
    POOL,
    REPS,
    SHIFTS,
    SPOTS,
    STATE,
    STOPS,
    WALK,
    Field,
    Records,
    World,
    record,
)

COUNTS = (
    *("n_accounts", "n_layers", "n_pool", "n_reps", "n_trades", "n_edges", "n_seasons", "n_ledger"),
    *("n_days", "n_stops", "n_periods", "n_areas", "n_visits", "n_doors", "n_scratch", "horizon"),
)
LAYOUTS = (
    OWED,
    BOOK,
    STATE,
    CANDIDATE,
    POOL,
    REPS,
    SPOTS,
    SHIFTS,
    OVERLAY,
    DAYS,
    STOPS,
    GROUND,
    WALK,
    MINUTES,
    LEDGER,
    LUCK,
    MARKET,
)
VERSION = f"layout_{zlib.crc32(repr(LAYOUTS).encode()):08x}"
"""A field that names the layouts: kernels compiled for others are not taken from the cache."""
DESK = record(ints=" ".join((*World._fields, *Field._fields, *COUNTS, VERSION)))
"""What a kernel is handed: addresses of all arrays of a World and a Field, and their lengths (periods without the metres)."""


def desk_of(w: World, f: Field) -> Records:
    """The addresses, shape [1]; the arrays must be kept for as long as they are used."""
    desk = np.zeros(1, dtype=DESK)
    for name, array in (*w._asdict().items(), *f._asdict().items()):
        desk[name] = address(array)
    counts = (
        *(len(w.state), w.candidate.shape[1], len(w.pool), len(w.reps), w.knows.shape[1], len(w.edges), len(w.seasons)),
        *(len(w.ledger), len(f.days) - 1, len(f.stops), len(f.period_from_s), len(f.areas)),
        *(f.visits.shape[1], f.windows.shape[2], f.scratch.shape[1], f.windows.shape[1]),
    )
    for name, count in zip(COUNTS, counts, strict=True):
        desk[name] = count
    return desk


book_row, state_row, candidate_row, pool_row = rows(BOOK), rows(STATE), rows(CANDIDATE), rows(POOL)
reps_row, owing_row, overlay_row, ledger_row, luck_row = rows(REPS), rows(OWED), rows(OVERLAY), rows(LEDGER), rows(LUCK)
days_row, stops_row, ground_row, walks_row, minutes_row = rows(DAYS), rows(STOPS), rows(GROUND), rows(WALK), rows(MINUTES)
market_row, spots_row, shifts_row = rows(MARKET), rows(SPOTS), rows(SHIFTS)
