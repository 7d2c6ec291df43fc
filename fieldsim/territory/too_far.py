"""Which accounts are out of their rep's reach in a design, what that loses, and why they are with that rep all the same."""

from __future__ import annotations

import numpy as np

from fieldsim.model import Bools, Ints
from fieldsim.territory.balanced import Task
from fieldsim.territory.estimate import beyond_reach
from fieldsim.territory.hybrid import rules_kept
from fieldsim.territory.reach import unreached


def too_far(task: Task, owner: Ints, present: Ints) -> list[str]:
    """How many accounts nobody will visit, how many there are today, the one with the largest potential, and why they are."""
    accounts = task.scenario.accounts
    far, today = (unreached(task.scenario, task.seats, task.ways, each) for each in (owner, present))
    if not far.any():
        return []
    most = max(np.flatnonzero(far).tolist(), key=lambda i: (accounts.potential[i], accounts.ids[i]))
    hours = 2.0 * task.ways.home_s[most, owner[most]] / 3600.0
    seat, day = task.seats.names[owner[most]], task.seats.day_s[owner[most]] / 3600.0
    part = accounts.potential[far].sum() / max(float(accounts.potential.sum()), 1e-9)
    many = f"{int(far.sum())} account{'s lie' if far.sum() > 1 else ' lies'} beyond a day of the rep ({int(today.sum())} today)"
    lost = f"{part:.1%} of potential, {int(accounts.visits[far].sum())} visits a quarter that cannot be made"
    largest = f"{accounts.ids[most]} is {hours:.1f} h there and back for {seat}, whose day has {day:.1f} h"
    return [f"{many}: {lost}; {largest}; {', '.join(_why(task, owner, present, far))}"]


def _why(task: Task, owner: Ints, present: Ints, far: Bools) -> list[str]:
    """What keeps accounts out of reach, each told once, by the first reason that holds, with their number."""
    scenario, unit = task.scenario, task.market.unit
    reached = ~beyond_reach(scenario.accounts, task.seats, task.ways) | (scenario.accounts.remote >= 1.0)[:, None]
    reasons = [("beyond everybody's day", ~reached.any(axis=1)), ("locked", task.market.held >= 0)]
    if (kept := rules_kept(scenario, task.seats, owner)) is not None:
        rule, allowed = kept
        reached &= allowed[rule]
        nobody = ~reached.any(axis=1)
        for r, one in enumerate(scenario.rules):
            reasons.append((f"beyond the day of all whom rule '{one.name}' allows", nobody & (rule == r)))
    apart = np.zeros((int(unit.max()) + 1, reached.shape[1]), dtype=np.bool_)
    np.logical_or.at(apart, unit, ~reached)
    torn: Bools = np.asarray(apart.all(axis=1), dtype=np.bool_)
    reasons.append(("of families that nobody reaches as a whole", torn[unit]))
    reasons.append(("where they are today", owner == present))
    told, left = [], far.copy()
    for reason, holds in reasons:
        if (count := int((left & holds).sum())) > 0:
            told.append(f"{count} {reason}")
        left &= ~holds
    return [*told, f"{int(left.sum())} to even out what seats carry"] if left.any() else told
