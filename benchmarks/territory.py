"""How close to the best possible are territory designs, how even, how fast, and against which simple methods?

`python -m benchmarks territory [quality|simple|scale|scale-large|departure|disruption ...]`; without a name all but scale-large.
Problems and evaluator are in `_districts.py`. Ratios are to the linear relaxation's bound; times are of one process, kernels
compiled before. Baselines and candidates run in turn on the same problems.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from benchmarks._districts import District, bisect, hours_of, make_district, problem_of
from fieldsim.model import Floats, Ints
from fieldsim.territory.bound import lower_bound
from fieldsim.territory.problem import Problem, Split, slots_of
from fieldsim.territory.search import solve


def main(argv: list[str]) -> None:
    """Runs the tables named in `argv`."""
    tables: dict[str, Callable[[], None]] = {
        "quality": quality,
        "simple": simple,
        "scale": lambda: scale(20_000, 200),
        "scale-large": lambda: scale(1_000_000, 2_000),
        "departure": departure,
        "disruption": disruption,
    }
    solve(problem_of(make_district(60, 3, 0)), moves=1000)
    for name in argv or [table for table in tables if table != "scale-large"]:
        tables[name]()


def quality(seeds: int = 10) -> None:
    """2,000 accounts, 40 reps, potential and workload within 5 %: hours over the bound, for a short and a long search."""
    print(
        "2,000 accounts, 40 reps, +-5 % on potential and workload: hours / LP bound, largest deviation, reps within 5 %, seconds"
    )
    rows = []
    for seed in range(seeds):
        problem = problem_of(make_district(2_000, 40, seed))
        bound = lower_bound(problem)
        cells = [bound.hours]
        for moves in (2_500, 20_000):
            began = time.perf_counter()
            split = solve(problem, moves=moves * problem.units)
            cells += [split.hours / bound.hours, *_evenness(split), time.perf_counter() - began]
        rows.append(cells)
        print(f"  seed {seed}: bound {cells[0]:6.0f} h   " + "   ".join(_cells(cells[k : k + 4]) for k in (1, 5)))
    print("  median             " + "   ".join(_cells([float(v) for v in np.median(rows, axis=0)[k : k + 4]]) for k in (1, 5)))


def simple(seeds: int = 3) -> None:
    """Travel against largest-to-poorest, recursive bisection and the nearest rep, each matched to homes at its best."""
    print("\nagainst simple methods (travel hours ours / theirs, their largest deviation)")
    for seed in range(seeds):
        district = make_district(2_000, 40, seed)
        problem = problem_of(district)
        ours = solve(problem)
        ours_h = travel_hours(district, problem.seat[np.arange(problem.units), ours.slot])
        for name, owner in (("largest to poorest", poorest_first(district)), ("bisection", bisected(district))):
            dev = imbalance(district, owner)
            print(
                f"  seed {seed}: {name:20} {ours_h / travel_hours(district, owner):.2f}   {dev:.0%} against {ours.imbalance:.1%}"
            )


def scale(accounts: int, reps: int) -> None:
    """Time, memory and share of reps within 5 % of a large problem."""
    problem = problem_of(make_district(accounts, reps, 0))
    began = time.perf_counter()
    split = solve(problem)
    took = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"\n{accounts:,} accounts, {reps:,} reps: largest deviation, reps within 5 %, seconds")
    print(f"  {_cells([*_evenness(split), took])}", end="")
    print(f"   peak {peak:.2f} GB (problem included)")


def departure(seeds: int = 2) -> None:
    """One of 40 reps leaves, only the orphans move: largest workload over the mean, seconds."""
    print(print("\none departure of 40 reps, orphans only, all 40 in turn: largest workload / mean, median and 90th percentile"))
    for seed in range(seeds):
        district = make_district(2_000, 40, seed)
        problem = problem_of(replace(district, locked=0 * district.locked), candidates=40)
        split = solve(problem)
        seat = problem.seat[np.arange(problem.units), split.slot]
        worst, took = [], []
        for gone in range(40):
            small = _orphans(problem, seat, gone)
            began = time.perf_counter()
            after = solve(small)
            took.append(1000 * (time.perf_counter() - began))
            worst.append(float((after.loads / after.loads.mean(axis=0)).max(axis=0)[1]))
        even = f"{np.median(worst):.3f} {np.quantile(worst, 0.9):.3f}"
        print(f"  seed {seed}: {even}   {np.median(took):.0f} ms, at most {max(took):.0f} ms")


def disruption(seed: int = 1) -> None:
    """Moves needed for a tolerance against the least that fractions of accounts would need."""
    print("\nmoves for a tolerance: accounts moved, linear minimum, ratio")
    district = make_district(2_000, 40, seed)
    for tolerance in (0.3, 0.2, 0.1, 0.05):
        problem = problem_of(district, tolerance)
        moved = (problem.seat != district.current[:, None]).astype(np.float64)
        counted = replace(problem, cost=np.where(problem.seat >= 0, moved, np.inf))
        split = solve(counted, moves=20_000 * problem.units)
        least = lower_bound(counted).hours
        print(f"  {tolerance:4.0%}: {split.hours:5.0f} {least:6.1f} {split.hours / least:.3f}   deviation {split.imbalance:.1%}")


def _orphans(problem: Problem, seat: Ints, gone: int) -> Problem:
    """The accounts of seat `gone` free among the others, everything else fixed where it is."""
    free = seat == gone
    seats, cost, load = problem.seat.copy(), problem.cost.copy(), problem.load.copy()
    cost[seats == gone] = np.inf
    order = np.argsort(cost, axis=1, kind="stable")
    seats, cost = np.take_along_axis(seats, order, axis=1), np.take_along_axis(cost, order, axis=1)
    load = np.take_along_axis(load, order[:, :, None], axis=1)
    seats[~np.isfinite(cost)] = -1
    seats = np.where(seats > gone, seats - 1, seats)
    others = problem.seats - 1
    base = np.zeros((others, load.shape[2]))
    place = slots_of(problem, seat)
    for unit in np.flatnonzero(~free).tolist():
        base[seat[unit] - (seat[unit] > gone)] += problem.load[unit, place[unit]]
    fixed = np.full((others, seats.shape[1]), -1, dtype=np.int64)
    fixed[:, 0] = np.arange(others)
    held = np.zeros((others, *load.shape[1:]))
    held[:, 0] = base
    count = int(free.sum()) + others
    return Problem(
        others,
        np.vstack((seats[free], fixed)),
        np.vstack((np.where(seats[free] >= 0, cost[free], np.inf), np.where(fixed >= 0, 0.0, np.inf))),
        np.ascontiguousarray(np.concatenate((load[free], held))),
        np.full((count, 1), -1, dtype=np.int64),
        np.zeros((count, 1)),
        problem.weight,
        problem.tolerance,
    )


def poorest_first(district: District) -> Ints:
    """Largest account to the rep with the least potential so far."""
    total = np.zeros(len(district.home))
    owner = np.empty(len(district.potential), dtype=np.int64)
    for i in np.argsort(-district.potential, kind="stable").tolist():
        owner[i] = int(np.argmin(total))
        total[owner[i]] += district.potential[i]
    return owner


def bisected(district: District) -> Ints:
    """Recursive bisection by service hours, parts matched to homes by distance."""
    from scipy.optimize import linear_sum_assignment

    parts = bisect(district.place, district.service, len(district.home))
    middle = np.array([district.place[part].mean(axis=0) for part in parts])
    away = np.linalg.norm(middle[:, None, :] - district.home, axis=2)
    seats = linear_sum_assignment(away)[1]
    owner = np.empty(len(district.place), dtype=np.int64)
    for part, seat in zip(parts, seats.tolist(), strict=True):
        owner[part] = seat
    return owner


def travel_hours(district: District, owner: Ints) -> float:
    """Travel a quarter, by the evaluator of the problems, hops left out because they are the same for all."""
    way = np.linalg.norm(district.home[owner] - district.place, axis=1)
    return float(hours_of(district, np.arange(len(owner)), way, 0.0).sum())


def imbalance(district: District, owner: Ints) -> float:
    """Largest deviation of potential or of workload from the mean rep."""
    way = np.linalg.norm(district.home[owner] - district.place, axis=1)
    work = district.service + hours_of(district, np.arange(len(owner)), way, 0.0)
    sums = np.stack([np.bincount(owner, w, len(district.home)) for w in (district.potential, work)])
    return float(np.abs(sums / sums.mean(axis=1, keepdims=True) - 1).max())


def _evenness(split: Split) -> tuple[float, float]:
    off: Floats = np.abs(split.loads / split.loads.mean(axis=0) - 1)
    return float(off.max()), float((off.max(axis=1) <= 0.0501).mean())


def _cells(values: list[float]) -> str:
    return " ".join(f"{v:7.3f}" for v in values)
