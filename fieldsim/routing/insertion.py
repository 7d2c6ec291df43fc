"""Putting one visit into a route in constant time: earliest and latest ends along it, with the break owed and without."""

from __future__ import annotations

from fieldsim.compiled import inner
from fieldsim.model import Ints
from fieldsim.routing.arrays import (
    EARLIEST,
    FREE_FROM,
    LUNCH_EARLIEST,
    LUNCH_LATEST,
    LUNCH_S,
    NEVER,
    PENDING,
    REMOTE,
    SERVICE,
    SHIFT_END,
)
from fieldsim.routing.steps import start_at, start_before


@inner
def _onward(hours: Ints, frame: Ints, owed: int, free: int, leg: int, visit: int, service: int) -> tuple[int, int]:
    """Earliest ends of a visit after a leg, with the break still owed and without, from such times before the leg."""
    late = frame[LUNCH_LATEST]
    after = NEVER
    if free < NEVER:
        after = start_at(hours, visit, free + leg) + service
    if owed <= late:
        ready = max(owed + leg, frame[LUNCH_EARLIEST]) + frame[LUNCH_S]
        after = min(after, start_at(hours, visit, ready) + service)
        owed = start_at(hours, visit, owed + leg) + service
    return owed if owed <= late else NEVER, min(after, NEVER)


@inner
def _home(frame: Ints, owed: int, free: int, leg: int) -> int:
    """Earliest time of being back, NEVER if it is too late."""
    back = free + leg
    if owed <= frame[LUNCH_LATEST]:
        direct = owed + leg
        if direct > frame[LUNCH_LATEST]:
            direct = max(direct, frame[LUNCH_EARLIEST]) + frame[LUNCH_S]
        back = min(back, direct)
    return back if back <= frame[SHIFT_END] else NEVER


@inner
def sweep_times(travel: Ints, hours: Ints, facts: Ints, frame: Ints, order: Ints, m: int, at: int, sweep: Ints) -> None:
    """Fill the sweep of a route, for one matrix and no agreed starts; after a visit was put in at `at`, only what that changed.

    Per position k (0: the start, k: after visit k) the rows are: earliest end with the break owed, and free of it, latest end
    with it owed, and free, place, next place. sweep[0, m+1] is the time of being back, NEVER if the route cannot be done. `at` is
    -1 for a new route, and always where there are remote visits: putting one in moves where others are held.
    """
    n = facts.shape[0]
    end, early, late, pause = frame[SHIFT_END], frame[LUNCH_EARLIEST], frame[LUNCH_LATEST], frame[LUNCH_S]
    if at < 0:
        sweep[0, 0] = frame[EARLIEST] if frame[PENDING] == 1 else NEVER
        sweep[1, 0] = frame[FREE_FROM] if frame[FREE_FROM] >= 0 else NEVER
        sweep[4, 0] = n
    for k in range(max(at, 0), m):
        visit = order[k]
        leg = travel[0, sweep[4, k], visit]
        sweep[4, k + 1] = sweep[4, k] if facts[visit, REMOTE] == 1 else visit
        sweep[0, k + 1], sweep[1, k + 1] = _onward(hours, frame, sweep[0, k], sweep[1, k], leg, visit, facts[visit, SERVICE])
    leg = travel[0, sweep[4, m], n + 1]
    sweep[0, m + 1] = _home(frame, sweep[0, m], sweep[1, m], leg)
    first = m - 1
    if 0 <= at < m - 1:
        for k in range(m, at + 1, -1):
            sweep[2, k], sweep[3, k], sweep[5, k] = sweep[2, k - 1], sweep[3, k - 1], sweep[5, k - 1]
        first = at + 1
    else:
        sweep[5, m] = n + 1
        sweep[3, m] = end - leg
        sweep[2, m] = min(late, end) - leg
        if early + pause <= end:
            sweep[2, m] = max(sweep[2, m], min(late, end - pause - leg))
    for k in range(first, -1, -1):
        visit = order[k]
        sweep[5, k] = sweep[5, k + 1] if facts[visit, REMOTE] == 1 else visit
        back = travel[0, sweep[4, k], visit]
        owed = start_before(hours, visit, sweep[2, k + 1] - facts[visit, SERVICE])
        free = start_before(hours, visit, sweep[3, k + 1] - facts[visit, SERVICE])
        sweep[3, k] = free - back
        sweep[2, k] = owed - back
        if early + pause <= free:
            sweep[2, k] = max(sweep[2, k], min(late, free - pause - back))


@inner
def way(travel: Ints, facts: Ints, order: Ints, m: int) -> int:
    """Travel of a route."""
    place, total = facts.shape[0], 0
    for k in range(m):
        total += travel[0, place, order[k]]
        if facts[order[k], REMOTE] == 0:
            place = order[k]
    return int(total + travel[0, place, facts.shape[0] + 1])


@inner
def fits(travel: Ints, hours: Ints, facts: Ints, frame: Ints, order: Ints, m: int, sweep: Ints, k: int, visit: int) -> bool:
    """Can the visit be put in after position k?"""
    place = sweep[4, k]
    leg = travel[0, place, visit]
    if facts[visit, REMOTE] == 0:
        place = visit
    owed, free = _onward(hours, frame, sweep[0, k], sweep[1, k], leg, visit, facts[visit, SERVICE])
    for at in range(k, m):
        if owed >= NEVER and free >= NEVER:
            return False
        following = order[at]
        leg = travel[0, place, following]
        owed, free = _onward(hours, frame, owed, free, leg, following, facts[following, SERVICE])
        if facts[following, REMOTE] == 0:
            return bool(owed <= sweep[2, at + 1] or free <= sweep[3, at + 1])
    return bool(_home(frame, owed, free, travel[0, place, facts.shape[0] + 1]) < NEVER)


@inner
def room(frame: Ints, sweep: Ints, k: int) -> int:
    """Most time that something put in between two places after position k may take."""
    owed = max(sweep[2, k], sweep[3, k] - frame[LUNCH_S]) - sweep[0, k]
    return int(max(owed, sweep[3, k] - sweep[1, k]))
