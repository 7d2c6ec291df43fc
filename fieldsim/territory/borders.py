"""Territories in one piece on the graph of neighbours, as arrays that a kernel changes: what a shift at a border means there."""

from __future__ import annotations

from typing import NamedTuple

from fieldsim.compiled import inner
from fieldsim.model import Bools, Floats, Ints
from fieldsim.territory.problem import Problem


class Land(NamedTuple):
    """The problem, and which units are roots: pieces that hold one are in place."""

    seat: Ints
    cost: Floats
    load: Floats
    near: Ints
    apart: Floats
    roots: Bools


class Held(NamedTuple):
    """Who has what: slot and seat of each unit, whether it is in its territory's piece, loads of seats."""

    slot: Ints
    where: Ints
    inside: Bools
    sums: Floats


class Border(NamedTuple):
    """Units that may move and have a neighbour elsewhere: `units[:size[0]]`, the place of each in it, -1 not, -2 never."""

    units: Ints
    spot: Ints
    degree: Ints
    """Neighbours of each unit."""
    size: Ints


class Notes(NamedTuple):
    """Paper for walks: marks by turn, a queue or the units of a tree, their parents and then seats, sums of branches."""

    mark: Ints
    queue: Ints
    parent: Ints
    branch: Floats
    """Shape [units + 1, 2 sides x (load of each metric, cost, units that may not, roots)], the last row: what is outside."""


class Price(NamedTuple):
    """What a full load of excess costs each metric now, what makes the mean seat's load 1, and how fast the price bends."""

    line: Floats
    scale: Floats


def land_of(problem: Problem, roots: Bools) -> Land:
    """The arrays of a problem."""
    return Land(problem.seat, problem.cost, problem.load, problem.near, problem.apart, roots)


@inner
def charge(load: float, tolerance: float, bend: float) -> float:
    """Excess over the tolerance of a load, mean 1, and `bend` times its square."""
    over = max(0.0, abs(load - 1.0) - tolerance)
    return over + bend * over * over


@inner
def slot_for(seat: Ints, i: int, j: int) -> int:
    """The slot of unit i that means seat j; -1 where it may not go there."""
    for s in range(seat.shape[1]):
        if seat[i, s] == j:
            return s
    return -1


@inner
def listed(i: int, near: Ints, where: Ints, border: Border) -> None:
    """Puts unit i on the list of the border or takes it off."""
    if border.spot[i] == -2:
        return
    out = False
    for h in range(border.degree[i]):
        out |= where[near[i, h]] != where[i]
    if out and border.spot[i] < 0:
        border.units[border.size[0]], border.spot[i] = i, border.size[0]
        border.size[0] += 1
    elif not out and border.spot[i] >= 0:
        border.size[0] -= 1
        last = border.units[border.size[0]]
        border.units[border.spot[i]], border.spot[last] = last, border.spot[i]
        border.spot[i] = -1


@inner
def give(i: int, to: int, land: Land, held: Held, border: Border) -> None:
    """Unit i goes to the seat of its slot `to`."""
    for m in range(held.sums.shape[1]):
        held.sums[held.where[i], m] -= land.load[i, held.slot[i], m]
        held.sums[land.seat[i, to], m] += land.load[i, to, m]
    held.slot[i], held.where[i], held.inside[i] = to, land.seat[i, to], True
    listed(i, land.near, held.where, border)
    for h in range(border.degree[i]):
        listed(land.near[i, h], land.near, held.where, border)


@inner
def stays_whole(i: int, land: Land, held: Held, degree: Ints, mark: Ints, queue: Ints, turn: int) -> bool:
    """Whether unit i's neighbours in its own territory still hang together, or each on a root, when it leaves."""
    near, where, inside, roots = land.near, held.where, held.inside, land.roots
    if not inside[i]:
        return True
    own, rooted, loose = where[i], False, 0
    for h in range(degree[i]):
        u = near[i, h]
        if where[u] == own and inside[u]:
            if roots[u]:
                rooted = True
            else:
                mark[u] = -turn
                loose += 1
    if loose == 0:
        return rooted  # the last unit of a territory stays
    mark[i], parts = turn, 0
    for h in range(degree[i]):
        start = near[i, h]
        if mark[start] != -turn:
            continue
        mark[start], queue[0], head, tail, found = turn, start, 0, 1, False
        loose -= 1
        while head < tail and not (loose == 0 and parts == 0 and not rooted):
            v = queue[head]
            head += 1
            for k in range(degree[v]):
                u = near[v, k]
                if where[u] != own or not inside[u]:
                    continue
                found |= roots[u]
                if mark[u] != turn and not roots[u]:
                    if mark[u] == -turn:
                        loose -= 1
                    mark[u] = turn
                    queue[tail] = u
                    tail += 1
        parts += 1
        if not found and (rooted or parts > 1 or loose > 0):
            return False
    return True


@inner
def shift_change(i: int, to: int, land: Land, held: Held, price: Price, tolerance: float, bend: float) -> float:
    """Change of hours and price of excess when unit i takes its slot `to`."""
    a, b, now = held.where[i], land.seat[i, to], held.slot[i]
    change = land.cost[i, to] - land.cost[i, now]
    for h in range(land.near.shape[1]):
        v = land.near[i, h]
        if v < 0:
            break
        change += 2.0 * land.apart[i, h] * (int(held.where[v] == a) - int(held.where[v] == b))
    for m in range(held.sums.shape[1]):
        x, y, f = held.sums[a, m], held.sums[b, m], price.scale[m]
        after = charge((x - land.load[i, now, m]) * f, tolerance, bend) + charge((y + land.load[i, to, m]) * f, tolerance, bend)
        change += price.line[m] * (after - charge(x * f, tolerance, bend) - charge(y * f, tolerance, bend))
    return float(change)
