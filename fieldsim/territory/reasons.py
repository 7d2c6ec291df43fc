"""Why an account moves, in plain words with numbers; a reason is given only while its cause is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from fieldsim.errors import count
from fieldsim.model import Floats, Ints, Scenario
from fieldsim.scenario import deciding_rules
from fieldsim.territory.balanced import Task
from fieldsim.territory.estimate import beyond_reach

TRAVEL_H = 0.1
"""Hours a quarter below which a change of travel is no reason."""
IMBALANCE = 0.02
"""Shares above and below target from which balance is a reason."""


@dataclass(frozen=True, eq=False)
class Books:
    """The books of all seats under one design."""

    seat: Ints
    share: Floats
    """Load over target, shape [seats, metrics]."""
    accounts: Ints
    travel: Floats
    """Estimated hours of each account."""
    service: Floats
    """Hours of visits of each seat."""


def reasons_of(task: Task, i: int, a: int, b: int, old: Books, new: Books, left: str, book: int) -> tuple[str, ...]:
    """Reasons for moving account i from seat a to seat b, the strongest first.

    Where the seat is gone a is -1, `left` is what it was called and `book` how many accounts it had.
    """
    bound = _lock(task, i, b) + _rule(task, i, a, b)
    if a < 0:
        gone = [f"{left} is given up with its {count(book, 'account')}"]
        return tuple(bound + gone + _travel(task, i, b) + _near(task, i, a, b, new))
    left_by = task.seats.rep[a] < 0  # nobody drives from there: nothing to compare the new rep's way with
    if left_by and task.seats.rep[b] >= 0:
        bound += [f"{task.seats.names[a]} has nobody, {count(book, 'account')} {'is' if book == 1 else 'are'} without a rep"]
    found = (
        bound
        + ([] if left_by else _reached(task, i, a, b))
        + _balance(task, i, a, b, old)
        + (_travel(task, i, b) if left_by else _saved(task, i, a, b))
        + _skill(task, i, a, b)
        + _family(task, i, b, new)
    )
    found += _near(task, i, a, b, new)
    return tuple(found or [_exchange(task, i, a, b)])


def _lock(task: Task, i: int, b: int) -> list[str]:
    """A lock of locks.csv that binds the account to its new seat."""
    bound = [lock for lock in task.scenario.locks if lock.account == i and lock.seat]
    many = sum(lock.seat == bound[0].seat for lock in task.scenario.locks) if bound else 0
    return [f"locked to {bound[0].seat}, 1 of {many} in locks.csv"] if bound and task.market.held[i] == b else []


def _rule(task: Task, i: int, a: int, b: int) -> list[str]:
    """A rule that gives the account to its new seat and not to the old one."""
    rules = task.scenario.rules
    first = _decided(task.scenario)
    if not rules or first[i] < 0:
        return []
    rule = rules[int(first[i])]
    if not _names(task, b) & set(rule.seats) or (a >= 0 and _names(task, a) & set(rule.seats)):
        return []
    return [f"rule '{rule.name}' gives {count(int((first == first[i]).sum()), 'account')} to {_listed(rule.seats)}"]


@lru_cache(maxsize=2)
def _decided(scenario: Scenario) -> Ints:
    """Which rule decides on each account, found once for all moves."""
    return deciding_rules(scenario.accounts, scenario.rules)


def _names(task: Task, seat: int) -> set[str]:
    rep = int(task.seats.rep[seat])
    return {task.seats.names[seat], *([task.scenario.reps[rep].id] if rep >= 0 else [])}


def _listed(seats: Sequence[str]) -> str:
    return ", ".join(seats) if len(seats) <= 3 else f"{len(seats)} seats"


def _balance(task: Task, i: int, a: int, b: int, old: Books) -> list[str]:
    names = task.seats.names
    found = []
    for m, metric in enumerate(task.market.metrics):
        over, under = float(old.share[a, m]), float(old.share[b, m])
        if over > 1.0 + IMBALANCE and under < 1.0 - IMBALANCE and task.market.amount[i, b, m] > 0.0:
            found.append(f"{names[a]} has {over:.0%} of its share of {metric}, {names[b]} {under:.0%}")
    return found


def _reached(task: Task, i: int, a: int, b: int) -> list[str]:
    """A day of the old rep holds no visit, one of the new rep does."""
    names, day, way = task.seats.names, task.seats.day_s / 3600.0, 2.0 * task.ways.home_s[i] / 3600.0
    far = beyond_reach(task.scenario.accounts, task.seats, task.ways, i)
    if task.scenario.accounts.remote[i] >= 1.0 or not far[a] or far[b]:
        return []
    return [f"{way[a]:.1f} h there and back for {names[a]}, whose day has {day[a]:.1f} h, {way[b]:.1f} h for {names[b]}"]


def _saved(task: Task, i: int, a: int, b: int) -> list[str]:
    travel = task.market.effort.travel
    saved = float(travel[i, a] - travel[i, b])
    closer = float(task.ways.home_s[i, a] - task.ways.home_s[i, b]) / 60.0
    place = "home" if task.seats.rep[b] >= 0 else f"the middle of {task.seats.names[b]}"
    nearer = f", {closer:.0f} min closer to {place}" if closer >= 0.5 else ""
    return [f"saves {saved:.1f} h of travel a quarter{nearer}"] if saved >= TRAVEL_H else []


def _travel(task: Task, i: int, b: int) -> list[str]:
    """How far it is for the new rep; for a vacant seat from the middle of its book, where a hire would be sought."""
    place = "the home of" if task.seats.rep[b] >= 0 else "the middle of"
    return [f"{task.ways.home_s[i, b] / 60.0:.0f} min from {place} {task.seats.names[b]}"]


def _skill(task: Task, i: int, a: int, b: int) -> list[str]:
    rep = task.seats.rep[b]
    known = task.market.known[i]
    if rep < 0 or not known[b] or known[a]:
        return []
    accounts, person = task.scenario.accounts, task.scenario.reps[int(rep)]
    traits = (accounts.industry[i], accounts.segment[i], accounts.size[i], accounts.product[i])
    trade = next((trait for trait in traits if trait in person.skills), "")
    skills = f"1 of {len(person.skills)} skills"
    return [f"{person.id} knows {trade} ({skills}), the present rep does not"] if trade else []


def _family(task: Task, i: int, b: int, new: Books) -> list[str]:
    accounts = task.scenario.accounts
    parent = accounts.parent[i]
    if not parent:
        return []
    members = [k for k, name in enumerate(accounts.parent) if name == parent]
    there = sum(int(new.seat[k]) == b for k in members)
    return [f"keeps {parent} together: {there} of {len(members)} accounts"] if there == len(members) > 1 else []


def _near(task: Task, i: int, a: int, b: int, new: Books) -> list[str]:
    """Neighbours are a reason when more of them are with the new territory than with the old one."""
    beside = new.seat[task.ways.near[i]]
    there, here = int((beside == b).sum()), int((beside == a).sum())
    return [f"{there} of its {len(beside)} nearest accounts are in {task.seats.names[b]}"] if there > max(here, 1) else []


def _exchange(task: Task, i: int, a: int, b: int) -> str:
    """The reason of last resort: it makes up for other moves between the two."""
    parts = []
    for m, metric in enumerate(task.market.metrics):
        total = float(
            np.take_along_axis(task.market.amount[:, :, m], task.market.amount[:, :, m].argmin(axis=1)[:, None], 1).sum()
        )
        parts.append(f"{task.market.amount[i, b, m] / (total * task.seats.share[b]):.1%} of its {metric}")
    return f"evens out other moves: {task.seats.names[b]} gets {' and '.join(parts)} from {task.seats.names[a]}"
