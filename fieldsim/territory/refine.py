"""Improves a split that leaves most units where they are cheapest, by small integer programs over the few slots worth a thought.

Where every move costs about the same, annealing gathers moves that no single step undoes. The linear relaxation says which slots
are worth a thought: those of least reduced cost. Programs over them, first over all seats, then over groups of seats that share
units, return what need not have moved. The split at hand is among the answers of each program, so nothing gets worse.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from fieldsim.model import Bools, Floats, Ints
from fieldsim.territory.bound import EXACT_UNITS, sparse
from fieldsim.territory.problem import Problem, split_of

FEW = 0.08
"""Largest share of units away from their cheapest slot for which the programs are worth their time."""
CLOSE = 1.05
"""A split within this many times the relaxation's hours stays as it is."""
TRIES = 1_000_000
"""Tries of the annealing that take about as long as a program."""
MOST = 50
"""Most programs of a refinement."""
SIZES = ((600, 40, 5), (1_000, 100, 10), (1_500, 200, 15))
"""Programs over all seats, until one has an answer: slots of least reduced cost, nodes of the tree, programs it counts for."""
GROUP, GROUP_SIZE = 10, 200
"""Seats of a group, and slots of least reduced cost in its program."""
NODES = 20
"""Nodes of the search tree of a group's program."""
SLACK = 1e-6
"""Part of a load by which a program's rows may be off."""


class Program(NamedTuple):
    """Slots to choose from and what holds them: `whole @ x = one`, `limit @ x <= most`, mean loads behind the slots in x."""

    unit: Ints
    slot: Ints
    cost: Floats
    whole: Any
    one: Floats
    limit: Any
    most: Floats


def worth_refining(problem: Problem, slot: Ints) -> bool:
    """Whether the split is one of few moves, and small enough."""
    away = slot != problem.cost.argmin(axis=1)
    return problem.units <= EXACT_UNITS and problem.seats > 1 and 0 < int(away.sum()) <= FEW * problem.units


