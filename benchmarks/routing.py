"""Are a rep's days the best there are, and how fast? Against VROOM, PyVRP, OR-Tools and published instances.

python -m benchmarks routing [short] [long] [large] [dumas] [many] [memory] [--days N] [--seed S]; all without a name. Days
are drawn by tests/routing/days.py; whatever order a rival finds is timed by our rules (a lunch that ours does not allow makes it
"refused") and ranked by value, agreed starts, travel, finish. Best is the best that any of them found, our proofs among them.
"""

from __future__ import annotations

import os
import resource
import time
from argparse import ArgumentParser
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from statistics import mean, median

import numpy as np

from benchmarks._routers import Router, guided, pyvrp, vroom
from fieldsim.model import DayProblem, DayVisit, TravelMatrix
from fieldsim.routing import route_day, route_days
from fieldsim.routing.arrays import Day, as_day
from fieldsim.routing.ortools_day import check_route
from fieldsim.routing.solve import best_route
from fieldsim.routing.timetable import Timed, timed
from tests.routing.days import random_day

Rank = tuple[int, int, int, int]
WORST = (-1, 0, 0, 0)


class Table:
    """Ranks and seconds by engine over days, printed beside the best known rank of each day."""

    def __init__(self) -> None:
        self.ranks: dict[str, dict[str, Rank]] = defaultdict(dict)
        self.seconds: dict[str, list[float]] = defaultdict(list)
        self.best: dict[str, Rank] = {}

    def add(self, engine: str, day: str, route: Timed | None, seconds: float) -> None:
        """Note what an engine found for a day; None stands for no allowed route."""
        rank = route.rank if route else WORST
        self.ranks[engine][day] = rank
        self.seconds[engine].append(seconds)
        self.best[day] = max(rank, self.best.get(day, WORST))

    def show(self, title: str, ours: str) -> None:
        """Print a row an engine; `we lose` counts the days on which it beats `ours`."""
        print(f"\n{title}")
        head = ("engine", "days", "best value", "best", "travel gap", "median ms", "p95 ms", "time / ours", "we lose", "refused")
        print("{:28}{:>6}{:>11}{:>8}{:>12}{:>11}{:>9}{:>13}{:>9}{:>9}".format(*head))
        for engine, ranks in self.ranks.items():
            same = [day for day, rank in ranks.items() if rank[:2] == self.best[day][:2]]
            gaps = [ranks[day][2] / self.best[day][2] - 1.0 if self.best[day][2] else 0.0 for day in same]
            best = sum(ranks[day][:3] == self.best[day][:3] for day in ranks)
            lost = sum(self.ranks[ours][day][:3] < rank[:3] for day, rank in ranks.items())
            refused = sum(rank == WORST for rank in ranks.values())
            mid, top = median(self.seconds[engine]), float(np.quantile(self.seconds[engine], 0.95))
            print(
                f"{engine:28}{len(ranks):6}{len(same) / len(ranks):11.1%}{best / len(ranks):8.1%}"
                f"{mean(gaps) if gaps else 0.0:12.3%}{mid * 1e3:11.2f}{top * 1e3:9.1f}"
                f"{mid / median(self.seconds[ours]):12.1f}x{lost:9}{refused:9}"
            )


def clocked(work: Callable[[], Timed | None]) -> tuple[Timed | None, float]:
    begin = time.perf_counter()
    return work(), time.perf_counter() - begin


def rival(router: Router, day: Day) -> Callable[[], Timed | None]:
    return lambda: timed(day, router(day))


def ours(table: Table, name: str, problem: DayProblem, tally: dict[str, int]) -> tuple[Day, bool]:
    """Our kernel alone, OR-Tools' word on it, and the whole answer; counts what OR-Tools said."""
    begin = time.perf_counter()
    day = as_day(problem)
    route, proven, *_ = best_route(day, 0)
    table.add("ours, kernel", name, route, time.perf_counter() - begin)
    verdict = check_route(day, route, proven=proven)
    whole = time.perf_counter() - begin
    table.add("ours, with OR-Tools", name, verdict.better or route, whole)
    begin = time.perf_counter()
    answer = route_day(problem)
    spent = time.perf_counter() - begin
    place = {visit.id: k for k, visit in enumerate(day.visits)}
    table.add("ours, with reasons", name, timed(day, [place[stop.id] for stop in answer.stops]), spent)
    ways = [one.forced_cost.cheapest for one in answer.skipped if one.forced_cost]
    tally["ways in"] += len(ways)
    tally["cheapest"] += sum(ways)
    for key, one in (
        ("calls", True),
        ("confirmed", verdict.confirmed),
        ("improved", verdict.better is not None),
        ("proven", proven),
    ):
        tally[key] += one
    return day, proven


