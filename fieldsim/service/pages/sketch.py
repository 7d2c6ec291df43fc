"""The small map of a day: its way and its numbered stops as points of a drawing, no tiles and no script."""

from __future__ import annotations

import math
from dataclasses import dataclass

from fieldsim.service.pages.words import View

WIDTH, LOW, HIGH, MARGIN = 360, 210, 300, 26
"""Units; the height follows the shape of the day."""
APART = 21.0
"""Least distance between two numbers, so that each can be read."""
ROUNDS = 60
Point = tuple[float, float]
_STEPS_M = (100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000)


@dataclass(frozen=True)
class Mark:
    """A numbered stop: where its place is and where its number stands, a little aside where the place is crowded."""

    number: int
    account: str
    state: str
    place: tuple[float, float]
    label: tuple[float, float]


@dataclass(frozen=True)
class Sketch:
    """A drawing of `width` by `height` units."""

    way: str
    marks: tuple[Mark, ...]
    home: tuple[float, float]
    bar: tuple[float, str]
    """Length and words of the scale bar."""
    bar_x: float
    """Where it begins: in the lower corner that no number is in."""
    height: int
    width: int = WIDTH


def sketch(view: View) -> Sketch | None:
    """The drawing of a day, None where no stop has a place."""
    stops = [(k, stop) for k, stop in enumerate(view["stops"], 1) if not stop["remote"] and stop["lat"] is not None]
    if not stops:
        return None
    home, line = (view["home"]["lat"], view["home"]["lon"]), [(corner[0], corner[1]) for corner in view["line"]]
    places = [(stop["lat"], stop["lon"]) for _, stop in stops]
    paper = _paper([home, *places, *line])
    points, house = [paper.put(place) for place in places], paper.put(home)
    marks = tuple(
        Mark(number, stop["account"], stop["state"], point, label)
        for (number, stop), point, label in zip(stops, points, _apart(points, house, paper.height), strict=True)
    )
    way = " ".join("{:.0f},{:.0f}".format(*paper.put(corner)) for corner in line)
    bar = paper.bar()
    crowded = any(x < bar[0] + 62 and y > paper.height - 36 for x, y in (house, *(mark.label for mark in marks)))
    return Sketch(way, marks, house, bar, WIDTH - bar[0] - 48.0 if crowded else 14.0, paper.height)


@dataclass(frozen=True)
class Paper:
    """How degrees become units: true proportions around the middle of what is drawn."""

    middle: Point
    """Metres."""
    latitude: float
    scale: float
    """Units a metre."""
    height: int

    def put(self, place: Point) -> Point:
        """Latitude and longitude as x and y."""
        x, y = _flat(place, self.latitude)
        return round(WIDTH / 2 + (x - self.middle[0]) * self.scale, 1), round(
            self.height / 2 + (y - self.middle[1]) * self.scale, 1
        )

    def bar(self) -> tuple[float, str]:
        """The longest round distance that takes at most a quarter of the width, and its words."""
        metres = max([step for step in _STEPS_M if step * self.scale <= WIDTH / 4] or [_STEPS_M[0]])
        return round(metres * self.scale, 1), f"{metres} m" if metres < 1000 else f"{metres // 1000} km"


def _flat(place: Point, latitude: float) -> Point:
    """Degrees to metres on a plane that is true near a latitude; south is down."""
    return 111_195.0 * place[1] * math.cos(math.radians(latitude)), -111_195.0 * place[0]


def _paper(places: list[Point]) -> Paper:
    latitude = sum(lat for lat, _ in places) / len(places)
    xs, ys = zip(*(_flat(place, latitude) for place in places), strict=True)
    across, down = max(max(xs) - min(xs), 400.0), max(max(ys) - min(ys), 400.0)
    height = round(min(max(WIDTH * down / across, LOW), HIGH))
    scale = min((WIDTH - 2 * MARGIN) / across, (height - 2 * MARGIN) / down)
    return Paper(((max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2), latitude, scale, height)


def _apart(points: list[Point], home: Point, height: int) -> list[Point]:
    """The numbers pushed off one another and off the home, a little at a time; the same points give the same labels."""
    labels = [[x + 0.01 * k, y - 0.01 * k] for k, (x, y) in enumerate(points)]
    for _ in range(ROUNDS):
        for k, one in enumerate(labels):
            for other in [*labels[k + 1 :], [*home]]:
                dx, dy = one[0] - other[0], one[1] - other[1]
                far = math.hypot(dx, dy) or 1e-6
                push = max(0.0, APART - far) / 2 / far
                one[0], one[1], other[0], other[1] = (
                    one[0] + dx * push,
                    one[1] + dy * push,
                    other[0] - dx * push,
                    other[1] - dy * push,
                )
        for label in labels:
            label[0] = min(max(label[0], 14.0), WIDTH - 14.0)
            label[1] = min(max(label[1], 14.0), height - 14.0)
    return [(round(x, 1), round(y, 1)) for x, y in labels]
