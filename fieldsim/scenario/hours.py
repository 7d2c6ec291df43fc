"""Opening-hours text (OSM's syntax) -> the times of a day at which a visit may start.

A visit of `service_s` starts inside an opening and ends before it closes: the window is the opening less the visit's length.
An opening too short for the visit keeps its whole length (a visit that overruns it is better than none). "" is open all day,
`unknown` counts as closed, and an opening past midnight counts on both days.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from fieldsim.errors import DataError
from fieldsim.model import Window

if TYPE_CHECKING:
    from opening_hours import OpeningHours

DAY_S = 86_400


def windows(opens: str, day: date, country: str, service_s: int = 0) -> tuple[Window, ...]:
    """Times at which a visit of `service_s` may start on `day`, seconds after midnight, ascending; empty means closed.

    `country` (ISO 3166) decides which days `PH` stands for. Unreadable text is a DataError.
    """
    if not opens:
        return ((0, DAY_S),)
    return tuple(
        (opening, min(DAY_S, closing - service_s if closing - opening >= service_s else closing))
        for opening, closing in _openings(opens, day, country)
    )


def check_text(opens: str, country: str) -> DataError | None:
    """What is wrong with an opening-hours text, None if it is readable."""
    try:
        _parse(opens, country)
    except DataError as error:
        return error
    return None


@lru_cache(maxsize=1 << 18)
def _openings(opens: str, day: date, country: str) -> tuple[Window, ...]:
    """Openings that touch `day`, from its midnight; one that goes on past the next midnight ends above DAY_S."""
    start = datetime.combine(day, time())
    merged: list[Window] = []
    for begin, end, state, _ in _parse(opens, country).intervals(start, start + timedelta(days=2)):
        opening, closing = (int((moment.replace(tzinfo=None) - start).total_seconds()) for moment in (begin, end))
        if str(state) != "open":
            continue
        if merged and merged[-1][1] == opening:
            merged[-1] = (merged[-1][0], closing)
        elif opening < DAY_S:
            merged.append((opening, closing))
    return tuple(merged)


@lru_cache(maxsize=1 << 14)
def _parse(opens: str, country: str) -> OpeningHours:
    from opening_hours import (  # type: ignore[attr-defined]
        OpeningHours,
        ParserError,
        UnknownCountryError,
    )

    try:
        try:
            return OpeningHours(opens, country=country or None)
        except UnknownCountryError:  # no calendar for it: PH never matches, and no working day is a public holiday
            return OpeningHours(opens)
    except ParserError as error:
        hint = "write OSM opening hours such as 'Mo-Fr 09:00-12:30,14:00-17:30'"
        raise DataError(f"'{opens}' is not readable as opening hours", column="opens", hint=hint) from error
