"""Figures of a day as its page says them: clock times, lengths of time, dates, and the words of states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date as Date
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from fieldsim.errors import count
from fieldsim.report.day.links import STOPS_A_LEG
from fieldsim.report.words import clock, duration

View = Mapping[str, Any]
"""A DayView as JSON."""
STATES = {
    "done": "Done",
    "no_show": "No-show",
    "cancelled": "Cancelled",
    "skipped": "Left out today",
    "handed_over": "Handed over",
    "planned": "Planned",
}
PLACES = {"street": "street only", "postal": "postal code only", "city": "town only"}
"""How little is known of a place; an exact one needs no word."""
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def long_day(day: Date | str) -> str:
    """`Monday 5 October`, in English whatever the machine's locale."""
    day = Date.fromisoformat(day) if isinstance(day, str) else day
    return f"{_WEEKDAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"


def short_day(day: Date | str) -> str:
    """`Mon 5 Oct`."""
    day = Date.fromisoformat(day) if isinstance(day, str) else day
    return f"{_WEEKDAYS[day.weekday()][:3]} {day.day} {_MONTHS[day.month - 1][:3]}"


def spans(windows: Sequence[Sequence[int]]) -> str:
    """Opening windows as `09:00–13:00, 15:00–18:00`."""
    return ", ".join(f"{clock(first)}–{clock(last)}" for first, last in windows)


def kilometres(metres: float | None) -> str:
    """A distance as `3.4 km`, `12 km`; an empty text where none is known."""
    if metres is None:
        return ""
    return f"{metres / 1000:.0f} km" if metres >= 9950 else f"{metres / 1000:.1f} km"


def time_field(seconds: int) -> str:
    """A time as an input of type `time` takes it."""
    return clock(min(seconds, 23 * 3600 + 59 * 60))


def late_minutes(view: View) -> int:
    """Minutes since the next stop should have been over; 0 for a day in time or not under way."""
    now, ahead = view.get("now_s"), [stop for stop in view["stops"] if stop["state"] == "planned"]
    if now is None or not ahead:
        return 0
    return max(0, int(now - ahead[0]["leave_s"]) // 60)


def moment(stamp: str | None, zone: str) -> str:
    """A stored moment by the scenario's clocks: `5 Oct 08:05`; an empty text for none."""
    if not stamp:
        return ""
    local = datetime.fromisoformat(stamp).astimezone(ZoneInfo(zone))
    return f"{local.day} {_MONTHS[local.month - 1][:3]} {local:%H:%M}"


def legs(view: View, numbers: Mapping[str, int]) -> list[dict[str, str]]:
    """The rest of the day in legs for a map app, named by the numbers that stops have on the page, and the way home."""
    driven = [stop["account"] for stop in view["stops"] if stop["state"] == "planned" and not stop["remote"]]
    found, k = [], 0
    for leg in view["navigate"]["legs"][:-1]:
        part = [numbers[account] for account in driven[k : k + STOPS_A_LEG]]
        k += len(part)
        found.append({"label": f"Stop {part[0]}" if len(part) == 1 else f"Stops {part[0]} to {part[-1]}", "url": leg["url"]})
    return [*found, *({"label": "Home", "url": leg["url"]} for leg in view["navigate"]["legs"][-1:])]


def sentence(text: str) -> str:
    """A text that begins as a sentence does."""
    return text[:1].upper() + text[1:]


__all__ = [
    "PLACES",
    "STATES",
    "clock",
    "count",
    "duration",
    "kilometres",
    "late_minutes",
    "legs",
    "long_day",
    "moment",
    "sentence",
    "short_day",
    "spans",
    "time_field",
]
