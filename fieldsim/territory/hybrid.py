"""Hybrid designs: rules give each account its seats, and balanced geography shares the accounts out inside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from fieldsim.errors import InfeasibleError
from fieldsim.model import Bools, Design, Ints, Rule, Scenario, Travel
from fieldsim.scenario import deciding_rules
from fieldsim.territory.balanced import Task, task_of
from fieldsim.territory.planned import HOLD, found_by, searched_near
from fieldsim.territory.problem import part_of
from fieldsim.territory.rules import rule_positions, seats_allowed, seats_named
from fieldsim.territory.search import solve
from fieldsim.territory.seats import Seats
from fieldsim.territory.slots import fixed_units, problem_of
from fieldsim.territory.units import Brief
from fieldsim.territory.whole import whole_again


def hybrid(scenario: Scenario, travel: Travel, brief: Brief) -> Design:
    """The scenario's rules first, then balance among the seats of each rule; rules that share seats balance together.

    Planned quarters of what is found correct the estimate of travel for the next round, and choose among the rounds.
    """
    task = task_of(scenario, travel, brief.start, brief.wishes, brief.territories, brief.vacate)
    reps = [scenario.reps[k].id if k >= 0 else "" for k in task.seats.rep.tolist()]
    rule = rule_positions(scenario, scenario.rules)
    allowed = seats_allowed(scenario.rules, task.seats.names, reps, _gone(scenario, brief))
    _check_locks(task, scenario.rules, rule, allowed)
    search = partial(_shared_out, brief, rule, allowed)
    first, rounds = search(task), brief.wishes.calibrations
    if not rounds:
        return first
    return searched_near(task, travel, brief, found_by(task, task, travel, first), search, rounds, HOLD)[0].design


def _gone(scenario: Scenario, brief: Brief) -> set[str]:
    """The reps whose seats are not offered, and what those are called."""
    start, gone = brief.start, set(brief.vacate)
    if start is None:
        return gone
    owners = [scenario.reps[k].id if k >= 0 else "" for k in start.rep_of.tolist()]
    return gone | {name for name, owner in zip(start.territories, owners, strict=True) if owner in gone}


def _shared_out(brief: Brief, rule: Ints, allowed: Bools, task: Task) -> Design:
    """The accounts shared out within each pool of seats by a task's estimate."""
    market = replace(task.market, unit=_split_by(task.market.unit, rule))
    full = problem_of(task.scenario, market, task.ways, brief.wishes, allowed[rule], task.anchor)
    full = replace(full, tolerance=task.problem.tolerance)
    owner = np.empty(len(rule), dtype=np.int64)
    for seats in _pools(allowed):
        inside = np.isin(rule, np.flatnonzero(allowed[:, seats].any(axis=1)))
        if not inside.any():
            continue
        units = np.concatenate((np.unique(market.unit[inside]), fixed_units(full, market, seats)))
        pool = part_of(full, units, seats)
        split = solve(pool, seed=brief.seed, moves=brief.wishes.moves)
        seat_of_unit = np.full(full.units, -1, dtype=np.int64)
        seat_of_unit[units] = seats[pool.seat[np.arange(len(units)), split.slot]]
        owner[inside] = seat_of_unit[market.unit[inside]]
        if brief.wishes.strict:
            each, may = np.where(inside, owner, -1), allowed[rule]
            each = whole_again(task.scenario, market, task.ways, brief.wishes, each, may, seats, seed=brief.seed)
            owner[inside] = each[inside]
    return Design(brief.name, task.seats.names, owner, task.seats.rep, brief.start.overlays if brief.start else ())


def pools_of(scenario: Scenario, seats: Seats, owner: Ints) -> list[Ints]:
    """Sets of seats that share out the same accounts: by the rules where the design keeps to them, else all seats as one."""
    kept = rules_kept(scenario, seats, owner)
    return [np.arange(len(seats), dtype=np.int64)] if kept is None else _pools(kept[1])


def rules_kept(scenario: Scenario, seats: Seats, owner: Ints) -> tuple[Ints, Bools] | None:
    """The rule of each account and the seats that each rule names, [rules, seats]; None where a design does not keep to them."""
    if not scenario.rules:
        return None
    reps = [scenario.reps[k].id if k >= 0 else "" for k in seats.rep.tolist()]
    rule, named = deciding_rules(scenario.accounts, scenario.rules), seats_named(scenario.rules, seats.names, reps)
    return (rule, named) if (rule >= 0).all() and named[rule, owner].all() else None


def unnamed(scenario: Scenario, seats: Seats, owner: Ints) -> Ints:
    """The seats without an account that no rule names, in a design that keeps to the rules: why nothing comes to them."""
    if (kept := rules_kept(scenario, seats, owner)) is None:
        return np.empty(0, dtype=np.int64)
    empty = np.bincount(owner, minlength=len(seats)) == 0
    return np.flatnonzero(empty & ~kept[1].any(axis=0)).astype(np.int64)


def _check_locks(task: Task, rules: Sequence[Rule], rule: Ints, allowed: Bools) -> None:
    held = task.market.held
    for i in np.flatnonzero(held >= 0).tolist():
        if not allowed[rule[i], held[i]]:
            account, seat = task.scenario.accounts.ids[i], task.seats.names[held[i]]
            raise InfeasibleError(f"account '{account}' is locked to {seat}, but rule '{rules[rule[i]].name}' does not allow it")


def _split_by(unit: Ints, rule: Ints) -> Ints:
    """Units whose members all follow one rule, numbered in the order of the units."""
    pairs = unit * (int(rule.max()) + 1) + rule
    return np.asarray(np.unique(pairs, return_inverse=True)[1], dtype=np.int64)


def _pools(allowed: Bools) -> list[Ints]:
    """Sets of seats that rules tie together, each ascending."""
    pool = np.arange(allowed.shape[1])
    for row in allowed:
        tied = np.isin(pool, pool[row])
        pool[tied] = pool[row].min()
    return [np.flatnonzero(pool == p).astype(np.int64) for p in np.unique(pool[allowed.any(axis=0)])]
