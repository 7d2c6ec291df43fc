"""Two kernels that split units over seats: prices first, then shifts and swaps by simulated annealing.

Prices: a unit goes where its cost plus the price of what it loads is least; after each round the price of a seat's metric goes up
where the seat carries too much and down where too little, each with its own step (Rprop: Riedmiller, Braun 1993). That is a dual
ascent of the linear relaxation without its arithmetic. The annealing then minimises
hours + price x excess over the tolerance + hours of neighbours kept apart, a shift or a swap at a time, in O(metrics) each.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from fieldsim.luck import philox, stream
from fieldsim.model import Floats, Ints
from fieldsim.territory.problem import Problem, Split, retarget, slots_of, split_of

ROUNDS = 200
"""Rounds of prices: more change nothing after about 150."""
MOVES_PER_UNIT = 1_500


def solve(problem: Problem, *, seed: int = 0, moves: int | None = None, start: Ints | None = None) -> Split:
    """A split of all units, by prices and annealing; never worse than `start` (seats) under hours + price of imbalance.

    `moves` bounds the annealing (default 1,500 a unit). The answer depends on the problem and the seed only.
    """
    prices, slot = find_prices(problem, ROUNDS)
    problem = retarget(problem, slot)
    penalty = imbalance_price(problem, prices)
    moves = MOVES_PER_UNIT * problem.units if moves is None else moves
    best = _anneal_from(problem, slot, prices, penalty, moves, seed)
    if start is not None and (given := slots_of(problem, start)).min() >= 0:
        best = min((best, given), key=lambda s: objective(problem, s, penalty))
    return split_of(problem, best)


def find_prices(problem: Problem, rounds: int) -> tuple[Floats, Ints]:
    """Prices in hours for a full load, shape [seats, metrics], and the best slots seen on the way."""
    scale = float(np.median(problem.cost.min(axis=1))) * problem.units / problem.seats
    return _prices(problem.seat, problem.cost, problem.load, problem.seats, problem.tolerance, rounds, max(scale, 1e-9))


def imbalance_price(problem: Problem, prices: Floats) -> Floats:
    """Hours for one full target of excess, per metric: well above what balance costs, so that excess never pays."""
    spread = max(float(np.abs(prices).max()), float(problem.cost.min(axis=1).sum()) / problem.seats)
    return 3.0 * spread * problem.weight


def objective(problem: Problem, slot: Ints, penalty: Floats) -> float:
    """Hours plus the price of all excess over the tolerance."""
    split = split_of(problem, slot)
    excess = np.maximum(np.abs(split.loads - 1.0) - problem.tolerance, 0.0).sum(axis=0)
    return split.hours + float(excess @ penalty)


def _anneal_from(problem: Problem, slot: Ints, prices: Floats, penalty: Floats, moves: int, seed: int) -> Ints:
    """The best slots found from the given ones; slots are tried in order of priced cost, the likely ones first."""
    priced = problem.cost + np.where(problem.seat >= 0, (problem.load * prices[problem.seat]).sum(axis=2), np.inf)
    order = np.argsort(priced, axis=1, kind="stable").astype(np.int64)
    gap = np.sort(priced, axis=1)
    gap = gap[:, 1] - gap[:, 0] if gap.shape[1] > 1 else np.ones(problem.units)
    warm = float(np.median(gap[np.isfinite(gap)])) if np.isfinite(gap).any() else 1.0
    inner = problem.tolerance * 0.98
    return _anneal(
        problem.seat,
        problem.cost,
        problem.load,
        problem.near,
        problem.apart,
        order,
        slot.copy(),
        penalty,
        problem.seats,
        inner,
        max(warm, 1e-9),
        moves,
        stream(seed, 0, "territory"),
    )


@njit(cache=True, nogil=True)
def _prices(
    seat: Ints, cost: Floats, load: Floats, seats: int, tolerance: float, rounds: int, scale: float
) -> tuple[Floats, Ints]:
    units, slots, metrics = load.shape
    price = np.zeros((seats, metrics))
    step = np.full((seats, metrics), 0.05 * scale)
    last = np.zeros((seats, metrics))
    sums = np.empty((seats, metrics))
    slot = np.zeros(units, dtype=np.int64)
    best, best_price, best_value = slot.copy(), price.copy(), np.inf
    for _ in range(rounds):
        sums[:] = 0.0
        hours = 0.0
        for i in range(units):
            least, pick = np.inf, 0
            for s in range(slots):
                j = seat[i, s]
                if j < 0:
                    break
                value = cost[i, s]
                for m in range(metrics):
                    value += price[j, m] * load[i, s, m]
                if value < least:
                    least, pick = value, s
            slot[i] = pick
            hours += cost[i, pick]
            for m in range(metrics):
                sums[seat[i, pick], m] += load[i, pick, m]
        excess = 0.0
        for m in range(metrics):
            mean = sums[:, m].mean()
            for j in range(seats):
                off = sums[j, m] / mean - 1.0
                excess += max(0.0, abs(off) - tolerance)
                # inside the tolerance the price glides back to zero: a bound that does not bind has no price
                pull = off if abs(off) > 0.6 * tolerance else -0.1 * np.sign(price[j, m]) * tolerance
                if pull * last[j, m] > 0.0:
                    step[j, m] = min(step[j, m] * 1.2, 0.5 * scale)
                elif pull * last[j, m] < 0.0:
                    step[j, m] = max(step[j, m] * 0.5, 1e-5 * scale)
                price[j, m] += np.sign(pull) * step[j, m]
                last[j, m] = pull
        if hours + 2.0 * scale * excess < best_value:
            best_value = hours + 2.0 * scale * excess
            best, best_price = slot.copy(), price.copy()
    return best_price, best


@njit(cache=True, nogil=True)
def _excess(loads: float, tolerance: float) -> float:
    return max(0.0, abs(loads - 1.0) - tolerance)


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
def _anneal(
    seat: Ints,
    cost: Floats,
    load: Floats,
    near: Ints,
    apart: Floats,
    order: Ints,
    slot: Ints,
    penalty: Floats,
    seats: int,
    tolerance: float,
    warm: float,
    moves: int,
    luck: np.uint64,
) -> Ints:
    units, slots, metrics = load.shape
    sums = np.zeros((seats, metrics))
    where = np.empty(units, dtype=np.int64)
    for i in range(units):
        where[i] = seat[i, slot[i]]
        for m in range(metrics):
            sums[where[i], m] += load[i, slot[i], m]
    fall = np.exp(np.log(1e-3) / max(moves, 1) * 1024)
    heat = warm
    low = np.uint64(0xFFFFFFFF)
    unit = 1.0 / 4294967296.0
    for step in range(moves):
        if step % 1024 == 0 and step > 0:
            heat *= fall
        r0, r1, r2, r3 = philox(luck, np.uint64(step) & low, np.uint64(step) >> np.uint64(32), np.uint64(0), np.uint64(0))
        i = int((r0 * np.uint64(units)) >> np.uint64(32))
        a, s = where[i], slot[i]
        other = -1
        back = -1
        if r1 & np.uint64(1):  # a swap with a neighbour
            u = near[i, int((r2 * np.uint64(near.shape[1])) >> np.uint64(32))]
            if u < 0 or where[u] == a:
                continue
            b, other, to = where[u], u, -1
            for t in range(slots):
                if seat[i, t] == b:
                    to = t
                if seat[u, t] == a:
                    back = t
            if to < 0 or back < 0:
                continue
        else:  # a shift; cheap slots are drawn more often
            x = float(r2) * unit
            to = order[i, int(x * x * slots)]
            b = seat[i, to]
            if b < 0 or b == a:
                continue
        change = cost[i, to] - cost[i, s] + _apart_change(i, a, b, other, near, apart, where)
        if other >= 0:
            change += cost[other, back] - cost[other, slot[other]] + _apart_change(other, b, a, i, near, apart, where)
        for m in range(metrics):
            gain_a, gain_b = -load[i, s, m], load[i, to, m]
            if other >= 0:
                gain_a += load[other, back, m]
                gain_b -= load[other, slot[other], m]
            change += penalty[m] * (
                _excess(sums[a, m] + gain_a, tolerance)
                - _excess(sums[a, m], tolerance)
                + _excess(sums[b, m] + gain_b, tolerance)
                - _excess(sums[b, m], tolerance)
            )
        if change > 0.0 and (float(r3) + 0.5) * unit >= np.exp(-change / heat):
            continue
        for m in range(metrics):
            sums[a, m] -= load[i, s, m]
            sums[b, m] += load[i, to, m]
            if other >= 0:
                sums[b, m] -= load[other, slot[other], m]
                sums[a, m] += load[other, back, m]
        slot[i], where[i] = to, b
        if other >= 0:
            slot[other], where[other] = back, a
    return slot
