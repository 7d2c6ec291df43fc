"""Days by hand: four places, legs in round minutes, no luck; then the rules of a bad day one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simulation.setting import quiet, simulate
from small import make_design, make_scenario

from fieldsim.model import DayRules, Ints, Lunch, Quarter, Scenario, TerritoryPlan, TravelMatrix, VisitPlan
from fieldsim.simulation import simulate_quarter, stage

MINUTE = 60
# minutes between accounts 0, 1, 2 and home (3)
LEGS = np.array([[0, 20, 30, 10], [25, 0, 15, 20], [30, 15, 0, 40], [10, 20, 35, 0]])
HELD, NO_SHOW, CANCELLED, DROPPED = range(4)


class Table:
    """Travel by the table above."""

    key = "table"

    def matrix(self, points: Sequence[int] | Ints) -> TravelMatrix:
        part = LEGS[np.ix_(points, points)]
        return TravelMatrix(part[None] * MINUTE, part * 1000)

    def path(self, origin: int, destination: int) -> list[tuple[float, float]]:
        return []


def make_day(
    opens: tuple[str, str, str] = ("", "", ""), minutes: float = 60.0, rules: DayRules | None = None, **own: float
) -> Scenario:
    """One rep, 8 to 17 h, three accounts of priorities 3, 2, 2 that take an hour each."""
    scenario = make_scenario(3, 1, parameters=quiet(**own), day=DayRules(Lunch(43_200, 46_800, 1800), 30.0, 30.0))
    accounts = replace(
        scenario.accounts,
        opens=opens,
        visit_minutes=np.full(3, minutes),
        visits=np.ones(3, dtype=np.int64),
        priority=np.array([3, 2, 2]),
    )
    return replace(scenario, accounts=accounts, reps=(replace(scenario.reps[0], shift_end_s=17 * 3600),))


def make_plan(scenario: Scenario, days: int = 1, stops: Sequence[int] = (0, 1, 2), depart_h: float = 8.0) -> VisitPlan:
    """All stops on the first of so many working days; lunch at noon."""
    work, n = np.arange(days), len(stops)
    first = np.arange(days) == 0
    plan = TerritoryPlan(
        rep=0,
        account=np.array(stops, dtype=np.int64),
        day=np.zeros(n, dtype=np.int64),
        ordinal=np.zeros(n, dtype=np.int64),
        remote=np.zeros(n, dtype=bool),
        start_s=np.full(n, 30_000),
        travel_s=np.zeros(n, dtype=np.int64),
        work_day=work,
        depart_s=np.where(first, int(depart_h * 3600), 8 * 3600),
        finish_s=np.full(days, 60_000),
        lunch_s=np.where(first, 43_200, -1),
        proven=np.zeros(days, dtype=bool),
        needed_s=1.0,
        available_s=1.0,
    )
    return VisitPlan("today", 0, scenario.working_days(0)[:days], scenario.accounts.visits.copy(), (plan,))


def run(scenario: Scenario, plan: VisitPlan, seed: int = 1) -> Quarter:
    return simulate_quarter(stage(scenario, make_design(scenario), [plan], Table()), seed=seed, replication=0)


def outcomes(quarter: Quarter) -> dict[int, int]:
    return dict(zip(quarter.visits["account"].tolist(), quarter.visits["outcome"].tolist(), strict=True))


def clock(*h_min: tuple[int, int]) -> list[int]:
    return [h * 3600 + m * 60 for h, m in h_min]


def test_a_day_without_luck_goes_as_on_paper() -> None:
    scenario = make_day()
    q = run(scenario, make_plan(scenario))
    # 8:00 -10-> 0 at 8:10-9:10 -20-> 1 at 9:30-10:30 -15-> 2 at 10:45-11:45; home at 12:25 after a lunch that starts at 12:25
    assert q.visits["arrive_s"].tolist() == clock((8, 10), (9, 30), (10, 45))
    assert q.visits["leave_s"].tolist() == clock((9, 10), (10, 30), (11, 45))
    assert q.visits["travel_s"].tolist() == [600, 1200, 900]
    assert q.visits["distance_m"].tolist() == [10_000, 20_000, 15_000]
    found = {name: column[0] for name, column in q.minutes.items()}
    assert (found["travel"], found["visit"], found["wait"], found["admin"]) == (85.0, 180.0, 0.0, 30.0)
    assert found["distance_m"] == 85_000
    assert (found["lunch"], found["idle"], found["overtime"]) == (0.0, 540.0 - 85.0 - 180.0 - 30.0, 0.0)


def test_lunch_is_taken_between_two_visits_at_its_planned_time() -> None:
    scenario = make_day(minutes=90.0)
    q = run(scenario, make_plan(scenario))
    # 0 8:10-9:40, 1 10:00-11:30; 2 ends at 13:15, past the latest start of lunch, but noon has not come: drive, arrive at 11:45,
    # eat once the visit is over
    assert q.visits["arrive_s"].tolist() == clock((8, 10), (10, 0), (11, 45))
    assert q.minutes["lunch"][0] == 30.0
    late = make_plan(scenario, depart_h=8.5)
    q = run(scenario, late)  # half an hour later the rep arrives at 12:15, eats, starts at 12:45
    assert q.visits["arrive_s"].tolist() == clock((8, 40), (10, 30), (12, 45))
    assert q.minutes["lunch"][0] == 30.0


def test_a_rep_waits_at_a_door_that_opens_later() -> None:
    scenario = make_day(("Mo-Fr 09:00-18:00", "", ""))
    q = run(scenario, make_plan(scenario))
    assert q.visits["start_s"][0] == 9 * 3600
    assert q.minutes["wait"][0] == 50.0


def test_a_stop_whose_door_will_be_closed_is_dropped_before_the_drive() -> None:
    scenario = make_day(("", "", "Mo-Fr 07:00-10:00"))
    q = run(scenario, make_plan(scenario))
    assert outcomes(q) == {0: HELD, 1: HELD, 2: DROPPED}
    assert q.minutes["travel"][0] == 10 + 20 + 20
    assert q.visits["arrive_s"][q.visits["account"] == 2].tolist() == [-1]


def test_a_day_that_runs_over_drops_the_lowest_priority_the_last_of_them() -> None:
    scenario = make_day(minutes=180.0)
    # 3 visits of 3 h, 85 min of travel, lunch, office: 11 h 25; allowed are 9 h 30: account 2 goes, and that is enough
    q = run(scenario, make_plan(scenario))
    assert outcomes(q) == {0: HELD, 1: HELD, 2: DROPPED}
    swapped = run(scenario, make_plan(scenario, stops=(2, 1, 0)))
    assert outcomes(swapped) == {0: HELD, 1: DROPPED, 2: HELD}


def test_overtime_is_allowed_up_to_its_limit() -> None:
    scenario = make_day(minutes=140.0)
    q = run(scenario, make_plan(scenario))
    # 420 min of visits, 85 of travel, lunch 30, office 30 = 565 of 540
    assert set(outcomes(q).values()) == {HELD}
    assert q.minutes["overtime"][0] == pytest.approx(25.0)
    strict = replace(scenario, day=replace(scenario.day, max_overtime_minutes=20.0))
    assert DROPPED in outcomes(run(strict, make_plan(strict))).values()


def test_a_dropped_visit_is_made_up_on_the_next_free_day() -> None:
    scenario = make_day(minutes=180.0)
    q = run(scenario, make_plan(scenario, days=3))
    of_two = q.visits["account"] == 2
    assert q.visits["outcome"][of_two].tolist() == [DROPPED, HELD]
    assert q.visits["date"][of_two].tolist() == [0, 1]
    assert q.visits["ordinal"][of_two].tolist() == [0, 0]
    assert q.visits["arrive_s"][of_two].tolist() == [-1, 8 * 3600 + 35 * 60]


def test_what_is_called_off_frees_its_time_and_what_is_not_is_missed_at_the_door() -> None:
    off = make_day(missed_share=1.0, called_off_share=1.0, rebooked_share=0.0)
    q = run(off, make_plan(off))
    assert set(outcomes(q).values()) == {CANCELLED}
    assert q.minutes["travel"][0] == 0.0
    assert q.minutes["idle"][0] == 540.0 - 30.0
    away = make_day(missed_share=1.0, called_off_share=0.0, rebooked_share=0.0)
    q = run(away, make_plan(away))
    assert set(outcomes(q).values()) == {NO_SHOW}
    assert (q.minutes["travel"][0], q.minutes["wait"][0], q.minutes["visit"][0]) == (85.0, 30.0, 0.0)


def test_a_missed_visit_the_customer_rebooks_is_due_again_after_some_days() -> None:
    scenario = make_day(missed_share=0.5, called_off_share=1.0, rebooked_share=1.0)
    visits = [run(scenario, make_plan(scenario, days=20), seed).visits for seed in range(4)]
    again = np.concatenate([v["date"][v["date"] > 0] for v in visits])
    assert len(again)
    assert again.min() >= 5


def test_remote_visits_take_time_but_no_road() -> None:
    scenario = make_day()
    plan = make_plan(scenario)
    territory = replace(plan.territories[0], remote=np.ones(3, dtype=bool))
    q = run(scenario, replace(plan, territories=(territory,)))
    assert (q.minutes["travel"][0], q.minutes["visit"][0]) == (0.0, 180.0)
    assert q.visits["remote"].tolist() == [1, 1, 1]


def test_rush_hours_are_slower_and_the_working_day_keeps_its_mean() -> None:
    scenario = make_day(rush_factor=1.2)
    q = run(scenario, make_plan(scenario))
    calm = (10 - 2 * 1.2) / 8
    assert q.visits["travel_s"].tolist() == [round(600 * 1.2), round(1200 * calm), round(900 * calm)]


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 1000), st.floats(0.0, 0.6), st.floats(0.0, 0.5))
def test_the_minutes_of_every_shift_add_up(seed: int, noise: float, missed: float) -> None:
    q = simulate(60, 3, seed=seed, parameters={"travel_cv": noise, "visit_cv": noise, "missed_share": missed})
    m = q.minutes
    total = sum(m[name] for name in ("travel", "wait", "visit", "lunch", "admin", "idle"))
    assert np.allclose(total, 570.0 + m["overtime"])
    assert all((m[name] >= 0.0).all() for name in ("travel", "wait", "visit", "lunch", "admin", "idle", "overtime"))
    held = q.visits["outcome"] == HELD
    on_road = q.visits["leave_s"][held] - q.visits["start_s"][held]
    by_day = {}
    for rep, date, minutes in zip(q.visits["rep"][held], q.visits["date"][held], on_road / 60.0, strict=True):
        by_day[rep, date] = by_day.get((rep, date), 0.0) + minutes
    for rep, date, minutes in zip(m["rep"], m["date"], m["visit"], strict=True):
        assert by_day.get((rep, date), 0.0) == pytest.approx(minutes, abs=0.2)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 1000))
def test_every_visit_due_is_held_or_missed_once(seed: int) -> None:
    q = simulate(60, 3, seed=seed)
    names = list(zip(q.visits["account"].tolist(), q.visits["ordinal"].tolist(), strict=True))
    held = [name for name, outcome in zip(names, q.visits["outcome"].tolist(), strict=True) if outcome == HELD]
    assert len(held) == len(set(held))
    planned = dict(zip(q.due["account"].tolist(), q.due["planned"].tolist(), strict=True))
    for account, count in planned.items():
        assert len({name for name in names if name[0] == account}) == count
        assert count <= q.due["due"][account]
    doors = [(i, w) for i, w, o in zip(q.visits["account"], q.visits["start_s"], q.visits["outcome"], strict=True) if o == HELD]
    assert all(8.5 * 3600 <= start <= 17 * 3600 for i, start in doors if i % 3 == 2)


def test_half_a_capacity_is_paid_for_half_a_shift() -> None:
    """9 h shift and half an hour of office work, halved: 4 h 30 in all, 15 min of them at the desk."""
    scenario = make_day()
    half = replace(scenario, reps=(replace(scenario.reps[0], capacity=0.5),))
    log = simulate_quarter(stage(half, make_design(half), [make_plan(half, days=3, stops=())], Table()), seed=1, replication=0)
    spent = {name: log.minutes[name].astype(float) for name in ("travel", "wait", "visit", "lunch", "admin", "idle", "overtime")}
    assert spent["admin"].tolist() == [15.0] * len(spent["admin"])
    assert (sum(spent.values()) - 2.0 * spent["overtime"]).tolist() == [270.0] * len(spent["admin"])
