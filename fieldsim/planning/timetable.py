"""Times of a day whose order is fixed: earliest starts, the break where it delays least, leaving home as late as possible."""

from __future__ import annotations

from dataclasses import dataclass

from fieldsim.model import Lunch, Window


@dataclass(frozen=True)
class Stopover:
    """A visit in a fixed order: travel to it, its length, and when it may start."""

    travel_s: int
    service_s: int
    windows: tuple[Window, ...]


@dataclass(frozen=True)
class Timetable:
    """Starts of the visits, leaving home, being back, and the start of the break (-1: none)."""

    start_s: tuple[int, ...]
    depart_s: int
    finish_s: int
    lunch_s: int


def timetable(stops: list[Stopover], home_s: int, shift: Window, lunch: Lunch | None) -> Timetable | None:
    """The times of a day; None if windows, break or shift do not allow this order. `home_s` is the way back."""
    legs = range(len(stops) + 1) if lunch else range(0)
    plain = _walk(stops, home_s, shift[0], lunch, None)
    found = [plain] if plain and (lunch is None or plain.finish_s <= lunch.latest_s) else []
    found += [day for day in (_walk(stops, home_s, shift[0], lunch, leg) for leg in legs) if day]
    inside = [day for day in found if day.finish_s <= shift[1]]
    return _leave_late(stops, min(inside, key=lambda day: (day.finish_s, day.lunch_s)), lunch) if inside else None


def _walk(stops: list[Stopover], home_s: int, clock: int, lunch: Lunch | None, leg: int | None) -> Timetable | None:
    """Earliest times with the break on the given leg."""
    starts, pause = [], -1
    for k in range(len(stops) + 1):
        way = stops[k].travel_s if k < len(stops) else home_s
        if lunch is not None and k == leg:
            pause = max(clock, lunch.earliest_s)
            if pause > lunch.latest_s:
                return None
            clock = max(clock + way, lunch.earliest_s) + lunch.duration_s
        else:
            clock += way
        if k < len(stops):
            start = _door(stops[k].windows, clock)
            if start is None:
                return None
            starts.append(start)
            clock = start + stops[k].service_s
    return Timetable(tuple(starts), 0, clock, pause)


def _door(windows: tuple[Window, ...], arrive: int) -> int | None:
    """First moment from `arrive` on at which a visit may start."""
    return next((max(arrive, first) for first, last in windows if arrive <= last), None)


def _leave_late(stops: list[Stopover], day: Timetable, lunch: Lunch | None) -> Timetable:
    """Leave home so that the first visit starts on arrival, break on the way included."""
    if not stops:
        return day
    depart = day.start_s[0] - stops[0].travel_s
    if lunch is None or not 0 <= day.lunch_s < day.start_s[0]:
        return Timetable(day.start_s, depart, day.finish_s, day.lunch_s)
    if depart >= lunch.latest_s:  # who sets out that late has had the break at home
        return Timetable(day.start_s, depart, day.finish_s, -1)
    depart -= lunch.duration_s
    pause = min(max(depart, lunch.earliest_s), lunch.latest_s)
    return Timetable(day.start_s, depart, day.finish_s, pause)
