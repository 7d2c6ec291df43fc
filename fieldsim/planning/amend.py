"""Changes a territory's plan in mid-quarter: accounts leave, others join the days that are left. Milliseconds, no search."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt

from fieldsim.errors import UsageError
from fieldsim.model import Floats, Ints, Lunch, Scenario, TerritoryPlan, Travel, Unplaced, VisitPlan, Window
from fieldsim.planning.calendar import lunch_in, opening, service_s, shortened, working_frame
from fieldsim.planning.rhythm import remote_visits
from fieldsim.planning.timetable import Stopover, Timetable, timetable
from fieldsim.planning.wishes import NONE, Wishes, check_wishes, day_shares

TRIES = 64
"""Places whose timetable is tried for a visit, of those in days with time for it, before it counts as without room."""
PULL_S = 120.0
"""Seconds of travel that a visit one day off its even day is worth."""


@dataclass
class _Day:
    """A day that is left, while it is being changed."""

    number: int
    """Position in the plan's days."""
    row: int
    """Position in the territory's working days."""
    stops: list[tuple[int, int, bool]]
    """Account, ordinal, remote, in the day's order."""
    frame: Window
    """Shorter on a half-day."""
    lunch: Lunch | None
    held_s: int = 0
    """Time in its visits."""
    times: Timetable | None = None
    """Set once the day has changed."""


@dataclass
class _Rest:
    """What is left of a territory's quarter."""

    scenario: Scenario
    plan: VisitPlan
    wishes: Wishes
    place: dict[int, int]
    """Row of `seconds` for each account; home is the last row."""
    seconds: Floats
    days: list[_Day]


def amend(
    scenario: Scenario,
    travel: Travel,
    plan: VisitPlan,
    territory: int,
    *,
    on: date,
    join: Mapping[int, int] | None = None,
    leave: Collection[int] = (),
    wishes: Wishes = NONE,
) -> TerritoryPlan:
    """The territory's plan from `on` without the accounts in `leave` and with so many visits to each account in `join`.

    Days before `on`, and days that lose and gain nothing, stay as they are. Joining visits are spread evenly over the days left,
    each where it adds least travel near its even day; the order of the other visits stands. What has no room is listed.
    Of the `wishes` that the plan was made with, half-days, blocked days and days between visits are kept to.
    UsageError for a vacant seat, a position that is no account's, or fewer visits than none.
    """
    mine = plan.territories[territory]
    if mine.rep < 0:
        raise UsageError("the territory's seat is vacant: there is no plan to amend")
    wanted = dict(sorted((join or {}).items()))
    gone = frozenset(leave)
    check_wishes(scenario, wishes)
    for account in (*wanted, *sorted(gone)):
        if not 0 <= account < len(scenario.accounts):
            raise UsageError(f"{account} is no account: positions are 0 to {len(scenario.accounts) - 1}")
        if wanted.get(account, 0) < 0:
            raise UsageError(f"{wanted[account]} visits to '{scenario.accounts.ids[account]}' cannot join")
    rest = _rest(scenario, travel, plan, mine, on, list(wanted), wishes)
    unplaced = [row for row in mine.unplaced if row.account not in gone]
    for day in rest.days:
        unplaced += _without(rest, day, gone)
    for account, count in wanted.items():
        left = _join(rest, account, count)
        if left:
            unplaced.append(Unplaced(account, left, f"no room in the {len(rest.days)} days left from {on.isoformat()}"))
    return _amended(rest, mine, tuple(sorted(unplaced, key=lambda row: row.account)), wanted, gone)


