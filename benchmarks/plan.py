"""How much travel does a quarter plan save against sectors a weekday, and how far is its search from published optima?"""

from __future__ import annotations

import resource
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from statistics import mean, median
from time import perf_counter, process_time

import numpy as np

from benchmarks._pvrp import folder, instance_names, read_instance, rounds_of, solve, write_routes
from benchmarks._quarters import DAYS, KINDS, VISIT_S, Case, day_length, random_case, sector_days
from fieldsim.model import DayProblem, DayVisit, TerritoryPlan, VisitPlan
from fieldsim.planning import amend, plan_quarter

ONE_CAR = ("p03", "p06", "p09")
ORTOOLS_S = 12


def main(argv: list[str]) -> None:
    """`sectors [SEEDS [FIRST]]`, `published [SEEDS [NAMES]]`, `amend`, `ortools [NAMES]` or `scale [REPS WORKERS]`.

    Without a name all but scale. NAMES are instances, p01,p02 ...; all that are there by default. `all` runs everything, some
    eight minutes.
    """
    what = argv[0] if argv else ""
    if what in ("", "all", "sectors"):
        seeds = [int(word) for word in argv[1:3]]
        against_sectors(*seeds)
    if what in ("", "all", "amend"):
        amended()
    if what in ("", "all", "published"):
        against_published(int(argv[1]) if len(argv) > 1 else 3, _names(argv[2:]))
    if what in ("", "all", "ortools"):
        against_one_model(_names(argv[1:]), ORTOOLS_S)
    if what in ("all", "scale"):
        at_scale(int(argv[1]) if len(argv) > 1 else 100, int(argv[2]) if len(argv) > 2 else 2)


def _names(words: list[str]) -> list[str]:
    return words[0].split(",") if words else instance_names()


def against_sectors(seeds: int = 3, first: int = 0) -> None:
    """One rep, 200 accounts, 65 days: travel at the baseline's longest day, accounts laid out in three ways."""
    head = f"{'200 accounts, one rep, 65 days':34}{'travel h':>9}{'ratio':>7}{'days':>6}{'longest h':>10}"
    print(f"{head}{'spread':>8}{'left':>6}{'s':>7}")
    ratios: dict[tuple[str, str], list[float]] = {}
    warm = random_case(20, 1, 99, 9 * 3600)
    plan_quarter(warm.scenario, warm.design, warm.travel)
    for kind, seed in ((kind, seed) for kind in KINDS for seed in range(first, first + seeds)):
        case = random_case(200, 1, seed, 14 * 3600, kind=kind)
        lengths = np.array([_routed(case, stops) for stops in sector_days(case)])
        base = _row(f"sectors, {kind}, seed {seed}", lengths, 0, None, 0.0)
        case = random_case(200, 1, seed, int(lengths.sum(axis=1).max()), kind=kind)
        for effort in ("quick", "normal"):
            clock = perf_counter()
            plan = plan_quarter(case.scenario, case.design, case.travel, effort=effort)
            seconds = perf_counter() - clock
            found = _lengths(case, plan)
            left = sum(row.count for row in plan.territories[0].unplaced)
            travel = _row(f"  {effort}", found, left, base, seconds)
            ratios.setdefault((kind, effort), []).append(travel / base)
    for (kind, effort), values in ratios.items():
        print(f"{kind}, {effort}: median ratio {median(values):.3f}, worst {max(values):.3f}")


def _routed(case: Case, stops: list[int]) -> tuple[int, int]:
    """Travel and visit time of a baseline day, in the best order."""
    from fieldsim.routing import route_days

    home = len(case.scenario.accounts)
    visits = tuple(DayVisit(str(i), k, VISIT_S, ((0, 86_400),)) for k, i in enumerate(stops))
    matrix = case.travel.matrix([*stops, home])
    (route,) = route_days([DayProblem(matrix, len(stops), len(stops), (0, 86_400), visits)])
    travel, length = day_length(case, home, [int(stop.id) for stop in route.stops])
    return travel, length - travel


def _lengths(case: Case, plan: VisitPlan) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """Travel and visit time of each planned day, counted from the order of the stops."""
    mine = plan.territories[0]
    days = [day_length(case, len(case.scenario.accounts), mine.account[mine.day == k].tolist()) for k in range(DAYS)]
    return np.array([(travel, length - travel) for travel, length in days])


def _row(
    name: str, lengths: np.ndarray[tuple[int, int], np.dtype[np.int64]], left: int, base: float | None, seconds: float
) -> float:
    """Print one line of the table; the travel in hours."""
    whole = lengths.sum(axis=1) / 3600
    travel = float(lengths[:, 0].sum()) / 3600
    used = int((lengths[:, 1] > 0).sum())
    spread = (whole.max() - whole.min()) / whole.mean()
    ratio = f"{travel / base:7.3f}" if base else " " * 7
    print(f"{name:34}{travel:9.1f}{ratio}{used:6d}{whole.max():10.2f}{spread:8.2f}{left:6d}{seconds:7.2f}")
    sys.stdout.flush()
    return travel


