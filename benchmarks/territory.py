"""How close to the best possible are territory designs, how even, how fast, and against which simple methods?

`python -m benchmarks territory NAME ...` with names quality, whole, simple, scale, departure, disruption, design, routed, weeks,
scale-large, scale-design; without one all but design, routed and weeks (plans and routes), and the last two (a million accounts).
Problems and evaluators are in `_districts.py`, `_routed.py` and `_weeks.py`. Ratios are to the linear relaxation's bound; times
are of one process, kernels compiled before. Baselines and candidates run in turn on the same problems.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from benchmarks import _routed, _weeks
from benchmarks._districts import District, clumped, make_district, problem_of
from benchmarks._floor import whole_moves
from benchmarks._simple import clustered, halved, imbalance, matched, poorest_first, sliced, travel_hours, ways_only
from fieldsim.model import Floats, Ints
from fieldsim.territory.bound import lower_bound
from fieldsim.territory.contiguous import make_whole, outside
from fieldsim.territory.fewest import fewest_moves
from fieldsim.territory.problem import Problem, Split, slots_of, split_of
from fieldsim.territory.search import solve
from fieldsim.territory.slots import paired
from fieldsim.turnover.policies import TRIES

APART = ("design", "routed", "weeks", "scale-large", "scale-design")
"""Tables of minutes, asked for by name."""


def main(argv: list[str]) -> None:
    """Runs the tables named in `argv`."""
    tables: dict[str, Callable[[], None]] = {
        "quality": quality,
        "whole": whole,
        "simple": simple,
        "scale": lambda: scale(20_000, 200, (0, 1, 2)),
        "departure": departure,
        "disruption": disruption,
        "design": design,
        "routed": _routed.routed,
        "weeks": _weeks.weeks,
        "scale-large": lambda: scale(1_000_000, 2_000, (0,)),
        "scale-design": lambda: scale_design(1_000_000, 2_000),
    }
    small = problem_of(make_district(60, 3, 0))
    fewest_moves(small, solve(small, moves=1000).slot, tries=1000)
    for name in argv or [table for table in tables if table not in APART]:
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


def whole(seeds: int = 3) -> None:
    """The same with every territory in one piece on the graph of eight nearest neighbours; no locks, which could tear one."""
    print(
        "\nthe same in one piece each, no locks: hours / LP bound, largest deviation, reps within 5 %, seconds, accounts outside"
    )
    for seed in range(seeds):
        district = make_district(2_000, 40, seed)
        problem = problem_of(replace(district, locked=0 * district.locked), candidates=20)
        rows = np.repeat(np.arange(problem.units), problem.near.shape[1])
        near, apart = paired(rows, problem.near.ravel(), np.zeros(len(rows)), problem.units)
        problem = replace(problem, near=near, apart=apart)
        began = time.perf_counter()
        split = make_whole(problem, solve(problem))
        took = time.perf_counter() - began
        cells = [split.hours / lower_bound(problem).hours, *_evenness(split), took]
        print(f"  seed {seed}: {_cells(cells)} {outside(problem, split.slot):4}")


def simple(seeds: int = 3) -> None:
    """Travel against simple methods, each with its parts matched to homes at the least travel; nobody has locks.

    The generator puts homes into the middle of parts cut across the longer side, so that a bisection by the same cuts knows the
    country's plan; one that chooses among 16 directions, as the literature does, finds its own way.
    """
    print("\nagainst simple methods: our travel / theirs, least possible / theirs, our largest deviation against theirs")
    for seed in range(seeds):
        district = make_district(2_000, 40, seed)
        district = replace(district, locked=0 * district.locked)
        problem = problem_of(district, beside=0.0)
        ours = solve(problem)
        ours_h = travel_hours(district, problem.seat[np.arange(problem.units), ours.slot])
        least = lower_bound(replace(problem, cost=ways_only(district, problem))).hours
        for name, parts in (
            ("k-means-constrained", clustered(district)),
            ("bisection, 16 directions", sliced(district)),
            ("bisection as homes were put", halved(district)),
            ("largest to the poorest", poorest_first(district)),
        ):
            if parts is None:
                print(f"  seed {seed}: {name} is not installed")
                continue
            owner = matched(district, parts)
            dev = imbalance(district, owner)
            theirs = travel_hours(district, owner)
            print(f"  seed {seed}: {name:28} {ours_h / theirs:.2f} {least / theirs:.2f}   {ours.imbalance:.1%} against {dev:.0%}")


def scale(accounts: int, reps: int, seeds: tuple[int, ...]) -> None:
    """Time, memory and share of reps within 5 % of a large problem."""
    print(f"\n{accounts:,} accounts, {reps:,} reps: largest deviation, reps within 5 %, seconds, hours / bound by prices")
    for seed in seeds:
        problem = problem_of(make_district(accounts, reps, seed))
        began = time.perf_counter()
        split = solve(problem)
        took = time.perf_counter() - began
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        gap = split.hours / lower_bound(problem).hours
        print(f"  seed {seed}: {_cells([*_evenness(split), took, gap])}   peak {peak:.2f} GB, problem included")


def design() -> None:
    """Whole designs of 2,000 and 20,000 accounts, homes in the middle and drawn at random."""
    scale_design(60, 3, told=False)  # the planner's kernels, compiled or read before anything is timed
    for accounts, reps in ((2_000, 20), (20_000, 200)):
        for make in (make_district, clumped):
            scale_design(accounts, reps, make)


def scale_design(
    accounts: int, reps: int, make: Callable[[int, int, int], District] = make_district, *, told: bool = True
) -> None:
    """A large design through the door that everybody uses: a scenario with travel in, ways, units, search, a design out.

    The hours of travel that it was balanced by are held against roughly planned ones, of up to 48 seats; the standard error is
    that of planning no more than those.
    """
    from benchmarks._routed import country_of
    from fieldsim.territory import Brief, Wishes
    from fieldsim.territory.rounds import searched
    from fieldsim.territory.routed import PLANNED, roughly_planned
    from fieldsim.territory.seats import seats_of

    scenario, travel, start = country_of(make(accounts, reps, 0))
    began, busy = time.perf_counter(), time.process_time()
    design, hours = searched(scenario, travel, Brief("large", start, None, (), Wishes(), 0, None))
    took, busy = time.perf_counter() - began, time.process_time() - busy
    if not told:
        return
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    visits = scenario.accounts.visits * scenario.accounts.visit_minutes / 60.0
    work = np.bincount(design.territory_of, visits, reps) + hours
    potential = np.bincount(design.territory_of, scenario.accounts.potential, reps)
    off = np.abs(np.stack((potential / potential.mean(), work / work.mean())) - 1.0).max(axis=0)
    homes = "at random" if make is clumped else "in the middle"
    print(f"\n{accounts:,} accounts, {reps:,} reps, homes {homes}: reps within 5 %, largest deviation, seconds")
    print(f"  {(off <= 0.0501).mean():.2%}  {off.max():.3f}  {took:.1f} s, of processor {busy:.1f} s   peak {peak:.2f} GB in all")
    planned = roughly_planned(scenario, travel, design, seats_of(scenario, start), hours).hours
    known = np.flatnonzero(np.abs(planned / hours - planned.sum() / hours.sum()) > 1e-9)[:PLANNED]
    ratio = hours[known] / planned[known]
    error = ratio.std() / max(1, len(known)) ** 0.5
    print(f"  estimate / planned {hours.sum() / planned.sum():.3f} (+-{error:.3f}), each {ratio.min():.2f} to {ratio.max():.2f}")


def departure(seeds: int = 2) -> None:
    """One of 40 reps leaves, only the orphans move: largest workload over the mean, time and processor time."""
    print("\none departure of 40 reps, orphans only, all 40 in turn: largest workload / mean, median and 90th percentile; time")
    for seed in range(seeds):
        district = make_district(2_000, 40, seed)
        problem = problem_of(replace(district, locked=0 * district.locked), candidates=40)
        split = solve(problem)
        seat = problem.seat[np.arange(problem.units), split.slot]
        worst, took, busy = [], [], []
        for gone in range(40):
            small = _orphans(problem, seat, gone)
            began, used = time.perf_counter(), time.process_time()
            after = solve(small, moves=TRIES * int((seat == gone).sum()) * small.seats)
            took.append(1000 * (time.perf_counter() - began))
            busy.append(1000 * (time.process_time() - used))
            worst.append(float((after.loads / after.loads.mean(axis=0)).max(axis=0)[1]))
        even = f"{np.median(worst):.3f} {np.quantile(worst, 0.9):.3f}"
        clock, core = (f"{np.median(ms):.0f} ms, at most {max(ms):.0f} ms" for ms in (took, busy))
        print(f"  seed {seed}: {even}   {clock}; of processor {core}")


def disruption(seeds: tuple[int, ...] = (1, 2)) -> None:
    """Fewest moves for a tolerance: by fractions of accounts, as proven for whole ones (`_floor.py`; of 5,000 accounts the
    fractions rounded up), and ours.

    Fractions bend two loads a rep for nothing, so their minimum is out of reach by up to so many moves; it tells little where a
    rep has few accounts or few have to move, and most where homes are uneven and books long.
    """
    print("\nmoves for a tolerance: accounts moved, the least by fractions, the least proven for whole accounts, ratios to both")
    tolerances = (0.5, 0.3, 0.2, 0.15, 0.1, 0.05, 0.025)
    for title, make, accounts, reps, some, asked in (
        ("homes in the middle", make_district, 2_000, 40, seeds, tolerances),
        ("homes at random", clumped, 2_000, 40, seeds[:1], (0.5, 0.2, 0.05)),
        ("homes at random", clumped, 5_000, 20, seeds[:1], (0.2, 0.05)),
    ):
        print(f"  {accounts:,} accounts, {reps} reps, {title}")
        for seed in some:
            district = make(accounts, reps, seed)
            took = [_fewest(district, tolerance, seed) for tolerance in asked]
            print(f"  seed {seed}: {sum(took):.1f} s for all {len(took)} tolerances, bounds apart")


def _fewest(district: District, tolerance: float, seed: int) -> float:
    """One row of moves; returns the seconds of the search."""
    problem = problem_of(district, tolerance)
    moved = (problem.seat != district.current[:, None]).astype(np.float64)
    counted = replace(problem, cost=np.where(problem.seat >= 0, moved, np.inf))
    began = time.perf_counter()
    split = split_of(counted, fewest_moves(counted, counted.cost.argmin(axis=1)))
    took = time.perf_counter() - began
    least = lower_bound(counted).hours
    proven = problem.units <= 2_000
    whole = whole_moves(counted, split.hours) if proven else float(np.ceil(least - 1e-6))
    ratios = f"{split.hours / least:.3f} {split.hours / whole:.3f}"
    figures = f"{split.hours:5.0f} {least:6.1f} {whole:6.1f}   {ratios}"
    print(f"  seed {seed} {tolerance:5.1%}: {figures}   deviation {split.imbalance:.2%} {took:6.1f} s")
    return took


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


def _evenness(split: Split) -> tuple[float, float]:
    off: Floats = np.abs(split.loads / split.loads.mean(axis=0) - 1)
    return float(off.max()), float((off.max(axis=1) <= 0.0501).mean())


def _cells(values: list[float]) -> str:
    return " ".join(f"{v:7.3f}" for v in values)
