"""Splits units over seats: prices give the start, then shifts and swaps by simulated annealing make it whole and balanced.

The annealing minimises hours + price of excess over the tolerance + hours of neighbours kept apart, in O(metrics) a move.
Excess is priced a little more than in proportion, so that it spreads out and chains of seats can carry it away; the price rises
while the heat falls. Between phases the targets follow the mean seat, because workload contains travel and travel depends on
the answer.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from fieldsim.luck import philox, stream
from fieldsim.model import Floats, Ints
from fieldsim.territory.prices import find_prices, priced_cost
from fieldsim.territory.problem import Problem, Split, retarget, slots_of, split_of

PHASES = 4
HEATS = (3.0, 0.03)
"""First and last heat, in median gaps between a unit's two best slots."""
STRICTNESS = (3.0, 400.0)
"""First and last price of a full load of excess, in mean prices of balance."""
BEND = 10.0
"""How much faster than in proportion the price of excess grows."""
INNER = 0.96
"""Part of the tolerance the annealing uses: the mean seat drifts a little within a phase."""
SWAPS = (0.35, 0.3)
"""Share of moves that swap with a neighbour, and with any unit of the other seat; the rest are shifts."""


def solve(problem: Problem, *, seed: int = 0, moves: int | None = None, start: Ints | None = None) -> Split:
    """A split of all units; never worse than `start` (a seat for each unit) in hours + price of excess.

    `moves` bounds the annealing (default 2,500 a unit up to 15 million and 40 a unit). The answer depends on the problem
    and the seed only.
    """
    prices = find_prices(problem)
    priced = priced_cost(problem, prices)
    slot = priced.argmin(axis=1).astype(np.int64)
    moves = min(2_500 * problem.units, 15_000_000 + 40 * problem.units) if moves is None else moves
    unit_price = balance_price(problem, prices)
    if problem.seats > 1 and problem.seat.shape[1] > 1:
        slot = _anneal_in_phases(problem, slot, priced, unit_price, moves, seed)
    if start is not None and (given := slots_of(problem, start)).min() >= 0:
        slot = min((given, slot), key=lambda s: price_of(problem, s, unit_price))
    return split_of(problem, slot)


def balance_price(problem: Problem, prices: Floats) -> float:
    """What a full load of balance costs in the mean, hours; at least a tenth of a seat's hours."""
    return max(float(np.abs(prices).mean()), float(problem.cost.min(axis=1).sum()) / problem.seats / 10.0, 1e-9)


def price_of(problem: Problem, slot: Ints, unit_price: float) -> float:
    """Hours plus the final price of all excess, deviations taken from the answer's own mean."""
    split = split_of(problem, slot)
    over = np.maximum(np.abs(split.loads / split.loads.mean(axis=0) - 1.0) - problem.tolerance, 0.0)
    return split.hours + float(((over + BEND * over**2) * problem.weight).sum()) * STRICTNESS[1] * unit_price


