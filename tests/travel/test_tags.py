from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldsim.travel.tags import directions, drivable, duration_s, ferry, kmh_of, speeds


@pytest.mark.parametrize("highway", ["residential", "motorway_link", "road", "unclassified;tertiary", "living_street"])
def test_cars_drive_on_streets(highway: str) -> None:
    assert drivable({"highway": highway})


@pytest.mark.parametrize("highway", ["footway", "track", "service", "construction", "proposed", "pedestrian", "", "bus_stop"])
def test_cars_do_not_drive_elsewhere(highway: str) -> None:
    assert not drivable({"highway": highway})


@pytest.mark.parametrize(
    ("tags", "open_"),
    [
        ({"access": "private"}, False),
        ({"access": "no", "motor_vehicle": "yes"}, True),
        ({"access": "no", "motorcar": "yes", "motor_vehicle": "no"}, True),
        ({"motor_vehicle": "no"}, False),
        ({"vehicle": "no"}, False),
        ({"access": "destination"}, True),
        ({"area": "yes"}, False),
    ],
)
def test_the_most_particular_access_tag_decides(tags: dict[str, str], open_: bool) -> None:
    assert drivable({"highway": "residential", **tags}) is open_


@pytest.mark.parametrize(
    ("tags", "ways"),
    [
        ({}, (True, True)),
        ({"oneway": "yes"}, (True, False)),
        ({"oneway": "1"}, (True, False)),
        ({"oneway": "-1"}, (False, True)),
        ({"oneway": "no", "highway": "motorway"}, (True, True)),
        ({"highway": "motorway"}, (True, False)),
        ({"junction": "roundabout"}, (True, False)),
        ({"oneway": "reversible"}, (True, True)),
    ],
)
def test_oneway_says_which_way(tags: dict[str, str], ways: tuple[bool, bool]) -> None:
    assert directions({"highway": "residential", **tags}) == ways


@pytest.mark.parametrize(
    ("text", "kmh"),
    [
        ("50", 50.0),
        ("50 km/h", 50.0),
        ("30 mph", 48.28),
        ("30mph", 48.28),
        ("PT:urban", 50.0),
        ("DE:rural", 90.0),
        ("none", 130.0),
        ("walk", 6.0),
        ("50;30", 40.0),
        ("50|80", 65.0),
        ("12.5", 12.5),
    ],
)
def test_reads_speed_limits(text: str, kmh: float) -> None:
    assert kmh_of(text) == pytest.approx(kmh, abs=0.01)


@pytest.mark.parametrize("text", [None, "", "signals", "variable", "0", "-5", "900", "fast", "50 knots"])
def test_knows_no_speed_where_the_tag_says_none(text: str | None) -> None:
    assert math.isnan(kmh_of(text))


@given(st.text(max_size=20))
def test_any_text_gives_a_sound_speed_or_none(text: str) -> None:
    kmh = kmh_of(text)
    assert math.isnan(kmh) or 0 < kmh <= 160


def test_a_limit_for_one_direction_holds_for_it_only() -> None:
    assert speeds({"maxspeed": "50", "maxspeed:backward": "30"}) == (50.0, 30.0)


def test_ferries_are_routes_that_take_cars() -> None:
    assert ferry({"route": "ferry"})
    assert not ferry({"route": "ferry", "motor_vehicle": "no"})
    assert not ferry({"route": "bicycle"})


@pytest.mark.parametrize(
    ("text", "seconds"), [("00:30", 1800), ("01:30:00", 5400), ("45", 2700), ("PT1H30M", 5400), ("PT45M", 2700)]
)
def test_reads_the_time_a_ferry_takes(text: str, seconds: float) -> None:
    assert duration_s(text) == seconds


@pytest.mark.parametrize("text", [None, "", "long", "PT"])
def test_knows_no_duration_where_the_tag_says_none(text: str | None) -> None:
    assert math.isnan(duration_s(text))
