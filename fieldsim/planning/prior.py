"""An earlier quarter's plan carried over: which slot each visit had, and which of its days are as they were."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, timedelta

import numpy as np

from fieldsim.errors import DataError
from fieldsim.model import Bools, Ints, Scenario, TerritoryPlan, VisitPlan
from fieldsim.planning.calendar import Hours, hours_of, working_frame
from fieldsim.planning.sharing import Book

BLOCK_DAYS = 91
"""Thirteen weeks: a plan carried into the next quarter keeps its weekdays and its place in every cycle of weeks."""


@dataclass(frozen=True, eq=False)
class Prior:
    """A plan of an earlier quarter carried over: slot of each visit (-1: none), and its routed days in local positions."""

    slot: Ints
    """[visits]"""
    plan: TerritoryPlan
    """Accounts are positions in the task's book, days are slots of the quarter to plan, -1 outside of it."""
    same_day: Bools
    """[slots] the accounts of that day have the same hours as on the day it is carried from."""
    same_quarter: bool
    """The plan is of the quarter itself: it is planned again, not carried on."""


def carried_over(
    scenario: Scenario,
    like: VisitPlan,
    territory: int,
    rep: int,
    mine: Book,
    slots: tuple[date, ...],
    hours: Hours,
    quarter: int,
) -> Prior | None:
    """The earlier plan moved by whole blocks of thirteen weeks; None if the territory then had another rep or none."""
    if like.quarter > quarter:
        raise DataError(f"a plan of quarter {like.quarter} cannot be carried into quarter {quarter}")
    old = like.territories[territory] if territory < len(like.territories) else None
    if old is None or old.rep != rep:
        return None
    move = timedelta(days=BLOCK_DAYS * (quarter - like.quarter))
    slot_of = {day: k for k, day in enumerate(slots)}
    moved = np.array([slot_of.get(day + move, -1) for day in like.days], dtype=np.int64)
    book = mine.accounts
    local = {account: k for k, account in enumerate(book.tolist())}
    account = np.array([local.get(i, -1) for i in old.account.tolist()], dtype=np.int64)
    own = [(i, number) for i, numbers in enumerate(mine.numbers) for number in numbers.tolist()]
    visit_of = {visit: k for k, visit in enumerate(own)}
    slot = np.full(len(own), -1, dtype=np.int64)
    for i, day, ordinal in zip(account.tolist(), moved[old.day].tolist(), old.ordinal.tolist(), strict=True):
        if (i, ordinal) in visit_of:
            slot[visit_of[i, ordinal]] = day
    before = hours_of(scenario, book, tuple(day - move for day in slots), working_frame(scenario.day, scenario.reps[rep]))
    then = [[before.doors[c] if c >= 0 else () for c in row] for row in before.row.tolist()]
    now = [[hours.doors[c] if c >= 0 else () for c in row] for row in hours.row.tolist()]
    differs: Bools = np.array(
        [[a != b for a, b in zip(x, y, strict=True)] for x, y in zip(then, now, strict=True)], dtype=np.bool_
    )
    local_plan = TerritoryPlan(
        **{
            **{field.name: getattr(old, field.name) for field in fields(old)},
            "account": account,
            "day": moved[old.day],
            "work_day": moved[old.work_day],
            "unplaced": (),
        }
    )
    held = np.zeros((len(book), len(slots)), dtype=np.bool_)
    for i, day in zip(account.tolist(), local_plan.day.tolist(), strict=True):
        if i >= 0 and day >= 0:
            held[i, day] = True
    same: Bools = np.logical_not((held & differs.reshape(held.shape)).any(axis=0))
    return Prior(slot, local_plan, same, like.quarter == quarter)
