"""Visit plans as arrays: who works which day, which stops in which order, and the legs between the places of a territory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fieldsim.luck import keys_of
from fieldsim.model import Design, Ints, Scenario, TerritoryPlan, Travel, VisitPlan
from fieldsim.simulation.books import area_of
from fieldsim.simulation.calendar import doors
from fieldsim.simulation.nouns import DAYS, GROUND, REPS, STOPS, Field, Int32s, Records


class _Day(NamedTuple):
    """A rep-day before it becomes a row."""

    day: int
    territory: int
    rep: int
    depart_s: int
    lunch_s: int
    stops: Ints
    quarter: int
    plan: TerritoryPlan


def field_of(scenario: Scenario, design: Design, plans: Sequence[VisitPlan], travel: Travel, takers: Ints) -> Field:
    """Rep-days in order of date and territory, with the stops of each in order of route; the log's buffers are empty."""
    found = sorted((day for plan in plans for day in _days(scenario, plan)), key=lambda day: (day.day, day.territory))
    horizon = (scenario.quarter(len(plans) - 1)[1] - scenario.start).days + 1
    books = [_places(design, takers, territory) for territory in range(len(design.territories))]
    ground, legs, periods = _legs(scenario, design, travel, books)
    days = np.zeros(len(found) + 1, dtype=DAYS)
    days["stop_from"] = np.concatenate([[0], np.cumsum([len(day.stops) for day in found])])
    for name in ("rep", "territory", "depart_s", "lunch_s"):
        days[name][:-1] = [getattr(day, name) for day in found]
    stops = np.zeros(int(days["stop_from"][-1]), dtype=STOPS)
    for name in ("account", "start_s", "remote"):
        stops[name] = _joined([getattr(day.plan, name)[day.stops] for day in found])
    stops["index"] = _joined([1024 * day.quarter + day.plan.ordinal[day.stops] for day in found])
    dates = np.array([day.day for day in found], dtype=np.int64)
    return Field(
        day_from=np.searchsorted(dates, np.arange(horizon + 1)).astype(np.int64),
        days=days,
        stops=stops,
        ground=ground,
        places=_joined(books),
        legs=legs,
        period_from_s=periods,
        windows=doors(scenario, horizon),
        visits=np.zeros((0, 12), dtype=np.int64),
        minutes=np.zeros((0, 10)),
        scratch=np.zeros(0, dtype=np.int64),
    )


def reps_of(scenario: Scenario) -> Records:
    """The reps; skill and free time are those of a replication."""
    reps = np.zeros(len(scenario.reps), dtype=REPS)
    reps["key"] = keys_of(rep.id for rep in scenario.reps)
    reps["area"] = keys_of(area_of(rep.lat, rep.lon) for rep in scenario.reps)
    reps["hired"] = [float((rep.start - scenario.start).days) if rep.start else -np.inf for rep in scenario.reps]
    reps["shift_start_s"] = [rep.shift_start_s for rep in scenario.reps]
    reps["shift_end_s"] = [rep.day_end_s for rep in scenario.reps]
    reps["admin_s"] = [60.0 * scenario.day.admin_minutes * min(1.0, rep.capacity) for rep in scenario.reps]
    return reps


def _joined(parts: Sequence[npt.NDArray[np.generic]]) -> Ints:
    return np.concatenate([np.zeros(0, dtype=np.int64), *parts]).astype(np.int64)


def _days(scenario: Scenario, plan: VisitPlan) -> Iterator[_Day]:
    """The rep-days of a plan; a vacant seat has none."""
    offset = [(day - scenario.start).days for day in plan.days]
    for territory, rows in enumerate(plan.territories):
        if rows.rep < 0:
            continue
        first = np.searchsorted(rows.day, rows.work_day)
        last = np.searchsorted(rows.day, rows.work_day, side="right")
        for k, day in enumerate(rows.work_day.tolist()):
            stops = np.arange(first[k], last[k], dtype=np.int64)
            depart, lunch = int(rows.depart_s[k]), int(rows.lunch_s[k])
            if depart < 0:
                depart = scenario.reps[rows.rep].shift_start_s
            yield _Day(offset[day], territory, rows.rep, depart, lunch, stops, plan.quarter, rows)


def _places(design: Design, takers: Ints, territory: int) -> Ints:
    """The accounts of a territory, then those it may take over."""
    return np.concatenate([design.book(territory), np.flatnonzero(takers == territory)]).astype(np.int64)


def _legs(scenario: Scenario, design: Design, travel: Travel, books: Sequence[Ints]) -> tuple[Records, Int32s, Ints]:
    """Legs between the places of each territory and its rep's home (the last place), one territory after another."""
    ground = np.zeros(len(design.territories) + 1, dtype=GROUND)
    legs = []
    periods: tuple[int, ...] = (0,)
    for territory, rep in enumerate(design.rep_of.tolist()):
        book = books[territory].tolist()
        points = [*book, scenario.home(rep)] if rep >= 0 else []
        ground[territory + 1] = (ground[territory]["book_from"] + len(book), ground[territory]["leg_from"] + len(points) ** 2, 0)
        ground[territory]["leg_size"] = len(points)
        if points:
            found = travel.matrix(points)
            periods = found.from_s
            legs.append(np.concatenate([found.seconds, found.metres[None]]).reshape(len(periods) + 1, -1))
    return (
        ground,
        np.ascontiguousarray(np.concatenate([np.zeros((len(periods) + 1, 0)), *legs], axis=1), dtype=np.int32),
        np.array(periods, dtype=np.int64),
    )
