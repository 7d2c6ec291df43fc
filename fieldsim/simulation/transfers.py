"""Planned visits follow an account to its new owner: an incremental plan, by cheapest insertion into the days left (kernels)."""

from __future__ import annotations

from typing import Any

import numpy as np

from fieldsim.compiled import inner, kernel
from fieldsim.simulation.accounts import hand_over
from fieldsim.simulation.amends import take_out
from fieldsim.simulation.desk import book_row, days_row, ground_row, market_row, reps_row, shifts_row, state_row, stops_row
from fieldsim.simulation.memory import int32s, ints
from fieldsim.simulation.moves import place_in, place_of
from fieldsim.simulation.nouns import NONE, Record, Records

FULL = np.int64(-2)
AT_A_COST: Any = np.bool_(True)
"""Whether a change of hands costs goodwill and orders."""
MORNING = 0.2
"""Time of day at which working days begin."""


@inner
def cheapest(w: Record, row: int, i: int) -> Any:
    """After which stop of a rep-day a visit to account i adds least travel (-1: first), FULL where the shift cannot hold it.

    Planned travel without traffic, lunch and office work count; whether doors are open shows on the day.
    """
    d, a, rows = days_row(w.days, row), book_row(w.book, i), w.n_days
    g = ground_row(w.ground, d.territory)
    home, there, wide = g.leg_size - 1, place_in(w, a, d.territory), w.n_periods + 1
    first = int32s(w.legs + 4 * wide * g.leg_from)
    here, at, best, found = home, NONE, np.inf, NONE
    busy = market_row(w.market, 0).lunch_s + reps_row(w.reps, d.rep).admin_s + a.service_s
    while True:
        j = ints(w.chain)[row] if at < 0 else ints(w.chain)[rows + at]
        after = home if j < 0 else here if stops_row(w.stops, j).remote else place_of(w, stops_row(w.stops, j), row, d.territory)
        leg = float(first[(here * g.leg_size + after) * wide])
        extra = float(first[(here * g.leg_size + there) * wide]) - leg + float(first[(there * g.leg_size + after) * wide])
        if extra < best:
            best, found = extra, at
        busy += leg
        if j < 0:
            break
        busy += stops_row(w.stops, j).service_s
        here, at = after, j
    return found if d.depart_s + busy + best <= reps_row(w.reps, d.rep).shift_end_s else FULL


@inner
def move_stops(w: Record, i: int, territory: int, t: float) -> None:
    """Visits to account i planned after time t move to the same days of another territory, as far as those have room.

    Those that a specialist makes in the owner's place stay.
    """
    rows = w.n_days
    for at in range(book_row(w.book, i).stops_from, book_row(w.book, i + 1).stops_from):
        j = ints(w.stops_of)[at]
        row = np.int64(int32s(w.row_of)[territory * w.horizon + stops_row(w.stops, j).day])
        now = ints(w.chain)[rows + w.n_stops + j]
        if stops_row(w.stops, j).day + MORNING <= t or row < 0 or now == row or now < 0 or stops_row(w.stops, j).guest:
            continue
        after = cheapest(w, row, i)
        if after == FULL:
            continue
        take_out(w, j, row)
        if after < 0:
            ints(w.chain)[rows + j], ints(w.chain)[row] = ints(w.chain)[row], j
        else:
            ints(w.chain)[rows + j], ints(w.chain)[rows + after] = ints(w.chain)[rows + after], j


@inner
def staffed(w: Record, rep: int) -> bool:
    """Whether there is such a rep, and their seat is not vacant."""
    return rep >= 0 and reps_row(w.reps, rep).left == 0


@inner
def move_others(w: Record, rep: int, t: float) -> None:
    """Accounts of reps who stay change hands because of this departure, if own and next rep are there."""
    p = reps_row(w.reps, rep)
    for q in range(p.shifts_from, p.shifts_to):
        s = shifts_row(w.shifts, q)
        own = book_row(w.book, s.account).owner
        if state_row(w.state, s.account).owner == own and own != s.taker and staffed(w, own) and staffed(w, s.taker):
            hand_over(w, s.account, s.taker, t, AT_A_COST)
            move_stops(w, s.account, s.territory, t)


@kernel
def leave_seat(desk: Records, rep: int, t: float) -> None:
    """A rep leaves: their accounts go to colleagues, visits and all, or to nobody, and lose what goes with the person.

    Accounts of reps who stay make room where the plan for this departure moves them; guests go home if their own rep is there.
    """
    w = desk[0]
    move_others(w, rep, t)
    for i in range(w.n_accounts):
        if state_row(w.state, i).owner == rep:
            a = book_row(w.book, i)
            if a.owner != rep and staffed(w, a.owner):
                hand_over(w, i, a.owner, t, AT_A_COST)
                move_stops(w, i, a.territory, t)
                continue
            there = a.taker != rep and staffed(w, a.taker)
            hand_over(w, i, a.taker if there else NONE, t, AT_A_COST)
            if there:
                move_stops(w, i, a.taken_by, t)
    p = reps_row(w.reps, rep)
    for q in range(p.shifts_from, p.shifts_to):  # what found no room before the others had moved
        s = shifts_row(w.shifts, q)
        if state_row(w.state, s.account).owner == s.taker:
            move_stops(w, s.account, s.territory, t)


@kernel
def fill_seat(desk: Records, rep: int, t: float, returns: bool) -> None:
    """A new hire takes the seat's accounts: those that waited without a further loss, those a colleague has if they return.

    What changed hands among colleagues because of the departure goes back too.
    """
    w = desk[0]
    for i in range(w.n_accounts):
        owner = state_row(w.state, i).owner
        if book_row(w.book, i).owner == rep and owner != rep and (owner < 0 or returns):
            hand_over(w, i, rep, t, owner >= 0)
            move_stops(w, i, book_row(w.book, i).territory, t)
            state_row(w.state, i).tenure = t
    p = reps_row(w.reps, rep)
    for q in range(p.shifts_from, p.shifts_to):
        s = shifts_row(w.shifts, q)
        a = book_row(w.book, s.account)
        if returns and state_row(w.state, s.account).owner == s.taker and a.owner != s.taker and staffed(w, a.owner):
            hand_over(w, s.account, a.owner, t, AT_A_COST)
            move_stops(w, s.account, a.territory, t)