def _rest(
    scenario: Scenario, travel: Travel, plan: VisitPlan, mine: TerritoryPlan, on: date, new: list[int], wishes: Wishes
) -> _Rest:
    """The working days from `on`, their stops, and travel between all their accounts."""
    first = next((k for k, day in enumerate(plan.days) if day >= on), len(plan.days))
    rep = scenario.reps[mine.rep]
    share = day_shares(wishes, rep.id, plan.days)
    days, whole = {}, working_frame(scenario.day, rep)
    for row, k in enumerate(mine.work_day.tolist()):
        if k >= first:
            frame = shortened(whole, float(share[k]))
            days[k] = _Day(k, row, [], frame, lunch_in(scenario.day, frame))
    for row in np.flatnonzero(mine.day >= first).tolist():
        days[int(mine.day[row])].stops.append((int(mine.account[row]), int(mine.ordinal[row]), bool(mine.remote[row])))
    for day in days.values():
        day.held_s = sum(service_s(scenario, stop[0]) for stop in day.stops)
    accounts = sorted({stop[0] for day in days.values() for stop in day.stops} | set(new))
    matrix = travel.matrix([*accounts, scenario.home(mine.rep)])
    seconds = np.ceil(matrix.seconds.mean(axis=0)).astype(np.float64)
    place = {account: k for k, account in enumerate(accounts)}
    return _Rest(scenario, plan, wishes, place, seconds, list(days.values()))


def _without(rest: _Rest, day: _Day, gone: frozenset[int]) -> list[Unplaced]:
    """Take the accounts that leave out of a day; visits that the day then does not hold (the way became longer) are returned."""
    kept = [stop for stop in day.stops if stop[0] not in gone]
    if len(kept) == len(day.stops):
        return []
    lost = []
    while (times := _times(rest, day, kept)) is None:
        lost.append(Unplaced(kept.pop()[0], 1, f"no room on {rest.plan.days[day.number].isoformat()}"))
    day.stops, day.times = kept, times
    day.held_s = sum(service_s(rest.scenario, stop[0]) for stop in kept)
    return lost


def _times(rest: _Rest, day: _Day, stops: list[tuple[int, int, bool]]) -> Timetable | None:
    """Times of a day with the given stops; None if they do not fit."""
    home = len(rest.place)
    here, overs = home, []
    for account, _, remote in stops:
        there = here if remote else rest.place[account]
        leg = 0 if remote else int(rest.seconds[here, there])
        doors = opening(rest.scenario, account, rest.plan.days[day.number])
        overs.append(Stopover(leg, service_s(rest.scenario, account), doors))
        here = there
    return timetable(overs, 0 if here == home else int(rest.seconds[here, home]), day.frame, day.lunch)


def _join(rest: _Rest, account: int, count: int) -> int:
    """Insert visits to one account, evenly spread; how many found no room."""
    due = max(count, int(rest.plan.due[account]))
    flags = remote_visits(float(rest.scenario.accounts.remote[account]), due)[due - count :]
    dates = np.array([rest.plan.days[day.number].toordinal() for day in rest.days])
    if not len(dates):
        return count
    span = dates[-1] - dates[0] + 1
    name = rest.scenario.accounts.ids[account]
    gap = rest.wishes.apart.get(name) or max(1, int(span / count / 2))
    last, missed = _before(rest, account), 0
    for k in range(count):
        even = dates[0] + (k + 0.5) / count * span
        found = _insert(rest, account, due - count + k, bool(flags[k]), dates, even, last + gap)
        missed += found is None
        last = last if found is None else int(dates[found])
    return missed


def _before(rest: _Rest, account: int) -> int:
    """The day of the account's last visit before those that are left, whoever makes it; long ago if there is none."""
    first = _first(rest)
    rows = (mine.day[(mine.account == account) & (mine.day < first)] for mine in rest.plan.territories)
    last = max((int(row.max()) for row in rows if len(row)), default=-1)
    return rest.plan.days[last].toordinal() if last >= 0 else -1_000_000


def _insert(rest: _Rest, account: int, ordinal: int, remote: bool, dates: Ints, even: float, earliest: int) -> int | None:
    """Put one visit into the day where it costs least; the day's position, None if none of the first tries holds it."""
    service = service_s(rest.scenario, account)
    days, wheres, price = _places(rest, account, service, remote)
    price += PULL_S * np.abs(dates[days] - even)
    blocked = [day.toordinal() for day in rest.wishes.blocked.get(rest.scenario.accounts.ids[account], ())]
    price[(dates[days] < earliest) | np.isin(dates[days], blocked)] = np.inf
    for choice in np.argsort(price, kind="stable")[:TRIES].tolist():
        if price[choice] == np.inf:
            return None
        day = rest.days[int(days[choice])]
        where = int(wheres[choice])
        stops = [*day.stops[:where], (account, ordinal, remote), *day.stops[where:]]
        times = _times(rest, day, stops)
        if times is not None:
            day.stops, day.times, day.held_s = stops, times, day.held_s + service
            return int(days[choice])
    return None


