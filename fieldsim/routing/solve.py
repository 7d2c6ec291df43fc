"""Our own best route of a day: search, then a proof as far as the labels reach."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fieldsim.luck import stream
from fieldsim.model import Ints
from fieldsim.routing.arrays import AGREED, EARLIEST, LATEST, VALUE, Day
from fieldsim.routing.exact import MOST_VISITS, NOBODY, settle
from fieldsim.routing.prices import Relaxed, relax, toward
from fieldsim.routing.search import improve
from fieldsim.routing.timetable import Timed, timed
from fieldsim.routing.trees import BARE, Forest, forest

Stages = tuple[tuple[int, int], ...]

STAGES = ((60_000, 60), (60_000, 300), (60_000, 2_000), (250_000, 6_000))
"""Labels a day may cost as a matter of course, and how many are followed side by side: each stage from the answer of the last."""
ROUNDS = 12
"""Rounds of prices for the bound."""
SHORT, ALL_LABELS = 12, 400_000
"""Visits up to which a day is proven as a matter of course, and the labels it may cost."""
PROOF_LABELS, PROOF_ROUNDS = 2_000_000, 40
"""Labels and rounds of prices with `prove=True` and in the exact engine."""
SIDE_ROUNDS = 3
"""Rounds of prices for a side question, which begins with the day's own."""
MANY, RESTARTS = 25, 8
"""Visits beyond which the search begins several times, and how often."""
AGAIN, TURNS, LONG = 1000, 3, 5000
"""Iterations of the search for a day that resists a proof, how often it begins, and iterations for one too long for a proof."""
BRIEF = 120
"""Iterations of a search for all visits together."""
SIDE = 30
"""Iterations of a search that begins from an answer to answer a side question."""
FINE = 6
"""The bound's tables have steps of 64 s."""
SIDE_STAGES = ((60_000, 60), (60_000, 800))
"""Stages of a side question about a day of more than SHORT visits."""
GUESS = np.empty(0, dtype=np.int64)


class Found(NamedTuple):
    """A route, whether it is proven to be the best, and the relaxed day behind the proof."""

    route: Timed
    proven: bool
    bound: Relaxed | None


def best_route(day: Day, seed: int, *, thorough: bool = False) -> Found:
    """Our own best route; `thorough` spends PROOF_LABELS on the proof."""
    n = len(day.visits)
    order = _searched(day, seed)
    if n > MOST_VISITS:
        return Found(_timed(day, order), False, None)
    found = _settled(day, order, _bounded(day, order, GUESS, max(4, min(ROUNDS, n - 2))), _stages(n)[:3])
    if not found.proven:
        order = _searched_again(day, found.route, seed)
        found = _settled(day, order, _bounded(day, order, _prices(found), SIDE_ROUNDS), _stages(n)[3:])
    if thorough and not found.proven:
        order = np.array(found.route.order, dtype=np.int64)
        stages = ((_share(PROOF_LABELS, n), PROOF_LABELS),)
        found = _settled(day, order, _bounded(day, order, _prices(found), PROOF_ROUNDS), stages)
    return found


def _searched(day: Day, seed: int) -> Ints:
    """The order that the search alone finds; for many visits it begins several times, as one beginning may lead nowhere."""
    n = len(day.visits)
    best: Timed | None = None
    for turn in range(RESTARTS if n > MANY else 1):
        order = np.empty(max(n, 1), dtype=np.int64)
        m = improve(day.arrays, order, 0, 30 + 10 * min(n, MOST_VISITS), _key(seed) + turn)
        route = _timed(day, order[:m])
        best = route if best is None or route.rank > best.rank else best
    assert best is not None
    if n > MOST_VISITS:
        m = len(best.order)
        order[:m] = best.order
        return order[: improve(day.arrays, order, m, LONG, _key(seed))]
    return np.array(best.order, dtype=np.int64)


def _searched_again(day: Day, route: Timed, seed: int) -> Ints:
    """A better order than the route's, if the search finds one from it or from nothing."""
    best, order = route, np.empty(len(day.visits), dtype=np.int64)
    for turn in range(TURNS):
        m = 0 if turn % 2 == 1 else len(best.order)
        order[:m] = best.order[:m]
        found = _timed(day, order[: improve(day.arrays, order, m, AGAIN, _key(seed) + RESTARTS + turn)])
        best = found if found.rank > best.rank else best
    return np.array(best.order, dtype=np.int64)


def _stages(n: int) -> Stages:
    if n <= SHORT:
        return STAGES[1], (ALL_LABELS, ALL_LABELS)
    return (*STAGES[:2], *((_share(labels, n), width) for labels, width in STAGES[2:]))


