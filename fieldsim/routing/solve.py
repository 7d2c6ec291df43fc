"""Our own best route of a day: search, then a proof as far as the labels reach."""

from __future__ import annotations

import numpy as np

from fieldsim.luck import stream
from fieldsim.model import Ints
from fieldsim.routing.arrays import EARLIEST, NEVER, VALUE, Day
from fieldsim.routing.exact import MOST_VISITS, settle
from fieldsim.routing.search import improve
from fieldsim.routing.timetable import Timed, timed

SHORT = 12
"""Visits up to which a day is proven as a matter of course."""
LABELS = 100_000
"""Labels a short day may cost: enough for a proof of nearly all."""
LABELS_LONG, WIDTH_LONG = 60_000, 150
"""Labels a longer day may cost, and how many are followed side by side, so that it is still answered at once."""
MIDDLE, LABELS_MIDDLE = 15, 10_000
"""Visits up to which a proof is at least tried, and the labels it may cost."""
PROOF_LABELS = 2_000_000
"""Labels of `prove=True` and of the exact engine."""
BRIEF = 120
"""Iterations of a search that answers a side question."""


def best_route(day: Day, seed: int, *, thorough: bool = False) -> tuple[Timed, bool]:
    """Our own best route, and whether it is proven; `thorough` spends PROOF_LABELS on the proof."""
    n = len(day.visits)
    order = np.empty(max(n, 1), dtype=np.int64)
    m, proven = 0, False
    for turn in range(1 if n <= SHORT else 2):
        if not proven:
            m = improve(day.arrays, order, m, _iterations(n), _key(seed) + turn)
            if SHORT < n <= MOST_VISITS:
                proven, m = _settled(day, order, m, LABELS_LONG, WIDTH_LONG)
    if n <= MOST_VISITS and not proven and (n <= MIDDLE or thorough):
        labels = LABELS if n <= SHORT else (PROOF_LABELS if thorough else LABELS_MIDDLE)
        proven, m = _settled(day, order, m, labels, labels)
        if thorough and not proven and labels < PROOF_LABELS:
            proven, m = _settled(day, order, m, PROOF_LABELS, PROOF_LABELS)
    route = timed(day, order[:m])
    assert route is not None
    return route, proven


def _key(seed: int) -> int:
    return int(stream(seed, 0, "route")) >> 2


def _iterations(n: int) -> int:
    """Few where a proof follows anyway."""
    return 30 + 10 * n if n <= SHORT else 1000


def _settled(day: Day, order: Ints, m: int, labels: int, width: int) -> tuple[bool, int]:
    """Label setting from the route order[0..m-1]: whether the best is proven, and its length, now in `order`."""
    known = timed(day, order[:m])
    assert known is not None
    value, kept, travel, finish = known.rank
    best = np.array([value, kept, -travel, -finish], dtype=np.int64)
    complete, count, _ = settle(day.arrays, best, order, labels, width)
    return complete == 1, m if count < 0 else count


def forced_route(day: Day, index: int, seed: int) -> Timed:
    """The best route that serves the visit, whatever else it costs; the visit must fit alone.

    Proven where a short day's proof is; the rank is by the day's own values.
    """
    worth = day.arrays.facts[:, VALUE]
    facts = day.arrays.facts.copy()
    facts[index, VALUE] = worth.sum() + 1
    wanted = day._replace(arrays=day.arrays._replace(facts=facts))
    order = np.empty(len(day.visits), dtype=np.int64)
    order[0] = index
    m = improve(wanted.arrays, order, 1, BRIEF, _key(seed))
    if len(day.visits) <= SHORT:
        _, m = _settled(wanted, order, m, LABELS, LABELS)
    route = timed(day, order[:m])
    assert route is not None
    return route


def all_fit(day: Day, seed: int) -> bool | None:
    """Whether all visits of the day can be served together; None if the labels do not reach to tell."""
    n = len(day.visits)
    order = np.empty(max(n, 1), dtype=np.int64)
    if improve(day.arrays, order, 0, BRIEF, _key(seed)) == n:
        return True
    if n > MOST_VISITS:
        return None
    total = int(day.arrays.facts[:, VALUE].sum())
    best = np.array([total - 1, NEVER, 0, 0], dtype=np.int64)
    complete, count, _ = settle(day.arrays, best, order, LABELS, LABELS)
    return True if count == n else (False if complete else None)


def straight_home(day: Day) -> Timed:
    """Too late for anything: the rep only goes to where the day ends, even if that is after the shift."""
    arrays, n = day.arrays, len(day.visits)
    leave, travel = int(arrays.frame[EARLIEST]), int(arrays.travel[0, n, n + 1])
    rows = np.array([[leave, travel, -1, leave + travel]], dtype=np.int64)
    return Timed((), (0, 0, -travel, -leave - travel), rows)
