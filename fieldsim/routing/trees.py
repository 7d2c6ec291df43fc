"""Least travel that a day costs which serves all that is left: spanning trees with node prices, after Held and Karp (1970)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fieldsim.compiled import inner, maker
from fieldsim.model import Ints
from fieldsim.routing.arrays import LATEST, NEVER, REMOTE
from fieldsim.routing.steps import copy

ASCENTS = 40
"""Rounds of prices."""
CACHE_BITS = 14


class Forest(NamedTuple):
    """What is needed for the trees of a day."""

    price: Ints
    weight: Ints
    """Seconds between visits, the cheaper direction plus both prices, shape [n, n]."""
    cache: Ints
    """Sets of visits and the weights of their trees, shape [2, 2**CACHE_BITS]."""
    spare: Ints


BARE = Forest(*(np.empty(shape, dtype=np.int64) for shape in (0, (0, 0), (2, 0), (2, 0))))
"""No trees."""


@maker
def forest(cost: Ints, facts: Ints, goal: int) -> Forest:
    """Trees for the arc costs of a day; `goal` is a known travel."""
    n = facts.shape[0]
    physical = (1 << n) - 1
    for visit in range(n):
        if facts[visit, REMOTE] == 1 or facts[visit, LATEST] < 0:
            physical ^= 1 << visit
    price = _prices(cost, physical, n, goal)
    cache = np.full((2, 1 << min(n, CACHE_BITS)), -1, dtype=np.int64)
    return Forest(price, _priced(cost, price, n), cache, np.empty((2, n), dtype=np.int64))


@inner
def _tree(weight: Ints, left: int, n: int, parent: Ints, dist: Ints) -> int:
    """Weight of the least spanning tree over the visits in the mask `left` (Prim); `parent` receives its edges."""
    root = -1
    total, count = 0, 0
    for j in range(n):
        if left >> j & 1:
            count += 1
            dist[j], parent[j] = NEVER, -1
            if root < 0:
                root = j
    if root < 0:
        return 0
    dist[root] = 0
    for _ in range(count):
        near, at = NEVER + 1, -1
        for j in range(n):
            if left >> j & 1 and dist[j] < near:
                near, at = dist[j], j
        total = min(total + near, NEVER)
        left ^= 1 << at
        for j in range(n):
            if left >> j & 1 and weight[at, j] < dist[j]:
                dist[j], parent[j] = weight[at, j], at
    return total


@maker
def _prices(cost: Ints, physical: int, n: int, goal: int) -> Ints:
    """Node prices under which the tree over all visits, tied to start and end, is nearly a path; `goal` is a known travel."""
    price, best_price = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    parent, dist, degree = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    best = -NEVER
    pace = 1.0
    for _ in range(ASCENTS):
        weight = _priced(cost, price, n)
        total = _tree(weight, physical, n, parent, dist)
        first, last = -1, -1
        for j in range(n):
            degree[j] = 0
            if physical >> j & 1:
                if first < 0 or cost[n, j] + price[j] < cost[n, first] + price[first]:
                    first = j
                if last < 0 or cost[j, n + 1] + price[j] < cost[last, n + 1] + price[last]:
                    last = j
        if first < 0 or total >= NEVER:
            break
        degree[first] += 1
        degree[last] += 1
        bound = total + cost[n, first] + price[first] + cost[last, n + 1] + price[last]
        steep = 0
        for j in range(n):
            if physical >> j & 1:
                bound -= 2 * price[j]
                if parent[j] >= 0:
                    degree[j] += 1
                    degree[parent[j]] += 1
        for j in range(n):
            if physical >> j & 1:
                steep += (degree[j] - 2) * (degree[j] - 2)
        if bound > best:
            best = bound
            copy(price, best_price, n)
        else:
            pace *= 0.85
        if steep == 0:
            break
        step = pace * max(goal - bound, 1) / steep
        for j in range(n):
            if physical >> j & 1:
                price[j] += np.int64(np.floor(step * (degree[j] - 2) + 0.5))
    return best_price


@maker
def _priced(cost: Ints, price: Ints, n: int) -> Ints:
    """Weights between visits, the cheaper direction plus both prices, shape [n, n]."""
    weight = np.full((n, n), NEVER, dtype=np.int64)
    for i in range(n):
        for j in range(n):
            least = min(cost[i, j], cost[j, i])
            if least < NEVER:
                weight[i, j] = least + price[i] + price[j]
    return weight


@inner
def least_way(forest: Forest, cost: Ints, facts: Ints, last: int, left: int) -> int:
    """A lower bound on the travel from `last` through all visits in the mask `left` to the end."""
    price, cache, n = forest.price, forest.cache, facts.shape[0]
    out, home, refund, places = NEVER, NEVER, 0, left
    for j in range(n):
        if left >> j & 1 and facts[j, REMOTE] == 1:
            places ^= 1 << j
        elif left >> j & 1:
            out = min(out, cost[last, j] + price[j])
            home = min(home, cost[j, n + 1] + price[j])
            refund += 2 * price[j]
    if places == 0:
        return int(cost[last, n + 1])
    slot = (places ^ (places >> 14) ^ (places >> 31)) & (cache.shape[1] - 1)
    if cache[0, slot] != places:
        cache[0, slot], cache[1, slot] = places, _tree(forest.weight, places, n, forest.spare[0], forest.spare[1])
    return max(0, int(out + cache[1, slot] + home - refund))
