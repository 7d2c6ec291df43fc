"""Places on the map: distances between them, and the road point each is snapped to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fieldsim.errors import DataError
from fieldsim.model import Floats, Ints, Scenario
from fieldsim.travel.graph import RoadGraph, stretches

EARTH_M = 6_371_008.8
FAR_M = 500.0
"""A place farther from the road than this is worth a warning."""
TOO_FAR_M = 5_000.0
"""A place farther from the road than this is taken for a mistake."""
_SWAPPED = "latitude and longitude seem to be swapped: 'lat' counts north of the equator, 'lon' east of Greenwich"


@dataclass(frozen=True, eq=False)
class Places:
    """The scenario's points: accounts, then reps' homes."""

    names: tuple[str, ...]
    """Id of the account or rep."""
    accounts: int
    """The first so many points are accounts."""
    lat: Floats
    lon: Floats
    origins: tuple[tuple[str, int], ...] = ()
    """File and row of each, where they are known."""

    def __len__(self) -> int:
        return len(self.names)

    def title(self, point: int) -> str:
        """What to call the point in a message."""
        return f"account '{self.names[point]}'" if point < self.accounts else f"home of rep '{self.names[point]}'"

    def error(self, point: int, message: str, hint: str | None = None) -> DataError:
        """A DataError about a point's coordinates, with the file and row it comes from."""
        file, row = self.origins[point] if self.origins else ("accounts" if point < self.accounts else "reps", None)
        return DataError(message, file=file, row=row, column="lat,lon", hint=hint)


def places_of(scenario: Scenario) -> Places:
    """The points of a scenario, in the order of `fieldsim.model`.

    Raises DataError that names the first place without coordinates that can be true.
    """
    accounts, reps = scenario.accounts, scenario.reps
    places = Places(
        names=(*accounts.ids, *(rep.id for rep in reps)),
        accounts=len(accounts),
        lat=np.concatenate([accounts.lat, [rep.lat for rep in reps]]),
        lon=np.concatenate([accounts.lon, [rep.lon for rep in reps]]),
        origins=scenario.origins,
    )
    wrong = np.flatnonzero(~((np.abs(places.lat) <= 90.0) & (np.abs(places.lon) <= 180.0)))
    if len(wrong):
        point = int(wrong[0])
        message = f"{places.title(point)} has no true coordinates: {places.lat[point]},{places.lon[point]}"
        raise places.error(point, message)
    return places


def great_circle_m(lat: Floats, lon: Floats, to_lat: Floats, to_lon: Floats) -> Floats:
    """Metres along the great circle (haversine), by the usual broadcasting of the four arrays."""
    a, b = np.radians(lat), np.radians(to_lat)
    half = np.sin((b - a) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(np.radians(to_lon - lon) / 2) ** 2
    metres: Floats = 2 * EARTH_M * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0)))
    return metres


@dataclass(frozen=True, eq=False)
class Snap:
    """Where each place meets the roads: the nearest junction and the metres to it."""

    node: Ints
    metres: Floats


def snap(graph: RoadGraph, lat: Floats, lon: Floats) -> Snap:
    """The nearest junction of each point, all in one call."""
    return Snap(*_nearest(graph.lat, graph.lon, lat, lon))


def _nearest(of_lat: Floats, of_lon: Floats, lat: Floats, lon: Floats) -> tuple[Ints, Floats]:
    """The nearest of some places to each point, and the metres to it."""
    from scipy.spatial import cKDTree

    tree = cKDTree(_on_sphere(of_lat, of_lon))
    nearest = np.asarray(tree.query(_on_sphere(lat, lon))[1], dtype=np.int64)
    return nearest, great_circle_m(lat, lon, of_lat[nearest], of_lon[nearest])


def _on_sphere(lat: Floats, lon: Floats) -> Floats:
    """Points of the unit sphere: their order by chord is their order by great circle, also across the date line."""
    y, x = np.radians(lat), np.radians(lon)
    return np.ascontiguousarray(np.stack([np.cos(y) * np.cos(x), np.cos(y) * np.sin(x), np.sin(y)], axis=-1))


def check_snap(places: Places, snapped: Snap, graph: RoadGraph, *, allow_far: bool, roads: str) -> list[str]:
    """Warnings about places far from a road.

    Raises DataError where a place is more than 5 km from any road, or stands at a road that does not connect with the others,
    unless `allow_far`.
    """
    away = off_road_m(graph, places.lat, places.lon, snapped)
    lost, cut = np.flatnonzero(away > TOO_FAR_M), _cut_off(graph, places, away)
    if len(lost) and not allow_far and (2 * len(lost) > len(places) or not np.isin(lost, cut).all()):
        raise _too_far(places, away, graph, lost, roads)
    if len(cut) and not allow_far:
        raise _on_island(places, cut, roads)
    far = np.flatnonzero(away > FAR_M)
    if not len(far):
        return []
    worst = far[np.argsort(-away[far], kind="stable")][:5].tolist()
    named = ", ".join(f"{places.title(point)} {away[point] / 1000:.1f} km" for point in worst)
    more = f" and {len(far) - len(worst)} more" if len(far) > len(worst) else ""
    return [f"{_count(len(far), 'place')} more than {FAR_M:.0f} m from a road: {named}{more}"]


