"""Where a new visit fits best: its cheapest place in each of several days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fieldsim.errors import UsageError
from fieldsim.model import DayProblem, DayRoute, DayVisit
from fieldsim.routing.day import route_day
from fieldsim.routing.validate import MOST_PRIORITY


@dataclass(frozen=True)
class Slot:
    """A place for a new visit in one day, and what it costs there."""

    day: int
    """Position of the day in the problems given."""
    start_s: int
    travel_s: int
    """Extra travel of the day, negative where visits dropped save more."""
    drops: tuple[str, ...]
    """Visits served without the new one but not with it."""
    moved: tuple[str, ...]
    """Agreed starts kept without the new visit but not with it."""
    route: DayRoute
    """The day with the visit."""


def suggest_slot(problems: Sequence[DayProblem], visit: DayVisit | Sequence[DayVisit], *, seed: int = 0) -> tuple[Slot, ...]:
    """The visit's best slot in each day that can hold it, cheapest first: least dropped, fewest starts moved, least travel.

    `visit.at` is a row of every day's matrix; give one visit for each day where the rows or opening hours differ.
    """
    visits = [visit] * len(problems) if isinstance(visit, DayVisit) else list(visit)
    if len(visits) != len(problems):
        raise UsageError(f"{len(visits)} visits for {len(problems)} days: give one visit, or one for each day")
    found = [_slot(k, problem, new, seed) for k, (problem, new) in enumerate(zip(problems, visits, strict=True))]
    slots = [slot for slot in found if slot is not None]
    return tuple(slot for _, slot in sorted(((_cost(problems[s.day], s), s) for s in slots), key=lambda pair: pair[0]))


def _slot(number: int, problem: DayProblem, visit: DayVisit, seed: int) -> Slot | None:
    before = route_day(problem, explain=False, seed=seed)
    most = min(sum(other.priority for other in problem.visits) + 1, MOST_PRIORITY)
    wanted = replace(visit, required=True, priority=most)
    after = route_day(replace(problem, visits=(*problem.visits, wanted)), explain=False, seed=seed)
    starts = {stop.id: stop.start_s for stop in after.stops}
    if visit.id not in starts:
        return None
    after = replace(after, priority_served=after.priority_served - most + visit.priority)
    drops = tuple(sorted(stop.id for stop in before.stops if stop.id not in starts))
    agreed = {v.id: v.agreed_start_s for v in problem.visits if v.agreed_start_s is not None}
    kept = [stop.id for stop in before.stops if stop.id in agreed and abs(stop.start_s - agreed[stop.id]) <= 900]
    moved = tuple(sorted(name for name in kept if name in starts and abs(starts[name] - agreed[name]) > 900))
    return Slot(number, starts[visit.id], after.travel_s - before.travel_s, drops, moved, after)


def _cost(problem: DayProblem, slot: Slot) -> tuple[int, ...]:
    """What orders slots: required and priority dropped, visits dropped, agreed starts moved, travel, day, start."""
    dropped = [visit for visit in problem.visits if visit.id in slot.drops]
    lost = (sum(v.required for v in dropped), sum(v.priority for v in dropped), len(dropped))
    return (*lost, len(slot.moved), slot.travel_s, slot.day, slot.start_s)
