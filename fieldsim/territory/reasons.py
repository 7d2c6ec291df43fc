"""Why an account moves, in plain words with numbers; a reason is given only while its cause is there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fieldsim.model import Floats, Ints
from fieldsim.territory.balanced import Task

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


def reasons_of(task: Task, i: int, a: int, b: int, old: Books, new: Books, left: str) -> tuple[str, ...]:
    """Reasons for moving account i from seat a (-1: gone, called `left`) to seat b, the strongest first."""
    if a < 0:
        gone = [f"{left} is given up"]
        return tuple(gone + _travel(task, i, b) + _skill(task, i, None, b) + _near(task, i, None, b, new))
    found = _balance(task, i, a, b, old) + _saved(task, i, a, b) + _skill(task, i, a, b) + _family(task, i, b, new)
    found += _near(task, i, a, b, new)
    return tuple(found or [_exchange(task, i, a, b)])


def _balance(task: Task, i: int, a: int, b: int, old: Books) -> list[str]:
    names = task.seats.names
    found = []
    for m, metric in enumerate(task.market.metrics):
        over, under = float(old.share[a, m]), float(old.share[b, m])
        if over > 1.0 + IMBALANCE and under < 1.0 - IMBALANCE and task.market.amount[i, b, m] > 0.0:
            found.append(f"{names[a]} has {over:.0%} of its share of {metric}, {names[b]} {under:.0%}")
    return found


def _saved(task: Task, i: int, a: int, b: int) -> list[str]:
    travel = task.market.effort.travel
    saved = float(travel[i, a] - travel[i, b])
    closer = float(task.ways.home_s[i, a] - task.ways.home_s[i, b]) / 60.0
    return [f"saves {saved:.1f} h of travel a quarter, {closer:.0f} min closer to home"] if saved >= TRAVEL_H else []


def _travel(task: Task, i: int, b: int) -> list[str]:
    return [f"{task.ways.home_s[i, b] / 60.0:.0f} min from the home of {task.seats.names[b]}"]


def _skill(task: Task, i: int, a: int | None, b: int) -> list[str]:
    rep = task.seats.rep[b]
    known = task.market.known[i]
    if rep < 0 or not known[b] or (a is not None and known[a]):
        return []
    accounts, person = task.scenario.accounts, task.scenario.reps[int(rep)]
    traits = (accounts.industry[i], accounts.segment[i], accounts.size[i], accounts.product[i])
    trade = next((trait for trait in traits if trait in person.skills), "")
    years = f"1 of {len(person.skills)} skills"
    return [f"{person.id} knows {trade} ({years}), the present rep does not"] if trade and a is not None else []


def _family(task: Task, i: int, b: int, new: Books) -> list[str]:
    accounts = task.scenario.accounts
    parent = accounts.parent[i]
    if not parent:
        return []
    members = [k for k, name in enumerate(accounts.parent) if name == parent]
    there = sum(int(new.seat[k]) == b for k in members)
    return [f"keeps {parent} together: {there} of {len(members)} accounts"] if there == len(members) > 1 else []


def _near(task: Task, i: int, a: int | None, b: int, new: Books) -> list[str]:
    """Neighbours are a reason when more of them are with the new territory than with the old one."""
    beside = new.seat[task.ways.near[i]]
    there, here = int((beside == b).sum()), int((beside == a).sum()) if a is not None else 0
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