def refine(problem: Problem, slot: Ints, tries: int) -> Ints:
    """A slot for each unit: no more hours than `slot` and no seat further out of tolerance; `tries` bounds the programs."""
    programs = min(MOST, tries // TRIES)
    if programs < 1:
        return slot
    reduced, least = _reduced(problem, slot)
    if split_of(problem, slot).hours <= CLOSE * least:
        return slot
    for size, nodes, worth in SIZES:
        if worth <= programs:
            after = _improved(problem, slot, _least(reduced, np.ones(reduced.shape, dtype=np.bool_), size), nodes)
            programs -= worth
            if after is not None:
                slot = after
                break
    order, still, at = _groups(problem, reduced), 0, 0
    while programs > 0 and still < problem.seats:
        inside = np.zeros(problem.seats + 1, dtype=np.bool_)
        inside[order[at % problem.seats]] = True
        mine = inside[problem.seat[np.arange(problem.units), slot]]
        after = _improved(problem, slot, _least(reduced, inside[problem.seat] & mine[:, None], GROUP_SIZE), NODES)
        still = still + 1 if after is None or (after == slot).all() else 0
        slot = slot if after is None else after
        programs, at = programs - 1, at + 1
    return slot


def _least(reduced: Floats, among: Bools, size: int) -> Bools:
    """The slots of least reduced cost among some, each unit's cheapest one besides."""
    value = np.where(among & (reduced > 0.0), reduced, np.inf)
    count = min(size, int(np.isfinite(value).sum()))
    highest = np.partition(value, count - 1, axis=None)[count - 1] if count else 0.0
    keep: Bools = among & (reduced <= highest)
    return keep


def _groups(problem: Problem, reduced: Floats) -> Ints:
    """For each seat the seats it shares most promising slots with, itself first, shape [seats, group]."""
    good = _least(reduced, np.ones(reduced.shape, dtype=np.bool_), 10 * problem.seats)
    at = np.zeros((problem.units, problem.seats))
    rows, slots = np.nonzero(good)
    at[rows, problem.seat[rows, slots]] = 1.0
    shared = np.einsum("ia,ib->ab", at, at)
    np.fill_diagonal(shared, np.inf)
    return np.argsort(-shared, axis=1, kind="stable")[:, :GROUP].astype(np.int64)


def _reduced(problem: Problem, slot: Ints) -> tuple[Floats, float]:
    """Cost of each slot less what the linear relaxation pays for it, and the least hours of the relaxation.

    Infinite behind the last slot, none at the cheapest.
    """
    from scipy.optimize import linprog

    program = _program(problem, slot, problem.seat >= 0)
    found: Any = linprog(
        program.cost, program.limit, program.most, program.whole, program.one, bounds=(0.0, None), method="highs"
    )
    reduced = np.where(problem.seat >= 0, problem.cost - problem.cost.min(axis=1, keepdims=True), np.inf)
    if found.status == 0:
        left = program.cost - program.limit.T @ found.ineqlin.marginals - program.whole.T @ found.eqlin.marginals
        reduced[program.unit, program.slot] = np.round(np.maximum(left[: len(program.unit)], 0.0), 9)
    reduced[np.arange(problem.units), problem.cost.argmin(axis=1)] = 0.0
    alone = np.bincount(program.unit, minlength=problem.units) == 0
    rest = float(problem.cost[alone, slot[alone]].sum())
    return reduced, float(found.fun) + rest if found.status == 0 else 0.0


def _improved(problem: Problem, slot: Ints, keep: Bools, nodes: int) -> Ints | None:
    """The best slots among those kept and the present ones; None where the program finds none in its nodes."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    keep = keep.copy()
    keep[np.arange(problem.units), slot] = True
    program = _program(problem, slot, keep)
    count = len(program.unit)
    if not count:
        return slot
    means = np.zeros(len(program.cost) - count)
    # without presolve, because its way back to the whole program writes to the terminal
    found: Any = milp(
        program.cost,
        integrality=np.concatenate((np.ones(count), means)),
        bounds=Bounds(0.0, np.concatenate((np.ones(count), means + np.inf))),
        constraints=[
            LinearConstraint(program.whole, program.one, program.one),
            LinearConstraint(program.limit, -np.inf, program.most),
        ],
        options={"node_limit": nodes, "mip_rel_gap": 0.02, "presolve": False},
    )
    if found.x is None:
        return None
    after, on = slot.copy(), found.x[:count] > 0.5
    after[program.unit[on]] = program.slot[on]
    return after if split_of(problem, after).hours < split_of(problem, slot).hours - 1e-9 else slot


def _program(problem: Problem, slot: Ints, keep: Bools) -> Program:
    """The program over the units that have a choice among `keep`; the others stay.

    A seat is held to the tolerance, or to where the split has it, if that is further out. Torn neighbours cost as if nobody else
    moved.
    """
    free = keep.sum(axis=1) > 1
    rows, slots = np.nonzero(keep & free[:, None])
    seat, load = problem.seat[rows, slots], problem.load[rows, slots]
    count, (seats, metrics) = len(rows), (problem.seats, load.shape[1])
    now = split_of(problem, slot).loads
    stay = np.flatnonzero(~free)
    at = problem.seat[stay, slot[stay]]
    base = np.stack([np.bincount(at, problem.load[stay, slot[stay], m], seats) for m in range(metrics)], axis=1)
    reach = np.maximum(np.abs(now / now.mean(axis=0) - 1.0), problem.tolerance - SLACK)
    x, place = np.arange(count), (np.cumsum(free) - 1)[rows]
    units = int(free.sum())
    whole, limit = [(place, x, np.ones(count))], []
    most = np.empty((metrics, 2, seats))
    for m in range(metrics):
        mean = np.full(seats, count + m)
        whole.append((np.full(count, units + m), x, load[:, m]))
        whole.append((np.array([units + m]), mean[:1], np.array([-float(seats)])))
        for side, sign in enumerate((1.0, -1.0)):
            first = (2 * m + side) * seats
            limit.append((first + seat, x, sign * load[:, m]))
            limit.append((first + np.arange(seats), mean, -sign - reach[:, m]))
            most[m, side] = -sign * base[:, m]
    one = np.concatenate((np.ones(units), -base.sum(axis=0)))
    cost = np.concatenate((_hours(problem, slot, rows, slots), np.zeros(metrics)))
    wide = count + metrics
    return Program(rows, slots, cost, sparse(whole, (units + metrics, wide)), one, sparse(limit, (most.size, wide)), most.ravel())


def _hours(problem: Problem, slot: Ints, rows: Ints, slots: Ints) -> Floats:
    """Hours of some slots, torn neighbours included."""
    seat = problem.seat[np.arange(problem.units), slot]
    torn = (problem.near[rows] >= 0) & (seat[np.maximum(problem.near[rows], 0)] != problem.seat[rows, slots][:, None])
    hours: Floats = problem.cost[rows, slots] + 2.0 * np.where(torn, problem.apart[rows], 0.0).sum(axis=1)
    return hours
