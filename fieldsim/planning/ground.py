"""A territory's task as the compiled search reads it, with the prices that make up the objective."""

from __future__ import annotations

import numpy as np

from fieldsim.model import Floats, Ints
from fieldsim.planning.board import Ground
from fieldsim.planning.rhythm import around_gaps, reach, rhythms
from fieldsim.planning.sharing import part_of
from fieldsim.planning.task import TerritoryTask
from fieldsim.planning.wishes import pinned_rhythms

DROP_S = 200_000.0
"""Seconds of travel that a visit of the lowest priority is worth: more than any detour inside a shift."""
BALANCE = 40.0
"""Weight of uneven days against travel seconds (see `Ground.balance`)."""
EASE = 0.112
"""Share by which a day may differ from its target at no price."""
SHIFT_S = 900.0
"""Seconds of travel that a visit one slot off its rhythm is worth."""
UNEVEN_S = 600.0
"""Seconds of travel that a rhythm with one longer gap costs an account."""
WEEKDAY_S = 1_800.0
"""Seconds of travel that a visit on another weekday than the account likes is worth."""
WAIT = 1.0
"""Seconds of travel that a second of waiting at a door is worth."""
NEIGHBOURS = 30


def ground_of(task: TerritoryTask) -> Ground:
    """The task as the kernel reads it."""
    n, slots = len(task.ids), len(task.slots)
    visits = task.due.tolist()
    dates = np.array([day.toordinal() for day in task.slots], dtype=np.int64)
    could = task.open_days[None, :] & (task.hours.row.reshape(n, slots) >= 0)
    patterns = [
        pinned_rhythms(
            (*_rhythms(task, i), *around_gaps(count, could[i], dates, int(task.apart[i]))),
            task.pinned[task.first[i] : task.first[i + 1]],
            dates,
            int(task.apart[i]),
        )
        for i, count in enumerate(visits)
    ]
    flat = [pattern for entry in patterns for pattern, _ in entry]
    lengths = [len(pattern) for pattern in flat]
    travel = mean_travel(task)
    both = travel[:n, :n] + travel[:n, :n].T
    np.fill_diagonal(both, -1.0)
    uneven = UNEVEN_S * np.array([price for entry in patterns for _, price in entry], dtype=np.float64)
    closing = np.where(task.open_days, task.closing_s, task.frame[0]).astype(np.float64)
    lunch = task.lunch
    near = [reach(count, slots) for count in task.every.tolist()]
    return Ground(
        travel=travel,
        service=task.service_s.astype(np.float64),
        weight=np.zeros(n),
        first=task.first,
        remote=task.remote.copy(),
        drop=drop_price(task.priority),
        apart=task.apart,
        reach=np.where(task.pinned >= 0, 0, np.repeat(near, task.due)).astype(np.int64),
        hours=np.where(task.open_days[None, :], task.hours.row.reshape(n, slots), -1),
        windows=task.hours.array(),
        pattern_from=np.concatenate([[0], np.cumsum([len(entry) for entry in patterns])]).astype(np.int64),
        slots_from=np.concatenate([[0], np.cumsum(lengths)])[:-1].astype(np.int64),
        slots=np.array([slot for pattern in flat for slot in pattern], dtype=np.int64),
        pattern_cost=uneven + _disliked(task, patterns),
        date=dates,
        opening=np.full(slots, float(task.frame[0])),
        closing=closing,
        lunch=np.array([lunch.earliest_s, lunch.latest_s, lunch.duration_s] if lunch else [0, 0, 0], dtype=np.float64),
        room=longest_days(task, closing),
        bearing=np.zeros(slots),
        near=np.argsort(both, axis=1, kind="stable")[:, :NEIGHBOURS].astype(np.int64),
        cars=1,
        timed=True,
        balance=BALANCE,
        ease=EASE,
        shift_cost=SHIFT_S,
        wait_cost=WAIT if _can_wait(task) else 0.0,
    )


def _rhythms(task: TerritoryTask, i: int) -> tuple[tuple[tuple[int, ...], float], ...]:
    """The rhythms of an account; where others make some of its visits, this territory's part of them."""
    found = rhythms(int(task.every[i]), len(task.slots))
    return found if task.every[i] == task.due[i] else part_of(found, task.ordinal[task.first[i] : task.first[i + 1]])


def _can_wait(task: TerritoryTask) -> bool:
    """Is there a door that opens after the rep sets out?"""
    return any(first > task.frame[0] for entry in task.hours.table for first, _ in entry)


def drop_price(priority: Ints) -> Floats:
    """Price of a visit left out, seconds: one visit is worth four of the next lower priority in the territory."""
    _, rank = np.unique(priority, return_inverse=True)
    price: Floats = DROP_S * 4.0 ** np.minimum(rank, 8)
    return price


def longest_days(task: TerritoryTask, closing: Floats) -> Floats:
    """Travel and visits that each day can hold: its time less the break, or up to the moment the break is owed."""
    length = closing - task.frame[0]
    if task.lunch is None:
        return length
    return np.maximum(length - task.lunch.duration_s, np.minimum(length, task.lunch.latest_s - task.frame[0]))


def _disliked(task: TerritoryTask, patterns: list[tuple[tuple[tuple[int, ...], float], ...]]) -> Floats:
    """Price of the visits on other weekdays than an account likes, by pattern."""
    weekday = [day.weekday() for day in task.slots]
    return np.array(
        [
            WEEKDAY_S * sum(wish >= 0 and slot >= 0 and weekday[slot] != wish for slot in pattern)
            for entry, wish in zip(patterns, task.weekday.tolist(), strict=True)
            for pattern, _ in entry
        ],
        dtype=np.float64,
    )


def mean_travel(task: TerritoryTask) -> Floats:
    """One matrix for the whole day: the periods' times weighted by their share of the shift."""
    seconds, starts = task.travel.seconds, np.array(task.travel.from_s, dtype=np.float64)
    ends = np.append(starts[1:], 86_400.0)
    share = np.maximum(0.0, np.minimum(ends, task.frame[1]) - np.maximum(starts, task.frame[0]))
    share = share / share.sum() if share.sum() > 0 else np.eye(len(starts))[0]
    mean: Floats = np.ascontiguousarray(np.tensordot(share, seconds.astype(np.float64), axes=1))
    return mean
