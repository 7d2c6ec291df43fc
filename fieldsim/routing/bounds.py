"""Least travel that a set of visits still costs: spanning trees with node prices, after Held and Karp (1970)."""

from __future__ import annotations

import numpy as np
from numba import njit

from fieldsim.model import Ints
from fieldsim.routing.arrays import EARLIEST, LATEST, NEVER, REMOTE, SERVICE
from fieldsim.routing.steps import copy

ASCENTS = 40


@njit(cache=True)
def arc_costs(travel: Ints, near: Ints, hours: Ints, facts: Ints, frame: Ints) -> Ints:
    """Least seconds from node to node, NEVER where opening hours rule the step out, shape [n+2, n+2]."""
    n = facts.shape[0]
    cost = np.full((n + 2, n + 2), NEVER, dtype=np.int64)
    for i in range(n + 1):
        if i < n and facts[i, REMOTE] == 1:
            continue
        ready = frame[EARLIEST]
        if i < n:
            ready = max(ready + near[n, i], hours[i, 0]) + facts[i, SERVICE]
        for j in range(n + 2):
            if j in (i, n) or (j < n and facts[j, REMOTE] == 1):
                continue
            least = NEVER
            for period in range(travel.shape[0]):
                least = min(least, travel[period, i, j])
            if j > n or ready + near[i, j] <= facts[j, LATEST]:
                cost[i, j] = least
    return cost


@njit(cache=True)
def tree(weight: Ints, left: int, n: int, parent: Ints, dist: Ints) -> int:
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


@njit(cache=True)
def prices(cost: Ints, physical: int, n: int, goal: int) -> Ints:
    """Node prices under which the tree over all visits, tied to start and end, is nearly a path; `goal` is a known travel."""
    price, best_price = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    parent, dist, degree = np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64), np.empty(n, dtype=np.int64)
    best = -NEVER
    pace = 1.0
    for _ in range(ASCENTS):
        weight = priced(cost, price, n)
        total = tree(weight, physical, n, parent, dist)
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
                price[j] += int(np.floor(step * (degree[j] - 2) + 0.5))
    return best_price


@njit(cache=True)
def priced(cost: Ints, price: Ints, n: int) -> Ints:
    """Weights between visits, the cheaper direction plus both prices, shape [n, n]."""
    weight = np.full((n, n), NEVER, dtype=np.int64)
    for i in range(n):
        for j in range(n):
            least = min(cost[i, j], cost[j, i])
            if least < NEVER:
                weight[i, j] = least + price[i] + price[j]
    return weight
