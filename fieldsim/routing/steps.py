"""Single steps of a rep's day, shared by the kernels: the next opening, the legs from place to place."""

from __future__ import annotations

from numba import njit

from fieldsim.model import Ints
from fieldsim.routing.arrays import KEPT_S, DayArrays

NEVER = 1 << 40


@njit(cache=True, inline="always")
def start_at(opens: Ints, closes: Ints, visit: int, ready: int) -> int:
    """Earliest start of the visit at or after `ready`, NEVER if its windows are over."""
    begin = NEVER
    for k in range(opens.shape[1]):
        if opens[visit, k] >= 0 and closes[visit, k] >= ready:
            begin = max(opens[visit, k], ready)
            break
    return begin


@njit(cache=True, inline="always")
def start_before(opens: Ints, closes: Ints, visit: int, limit: int) -> int:
    """Latest start of the visit at or before `limit`, -NEVER if there is none."""
    begin = -NEVER
    for k in range(opens.shape[1] - 1, -1, -1):
        if opens[visit, k] >= 0 and opens[visit, k] <= limit:
            begin = min(closes[visit, k], limit)
            break
    return begin


@njit(cache=True)
def legs(day: DayArrays, place: int, node: int, time: int, free: int, out: Ints) -> int:
    """Ways to get from `place` to `node` after `time`, as rows (ready, leaving, travel, lunch start or -1, free); their number.

    The rep may set off later, when less travel is in force; a break that is owed (`free` 0) may fall before setting off, on the
    way or at the door.
    """
    count = 0
    periods = day.from_s.size
    remote = node < day.service.size and day.remote[node] == 1
    early, late, pause = day.frame[2], day.frame[3], day.frame[4]
    for mode in range(3):
        if mode > 0 and (free == 1 or time > late):
            break
        if mode == 2 and periods == 1:
            break
        base = time
        if mode == 2:
            base = max(time, early) + pause
        least = NEVER
        first = 0
        while first + 1 < periods and day.from_s[first + 1] <= base:
            first += 1
        for period in range(first, periods):
            leave = base if period == first else day.from_s[period]
            travel = 0 if remote else day.travel[period, place, node]
            if travel >= least:
                continue
            least = travel
            ready, lunch = leave + travel, -1
            if mode == 1:
                if leave > late:
                    break
                lunch = max(ready, early) if ready <= late else max(leave, early)
                ready = max(ready, early) + pause
            elif mode == 2:
                lunch = max(time, early)
            out[count, 0], out[count, 1], out[count, 2] = ready, leave, travel
            out[count, 3], out[count, 4] = lunch, 1 if mode > 0 else free
            count += 1
            if travel == 0:
                break
    return count


@njit(cache=True, inline="always")
def later_start(day: DayArrays, visit: int, ready: int, begin: int) -> int:
    """A later start that keeps the agreed one where the earliest does not, NEVER if there is none."""
    agreed = day.agreed[visit]
    if agreed < 0 or begin >= agreed - KEPT_S:
        return NEVER
    waiting = start_at(day.opens, day.closes, visit, max(ready, agreed - KEPT_S))
    return waiting if waiting <= agreed + KEPT_S else NEVER


@njit(cache=True, inline="always")
def keeps(day: DayArrays, visit: int, begin: int) -> int:
    """1 if a start keeps what was agreed."""
    return 1 if day.agreed[visit] >= 0 and abs(begin - day.agreed[visit]) <= KEPT_S else 0
