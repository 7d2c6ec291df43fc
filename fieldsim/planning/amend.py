"""Changes a territory's plan in mid-quarter: accounts leave, others join the days that are left. Milliseconds, no search."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date

import numpy as np
import numpy.typing as npt

from fieldsim.errors import UsageError
from fieldsim.model import Design, Scenario, TerritoryPlan, Travel, Unplaced, VisitPlan
from fieldsim.planning.calendar import service_s
from fieldsim.planning.joining import join_days
from fieldsim.planning.remaining import Day, Rest, rest_of, times_of
from fieldsim.planning.wishes import NONE, Wishes, check_wishes


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
    design: Design | None = None,
) -> TerritoryPlan:
    """The territory's plan from `on` without the accounts in `leave` and with so many visits to each account in `join`.

    Days before `on`, and days that lose and gain nothing, stay as they are. Joining visits are spread evenly over the days left,
    each where it adds least travel near its even day; the order of the other visits stands. What has no room is listed.
    Of the `wishes` that the plan was made with, half-days, blocked days and days between visits are kept to.
    With the `design` as it is after the change, visits to accounts that several share are numbered as a full plan numbers them,
    and keep away from the others' ones. UsageError for a vacant seat, a position that is no account's, or fewer visits than none.
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
    rest = rest_of(scenario, travel, plan, territory, design, on, list(wanted), wishes)
    unplaced = [row for row in mine.unplaced if row.account not in gone]
    for day in rest.days:
        unplaced += _without(rest, day, gone)
    for account, count in wanted.items():
        left = join_days(rest, account, count)
        if left:
            unplaced.append(Unplaced(account, left, f"no room in the {len(rest.days)} days left from {on.isoformat()}"))
    return _amended(rest, mine, _by_account(unplaced), wanted, gone)


def _by_account(rows: list[Unplaced]) -> tuple[Unplaced, ...]:
    """A row an account, in order."""
    found: dict[int, Unplaced] = {}
    for row in sorted(rows, key=lambda row: row.account):
        old = found.get(row.account)
        if old is None:
            found[row.account] = row
        else:
            reason = old.reason if row.reason in old.reason else f"{old.reason}; {row.reason}"
            found[row.account] = replace(old, count=old.count + row.count, reason=reason)
    return tuple(found.values())


def _without(rest: Rest, day: Day, gone: frozenset[int]) -> list[Unplaced]:
    """Take the accounts that leave out of a day; visits that the day then does not hold (the way became longer) are returned."""
    kept = [stop for stop in day.stops if stop[0] not in gone]
    if len(kept) == len(day.stops):
        return []
    lost = []
    while (times := times_of(rest, day, kept)) is None:
        lost.append(Unplaced(kept.pop()[0], 1, f"no room on {rest.plan.days[day.number].isoformat()}"))
    day.stops, day.times = kept, times
    day.held_s = sum(service_s(rest.scenario, stop[0]) for stop in kept)
    return lost


def _amended(
    rest: Rest, mine: TerritoryPlan, unplaced: tuple[Unplaced, ...], wanted: dict[int, int], gone: frozenset[int]
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
    for day in rest.days if wanted else ():  # an account's later visits may have other numbers now, their days as they were
        if day.times is None:
            rows["ordinal"][rows["day"] == day.number] = [stop[1] for stop in day.stops]
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
    later = mine.account[mine.day >= rest.first].tolist()
    service -= sum(service_s(rest.scenario, account) for account in later if account in gone)
    sorted_rows = {name: column[order] for name, column in rows.items()}
    return replace(mine, **sorted_rows, **frame, unplaced=unplaced, needed_s=mine.needed_s + service)  # type: ignore[arg-type]


def _leg(rest: Rest, stops: list[tuple[int, int, bool]], k: int) -> int:
    """Travel to a stop."""
    if stops[k][2]:
        return 0
    before = [rest.place[account] for account, _, remote in stops[:k] if not remote]
    return int(rest.seconds[before[-1] if before else len(rest.place), rest.place[stops[k][0]]])
