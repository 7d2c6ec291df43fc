"""Splits of very few units by an integer program: there single steps rarely lead from a good answer to a better one."""

from __future__ import annotations

from typing import Any

import numpy as np

from fieldsim.model import Ints
from fieldsim.territory.bound import sparse
from fieldsim.territory.problem import Problem

TINY, UNEVEN = 180, 360
"""Slots up to which a program is asked, and up to which it is where a search has missed the tolerance."""
NODES, GAP = 200, 0.005
"""Nodes of its tree, and the part of the hours that a better answer must save; 40 units and 6 seats took 2 s, fewer 0.1."""


def programmed(problem: Problem) -> Ints | None:
    """The slots of the least cost with every seat within the tolerance, as far as so many nodes tell; None where they tell none.

    What torn neighbours cost is left out.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    unit, slot = np.nonzero(problem.seat >= 0)
    seat, load = problem.seat[unit, slot], problem.load[unit, slot]
    count, at = len(unit), np.arange(len(unit))
    rows = []
    for m in range(load.shape[1]):
        for j in range(problem.seats):
            mine = problem.seats * load[:, m] * (seat == j)
            rows += [mine - (1.0 + problem.tolerance) * load[:, m], (1.0 - problem.tolerance) * load[:, m] - mine]
    once = sparse([(unit, at, np.ones(count))], (problem.units, count))
    limits = [LinearConstraint(once, 1.0, 1.0), LinearConstraint(np.array(rows), -np.inf, 0.0)]
    options: Any = {"node_limit": NODES, "mip_rel_gap": GAP}
    found: Any = milp(
        problem.cost[unit, slot],
        integrality=np.ones(count, dtype=np.int64),
        bounds=Bounds(0, 1),
        constraints=limits,
        options=options,
    )
    if found.x is None:
        return None
    chosen = np.zeros(problem.units, dtype=np.int64)
    chosen[unit[found.x > 0.5]] = slot[found.x > 0.5]
    return chosen
