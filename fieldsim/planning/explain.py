"""Says why a visit has its day, and how regular an account's visits are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np

from fieldsim.errors import UsageError
from fieldsim.model import Floats, Scenario, TerritoryPlan, Travel, VisitPlan
from fieldsim.planning.calendar import opening, works
from fieldsim.planning.rhythm import interval_days
from fieldsim.planning.wishes import NONE, Wishes

WEEKDAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays")


@dataclass(frozen=True)
class WhyDay:
    """Why a visit lies on its day."""

    account: int
    day: date
    extra_s: int
    """Travel that the visit adds to its day."""
    other_s: int
    """Travel it would add to a day that it could have instead, median over the days of its neighbourhood in time."""
    closed: int
    """Working days within the same reach on which the account is not open."""
    with_accounts: tuple[int, ...]
    """Accounts before and after it that day."""
    text: str


def explain_visit(
    scenario: Scenario, travel: Travel, plan: VisitPlan, territory: int, account: int, day: date, *, wishes: Wishes = NONE
) -> WhyDay:
    """Rhythm, opening days, and travel against the other days the visit could have; UsageError if it is not planned that day."""
    mine = plan.territories[territory]
    rows = np.flatnonzero((mine.account == account) & (mine.day == (plan.days.index(day) if day in plan.days else -1)))
    name = scenario.accounts.ids[account]
    if not len(rows):
        raise UsageError(f"no visit to '{name}' is planned on {day.isoformat()}")
    row, number = int(rows[0]), plan.days.index(day)
    remote = bool(mine.remote[row])
    near, extra = _detour(scenario, travel, mine, number, account)
    reach = max(2, int(interval_days(max(1, int(plan.due[account])), len(plan.days)) / 2))
    around = [k for k, other in enumerate(plan.days) if k != number and abs((other - day).days) <= reach]
    around = [k for k in around if works(scenario.reps[mine.rep], plan.days[k])]
    open_days = [k for k in around if opening(scenario, account, plan.days[k])]
    others = [_detour(scenario, travel, mine, k, account)[1] for k in open_days]
    other = int(np.median(others)) if others else extra
    facts = [*_asked(wishes, name, day), _rhythm(plan, mine, account, day)]
    if remote:
        facts.append("held remotely, so it needs no travel")
    else:
        facts.append(_company(scenario, near, extra, other, len(others)))
    if len(open_days) < len(around):
        facts.append(f"closed on {len(around) - len(open_days)} of the {len(around)} other working days within {reach} days")
    neighbours = tuple(near)
    return WhyDay(
        account, day, 0 if remote else extra, 0 if remote else other, len(around) - len(open_days), neighbours, "; ".join(facts)
    )


def _asked(wishes: Wishes, account: str, day: date) -> list[str]:
    """What was asked for this account."""
    asked = ["pinned to this day"] if day in wishes.pins.get(account, ()) else []
    asked += [f"moved here from {old.isoformat()}" for old, new in wishes.moves.get(account, {}).items() if new == day]
    if account in wishes.weekday:
        asked.append(f"likes {WEEKDAYS[wishes.weekday[account]]}")
    if account in wishes.apart:
        asked.append(f"visits at least {wishes.apart[account]} days apart")
    return asked


def _detour(scenario: Scenario, travel: Travel, mine: TerritoryPlan, number: int, account: int) -> tuple[list[int], int]:
    """Neighbours of the account in a day's order (or where it would go), and the travel it adds there."""
    stops = [int(i) for i in mine.account[(mine.day == number) & ~mine.remote].tolist()]
    others = [i for i in stops if i != account]
    home = scenario.home(mine.rep)
    seconds = travel.matrix([*others, account, home]).seconds[0].astype(np.float64)
    way = [len(others) + 1, *range(len(others)), len(others) + 1]
    extras = [seconds[a, len(others)] + seconds[len(others), b] - seconds[a, b] for a, b in pairwise(way)]
    at = stops.index(account) if account in stops else int(np.argmin(extras))
    near = [others[k] for k in (at - 1, at) if 0 <= k < len(others)]
    return near, round(extras[at])


def _rhythm(plan: VisitPlan, mine: TerritoryPlan, account: int, day: date) -> str:
    dates = sorted(plan.days[k] for k in mine.day[mine.account == account].tolist())
    due = int(plan.due[account])
    same = sum(other.weekday() == day.weekday() for other in dates)
    every = interval_days(due, len(plan.days))
    often = "once a quarter" if due == 1 else f"{due} visits due, one every {every:.0f} days"
    return f"{often}, {same} of {len(dates)} on {WEEKDAYS[day.weekday()]}"


def _company(scenario: Scenario, near: list[int], extra: int, other: int, days: int) -> str:
    ids = scenario.accounts.ids
    company = f"on the way with {' and '.join(ids[i] for i in near)}" if near else "the only visit in person that day"
    text = f"{company}, {round(extra / 60)} min more travel"
    return f"{text} (median of the {days} other days it could have: {round(other / 60)} min)" if days else text


def regularity(plan: VisitPlan, territory: int) -> Floats:
    """Share of each account's planned visits on its commonest weekday, shape [accounts with two visits or more]."""
    mine = plan.territories[territory]
    shares = []
    for account in np.unique(mine.account).tolist():
        weekdays = [plan.days[k].weekday() for k in mine.day[mine.account == account].tolist()]
        if len(weekdays) > 1:
            shares.append(max(np.bincount(weekdays)) / len(weekdays))
    return np.array(shares)
