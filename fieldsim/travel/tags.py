"""What OSM tags say to a driver: may I, which way, how fast."""

from __future__ import annotations

import re
from collections.abc import Mapping

from fieldsim.travel.build import USUAL_KMH

Tags = Mapping[str, str]

_ROADS = frozenset(name for name in USUAL_KMH if name not in ("service", "other", "ferry"))
DRIVEN = _ROADS | {f"{name}_link" for name in ("motorway", "trunk", "primary", "secondary", "tertiary")} | {"road"}
"""Values of `highway` that a car drives on; service roads, tracks and paths are left out, as in OSMnx's network "drive"."""
_CLOSED = frozenset(("no", "private"))
_FORTH, _BACK = frozenset(("yes", "true", "1")), frozenset(("-1", "reverse"))
_KMH_OF_WORD = {
    "none": 130.0,
    "walk": 6.0,
    "urban": 50.0,
    "rural": 90.0,
    "trunk": 100.0,
    "motorway": 120.0,
    "living_street": 15.0,
}
"""Speeds of words in `maxspeed` (none, walk, PT:urban, ...): typical limits, as countries differ."""
_MPH = 1.609344
_FASTEST = 160.0


def drivable(tags: Tags) -> bool:
    """Whether a private car may use the way."""
    if tags.get("highway", "").partition(";")[0] not in DRIVEN or tags.get("area") == "yes":
        return False
    return _open_to_cars(tags)


def ferry(tags: Tags) -> bool:
    """Whether the way is a ferry that takes cars."""
    return tags.get("route") == "ferry" and "highway" not in tags and _open_to_cars(tags)


def _open_to_cars(tags: Tags) -> bool:
    """The most particular tag decides: motorcar, then motor_vehicle, then vehicle, then access."""
    for name in ("motorcar", "motor_vehicle", "vehicle", "access"):
        if name in tags:
            return tags[name] not in _CLOSED
    return True


def directions(tags: Tags) -> tuple[bool, bool]:
    """Whether the way is open along its points and against them."""
    oneway = tags.get("oneway")
    if oneway in _BACK:
        return False, True
    implied = tags.get("junction") in ("roundabout", "circular") or tags.get("highway") == "motorway"
    one = oneway in _FORTH or (implied and oneway != "no")
    return True, not one


def speeds(tags: Tags) -> tuple[float, float]:
    """Posted speed in km/h along the way's points and against them, NaN where none is posted."""
    both = kmh_of(tags.get("maxspeed"))
    forth, back = (kmh_of(tags.get(f"maxspeed:{way}")) for way in ("forward", "backward"))
    return (forth if forth == forth else both), (back if back == back else both)


def kmh_of(text: str | None) -> float:
    """A `maxspeed` value in km/h: "50", "30 mph", "PT:urban", "50;30" (the mean); NaN where it says nothing usable."""
    if not text:
        return float("nan")
    found = [speed for part in re.split(r"[;|,]", text) if (speed := _one_speed(part)) == speed]
    return sum(found) / len(found) if found else float("nan")


def _one_speed(part: str) -> float:
    word = part.strip().rpartition(":")[2].lower()
    if word in _KMH_OF_WORD:
        return _KMH_OF_WORD[word]
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(mph|km/?h|kmh|kph)?", word)
    if not match:
        return float("nan")
    kmh = float(match[1]) * (_MPH if match[2] == "mph" else 1.0)
    return kmh if 0.0 < kmh <= _FASTEST else float("nan")


def duration_s(text: str | None) -> float:
    """A ferry's `duration` ("01:30", "1:30:00", "45", "PT1H30M") in seconds, NaN where it says nothing usable."""
    clock = re.fullmatch(r"(?:(\d+):)?(\d+)(?::(\d+))?", (text or "").strip())
    if clock:
        return 3600.0 * int(clock[1] or 0) + 60.0 * int(clock[2]) + int(clock[3] or 0)
    iso = re.fullmatch(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?", (text or "").strip())
    if iso and any(iso.groups()):
        return 3600.0 * int(iso[1] or 0) + 60.0 * int(iso[2] or 0) + int(iso[3] or 0)
    return float("nan")
