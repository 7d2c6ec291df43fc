"""Parts of a large force: seats that lie together and those around them, so that a hand-over is settled among neighbours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from fieldsim.experiment.statistics import Floats, Ints
from fieldsim.model import Accounts, Bools, Design, Scenario, Travel, TravelMatrix
from fieldsim.store import content_key

WHOLE = 60
"""Seats up to which a force is looked at as a whole."""
TOGETHER = 16
"""Most seats in the middle of a part."""
AROUND = 24
"""Nearest seats to the middle that belong to a part too; enough for NEIGHBOURS of each."""
NEIGHBOURS = 12
"""Seats nearest to a vacant one that may take its accounts over."""
_EARTH_KM = 6371.0


@dataclass(frozen=True, eq=False)
class Part:
    """Some territories of a force as a force of its own."""

    scenario: Scenario
    design: Design
    points: Ints
    """Points of the whole force: the part's accounts, then its reps' homes."""
    accounts: Ints
    """Position of each account in the whole force."""
    territories: Ints
    """Position of each territory in the whole force, ascending."""
    middle: Ints
    """Those of the whole force's territories whose hand-overs are settled here."""

    def travel(self, whole: Travel) -> Travel:
        """Travel between the part's points."""
        return PartTravel(whole, self.points)


@dataclass(frozen=True, eq=False)
class PartTravel:
    """Travel over a part's points."""

    whole: Travel
    points: Ints
    """Point of the whole force for each of the part's."""

    @property
    def key(self) -> str:
        """Content key of everything that decides the times."""
        return content_key(self.whole.key, self.points.tolist())

    def matrix(self, points: Any) -> TravelMatrix:
        """Times and metres between the part's points."""
        return self.whole.matrix(self.points[np.asarray(points, dtype=np.int64)])

    def path(self, origin: int, destination: int) -> list[tuple[float, float]]:
        """The way between two of the part's points."""
        return self.whole.path(int(self.points[origin]), int(self.points[destination]))


def parts_of(scenario: Scenario, design: Design) -> Iterator[Part]:
    """The force as it is up to WHOLE filled seats, else in parts of neighbours; every filled seat is in one middle."""
    filled = np.flatnonzero(design.rep_of >= 0).astype(np.int64)
    every = np.arange(len(design.territories), dtype=np.int64)
    if len(filled) <= WHOLE:
        n = len(scenario.accounts)
        yield Part(scenario, design, np.arange(n + len(scenario.reps)), np.arange(n, dtype=np.int64), every, filled)
        return
    place = _places(scenario, design, filled)
    for middle in _cells(place, np.arange(len(filled)), [scenario.reps[design.rep_of[t]].id for t in filled.tolist()]):
        away = np.linalg.norm(place - place[middle].mean(axis=0), axis=1)
        away[middle] = -1.0
        chosen = np.argsort(away, kind="stable")[: len(middle) + AROUND]
        yield _part(scenario, design, np.sort(filled[chosen]), np.sort(filled[middle]))


def neighbours_of(scenario: Scenario, design: Design, territory: int, able: Bools) -> Bools:
    """Those of the able seats that live nearest to a territory's rep, at most NEIGHBOURS; shape [territories]."""
    filled = np.flatnonzero(able | (np.arange(len(able)) == territory)).astype(np.int64)
    place = _places(scenario, design, filled)
    away = np.linalg.norm(place - place[int(np.searchsorted(filled, territory))], axis=1)
    away[filled == territory] = np.inf
    near = np.zeros(len(able), dtype=np.bool_)
    near[filled[np.argsort(away, kind="stable")[: min(NEIGHBOURS, len(filled) - 1)]]] = True
    return near


def _places(scenario: Scenario, design: Design, filled: Ints) -> Floats:
    """Homes on a plane in kilometres, shape [filled seats, 2]."""
    reps = [scenario.reps[rep] for rep in design.rep_of[filled].tolist()]
    lat, lon = np.radians([rep.lat for rep in reps]), np.radians([rep.lon for rep in reps])
    places: Floats = _EARTH_KM * np.column_stack((lat, lon * np.cos(lat.mean())))
    return places


def _cells(place: Floats, seats: Ints, names: list[str]) -> Iterator[Ints]:
    """Seats cut in halves along their longer side until no cell holds more than TOGETHER."""
    if len(seats) <= TOGETHER:
        yield seats
        return
    side = int(np.argmax(np.ptp(place[seats], axis=0)))
    order = np.array(sorted(seats.tolist(), key=lambda k: (place[k, side], names[k])), dtype=np.int64)
    half = len(order) // 2
    yield from _cells(place, order[:half], names)
    yield from _cells(place, order[half:], names)


def _part(scenario: Scenario, design: Design, territories: Ints, middle: Ints) -> Part:
    accounts = np.flatnonzero(np.isin(design.territory_of, territories)).astype(np.int64)
    reps = np.unique(design.rep_of[territories])
    n = len(scenario.accounts)
    inside = replace(
        scenario,
        accounts=_some(scenario.accounts, accounts),
        reps=tuple(scenario.reps[rep] for rep in reps.tolist()),
        rules=(),
        locks=(),
        history=None,
        origins=(),
    )
    own = Design(
        design.name,
        tuple(design.territories[t] for t in territories.tolist()),
        np.searchsorted(territories, design.territory_of[accounts]).astype(np.int64),
        np.searchsorted(reps, design.rep_of[territories]).astype(np.int64),
    )
    points = np.concatenate([accounts, n + reps]).astype(np.int64)
    return Part(inside, own, points, accounts, territories, middle)


def _some(accounts: Accounts, chosen: Ints) -> Accounts:
    """The columns of some accounts."""
    columns: dict[str, Any] = {}
    for field in fields(accounts):
        column = getattr(accounts, field.name)
        if isinstance(column, np.ndarray):
            columns[field.name] = column[chosen]
        elif isinstance(column, tuple) and column:
            columns[field.name] = tuple(column[i] for i in chosen.tolist())
    return replace(accounts, **columns, assumed=frozenset())
