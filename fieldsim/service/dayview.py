"""What is shown of a day, as a frozen noun and as the JSON that pages and programs read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class StopView:
    """A stop as it is shown; times in seconds after midnight, None where the visit was not held."""

    account: str
    name: str
    address: str
    lat: float
    lon: float
    precision: str
    start_s: int | None
    arrive_s: int | None
    leave_s: int | None
    travel_s: int
    travel_m: int | None
    service_s: int
    opens: str
    opens_today: tuple[tuple[int, int], ...]
    priority: int
    tier: str
    reason: str
    state: str
    pinned: bool
    agreed: bool
    frozen: bool
    remote: bool
    last_visit: str | None
    next_step: str | None
    note: str | None
    link: str | None


@dataclass(frozen=True)
class DayView:
    """A day of a rep (the fields are those of the JSON answer)."""

    rep: str
    name: str
    date: str
    version: int
    timezone: str
    design: str
    status: str
    proof: str
    depart_s: int
    finish_s: int
    travel_s: int
    served: int
    now_s: int | None
    home: dict[str, float]
    lunch: dict[str, int] | None
    stops: tuple[StopView, ...]
    skipped: tuple[dict[str, Any], ...]
    line: tuple[tuple[float, float], ...]
    navigate: dict[str, Any]
    difference: dict[str, Any] | None
    can_undo: bool
    own_order: bool
    calendar: str | None

    def as_json(self) -> dict[str, Any]:
        """The view as JSON."""
        return {**vars(self), "stops": [dict(vars(stop)) for stop in self.stops]}


def read_view(fields: Mapping[str, Any]) -> DayView:
    """The view that `as_json` wrote."""
    stops = tuple(StopView(**{**stop, "opens_today": _pairs(stop["opens_today"])}) for stop in fields["stops"])
    return DayView(**{**fields, "stops": stops, "skipped": tuple(fields["skipped"]), "line": _pairs(fields["line"])})


def _pairs(rows: Any) -> tuple[Any, ...]:
    return tuple((a, b) for a, b in rows)


@dataclass(frozen=True)
class Past:
    """What is known of an account from earlier days."""

    last_visit: str | None = None
    next_step: str | None = None


OF_THE_MOMENT = ("now_s", "can_undo", "calendar")


def as_text(view: DayView) -> str:
    """The view as JSON text, without what depends on the moment and on who asks."""
    fields = {name: value for name, value in view.as_json().items() if name not in OF_THE_MOMENT}
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def completed(text: str, agreed: str, *, now_s: int | None, can_undo: bool, calendar: str | None, freeze_s: int) -> str:
    """A stored view as it is sent at this moment; `agreed` lists position and start of each agreed stop."""
    if now_s is not None and agreed != "[]":
        fields = json.loads(text)
        for number, start in json.loads(agreed):
            fields["stops"][number]["frozen"] = start <= now_s + freeze_s
        text = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
    moment = {"now_s": now_s, "can_undo": can_undo, "calendar": calendar}
    return json.dumps(moment, separators=(",", ":"))[:-1] + "," + text[1:]


def agreed_of(view: DayView) -> str:
    """Position and start of the stops with an agreed time, as JSON."""
    found = [[number, stop.start_s] for number, stop in enumerate(view.stops) if stop.agreed and stop.state == "planned"]
    return json.dumps(found)