def _anneal_in_phases(problem: Problem, slot: Ints, priced: Floats, unit_price: float, moves: int, seed: int) -> Ints:
    """Slots after all phases; a unit's slots are tried in order of priced cost, the likely ones most often."""
    order = np.argsort(priced, axis=1, kind="stable").astype(np.int64)
    best = np.partition(priced, 1, axis=1)[:, :2]
    free = np.isfinite(best[:, 1])
    gap = max(float(np.median(best[free, 1] - best[free, 0])) if free.any() else 0.0, 1e-9)
    heats = gap * np.geomspace(*HEATS, PHASES + 1)
    strict = unit_price * np.geomspace(*STRICTNESS, PHASES + 1)
    room = int(max(2 * np.bincount(problem.seat[np.arange(problem.units), slot]).max(), 8 * problem.units // problem.seats)) + 64
    for phase in range(PHASES):
        problem = retarget(problem, slot)
        slot = _anneal(
            problem.seat,
            problem.cost,
            problem.load,
            problem.near,
            problem.apart,
            order,
            slot,
            strict[phase] * problem.weight,
            float(strict[phase + 1] / strict[phase]),
            float(heats[phase]),
            float(heats[phase + 1] / heats[phase]),
            problem.seats,
            problem.tolerance * INNER,
            moves // PHASES,
            min(room, problem.units),
            stream(seed, phase, "territory"),
        )
    return slot


@njit(cache=True, nogil=True)
def _excess(load: float, tolerance: float) -> float:
    over = max(0.0, abs(load - 1.0) - tolerance)
    return over + BEND * over * over


@njit(cache=True, nogil=True)
def _apart_change(i: int, old: int, new: int, skip: int, near: Ints, apart: Floats, where: Ints) -> float:
    """Change of the hours of neighbours kept apart when unit i goes from seat `old` to `new`, `skip` left out."""
    change = 0.0
    for h in range(near.shape[1]):
        u = near[i, h]
        if u < 0:
            break
        if u != skip:
            change += 2.0 * apart[i, h] * (int(where[u] == old) - int(where[u] == new))
    return change


@njit(cache=True, nogil=True)
def _slot_to(seat: Ints, i: int, j: int) -> int:
    for s in range(seat.shape[1]):
        if seat[i, s] == j:
            return s
    return -1


@njit(cache=True, nogil=True)
def _anneal(
    seat: Ints,
    cost: Floats,
    load: Floats,
    near: Ints,
    apart: Floats,
    order: Ints,
    slot: Ints,
    penalty: Floats,
    rise: float,
    heat: float,
    fall: float,
    seats: int,
    tolerance: float,
    moves: int,
    room: int,
    luck: np.uint64,
) -> Ints:
    """Slots after `moves` tries, while the penalty rises and the heat falls by the given factors over the whole phase."""
    units, slots, metrics = load.shape
    slot, penalty = slot.copy(), penalty.copy()
    sums = np.zeros((seats, metrics))
    where = np.empty(units, dtype=np.int64)
    members = np.empty((seats, room), dtype=np.int64)
    place = np.empty(units, dtype=np.int64)
    count = np.zeros(seats, dtype=np.int64)
    for i in range(units):
        j = seat[i, slot[i]]
        where[i], members[j, count[j]], place[i] = j, i, count[j]
        count[j] += 1
        for m in range(metrics):
            sums[j, m] += load[i, slot[i], m]
    low, none, unit = np.uint64(0xFFFFFFFF), np.uint64(0), 1.0 / 4294967296.0
    for step in range(moves):
        if step % 1024 == 1023:
            heat *= fall ** (1024.0 / moves)
            penalty *= rise ** (1024.0 / moves)
        r0, r1, r2, r3 = philox(luck, np.uint64(step) & low, np.uint64(step) >> np.uint64(32), none, none)
        i = int((r0 * np.uint64(units)) >> np.uint64(32))
        a, s, other, back = where[i], slot[i], -1, -1
        kind, x = float(r1) * unit, float(r2) * unit
        if kind < SWAPS[0]:
            other = near[i, int(x * near.shape[1])]
            if other < 0:
                continue
            b = where[other]
            to = _slot_to(seat, i, b) if b != a else -1
        else:
            to = order[i, int(x * x * slots)]
            b = seat[i, to]
            if b >= 0 and kind < SWAPS[0] + SWAPS[1] and count[b] > 0:
                other = members[b, int((kind - SWAPS[0]) / SWAPS[1] * count[b])]
        if to < 0 or b < 0 or b == a:
            continue
        if other >= 0:
            back = _slot_to(seat, other, a)
            if back < 0:
                continue
        elif count[b] >= room:
            continue
        change = cost[i, to] - cost[i, s] + _apart_change(i, a, b, other, near, apart, where)
        if other >= 0:
            change += cost[other, back] - cost[other, slot[other]] + _apart_change(other, b, a, i, near, apart, where)
        for m in range(metrics):
            gain_a, gain_b = -load[i, s, m], load[i, to, m]
            if other >= 0:
                gain_a += load[other, back, m]
                gain_b -= load[other, slot[other], m]
            before = _excess(sums[a, m], tolerance) + _excess(sums[b, m], tolerance)
            change += penalty[m] * (_excess(sums[a, m] + gain_a, tolerance) + _excess(sums[b, m] + gain_b, tolerance) - before)
        if change > 0.0 and (float(r3) + 0.5) * unit >= np.exp(-change / heat):
            continue
        for m in range(metrics):
            sums[a, m] -= load[i, s, m]
            sums[b, m] += load[i, to, m]
        slot[i], where[i] = to, b
        if other >= 0:
            for m in range(metrics):
                sums[b, m] -= load[other, slot[other], m]
                sums[a, m] += load[other, back, m]
            slot[other], where[other] = back, a
            members[a, place[i]], members[b, place[other]] = other, i
            place[i], place[other] = place[other], place[i]
        else:
            last = members[a, count[a] - 1]
            members[a, place[i]], place[last] = last, place[i]
            count[a] -= 1
            members[b, count[b]], place[i] = i, count[b]
            count[b] += 1
    return slot
