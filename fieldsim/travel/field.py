"""Travel over a scenario's points: asks the engine and stands behind `fieldsim.model.Travel`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from fieldsim.errors import DataError
from fieldsim.model import Bools, Ints, TravelMatrix
from fieldsim.travel.clock import travel_s
from fieldsim.travel.engines import Engine, Ground
from fieldsim.travel.memory import MOST_NODES
from fieldsim.travel.places import listed
from fieldsim.travel.profile import Profile, period_weights
from fieldsim.travel.search import Links, Ways, linked, way

Point = tuple[float, float]
HOURLY = tuple(range(0, 86_400, 3600))
_APART = "they may be on an island or behind a road the extract cuts off; correct the coordinates or the road file"


@dataclass(frozen=True, eq=False)
class FieldTravel:
    """Travel over the points of one scenario by one engine; the object `open_travel` gives."""

    engine: str
    answer: Engine
    ground: Ground
    profile: Profile
    key: str
    """Content key of everything that decides the times."""

    def matrix(self, points: Sequence[int] | Ints, periods: Sequence[int] | None = None) -> TravelMatrix:
        """Times and metres between the given points in their order, parking included.

        `periods` are times of day from which each of the matrices holds, the first 0; None: the scenario's own. Raises DataError
        that lists the places that cannot be reached.
        """
        asked = np.asarray(points, dtype=np.int64)
        ground = self.ground if periods is None else self._ground(periods)
        if periods is None and len(ground.places) <= MOST_NODES:
            ms, dm = self._whole[0][:, asked[:, None], asked], self._whole[1][asked[:, None], asked]
        else:
            ms, dm = self.answer(ground, asked, asked)
        if (ms < 0).any():
            raise self._unreachable(asked, np.asarray((ms < 0).any(axis=0)))
        return TravelMatrix(self._door_s(asked, ms), -(-dm // 10), ground.from_s if len(ms) > 1 else (0,))

    @cached_property
    def _whole(self) -> Ways:
        every = np.arange(len(self.ground.places))
        return self.answer(self.ground, every, every)

    @cached_property
    def _links(self) -> Links:
        assert self.ground.roads is not None
        return linked(self.ground.roads, self.ground.weights[0])

    def _ground(self, periods: Sequence[int]) -> Ground:
        roads = self.ground.roads
        weights = period_weights(roads, self.profile, periods) if roads is not None else ()
        return replace(self.ground, weights=weights, from_s=tuple(periods) or (0,))

    def _door_s(self, points: Ints, ms: Ints) -> Ints:
        """Whole seconds, rounded up so that no detour is ever quicker; parking between different places."""
        lat, lon = self.ground.places.lat[points], self.ground.places.lon[points]
        apart = (lat[:, None] != lat[None]) | (lon[:, None] != lon[None])
        seconds: Ints = -(-ms // 1000) + np.where(apart, self.ground.settings.park_s, 0)
        return seconds

    def _unreachable(self, points: Ints, none: Bools) -> DataError:
        """Names all places outside the largest group that can reach each other; where there is but one group, a pair."""
        from scipy.sparse.csgraph import connected_components

        places = self.ground.places
        _, group = connected_components(~none, connection="strong")
        lone = [int(point) for point in points[group != np.bincount(group).argmax()]]
        if lone:
            message = f"no way by road between {listed([places.title(point) for point in lone])} and the other places"
            return places.error(lone[0], message, _APART)
        a, b = (int(points[k]) for k in np.argwhere(none)[0])
        message = f"no way by road from {places.title(a)} to {places.title(b)}"
        return places.error(b, message, _APART)

    def path(self, origin: int, destination: int) -> list[Point]:
        """The way as (lat, lon) corners, both places included; a straight line where no roads are known."""
        places, roads, snapped = self.ground.places, self.ground.roads, self.ground.snapped
        ends = [(float(places.lat[p]), float(places.lon[p])) for p in (origin, destination)]
        if roads is None or snapped is None or ends[0] == ends[1]:
            return ends
        start = int(snapped.node[origin])
        arcs = way(self._links, start, int(snapped.node[destination]))
        if arcs is None:
            raise self._unreachable(np.array([origin, destination]), ~np.eye(2, dtype=np.bool_))
        road: list[Point] = [(float(roads.lat[start]), float(roads.lon[start]))]
        for arc in arcs:
            road += roads.corners(arc)[1:]
        return _without_repeats([ends[0], *road, ends[1]])

    def times(self, origins: Sequence[int], destinations: Sequence[int], at_s: int | None = None) -> tuple[Ints, Ints]:
        """Seconds and metres from points to points, leaving at a time of day; without one as plans count it.

        By the hour the scenario's own periods hold, or hourly traffic where it has none. Plans without periods use one matrix of
        the working day's mean traffic.
        """
        every = [*origins, *destinations]
        hourly = at_s is not None and not self.ground.settings.periods
        matrix = self.matrix(every, HOURLY if hourly else None)
        rows, columns = np.arange(len(origins))[:, None], np.arange(len(origins), len(every))[None, :]
        return travel_s(matrix, rows, columns, at_s or 0), matrix.metres[rows, columns]


def _without_repeats(corners: list[Point]) -> list[Point]:
    return [corner for k, corner in enumerate(corners) if k == 0 or corner != corners[k - 1]]