def _places(rest: _Rest, account: int, service: int, remote: bool) -> tuple[Ints, Ints, Floats]:
    """Every place in every day: the day's position, the place in its order, extra travel; infinite in a day without the time."""
    home, here = len(rest.place), rest.place[account]
    before: list[int] = []
    after: list[int] = []
    days: list[int] = []
    wheres: list[int] = []
    for k, day in enumerate(rest.days):
        way = [home]
        for stop in day.stops:
            way.append(way[-1] if stop[2] else rest.place[stop[0]])
        before += way
        after += [*way[1:], home]
        days += [k] * len(way)
        wheres += range(len(way))
    a, b = np.array(before), np.array(after)
    seconds = rest.seconds
    extra = np.zeros(len(a)) if remote else seconds[a, here] + seconds[here, b] - seconds[a, b]
    at = np.array(days)
    held = np.array([day.held_s for day in rest.days]) + np.bincount(at, seconds[a, b], len(rest.days))
    extra[held[at] + extra + service > np.array([_longest(day) for day in rest.days])[at]] = np.inf
    return at, np.array(wheres), extra


def _longest(day: _Day) -> int:
    """Seconds of visits and travel that a day holds at the most: all but the break, or all before it may come no later."""
    whole = day.frame[1] - day.frame[0]
    if day.lunch is None:
        return whole
    return max(whole - day.lunch.duration_s, day.lunch.latest_s - day.frame[0])


def _amended(
    rest: _Rest, mine: TerritoryPlan, unplaced: tuple[Unplaced, ...], wanted: dict[int, int], gone: frozenset[int]
) -> TerritoryPlan:
    """The plan's rows with the changed days in place of what they were."""
    changed = [day for day in rest.days if day.times is not None]
    keep = ~np.isin(mine.day, [day.number for day in changed])
    fresh = [
        (account, day.number, ordinal, remote, day.times.start_s[k], _leg(rest, day.stops, k))
        for day in changed
        if day.times is not None
        for k, (account, ordinal, remote) in enumerate(day.stops)
    ]
    columns = ("account", "day", "ordinal", "remote", "start_s", "travel_s")
    rows: dict[str, npt.NDArray[np.generic]] = {}
    for k, name in enumerate(columns):
        old = getattr(mine, name)
        rows[name] = np.concatenate([old[keep], np.array([row[k] for row in fresh], dtype=old.dtype)])
    order = np.lexsort((rows["start_s"], rows["day"]))
    frame = {name: getattr(mine, name).copy() for name in ("depart_s", "finish_s", "lunch_s", "proven")}
    for day in changed:
        assert day.times is not None
        idle = not day.stops
        frame["depart_s"][day.row] = day.frame[0] if idle else day.times.depart_s
        frame["finish_s"][day.row] = day.frame[0] if idle else day.times.finish_s
        frame["lunch_s"][day.row] = -1 if idle else day.times.lunch_s
        frame["proven"][day.row] = idle
    service = sum(service_s(rest.scenario, account) * count for account, count in wanted.items())
    later = mine.account[mine.day >= _first(rest)].tolist()
    service -= sum(service_s(rest.scenario, account) for account in later if account in gone)
    sorted_rows = {name: column[order] for name, column in rows.items()}
    return replace(mine, **sorted_rows, **frame, unplaced=unplaced, needed_s=mine.needed_s + service)  # type: ignore[arg-type]


def _first(rest: _Rest) -> int:
    """The first day that is left."""
    return rest.days[0].number if rest.days else len(rest.plan.days)


def _leg(rest: _Rest, stops: list[tuple[int, int, bool]], k: int) -> int:
    """Travel to a stop."""
    if stops[k][2]:
        return 0
    before = [rest.place[account] for account, _, remote in stops[:k] if not remote]
    return int(rest.seconds[before[-1] if before else len(rest.place), rest.place[stops[k][0]]])
