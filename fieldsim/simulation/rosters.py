"""Visit plans as arrays: who works which day, which stops in which order, and the legs between the places of a territory."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fieldsim.luck import keys_of
from fieldsim.model import Design, Ints, Scenario, TerritoryPlan, Travel, VisitPlan
from fieldsim.planning import joint_visits
from fieldsim.simulation.books import area_keys, area_names, area_of
from fieldsim.simulation.calendar import doors
from fieldsim.simulation.nouns import DAYS, GROUND, MINUTES, REPS, STOPS, WALK, Field, Int32s, Records


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


def field_of(
    scenario: Scenario, design: Design, plans: Sequence[VisitPlan], travel: Travel, books: Sequence[Ints], book: Records
) -> Field:
    """Rep-days in order of date and territory, with the stops of each in order of route; the log's buffers are empty.

    `books` are the accounts that each territory may ever have, `book` what kernels know of them.
    """
    found = sorted((day for plan in plans for day in _days(scenario, plan)), key=lambda day: (day.day, day.territory))
    horizon = (scenario.quarter(len(plans) - 1)[1] - scenario.start).days + 1
    ground, legs, periods = _legs(scenario, design, travel, books)
    joint = {
        (plan.quarter, visit.account, visit.ordinal): visit.rep
        for plan in plans
        for visit in joint_visits(scenario, design, travel, plan)
        if not visit.clash
    }
    days, stops = _rows(found, book, scenario, design, books, joint)
    places = _joined(books)
    rows = np.full((len(design.territories), horizon), -1, dtype=np.int32)
    for row, day in enumerate(found):
        rows[day.territory, day.day] = row
    days["after"][:-1] = [_after(rows[day.territory], day.day) for day in found]
    return Field(
        day_from=np.searchsorted(np.array([day.day for day in found], dtype=np.int64), np.arange(horizon + 1)).astype(np.int64),
        days=days,
        stops=stops,
        chain=_chain(days, stops),
        stops_of=np.argsort(stops["account"], kind="stable").astype(np.int64),
        row_of=rows,
        ground=ground,
        places=places,
        legs=legs,
        ways=_ways(days, stops, ground, legs),
        homeward=_homeward(ground, legs),
        fates=np.zeros((4, 0)),
        entities=book["key"][:-1].copy(),
        visitors=book["key"][stops["account"]],
        indices=stops["index"].copy(),
        period_from_s=periods,
        windows=doors(scenario, horizon),
        areas=area_keys(scenario),
        weather=np.zeros(0),
        visits=np.zeros((12, 0), dtype=np.int64),
        minutes=np.zeros(0, dtype=MINUTES),
        walks=np.zeros(0, dtype=WALK),
        scratch=np.zeros((0, 0), dtype=np.int64),
        slack=np.zeros((0, 0, 3)),
    )


def _rows(
    found: Sequence[_Day],
    book: Records,
    scenario: Scenario,
    design: Design,
    books: Sequence[Ints],
    joint: dict[tuple[int, int, int], int],
) -> tuple[Records, Records]:
    """Rep-days and stops as records; `joint` names the specialist of a quarter's, an account's visit."""
    days = np.zeros(len(found) + 1, dtype=DAYS)
    days["stop_from"] = np.concatenate([[0], np.cumsum([len(day.stops) for day in found])])
    for name in ("rep", "territory", "depart_s", "lunch_s"):
        days[name][:-1] = [getattr(day, name) for day in found]
    stops = np.zeros(int(days["stop_from"][-1]), dtype=STOPS)
    for name in ("account", "start_s", "remote"):
        stops[name] = _joined([getattr(day.plan, name)[day.stops] for day in found])
    stops["index"] = _joined([1024 * day.quarter + day.plan.ordinal[day.stops] for day in found])
    stops["row"] = np.repeat(np.arange(len(found)), np.diff(days["stop_from"]))
    stops["day"] = np.repeat(np.array([day.day for day in found], dtype=np.int64), np.diff(days["stop_from"]))
    mine = book[stops["account"]]
    for name, column in {"place": "local", "hours": "hours", "area": "area", "service_s": "service_s"}.items():
        stops[name] = mine[column]
    stops["priority"] = scenario.accounts.priority[stops["account"]]
    territory = days["territory"][stops["row"]]
    stops["guest"] = design.territory_of[stops["account"]] != territory
    for j in np.flatnonzero(stops["guest"]).tolist():
        stops["place"][j] = np.flatnonzero(books[territory[j]] == stops["account"][j])[0]
    stops["joint"] = -1
    for j in np.flatnonzero(np.isin(stops["account"], sorted({account for _, account, _ in joint}))).tolist():
        quarter, ordinal = divmod(int(stops["index"][j]), 1024)
        if (visit := (quarter, int(stops["account"][j]), ordinal)) in joint:
            stops["joint"][j] = joint[visit]
            days["joint"][stops["row"][j]] = 1
    return days, stops


def _ways(days: Records, stops: Records, ground: Records, legs: Int32s) -> Int32s:
    """Planned ways to each stop, as in `legs`; notes where each starts."""
    territory, size = days["territory"], ground["leg_size"]
    first = np.zeros(len(stops), dtype=np.bool_)
    first[days["stop_from"][:-1][np.diff(days["stop_from"]) > 0]] = True
    last_met = np.maximum.accumulate(np.where((stops["remote"] == 0) | first, np.arange(len(stops)), 0))
    home = size[territory] - 1
    place = np.where(first & (stops["remote"] == 1), home[stops["row"]], stops["place"])[last_met]
    before = np.concatenate([[0], place[:-1]]) if len(stops) else place
    stops["before"] = np.where(first, home[stops["row"]], before)
    mine = territory[stops["row"]]
    to = ground["leg_from"][mine] + stops["before"] * size[mine] + stops["place"]
    return np.ascontiguousarray(legs[to])


def _homeward(ground: Records, legs: Int32s) -> Int32s:
    """The ways home from each place, as in `legs`."""
    homeward = np.zeros((ground[-1]["book_from"], legs.shape[1]), dtype=np.int32)
    for start, after in itertools.pairwise(ground):
        size = start["leg_size"]
        if size:  # else nobody sits there
            square = legs[start["leg_from"] : after["leg_from"]].reshape(size, size, -1)
            homeward[start["book_from"] : after["book_from"]] = square[:-1, -1]
    return homeward


def _after(rows: Int32s, day: int) -> int:
    """The rep-day of a territory after a day, -1 if none."""
    later = rows[day + 1 :]
    later = later[later >= 0]
    return int(later[0]) if len(later) else -1


def _chain(days: Records, stops: Records) -> Ints:
    """Stops of each rep-day as planned."""
    count, n = len(days) - 1, len(stops)
    first = np.where(np.diff(days["stop_from"]) > 0, days["stop_from"][:-1], -1)
    after = np.arange(1, n + 1)
    after[days["stop_from"][1:][np.diff(days["stop_from"]) > 0] - 1] = -1
    return np.concatenate([first[:count], after, stops["row"]]).astype(np.int64)


def reps_of(scenario: Scenario) -> Records:
    """The reps; skill and free time are those of a replication. `left` until the first day of who starts later."""
    reps = np.zeros(len(scenario.reps), dtype=REPS)
    places = {name: code for code, name in enumerate(area_names(scenario))}
    reps["key"] = keys_of(rep.id for rep in scenario.reps)
    reps["area"] = [places[area_of(rep.lat, rep.lon)] for rep in scenario.reps]
    reps["hired"] = [float((rep.start - scenario.start).days) if rep.start else -np.inf for rep in scenario.reps]
    reps["left"] = reps["hired"] > 0.0
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
            square = np.stack([*found.seconds, found.metres], axis=-1, dtype=np.int32, casting="unsafe")
            legs.append(square.reshape(-1, len(periods) + 1))
    empty = np.zeros((0, len(periods) + 1), dtype=np.int32)
    return ground, np.concatenate([empty, *legs]), np.array(periods, dtype=np.int64)
