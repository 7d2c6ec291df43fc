"""Our own best route of a day: search, then a proof as far as the labels reach."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fieldsim.luck import stream
from fieldsim.model import Ints
from fieldsim.routing.arrays import AGREED, EARLIEST, VALUE, Day
from fieldsim.routing.exact import MOST_VISITS, settle
from fieldsim.routing.prices import relax
from fieldsim.routing.search import improve
from fieldsim.routing.timetable import Timed, timed

Stages = tuple[tuple[int, int], ...]

STAGES = ((60_000, 60), (60_000, 300), (60_000, 2_000), (250_000, 6_000))
"""Labels a day may cost as a matter of course, and how many are followed side by side: each stage from the answer of the last."""
ROUNDS = 12
"""Rounds of prices for the bound."""
PROOF_LABELS, PROOF_ROUNDS = 2_000_000, 40
"""The same with `prove=True` and in the exact engine."""
SIDE_ROUNDS, SIDE_STAGES = 5, STAGES[1:3]
"""Rounds and stages of a side question, which begins with the day's own prices."""
BRIEF = 120
"""Iterations of a search that answers a side question."""
GUESS = np.empty(0, dtype=np.int64)


class Found(NamedTuple):
    """A route, whether it is proven to be the best, and the prices of the visits behind the proof."""

    route: Timed
    proven: bool
    price: Ints


def best_route(day: Day, seed: int, *, thorough: bool = False) -> Found:
    """Our own best route; `thorough` spends PROOF_LABELS on the proof."""
    n = len(day.visits)
    order = np.empty(max(n, 1), dtype=np.int64)
    m = improve(day.arrays, order, 0, _iterations(n), _key(seed))
    if n > MOST_VISITS:
        return Found(_timed(day, order, m), False, GUESS)
    found = _settled(day, order, m, GUESS, ROUNDS, STAGES)
    if thorough and not found.proven:
        order[: len(found.route.order)] = found.route.order
        stages = ((PROOF_LABELS, PROOF_LABELS),)
        found = _settled(day, order, len(found.route.order), found.price, PROOF_ROUNDS, stages)
    return found


def _key(seed: int) -> int:
    return int(stream(seed, 0, "route")) >> 2


def _iterations(n: int) -> int:
    """Few where a proof follows anyway."""
    return 30 + 10 * n if n <= MOST_VISITS else 1000


def _timed(day: Day, order: Ints, m: int) -> Timed:
    route = timed(day, order[:m])
    assert route is not None
    return route


def _settled(day: Day, order: Ints, m: int, price: Ints, rounds: int, stages: Stages) -> Found:
    """Label setting from the route order[0..m-1], stage by stage until one is complete."""
    value, kept, travel, finish = _timed(day, order, m).rank
    best = np.array([value, kept, -travel, -finish], dtype=np.int64)
    relaxed = relax(day.arrays, best, price, rounds)
    complete = 0
    for labels, width in stages:
        complete, count, _ = settle(day.arrays, relaxed, best, order, labels, width)
        m = m if count < 0 else count
        if complete:
            break
    return Found(_timed(day, order, m), complete == 1, relaxed.price)


def forced_route(day: Day, index: int, price: Ints, seed: int) -> Found:
    """The best route that serves the visit, whatever else it costs, ranked by the day's own values; the visit must fit alone.

    `price` are the day's prices, where the bound begins.
    """
    worth = day.arrays.facts[:, VALUE]
    facts = day.arrays.facts.copy()
    facts[index, VALUE] = worth.sum() + 1
    wanted = day._replace(arrays=day.arrays._replace(facts=facts))
    order = np.empty(len(day.visits), dtype=np.int64)
    order[0] = index
    m = improve(wanted.arrays, order, 1, BRIEF, _key(seed))
    if len(day.visits) > MOST_VISITS:
        return Found(_timed(day, order, m), False, GUESS)
    found = _settled(wanted, order, m, price, SIDE_ROUNDS, SIDE_STAGES)
    return found._replace(route=_timed(day, np.array(found.route.order), len(found.route.order)))


def all_fit(day: Day, seed: int) -> bool | None:
    """Whether all visits of the day can be served together; None if the labels do not reach to tell."""
    n = len(day.visits)
    order = np.empty(max(n, 1), dtype=np.int64)
    if improve(day.arrays, order, 0, BRIEF, _key(seed)) == n:
        return True
    if n > MOST_VISITS:
        return None
    total = int(day.arrays.facts[:, VALUE].sum())
    agreed = int((day.arrays.facts[:, AGREED] >= 0).sum())
    best = np.array([total - 1, agreed, 0, 0], dtype=np.int64)
    relaxed = relax(day.arrays, best, GUESS, ROUNDS)
    for labels, width in SIDE_STAGES:
        complete, count, _ = settle(day.arrays, relaxed, best, order, labels, width)
        if count == n or complete:
            return bool(count == n)
    return None


def straight_home(day: Day) -> Timed:
    """Too late for anything: the rep only goes to where the day ends, even if that is after the shift."""
    arrays, n = day.arrays, len(day.visits)
    leave, travel = int(arrays.frame[EARLIEST]), int(arrays.travel[0, n, n + 1])
    rows = np.array([[leave, travel, -1, leave + travel]], dtype=np.int64)
    return Timed((), (0, 0, -travel, -leave - travel), rows)
