"""From an order of visits to the day a rep reads: times, lunch, departure as late as the starts allow."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from fieldsim.model import DayRoute, Ints, Skipped, Stop, Window
from fieldsim.routing.arrays import EARLIEST, FREE_FROM, LUNCH_EARLIEST, LUNCH_LATEST, LUNCH_S, VALUE, Day
from fieldsim.routing.walk import walk


class Timed(NamedTuple):
    """An order with its best times; `rank` compares two of them, higher is better."""

    order: tuple[int, ...]
    rank: tuple[int, int, int, int]
    """Value, agreed starts kept, minus travel, minus finish."""
    rows: Ints


def timed(day: Day, order: Ints | list[int]) -> Timed | None:
    """The best times for an order, None if it cannot be done."""
    visits = np.ascontiguousarray(order, dtype=np.int64)
    rows = np.empty((len(visits) + 1, 4), dtype=np.int64)
    done, kept, travel, finish = walk(day.arrays, visits, len(visits), rows)
    if not done:
        return None
    value = int(day.arrays.facts[visits, VALUE].sum())
    return Timed(tuple(visits.tolist()), (value, kept, -travel, -finish), rows)


def day_route(day: Day, timed: Timed, proof: str, skipped: tuple[Skipped, ...], failed: tuple[str, ...]) -> DayRoute:
    """The answer to the problem behind `day`."""
    rows = timed.rows.tolist()
    depart, lunch = _departure(day, timed, rows)
    pause = int(day.arrays.frame[LUNCH_S])
    stops: list[Stop] = []
    for number, (index, (leave, travel, eats, start)) in enumerate(zip(timed.order, rows[:-1], strict=True)):
        visit = day.visits[index]
        leave = depart if number == 0 else leave
        lunch = _set_off(day, stops, leave, lunch, eats)
        arrive = leave + travel
        if lunch and eats >= 0 and lunch[0] < arrive:
            arrive = max(arrive, lunch[1] + travel) if lunch[1] <= leave else arrive + pause
        stops.append(Stop(visit.id, visit.at, travel, arrive, start, start + visit.service_s))
    lunch = _set_off(day, stops, rows[-1][0], lunch, rows[-1][2])
    served = [day.visits[index] for index in timed.order]
    travel, finish = -timed.rank[2], rows[-1][3]
    if not stops and travel == 0:
        depart, lunch = finish, None
    busy = travel + sum(visit.service_s for visit in served) + (pause if lunch and lunch[0] >= depart else 0)
    return DayRoute(
        status="feasible" if proof == "none" else "optimal",
        proof=proof,  # type: ignore[arg-type]
        priority_served=sum(visit.priority for visit in served),
        served=len(served),
        travel_s=travel,
        wait_s=finish - depart - busy,
        depart_s=depart,
        finish_s=finish,
        stops=tuple(stops),
        lunch=lunch,
        skipped=skipped,
        failed_required=failed,
    )


def _set_off(day: Day, stops: list[Stop], leave: int, lunch: Window | None, eats: int) -> Window | None:
    """Note in the last stop that it is left later than it could be, because travel is shorter then; when lunch is then."""
    if stops:
        away, lunch = _lunch_first(day, leave, lunch, eats)
        if stops[-1].leave_s < away:
            stops[-1] = replace(stops[-1], leave_s=away)
    return lunch


def _lunch_first(day: Day, leave: int, lunch: Window | None, eats: int) -> tuple[int, Window | None]:
    """When the rep goes who sets off at `leave`, and the lunch: eaten before the way it is as late as it may be.

    Where the way begins right after it, the rep goes to eat.
    """
    if lunch is None or eats < 0 or lunch[1] > leave:
        return leave, lunch
    pause = lunch[1] - lunch[0]
    begin = min(leave - pause, int(day.arrays.frame[LUNCH_LATEST]))
    return begin if begin + pause == leave else leave, (begin, begin + pause)


def _departure(day: Day, timed: Timed, rows: list[list[int]]) -> tuple[int, Window | None]:
    """Latest departure that changes no start, and the lunch, which a late departure may make unnecessary."""
    frame = day.arrays.frame.tolist()
    pause = frame[LUNCH_S]
    eats = [row[2] for row in rows if row[2] >= 0]
    lunch = (eats[0], eats[0] + pause) if eats else None
    leave, travel, first_lunch, start = rows[0]
    if not timed.order:
        return _lunch_first(day, leave, lunch, first_lunch)
    if first_lunch < 0:
        return _latest_leave(day, timed, start, start, travel), lunch
    plain = _latest_leave(day, timed, start, start, travel)
    if frame[FREE_FROM] >= 0 and plain >= frame[FREE_FROM]:
        return plain, None
    late = _latest_leave(day, timed, start - pause, frame[LUNCH_LATEST], travel)
    arrive = late + travel
    begin = max(arrive, frame[LUNCH_EARLIEST]) if arrive <= frame[LUNCH_LATEST] else max(late, frame[LUNCH_EARLIEST])
    if late < leave or (max(arrive, begin) + pause > start and arrive + pause > start):
        return _lunch_first(day, leave, lunch, first_lunch)
    return late, (begin, begin + pause)


def _latest_leave(day: Day, timed: Timed, arrive: int, limit: int, travel: int) -> int:
    """Latest time to set off for the first visit, arriving by `arrive`, without more travel than planned."""
    arrays = day.arrays
    first = timed.order[0]
    best = int(arrays.frame[EARLIEST])
    starts = arrays.from_s.tolist()
    for period, begin in enumerate(starts):
        leg = int(arrays.travel[period, len(day.visits), first])
        until = starts[period + 1] - 1 if period + 1 < len(starts) else arrive
        late = min(arrive - leg, until, limit)
        if leg <= travel and late >= begin:
            best = max(best, late)
    return best
