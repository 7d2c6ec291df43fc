"""Feeds: the calendar updates instead of growing, the files say what the day says."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import gpxpy
from icalendar import Calendar
from town import MONDAY, Town, left, starts

from fieldsim.routing import read_problem, route_day


def entries(text: str) -> dict[str, tuple[int, str, str, str]]:
    """UID -> sequence, status, name, start."""
    return {
        str(e["UID"]): (int(e["SEQUENCE"]), str(e["STATUS"]), str(e["SUMMARY"]), e["DTSTART"].dt.strftime("%Y-%m-%d %H:%M"))
        for e in Calendar.from_ical(text).walk("VEVENT")
    }


def test_the_calendar_updates_its_entries(town: Town) -> None:
    day = town.day()
    address = day["calendar"]
    before = town.get(None, address)
    assert before.headers["content-type"].startswith("text/calendar")
    assert town.get(None, address, headers={"if-none-match": before.headers["etag"]}).status_code == 304
    gone = left(day)[1]
    town.changed(kind="cancelled", account=gone)
    after = town.get(None, address, headers={"if-none-match": before.headers["etag"]})
    assert after.status_code == 200
    old, new = entries(before.text), entries(after.text)
    assert set(old) <= set(new)
    name = next(s["name"] for s in day["stops"] if s["account"] == gone)
    changed = {uid for uid, (sequence, status, what, when) in new.items() if status == "CANCELLED"}
    assert [new[uid][2] for uid in changed] == [name]
    assert all(new[uid][0] > old[uid][0] for uid in changed)
    today = {uid for uid in old if old[uid][3].startswith(MONDAY)} & set(new)
    assert all(new[uid][0] > old[uid][0] for uid in today)
    assert {uid: new[uid] for uid in old if uid not in today} == {uid: old[uid] for uid in old if uid not in today}


def test_the_calendar_agrees_with_the_day_and_with_the_command(town: Town) -> None:
    from fieldsim import api
    from fieldsim.report.day import format_day

    ground = town.app.state.ground
    command = format_day(api.day_of(ground.scenario, ground.design, rep="R01", date=MONDAY, effort="quick"), "ics")
    assert isinstance(command, str)
    feed = entries(town.get(None, town.day()["calendar"]).text)
    assert entries(command).items() <= feed.items()
    assert entries(town.get("rep:R01", f"/api/reps/R01/days/{MONDAY}/route.ics").text) == entries(command)


def test_the_files_hold_the_stops_that_are_left(town: Town) -> None:
    town.clock.set(f"{MONDAY}T09:30")
    day = town.changed(kind="done", account=left(town.day())[0])
    path = f"/api/reps/R01/days/{MONDAY}"
    shapes = town.get("rep:R01", f"{path}/route.geojson").json()["features"]
    assert [f["properties"]["id"] for f in shapes if f["properties"]["kind"] == "stop"] == left(day)
    track = gpxpy.parse(town.get("rep:R01", f"{path}/route.gpx").text)
    names = [s["name"] for s in day["stops"] if s["state"] == "planned"]
    assert [p.name.split(" ", 1)[1] for p in track.routes[0].points] == names
    links = town.get("rep:R01", f"{path}/links").json()["links"]
    assert links[0]["url"] == day["navigate"]["next"]
    places = [f"{s['lat']:.6f},{s['lon']:.6f}" for s in day["stops"] if s["state"] == "planned"]
    legs = [parse_qs(urlsplit(leg["url"]).query) for leg in day["navigate"]["legs"]]
    met = [place for leg in legs for place in [*leg.get("waypoints", [""])[0].split("|"), *leg["destination"]] if place]
    assert met[: len(places)] == places
    assert all(len(leg.get("waypoints", [""])[0].split("|")) <= 3 for leg in legs)


def test_the_bare_problem_solves_to_the_same_day(town: Town) -> None:
    day = town.day()
    problem = read_problem(json.loads(town.get("rep:R01", f"/api/reps/R01/days/{MONDAY}/problem.json").text))
    assert {stop.id: stop.start_s for stop in route_day(problem).stops} == starts(day)
