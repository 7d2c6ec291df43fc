"""A vacant seat's accounts in the manager's pool: some of the visits planned are held, each at its planned time (kernels).

Which ones is drawn for each visit, as far as managers have time (see errands.py). What a customer's day brings (a visit called
off, nobody there, a longer one) is as if the rep came. The manager's calendar is not simulated; the way counts from the seat's
home and back, shared by the visits of a trip. Nobody works the pool's opportunities.
"""

from __future__ import annotations

import numpy as np

from fieldsim.compiled import inner
from fieldsim.simulation.accounts import advance, held
from fieldsim.simulation.amends import AGAIN, AWAY, LENGTH, miss
from fieldsim.simulation.desk import book_row, days_row, ground_row, luck_row, market_row, reps_row, state_row, stops_row
from fieldsim.simulation.draws import pair
from fieldsim.simulation.memory import floats, ints
from fieldsim.simulation.moves import home_s, metres_home, place_of
from fieldsim.simulation.nouns import CANCELLED, HELD, NO_SHOW, NONE, ONLY, Record
from fieldsim.simulation.owed import ORDINALS, owe_again
from fieldsim.simulation.records import visit_row

DAY_S = 86_400.0
ALONE = np.int64(0)
"""A plain 0 would compile the kernels it is handed to once more."""


@inner
def pooled(w: Record, j: int, rep: int, day: int) -> bool:
    """Whether the manager takes care of planned stop j of a seat that its rep has left."""
    stop, p = stops_row(w.stops, j), reps_row(w.reps, rep)
    share = book_row(w.book, stop.account).pooled * p.covered
    if share == 0.0 or p.left == 0 or p.hired > day or state_row(w.state, stop.account).owner >= 0:
        return False
    return bool(pair(luck_row(w.luck, 0).manager, book_row(w.book, stop.account).key, stop.index, ONLY)[0] < share)


@inner
def way(w: Record, j: int, row: int) -> tuple[float, float]:
    """Seconds and metres that a manager spends on the way to planned stop j of a rep-day and back."""
    stop, d, m = stops_row(w.stops, j), days_row(w.days, row), market_row(w.market, 0)
    if stop.remote:
        return 0.0, 0.0
    g, here, both = ground_row(w.ground, d.territory), place_of(w, stop, row, d.territory), 2.0 / m.manager_trip_visits
    return both * home_s(w, m, g, here, float(stop.start_s)), both * metres_home(w, g, here)


@inner
def stand_in(w: Record, j: int, row: int, day: int) -> None:
    """The manager's visit at planned stop j of a rep-day."""
    stop, m = stops_row(w.stops, j), market_row(w.market, 0)
    i, start = stop.account, stop.start_s
    if state_row(w.state, i).due <= day:
        advance(w, i, float(day))
    fates = floats(w.fates)
    missed = fates[AWAY * w.n_stops + j]
    if missed < m.missed * m.called_off or state_row(w.state, i).died <= day:
        miss(w, j, NONE, day, CANCELLED)
        return
    stays_away = missed < m.missed
    how = NO_SHOW if stays_away else HELD
    leave = start + (m.no_show_s if stays_away else stop.service_s * fates[LENGTH * w.n_stops + j])
    at = visit_row(w, NONE, i, stop.index % ORDINALS, day, start, stop.remote, how)
    if at >= 0:
        ints(w.visits)[5 * w.n_visits + at], ints(w.visits)[6 * w.n_visits + at] = start, start
        seconds, driven = way(w, j, row)
        ints(w.visits)[7 * w.n_visits + at], ints(w.visits)[8 * w.n_visits + at] = round(leave), round(seconds)
        ints(w.visits)[9 * w.n_visits + at] = round(driven)
    if stays_away:
        owe_again(w, i, stop.index, fates[AGAIN * w.n_stops + j], day)
    else:
        held(w, i, NONE, day + leave / DAY_S, m.remote_lift if stop.remote else 1.0, ALONE)
