"""Opening hours: when a visit may start so that it ends before closing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldsim.errors import DataError
from fieldsim.scenario.hours import DAY_S, windows

MONDAY = date(2026, 10, 5)
COLUMBUS = date(2026, 10, 12)
DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
HOUR = 3600


def test_nothing_said_is_open_all_day() -> None:
    assert windows("", MONDAY, "CL", 7200) == ((0, DAY_S),)


def test_a_visit_ends_before_closing() -> None:
    assert windows("Mo-Fr 09:00-12:30,14:00-17:30", MONDAY, "CL", 1800) == ((9 * HOUR, 12 * HOUR), (14 * HOUR, 17 * HOUR))


def test_an_opening_too_short_for_the_visit_keeps_its_length() -> None:
    assert windows("Mo 12:00-12:20", MONDAY, "CL", 1800) == ((12 * HOUR, 12 * HOUR + 1200),)


def test_closed_means_no_window() -> None:
    assert windows("Tu-Su 09:00-17:00", MONDAY, "CL") == ()


def test_an_opening_past_midnight_counts_on_both_days() -> None:
    late = windows("Mo 22:00-06:00", MONDAY, "CL", HOUR)
    early = windows("Mo 22:00-06:00", MONDAY + timedelta(days=1), "CL", HOUR)
    assert (late, early) == (((22 * HOUR, DAY_S),), ((0, 5 * HOUR),))


def test_public_holidays_are_the_countrys() -> None:
    text = "Mo-Fr 09:00-17:00; PH off"
    assert windows(text, COLUMBUS, "CL") == ()
    assert windows(text, COLUMBUS, "DE") == ((9 * HOUR, 17 * HOUR),)


def test_a_country_without_a_calendar_is_no_error() -> None:
    assert windows("Mo-Fr 09:00-17:00; PH off", COLUMBUS, "Atlantis") == ((9 * HOUR, 17 * HOUR),)


def test_touching_openings_are_one() -> None:
    assert windows('Mo 09:00-12:00 "a", Mo 12:00-15:00 "b"', MONDAY, "CL", HOUR) == ((9 * HOUR, 14 * HOUR),)


def test_unknown_counts_as_closed() -> None:
    assert windows("Mo-Fr 09:00-17:00 unknown", MONDAY, "CL") == ()


@pytest.mark.parametrize("text", ["9 to 5", "Mo-Fr 9am-5pm", "Mo-Fr 08:00-99:00", ";;", "Lu-Ve 09:00-17:00"])
def test_unreadable_text_is_the_users_error(text: str) -> None:
    with pytest.raises(DataError, match="not readable as opening hours"):
        windows(text, MONDAY, "CL")


@st.composite
def weeks(draw: st.DrawFn) -> dict[int, list[tuple[int, int]]]:
    """Openings by weekday in minutes, apart from one another and within a day."""
    week: dict[int, list[tuple[int, int]]] = {}
    for weekday in range(7):
        marks = draw(st.lists(st.integers(0, 96), max_size=6, unique=True).map(sorted))
        week[weekday] = [(15 * a, 15 * b) for a, b in zip(marks[::2], marks[1::2], strict=False)]
    return week


def text_of(week: dict[int, list[tuple[int, int]]]) -> str:
    rules = []
    for weekday, openings in week.items():
        spans = ",".join(f"{a // 60:02d}:{a % 60:02d}-{b // 60:02d}:{b % 60:02d}" for a, b in openings)
        rules.append(f"{DAYS[weekday]} {spans or 'off'}")
    return "; ".join(rules)


@given(week=weeks(), offset=st.integers(0, 400), service_s=st.integers(0, 4 * HOUR))
def test_windows_are_the_openings_less_the_visit(week: dict[int, list[tuple[int, int]]], offset: int, service_s: int) -> None:
    day = MONDAY + timedelta(days=offset)
    expected = [(60 * a, 60 * b - service_s if 60 * b - service_s >= 60 * a else 60 * b) for a, b in week[day.weekday()]]
    found = windows(text_of(week), day, "CL", service_s)
    # an opening up to midnight goes on where the next day opens at midnight
    tomorrow = week[(day.weekday() + 1) % 7]
    if expected and tomorrow and week[day.weekday()][-1][1] == 1440 and tomorrow[0][0] == 0:
        opening = expected[-1][0]
        closing = DAY_S + 60 * tomorrow[0][1]
        expected[-1] = (opening, min(DAY_S, closing - service_s if closing - opening >= service_s else closing))
    assert list(found) == expected
