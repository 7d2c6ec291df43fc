"""Why a visit was left out, in words a rep understands and with the numbers that decide."""

from __future__ import annotations

from fieldsim.model import Skipped
from fieldsim.routing.arrays import EARLIEST, FAR, SHIFT_END, Day
from fieldsim.routing.timetable import Timed, timed


def clock(seconds: int) -> str:
    """A time of day as HH:MM."""
    return f"{seconds // 3600:02d}:{seconds % 3600 // 60:02d}"


def minutes(seconds: int) -> str:
    """A duration in whole minutes, rounded up."""
    return f"{-(-seconds // 60)} min"


def plain_reasons(day: Day, route: Timed) -> tuple[Skipped, ...]:
    """A reason for every visit that is not in the route, without searching for a way to force it in."""
    served = set(route.order)
    left = [index for index in range(len(day.visits)) if index not in served]
    return tuple(sorted((plain_reason(day, index) for index in left), key=lambda skipped: skipped.id))


def plain_reason(day: Day, index: int) -> Skipped:
    """What keeps the visit out even alone; else that others came first."""
    arrays, n, visit = day.arrays, len(day.visits), day.visits[index]
    begin, end = int(arrays.frame[EARLIEST]), int(arrays.frame[SHIFT_END])
    if not visit.windows:
        return Skipped(visit.id, "never_open", "not open that day")
    out, back = int(arrays.near[n, index]), int(arrays.near[index, n + 1])
    if max(out, back) >= FAR:
        return Skipped(visit.id, "too_far", "no way leads there and back")
    if visit.service_s > end - begin:
        detail = f"the visit takes {minutes(visit.service_s)}, the day from {clock(begin)} to {clock(end)} is shorter"
        return Skipped(visit.id, "shift", detail)
    if out + visit.service_s + back > end - begin:
        detail = (
            f"{minutes(out)} there, {minutes(visit.service_s)} visit and {minutes(back)} back "
            f"do not fit between {clock(begin)} and {clock(end)}"
        )
        return Skipped(visit.id, "too_far", detail)
    if timed(day, [index]) is None:
        hours = ", ".join(f"{clock(a)}-{clock(b)}" for a, b in visit.windows)
        detail = (
            f"may start {hours}; reached {clock(begin + out)} at the earliest, "
            f"and home by {clock(end)} needs a start by {clock(end - back - visit.service_s)}"
        )
        return Skipped(visit.id, "window", detail)
    if visit.required:
        return Skipped(visit.id, "required_conflict", "fits alone, but not together with the other required visits")
    return Skipped(visit.id, "displaced", "fits alone, but there is no room left beside the visits served")
