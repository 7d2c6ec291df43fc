"""What balance, continuity, moves and the number of reps cost: a design at each of several settings, as rows of a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

import numpy as np

from fieldsim.errors import UsageError, did_you_mean
from fieldsim.model import Design, Floats, Scenario, Travel
from fieldsim.territory.balanced import Task, calibrated, design_of, scaled, task_of
from fieldsim.territory.bound import lower_bound
from fieldsim.territory.nameless import nameless
from fieldsim.territory.problem import Problem, Split, split_of
from fieldsim.territory.rebalance import moved_accounts, wished, within_budget
from fieldsim.territory.search import solve
from fieldsim.territory.seats import working_hours
from fieldsim.territory.sizing import fewest_around, task_of_size
from fieldsim.territory.units import Wishes

T = TypeVar("T")
Progress = Callable[[int, int], None]
"""Told how many designs of a curve are made, and of how many."""


@dataclass(frozen=True)
class CurvePoint:
    """One setting of a curve and what the best design found under it is like."""

    setting: float
    """Tolerance, price of continuity, budget of moves, or number of seats."""
    travel_hours: float
    """A quarter, by an estimate that is right about the design that stands when its quarter is planned; by the number of seats
    about designs of the fewest and of the most."""
    moved_accounts: int
    imbalance: float
    """Largest deviation of a seat from its share of any metric."""
    workload: float
    """Mean work over working time."""
    fullest: float
    """Largest work over working time of a seat."""
    potential_per_seat: float
    bound: float
    """Hours no design with this setting can be below; nan where none exists or none was asked for."""
    hours: float
    """Travel, misfit and moves of this design, to hold against the bound."""
    served_potential: float = float("nan")
    """Potential of the seats, each as far as its work fits into its working time: what one more seat adds is its worth."""


@dataclass(frozen=True)
class Curve:
    """A curve, the design it starts from and its points."""

    kind: str
    """A name in CURVES."""
    start: str
    points: tuple[CurvePoint, ...]


@dataclass(frozen=True)
class CurveKind:
    """How a curve is made, and what its setting is called."""

    setting: str
    unit: str
    make: Callable[..., tuple[CurvePoint, ...]]


def cost_curve(
    scenario: Scenario,
    travel: Travel,
    start: Design,
    kind: str,
    *,
    wishes: Wishes | None = None,
    seed: int = 0,
    bound: bool = True,
    progress: Progress | None = None,
) -> Curve:
    """The curve of the given kind (balance, continuity, moves or sizing) at its usual settings; `bound` adds lower bounds.

    `progress` is told after each design how many of all are made.
    """
    if kind not in CURVES:
        raise UsageError(f"unknown curve '{kind}'; known: {', '.join(CURVES)}", hint=did_you_mean(kind, CURVES))
    view, stands = nameless(scenario, travel, start)
    made = CURVES[kind].make(view.scenario, view.travel, stands, wishes=wishes, seed=seed, bound=bound, progress=progress)
    return Curve(kind, start.name, made)


def balance_curve(
    scenario: Scenario,
    travel: Travel,
    start: Design | None,
    tolerances: Sequence[float] = (0.5, 0.3, 0.2, 0.15, 0.1, 0.05, 0.025),
    *,
    wishes: Wishes | None = None,
    seed: int = 0,
    bound: bool = True,
    progress: Progress | None = None,
) -> tuple[CurvePoint, ...]:
    """The price of balance: travel and moves from a loose tolerance to a tight one.

    What keeps to a tight tolerance keeps to a looser one too, so a looser one never costs more hours.
    """
    task = _as_planned(scenario, travel, start, wishes or Wishes())
    best: Split | None = None
    points = {}
    for tolerance in _told(sorted(set(tolerances)), progress):
        problem = replace(task.problem, tolerance=tolerance)
        split = solve(problem, seed=seed, moves=(wishes or Wishes()).moves)
        if best is None or split.hours < best.hours:
            best = split
        points[tolerance] = _point(task, problem, best, tolerance, bound)
    return tuple(points[tolerance] for tolerance in tolerances)


def continuity_curve(
    scenario: Scenario,
    travel: Travel,
    start: Design,
    prices: Sequence[float] = (0.0, 0.05, 0.15, 0.3, 0.6, 1.2, 2.4),
    *,
    wishes: Wishes | None = None,
    seed: int = 0,
    bound: bool = True,
    progress: Progress | None = None,
) -> tuple[CurvePoint, ...]:
    """The price of continuity: accounts moved and travel as moving gets dearer."""
    points = []
    for price in _told(prices, progress):
        chosen = replace(wishes or Wishes(), continuity=price)
        task = _as_planned(scenario, travel, start, chosen)
        points.append(_point(task, task.problem, solve(task.problem, seed=seed, moves=(wishes or Wishes()).moves), price, bound))
    return tuple(points)


def moves_curve(
    scenario: Scenario,
    travel: Travel,
    start: Design,
    budgets: Sequence[int] = (0, 10, 20, 30, 40),
    *,
    wishes: Wishes | None = None,
    seed: int = 0,
    bound: bool = True,
    progress: Progress | None = None,
) -> tuple[CurvePoint, ...]:
    """What each further few moves buy; more of them never cost more."""
    chosen = wished(wishes or Wishes())
    task = _as_planned(scenario, travel, start, chosen)
    points, before = {}, None
    for budget in _told(sorted(set(budgets)), progress):
        split = within_budget(task, replace(chosen, budget=budget), seed, before)
        points[budget], before = _point(task, task.problem, split, float(budget), bound), split.slot
    return tuple(points[budget] for budget in budgets)


def sizing_curve(
    scenario: Scenario,
    travel: Travel,
    start: Design,
    seats: Sequence[int] | None = None,
    *,
    wishes: Wishes | None = None,
    seed: int = 0,
    bound: bool = True,
    progress: Progress | None = None,
) -> tuple[CurvePoint, ...]:
    """Workload and potential per seat by the number of seats, by default from 70 to 130 % of today's.

    Fewer seats leave out the reps with least potential around them; locks.csv is left aside, because it may name those. The
    estimate of travel is scaled to planned quarters of the fewest and of the most seats, and between them in proportion: short
    days take more trips, and a smaller book lies closer together.
    """
    scenario = replace(scenario, locks=())
    weak, chosen = fewest_around(scenario, travel, start), wishes or Wishes()
    of_size = partial(task_of_size, scenario, travel, start, chosen, weak)
    sizes = tuple(seats or sizes_around(len(start.territories), len(scenario.accounts)))
    ends = sorted({min(sizes), max(sizes)}) if chosen.calibrations else []
    seen = [_factor_planned(of_size(number), travel, start, chosen, seed) for number in ends]
    points = []
    for number in _told(sizes, progress):
        task = of_size(number)
        if seen:
            task = scaled(task, np.full(len(task.seats), round(float(np.interp(number, ends, seen)), 6)), start, chosen)
        split = solve(task.problem, seed=seed, moves=chosen.moves)
        points.append(_point(task, task.problem, split, float(number), bound))
    return tuple(points)


def _factor_planned(task: Task, travel: Travel, start: Design, wishes: Wishes, seed: int) -> float:
    """What scales a task's estimate of all travel to a planned quarter of the design that a search finds by it."""
    found = design_of(task, solve(task.problem, seed=seed, moves=wishes.moves), start.name, start)
    return float(calibrated(task, travel, found, start, wishes).factor[0])