def _cut_off(graph: RoadGraph, places: Places, away: Floats) -> Ints:
    """Far places to which a road that was left out as not connected is less than half as far."""
    far = np.flatnonzero(away > FAR_M)
    if not len(graph.cut_lat) or not len(far):
        return far[:0]
    _, there = _nearest(graph.cut_lat, graph.cut_lon, places.lat[far], places.lon[far])
    cut: Ints = far[there < away[far] / 2]
    return cut


def _on_island(places: Places, cut: Ints, roads: str) -> DataError:
    names = listed([places.title(int(point)) for point in cut])
    message = (
        f"{names} {'stand' if len(cut) > 1 else 'stands'} at roads of '{roads}' that do not connect with the others: an island?"
    )
    hint = "import the roads with ferries or a larger extract, plan islands as a scenario of their own, or set allow_far = true"
    return places.error(int(cut[0]), message, hint)


def off_road_m(graph: RoadGraph, lat: Floats, lon: Floats, snapped: Snap) -> Floats:
    """Metres from each place to the nearest road: to its junction where that is near, else to the line of the road itself."""
    away = snapped.metres.copy()
    far = np.flatnonzero(away > FAR_M)
    if not len(far):
        return away
    a_lat, a_lon, b_lat, b_lon = stretches(graph)
    for point in far.tolist():
        y, x = EARTH_M * np.radians(1.0), EARTH_M * np.radians(np.cos(np.radians(lat[point])))
        reach_lat, reach_lon = away[point] / y, away[point] / max(x, 1.0)
        near = (np.minimum(a_lat, b_lat) <= lat[point] + reach_lat) & (np.maximum(a_lat, b_lat) >= lat[point] - reach_lat)
        near &= (np.minimum(a_lon, b_lon) <= lon[point] + reach_lon) & (np.maximum(a_lon, b_lon) >= lon[point] - reach_lon)
        a = np.stack([(a_lat[near] - lat[point]) * y, (a_lon[near] - lon[point]) * x])
        b = np.stack([(b_lat[near] - lat[point]) * y, (b_lon[near] - lon[point]) * x])
        away[point] = min(away[point], _from_origin(a, b).min(initial=np.inf))
    return away


def _from_origin(a: Floats, b: Floats) -> Floats:
    """Distance of the origin from the straight lines between points a and b, shape [2, lines] each."""
    run = b - a
    square = (run**2).sum(axis=0)
    share = np.clip(np.divide(-(a * run).sum(axis=0), square, out=np.zeros(len(square)), where=square > 0), 0.0, 1.0)
    distance: Floats = np.hypot(*(a + share * run))
    return distance


def _too_far(places: Places, away: Floats, graph: RoadGraph, lost: Ints, roads: str) -> DataError:
    if 2 * len(lost) > len(places):
        if _fit(graph, places.lon, places.lat) > len(places) / 2:
            hint = _SWAPPED
        else:
            hint = f"its roads lie between {_box(graph)}; import an extract that covers the accounts"
        message = (
            f"'{roads}' has no road within 5 km of {len(lost)} of {len(places)} places, such as {places.title(int(lost[0]))}"
        )
        return places.error(int(lost[0]), message, hint)
    first = int(lost[np.argsort(-away[lost], kind="stable")][0])
    others = f"; so are {listed([places.title(int(p)) for p in lost if p != first])}" if len(lost) > 1 else ""
    message = f"{places.title(first)} at {places.lat[first]:.5f},{places.lon[first]:.5f} is {away[first] / 1000:.1f} km"
    turned = _fit(graph, places.lon[first : first + 1], places.lat[first : first + 1])
    hint = _SWAPPED if turned else "correct its coordinates, or set allow_far = true under [travel]"
    return places.error(first, f"{message} from the nearest road{others}", hint)


def _fit(graph: RoadGraph, lat: Floats, lon: Floats) -> int:
    """How many points lie near a road."""
    return int((snap(graph, lat, lon).metres <= TOO_FAR_M).sum())


def _box(graph: RoadGraph) -> str:
    south, north, west, east = graph.lat.min(), graph.lat.max(), graph.lon.min(), graph.lon.max()
    return f"{south:.3f},{west:.3f} and {north:.3f},{east:.3f}"


def listed(names: Sequence[str], most: int = 10) -> str:
    """Names for a message, the first few of many."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"
