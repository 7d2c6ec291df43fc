"""Single steps of a rep's day, shared by the kernels: the next opening, the legs from place to place."""

from __future__ import annotations

from fieldsim.compiled import inner
from fieldsim.model import Ints
from fieldsim.routing.arrays import KEPT_S, LUNCH_EARLIEST, LUNCH_LATEST, LUNCH_S, NEVER


@inner
def start_at(hours: Ints, visit: int, ready: int) -> int:
    """Earliest start of the visit at or after `ready`, NEVER if its windows are over."""
    begin = NEVER
    for k in range(0, hours.shape[1], 2):
        if hours[visit, k + 1] >= ready:
            begin = max(hours[visit, k], ready)
            break
    return begin


@inner
def start_before(hours: Ints, visit: int, limit: int) -> int:
    """Latest start of the visit at or before `limit`, -NEVER if there is none."""
    begin = -NEVER
    for k in range(hours.shape[1] - 2, -1, -2):
        if hours[visit, k] <= limit:
            begin = min(hours[visit, k + 1], limit)
            break
    return begin


@inner
def legs(travel: Ints, from_s: Ints, frame: Ints, place: int, node: int, time: int, free: int, out: Ints) -> int:
    """Ways to get from `place` to `node` after `time`, as rows (ready, leaving, travel, lunch start or -1, free); their number.

    The rep may set off later, when less travel is in force; a break that is owed (`free` 0) may fall before setting off, on the
    way or at the door.
    """
    count = 0
    periods = from_s.size
    early, late, pause = frame[LUNCH_EARLIEST], frame[LUNCH_LATEST], frame[LUNCH_S]
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
        while first + 1 < periods and from_s[first + 1] <= base:
            first += 1
        for period in range(first, periods):
            leave = base if period == first else from_s[period]
            leg = travel[period, place, node]
            if leg >= least:
                continue
            least = leg
            ready, lunch = leave + leg, -1
            if mode == 1:
                if leave > late:
                    break
                lunch = max(ready, early) if ready <= late else max(leave, early)
                ready = max(ready, early) + pause
            elif mode == 2:
                lunch = max(time, early)
            out[count, 0], out[count, 1], out[count, 2] = ready, leave, leg
            out[count, 3], out[count, 4] = lunch, 1 if mode > 0 else free
            count += 1
    return count


@inner
def later_start(hours: Ints, agreed: int, visit: int, ready: int, begin: int) -> int:
    """A later start that keeps the agreed one where the earliest does not, NEVER if there is none."""
    waiting = NEVER
    if agreed >= 0 and begin < agreed - KEPT_S:
        waiting = start_at(hours, visit, max(ready, agreed - KEPT_S))
        if waiting > agreed + KEPT_S:
            waiting = NEVER
    return waiting


@inner
def keeps(agreed: int, begin: int) -> int:
    """1 if a start keeps what was agreed."""
    return 1 if agreed >= 0 and abs(begin - agreed) <= KEPT_S else 0


@inner
def copy(source: Ints, target: Ints, count: int) -> None:
    """The first `count` numbers (a loop compiles far faster than a slice)."""
    for k in range(count):
        target[k] = source[k]
