"""A day in an order that somebody wants: times for a given order, and a re-plan that keeps it unless another is worth it."""

from __future__ import annotations

from collections.abc import Sequence

from fieldsim.model import DayProblem, DayRoute
from fieldsim.routing.arrays import VALUE, Day, as_day
from fieldsim.routing.day import confirmed
from fieldsim.routing.explain import plain_reasons
from fieldsim.routing.solve import best_route, straight_home
from fieldsim.routing.timetable import Timed, day_route, timed
from fieldsim.routing.validate import check_problem

WORTH_S = 300
"""Travel that a re-plan must save for each visit it moves, where it serves no more than the order that stands."""
MOVED_S = 900
"""A visit that starts at most so much earlier or later has not moved."""


def follow_order(problem: DayProblem, order: Sequence[str]) -> DayRoute:
    """The best times of visiting in the given order of ids; visits that are not in it are put where they cost least.

    Nothing overtakes: of two visits in `order` the earlier one stays earlier. What does not fit is left out, the least important
    first, with a reason. Ids that are no open visit of the problem are passed over. Raises DataError as `route_day` does.
    """
    check_problem(problem)
    day = as_day(problem)
    route = _ordered(day, order)
    return day_route(day, route, "none", plain_reasons(day, route), ())


def replan_day(problem: DayProblem, order: Sequence[str], *, seed: int = 0) -> DayRoute:
    """The order that stands, as `follow_order` keeps it, unless the best route is better where it counts.

    Better is: more required visits, priority, visits or agreed starts; or WORTH_S less travel for each visit that it moves.
    """
    check_problem(problem)
    day = as_day(problem)
    kept = _ordered(day, order)
    if timed(day, []) is None:
        return day_route(day, kept, "none", plain_reasons(day, kept), ())
    best, proven, _ = confirmed(day, best_route(day, seed), "auto")
    if best.rank[:2] <= kept.rank[:2] and kept.rank[2] + WORTH_S * max(1, _moved(kept, best)) > best.rank[2]:
        best, proven = kept, proven and kept.rank == best.rank
    return day_route(day, best, "exact" if proven else "none", plain_reasons(day, best), ())


def _moved(old: Timed, new: Timed) -> int:
    """Visits of both routes that start at another time."""
    starts = dict(zip(new.order, new.rows[:-1, 3].tolist(), strict=True))
    rows = zip(old.order, old.rows[:-1, 3].tolist(), strict=True)
    return sum(index in starts and abs(starts[index] - start) > MOVED_S for index, start in rows)


def _ordered(day: Day, order: Sequence[str]) -> Timed:
    """The order with everything else inserted, or as much of it as can be done."""
    wish = {name: k for k, name in enumerate(dict.fromkeys(order))}
    listed = [index for index, visit in enumerate(day.visits) if visit.id in wish]
    place = {index: wish[day.visits[index].id] for index in listed}
    route = timed(day, sorted(listed, key=place.__getitem__))
    rest = [index for index in range(len(day.visits)) if route is None or index not in place]
    if route is None:
        route = timed(day, [])
    if route is None:
        return straight_home(day)
    worth = day.arrays.facts[:, VALUE].tolist()
    for index in sorted(rest, key=lambda i: (-worth[i], i not in place, place.get(i, i))):
        route = _inserted(day, route, index, place) or route
    return route


def _inserted(day: Day, route: Timed, index: int, place: dict[int, int]) -> Timed | None:
    """The route with one visit more, at its cheapest place between those that it may not overtake."""
    first, last = 0, len(route.order)
    if index in place:
        before = [k for k, other in enumerate(route.order) if other in place and place[other] < place[index]]
        after = [k for k, other in enumerate(route.order) if other in place and place[other] > place[index]]
        first, last = max(before, default=-1) + 1, min(after, default=last)
    tries = [timed(day, [*route.order[:k], index, *route.order[k:]]) for k in range(first, last + 1)]
    return max((found for found in tries if found is not None), key=lambda found: found.rank, default=None)
