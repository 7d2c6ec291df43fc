"""Specialists as shared resources on SimPy's clock: a joint visit needs both calendars, and reps queue for a specialist."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import simpy

from fieldsim.model import Ints, Scenario, Travel
from fieldsim.simulation.nouns import Records

DAY_S = 86_400.0
Events = Generator[simpy.Event, Any, Any]


class Calendar(NamedTuple):
    """A specialist who joins visits: places (accounts, then home) and ways between them."""

    rep: int
    place: dict[int, int]
    seconds: Ints
    metres: Ints
    lunch_s: float


def calendars_of(scenario: Scenario, stops: Records, travel: Travel) -> tuple[Calendar, ...]:
    """One for each specialist who joins a planned visit, in order of rep."""
    found = []
    for rep in np.unique(stops["joint"][stops["joint"] >= 0]).tolist():
        accounts = np.unique(stops["account"][stops["joint"] == rep]).tolist()
        matrix = travel.matrix([*accounts, scenario.home(rep)])
        seconds = np.ceil(matrix.seconds.mean(axis=0)).astype(np.int64)
        place = {account: k for k, account in enumerate(accounts)}
        found.append(
            Calendar(rep, place, seconds, matrix.metres, float(scenario.day.lunch.duration_s if scenario.day.lunch else 0))
        )
    return tuple(found)


@dataclass(eq=False)
class Desk:
    """A specialist under way: who asks first is served first. `spent` is today's travel and meetings, seconds, and metres.

    `free` is the day and the second at which the last visit ended: from then on they are on their way to the next.
    """

    resource: simpy.Resource
    calendar: Calendar | None = None
    here: int = -1
    free: tuple[int, float] = (-1, 0.0)
    spent: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])


def join(env: simpy.Environment, desk: Desk, deadline: float, way: Callable[[], float]) -> Events:
    """Wait for the specialist's promise to come; returns the request if they can be there by the deadline, else None.

    When they are free they still need `way()` (days, like all times here). The caller gives the request back when the
    visit is over.
    """
    request = desk.resource.request()
    answer = yield request | env.timeout(max(0.0, deadline - env.now))
    if request in answer and env.now + way() <= deadline:
        return request
    if request in answer:
        desk.resource.release(request)
    else:
        request.cancel()
    return None


def hold(env: simpy.Environment, desk: Desk, request: Any, until: float) -> Events:
    """The specialist is with the customer until then."""
    yield env.timeout(max(0.0, until - env.now))
    desk.resource.release(request)


def way_s(desk: Desk, place: int) -> float:
    """Seconds from where the specialist is to a place."""
    assert desk.calendar is not None
    return float(desk.calendar.seconds[desk.here, place])


def left_s(desk: Desk, place: int, day: int, now_s: float) -> float:
    """Seconds until the specialist can be at a place: they set out when the visit before was over, for a day's first in time."""
    on, since_s = desk.free
    return max(0.0, since_s + way_s(desk, place) - now_s) if on == day else 0.0


def go_along(desk: Desk, place: int, length: float) -> None:
    """The specialist goes to a place and spends `length` seconds with the customer there."""
    assert desk.calendar is not None
    for k, more in enumerate((way_s(desk, place), length, float(desk.calendar.metres[desk.here, place]))):
        desk.spent[k] += more
    desk.here = place


def day_of(desk: Desk, rep: Any, day: int) -> tuple[float, ...]:
    """The specialist's day as a row of minutes, the way home included; the desk is ready for the next day."""
    assert desk.calendar is not None
    home = len(desk.calendar.seconds) - 1
    travel, visit, metres = desk.spent
    travel += float(desk.calendar.seconds[desk.here, home])
    metres += float(desk.calendar.metres[desk.here, home])
    desk.here, desk.spent = home, [0.0, 0.0, 0.0]
    shift = rep["shift_end_s"] - rep["shift_start_s"]
    left = shift - travel - visit - rep["admin_s"] - desk.calendar.lunch_s
    spent = (travel, 0.0, visit, desk.calendar.lunch_s, rep["admin_s"], max(0.0, left), max(0.0, -left))
    return (float(desk.calendar.rep), float(day), *(seconds / 60.0 for seconds in spent), metres)
