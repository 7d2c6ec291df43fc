"""Strict contiguity: every territory one piece on the graph of near accounts, checked by a walk that shares no code."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small import make_design, make_scenario, make_travel

from fieldsim.model import Design, Scenario
from fieldsim.territory import Wishes, design_territories, explain_design
from fieldsim.territory.contiguous import make_whole, outside
from fieldsim.territory.problem import Problem, split_of
from fieldsim.territory.search import price_of, solve
from fieldsim.territory.slots import paired


def grid(side: int, seats: int, seed: int) -> Problem:
    """Units on a chessboard, each beside four; cost is the way to the seats."""
    rng = np.random.default_rng(seed)
    n = side * side
    place = np.stack(np.divmod(np.arange(n), side), axis=1).astype(float)
    home = rng.uniform(0, side, (seats, 2))
    cost = np.linalg.norm(place[:, None] - home, axis=2)
    load = np.repeat(rng.uniform(0.5, 1.5, n)[:, None, None], seats, axis=1)
    load = load / (load[:, 0].sum() / seats)
    right = [(i, i + 1) for i in range(n) if i % side < side - 1]
    down = [(i, i + side) for i in range(n - side)]
    a, b = np.array(right + down).T
    near, apart = paired(a, b, np.zeros(len(a)), n)
    seat = np.repeat(np.arange(seats, dtype=np.int64)[None], n, axis=0)
    return Problem(seats, seat, cost, np.ascontiguousarray(load), near, apart, np.ones(1), 0.05)


def reached(near: np.ndarray, members: set[int]) -> int:
    """How many members a walk from one of them meets."""
    seen, queue = set(), [min(members)]
    while queue:
        i = queue.pop()
        if i not in seen:
            seen.add(i)
            queue += [u for u in near[i].tolist() if u in members]
    return len(seen)


@pytest.mark.parametrize("seed", range(4))
def test_every_territory_of_a_chessboard_is_one_piece_and_balanced(seed: int) -> None:
    problem = grid(14, 5, seed)
    split = make_whole(problem, solve(problem), seed=seed)
    seat = problem.seat[np.arange(problem.units), split.slot]
    for j in range(5):
        members = set(np.flatnonzero(seat == j).tolist())
        assert reached(problem.near, members) == len(members) > 0
    assert outside(problem, split.slot) == 0
    assert split.imbalance <= 0.0505


def two_towns() -> Scenario:
    """Two clusters far apart."""
    scenario = make_scenario(80, 4)
    east = np.arange(80) % 2 * 1.0
    return replace(scenario, accounts=replace(scenario.accounts, lon=scenario.accounts.lon + east))


def in_one_piece(scenario: Scenario, design: Design) -> list[bool]:
    """Whether each territory hangs together on a Gabriel graph drawn pair by pair, by the walks of another library."""
    import networkx

    lat, lon = np.radians(scenario.accounts.lat), np.radians(scenario.accounts.lon)
    place = np.stack((np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)), axis=1)
    apart = ((place[:, None] - place[None]) ** 2).sum(axis=2)
    graph = networkx.Graph()
    graph.add_nodes_from(range(len(place)))
    for i in range(len(place)):
        for j in range(i):
            between = apart[i] + apart[j] <= apart[i, j]
            between[[i, j]] = False
            if not between.any():
                graph.add_edge(i, j)
    assert networkx.is_connected(graph)
    books = [np.flatnonzero(design.territory_of == t).tolist() for t in range(len(design.territories))]
    return [not book or networkx.is_connected(graph.subgraph(book)) for book in books]


def test_a_strict_design_is_in_one_piece_across_towns_far_apart() -> None:
    scenario = two_towns()
    travel, start = make_travel(scenario), make_design(scenario)
    free = design_territories(scenario, travel, start=start, tolerance=0.1, contiguity=0.0)
    strict = design_territories(scenario, travel, start=start, tolerance=0.1, strict=True)
    assert all(in_one_piece(scenario, strict))
    notes = [explain_design(scenario, travel, d, start, wishes=Wishes(tolerance=0.1, strict=True)).notes for d in (free, strict)]
    assert any("apart from their territory" in note for note in notes[0])
    assert not any("apart from their territory" in note for note in notes[1])


def test_a_locked_unit_in_the_far_corner_stays_and_is_counted() -> None:
    problem = grid(10, 3, 1)
    corner = int(problem.cost[:, 0].argmax())
    seat, cost = problem.seat.copy(), problem.cost.copy()
    seat[corner], cost[corner, 1:] = -1, np.inf
    seat[corner, 0] = 0
    problem = replace(problem, seat=seat, cost=cost)
    split = make_whole(problem, solve(problem))
    assert split.slot[corner] == 0
    mine = problem.seat[np.arange(100), split.slot] == 0
    alone = reached(problem.near, set(np.flatnonzero(mine).tolist())) < mine.sum()
    assert (outside(problem, split.slot) > 0) == alone


def hangs(near: np.ndarray, seat: np.ndarray, roots: np.ndarray) -> np.ndarray:
    """Whether a walk within its territory leads each unit to a root."""
    reach = roots.copy()
    while True:
        beside = np.where(near >= 0, reach[near] & (seat[near] == seat[:, None]), False).any(axis=1)
        if not (beside & ~reach).any():
            return reach
        reach |= beside


@pytest.mark.parametrize("seed", range(4))
def test_free_units_hang_on_units_that_stay_and_share_them_evenly(seed: int) -> None:
    problem = grid(12, 4, seed)
    rng = np.random.default_rng(seed)
    roots = rng.random(problem.units) < 0.5
    stays = np.where(roots[:, None] & (np.arange(4) > 0), -1, problem.seat)
    stays[roots, 0] = rng.integers(0, 4, int(roots.sum()))
    problem = replace(problem, seat=stays, cost=np.where(stays >= 0, problem.cost, np.inf))
    problem = replace(problem, load=np.where(stays[:, :, None] >= 0, problem.load, 0.0))
    split = make_whole(problem, solve(problem), seed=seed, roots=roots)
    seat = problem.seat[np.arange(problem.units), split.slot]
    assert hangs(problem.near, seat, roots).all()
    assert outside(problem, split.slot, roots) == 0
    assert split.imbalance <= 0.06


@pytest.mark.parametrize("seed", range(3))
def test_annealing_leaves_no_more_units_outside_than_growing_does(seed: int) -> None:
    problem = grid(12, 4, seed)
    rng = np.random.default_rng(seed)
    locked = rng.random(problem.units) < 0.15
    seat = np.where(locked[:, None] & (np.arange(4) > 0), -1, problem.seat)
    seat[locked, 0] = rng.integers(0, 4, int(locked.sum()))
    problem = replace(problem, seat=seat, cost=np.where(seat >= 0, problem.cost, np.inf))
    few, many = (make_whole(problem, solve(problem), seed=seed, moves=moves) for moves in (1, 200_000))
    assert outside(problem, many.slot) <= outside(problem, few.slot)
    assert price_of(problem, many.slot) <= price_of(problem, few.slot)


def test_two_books_that_no_shift_evens_out_are_cut_anew() -> None:
    problem = grid(12, 2, 5)
    load = np.where(np.arange(144)[:, None, None] % 12 < 6, 1.9, 0.1) * np.ones((144, 2, 1)) / 72.0
    lopsided = replace(problem, load=np.ascontiguousarray(load))
    left = (np.arange(144) % 12 >= 6).astype(np.int64)  # one book has nearly all
    slot = np.where(problem.seat == left[:, None], 1, 0).argmax(axis=1).astype(np.int64)
    split = make_whole(lopsided, split_of(lopsided, slot))
    assert split.imbalance <= 0.051
    assert outside(lopsided, split.slot) == 0
