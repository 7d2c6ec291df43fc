"""A strict check of a visit plan that shares no code with the planner: counts, calendar, spacing, and a walk of every day."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import numpy as np

from fieldsim.model import Design, Scenario, TerritoryPlan, Travel, VisitPlan
from fieldsim.scenario.hours import windows


def check_plan(scenario: Scenario, design: Design, travel: Travel, plan: VisitPlan) -> None:
    """Raise AssertionError at the first broken rule."""
    assert len(plan.territories) == len(design.territories)
    for territory, mine in enumerate(plan.territories):
        book = [i for i in range(len(scenario.accounts)) if design.territory_of[i] == territory]
        check_counts(plan, mine, book)
        if design.rep_of[territory] < 0:
            assert mine.rep == -1
            assert len(mine.account) == len(mine.work_day) == 0
            continue
        assert mine.rep == design.rep_of[territory]
        check_calendar(scenario, plan, mine)
        check_spacing(scenario, plan, mine)
        check_days(scenario, travel, plan, mine)


def check_counts(plan: VisitPlan, mine: TerritoryPlan, book: list[int]) -> None:
    """Every visit due is planned once or reported; nobody else's accounts are visited."""
    left = {row.account: row.count for row in mine.unplaced}
    assert all(row.count > 0 and row.reason for row in mine.unplaced)
    assert len(left) == len(mine.unplaced)
    for i in book:
        ordinals = mine.ordinal[mine.account == i].tolist()
        assert len(set(ordinals)) == len(ordinals)
        assert all(0 <= k < plan.due[i] for k in ordinals)
        assert len(ordinals) + left.pop(i, 0) == plan.due[i]
    assert not left
    assert set(mine.account.tolist()) <= set(book)


def check_calendar(scenario: Scenario, plan: VisitPlan, mine: TerritoryPlan) -> None:
    """Visits lie on working days of the rep, in order of day and time."""
    rep = scenario.reps[mine.rep]
    for day in (plan.days[k] for k in mine.work_day.tolist()):
        assert day.weekday() < 5
        assert day not in scenario.holidays
        assert (rep.start or day) <= day <= (rep.end or day)
    assert set(mine.day.tolist()) <= set(mine.work_day.tolist())
    order = list(zip(mine.day.tolist(), mine.start_s.tolist(), strict=True))
    assert order == sorted(order)


def check_spacing(scenario: Scenario, plan: VisitPlan, mine: TerritoryPlan) -> None:
    """Visits to an account come in the order of their ordinals, at least half the even interval apart."""
    first, last = scenario.quarter(plan.quarter)
    for i in sorted(set(mine.account.tolist())):
        rows = np.flatnonzero(mine.account == i)
        rows = rows[np.argsort(mine.ordinal[rows])]
        dates = [plan.days[k].toordinal() for k in mine.day[rows].tolist()]
        even = ((last - first).days + 1) / max(1, int(plan.due[i]))
        for a, b in pairwise(dates):
            assert b - a >= max(1, int(even / 2) - 1), (i, dates)


def check_days(scenario: Scenario, travel: Travel, plan: VisitPlan, mine: TerritoryPlan) -> None:
    """Every planned day can be walked as written, with hours, break and shift kept."""
    rep, accounts = scenario.reps[mine.rep], scenario.accounts
    home = len(accounts) + mine.rep
    for at, day in enumerate(mine.work_day.tolist()):
        rows = np.flatnonzero(mine.day == day).tolist()
        clock, here = int(mine.depart_s[at]), home
        assert rep.shift_start_s <= clock
        pause = (int(mine.lunch_s[at]), scenario.day.lunch.duration_s if scenario.day.lunch else 0)
        for row in rows:
            i = int(mine.account[row])
            service = round(60 * float(accounts.visit_minutes[i]))
            start = int(mine.start_s[row])
            if mine.remote[row]:
                assert mine.travel_s[row] == 0
            else:
                leg = int(travel.matrix([here, i]).seconds[0, 0, 1])
                assert leg == mine.travel_s[row]
                clock += leg
                here = i
            if pause[0] >= 0 and pause[0] < start:
                clock, pause = max(clock, pause[0]) + pause[1] if pause[0] >= clock else clock + pause[1], (-1, 0)
            assert start >= clock
            assert is_open(scenario, i, plan.days[day], start, service), (i, plan.days[day], start)
            clock = start + service
        if rows:
            back = clock + int(travel.matrix([here, home]).seconds[0, 0, 1])
            if pause[0] >= 0:
                back = max(clock, pause[0]) + (back - clock) + pause[1] if pause[0] > clock else back + pause[1]
            assert int(mine.finish_s[at]) <= rep.shift_end_s - 60 * scenario.day.admin_minutes
            assert back <= int(mine.finish_s[at]) + pause[1]


def is_open(scenario: Scenario, account: int, day: date, start: int, service: int) -> bool:
    """Does a visit start in a window of the account's own text?"""
    text = scenario.accounts.opens[account]
    return any(a <= start <= b for a, b in windows(text, day, scenario.country, service))
