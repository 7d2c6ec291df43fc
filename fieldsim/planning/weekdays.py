"""Which weekday each account might have: five neighbourhoods of equal work, grown round five accounts drawn by chance."""

from __future__ import annotations

import numpy as np

from fieldsim.model import Floats, Ints
from fieldsim.planning.board import Ground
from fieldsim.planning.rhythm import WEEK

ROUNDS = 8
"""How often the neighbourhoods take a new centre."""
STEPS, STEP, FADE = 60, 0.5, 0.94
"""Changes of the weekdays' prices until they hold equal work: how many, the first, and what each next one is of it."""


def neighbourhoods(ground: Ground, hop: float, luck: Floats) -> Ints:
    """A weekday, 0 to 4, for each account, shape [accounts].

    Work is visits with a `hop` (s) each and their share of a way there and back; `luck` holds five uniform numbers. Accounts go
    to the nearest centre, a centre with too much work being the farther by its price; a centre is the account from which its
    neighbourhood is nearest, as in k-medoids.
    """
    n = len(ground.service)
    visits = np.diff(ground.first)
    if not visits.any():
        return np.zeros(n, dtype=np.int64)
    apart = (ground.travel[:n, :n] + ground.travel[:n, :n].T) / 2.0
    way = (ground.travel[n, :n] + ground.travel[:n, n]) / max(1.0, visits.sum() / max(1, int((ground.room > 0.0).sum())))
    work = visits * (ground.service + hop + way)
    centres = _drawn(apart, work, luck)
    scale = float(apart.mean())
    for _ in range(ROUNDS):
        weekday = _shared_out(apart[:, centres], work, scale)
        for k in range(WEEK):
            mine = np.flatnonzero(weekday == k)
            if len(mine):
                centres[k] = mine[np.argmin((apart[np.ix_(mine, mine)] * work[mine]).sum(axis=1))]
    return weekday


def _drawn(apart: Floats, work: Floats, luck: Floats) -> Ints:
    """Five accounts, each drawn with a chance that grows with its work and the square of its distance from those before."""
    centres = np.zeros(WEEK, dtype=np.int64)
    chance = work
    for k, mark in enumerate(luck.tolist()):
        before = np.cumsum(chance)
        centres[k] = min(int(np.searchsorted(before, mark * before[-1], side="right")), len(work) - 1)
        chance = work * apart[:, centres[: k + 1]].min(axis=1) ** 2
    return centres


def _shared_out(apart: Floats, work: Floats, scale: float) -> Ints:
    """The centre of each account, by distance and a price that rises where the work is more than a fifth."""
    price, step = np.zeros(WEEK), STEP * scale
    weekday = np.zeros(len(work), dtype=np.int64)
    for _ in range(STEPS):
        weekday = np.argmin(apart + price, axis=1).astype(np.int64)
        price += step * (np.bincount(weekday, work, WEEK) / work.sum() * WEEK - 1.0)
        step *= FADE
    return weekday
