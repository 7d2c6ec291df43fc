"""Writing the log: rows of the ledger, with each beneficiary's share (kernels). What lies before day 0 is not booked."""

from __future__ import annotations

from fieldsim.model import Ints
from fieldsim.simulation.compiled import inner
from fieldsim.simulation.nouns import LEDGER_ROWS, OVERFLOW, VISIT_ROWS, World


@inner
def row(w: World, kind: int, t: float, i: int, amount: float, rep: int, share: float, quota: float, number: int) -> None:
    """One row of the ledger; a full buffer raises the overflow flag."""
    at = w.used[LEDGER_ROWS]
    if at >= len(w.ledger):
        w.used[OVERFLOW] = 1
        return
    w.used[LEDGER_ROWS] = at + 1
    w.ledger[at].time, w.ledger[at].amount = t, amount
    w.ledger[at].revenue_share, w.ledger[at].quota_credit = share, quota
    w.ledger[at].account, w.ledger[at].kind, w.ledger[at].rep, w.ledger[at].opportunity = i, kind, rep, number


@inner
def note(w: World, kind: int, t: float, i: int, amount: float, number: int) -> None:
    """A row that moves no money."""
    if t >= 0.0:
        row(w, kind, t, i, amount, w.state[i].owner, 0.0, 0.0, number)


@inner
def credit(w: World, kind: int, t: float, i: int, amount: float, number: int, weight: float) -> None:
    """Money (weight 1) or a deal whose money will come as orders (weight 0), shared between owner and specialists."""
    if t < 0.0:
        return
    rest = 1.0
    for o in range(w.book[i].overlay_from, w.book[i + 1].overlay_from):
        rest -= w.overlay[o].share
    row(w, kind, t, i, amount, w.state[i].owner, weight * rest, weight, number)
    for o in range(w.book[i].overlay_from, w.book[i + 1].overlay_from):
        row(w, kind, t, i, amount, w.overlay[o].rep, weight * w.overlay[o].share, weight * w.overlay[o].credit, number)


@inner
def visit_row(
    used: Ints, visits: Ints, rep: int, account: int, ordinal: int, day: int, planned: int, remote: int, how: int
) -> int:
    """A visit without times yet, `how` its outcome; returns its row, -1 when the buffer is full."""
    at = used[VISIT_ROWS]
    if at >= len(visits):
        used[OVERFLOW] = 1
        return -1
    used[VISIT_ROWS] = at + 1
    v = visits[at]
    v[0], v[1], v[2], v[3], v[4] = rep, account, ordinal, day, planned
    v[5], v[6], v[7], v[8], v[9] = -1, -1, -1, 0, 0
    v[10], v[11] = remote, how
    return int(at)
