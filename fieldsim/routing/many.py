"""Many days at once: each distinct day is routed once, kept by content, over any number of processes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from fieldsim.model import DayProblem, DayRoute
from fieldsim.routing.day import route_day
from fieldsim.store import Store, content_key

RULES = "day-7"
"""Part of every key: raise it when the same problem may get another answer."""
FEW = 600
"""Days (a proof or a full explanation counts as several) below which starting processes takes longer than it saves."""
HEAVY = 5
"""Days that one with a proof or a full explanation counts as."""


def route_days(
    problems: Sequence[DayProblem],
    *,
    store: Store | None = None,
    workers: int = 1,
    explain: bool = False,
    engine: str = "auto",
    prove: bool = False,
    seed: int = 0,
) -> list[DayRoute]:
    """`route_day` for each problem, in their order; equal problems once, and not at all where the store knows them.

    `workers` processes share the work where there is enough of it (FEW); the answers are the same for any number.
    """
    keys = [problem_key(problem, engine, prove, explain, seed) for problem in problems]
    distinct = dict(zip(keys, problems, strict=True))
    known: dict[str, DayRoute] = {}
    if store is not None:
        found = {key: store.get("route", key) for key in distinct}
        known = {key: route for key, route in found.items() if isinstance(route, DayRoute)}
    missing = [key for key in distinct if key not in known]
    solve = partial(route_day, engine=engine, prove=prove, explain=explain, seed=seed)
    work = len(missing) * (HEAVY if prove or explain else 1)
    routes = _all(solve, [distinct[key] for key in missing], workers if work >= FEW else 1)
    for key, route in zip(missing, routes, strict=True):
        known[key] = route
        if store is not None:
            store.keep("route", key, route)
    return [known[key] for key in keys]


def _all(solve: partial[DayRoute], problems: Sequence[DayProblem], workers: int) -> list[DayRoute]:
    if workers <= 1:
        return [solve(problem) for problem in problems]
    from joblib import Parallel, delayed

    return list(Parallel(n_jobs=workers, batch_size=16)(delayed(solve)(problem) for problem in problems))


def problem_key(problem: DayProblem, engine: str, prove: bool, explain: bool, seed: int) -> str:
    """Content key of a problem and of how it is solved; the order of the visits does not enter."""
    visits = sorted(repr(visit) for visit in problem.visits)
    travel = problem.travel
    frame = (problem.start, problem.end, problem.shift, repr(problem.lunch), repr(problem.now))
    return content_key(RULES, travel.seconds, travel.from_s, frame, visits, engine, prove, explain, seed)
