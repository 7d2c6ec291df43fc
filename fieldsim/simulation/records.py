"""Writing the log: rows of the ledger, with each beneficiary's share (kernels). What lies before day 0 is not booked."""

from __future__ import annotations

from fieldsim.compiled import inner
from fieldsim.simulation.desk import book_row, ledger_row, overlay_row, state_row
from fieldsim.simulation.memory import ints
from fieldsim.simulation.nouns import LEDGER_ROWS, OVERFLOW, VISIT_ROWS, Record


@inner
def row(w: Record, kind: int, t: float, i: int, amount: float, rep: int, share: float, quota: float, number: int) -> None:
    """One row of the ledger; a full buffer raises the overflow flag."""
    at = ints(w.used)[LEDGER_ROWS]
    if at >= w.n_ledger:
        ints(w.used)[OVERFLOW] = 1
        return
    ints(w.used)[LEDGER_ROWS] = at + 1
    ledger_row(w.ledger, at).time, ledger_row(w.ledger, at).amount = t, amount
    ledger_row(w.ledger, at).revenue_share, ledger_row(w.ledger, at).quota_credit = share, quota
    (
        ledger_row(w.ledger, at).account,
        ledger_row(w.ledger, at).kind,
        ledger_row(w.ledger, at).rep,
        ledger_row(w.ledger, at).opportunity,
    ) = i, kind, rep, number


@inner
def note(w: Record, kind: int, t: float, i: int, amount: float, number: int) -> None:
    """A row that moves no money."""
    if t >= 0.0:
        row(w, kind, t, i, amount, state_row(w.state, i).owner, 0.0, 0.0, number)


@inner
def credit(w: Record, kind: int, t: float, i: int, amount: float, number: int, weight: float) -> None:
    """Money (weight 1) or a deal whose money will come as orders (weight 0), shared between owner and specialists."""
    if t < 0.0:
        return
    rest = 1.0
    for o in range(book_row(w.book, i).overlay_from, book_row(w.book, i + 1).overlay_from):
        rest -= overlay_row(w.overlay, o).share
    row(w, kind, t, i, amount, state_row(w.state, i).owner, weight * rest, weight, number)
    for o in range(book_row(w.book, i).overlay_from, book_row(w.book, i + 1).overlay_from):
        row(
            w,
            kind,
            t,
            i,
            amount,
            overlay_row(w.overlay, o).rep,
            weight * overlay_row(w.overlay, o).share,
            weight * overlay_row(w.overlay, o).credit,
            number,
        )


@inner
def visit_row(w: Record, rep: int, account: int, ordinal: int, day: int, planned: int, remote: int, how: int) -> int:
    """A visit without times yet, `how` its outcome; returns its row, -1 when the buffer is full."""
    at = ints(w.used)[VISIT_ROWS]
    if at >= w.n_visits:
        ints(w.used)[OVERFLOW] = 1
        return -1
    ints(w.used)[VISIT_ROWS] = at + 1
    columns = (rep, account, ordinal, day, planned, -1, -1, -1, 0, 0, remote, how)
    for column in range(12):
        ints(w.visits)[column * w.n_visits + at] = columns[column]
    return int(at)
