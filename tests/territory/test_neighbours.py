"""Neighbours of places: pair by pair the circle between two is empty, and nothing else decides."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from fieldsim.territory.estimate import on_sphere
from fieldsim.territory.neighbours import CROWD, neighbours


def pairs(points: np.ndarray) -> set[tuple[int, int]]:
    one, two = neighbours(points)
    found = {(min(a, b), max(a, b)) for a, b in zip(one.tolist(), two.tolist(), strict=True)}
    assert len(found) == len(one)
    return found


def drawn(seed: int, count: int, lat: float = 40.0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return on_sphere(rng.uniform(lat, lat + 8.0, count), rng.uniform(-99.0, -80.0, count))


@pytest.mark.parametrize(("seed", "lat"), [(0, 40.0), (1, -4.0), (2, 75.0), (3, -60.0)])
def test_two_are_neighbours_where_no_third_is_in_the_circle_between_them(seed: int, lat: float) -> None:
    points = drawn(seed, 90, lat)
    apart = ((points[:, None] - points[None]) ** 2).sum(axis=2)
    expected = set()
    for i in range(90):
        for j in range(i + 1, 90):
            inside = apart[i] + apart[j] <= apart[i, j]
            inside[[i, j]] = False
            if not inside.any():
                expected.add((i, j))
    assert pairs(points) == expected


@settings(deadline=None, max_examples=40)
@given(some.integers(0, 10_000), some.integers(1, 40), some.integers(1, 12))
def test_all_places_hang_together_whoever_shares_one_and_in_any_order(seed: int, count: int, spots: int) -> None:
    import networkx

    rng = np.random.default_rng(seed)
    points = drawn(seed, spots)[rng.integers(0, spots, count)]
    graph = networkx.Graph(list(pairs(points)))
    graph.add_nodes_from(range(count))
    assert networkx.is_connected(graph)
    order = rng.permutation(count)
    moved = {(min(order[a], order[b]), max(order[a], order[b])) for a, b in pairs(points[order])}
    if count <= CROWD:
        assert moved == pairs(points)


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_places_on_one_line_are_neighbours_in_turn(count: int) -> None:
    points = on_sphere(np.zeros(count), np.arange(count) * 0.5)
    assert pairs(points) == {(k, k + 1) for k in range(count - 1)}


def test_who_shares_a_place_has_its_neighbours_and_one_another() -> None:
    points = on_sphere(np.array([0.0, 0.0, 0.1, 0.1]), np.array([0.0, 0.0, 1.0, -1.0]))
    assert pairs(points) == {(0, 1), (0, 2), (1, 2), (0, 3), (1, 3)}


def test_a_chessboard_has_no_neighbours_across_its_diagonals() -> None:
    row, column = np.divmod(np.arange(25), 5)
    points = np.stack((row * 100.0, column * 100.0, np.full(25, 6_371_000.0)), axis=1)
    assert len(pairs(points)) == 2 * 5 * 4
