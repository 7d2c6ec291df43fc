"""Very few units are split as well as they can be, told by trying every way there is."""

from __future__ import annotations

import subprocess
import sys
from itertools import product

import numpy as np
import pytest

from fieldsim.territory.problem import Problem
from fieldsim.territory.search import price_of, solve


def drawn(seed: int, units: int, seats: int) -> Problem:
    """Units of drawn costs and loads, each open to every seat, without neighbours."""
    rng = np.random.default_rng(seed)
    every = np.tile(np.arange(seats, dtype=np.int64), (units, 1))
    load = rng.lognormal(0.0, 0.5, (units, 1, 2)) * np.ones((1, seats, 1))
    load /= load[:, 0].sum(axis=0) / seats
    alone = np.full((units, 1), -1, dtype=np.int64)
    return Problem(seats, every, rng.uniform(1.0, 9.0, (units, seats)), load, alone, np.zeros((units, 1)), np.ones(2), 0.1)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize(("units", "seats"), [(9, 2), (8, 3), (6, 4)])
def test_so_few_units_are_split_at_the_least_price(seed: int, units: int, seats: int) -> None:
    problem = drawn(seed, units, seats)
    ways = (np.array(way, dtype=np.int64) for way in product(range(seats), repeat=units))
    least, inside = min((price_of(problem, way), _inside(problem, way)) for way in ways)
    found = solve(problem, seed=0)
    if inside:
        assert price_of(problem, found.slot) <= 1.006 * least


def _inside(problem: Problem, way: np.ndarray) -> bool:
    sums = np.array([problem.load[way == seat, seat].sum(axis=0) for seat in range(problem.seats)])
    return bool((np.abs(sums / sums.mean(axis=0) - 1.0) <= problem.tolerance).all())


def test_what_the_solver_prints_is_kept_off_standard_output() -> None:
    program = """
import ctypes, sys
from fieldsim.territory.tiny import _kept_off_stdout
sys.stdout.write("before ")
with _kept_off_stdout():
    ctypes.CDLL("ucrtbase" if sys.platform == "win32" else None).puts(b"noise")
print("after")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "before after\n"
    assert "noise" in done.stderr
