"""Judges designs by planned quarters, corrects estimates about a design that was planned, and searches near that again.

An estimate is right about a planned design and its near neighbours only, and a search goes where it errs most. So each search
pays for leaving the best design, what it finds counts by its plan, and where that changes a design that stands it must be better
in plans of several seeds: one alone is luck for an hour or two a seat.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from fieldsim.model import Design, Floats, Ints, Travel
from fieldsim.territory.balanced import Task
from fieldsim.territory.estimate import column_of, effort_about
from fieldsim.territory.guests import guests_of
from fieldsim.territory.routed import PLANNED, Planned, middle_seats, roughly_planned
from fieldsim.territory.search import excess_price
from fieldsim.territory.slots import Anchor, problem_of
from fieldsim.territory.units import Brief

HOLD = 0.5
"""First price of leaving the best design, hours an hour of visits."""
LOOSER, TIGHTER = 0.5, 4.0
"""How that price changes after a round that paid off and after one that did not."""
NEARER = 0.6
"""Part of the tolerance that a search near a planned design keeps to: seat by seat, estimates of it err by some 2 %.

Where that does not pay off, the whole tolerance is tried."""
SEEDS = (0, 1, 2)
"""Seeds of the plans in each of which a change is to be better than none."""

Merit = Callable[[Design, Floats], tuple[float, ...]]
"""What is less in the better design, from the hours that each seat drives when planned, shape [seats]."""


class Found(NamedTuple):
    """A design with what it drives when planned."""

    design: Design
    guess: Floats
    """Hours of travel of each seat by the estimate that it was found with."""
    planned: Planned
    price: float
    """See `planned_price`."""


def found_by(by: Task, task: Task, travel: Travel, design: Design) -> Found:
    """A design found `by` a corrected task, planned, and priced by the task as it was."""
    guess = by.market.driven(design.territory_of)
    planned = roughly_planned(task.scenario, travel, design, task.seats, guess)
    return Found(design, guess, planned, planned_price(task, design, planned.hours))


def corrected(
    task: Task, travel: Travel, design: Design, brief: Brief, planned: Planned | None = None, hold: float = 0.0
) -> Task:
    """The task with the estimate of travel corrected about a design's planned quarter, and a price `hold` on leaving it."""
    owner = design.territory_of
    if planned is None:
        planned = roughly_planned(task.scenario, travel, design, task.seats, task.market.driven(owner))
    guests, anchor = guests_of(task.seats, brief.start), Anchor(owner, hold)
    market = task.market.asking(effort_about(task.scenario, task.seats, task.ways, guests, owner, planned, task.market.effort))
    problem = problem_of(task.scenario, market, task.ways, brief.wishes, None, anchor)
    return replace(task, market=market, problem=problem, anchor=anchor)


def searched_near(
    task: Task, travel: Travel, brief: Brief, first: Found, search: Callable[[Task], Design], rounds: int, hold: float
) -> list[Found]:
    """The best of some designs by their planned quarters, then all of them: `first`, and what searches near the best one find.

    A search gets the task corrected about the best design, `Task.anchor`, at first with a part of the tolerance to keep to.
    Leaving that design has the price `hold` at first, less after a round that paid off, more after one that did not.
    """
    found, best = [first], first
    for _ in range(rounds):
        near, before = corrected(task, travel, best.design, brief, best.planned, hold), best
        for part in (NEARER, 1.0):
            narrow = replace(near, problem=replace(near.problem, tolerance=near.problem.tolerance * part))
            found.append(found_by(near, task, travel, search(narrow)))
            if found[-1].price < best.price:
                best = found[-1]
                break
        if (found[-1].design.territory_of == before.design.territory_of).all():
            break  # and the dearer it is to leave, the less is to be found
        hold = (hold or HOLD) * (LOOSER if best is not before else TIGHTER)
    return [best, *found]


def planned_loads(task: Task, design: Design, routed: Floats | None) -> Floats:
    """Each seat's load over its share of every metric, workload as planned, shape [seats, metrics]; mean 1.

    Without a plan all work alike. A seat that stays as it is and is empty has a mean load.
    """
    market, owner = task.market, design.territory_of
    amount = [market.summed(owner, each) for each in market.carried(owner).T]
    if "workload" in market.metrics:
        work = task.seats.share if routed is None else routed + market.visited(owner)
        amount[market.metrics.index("workload")] = work
    loads = np.stack(amount, axis=1) / task.seats.share[:, None]
    shut = market.shut
    shares: Floats = loads / loads[~shut].mean(axis=0)
    shares[shut] = 1.0
    return shares


def planned_price(task: Task, design: Design, routed: Floats | None = None) -> float:
    """Hours of planned travel, misfit and moves, plus the price of all excess when workload is as planned.

    Without a plan, what it is at least: as if nobody drove and all worked alike.
    """
    market, owner = task.market, design.territory_of
    moved = market.hand_over[(market.present >= 0) & (market.present != owner)].sum()
    misfit = market.misfit[np.arange(len(owner)), column_of(market.seat, owner)].sum()
    excess = excess_price(task.problem, planned_loads(task, design, routed)).sum()
    driven = 0.0 if routed is None else routed.sum()
    return round(float(driven + misfit + moved + excess), 6)


def best_when_planned(task: Task, travel: Travel, found: Sequence[Design], merit: Merit, seeds: Sequence[int] = SEEDS) -> Design:
    """The best of `found` when planned, on the mean of all seeds; the first, unless another one is better by every one of them.

    Only seats whose book another design changes are planned again, of very many the middle ones.
    """
    stays, *others = found
    plain = task.market.driven(stays.territory_of)
    base = roughly_planned(task.scenario, travel, stays, task.seats, plain).hours

    def merits(design: Design, beside: Design, seed: int) -> tuple[float, ...]:
        driven = task.market.driven(design.territory_of)
        guess = np.where(plain > 0.0, base * driven / np.maximum(plain, 1e-9), driven)
        chosen = middle_seats(base, PLANNED, changed_seats(stays, beside))
        return merit(design, roughly_planned(task.scenario, travel, design, task.seats, guess, seed=seed, only=chosen).hours)

    better = []
    for k, design in enumerate(others):
        told = []
        for seed in seeds:
            told.append(merits(design, design, seed))
            if not told[-1] < merits(stays, design, seed):
                break
        else:
            better.append((tuple(np.mean(told, axis=0).tolist()), k))
    return others[min(better)[1]] if better else stays


def changed_seats(one: Design, other: Design) -> Ints:
    """The seats whose books differ between two designs of the same seats, ascending."""
    differ = one.territory_of != other.territory_of
    seats: Ints = np.union1d(one.territory_of[differ], other.territory_of[differ])
    return seats