def fresh() -> dict[str, int]:
    return dict.fromkeys(("calls", "confirmed", "improved", "proven", "ways in", "cheapest"), 0)


def short(days: int, seed: int) -> None:
    """6 to 12 visits, windows, priorities, with and without lunch."""
    for lunch in (True, False):
        table, tally = Table(), fresh()
        for number in range(days * 7):
            n, name = 6 + number % 7, f"{number}"
            day, _ = ours(table, name, random_day(n, seed + number, lunch=lunch), tally)
            rivals: list[tuple[str, Router]] = [("VROOM, exploration 5", vroom)]
            if not lunch:
                rivals.append(("PyVRP, 300 iterations", pyvrp))
            if number % 5 == 0:
                rivals += [("OR-Tools guided, 0.2 s", guided(0.2)), ("OR-Tools guided, 1 s", guided(1.0))]
            for engine, router in rivals:
                table.add(engine, name, *clocked(rival(router, day)))
        words = "with lunch" if lunch else "without lunch"
        table.show(f"6 to 12 visits in equal shares, {words}", "ours, with OR-Tools")
        said(tally)


def said(tally: dict[str, int]) -> None:
    counts = ", ".join(f"{tally[key]} {key}" for key in ("calls", "confirmed", "improved"))
    print(f"proven optimal {tally['proven']} of {tally['calls']}; OR-Tools: {counts}")
    print(f"ways to force a skipped visit in: {tally['ways in']}, of them proven cheapest {tally['cheapest']}")


def long(days: int, seed: int) -> None:
    """13 to 25 visits against the best of all, ourselves with a proof among them (which needs no 60 s)."""
    for lunch in (True, False):
        table, tally = Table(), fresh()
        proofs: dict[tuple[str, bool], list[bool]] = defaultdict(list)
        for number in range(days * 2):
            n, name = 13 + number % 13, f"{number}"
            problem = random_day(n, 7000 + seed + number, lunch=lunch)
            day, first = ours(table, name, problem, tally)
            begin = time.perf_counter()
            route, proven, *_ = best_route(day, 1, thorough=True)
            table.add("ours, --prove", name, route, time.perf_counter() - begin)
            proofs["as a matter of course", n <= 16].append(first)
            proofs["with --prove", n <= 16].append(proven)
            rivals: list[tuple[str, Router]] = [("VROOM, exploration 5", vroom)]
            rivals += [] if lunch else [("PyVRP, 300 iterations", pyvrp)]
            rivals += [("OR-Tools guided, 1 s", guided(1.0))] if number % 4 == 0 else []
            for engine, router in rivals:
                table.add(engine, name, *clocked(rival(router, day)))
        table.show(f"13 to 25 visits, {'with' if lunch else 'without'} lunch", "ours, with OR-Tools")
        said(tally)
        for (how, few), found in sorted(proofs.items()):
            print(f"proven {how}, {'13 to 16' if few else '17 to 25'} visits: {mean(found):.0%} of {len(found)}")


def large(_: int, seed: int) -> None:
    """Rounds through many required visits, with windows of two hours and without."""
    print(f"\n{'large':24}{'visits':>8}{'served':>8}{'travel s':>10}{'optimal':>9}{'ms':>8}")
    for n in (40, 60, 100, 200):
        for windows in (True, False):
            problem = round_trip(n, seed, windows=windows)
            begin = time.perf_counter()
            route = route_day(problem, explain=False)
            spent = (time.perf_counter() - begin) * 1e3
            words = "windows of two hours" if windows else "no windows"
            print(f"{words:24}{n:8}{route.served:8}{route.travel_s:10}{route.status == 'optimal'!s:>9}{spent:8.0f}")


