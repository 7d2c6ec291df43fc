"""A day for maps and sat-navs: GeoJSON (RFC 7946) and GPX 1.1."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC
from typing import Any

from fieldsim.model import Skipped, Stop
from fieldsim.report.day.noun import Place, RepDay
from fieldsim.report.words import clock, long_date

Feature = dict[str, object]


def day_geojson(day: RepDay) -> str:
    """The day's places, stops, left-out visits and way as a FeatureCollection; longitude before latitude."""
    collection = {"type": "FeatureCollection", "features": day_features(day)}
    return json.dumps(collection, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def day_features(day: RepDay) -> list[Feature]:
    """Features told apart by the property `kind`: start, stop, skipped, end, way."""
    route, problem = day.route, day.problem
    first = problem.now.at if problem.now else problem.start
    features = [_point(day.place(first), {"kind": "start", "leave_s": route.depart_s})]
    features += [_stop(day, number, stop) for number, stop in enumerate(route.stops, 1)]
    rows = {visit.id: visit.at for visit in problem.visits}
    features += [_skipped(day, skipped, rows.get(skipped.id)) for skipped in route.skipped]
    features.append(_point(day.place(problem.end), {"kind": "end", "arrive_s": route.finish_s}))
    way = [_position(place) for place in day.way()]
    if len(way) > 1:
        what = {"kind": "way", "rep": day.who.id, "date": day.date.isoformat(), "travel_s": route.travel_s}
        features.append(_feature({"type": "LineString", "coordinates": way}, what))
    return features


def day_gpx(day: RepDay) -> str:
    """The stops as waypoints and as a route, and the way as a track; times in UTC, as GPX asks."""
    from gpxpy import gpx as g

    document = g.GPX()
    document.creator = "fieldsim"
    document.name = f"{day.who.name or day.who.id}, {long_date(day.date)}"
    route = g.GPXRoute(name=document.name)
    for number, stop in enumerate(day.on_the_road(), 1):
        assert stop.at is not None
        lat, lon = day.place(stop.at)
        words: dict[str, Any] = {
            "latitude": round(lat, 6),
            "longitude": round(lon, 6),
            "name": f"{number} {day.name(stop.id)}",
            "time": day.moment(stop.start_s).astimezone(UTC),
            "comment": f"{clock(stop.start_s)} to {clock(stop.leave_s)}",
            "description": day.address(stop.id) or None,
        }
        document.waypoints.append(g.GPXWaypoint(**words))
        route.points.append(g.GPXRoutePoint(**words))
    document.routes.append(route)
    corners = [g.GPXTrackPoint(round(lat, 6), round(lon, 6)) for lat, lon in day.way()]
    document.tracks.append(g.GPXTrack(name=document.name))
    document.tracks[0].segments.append(g.GPXTrackSegment(points=corners))
    text: str = document.to_xml(version="1.1")
    return text + "\n"


def _stop(day: RepDay, number: int, stop: Stop) -> Feature:
    what = {
        "kind": "stop",
        "number": number,
        "id": stop.id,
        "name": day.name(stop.id),
        "address": day.address(stop.id),
        "start": clock(stop.start_s),
        "travel_s": stop.travel_s,
        "arrive_s": stop.arrive_s,
        "start_s": stop.start_s,
        "leave_s": stop.leave_s,
        "remote": stop.at is None,
    }
    return _feature(None, what) if stop.at is None else _point(day.place(stop.at), what)


def _skipped(day: RepDay, skipped: Skipped, row: int | None) -> Feature:
    what = {"kind": "skipped", "id": skipped.id, "name": day.name(skipped.id), "reason": skipped.reason, "detail": skipped.detail}
    return _feature(None, what) if row is None else _point(day.place(row), what)


def _point(place: Place, properties: Mapping[str, object]) -> Feature:
    return _feature({"type": "Point", "coordinates": _position(place)}, properties)


def _feature(geometry: Mapping[str, object] | None, properties: Mapping[str, object]) -> Feature:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _position(place: Place) -> list[float]:
    return [round(place[1], 6), round(place[0], 6)]
