"""Splits of very few units by an integer program: there single steps rarely lead from a good answer to a better one."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
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
    with _kept_off_stdout():
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


@contextmanager
def _kept_off_stdout() -> Iterator[None]:
    """Turns what the solver prints to standard output, where `--json` goes, to standard error.

    HiGHS prints a line now and then, however quiet it is asked to be (jump-dev/HiGHS.jl issue 312), and C keeps it in a buffer.
    """
    library = ctypes.CDLL("ucrtbase" if os.name == "nt" else None)
    sys.stdout.flush()
    library.fflush(None)
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        library.fflush(None)
        os.dup2(kept, 1)
        os.close(kept)
