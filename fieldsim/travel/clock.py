"""Travel by the clock: a trip that crosses into another period goes on at the other period's pace.

A trip is a fixed amount of way; each second covers the part of it that the second's period allows (Ichoua, Gendreau and Potvin,
"Vehicle dispatching with time-dependent travel times", EJOR 144, 2003). Counted in whole numbers, so that leaving later never
means arriving earlier, not even by one second of rounding, and a trip inside one period takes exactly the matrix's seconds.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fieldsim.model import Ints, TravelMatrix

_WAY = 1 << 42
"""Units of way in a trip: exact for trips up to 2**21 seconds (24 days)."""


def travel_s(matrix: TravelMatrix, origin: npt.ArrayLike, destination: npt.ArrayLike, depart_s: npt.ArrayLike) -> Ints:
    """Seconds from rows to columns of the matrix when leaving at a time of day; the three broadcast against each other.

    The last period lasts from its start for ever.
    """
    asked = (np.asarray(x, dtype=np.int64) for x in (origin, destination, depart_s))
    rows, columns, now = np.broadcast_arrays(*asked)
    left = np.full(rows.shape, _WAY, dtype=np.int64)
    taken = np.zeros(rows.shape, dtype=np.int64)
    for period, until in enumerate((*matrix.from_s[1:], None)):
        speed = -(-_WAY // np.maximum(matrix.seconds[period, rows, columns], 1))
        whole = np.where(matrix.seconds[period, rows, columns] > 0, -(-left // speed), 0)
        free = whole if until is None else np.clip(until - now - taken, 0, None)
        spent = np.minimum(whole, free)
        left = np.where(spent == whole, 0, left - spent * speed)
        taken = taken + spent
    return taken
