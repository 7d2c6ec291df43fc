"""Why a visit was left out, in words a rep understands and with the numbers that decide."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from fieldsim.model import DayProblem, DayVisit, ForcedCost, Skipped
from fieldsim.routing.arrays import EARLIEST, FAR, LUNCH_EARLIEST, LUNCH_LATEST, LUNCH_S, PENDING, SERVICE, SHIFT_END, Day, day_of
from fieldsim.routing.exact import MOST_VISITS
from fieldsim.routing.solve import Found, all_fit, forced_routes, order_with
from fieldsim.routing.timetable import Timed, timed


class Explained(NamedTuple):
    """Reasons for every visit left out, or a better route that turned up while looking for them."""

    skipped: tuple[Skipped, ...]
    better: Timed | None


def clock(seconds: int) -> str:
    """A time of day as HH:MM."""
    return f"{seconds // 3600:02d}:{seconds % 3600 // 60:02d}"


def minutes(seconds: int) -> str:
    """A duration in whole minutes, rounded up."""
    return f"{-(-seconds // 60)} min"


def left_out(day: Day, route: Timed) -> list[int]:
    """Positions of the visits that are not in the route, by id."""
    served = set(route.order)
    return sorted((index for index in range(len(day.visits)) if index not in served), key=lambda i: day.visits[i].id)


def plain_reasons(day: Day, route: Timed) -> tuple[Skipped, ...]:
    """A reason for every visit left out, without searching for a way to force it in."""
    return tuple(alone_reason(day, index) or _no_room(day, index) for index in left_out(day, route))


def full_reasons(day: Day, found: Found, seed: int, *, thorough: bool = False) -> Explained:
    """A reason for every visit left out, with the cheapest way to force it in."""
    route = found.route
    reasons = {index: alone_reason(day, index) for index in left_out(day, route)}
    able = [index for index, reason in reasons.items() if reason is None]
    for index, forced in zip(able, forced_routes(day, found, able, seed, thorough=thorough), strict=True):
        if forced.route.rank > route.rank:
            return Explained((), forced.route)
        reasons[index] = _displaced(day, route, index, forced)
    return Explained(tuple(reason for reason in reasons.values() if reason), None)


def _no_room(day: Day, index: int) -> Skipped:
    visit, how = day.visits[index], _how(day, index)
    if visit.required:
        return Skipped(visit.id, "required_conflict", f"{how}, but not together with the other required visits")
    return Skipped(visit.id, "displaced", f"{how}, but there is no room left beside the visits served")


def _how(day: Day, index: int) -> str:
    return "fits alone" if timed(day, [index]) else "fits only on the way to or from another visit"


def _displaced(day: Day, route: Timed, index: int, found: Found) -> Skipped:
    """What serving the visit would cost: the visits dropped for it, and travel."""
    visit, forced = day.visits[index], found.route
    served = set(forced.order)
    dropped = [day.visits[i] for i in sorted(route.order, key=lambda i: day.visits[i].id) if i not in served]
    extra = route.rank[2] - forced.rank[2]
    names = ", ".join(f"{one.id} ({_weight(one)})" for one in dropped)
    way = f"{minutes(extra)} more travel" if extra >= 0 else f"{minutes(-extra)} less travel"
    how = f"{_how(day, index)} ({_weight(visit)})"
    if found.proven:
        detail = f"{how}, but then {names or 'nothing'} must go, with {way}"
    else:
        detail = f"{how}; one way in is without {names or 'nothing'}, with {way}"
    reason = "required_conflict" if visit.required else "displaced"
    return Skipped(visit.id, reason, detail, ForcedCost(tuple(one.id for one in dropped), extra, found.proven))


def _weight(visit: DayVisit) -> str:
    return "required" if visit.required else f"priority {visit.priority}"


def alone_reason(day: Day, index: int) -> Skipped | None:
    """What keeps the visit out even with the day to itself; None if it fits alone, or with one other."""
    arrays, n, visit = day.arrays, len(day.visits), day.visits[index]
    begin, end = int(arrays.frame[EARLIEST]), int(arrays.frame[SHIFT_END])
    frame = f"between {clock(begin)} and {clock(end)}"
    if not visit.windows:
        return Skipped(visit.id, "never_open", "not open that day")
    out, back = int(arrays.near[n, index]), int(arrays.near[index, n + 1])
    if max(out, back) >= FAR:
        return Skipped(visit.id, "too_far", "no way leads there and back")
    if visit.service_s > end - begin:
        detail = f"the visit takes {minutes(visit.service_s)}, there are {minutes(max(0, end - begin))} {frame}"
        return Skipped(visit.id, "shift", detail)
    if out + visit.service_s + back > end - begin:
        detail = f"{minutes(out)} there, {minutes(visit.service_s)} visit and {minutes(back)} back do not fit {frame}"
        return Skipped(visit.id, "too_far", detail)
    if order_with(day, index) is not None:
        return None
    hours = ", ".join(f"{clock(a)}-{clock(b)}" for a, b in visit.windows)
    detail = (
        f"may start {hours}; reached {clock(begin + out)} at the earliest, "
        f"and home by {clock(end)} needs a start by {clock(end - back - visit.service_s)}"
    )
    if timed(_without_lunch(day), [index]) is not None:
        early, late, pause = (int(arrays.frame[k]) for k in (LUNCH_EARLIEST, LUNCH_LATEST, LUNCH_S))
        detail += f"; the lunch of {minutes(pause)}, begun between {clock(early)} and {clock(late)}, leaves no room"
    return Skipped(visit.id, "window", detail)


def _without_lunch(day: Day) -> Day:
    frame = day.arrays.frame.copy()
    frame[[LUNCH_EARLIEST, LUNCH_LATEST, LUNCH_S, PENDING]] = -1, -1, 0, 0
    frame[-1] = frame[EARLIEST]
    return day._replace(arrays=day.arrays._replace(frame=frame))


def failing_set(problem: DayProblem, day: Day, route: Timed, seed: int) -> tuple[str, ...]:
    """Required visits that cannot all be served together, none of which could be spared; empty if the route serves all.

    A visit is spared only where the rest is proven to fail without it.
    """
    required = [visit for visit in day.visits if visit.required]
    served = {day.visits[index].id for index in route.order}
    missing = [visit for visit in required if visit.id not in served]
    if not missing:
        return ()
    for visit in sorted(missing, key=lambda visit: visit.id):
        if order_with(day, day.visits.index(visit)) is None:
            return (visit.id,)
    kept = sorted(required, key=lambda visit: (visit.id not in served, visit.id))
    fit: dict[tuple[DayVisit, ...], bool | None] = {}
    for visit in list(kept):
        rest = [other for other in kept if other is not visit]
        alike = tuple(sorted((replace(other, id="") for other in rest), key=repr))
        if alike not in fit:
            fails = _too_much(day, rest)
            fit[alike] = False if fails else (all_fit(day_of(problem, tuple(rest)), seed) if len(rest) < MOST_VISITS else None)
        if fit[alike] is False:
            kept = rest
    return tuple(sorted(visit.id for visit in kept))


def _too_much(day: Day, visits: list[DayVisit]) -> bool:
    """Whether the visits and the way to the farthest of them take more than the shift, in whatever order."""
    arrays, n, chosen = day.arrays, len(day.visits), set(visits)
    indices = [index for index, visit in enumerate(day.visits) if visit in chosen]
    ways = arrays.near[n, indices] + arrays.near[indices, n + 1]
    busy = int(arrays.facts[indices, SERVICE].sum() + ways.max(initial=0))
    return busy > int(arrays.frame[SHIFT_END] - arrays.frame[EARLIEST])
