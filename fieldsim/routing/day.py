"""One day's route: search, proof, OR-Tools' word on it, and the reasons."""

from __future__ import annotations

from typing import Literal

import numpy as np

from fieldsim.errors import UsageError, did_you_mean
from fieldsim.luck import stream
from fieldsim.model import DayProblem, DayRoute
from fieldsim.routing.arrays import EARLIEST, Day, as_day
from fieldsim.routing.exact import MOST_VISITS, settle
from fieldsim.routing.explain import plain_reasons
from fieldsim.routing.problem import check_problem
from fieldsim.routing.search import improve
from fieldsim.routing.timetable import Timed, day_route, timed

Engine = Literal["auto", "exact", "ortools"]
ENGINES = ("auto", "exact", "ortools")
LABELS = 100_000
"""Labels a day of up to 12 visits may cost: enough for a proof of nearly all."""
LABELS_LONG = 8_000
"""Labels a longer day may cost, so that it is still answered at once."""
SHORT = 12
PROOF_LABELS = 3_000_000
"""Labels of `prove=True` and of the exact engine."""


def route_day(problem: DayProblem, *, engine: str = "auto", prove: bool = False, explain: bool = True, seed: int = 0) -> DayRoute:
    """The best route of a day, by the order of aims in the design (section 3.5), and why visits are left out.

    `engine`: auto (search and proof, then OR-Tools from that answer), exact (no OR-Tools) or ortools (OR-Tools alone). `prove`
    spends many more labels on a proof. The same problem and seed give the same answer on any machine. Raises DataError.
    """
    if engine not in ENGINES:
        raise UsageError(f"unknown engine '{engine}'; known: {', '.join(ENGINES)}", hint=did_you_mean(engine, ENGINES))
    check_problem(problem)
    day = as_day(problem)
    route, proof = _solve(day, engine, prove, seed)
    skipped = plain_reasons(day, route)
    del explain
    return day_route(day, route, proof, skipped, ())


def _solve(day: Day, engine: str, thorough: bool, seed: int) -> tuple[Timed, str]:
    from fieldsim.routing.ortools_day import check_route, route_alone

    empty = timed(day, [])
    if empty is None:
        return _straight_home(day), "exact"
    if engine == "ortools":
        return route_alone(day), "none"
    usual = LABELS if len(day.visits) <= SHORT else LABELS_LONG
    route, proven = best_route(day, seed, PROOF_LABELS if thorough or engine == "exact" else usual)
    if engine == "auto" and route.order:
        verdict = check_route(day, route, proven=proven)
        if verdict.better is not None:
            route = verdict.better
    return route, "exact" if proven else "none"


def best_route(day: Day, seed: int, labels: int) -> tuple[Timed, bool]:
    """Our own best route, and whether it is proven."""
    n = len(day.visits)
    order = np.empty(max(n, 1), dtype=np.int64)
    key = int(stream(seed, 0, "route")) >> 2
    m = improve(day.arrays, order, 0, _iterations(n), key)
    proven = False
    if n <= MOST_VISITS:
        start = timed(day, order[:m])
        assert start is not None
        best = np.array([start.rank[0], start.rank[1], -start.rank[2], -start.rank[3]], dtype=np.int64)
        complete, count, _ = settle(day.arrays, best, order, labels)
        proven, m = complete == 1, m if count < 0 else count
    route = timed(day, order[:m])
    assert route is not None
    return route, proven


def _iterations(n: int) -> int:
    """More for longer days, where the proof is less likely to come; bounded for absurd ones."""
    return 30 + 10 * n if n <= 12 else max(100, min(1000, 2_000_000 // n**2))


def _straight_home(day: Day) -> Timed:
    """Too late for anything: the rep only goes to where the day ends, even if that is after the shift."""
    arrays, n = day.arrays, len(day.visits)
    leave, travel = int(arrays.frame[EARLIEST]), int(arrays.travel[0, n, n + 1])
    rows = np.array([[leave, travel, -1, leave + travel]], dtype=np.int64)
    return Timed((), (0, 0, -travel, -leave - travel), rows)
