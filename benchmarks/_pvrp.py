"""Cordeau's periodic routing instances for the plan benchmark: read, solve with the planner's kernel, check, write routes."""

from __future__ import annotations

import os
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from fieldsim.luck import key_of, stream
from fieldsim.model import Floats, Ints
from fieldsim.planning.annealing import anneal
from fieldsim.planning.board import Board, Ground
from fieldsim.planning.placement import place_account
from fieldsim.planning.search import copy_of, desk_of, empty_board

FREE = 1e9


@dataclass(frozen=True)
class Instance:
    """Customers in the file's order, the depot last; patterns are tuples of days from 0."""

    name: str
    cars: int
    days: int
    longest: Floats
    """[days] duration a route may have."""
    bearing: Floats
    """[days] load a route may have."""
    travel: Floats
    service: Floats
    demand: Floats
    patterns: tuple[tuple[tuple[int, ...], ...], ...]
    known: float
    """Cost of the published solution."""
    numbers: tuple[int, ...]
    """The customers' numbers in the file."""


def folder() -> Path:
    """Where the instances are."""
    return Path(os.environ.get("FIELDSIM_DATA", Path(__file__).parents[2] / "shared" / "data")) / "pvrp"


def instance_names() -> list[str]:
    """Every instance that is there, by number."""
    files = [path for path in sorted(folder().glob("*.txt")) if _is_instance(path)]
    return sorted((path.stem for path in files), key=lambda name: (name.rstrip("0123456789"), name))


def _is_instance(path: Path) -> bool:
    words = path.read_text(errors="replace").split(maxsplit=4)[:4]
    return len(words) == 4 and all(word.isdigit() for word in words) and words[0] == "1"


def read_instance(name: str) -> Instance:
    """An instance and its published cost (NaN without a .res file); customers are counted by lines, since headers miscount.

    A limit of 0 is none. Customers that are never due are left out; so are time windows, which periodic instances of type 1
    do not have.
    """
    lines = [line.split() for line in (folder() / f"{name}.txt").read_text().splitlines() if line.strip()]
    _, cars, _, days = (int(word) for word in lines[0][:4])
    limits = np.array([[float(word) or FREE for word in line[:2]] for line in lines[1 : 1 + days]])
    depot, *rows = lines[1 + days :]
    rows = [row for row in rows if len(row) > 7 and int(row[5]) > 0]
    xy = np.array([[float(row[1]), float(row[2])] for row in [*rows, depot]])
    published = folder() / f"{name}.res"
    return Instance(
        name=name,
        cars=cars,
        days=days,
        longest=limits[:, 0],
        bearing=limits[:, 1],
        travel=np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1)).copy(),
        service=np.array([float(row[3]) for row in rows]),
        demand=np.array([float(row[4]) for row in rows]),
        patterns=tuple(_patterns(row, days) for row in rows),
        known=float(published.read_text().split()[0]) if published.is_file() else float("nan"),
        numbers=tuple(int(row[0]) for row in rows),
    )


def _patterns(row: list[str], days: int) -> tuple[tuple[int, ...], ...]:
    """The days of each combination; day 1 is the code's highest bit."""
    codes = [int(code) for code in row[7 : 7 + int(row[6])]]
    return tuple(tuple(day for day in range(days) if code >> (days - 1 - day) & 1) for code in dict.fromkeys(codes))


def ground_of(case: Instance) -> Ground:
    """The instance as the planner's kernel reads it."""
    n, counts = len(case.service), [len(entry[0]) for entry in case.patterns]
    flat = [pattern for entry in case.patterns for pattern in entry]
    first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return Ground(
        travel=case.travel,
        service=case.service,
        weight=case.demand,
        first=first,
        remote=np.zeros(first[-1], dtype=np.bool_),
        drop=np.full(n, 10.0 * case.travel.max()),
        apart=np.ones(n, dtype=np.int64),
        reach=np.zeros(first[-1], dtype=np.int64),
        hours=np.zeros((n, case.days), dtype=np.int64),
        windows=np.array([[[0.0, FREE]]]),
        pattern_from=np.concatenate([[0], np.cumsum([len(entry) for entry in case.patterns])]).astype(np.int64),
        slots_from=np.concatenate([[0], np.cumsum([len(pattern) for pattern in flat])])[:-1].astype(np.int64),
        slots=np.array([day for pattern in flat for day in pattern], dtype=np.int64),
        pattern_cost=np.zeros(len(flat)),
        date=np.arange(case.days, dtype=np.int64),
        opening=np.zeros(case.days),
        closing=np.full(case.days, FREE),
        lunch=np.zeros(3),
        room=np.repeat(case.longest, case.cars),
        bearing=np.repeat(case.bearing, case.cars),
        near=np.argsort(case.travel[:n, :n], axis=1, kind="stable")[:, :40].astype(np.int64),
        cars=case.cars,
        timed=False,
        balance=0.0,
        ease=0.0,
        shift_cost=0.0,
        wait_cost=0.0,
    )


