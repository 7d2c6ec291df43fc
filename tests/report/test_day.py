"""The formats of a rep's day, each read back with a parser that is not ours."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import gpxpy
import pytest
from icalendar import Calendar
from report.days import make_day, named
from small import make_scenario

from fieldsim.errors import UsageError
from fieldsim.model import DayRoute, Now
from fieldsim.report.day import FORMATS, RepDay, format_day, map_links
from fieldsim.report.words import clock
from fieldsim.routing import read_problem

NASTY = '<b>Ñandú & Söhne</b>, [red]; \x1b[31m\n"quoted"'
TIDY = '<b>Ñandú & Söhne</b>, [red]; [31m "quoted"'


@pytest.fixture
def day() -> RepDay:
    return make_day()


def events(text: str) -> dict[str, object]:
    return {str(event["summary"]): event for event in Calendar.from_ical(text).walk("VEVENT")}


def at_minute(day: RepDay, seconds: int) -> datetime:
    midnight = datetime(2026, 10, 5, tzinfo=ZoneInfo("America/Santiago"))
    return midnight + timedelta(minutes=-(-seconds // 60))


@pytest.mark.parametrize("name", FORMATS)
def test_same_day_gives_same_bytes(name: str) -> None:
    assert FORMATS[name](make_day()) == FORMATS[name](make_day())


@pytest.mark.parametrize("name", FORMATS)
def test_survives_an_empty_day(day: RepDay, name: str) -> None:
    empty = DayRoute("optimal", "exact", 0, 0, 0, 0, 8 * 3600, 8 * 3600, ())
    assert FORMATS[name](replace(day, route=empty))


@pytest.mark.parametrize("name", FORMATS)
def test_carries_odd_names_whole_and_on_one_line(name: str) -> None:
    text = FORMATS[name](make_day(named(make_scenario(), NASTY, NASTY)))
    assert "\x1b" not in text
    if name == "gpx":
        assert gpxpy.parse(text).waypoints[0].name == f"1 {TIDY}"
    if name == "ics":
        assert TIDY in events(text)
    if name in ("json", "geojson"):
        assert TIDY in json.dumps(json.loads(text), ensure_ascii=False).replace("\\", "")


def test_table_lists_stops_in_order_with_times(day: RepDay) -> None:
    text = FORMATS["table"](day)
    rows = [line for line in text.splitlines() if line[:2].strip().isdigit() and ":" in line]
    assert [row.split()[:3] for row in rows] == [
        [str(k), clock(stop.start_s), clock(stop.leave_s)] for k, stop in enumerate(day.route.stops, 1)
    ]
    assert max(len(line) for line in text.splitlines()) <= 80


def test_table_says_why_a_visit_is_left_out(day: RepDay) -> None:
    text = FORMATS["table"](day)
    assert "closed all day" in text
    assert "gives way to A0001" in text
    assert "drop Account 0, 4 min more driving" in text


def test_a_break_at_the_door_is_no_waiting(day: RepDay) -> None:
    third = day.route.stops[2]
    late = replace(third, start_s=third.arrive_s + 3000, leave_s=third.arrive_s + 4800)
    lunch = (third.arrive_s + 60, third.arrive_s + 60 + 2700)
    route = replace(day.route, stops=(*day.route.stops[:2], late), lunch=lunch)
    row = next(line for line in FORMATS["table"](replace(day, route=route)).splitlines() if late.id in line)
    assert row.endswith("wait 5 min")


def test_clock_never_shows_a_time_too_early() -> None:
    assert (clock(8 * 3600), clock(8 * 3600 + 1), clock(8 * 3600 + 60)) == ("08:00", "08:01", "08:01")


def test_geojson_puts_longitude_first_and_names_every_kind(day: RepDay) -> None:
    features = json.loads(FORMATS["geojson"](day))["features"]
    assert [feature["properties"]["kind"] for feature in features] == [
        "start", "stop", "stop", "stop", "stop", "skipped", "skipped", "end", "way",
    ]  # fmt: skip
    book = day.scenario.accounts
    assert features[1]["geometry"]["coordinates"] == [round(book.lon[0], 6), round(book.lat[0], 6)]
    assert features[2]["geometry"] is None, "a remote meeting has no place"
    way = features[-1]["geometry"]
    assert way["type"] == "LineString"
    assert way["coordinates"][0] == way["coordinates"][-1] == features[0]["geometry"]["coordinates"]


def test_way_passes_every_stop_in_order(day: RepDay) -> None:
    way = day.way()
    stops = [day.place(stop.at) for stop in day.on_the_road() if stop.at is not None]
    assert [way.index(stop) for stop in stops] == sorted(way.index(stop) for stop in stops)
    assert all(a != b for a, b in pairwise(way))


def test_calendar_holds_each_visit_and_the_break_in_local_time(day: RepDay) -> None:
    read = events(FORMATS["ics"](day))
    assert set(read) == {"Account 0", "Account 1 (remote)", "Account 2", "Account 3", "Lunch"}
    first = day.route.stops[0]
    assert read["Account 0"]["dtstart"].dt == at_minute(day, first.start_s)
    assert read["Account 0"]["dtend"].dt == at_minute(day, first.leave_s)
    assert read["Account 0"]["dtstart"].params["TZID"] == "America/Santiago"
    assert read["Account 0"]["dtstamp"].dt == datetime(2026, 10, 5, tzinfo=UTC)


def test_calendar_entry_keeps_its_uid_when_the_day_is_planned_again(day: RepDay) -> None:
    later = replace(day.route, stops=tuple(replace(s, start_s=s.start_s + 900, leave_s=s.leave_s + 900) for s in day.route.stops))
    before, after = events(FORMATS["ics"](day)), events(FORMATS["ics"](replace(day, rep=2, route=later, sequence=1)))
    for name in set(before) - {"Lunch"}:
        assert before[name]["uid"] == after[name]["uid"]
        assert (before[name]["sequence"], after[name]["sequence"]) == (0, 1)
    second = events(FORMATS["ics"](replace(day, ordinal={"A0000": 1})))
    assert second["Account 0"]["uid"] != before["Account 0"]["uid"]
    assert len({str(event["uid"]) for event in before.values()}) == len(before)


def test_calendar_lines_end_in_crlf_and_stay_short(day: RepDay) -> None:
    lines = FORMATS["ics"](day).encode().split(b"\r\n")
    assert b"\n" not in b"".join(lines)
    assert max(map(len, lines)) <= 75


def test_gpx_holds_stops_as_waypoints_and_route_in_utc(day: RepDay) -> None:
    text = FORMATS["gpx"](day)
    ElementTree.fromstring(text)
    read = gpxpy.parse(text)
    stops = day.on_the_road()
    assert [(p.latitude, p.longitude) for p in read.waypoints] == [
        tuple(round(x, 6) for x in day.place(stop.at)) for stop in stops if stop.at is not None
    ]
    assert [p.name for p in read.routes[0].points] == [p.name for p in read.waypoints]
    assert read.waypoints[0].time == at_minute(day, 0).astimezone(UTC) + timedelta(seconds=stops[0].start_s)
    assert len(read.tracks[0].segments[0].points) == len(day.way())


@pytest.mark.parametrize("stops", [1, 2, 5, 6, 9, 10])
def test_links_go_in_legs_of_four_stops_without_origin(stops: int) -> None:
    day = make_day(make_scenario(n=14), stops=stops)
    links = [link for link in map_links(day) if "google" in link.url]
    queries = [parse_qs(urlsplit(link.url).query) for link in links]
    assert not any("origin" in query for query in queries)
    told = [[*query.get("waypoints", [""])[0].split("|"), query["destination"][0]] for query in queries]
    legs = [[place for place in leg if place] for leg in told]
    places = ["{:.6f},{:.6f}".format(*day.place(stop.at)) for stop in day.on_the_road() if stop.at is not None]
    assert legs[0] == places[:1], "the first link is the next stop"
    assert [place for leg in legs[1:-1] for place in leg] == places
    assert max(map(len, legs)) <= 4
    assert legs[-1] == ["{:.6f},{:.6f}".format(*day.place(0))]


def test_rest_of_a_day_starts_where_the_rep_is(day: RepDay) -> None:
    rest = replace(day, problem=replace(day.problem, now=Now(at=5, time_s=9 * 3600)))
    assert rest.way()[0] == day.place(5)
    assert rest.way()[-1] == day.place(0)


def test_way_is_straight_without_roads(day: RepDay) -> None:
    assert replace(day, path=None).way() == day.way()


def test_json_holds_the_answer_and_a_problem_that_can_be_solved_again(day: RepDay) -> None:
    answer = json.loads(FORMATS["json"](day))
    assert [stop["id"] for stop in answer["stops"]] == [stop.id for stop in day.route.stops]
    assert [skipped["id"] for skipped in answer["skipped"]] == [skipped.id for skipped in day.route.skipped]
    again = read_problem(answer["problem"])
    assert again.visits == day.problem.visits
    assert (again.shift, again.lunch, again.start) == (day.problem.shift, day.problem.lunch, day.problem.start)
    assert (again.travel.seconds == day.problem.travel.seconds).all()
    assert set(answer["accounts"]) == {visit.id for visit in day.problem.visits}
    assert answer["accounts"]["A0001"]["lat"] is None, "a remote meeting has no place"


def test_unknown_format_names_the_closest(day: RepDay) -> None:
    with pytest.raises(UsageError, match="geojson"):
        format_day(day, "geo-json")
