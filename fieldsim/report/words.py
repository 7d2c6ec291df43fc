"""Figures as people write them: clock times, durations, money, shares and signed changes."""

from __future__ import annotations

import math
from datetime import date

from rich.console import Console, RenderableType

FIXED = "\u00a0"
"""A space at which no line breaks: between thousands, and before a unit."""
MINUS = "−"
"""A real minus sign, so that a lone hyphen never opens a figure."""


def clean(text: str) -> str:
    """A user's text on one line, without the control characters that break XML, calendars and terminals."""
    shown = "".join(letter if letter.isprintable() or letter in _FIXED_SPACES else " " for letter in text)
    return " ".join(part for part in shown.split(" ") if part)


def clock(seconds: int) -> str:
    """A time of day as HH:MM, rounded up to the minute, so that nobody is told to be somewhere too early."""
    minutes = -(-seconds // 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def duration(seconds: float) -> str:
    """A length of time as `45 min` or `2 h 05`."""
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d}"


def long_date(day: date) -> str:
    """A date with its weekday, in English whatever the machine's locale: `Mon 5 Oct 2026`."""
    return f"{_WEEKDAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


def figure(value: float | None, unit: str, *, signed: bool = False) -> str:
    """A KPI's value in its unit; `-` where there is none. Shares become per cent, their changes percentage points."""
    if value is None or not math.isfinite(value):
        return "-"
    scaled, places, suffix = _scale(float(value), unit, signed=signed)
    text = f"{abs(scaled):,.{places}f}"
    nothing = float(text.replace(",", "")) == 0.0
    sign = "" if nothing else MINUS if scaled < 0 else "+" if signed else ""
    return f"{sign}{text}{suffix}".replace(",", FIXED).replace(" ", FIXED)


def plain(renderable: RenderableType, width: int = 80) -> str:
    """A rich renderable as text without colour, `width` columns wide."""
    console = Console(width=width, color_system=None, force_terminal=False, legacy_windows=False, record=False, emoji=False)
    with console.capture() as capture:
        console.print(renderable)
    return "\n".join(line.rstrip() for line in capture.get().splitlines()) + "\n"


def _scale(value: float, unit: str, *, signed: bool) -> tuple[float, int, str]:
    if unit == "share":
        return 100.0 * value, 1, " pts" if signed else " %"
    if unit == "ratio":
        return value, 2, ""
    if unit in _MULTIPLES:
        scaled = value / _MULTIPLES[unit]
        return scaled, 0 if abs(scaled) >= 100 else 1, ""
    return value, 0 if abs(value) >= 100 or value.is_integer() else 1, " h" if unit == "h" else ""


_FIXED_SPACES = ("\u00a0", "\u202f")
_MULTIPLES = {"thousand": 1e3, "million": 1e6}
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
