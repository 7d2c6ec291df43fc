"""Who leaves and when the seat is filled again: clocks keyed by seat and hire, the same under every design and policy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from fieldsim.luck import stream, uniform
from fieldsim.simulation.draws import exponential, lognormal
from fieldsim.simulation.nouns import Records

ANY = -1
"""A seat drawn anew in each replication."""


@dataclass(frozen=True)
class Departures:
    """Departures asked for: a hazard per filled seat-year, and given ones as (rep position or ANY, day of leaving)."""

    rate: float = 0.0
    given: tuple[tuple[int, float], ...] = ()


class Clocks(NamedTuple):
    """Means of a seat's clocks, days, and the share of days still worked under notice."""

    notice: float
    effort: float
    vacancy: float
    sigma: float


class Gap(NamedTuple):
    """A seat that falls vacant: who, resignation, leaving, next hire (days), and the number of the new hire."""

    rep: int
    resigns: float
    leaves: float
    hired: float
    number: int


def gaps(
    reps: Records,
    clocks: Clocks,
    departures: Departures,
    days: float,
    seed: int,
    replication: int,
    over: Sequence[float] = (),
) -> list[Gap]:
    """Every gap that begins before `days`, in order of leaving.

    Given departures come first in a seat's life; the hazard then runs from the hire on, else from day 0. Someone who leaves by
    the hazard resigns `notice` days before; a given departure likewise, if there is time. `over` is the day from which each
    rep's contract is over: who has not left before leaves then, without notice days, and nobody is hired in their place.
    """
    if departures.rate <= 0.0 and not departures.given and not np.isfinite(min(over, default=np.inf)):
        return []
    draw = {name: stream(seed, replication, name) for name in ("leaves", "vacancy", "who")}
    found: list[Gap] = []
    named = _named(reps, departures, draw["who"])
    for rep, key in enumerate(reps["key"]):
        filled, number = max(0.0, float(reps["hired"][rep])), 0
        planned = sorted(day for who, day in named if who == rep)
        while True:
            wait = 365.0 * exponential(draw["leaves"], key, number) / departures.rate if departures.rate > 0.0 else np.inf
            leaves = planned.pop(0) if planned else filled + wait
            if number == 0 and over and over[rep] <= min(leaves, days - 1.0):
                found.append(Gap(rep, over[rep], over[rep], np.inf, 1))
                break
            if leaves >= days:
                break
            number += 1
            empty = clocks.vacancy * lognormal(draw["vacancy"], key, number, 0, clocks.sigma)
            found.append(Gap(rep, max(filled, leaves - clocks.notice), leaves, leaves + empty, number))
            filled = leaves + empty
            planned = [day for day in planned if day > filled]
    return sorted(found, key=lambda gap: (gap.leaves, gap.rep))


def _named(reps: Records, departures: Departures, who: np.uint64) -> list[tuple[int, float]]:
    """Given departures with a name each: for ANY the reps in an order drawn by their keys, without those named already."""
    named = [(rep, day) for rep, day in departures.given if rep != ANY]
    taken = {rep for rep, _ in named}
    order = sorted((uniform(who, key, 0), rep) for rep, key in enumerate(reps["key"]))
    free = iter([rep for _, rep in order if rep not in taken])
    for rep, day in departures.given:
        if rep == ANY:
            chosen = next(free, None)
            if chosen is not None:
                named.append((chosen, day))
    return named
