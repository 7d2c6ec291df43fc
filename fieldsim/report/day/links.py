"""Map-app links for a day: to the next stop, the rest of the day in legs a phone accepts, and home."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from fieldsim.model import Stop
from fieldsim.report.day.noun import Place, RepDay
from fieldsim.report.words import clock

STOPS_A_LEG = 4
"""Google Maps takes 3 waypoints and a destination on a phone and drops what is beyond without a word."""


@dataclass(frozen=True)
class Link:
    """A link with the words that stand before it."""

    label: str
    url: str


def map_links(day: RepDay) -> list[Link]:
    """The links of a day; all start where the phone is, so none names an origin. No stop with a place: no link."""
    stops = day.on_the_road()
    if not stops:
        return []
    first = f"next stop, {clock(stops[0].start_s)} {day.name(stops[0].id)}"
    links = [Link(first, google([_place(day, stops[0])])), Link(f"{first} (Apple Maps)", apple(_place(day, stops[0])))]
    for k in range(0, len(stops), STOPS_A_LEG):
        leg = stops[k : k + STOPS_A_LEG]
        span = f"stop {k + 1}" if len(leg) == 1 else f"stops {k + 1} to {k + len(leg)}"
        links.append(Link(f"{span} of {len(stops)}", google([_place(day, stop) for stop in leg])))
    return [*links, Link(f"to the end of the day, by {clock(day.route.finish_s)}", google([day.place(day.problem.end)]))]


def google(places: Sequence[Place]) -> str:
    """A Google Maps directions link (Maps URLs, `api=1`) over the places; the last one is the destination."""
    query = {"api": "1", "destination": _text(places[-1])}
    if len(places) > 1:
        query["waypoints"] = "|".join(_text(place) for place in places[:-1])
    return f"https://www.google.com/maps/dir/?{urlencode({**query, 'travelmode': 'driving'})}"


def apple(place: Place) -> str:
    """An Apple Maps directions link to one place."""
    return f"https://maps.apple.com/?{urlencode({'daddr': _text(place), 'dirflg': 'd'})}"


def day_links(day: RepDay) -> str:
    """The links as text, a line of words and a line of link each."""
    links = map_links(day)
    return "".join(f"{link.label}\n{link.url}\n" for link in links) or "no stop to drive to\n"


def _place(day: RepDay, stop: Stop) -> Place:
    assert stop.at is not None
    return day.place(stop.at)


def _text(place: Place) -> str:
    return f"{place[0]:.6f},{place[1]:.6f}"
