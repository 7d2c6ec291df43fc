"""A day problem as plain arrays in a canonical order, for the kernels.

Nodes 0..n-1 are the visits, n is where the day starts, n+1 where it ends. A remote visit has no place: it is held where the rep
is, before setting off for the next place.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fieldsim.model import DayProblem, DayVisit, Ints, Window

FAR = 100_000_000
"""Seconds that stand for "cannot be reached" (three years)."""
NEVER = 1 << 40
"""A time that never comes."""
KEPT_S = 900
"""An agreed start is kept when the visit starts within this many seconds of it."""
EARLIEST, SHIFT_END, LUNCH_EARLIEST, LUNCH_LATEST, LUNCH_S, PENDING, FREE_FROM = range(7)
"""Entries of `frame`. PENDING: 1 if a break is owed; FREE_FROM: setting off from then on owes none, -1 if that is not open."""


SERVICE, REMOTE, VALUE, AGREED, LATEST = range(5)
"""Columns of `facts`. VALUE ranks required before priority before number, in one number."""


class DayArrays(NamedTuple):
    """What the kernels read; all int64 and contiguous."""

    travel: Ints
    """Seconds, shape [periods, n+2, n+2]; to a remote visit it is 0."""
    from_s: Ints
    hours: Ints
    """First and last start of each window, ascending and disjoint, shape [n, 2w]; rows are padded with NEVER, -1."""
    facts: Ints
    """SERVICE, REMOTE (0 or 1), VALUE, AGREED (or -1), LATEST (start that lets the rep be back in time, or -1), shape [n, 5]."""
    near: Ints
    """Least seconds from node to node by any way and at any time, shape [n+2, n+2]."""
    frame: Ints


class Day(NamedTuple):
    """A problem's open visits in canonical order, and their arrays."""

    visits: tuple[DayVisit, ...]
    arrays: DayArrays
    scale: tuple[int, int]
    """Value of a required visit and of one point of priority."""


def as_day(problem: DayProblem) -> Day:
    """The open visits sorted by content (so that the order of the input rows changes nothing), as arrays."""
    done = frozenset(problem.now.done) if problem.now else frozenset()
    start = problem.now.at if problem.now else problem.start
    seconds = problem.travel.seconds
    there, back = seconds[0, start].tolist(), seconds[0, :, problem.end].tolist()

    def content(visit: DayVisit) -> tuple[object, ...]:
        way = (-1, -1) if visit.at is None else (there[visit.at], back[visit.at])
        agreed = -1 if visit.agreed_start_s is None else visit.agreed_start_s
        return (*way, visit.windows, visit.service_s, visit.priority, visit.required, agreed, visit.id)

    visits = tuple(sorted((visit for visit in problem.visits if visit.id not in done), key=content))
    return day_of(problem, visits)


def day_of(problem: DayProblem, visits: tuple[DayVisit, ...]) -> Day:
    """Arrays of the given visits, in the given order."""
    n = len(visits)
    start = problem.now.at if problem.now else problem.start
    frame = _frame(problem)
    remote = np.array([v.at is None for v in visits], dtype=np.bool_)
    places = np.array([start if v.at is None else v.at for v in visits] + [start, problem.end], dtype=np.int64)
    travel = np.minimum(problem.travel.seconds[:, places[:, None], places[None, :]], FAR)
    travel[:, places[:, None] == places[None, :]] = 0
    travel[:, :, :n][:, :, remote] = 0
    hours = _hours(visits)
    near = _nearest(travel.min(axis=0), remote)
    values, scale = _values(visits)
    facts = np.zeros((n, 5), dtype=np.int64)
    facts[:, SERVICE] = [v.service_s for v in visits]
    facts[:, REMOTE] = remote
    facts[:, VALUE] = values
    facts[:, AGREED] = [-1 if v.agreed_start_s is None else v.agreed_start_s for v in visits]
    facts[:, LATEST] = _latest(hours, frame[SHIFT_END] - facts[:, SERVICE] - near[:n, n + 1])
    arrays = DayArrays(
        np.ascontiguousarray(travel, dtype=np.int64),
        np.array(problem.travel.from_s, dtype=np.int64),
        hours,
        facts,
        near,
        frame,
    )
    return Day(visits, arrays, scale)


def _frame(problem: DayProblem) -> Ints:
    begin, end = problem.shift
    now, lunch = problem.now, problem.lunch
    if now is not None:
        begin = now.time_s
    home = now is None or (now.at == problem.start and not now.done)
    if lunch is None or (now is not None and now.lunch_done) or begin > lunch.latest_s:
        return np.array([begin, end, -1, -1, 0, 0, begin], dtype=np.int64)
    late = max(begin, lunch.latest_s) if home else -1
    owed = int(begin < lunch.latest_s or not home)
    return np.array([begin, end, lunch.earliest_s, lunch.latest_s, lunch.duration_s, owed, late], dtype=np.int64)


def _hours(visits: tuple[DayVisit, ...]) -> Ints:
    merged = [merge_windows(v.windows) for v in visits]
    width = max([len(w) for w in merged], default=0) or 1
    hours = np.full((len(visits), width, 2), [NEVER, -1], dtype=np.int64)
    for row, windows in enumerate(merged):
        for k, window in enumerate(windows):
            hours[row, k] = window
    return hours.reshape(len(visits), 2 * width)


def merge_windows(windows: tuple[Window, ...]) -> list[Window]:
    """The same times as disjoint windows in ascending order."""
    out: list[Window] = []
    for a, b in sorted(windows):
        if out and a <= out[-1][1] + 1:
            out[-1] = (out[-1][0], max(b, out[-1][1]))
        else:
            out.append((a, b))
    return out


def _values(visits: tuple[DayVisit, ...]) -> tuple[list[int], tuple[int, int]]:
    point = len(visits) + 1
    required = point * sum(v.priority for v in visits) + point
    return [1 + v.priority * point + required * v.required for v in visits], (required, point)


def _nearest(least: Ints, remote: npt.NDArray[np.bool_]) -> Ints:
    """All-pairs least seconds; a remote visit is no step on the way, it costs nothing to reach and leaves the rep where he is."""
    near = least.copy()
    real = np.append(np.flatnonzero(~remote), [len(remote), len(remote) + 1])
    part = near[np.ix_(real, real)]
    for k in range(len(real)):
        np.minimum(part, part[:, k, None] + part[None, k, :], out=part)
    near[np.ix_(real, real)] = part
    gone = np.flatnonzero(remote)
    near[:, gone] = 0
    near[gone, :] = 0
    return np.ascontiguousarray(near)


def _latest(hours: Ints, limit: Ints) -> Ints:
    """Latest start inside the windows and not after `limit`, -1 if there is none."""
    opens, closes, limit = hours[:, 0::2], hours[:, 1::2], limit.reshape(-1, 1)
    found: Ints = np.where(opens <= limit, np.minimum(closes, limit), -1).max(axis=1, initial=-1)
    return found