STARTS = 4
"""Searches of one run, of which the best counts: short ones from several starts beat a long one."""


def rounds_of(case: Instance) -> int:
    """Rounds of one run, some seconds each: fewer where there are many routes to look at."""
    return int(1_000_000 * min(1.0, 30 / (case.days * case.cars)) ** 0.5)


def solve(case: Instance, rounds: int, seed: int) -> tuple[float, list[tuple[int, list[int]]]]:
    """Cost and routes (day, customers from 0) of the planner's search; infinite if a visit found no place."""
    ground = ground_of(case)
    found = [_search(case, ground, rounds // STARTS, seed, attempt) for attempt in range(STARTS)]
    return min(found, key=lambda entry: entry[0])


def _search(case: Instance, ground: Ground, rounds: int, seed: int, attempt: int) -> tuple[float, list[tuple[int, list[int]]]]:
    """One search from a greedy start."""
    desk, board = desk_of(ground), empty_board(ground, longest=int(ground.first[-1]))
    target = np.zeros((2, case.days))
    for i in np.lexsort((-case.demand, -np.diff(ground.first))):
        place_account(ground, board, target, int(i), np.uint64(0), desk)
    edge = float(np.sort(case.travel, axis=1)[:, 1:4].mean())
    luck, lot = stream(seed, attempt, "benchmark"), np.uint64(key_of(case.name))
    span: Ints = np.array([0, rounds, 10], dtype=np.int64)
    now, old = copy_of(board), copy_of(board)
    anneal(ground, board, now, old, target, desk, luck, lot, span, np.array([1.0, 0.03]) * edge, 0.2)
    return check(case, board)


def check(case: Instance, board: Board) -> tuple[float, list[tuple[int, list[int]]]]:
    """Recount the board from its routes alone: patterns, loads, durations, cost."""
    routes = [(r // case.cars, board.route[r, : board.size[r]].tolist()) for r in range(len(board.size))]
    cost = 0.0
    seen: dict[int, list[int]] = {}
    for day, stops in routes:
        way = [len(case.service), *stops, len(case.service)]
        length = sum(float(case.travel[a, b]) for a, b in pairwise(way))
        cost += length
        assert length + case.service[stops].sum() <= case.longest[day] + 1e-6
        assert case.demand[stops].sum() <= case.bearing[day] + 1e-6
        for i in stops:
            seen.setdefault(i, []).append(day)
    served = all(tuple(sorted(seen.get(i, []))) in entry for i, entry in enumerate(case.patterns))
    return (cost if served else np.inf), routes


def write_routes(case: Instance, cost: float, routes: list[tuple[int, list[int]]], out: Path) -> None:
    """Routes in the format of the published solutions: cost; then day, car, duration, load, customers between two depots."""
    out.mkdir(parents=True, exist_ok=True)
    lines = [f"{cost:.2f}"]
    cars: dict[int, int] = {}
    for day, stops in routes:
        if not stops:
            continue
        cars[day] = cars.get(day, 0) + 1
        way = [len(case.service), *stops, len(case.service)]
        length = sum(float(case.travel[a, b]) for a, b in pairwise(way)) + case.service[stops].sum()
        names = " ".join(str(case.numbers[i]) for i in stops)
        lines.append(f"{day + 1} {cars[day]} {length:.2f} {case.demand[stops].sum():.0f} 0 {names} 0")
    (out / f"{case.name}.res").write_text("\n".join(lines) + "\n")
