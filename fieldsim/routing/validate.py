"""What makes a day problem unusable, named."""

from __future__ import annotations

import itertools

import numpy as np

from fieldsim.errors import DataError
from fieldsim.model import DayProblem

DAY_S = 86_400
MOST_VISITS = 200
MOST_PRIORITY = 1_000_000


def check_problem(problem: DayProblem) -> None:
    """Raise a DataError that names the first thing that makes the problem unusable."""
    seconds = problem.travel.seconds
    if seconds.ndim != 3 or seconds.shape[1] != seconds.shape[2]:
        raise DataError(f"the travel matrix is not square: {seconds.shape}", column="travel_s")
    if seconds.size and int(seconds.min()) < 0:
        period, i, j = (int(k) for k in np.argwhere(seconds < 0)[0])
        raise DataError(f"travel from {i} to {j} is negative: {int(seconds[period, i, j])}", column="travel_s")
    _check_hours(problem)
    places = seconds.shape[1]
    _place(problem.start, places, "start")
    _place(problem.end, places, "end")
    if problem.now:
        _place(problem.now.at, places, "now.at")
        _time(problem.now.time_s, "now.time_s")
    _check_visits(problem, places)


def _check_hours(problem: DayProblem) -> None:
    from_s = problem.travel.from_s
    if len(from_s) != problem.travel.seconds.shape[0]:
        raise DataError(
            f"{problem.travel.seconds.shape[0]} matrices, but {len(from_s)} hours from which they hold", column="from_s"
        )
    if from_s[0] != 0 or any(a >= b for a, b in itertools.pairwise(from_s)):
        raise DataError("from_s must begin with 0 and rise", column="from_s")
    begin, end = problem.shift
    _time(begin, "shift")
    _time(end, "shift")
    if begin >= end:
        raise DataError(f"the shift ends ({end}) before it begins ({begin})", column="shift")
    lunch = problem.lunch
    if lunch is None:
        return
    _time(lunch.earliest_s, "lunch.earliest")
    _time(lunch.latest_s, "lunch.latest")
    if lunch.earliest_s > lunch.latest_s:
        raise DataError(f"lunch is at the latest ({lunch.latest_s}) before the earliest ({lunch.earliest_s})", column="lunch")
    if not 0 <= lunch.duration_s <= end - begin:
        raise DataError(f"a lunch of {lunch.duration_s} s is longer than the shift of {end - begin} s", column="lunch.duration_s")


def _check_visits(problem: DayProblem, places: int) -> None:
    if len(problem.visits) > MOST_VISITS:
        raise DataError(f"{len(problem.visits)} visits in one day; at most {MOST_VISITS}", column="visits")
    seen: set[str] = set()
    for row, visit in enumerate(problem.visits):
        where = f"visits[{row}]"
        if visit.id in seen:
            raise DataError(f"visit '{visit.id}' is there twice", column=f"{where}.id")
        seen.add(visit.id)
        if visit.at is not None:
            _place(visit.at, places, f"{where}.at")
        if not 0 <= visit.service_s <= DAY_S:
            raise DataError(f"a visit of {visit.service_s} s is not within a day", column=f"{where}.service_s")
        if not 0 <= visit.priority <= MOST_PRIORITY:
            raise DataError(f"priority {visit.priority} is not in 0 to {MOST_PRIORITY}", column=f"{where}.priority")
        for begin, end in visit.windows:
            _time(begin, f"{where}.windows")
            _time(end, f"{where}.windows")
            if begin > end:
                raise DataError(f"the window of '{visit.id}' ends ({end}) before it begins ({begin})", column=f"{where}.windows")
        if visit.agreed_start_s is not None:
            _time(visit.agreed_start_s, f"{where}.agreed_start_s")


def _place(place: int, places: int, where: str) -> None:
    if not 0 <= place < places:
        raise DataError(f"place {place} is not a row of the matrix (0 to {places - 1})", column=where)


def _time(seconds: int, where: str) -> None:
    if not 0 <= seconds <= DAY_S:
        raise DataError(f"{seconds} is not a time of the day (0 to {DAY_S} s)", column=where)