def _as_planned(scenario: Scenario, travel: Travel, start: Design | None, wishes: Wishes) -> Task:
    """The task with all travel scaled to what a planned quarter of the design that stands takes, where that seats everybody."""
    task = task_of(scenario, travel, start, wishes)
    present = task.market.present
    if start is None or (present < 0).any() or not wishes.calibrations:
        return task
    stands = Design(start.name, task.seats.names, present, task.seats.rep, start.overlays)
    return calibrated(task, travel, stands, start, wishes)


def _told(settings: Sequence[T], progress: Progress | None) -> Iterator[T]:
    """The settings one after the other, with word of how many are done."""
    for done, setting in enumerate(settings):
        if progress is not None:
            progress(done, len(settings))
        yield setting
    if progress is not None:
        progress(len(settings), len(settings))


def sizes_around(now: int, most: int) -> tuple[int, ...]:
    """Seven or fewer numbers of seats from 70 to 130 % of today's."""
    return tuple(sorted({min(most, max(1, round(now * share))) for share in (0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3)}))


def _point(task: Task, problem: Problem, split: Split, setting: float, with_bound: bool) -> CurvePoint:
    seat = problem.seat[np.arange(problem.units), split.slot][task.market.unit]
    driven = task.market.driven(seat)
    work: Floats = driven + task.market.visited(seat)
    full = work / working_hours(task.scenario, task.seats)
    bound = lower_bound(problem) if with_bound else None
    potential = np.bincount(seat, task.scenario.accounts.potential, len(task.seats))
    return CurvePoint(
        setting,
        float(driven.sum()),
        int(moved_accounts(task, split.slot).sum()),
        split.imbalance,
        float(full.mean()),
        float(full.max()),
        float(task.scenario.accounts.potential.sum()) / len(task.seats),
        bound.hours if bound is not None and bound.feasible else float("nan"),
        split_of(task.problem, split.slot).hours,
        float((potential * np.minimum(1.0, 1.0 / np.maximum(full, 1e-9))).sum()),
    )


CURVES: Mapping[str, CurveKind] = {
    "balance": CurveKind("tolerance", "share", balance_curve),
    "continuity": CurveKind("price of a moved account, hours an hour of its visits", "hours", continuity_curve),
    "moves": CurveKind("accounts that may move", "accounts", moves_curve),
    "sizing": CurveKind("seats", "seats", sizing_curve),
}