def _share(labels: int, n: int) -> int:
    """Fewer labels where each is dearer: a bound may look at all pairs of visits."""
    return labels * MANY**2 // max(n, MANY) ** 2


def _key(seed: int) -> int:
    return int(stream(seed, 0, "route")) >> 2


def _timed(day: Day, order: Ints | list[int]) -> Timed:
    route = timed(day, order)
    assert route is not None
    return route


def _prices(found: Found) -> Ints:
    return GUESS if found.bound is None else found.bound.price


def _bounded(day: Day, known: Ints, price: Ints, rounds: int) -> Relaxed:
    """The relaxed day around a known order."""
    return relax(day.arrays, _aims(_timed(day, known)), price, rounds, FINE)


def _aims(route: Timed) -> Ints:
    value, kept, travel, finish = route.rank
    return np.array([value, kept, -travel, -finish], dtype=np.int64)


def _settled(day: Day, known: Ints, bound: Relaxed, stages: Stages, wanted: int = NOBODY) -> Found:
    """Label setting from a known order, stage by stage until one is complete; every route must make the visit `wanted`."""
    best = _aims(_timed(day, known))
    order = np.empty(max(len(day.visits), 1), dtype=np.int64)
    m, complete = len(known), 0
    order[:m] = known
    for labels, width in stages:
        complete, count, _ = settle(day.arrays, bound, _trees(day, bound, best), wanted, best, order, labels, width)
        m = m if count < 0 else count
        if complete:
            break
    return Found(_timed(day, order[:m]), complete == 1, bound)


def _trees(day: Day, bound: Relaxed, best: Ints) -> Forest:
    """The trees of a day whose best route known serves all that can be served, otherwise none."""
    facts = day.arrays.facts
    full = best[0] == facts[facts[:, LATEST] >= 0, VALUE].sum()
    return forest(bound.cost, facts, int(best[2])) if full else BARE


def forced_routes(day: Day, found: Found, indices: list[int], seed: int, *, thorough: bool = False) -> list[Found]:
    """For each visit the best route that serves it, whatever else it costs, ranked by the day's own values.

    For each there must be an order that serves it. `found` is the answer without them, whose relaxed day bounds these routes too.
    """
    return [_forced(day, found, index, seed, thorough) for index in indices]


def _forced(day: Day, found: Found, index: int, seed: int, thorough: bool) -> Found:
    order, n = _searched_with(day, found.route, index, seed), len(day.visits)
    if found.bound is None:
        return Found(_timed(day, order), False, None)
    bound = toward(day.arrays, found.bound, index)
    forced = _settled(day, order, bound, SIDE_STAGES if n > SHORT else _stages(n), index)
    if thorough and not forced.proven:
        forced = _settled(day, np.array(forced.route.order, dtype=np.int64), bound, _stages(n)[2:], index)
    return forced


def order_with(day: Day, index: int) -> tuple[int, ...] | None:
    """An order that serves the visit: alone, or with another where the way past that one is shorter; None if there is none."""
    n, facts, frame = len(day.visits), day.arrays.facts, day.arrays.frame
    if frame[EARLIEST] + day.arrays.near[n, index] > facts[index, LATEST]:
        return None
    pairs = [pair for other in range(n) if other != index for pair in ((other, index), (index, other))]
    return next((order for order in ((index,), *pairs) if timed(day, list(order)) is not None), None)


def _searched_with(day: Day, route: Timed, index: int, seed: int) -> Ints:
    """An order that the search finds with one visit worth more than all others: from the answer, or from that visit alone."""
    facts = day.arrays.facts.copy()
    facts[index, VALUE] = day.arrays.facts[:, VALUE].sum() + 1
    wanting = day.arrays._replace(facts=facts)
    for start in (route.order, order_with(day, index) or ()):
        order = np.empty(len(day.visits), dtype=np.int64)
        order[: len(start)] = start
        m = improve(wanting, order, len(start), SIDE, _key(seed))
        if index in order[:m]:
            break
    return order[:m]


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
    bound = relax(day.arrays, best, GUESS, ROUNDS, FINE)
    for labels, width in _stages(n):
        complete, count, _ = settle(day.arrays, bound, BARE, NOBODY, best, order, labels, width)
        if count == n or complete:
            return bool(count == n)
    return None


def straight_home(day: Day) -> Timed:
    """Too late for anything: the rep only goes to where the day ends, even if that is after the shift."""
    arrays, n = day.arrays, len(day.visits)
    leave, travel = int(arrays.frame[EARLIEST]), int(arrays.travel[0, n, n + 1])
    rows = np.array([[leave, travel, -1, leave + travel]], dtype=np.int64)
    return Timed((), (0, 0, -travel, -leave - travel), rows)
