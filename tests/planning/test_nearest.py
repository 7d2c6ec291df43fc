"""A visit that loses its day goes to the nearest one, by trying everything on days whose room is a count of visits."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from small import PlainTravel, make_design, make_scenario

from fieldsim.model import DayRules, Scenario, VisitPlan
from fieldsim.planning import Wishes, plan_quarter

ROOM = 4
"""Visits a day: two hours each, nine hours of work, hardly any way."""


def nearly_full(n: int, seed: int) -> tuple[Scenario, PlainTravel]:
    """One rep, visits of two hours, nowhere closed, everybody next door."""
    scenario = make_scenario(n, 1, seed=seed, day=DayRules(None, 30.0, 30.0))
    accounts = replace(scenario.accounts, visit_minutes=np.full(n, 120.0), opens=("",) * n)
    lat = [*accounts.lat.tolist(), scenario.reps[0].lat]
    return replace(scenario, accounts=accounts), PlainTravel(lat, [*accounts.lon.tolist(), scenario.reps[0].lon], 40_000.0)


def days_of(plan: VisitPlan) -> dict[tuple[int, int], date]:
    mine = plan.territories[0]
    rows = zip(mine.account.tolist(), mine.ordinal.tolist(), mine.day.tolist(), strict=True)
    return {(account, ordinal): plan.days[day] for account, ordinal, day in rows}


def nearest(
    held: dict[tuple[int, int], date], plan: VisitPlan, visit: tuple[int, int], shut: set[date]
) -> list[tuple[int, date]]:
    """Days that could hold a visit, and how far off they are, by counting; `held` is where all others are."""
    had, gap = days_of(plan)[visit], max(1, int(66 / 5 * 7 / plan.due[visit[0]] / 2))
    own = [day for (account, k), day in held.items() if account == visit[0] and k != visit[1]]
    free = [
        day
        for day in plan.days
        if day not in shut
        and sum(day == other for key, other in held.items() if key != visit) < ROOM
        and all(abs((day - other).days) >= gap for other in own)
    ]
    return sorted((abs((day - had).days), day) for day in free)


def least(plan: VisitPlan, visit: tuple[int, int]) -> int:
    """Days off times visits due, of it and of one other visit that may move for 42 more, at the best."""
    held, often = days_of(plan), int(plan.due[visit[0]])
    lost = held.pop(visit)
    options = [off * often for off, _ in nearest(held, plan, visit, {lost})]
    for other, day in held.items():
        if other[0] == visit[0]:
            continue
        rest = {key: where for key, where in held.items() if key != other}
        for off, there in nearest(rest, plan, visit, {lost}):
            if there == day:
                moved = nearest({**rest, visit: there}, plan, other, set())
                options += [off * often + 42 + moved[0][0] * int(plan.due[other[0]])] if moved else []
    return min(options)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("n", [20, 43])
def test_a_lost_day_is_made_up_for_as_near_as_can_be(n: int, seed: int) -> None:
    scenario, travel = nearly_full(n, seed)
    plan = plan_quarter(scenario, make_design(scenario), travel)
    before = days_of(plan)
    assert len(before) == plan.due.sum()
    spread = np.random.default_rng(seed).choice(len(before), 6, replace=False)
    for visit in [sorted(before)[k] for k in spread.tolist()]:
        wishes = Wishes(blocked={scenario.accounts.ids[visit[0]]: [before[visit]]})
        after = plan_quarter(scenario, make_design(scenario), travel, like=plan, wishes=wishes)
        then, now = [sorted((a, d) for (a, _), d in days.items()) for days in (before, days_of(after))]
        assert len(now) == len(then)
        gone, come = ([row for row in one if row not in other] for one, other in ((then, now), (now, then)))
        pairs = zip(sorted(gone), sorted(come), strict=True)
        harm = sum(abs((b - a).days) * int(plan.due[account]) for (account, a), (_, b) in pairs)
        assert [account for account, _ in sorted(gone)] == [account for account, _ in sorted(come)]
        assert harm + 42 * (len(gone) - 1) == least(plan, visit)


def test_a_day_off_moves_at_most_one_other_visit_for_each_that_lost_its_day() -> None:
    scenario, travel = nearly_full(43, 1)
    often = np.where(np.arange(43) % 6 >= 3, 1, scenario.accounts.visits)
    often[:7] = 12
    scenario = replace(scenario, accounts=replace(scenario.accounts, visits=often))
    plan = plan_quarter(scenario, make_design(scenario), travel)
    before = days_of(plan)
    for day in (plan.days[9], plan.days[30]):
        after = plan_quarter(scenario, make_design(scenario), travel, like=plan, wishes=Wishes(off={"R01": [day]}))
        held, lost = days_of(after), [visit for visit, on in before.items() if on == day]
        assert len(held) == len(before)
        assert day not in held.values()
        then, now = ({(account, on) for (account, _), on in days.items()} for days in (before, held))
        assert len(then - now) == len(now - then) <= 2 * len(lost)
