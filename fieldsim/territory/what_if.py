"""What if: territories split or merged, seats added, an industry weighed more; each a design or scenario to compare."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fieldsim.errors import InfeasibleError, UsageError, count, did_you_mean
from fieldsim.model import Design, Scenario, Travel
from fieldsim.scenario import RULE_COLUMNS
from fieldsim.territory.balanced import task_of
from fieldsim.territory.locks import kept_locks
from fieldsim.territory.nameless import nameless
from fieldsim.territory.problem import part_of
from fieldsim.territory.search import solve
from fieldsim.territory.seats import middle_account
from fieldsim.territory.slots import fixed_units, problem_of
from fieldsim.territory.units import Wishes, usual_metrics
from fieldsim.territory.whole import touch, whole_again


def merge_territories(
    design: Design, first: str, second: str, *, name: str | None = None, scenario: Scenario | None = None
) -> Design:
    """The design with `second` dissolved into `first`; with a `scenario` only if they touch, so that it is in one piece."""
    into, gone = _position(design, first), _position(design, second)
    if into == gone:
        raise UsageError(f"'{first}' cannot be merged with itself")
    if scenario is not None and not touch(scenario.accounts, design.territory_of, into, gone):
        raise InfeasibleError(f"'{first}' and '{second}' do not touch: no account of one is beside one of the other")
    kept = [t for t in range(len(design.territories)) if t != gone]
    place = np.zeros(len(design.territories), dtype=np.int64)
    place[kept] = np.arange(len(kept))
    place[gone] = place[into]
    names = tuple(design.territories[t] for t in kept)
    return Design(name or f"{design.name}-merged", names, place[design.territory_of], design.rep_of[kept], design.overlays)


def split_territory(
    scenario: Scenario,
    travel: Travel,
    design: Design,
    territory: str,
    *,
    name: str | None = None,
    seed: int = 0,
    strict: bool = False,
) -> Design:
    """The design with one territory cut into two of equal potential and workload; the new half is vacant, no other account moves.

    The new seat is placed among the accounts that are far from the present one; locked accounts stay in the old half. `strict`
    keeps each half in one piece on the graph of the territory's own accounts.
    """
    book = design.book(_position(design, territory))
    if len(book) < 2:
        raise InfeasibleError(f"territory '{territory}' has {count(len(book), 'account')}, too few to split")
    view, design = nameless(scenario, travel, design)
    halved = _halved(view.scenario, view.travel, replace(design, name=name or f"{design.name}-split"), territory, seed, strict)
    return view.named(halved)


def _halved(scenario: Scenario, travel: Travel, design: Design, territory: str, seed: int, strict: bool) -> Design:
    """The design with the territory cut into two; locks that the design does not keep to are void."""
    scenario = replace(scenario, locks=kept_locks(scenario, design))
    start = _with_seat(design, f"{territory} B", _far_half(scenario, design, design.territories.index(territory)))
    wishes = Wishes(regroup=False, metrics=usual_metrics(scenario))
    task = task_of(scenario, travel, start, wishes)
    seats = np.array([start.territories.index(territory), start.territories.index(f"{territory} B")], dtype=np.int64)
    inside = np.isin(start.territory_of, seats)
    allowed = np.where(
        inside[:, None],
        np.isin(np.arange(len(start.territories)), seats),
        start.territory_of[:, None] == np.arange(len(start.territories)),
    )
    full = problem_of(scenario, task.market, task.ways, wishes, allowed)
    units = np.concatenate((np.unique(task.market.unit[inside]), fixed_units(full, task.market, seats)))
    part = part_of(full, units, seats)
    seat_of_unit = np.full(task.problem.units, -1, dtype=np.int64)
    seat_of_unit[units] = seats[part.seat[np.arange(len(units)), solve(part, seed=seed).slot]]
    owner = np.where(inside, seat_of_unit[task.market.unit], start.territory_of)
    if strict:
        owner = whole_again(scenario, task.market, task.ways, wishes, owner, allowed, seats, seed=seed)
    return replace(start, territory_of=owner)


def _with_seat(design: Design, new: str, accounts: list[int]) -> Design:
    """The design with a vacant territory of the given accounts, the last one."""
    if new in design.territories:
        raise UsageError(f"there is a territory '{new}' already")
    territory_of = design.territory_of.copy()
    territory_of[accounts] = len(design.territories)
    return replace(design, territories=(*design.territories, new), territory_of=territory_of, rep_of=np.append(design.rep_of, -1))


def pivot(scenario: Scenario, column: str, value: str, factor: float) -> Scenario:
    """The scenario with the potential of one industry, segment, ... multiplied: what the market would be after a pivot.

    Its name says so. Last year's revenue, visits and the team's quota stay; a split of quota by potential follows the new one.
    """
    if column not in RULE_COLUMNS:
        raise UsageError(f"unknown column '{column}'", hint=did_you_mean(column, RULE_COLUMNS))
    values = getattr(scenario.accounts, column)
    if value not in values:
        known = sorted(filter(None, set(values)))
        hint = did_you_mean(value, known) or (f"there are: {', '.join(known[:8])}" if known else f"accounts say no {column}")
        raise UsageError(f"no account has {column} '{value}'", hint=hint)
    if factor < 0.0:
        raise UsageError(f"factor {factor:g} is negative")
    chosen = np.array([entry == value for entry in values], dtype=np.bool_)
    potential = np.where(chosen, scenario.accounts.potential * factor, scenario.accounts.potential)
    content = f"{scenario.content}:pivot:{column}:{value}:{factor!r}"
    name = f"{scenario.name} with {factor:g} times the potential of {column} '{value}'"
    return replace(scenario, name=name, accounts=replace(scenario.accounts, potential=potential), content=content)


def _position(design: Design, territory: str) -> int:
    if territory not in design.territories:
        hint = did_you_mean(territory, design.territories) or f"there are: {', '.join(design.territories[:8])}"
        raise UsageError(f"no territory '{territory}'", hint=hint)
    return design.territories.index(territory)


def _far_half(scenario: Scenario, design: Design, position: int) -> list[int]:
    """The half of a book that lies furthest from its seat: where the new seat's middle is sought."""
    book, rep = design.book(position), int(design.rep_of[position])
    accounts = scenario.accounts
    middle = middle_account(scenario, book)
    lat, lon = (scenario.reps[rep].lat, scenario.reps[rep].lon) if rep >= 0 else (accounts.lat[middle], accounts.lon[middle])
    away = np.hypot(accounts.lat[book] - lat, (accounts.lon[book] - lon) * np.cos(np.radians(lat)))
    order = book[np.argsort(-away, kind="stable")[: len(book) // 2]]
    return [int(i) for i in order if not accounts.locked[i]]
