"""Splits units over seats: prices and settled large units give the start, simulated annealing makes it whole and balanced.

The starts differ in how much of the tolerance they leave to the annealing; the answer that costs least counts. What an answer
costs is its hours plus a price of all excess over the tolerance, taken from the answer's own mean seat, because workload contains
travel and travel depends on the answer. An answer of few moves that is far from the relaxation is refined by integer programs.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fieldsim.luck import stream
from fieldsim.model import Bools, Floats, Ints
from fieldsim.territory.annealing import anneal, open_slots
from fieldsim.territory.prices import priced_cost, seat_scale
from fieldsim.territory.problem import Problem, Split, slots_of, split_of
from fieldsim.territory.refine import Excess, refine, worth_refining
from fieldsim.territory.settle import settle
from fieldsim.territory.tiny import TINY, UNEVEN, programmed

TIGHTER = (0.8, 0.95)
"""Parts of the tolerance the starts keep to."""
TRIES = 300
"""Tries of the annealing for each open slot."""
MANY_TRIES, FEW = 12_000_000, 12
"""No more tries than this in all, or than so many an open slot, whichever is more."""
MANY, QUICK = 100_000, 100_000
"""Problems of more units, and searches of fewer tries, have one start."""
HEATS = (0.4, 0.03)
"""First and last heat, in median gaps between a unit's two best slots."""
LINE = 0.2
"""Price of a full load of excess beside the seat's own price of balance, in typical costs of a book."""
CAP = 100.0
"""Highest price of a full load of excess, in typical costs of a book."""
FIRM = 1000.0
"""The same where no answer was within the tolerance."""
SQUARE = (3.0, 30_000.0)
"""First and last price of the square of excess, in typical costs of a book."""
INNER = 0.97
"""Part of the tolerance the annealing uses, so that little excess is left outside the whole of it."""
SHY = 0.985
"""Part of the tolerance the refinement uses: it sells a little excess wherever that saves more hours than it is priced at."""
GAP, SWAY = 2.0, 0.5
"""A slot is open up to so many median gaps above the unit's best one, plus so much of a book's cost for its load."""
SMALL = 20_000
"""Problems of fewer slots keep all of them open."""
EXCESS, BEND = 100.0, 10.0
"""What a full load of excess costs an answer, in typical costs of a book, where the problem does not say it, and how much faster
than in proportion it grows."""


