"""One day's route: search, proof, OR-Tools' word on it, and the reasons."""

from __future__ import annotations

from fieldsim.errors import UsageError, did_you_mean
from fieldsim.model import DayProblem, DayRoute
from fieldsim.routing.arrays import Day, as_day
from fieldsim.routing.explain import failing_set, full_reasons, plain_reasons
from fieldsim.routing.solve import Found, best_route, straight_home
from fieldsim.routing.timetable import day_route, timed
from fieldsim.routing.validate import check_problem

ENGINES = ("auto", "exact", "ortools")
ROUNDS = 5
"""Times a better route that turns up while explaining may replace the answer."""


def route_day(problem: DayProblem, *, engine: str = "auto", prove: bool = False, explain: bool = True, seed: int = 0) -> DayRoute:
    """The best route of a day, by the order of aims in the design (section 3.5), and why visits are left out.

    `engine`: auto (search and proof, then OR-Tools from that answer), exact (no OR-Tools) or ortools (OR-Tools alone). `prove`
    spends many more labels on a proof; `explain` looks for the cheapest way to force each skipped visit in. The same problem and
    seed give the same answer on any machine. Raises DataError for a problem that cannot be read.
    """
    if engine not in ENGINES:
        raise UsageError(f"unknown engine '{engine}'; known: {', '.join(ENGINES)}", hint=did_you_mean(engine, ENGINES))
    check_problem(problem)
    day = as_day(problem)
    found = _solve(day, engine, prove, seed)
    skipped = None
    for _ in range(ROUNDS if explain and engine != "ortools" else 0):
        explained = full_reasons(day, found, seed, thorough=prove)
        if explained.better is None:
            skipped = explained.skipped
            break
        found = confirmed(day, found._replace(route=explained.better, proven=False), engine)
    route, proof = found.route, "exact" if found.proven else "none"
    reasons = plain_reasons(day, route) if skipped is None else skipped
    return day_route(day, route, proof, reasons, failing_set(problem, day, route, seed))


def _solve(day: Day, engine: str, thorough: bool, seed: int) -> Found:
    """The route and whether it is proven."""
    from fieldsim.routing.ortools_day import route_alone

    if timed(day, []) is None:
        return Found(straight_home(day), True, None)
    if engine == "ortools":
        return Found(route_alone(day), False, None)
    return confirmed(day, best_route(day, seed, thorough=thorough or engine == "exact"), engine)


def confirmed(day: Day, found: Found, engine: str) -> Found:
    """OR-Tools' word on a route, and its better one, where the engine asks for it."""
    from fieldsim.routing.ortools_day import check_route

    if engine != "auto" or not found.route.order:
        return found
    return found._replace(route=check_route(day, found.route, proven=found.proven).better or found.route)
