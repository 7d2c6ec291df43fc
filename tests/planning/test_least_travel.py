"""The benchmark's bound of a quarter's travel against every route of a small country, enumerated."""

from __future__ import annotations

from itertools import combinations, pairwise, permutations

import numpy as np
import pytest
from scipy.optimize import linprog

from benchmarks._least import Day, least_travel

VISIT_S, MOST = 1_800.0, 3.2 * 3_600.0


def _country(seed: int, accounts: int = 7) -> tuple[np.ndarray, np.ndarray]:
    """Travel seconds between places on a plane, home last, and the visits due."""
    rng = np.random.default_rng(seed)
    at = rng.uniform(0.0, 2_500.0, (accounts + 1, 2))
    return np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1)), rng.integers(1, 7, accounts)


def _programme(travel: np.ndarray, due: np.ndarray, least: float, days: tuple[int, int]) -> float:
    """The least travel over all routes that visit no account twice, each in its best order."""
    n, routes = len(due), []
    for size in range(1, n + 1):
        for stops in combinations(range(n), size):
            way = min(sum(travel[a, b] for a, b in pairwise((n, *order, n))) for order in permutations(stops))
            if way + size * VISIT_S <= MOST:
                routes.append((max(way, least - size * VISIT_S), [i in stops for i in range(n)]))
    visits = np.array([visited for _, visited in routes], dtype=float).T
    each = np.ones((1, len(routes)))
    found = linprog([cost for cost, _ in routes], np.vstack([-visits, each, -each]), [*-due, days[1], -days[0]])
    return float(found.fun)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("least", [0.0, 2.0 * 3_600.0])
def test_the_bound_is_the_programme_over_all_routes(seed: int, least: float) -> None:
    travel, due = _country(seed)
    days = (int(due.max()) + 4, int(due.max()) + 6)
    bound, routes = least_travel(Day(travel, VISIT_S, least, MOST), due, days, [[i] for i in range(len(due))], 3)
    truth = _programme(travel, due, least, days)
    assert truth * (1.0 - 3e-3) <= bound <= truth + 1e-6
    assert all(len(set(route)) == len(route) for route in routes)  # in so small a country everybody is a neighbour
