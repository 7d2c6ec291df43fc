"""A districting problem as arrays: units, the seats each may go to, what that costs and what it loads.

A *unit* is what moves as one: an account, or a family of accounts. A *slot* is one of the seats a unit may go to. Loads are
shares of the seat's target, so that a seat in balance carries 1 of every metric, whatever its capacity.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from fieldsim.model import Floats, Ints


@dataclass(frozen=True, eq=False)
class Problem:
    """What the search needs to know and nothing else."""

    seats: int
    seat: Ints
    """Seat of each slot, shape [units, slots]; -1 behind the last slot of a unit."""
    cost: Floats
    """Hours a quarter, shape [units, slots]."""
    load: Floats
    """Share of the seat's target, shape [units, slots, metrics]."""
    near: Ints
    """Neighbours of each unit, nearest first, shape [units, neighbours]; -1 behind the last one."""
    apart: Floats
    """Hours a quarter that a pair of neighbours in different seats costs the unit, shape [units, neighbours]."""
    weight: Floats
    """Weight of each metric in the price of imbalance, shape [metrics]."""
    tolerance: float
    """Largest deviation from the target that costs nothing."""
    excess: float | None = None
    """Hours that a full load beyond the tolerance costs an answer; None: so many that hardly anything else counts."""

    @property
    def units(self) -> int:
        """Number of units."""
        return int(self.seat.shape[0])


@dataclass(frozen=True, eq=False)
class Split:
    """An answer: the slot of each unit, the loads of each seat, hours, and the largest deviation from a target."""

    slot: Ints
    loads: Floats
    """Shape [seats, metrics]."""
    hours: float
    imbalance: float


def split_of(problem: Problem, slot: Ints) -> Split:
    """The answer that a choice of slots is."""
    rows = np.arange(problem.units)
    seat = problem.seat[rows, slot]
    picked = problem.load[rows, slot]
    columns = [np.bincount(seat, picked[:, m], problem.seats) for m in range(picked.shape[1])]
    loads: Floats = np.stack(columns, axis=1).astype(np.float64)
    hours = float(problem.cost[rows, slot].sum()) + apart_hours(problem, seat)
    return Split(slot, loads, hours, float(np.abs(loads / loads.mean(axis=0) - 1.0).max()))


def apart_hours(problem: Problem, seat: Ints) -> float:
    """Hours that neighbours in different seats cost."""
    beside = seat[np.maximum(problem.near, 0)]
    return float(problem.apart[(problem.near >= 0) & (beside != seat[:, None])].sum())


def retarget(problem: Problem, slot: Ints) -> Problem:
    """The same problem with targets scaled so that the mean seat of this answer carries exactly 1 of every metric.

    Workload contains travel and travel depends on who drives, so the total is known only once there is an answer.
    """
    return replace(problem, load=np.ascontiguousarray(problem.load / split_of(problem, slot).loads.mean(axis=0)))


def slots_of(problem: Problem, seat: Ints) -> Ints:
    """The slot of each unit that means the given seat; -1 where the seat is none of its slots."""
    found = problem.seat == seat[:, None]
    return np.where(found.any(axis=1), found.argmax(axis=1), -1).astype(np.int64)


def part_of(problem: Problem, units: Ints, seats: Ints) -> Problem:
    """The problem of some units and the seats they may go to."""
    at = np.full(problem.seats, -1, dtype=np.int64)
    at[seats] = np.arange(len(seats))
    place = np.full(problem.units, -1, dtype=np.int64)
    place[units] = np.arange(len(units))
    seat = np.where(problem.seat[units] >= 0, at[problem.seat[units]], -1)
    near = np.where(problem.near[units] >= 0, place[problem.near[units]], -1)
    order = np.argsort(near < 0, axis=1, kind="stable")
    return replace(
        problem,
        seats=len(seats),
        seat=seat,
        cost=problem.cost[units],
        load=np.ascontiguousarray(problem.load[units]),
        near=np.take_along_axis(near, order, axis=1),
        apart=np.take_along_axis(np.where(near >= 0, problem.apart[units], 0.0), order, axis=1),
    )