def round_trip(n: int, seed: int, *, windows: bool) -> DayProblem:
    """Visits of a minute in a square, all required; each window holds the hour at which a nearest-neighbour round comes by."""
    rng = np.random.default_rng([seed, n])
    places = rng.uniform(0.0, 1500.0, (n + 1, 2))
    seconds = np.ceil(np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))).astype(np.int64)
    here, clock, hours, left = 0, 0, {}, set(range(1, n + 1))
    while left:
        there = min(left, key=lambda k: (int(seconds[here, k]), k))
        clock += int(seconds[here, there])
        early = max(0, clock - int(rng.integers(0, 7200)))
        hours[there] = (early, early + 7200) if windows else (0, 80_000)
        here, clock = there, clock + 60
        left.remove(there)
    visits = tuple(DayVisit(f"c{k}", k, 60, (hours[k],), 1, True) for k in range(1, n + 1))
    return DayProblem(TravelMatrix(seconds[None], seconds), 0, 0, (0, 86_400), visits)


def many(days: int, seed: int) -> None:
    """Many days on one and on two processes."""
    print(f"\n{'many days':12}{'1 process s':>12}{'2 processes s':>15}{'the same':>10}")
    for count in (10 * days, 100 * days):
        problems = [random_day(4 + k % 9, seed + k) for k in range(count)]
        spent, answers = [], []
        for workers in (1, 2):
            begin = time.perf_counter()
            answers.append(route_days(problems, workers=workers))
            spent.append(time.perf_counter() - begin)
        print(f"{count:9}   {spent[0]:12.2f}{spent[1]:15.2f}{answers[0] == answers[1]!s:>10}")


def dumas(_: int, __: int) -> None:
    """Travelling salesman with time windows: Dumas et al. 1995."""
    folder = Path(os.environ.get("FIELDSIM_DATA", "../shared/data")) / "tsptw"
    if not folder.is_dir():
        print("\nDumas instances: no data, skipped")
        return
    lines = (folder / "Dumas-best-known.txt").read_text("utf-8").splitlines()
    known = {line.split()[0]: int(line.split()[1]) for line in lines if line.split()}
    print(f"\n{'Dumas':10}{'days':>6}{'routed':>8}{'best known':>12}{'proven':>8}{'median ms':>11}")
    groups: dict[str, list[tuple[bool, bool, bool, float]]] = defaultdict(list)
    for file in sorted((folder / "Dumas").glob("*.txt")):
        problem = read_dumas(file)
        begin = time.perf_counter()
        route = route_day(problem, explain=False)
        spent = time.perf_counter() - begin
        full = route.served == len(problem.visits)
        best = full and route.travel_s <= known[file.name]
        groups[file.name.split("w")[0]].append((full, best, route.status == "optimal", spent))
    for name, found in groups.items():
        full_count, best_count, proven = (sum(row[k] for row in found) for k in range(3))
        middle = median(row[3] for row in found) * 1e3
        print(f"{name:10}{len(found):6}{full_count:8}{best_count:12}{proven:8}{middle:11.1f}")


def read_dumas(file: Path) -> DayProblem:
    """Node 0 is the depot; its window is the shift, everything is required."""
    rows = [[int(word) for word in line.split()[:1000]] for line in file.read_text("utf-8").splitlines() if line.strip()]
    n = rows[0][0]
    matrix = np.array(rows[1 : n + 1], dtype=np.int64)
    hours = [(row[0], row[1]) for row in rows[n + 1 : 2 * n + 1]]
    visits = tuple(DayVisit(f"c{k}", k, 0, (hours[k],), 1, True) for k in range(1, n))
    return DayProblem(TravelMatrix(matrix[None], matrix), 0, 0, hours[0], visits)


def memory(_: int, seed: int) -> None:
    """Memory over many solves."""
    problems = [random_day(4 + k % 6, seed + k) for k in range(100)]
    marks = []
    for turn in range(100):
        for problem in problems:
            route_day(problem, explain=False)
        if turn in (9, 99):
            marks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    print(f"\n10,000 solves: peak memory {marks[0]:.1f} MB after 1,000, {marks[1]:.1f} MB after 10,000")


QUESTIONS = {"short": short, "long": long, "large": large, "dumas": dumas, "many": many, "memory": memory}


def main(argv: list[str]) -> None:
    parser = ArgumentParser(prog="python -m benchmarks routing")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(QUESTIONS))
    parser.add_argument("--days", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(argv)
    for warm in (True, False):
        route_day(random_day(14, 0, lunch=warm))
    for name in options.names or QUESTIONS:
        QUESTIONS[name](options.days, options.seed)
