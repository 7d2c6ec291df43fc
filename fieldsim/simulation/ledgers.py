"""The ledger's rows put in order of time, column by column (kernel)."""

from __future__ import annotations

import numpy as np

from fieldsim.compiled import inner, kernel
from fieldsim.model import Floats, Ints
from fieldsim.simulation.desk import ledger_row
from fieldsim.simulation.memory import ints
from fieldsim.simulation.nouns import LEDGER, Record, Records

WORDS = np.int64(LEDGER.itemsize // 8)


@inner
def box_of(w: Record, k: int, low: float, places: float, last: int) -> int:
    """The box of a row of the ledger."""
    return max(0, min(last, int((ledger_row(w.ledger, k).time - low) * places)))


@kernel
def by_time(desk: Records, low: float, places: float, begins: Ints, times: Floats, order: Ints, columns: Ints) -> None:
    """The ledger's rows as `columns`, shape [fields, rows], in order of time; rows of the same moment keep their order.

    Times go into boxes, `places` a day from day `low` on (`begins` holds zeros, two more than boxes), and then by insertion into
    order: few rows share a box, or they are of the same moment. `times` and `order` are room to work in.
    """
    w = desk[0]
    n, last = len(order), len(begins) - 2
    for k in range(n):
        begins[box_of(w, k, low, places, last) + 1] += 1
    for box in range(1, last):
        begins[box + 1] += begins[box]
    for k in range(n):
        box = box_of(w, k, low, places, last)
        at = begins[box]
        begins[box], times[at], order[at] = at + 1, ledger_row(w.ledger, k).time, k
    for k in range(1, n):
        t, row, at = times[k], order[k], k
        while at > 0 and times[at - 1] > t:
            times[at], order[at] = times[at - 1], order[at - 1]
            at -= 1
        times[at], order[at] = t, row
    for k in range(n):
        fields = ints(w.ledger + 8 * WORDS * order[k])
        for field in range(WORDS):
            columns[field, k] = fields[field]
