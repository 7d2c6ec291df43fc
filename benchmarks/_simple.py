"""Simple ways to make territories, by common practice and from the literature, and what driving them costs."""

from __future__ import annotations

import numpy as np

from benchmarks._districts import District, bisect, hours_of
from fieldsim.model import Floats, Ints
from fieldsim.territory.problem import Problem

DIRECTIONS = 16


def clustered(district: District) -> Ints | None:
    """Clusters of equal numbers of accounts by k-means-constrained, None where it is not installed."""
    try:
        from k_means_constrained import KMeansConstrained
    except ImportError:
        return None
    each, count = len(district.place) / len(district.home), len(district.home)
    least, most = int(0.95 * each), int(np.ceil(1.05 * each))
    model = KMeansConstrained(n_clusters=count, size_min=least, size_max=most, n_init=1, random_state=0)
    return np.asarray(model.fit_predict(district.place), dtype=np.int64)


def halved(district: District) -> Ints:
    """Recursive bisection by service hours across the longer side: the very cuts in whose parts the generator puts homes."""
    part = np.empty(len(district.place), dtype=np.int64)
    for k, group in enumerate(bisect(district.place, district.service, len(district.home))):
        part[group] = k
    return part


def sliced(district: District) -> Ints:
    """Recursive bisection by service hours, across the direction of 16 whose cut is shortest within the accounts' hull.

    As in Kalcsics, Nickel, Schröder 2005, where the shortest cut makes compact halves; it knows nothing of homes.
    """
    part = np.empty(len(district.place), dtype=np.int64)
    todo, done = [(np.arange(len(part)), len(district.home))], 0
    while todo:
        group, count = todo.pop()
        if count == 1:
            part[group], done = done, done + 1
            continue
        left, cuts = count // 2, []
        for k in range(DIRECTIONS):
            turn = np.pi * k / DIRECTIONS
            along = district.place[group] @ np.array([np.cos(turn), np.sin(turn)])
            order = np.argsort(along, kind="stable")
            total = np.cumsum(district.service[group][order])
            cut = min(max(int(np.searchsorted(total, total[-1] * left / count)), left), len(group) - count + left)
            cuts.append(
                (_chord(district.place[group], turn, float(along[order[cut]])), k, group[order[:cut]], group[order[cut:]])
            )
        _, _, one, other = min(cuts, key=lambda found: found[:2])
        todo += [(other, count - left), (one, left)]
    return part


def _chord(place: Floats, turn: float, at: float) -> float:
    """Length of the line across direction `turn` at `at` within the hull of the places."""
    from scipy.spatial import ConvexHull, QhullError

    try:
        hull = place[ConvexHull(place).vertices]
    except (QhullError, ValueError):  # fewer than three places, or all in a line
        return 0.0
    along = hull @ np.array([np.cos(turn), np.sin(turn)]) - at
    across = hull @ np.array([-np.sin(turn), np.cos(turn)])
    one, two = (along, np.roll(along, -1)), (across, np.roll(across, -1))
    meets = np.flatnonzero(one[0] * one[1] < 0.0)
    part = one[0][meets] / (one[0][meets] - one[1][meets])
    return float(np.ptp(two[0][meets] + part * (two[1][meets] - two[0][meets]))) if len(meets) else 0.0


def poorest_first(district: District) -> Ints:
    """Largest account to the part with the least potential so far."""
    total = np.zeros(len(district.home))
    part = np.empty(len(district.potential), dtype=np.int64)
    for i in np.argsort(-district.potential, kind="stable").tolist():
        part[i] = int(np.argmin(total))
        total[part[i]] += district.potential[i]
    return part


def matched(district: District, part: Ints) -> Ints:
    """Parts given to reps so that travel is least."""
    from scipy.optimize import linear_sum_assignment

    count = len(district.home)
    hours = np.empty((count, count))
    rows = np.arange(len(part))
    for rep in range(count):
        way = np.linalg.norm(district.home[rep] - district.place, axis=1)
        hours[:, rep] = np.bincount(part, hours_of(district, rows, way, 0.0), count)
    rep_of = linear_sum_assignment(hours)[1]
    return np.asarray(rep_of[part], dtype=np.int64)


def travel_hours(district: District, owner: Ints) -> float:
    """Travel a quarter, by the evaluator of the problems, hops left out because they are the same for all."""
    way = np.linalg.norm(district.home[owner] - district.place, axis=1)
    return float(hours_of(district, np.arange(len(owner)), way, 0.0).sum())


def ways_only(district: District, problem: Problem) -> Floats:
    """The cost of slots by the same evaluator, for the least travel that fractions of accounts could have."""
    rows, slots = np.nonzero(problem.seat >= 0)
    way = np.linalg.norm(district.home[problem.seat[rows, slots]] - district.place[rows], axis=1)
    cost = np.full(problem.seat.shape, np.inf)
    cost[rows, slots] = hours_of(district, rows, way, 0.0)
    return cost


def imbalance(district: District, owner: Ints) -> float:
    """Largest deviation of potential or of workload from the mean rep."""
    way = np.linalg.norm(district.home[owner] - district.place, axis=1)
    work = district.service + hours_of(district, np.arange(len(owner)), way, 0.0)
    sums = np.stack([np.bincount(owner, w, len(district.home)) for w in (district.potential, work)])
    return float(np.abs(sums / sums.mean(axis=1, keepdims=True) - 1).max())