def solve(problem: Problem, *, seed: int = 0, moves: int | None = None, start: Ints | None = None, quick: bool = False) -> Split:
    """A split of all units; never worse than `start` (a seat for each unit) in hours + price of excess.

    `moves` bounds the tries of the annealing (default 300 an open slot and start, fewer beyond 20 million); a `quick` search has
    one start, as those of many units and few moves have. The answer depends on the problem and the seed only.
    """
    given = [slots for slots in (None if start is None else slots_of(problem, start),) if slots is not None and slots.min() >= 0]
    found, choice = list(given), problem.seats > 1 and problem.seat.shape[1] > 1
    one = quick or problem.units > MANY or (moves is not None and moves < QUICK)
    starts = TIGHTER[: 1 if one else None] if choice else ()
    for k, tighter in enumerate(starts):
        share = None if moves is None else max(1, moves // len(starts))
        slot, prices = settle(problem, tighter)
        found.append(_annealed(problem, slot, prices, share, stream(seed, k, "territory")))
    if not choice:
        found.append(np.zeros(problem.units, dtype=np.int64))
    best = chosen(problem, found, given)
    if choice and problem.seat.size > SMALL and problem.units <= MANY and not _even(problem, best):
        # where dense and empty country meet, the slots that would even out the empty one look too dear to be left open
        found.append(_annealed(problem, best, prices, moves, stream(seed, len(starts), "territory"), again=True))
    if moves is None and choice and problem.seat.size <= (TINY if _even(problem, best) else UNEVEN):
        found += [slot for slot in (programmed(problem),) if slot is not None]
    best, tries = chosen(problem, found, given), TRIES * int((problem.seat >= 0).sum()) if moves is None else moves
    if choice and worth_refining(problem, best, tries):
        shy = replace(problem, tolerance=problem.tolerance * SHY)
        best = chosen(problem, refine(shy, best, tries, paid(problem), seed), given)
    return split_of(problem, best)


def chosen(problem: Problem, found: list[Ints], given: list[Ints]) -> Ints:
    """The slots of least price, those within the tolerance first; none that cost more than the given ones."""
    most = min((price_of(problem, slot) for slot in given), default=np.inf)
    prices = [price_of(problem, slot) for slot in found]
    return found[min((not _even(problem, found[k]), price, k) for k, price in enumerate(prices) if price <= most)[2]]


def _even(problem: Problem, slot: Ints) -> bool:
    """Whether all loads are within the tolerance."""
    return split_of(problem, slot).imbalance <= problem.tolerance


def price_of(problem: Problem, slot: Ints) -> float:
    """Hours plus the price of all excess, deviations taken from the answer's own mean."""
    split = split_of(problem, slot)
    return split.hours + float(excess_price(problem, split.loads / split.loads.mean(axis=0)).sum())


def excess_price(problem: Problem, loads: Floats) -> Floats:
    """The price of loads over the tolerance, hours, summed over metrics; loads have shape [..., metrics] and mean 1."""
    over = np.maximum(np.abs(loads - 1.0) - problem.tolerance, 0.0)
    price: Floats = ((over + BEND * over**2) * problem.weight).sum(axis=-1) * paid(problem).line
    return price


def paid(problem: Problem) -> Excess:
    """What a full load of excess and its square cost an answer, hours."""
    line = EXCESS * seat_scale(problem) if problem.excess is None else problem.excess
    return Excess(line, BEND * line)


def _annealed(problem: Problem, slot: Ints, prices: Floats, tries: int | None, luck: np.uint64, again: bool = False) -> Ints:
    """The slots after annealing from settled ones, over the promising slots; `again` over all of them, and with excess dearer."""
    scale = seat_scale(problem)
    keep, gap = _open(problem, slot, prices, scale)
    keep = problem.seat >= 0 if again else keep
    slots = open_slots(problem.seat, problem.cost, problem.load, keep, problem.seats)
    if not len(slots.into):
        return slot
    at = slots.first[:-1] + (np.cumsum(keep, axis=1) - 1)[np.arange(problem.units), slot]
    after = anneal(
        slots,
        at,
        problem.near,
        problem.apart,
        (np.abs(prices) + LINE * scale) * problem.weight,
        (FIRM if again else CAP) * scale * problem.weight,
        SQUARE[0] * scale * problem.weight,
        SQUARE[1] / SQUARE[0],
        HEATS[0] * gap,
        HEATS[1] / HEATS[0],
        problem.tolerance * INNER,
        min(TRIES * len(slots.into), max(MANY_TRIES, FEW * len(slots.into))) if tries is None else tries,
        luck,
    )
    return slots.slot[after].astype(np.int64)


def _open(problem: Problem, slot: Ints, prices: Floats, scale: float) -> tuple[Bools, float]:
    """Which slots are worth trying, and the median gap between a unit's two best ones, hours."""
    priced = priced_cost(problem, prices)
    rows = np.arange(problem.units)
    least = priced.min(axis=1)
    second = np.partition(priced, 1, axis=1)[:, 1]
    free = np.isfinite(second)
    gap = float(np.median(second[free] - least[free])) if free.any() else 0.0
    gap = max(gap, 1e-3 * scale * problem.seats / problem.units)
    keep: Bools = problem.seat >= 0
    if problem.seat.size > SMALL:
        reach = GAP * gap + 2.0 * problem.apart.sum(axis=1)
        keep = keep & (priced <= (least + reach)[:, None] + SWAY * scale * problem.load.max(axis=2))
        keep[rows, slot] = True
    return keep, gap
