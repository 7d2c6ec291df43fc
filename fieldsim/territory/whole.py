"""Territories kept in one piece where rules, a hand or few moves change a design: only what is free moves, and only next door."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from fieldsim.model import Accounts, Bools, Ints, Scenario
from fieldsim.territory.contiguous import inside, make_whole, outside, pieces
from fieldsim.territory.estimate import Ways, on_sphere
from fieldsim.territory.neighbours import neighbours
from fieldsim.territory.problem import Problem, part_of, slots_of, split_of
from fieldsim.territory.search import price_of
from fieldsim.territory.slots import fixed_units, paired, problem_of
from fieldsim.territory.units import Market, Wishes


def tied(problem: Problem, accounts: Accounts, unit: Ints) -> Problem:
    """The problem on the graph of neighbours that pieces are told by; `unit` is the unit of each account.

    What it costs to keep near units apart is shared out over these neighbours. Units beyond those of the accounts have no place
    and no neighbours.
    """
    return _with_graph(problem, _graph(accounts, np.arange(len(accounts), dtype=np.int64), unit))


def _with_graph(problem: Problem, near: Ints) -> Problem:
    """The problem with these neighbours of its first units, and none of the others."""
    degree = np.maximum((near >= 0).sum(axis=1), 1)
    part = problem.apart[: len(near)].sum(axis=1) / degree
    apart = np.where(near >= 0, (part[:, None] + part[near]) / 2.0, 0.0)
    more = problem.units - len(near)
    return replace(problem, near=np.pad(near, ((0, more), (0, 0)), constant_values=-1), apart=np.pad(apart, ((0, more), (0, 0))))


def whole_again(
    scenario: Scenario,
    market: Market,
    ways: Ways,
    wishes: Wishes,
    owner: Ints,
    may: Bools,
    seats: Ints,
    *,
    seed: int = 0,
    stays: Bools | None = None,
) -> Ints:
    """Owners near the given ones with the given seats' territories in one piece each, as far as that can be.

    Where some accounts are those that `stays` marks, the others hang on one of them: no territory has more pieces than before.

    `may` [accounts, seats] says where an account may go; one with its present seat alone stays. Accounts of other seats are not
    asked: pieces are those of the graph of the accounts that these seats share out.
    """
    full = problem_of(scenario, market, ways, wishes, may)
    placed = np.unique(market.unit[np.isin(owner, seats)])
    besides = fixed_units(full, market, seats)
    units = np.concatenate((placed, besides))
    rows = np.flatnonzero(np.isin(market.unit, placed))
    own = _graph(scenario.accounts, rows, np.searchsorted(placed, market.unit[rows]).astype(np.int64))
    part = _with_graph(part_of(full, units, seats), own)
    at = np.full(len(market.seats), -1, dtype=np.int64)
    at[seats] = np.arange(len(seats))
    here = np.concatenate((at[market.by_unit(owner)][placed], np.arange(len(besides))))
    given = np.maximum(slots_of(part, here), 0)
    roots = np.zeros(full.units, dtype=np.bool_)
    if stays is not None:
        roots[market.unit[stays]] = True
    made = make_whole(part, split_of(part, given), seed=seed, moves=wishes.moves, roots=roots[units]).slot
    best = min((given, made), key=lambda slot: (outside(part, slot, roots[units]), price_of(part, slot)))
    seat_of_unit = np.full(full.units, -1, dtype=np.int64)
    seat_of_unit[units] = seats[part.seat[np.arange(len(units)), best]]
    return np.where(np.isin(owner, seats), seat_of_unit[market.unit], owner)


def apart(accounts: Accounts, unit: Ints, owner: Ints, pools: Sequence[Ints]) -> int:
    """Accounts outside the largest piece of their territory, on the graph of the accounts that each pool of seats shares out.

    Accounts of one unit and one territory are one place of it.
    """
    lost = 0
    for seats in pools:
        rows = np.flatnonzero(np.isin(owner, seats))
        if len(rows):
            group = np.unique(unit[rows] * (int(seats.max()) + 1) + owner[rows], return_inverse=True)[1].astype(np.int64)
            seat = np.empty(int(group.max()) + 1, dtype=np.int64)
            seat[group] = owner[rows]
            lost += int((pieces(_graph(accounts, rows, group), seat, int(seats.max()) + 1) > 0)[group].sum())
    return lost


def touch(accounts: Accounts, territory_of: Ints, first: int, second: int) -> bool:
    """Whether an account of one territory is beside one of the other, on the graph that pieces are told by."""
    every = np.arange(len(accounts), dtype=np.int64)
    near = _graph(accounts, every, every)
    beside = np.where(near >= 0, territory_of[near], -1)
    return bool(((territory_of == first)[:, None] & (beside == second)).any())


def less_torn(problem: Problem, present: Ints, slot: Ints) -> Ints:
    """The slots without the moves that leave more units apart from their territory than there are today."""
    slot, rows = slot.copy(), np.arange(problem.units)
    now, none = problem.seat[rows, present], np.zeros(problem.units, dtype=np.bool_)
    was = ~inside(problem, present, none)
    while (moved := slot != present).any() and (away := ~inside(problem, slot, none)).sum() > was.sum():
        seat = problem.seat[rows, slot]
        more = np.bincount(seat[away], minlength=problem.seats) > np.bincount(now[was], minlength=problem.seats)
        bad = moved & away
        if not bad.any():  # what left a territory cut it through
            bad = moved & more[now]
        bad = bad if bad.any() else moved
        slot[bad] = present[bad]
    return slot


def _graph(accounts: Accounts, rows: Ints, group: Ints) -> Ints:
    """Neighbours of groups of some accounts among themselves, shape [groups, neighbours], -1 behind the last one."""
    order = np.argsort(group, kind="stable")  # of units, so that the order of rows does not decide
    rows, group = rows[order], group[order]
    one, two = neighbours(on_sphere(accounts.lat[rows], accounts.lon[rows]))
    return paired(group[one], group[two], np.zeros(len(one)), int(group.max()) + 1)[0]
