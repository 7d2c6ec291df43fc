"""The quarter's plan: every frequency met or reported, every rule kept, by content and for any number of workers."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from planning.checker import check_plan
from small import make_design, make_scenario, make_travel

from fieldsim.errors import UsageError
from fieldsim.model import Scenario, TerritoryPlan, VisitPlan
from fieldsim.planning import day_problem, plan_quarter
from fieldsim.routing import route_day
from fieldsim.store import Store


def plan(scenario: Scenario, **options: object) -> VisitPlan:
    return plan_quarter(scenario, make_design(scenario), make_travel(scenario), **options)  # type: ignore[arg-type]


def rows(territory: TerritoryPlan) -> list[object]:
    values = (getattr(territory, field.name) for field in fields(territory))
    return [value.tolist() if isinstance(value, np.ndarray) else value for value in values]


def changed(scenario: Scenario, **columns: object) -> Scenario:
    return replace(scenario, accounts=replace(scenario.accounts, **columns))  # type: ignore[arg-type]


def planned(plan: VisitPlan) -> int:
    return sum(len(territory.account) for territory in plan.territories)


@pytest.mark.parametrize(("accounts", "reps", "seed"), [(12, 3, 1), (60, 2, 5), (90, 1, 7)])
def test_keeps_every_rule(accounts: int, reps: int, seed: int) -> None:
    scenario = make_scenario(accounts, reps, seed=seed)
    made = plan(scenario)
    check_plan(scenario, make_design(scenario), make_travel(scenario), made)
    assert planned(made) == made.due.sum()


def test_the_same_content_gives_the_same_plan_under_another_name() -> None:
    scenario = make_scenario(24, 3)
    travel, design = make_travel(scenario), make_design(scenario)
    renamed = replace(design, name="other", territories=("X", "Y", "Z"))
    for one, other in zip(
        plan_quarter(scenario, design, travel).territories, plan_quarter(scenario, renamed, travel).territories, strict=True
    ):
        assert rows(one) == rows(other)


def test_workers_change_nothing() -> None:
    scenario = make_scenario(36, 3)
    for one, two in zip(plan(scenario).territories, plan(scenario, workers=2).territories, strict=True):
        assert rows(one) == rows(two)


def test_a_territory_is_planned_alone() -> None:
    scenario = make_scenario(30, 3)
    travel, design = make_travel(scenario), make_design(scenario)
    moved = design.territory_of.copy()
    moved[1] = 2
    other = plan_quarter(scenario, replace(design, territory_of=moved), travel)
    assert rows(plan_quarter(scenario, design, travel).territories[0]) == rows(other.territories[0])


def test_a_store_answers_the_second_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario, store = make_scenario(24, 2), Store(tmp_path)
    first = plan(scenario, store=store)
    monkeypatch.setattr("fieldsim.planning.territory.improve", None)
    for one, two in zip(first.territories, plan(scenario, store=store).territories, strict=True):
        assert rows(one) == rows(two)


def test_no_worker_starts_for_what_the_store_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario, store = make_scenario(24, 3), Store(tmp_path)
    plan(scenario, store=store, only=[0, 1])
    done: list[int] = []
    monkeypatch.setattr("joblib.Parallel", lambda **_: pytest.fail("a pool was made for one territory"))
    second = plan(scenario, store=store, workers=2, progress=lambda count, _: done.append(count))
    assert done == [1, 2, 3]
    assert all(len(one.account) for one in second.territories)


def test_a_vacant_seat_leaves_its_visits_unplaced() -> None:
    scenario = make_scenario(12, 3)
    design = make_design(scenario)
    vacant = replace(design, rep_of=np.array([0, -1, 2]))
    made = plan_quarter(scenario, vacant, make_travel(scenario))
    check_plan(scenario, vacant, make_travel(scenario), made)
    assert {row.reason for row in made.territories[1].unplaced} == {"seat is vacant"}
    assert sum(row.count for row in made.territories[1].unplaced) == made.due[design.book(1)].sum()


def test_drops_low_priorities_first_when_time_is_short() -> None:
    scenario = make_scenario(90, 1)
    long = changed(scenario, visit_minutes=scenario.accounts.visit_minutes * 2.2)
    made = plan(long)
    check_plan(long, make_design(long), make_travel(long), made)
    mine = made.territories[0]
    assert mine.needed_s > mine.available_s
    assert all("h needed" in row.reason for row in mine.unplaced)
    lost = np.zeros(4)
    for row in mine.unplaced:
        lost[long.accounts.priority[row.account]] += row.count
    due = np.bincount(long.accounts.priority, weights=made.due, minlength=4)
    assert lost[1] / due[1] > 2 * lost[3] / due[3]


def test_an_account_that_is_never_open_says_so() -> None:
    scenario = make_scenario(12, 1)
    closed = changed(scenario, opens=("Sa 09:00-12:00", *scenario.accounts.opens[1:]))
    mine = plan(closed).territories[0]
    assert [(row.account, row.count, row.reason) for row in mine.unplaced] == [(0, 12, "closed at all times that R01 works")]


def test_more_visits_than_open_days_are_reported() -> None:
    scenario = make_scenario(12, 1)
    often = scenario.accounts.visits.copy()
    often[3] = 80
    made = plan(changed(scenario, visits=often))
    mine = made.territories[0]
    assert (mine.account == 3).sum() == len(made.days) == 80 - mine.unplaced[0].count


def test_a_rep_who_leaves_works_until_then() -> None:
    scenario = make_scenario(12, 1)
    rep = replace(scenario.reps[0], start=date(2026, 10, 15), end=date(2026, 11, 20))
    made = plan(replace(scenario, reps=(rep,)))
    check_plan(replace(scenario, reps=(rep,)), make_design(scenario), make_travel(scenario), made)
    assert made.territories[0].unplaced
    assert made.territories[0].available_s < 0.5 * plan(scenario).territories[0].available_s


def test_half_a_capacity_is_half_the_time() -> None:
    scenario = make_scenario(12, 1)
    half = replace(scenario, reps=(replace(scenario.reps[0], capacity=0.5),))
    made = plan(half)
    check_plan(half, make_design(half), make_travel(half), made)
    assert made.territories[0].available_s == pytest.approx(0.5 * plan(scenario).territories[0].available_s)


def test_remote_visits_take_time_but_no_travel() -> None:
    scenario = make_scenario(12, 1)
    made = plan(changed(scenario, remote=np.full(12, 0.5)))
    mine = made.territories[0]
    check_plan(changed(scenario, remote=np.full(12, 0.5)), make_design(scenario), make_travel(scenario), made)
    for i in range(12):
        flags = mine.remote[mine.account == i][np.argsort(mine.ordinal[mine.account == i])].tolist()
        assert flags == [int((k + 1) * 0.5) > int(k * 0.5) for k in range(len(flags))]


def test_days_are_balanced_and_all_used() -> None:
    made = plan(make_scenario(60, 1)).territories[0]
    length = np.bincount(made.day, minlength=len(made.work_day))
    assert (length > 0).all()
    hours = made.finish_s - made.depart_s
    assert np.ptp(np.percentile(hours, [5, 95])) <= 0.4 * hours.mean()


def test_visits_keep_their_weekday() -> None:
    scenario = make_scenario(60, 1)
    made = plan(scenario)
    mine, same = made.territories[0], []
    for i in range(60):
        weekdays = [made.days[k].weekday() for k in mine.day[mine.account == i].tolist()]
        same.append(np.bincount(weekdays).max() / len(weekdays))
    assert np.mean(same) >= 0.95


def test_next_quarter_keeps_weekday_and_cycle() -> None:
    scenario = make_scenario(40, 1)
    travel, design = make_travel(scenario), make_design(scenario)
    first = plan_quarter(scenario, design, travel)
    second = plan_quarter(scenario, design, travel, quarter=1, like=first)
    check_plan(scenario, design, travel, second)
    before = {(i, first.days[k] + timedelta(days=91)) for i, k in held(first)}
    after = {(i, second.days[k]) for i, k in held(second)}
    assert len(before & after) >= 0.9 * len(after)


def held(plan: VisitPlan) -> list[tuple[int, int]]:
    mine = plan.territories[0]
    return list(zip(mine.account.tolist(), mine.day.tolist(), strict=True))


def test_a_short_horizon_gets_its_share_of_visits() -> None:
    scenario = make_scenario(60, 1)
    month = replace(scenario, end=date(2026, 10, 30))
    made = plan(month)
    assert made.due.sum() == pytest.approx(scenario.accounts.visits.sum() * 30 / 91.3, rel=0.1)
    assert set(made.due - np.floor(scenario.accounts.visits * 30 / 91.3125)) <= {0, 1}


def test_the_day_problem_is_the_planned_day() -> None:
    from fieldsim.routing import route_days

    scenario = changed(make_scenario(24, 2), remote=np.full(24, 0.3))
    travel = make_travel(scenario)
    made = plan_quarter(scenario, make_design(scenario), travel)
    mine = made.territories[1]
    for day in (0, 5, 40):
        problem = day_problem(scenario, travel, made, 1, made.days[day])
        (route,) = route_days([problem])
        here = mine.day == day
        assert [stop.id for stop in route.stops] == [scenario.accounts.ids[i] for i in mine.account[here].tolist()]
        assert [stop.start_s for stop in route.stops] == mine.start_s[here].tolist()


def test_a_day_off_has_no_day_problem() -> None:
    scenario = make_scenario(12, 1)
    made = plan(scenario)
    with pytest.raises(UsageError, match="does not work on 2026-10-12"):
        day_problem(scenario, make_travel(scenario), made, 0, date(2026, 10, 12))


def test_progress_counts_territories() -> None:
    seen: list[tuple[int, int]] = []
    plan(make_scenario(12, 3), progress=lambda done, of: seen.append((done, of)))
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_carried_quarters_lose_nothing_to_the_calendar() -> None:
    scenario = make_scenario(60, 1, seed=5)
    travel, design = make_travel(scenario), make_design(scenario)
    made = plan_quarter(scenario, design, travel)
    for quarter in (1, 2, 3):
        made = plan_quarter(scenario, design, travel, quarter=quarter, like=made)
        check_plan(scenario, design, travel, made)
        assert planned(made) >= 0.995 * made.due.sum()


def test_an_overfull_plan_made_again_stays_as_it_is() -> None:
    scenario = make_scenario(90, 1)
    long = changed(scenario, visit_minutes=scenario.accounts.visit_minutes * 2.2)
    first = plan(long)
    assert rows(plan(long, like=first).territories[0]) == rows(first.territories[0])


def idle_s(scenario: Scenario, plan: VisitPlan) -> int:
    """Time between leaving home and coming back that is neither travel, visit nor break."""
    mine, travel, total = plan.territories[0], make_travel(scenario), 0
    for at, day in enumerate(mine.work_day.tolist()):
        stops = mine.account[mine.day == day].tolist()
        if stops:
            way = [scenario.home(0), *stops, scenario.home(0)]
            legs = sum(int(travel.matrix([a, b]).seconds[0, 0, 1]) for a, b in pairwise(way))
            lunch = 2700 if mine.lunch_s[at] >= 0 else 0
            total += (
                int(mine.finish_s[at] - mine.depart_s[at]) - legs - lunch - int(60 * scenario.accounts.visit_minutes[stops].sum())
            )
    return total


def test_waiting_at_doors_has_its_price(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = make_scenario(90, 1)
    doors = changed(scenario, opens=tuple(("", "Mo-Fr 08:00-11:00", "Mo-Fr 13:30-17:00")[i % 3] for i in range(90)))
    priced = idle_s(doors, plan(doors))
    monkeypatch.setattr("fieldsim.planning.ground.WAIT", 0.0)
    assert priced < 0.7 * idle_s(doors, plan(doors))


@pytest.mark.parametrize("seed", [0, 2])
def test_a_day_is_routed_as_its_visits_alone_would_be(seed: int) -> None:
    """Whatever was tried on a day and left out of it again: its route is the router's answer to what it holds."""
    scenario = make_scenario(40, 1, seed=seed)
    book = scenario.accounts
    opens = tuple("" if i % 2 else "Mo-Th 09:00-13:00,15:00-18:00" for i in range(40))
    scenario = changed(scenario, visit_minutes=np.round(book.visit_minutes * 2.4), remote=np.full(40, 0.25), opens=opens)
    made, travel = plan(scenario), make_travel(scenario)
    mine = made.territories[0]
    for day in sorted(set(mine.day.tolist())):
        route = route_day(day_problem(scenario, travel, made, 0, made.days[day]))
        held = [scenario.accounts.ids[i] for i in mine.account[mine.day == day].tolist()]
        assert ([stop.id for stop in route.stops], [stop.start_s for stop in route.stops]) == (
            held,
            mine.start_s[mine.day == day].tolist(),
        )
