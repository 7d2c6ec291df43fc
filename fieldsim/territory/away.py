"""Columns of moves away from home, and where a search over them stands: the units that are away, loads, prices."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fieldsim.compiled import inner, maker
from fieldsim.model import Floats, Ints
from fieldsim.territory.annealing import FADE, RISE, excess
from fieldsim.territory.problem import Problem


class Moves(NamedTuple):
    """Moves away from home, the most promising first, and behind them the stay of each unit: one column each."""

    unit: Ints
    slot: Ints
    """Slot of the problem."""
    seat: Ints
    cost: Floats
    load: Floats
    use: Floats
    """What a column uses of each budget, shape [columns, budgets]."""
    begin: Ints
    """Where each seat's entries in `about` begin, shape [seats + 1]."""
    about: Ints
    """Moves into or out of each seat, the most promising first."""


class Prices(NamedTuple):
    """Prices of a full load of excess and of its square, shape [metrics] each: the first ones, and those the answer pays."""

    line: Floats
    """Shape [seats, metrics]."""
    line_paid: Floats
    square: Floats
    square_paid: Floats
    budget: Floats
    """First price of each budget, shape [budgets]."""


class State(NamedTuple):
    """Where the search stands and at what prices; the units away are the first of `away`."""

    at: Ints
    """Column of each unit."""
    where: Ints
    """Seat of each unit."""
    away: Ints
    place: Ints
    """Where each unit stands in `away`; -1 at home."""
    sums: Floats
    """Load of each seat and metric."""
    used: Floats
    """What is used of each budget."""
    scale: Floats
    """What turns the sums of a metric into shares of the mean."""
    line: Floats
    square: Floats
    fine: Floats
    """Prices now, of excess by seat and metric, of its square by metric, and of the budgets."""
    owed: Floats
    """What the excess of each seat and metric costs at these prices."""


def moves_of(problem: Problem, home: Ints, unit: Ints, slot: Ints, use: Floats) -> Moves:
    """The columns of the given moves, most promising first; `use` has shape [units, slots, budgets]."""
    rows = np.arange(problem.units)
    here = problem.seat[unit, home[unit]]
    ends = np.concatenate((problem.seat[unit, slot], here))
    about = np.concatenate((np.arange(len(unit)), np.arange(len(unit))))
    order = np.lexsort((about, ends))
    begin = np.concatenate(([0], np.cumsum(np.bincount(ends, minlength=problem.seats)))).astype(np.int64)
    both, slots = np.concatenate((unit, rows)), np.concatenate((slot, home))
    load, used = np.ascontiguousarray(problem.load[both, slots]), np.ascontiguousarray(use[both, slots])
    return Moves(both, slots, problem.seat[both, slots], problem.cost[both, slots], load, used, begin, about[order])


@maker
def begun(moves: Moves, start: Ints, prices: Prices, seats: int) -> tuple[State, int, float]:
    """The state at the start, how many units are away, and the hours of all columns."""
    units, metrics, columns = len(start), moves.load.shape[1], len(moves.unit) - len(start)
    where, away, place = np.empty(units, dtype=np.int64), np.empty(units, dtype=np.int64), np.full(units, -1, dtype=np.int64)
    sums, used, count, hours = np.zeros((seats, metrics)), np.zeros(moves.use.shape[1]), 0, 0.0
    for i in range(units):
        where[i] = moves.seat[start[i]]
        hours += moves.cost[start[i]]
        for m in range(metrics):
            sums[where[i], m] += moves.load[start[i], m]
        for g in range(len(used)):
            used[g] += moves.use[start[i], g]
        if start[i] != columns + i:
            away[count], place[i] = i, count
            count += 1
    now = State(
        start.copy(), where, away, place, sums, used, np.ones(metrics), prices.line.copy(), prices.square.copy(),
        prices.budget.copy(), np.zeros((seats, metrics)),
    )  # fmt: skip
    return now, count, hours


@inner
def rescale(now: State) -> None:
    """Shares of the mean as the sums are now."""
    for m in range(len(now.scale)):
        now.scale[m] = len(now.sums) / max(now.sums[:, m].sum(), 1e-300)


@inner
def owe(now: State, tolerance: float) -> None:
    """What all seats owe at the prices and shares of now."""
    for j in range(len(now.sums)):
        for m in range(len(now.scale)):
            now.owed[j, m] = excess(now.sums[j, m] * now.scale[m], tolerance, now.line[j, m], now.square[m])


@inner
def look(now: State, prices: Prices, cap: Floats, tolerance: float) -> None:
    """Prices rise where a seat is out of tolerance or a budget overdrawn, and fade elsewhere."""
    for m in range(len(now.scale)):
        for j in range(len(now.sums)):
            over = abs(now.sums[j, m] * now.scale[m] - 1.0) > tolerance
            low, top = prices.line[j, m], prices.line_paid[m]
            now.line[j, m] = min(now.line[j, m] * RISE, top) if over else max(low, now.line[j, m] * FADE)
    for g in range(len(cap)):
        now.fine[g] *= RISE if now.used[g] > cap[g] else FADE


@inner
def go(moves: Moves, now: State, count: int, column: int) -> int:
    """Takes a unit to a column but for the loads; returns how many units are then away."""
    u, columns = moves.unit[column], len(moves.unit) - len(now.at)
    for g in range(len(now.used)):
        now.used[g] += moves.use[column, g] - moves.use[now.at[u], g]
    now.at[u], now.where[u] = column, moves.seat[column]
    if column == columns + u:
        count -= 1
        now.away[now.place[u]] = now.away[count]
        now.place[now.away[count]] = now.place[u]
        now.place[u] = -1
    elif now.place[u] < 0:
        now.away[count], now.place[u] = u, count
        count += 1
    return count
