"""Our own best route of a day: search, then a proof as far as the labels reach."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fieldsim.luck import stream
from fieldsim.model import Ints
from fieldsim.routing.arrays import AGREED, EARLIEST, VALUE, Day
from fieldsim.routing.exact import MOST_VISITS, settle
from fieldsim.routing.prices import relax, weights
from fieldsim.routing.search import improve
from fieldsim.routing.timetable import Timed, timed

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
AGAIN, LONG = 1000, 5000
"""Iterations of the search from an answer that resists a proof, and from that of a day too long for a proof."""
BRIEF = 120
"""Iterations of a search that answers a side question."""
FINE, SIDE_FINE = 6, 7
"""The bound's tables have steps of 64 s, in side questions of 128 s."""
GUESS = np.empty(0, dtype=np.int64)


class Found(NamedTuple):
    """A route, whether it is proven to be the best, and the prices of the visits behind the proof."""

    route: Timed
    proven: bool
    price: Ints


def best_route(day: Day, seed: int, *, thorough: bool = False) -> Found:
    """Our own best route; `thorough` spends PROOF_LABELS on the proof."""
    n = len(day.visits)
    order = _searched(day, seed)
    if n > MOST_VISITS:
        return Found(_timed(day, order), False, GUESS)
    found = _settled(day, order, GUESS, max(4, min(ROUNDS, n - 2)), FINE, _stages(n)[:3])
    if not found.proven:
        room = np.empty(n, dtype=np.int64)
        m = len(found.route.order)
        room[:m] = found.route.order
        m = improve(day.arrays, room, m, AGAIN, _key(seed) + RESTARTS)
        found = _settled(day, room[:m], found.price, SIDE_ROUNDS, FINE, _stages(n)[3:])
    if thorough and not found.proven:
        stages = ((_share(PROOF_LABELS, n), PROOF_LABELS),)
        found = _settled(day, np.array(found.route.order), found.price, PROOF_ROUNDS, FINE, stages)
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


def _settled(day: Day, known: Ints, price: Ints, rounds: int, fine: int, stages: Stages) -> Found:
    """Label setting from a known order, stage by stage until one is complete."""
    value, kept, travel, finish = _timed(day, known).rank
    best = np.array([value, kept, -travel, -finish], dtype=np.int64)
    order = np.empty(max(len(day.visits), 1), dtype=np.int64)
    m, complete = len(known), 0
    order[:m] = known
    relaxed = relax(day.arrays, best, price, rounds, fine)
    for labels, width in stages:
        complete, count, _ = settle(day.arrays, relaxed, best, order, labels, width)
        m = m if count < 0 else count
        if complete:
            break
    return Found(_timed(day, order[:m]), complete == 1, relaxed.price)


def forced_routes(day: Day, indices: list[int], price: Ints, seed: int, *, thorough: bool = False) -> list[Found]:
    """For each visit the best route that serves it, whatever else it costs, ranked by the day's own values.

    Each visit must fit alone. `price` are the day's prices, where the bounds begin.
    """
    forced = [_wanting(day, index) for index in indices]
    found = [_forced(day, wanted, index, price, seed) for wanted, index in zip(forced, indices, strict=True)]
    for k, one in enumerate(found):
        if thorough and not one.proven and len(day.visits) <= MOST_VISITS:
            found[k] = _settled(forced[k], np.array(one.route.order), one.price, ROUNDS, FINE, _stages(len(day.visits))[2:])
    return [one._replace(route=_timed(day, list(one.route.order))) for one in found]


def _wanting(day: Day, index: int) -> Day:
    """The day with one visit worth more than all others."""
    facts = day.arrays.facts.copy()
    facts[index, VALUE] = day.arrays.facts[:, VALUE].sum() + 1
    return day._replace(arrays=day.arrays._replace(facts=facts))


def _forced(day: Day, wanted: Day, index: int, price: Ints, seed: int) -> Found:
    """A first answer to a side question."""
    n = len(day.visits)
    order = np.empty(n, dtype=np.int64)
    order[0] = index
    m = improve(wanted.arrays, order, 1, BRIEF, _key(seed))
    if n > MOST_VISITS:
        return Found(_timed(wanted, order[:m]), False, GUESS)
    if price.size:
        more = wanted.arrays.facts[index, VALUE] - day.arrays.facts[index, VALUE]
        price = price.copy()
        price[index] += more * weights(day.arrays.facts, day.arrays.frame)[0]
    return _settled(wanted, order[:m], price, SIDE_ROUNDS, SIDE_FINE, _stages(n)[:2])


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
    relaxed = relax(day.arrays, best, GUESS, ROUNDS, FINE)
    for labels, width in _stages(n):
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
