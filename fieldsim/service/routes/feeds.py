"""A day for maps, sat-navs and calendars."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from fieldsim.report.day import RepDay, format_day, map_links
from fieldsim.routing import problem_json
from fieldsim.service import days, feeds, keys
from fieldsim.service.errors import not_found
from fieldsim.service.guard import may_see
from fieldsim.service.replan import rest_of
from fieldsim.service.routes.rep import Day, RepId
from fieldsim.service.state import from_text

router = APIRouter(tags=["feeds"])


def _known(request: Request, rep: str, date: str) -> RepDay:
    """The day as the formats read it."""
    may_see(request, rep)
    ground, database = request.app.state.ground, request.app.state.database
    day = days.read_day(ground, rep, date)
    version = days.opened(ground, database, rep, day)
    return feeds.day_of(ground, rep, day, from_text(version.state), version.number)


def _file(day: RepDay, name: str, media: str) -> Response:
    text = format_day(day, name)
    assert isinstance(text, str)
    heading = f'inline; filename="{day.date.isoformat()}.{name}"'
    return Response(text, media_type=media, headers={"content-disposition": heading})


@router.get("/api/reps/{rep}/days/{date}/route.geojson", responses={200: {"content": {"application/geo+json": {}}}})
def geojson(request: Request, rep: RepId, date: Day) -> Response:
    """Give what is left of the day as GeoJSON."""
    return _file(_known(request, rep, date), "geojson", "application/geo+json")


@router.get("/api/reps/{rep}/days/{date}/route.ics", responses={200: {"content": {"text/calendar": {}}}})
def ics(request: Request, rep: RepId, date: Day) -> Response:
    """Give the day as a calendar file."""
    return _file(_known(request, rep, date), "ics", "text/calendar; charset=utf-8")


@router.get("/api/reps/{rep}/days/{date}/route.gpx", responses={200: {"content": {"application/gpx+xml": {}}}})
def gpx(request: Request, rep: RepId, date: Day) -> Response:
    """Give what is left of the day for a navigation device."""
    return _file(_known(request, rep, date), "gpx", "application/gpx+xml")


@router.get("/api/reps/{rep}/days/{date}/links")
def links(request: Request, rep: RepId, date: Day) -> dict[str, Any]:
    """Give links for a map app: the next stop, then the day in legs of four."""
    return {"links": [{"label": link.label, "url": link.url} for link in map_links(_known(request, rep, date))]}


@router.get("/api/reps/{rep}/days/{date}/problem.json")
def problem(request: Request, rep: RepId, date: Day) -> dict[str, Any]:
    """Give what is left of the day as a bare problem that `fieldsim route --problem` solves."""
    may_see(request, rep)
    ground, database = request.app.state.ground, request.app.state.database
    day = days.read_day(ground, rep, date)
    version = days.opened(ground, database, rep, day)
    return problem_json(rest_of(ground, rep, day, from_text(version.state)).problem)


@router.get("/calendar/{token}.ics", responses={200: {"content": {"text/calendar": {}}}})
def calendar(request: Request, token: Annotated[str, Path(max_length=64)]) -> Response:
    """Give a rep's calendar to a calendar app, which knows only this address."""
    ground, database = request.app.state.ground, request.app.state.database
    with database.read() as connection:
        rep = keys.calendar_rep(connection, token)
    if rep is None or rep not in ground.seats:
        raise not_found()
    tag = feeds.calendar_tag(ground, database, rep)
    headers = {"etag": tag, "cache-control": "private, no-cache", "content-disposition": 'inline; filename="visits.ics"'}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(feeds.calendar(ground, database, rep), media_type="text/calendar; charset=utf-8", headers=headers)