def against_published(seeds: int, names: list[str]) -> None:
    """Cordeau's periodic instances; the best routes go to out/pvrp."""
    if not names:
        print(f"no instances in {folder()}")
        return
    solve(read_instance(names[0]), 10, 0)
    print(f"{'instance':10}{'published':>10}{'gap of each run, %':>30}{'best':>8}{'s a run':>9}")
    runs: dict[str, list[float]] = {}
    for name in names:
        case = read_instance(name)
        clock = perf_counter()
        found = [solve(case, rounds_of(case), seed) for seed in range(seeds)]
        seconds = (perf_counter() - clock) / seeds
        cost, routes = min(found, key=lambda entry: entry[0])
        write_routes(case, cost, routes, Path("out") / "pvrp")
        runs[name] = [100.0 * (cost / case.known - 1.0) for cost, _ in found]
        gaps = " ".join(f"{gap:.2f}" for gap in runs[name])
        print(f"{name:10}{case.known:10.2f}{gaps:>30}{min(runs[name]):8.2f}{seconds:9.1f}")
        sys.stdout.flush()
    once, best = mean(gaps[0] for gaps in runs.values()), mean(min(gaps) for gaps in runs.values())
    print(f"mean gap of one run {once:.2f} %, best of {seeds} {best:.2f} %; routes in out/pvrp")
    print(f"one car: {', '.join(f'{name} {min(runs[name]):.2f} %' for name in ONE_CAR if name in runs)}")


def against_one_model(names: list[str], seconds: int) -> None:
    """One OR-Tools model with days as vehicles, guided local search, against one run of the planner's search."""
    from benchmarks._pvrp_ortools import one_model

    print(f"{'instance':10}{'patterns':>10}{'OR-Tools %':>12}{'planner %':>12}{'planner s':>11}")
    worse = 0
    for name in names:
        case = read_instance(name)
        theirs = 100.0 * (one_model(case, seconds) / case.known - 1.0)
        clock = perf_counter()
        ours = 100.0 * (solve(case, rounds_of(case), 0)[0] / case.known - 1.0)
        took = perf_counter() - clock
        kinds = "several" if any(len(entry[0]) > 1 and len(entry) > 1 for entry in case.patterns) else "one day"
        print(f"{name:10}{kinds:>10}{theirs:12.2f}{ours:12.2f}{took:11.1f}")
        worse += ours > theirs + 1e-3
        sys.stdout.flush()
    print(f"planner behind OR-Tools ({seconds} s each) on {worse} of {len(names)} instances")


def amended(accounts: int = 100, joining: int = 8, leaving: int = 3) -> None:
    """Accounts join and leave a territory in mid-quarter: processor time, and travel against planning afresh."""
    on, spent, ratios = date(2026, 11, 16), [], []
    print(f"{accounts} accounts, mid-quarter: {joining} join; {leaving} leave")
    print(f"{'seed':>4}{'visits':>8}{'left out':>10}{'join ms':>9}{'leave ms':>10}{'travel of the days left ÷ afresh':>34}")
    for seed in range(5):
        case = random_case(accounts, 1, seed, 9 * 3600)
        moved = np.where(np.arange(accounts) < joining, 1, 0)
        design = replace(case.design, territories=("T0", "T1"), territory_of=moved, rep_of=np.array([0, -1]))
        plan = plan_quarter(case.scenario, design, case.travel)
        join = {i: (int(plan.due[i]) + 1) // 2 for i in range(joining)}
        gone = range(joining, joining + leaving)
        amend(case.scenario, case.travel, plan, 0, on=on)
        clocks = [process_time()]
        after = amend(case.scenario, case.travel, plan, 0, on=on, join=join)
        clocks.append(process_time())
        amend(case.scenario, case.travel, plan, 0, on=on, leave=gone)
        clocks.append(process_time())
        spent.append(1000.0 * np.diff(clocks))
        left = sum(row.count for row in after.unplaced)
        fresh = plan_quarter(case.scenario, case.design, case.travel)
        first = plan.days.index(on)
        ratios.append(_travel(case, after, first) / _travel(case, fresh.territories[0], first))
        print(f"{seed:4}{sum(join.values()):8}{left:10}{spent[-1][0]:9.1f}{spent[-1][1]:10.1f}{ratios[-1]:34.3f}")
    join_ms, leave_ms = np.median(spent, axis=0)
    print(f"median: join {join_ms:.1f} ms, leave {leave_ms:.1f} ms a territory; travel {median(ratios):.3f} x planning afresh")


def _travel(case: Case, mine: TerritoryPlan, first: int) -> int:
    """Travel of the days from `first` on."""
    home = len(case.scenario.accounts)
    return sum(day_length(case, home, mine.account[mine.day == day].tolist())[0] for day in range(first, DAYS))


def at_scale(reps: int, workers: int) -> None:
    """200 accounts a rep, quick effort, in parallel: a quarter of the reps, then all of them; processor time of all processes."""
    print(f"{'reps':>6}{'accounts':>10}{'visits':>9}{'planned':>9}{'s':>7}{'processor s':>13}{'a territory':>13}{'GB':>7}")
    for count in (max(1, reps // 4), reps):
        case = random_case(200 * count, count, 0, 10 * 3600)
        clock, before = perf_counter(), _used()
        plan = plan_quarter(case.scenario, case.design, case.travel, workers=workers)
        seconds = perf_counter() - clock
        spent, memory = _spent(before, workers)
        planned = sum(len(territory.account) for territory in plan.territories)
        row = (
            f"{count:6}{200 * count:10}{plan.due.sum():9}{planned:9}{seconds:7.0f}{spent:13.1f}{spent / count:13.2f}{memory:7.2f}"
        )
        print(f"{row}   {workers} workers")
        sys.stdout.flush()


def _used() -> float:
    """Processor time of this process and its ended children."""
    return sum(resource.getrusage(who).ru_utime for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def _spent(before: float, workers: int) -> tuple[float, float]:
    """Processor time since, workers included, and the memory that all processes had at the most."""
    from joblib.externals.loky import get_reusable_executor

    get_reusable_executor().shutdown(wait=True)
    own, child = (resource.getrusage(who).ru_maxrss / 2**20 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return _used() - before, own + workers * child
