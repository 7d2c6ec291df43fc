"""Seats that fall vacant: clocks against renewal theory, and what a vacancy does to visits, money and seats."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from simulation.plans import make_plans
from simulation.setting import make_stage, of_kind, quiet, same
from small import make_design, make_scenario, make_travel

from fieldsim.kpi import measure
from fieldsim.model import Design, Quarter
from fieldsim.simulation import ANY, Departures, simulate_quarter, stage
from fieldsim.simulation.leavers import Clocks, gaps
from fieldsim.simulation.rosters import reps_of

ORDER, OPENED, DEAL, LOST, CHURN, HANDOVER = range(6)
MONTH = 365.0 / 12.0


@pytest.mark.parametrize(("rate", "months", "share"), [(0.27, 3.5, 0.0730), (0.27, 6.2, 0.1224)])
def test_seats_are_vacant_as_renewal_theory_says(rate: float, months: float, share: float) -> None:
    reps, years = reps_of(make_scenario(12, 400)), 40
    clocks = Clocks(14.0, 0.7, months * MONTH, 0.5)
    assert rate * months / 12 / (1 + rate * months / 12) == pytest.approx(share, abs=5e-4)
    found = gaps(reps, clocks, Departures(rate), years * 365.0, 1, 0)
    end = years * 365.0
    vacant = sum(min(gap.hired, end) - gap.leaves for gap in found) / (400 * end)
    assert vacant == pytest.approx(share, rel=0.04)


def test_departures_in_a_quarter_follow_the_hazard() -> None:
    reps = reps_of(make_scenario(12, 400))
    clocks = Clocks(14.0, 0.7, 1e9, 0.0)
    counts = [len(gaps(reps, clocks, Departures(0.27), 365 / 4, 1, r)) for r in range(20)]
    assert np.mean(counts) == pytest.approx(400 * (1 - math.exp(-0.27 / 4)), rel=0.05)


def test_given_departures_name_their_seat_or_draw_it() -> None:
    reps, clocks = reps_of(make_scenario(12, 6)), Clocks(14.0, 0.7, 30.0, 0.0)
    found = gaps(reps, clocks, Departures(given=((2, 25.0), (ANY, 40.0), (ANY, 5.0))), 92.0, 1, 0)
    assert [gap.leaves for gap in found] == [5.0, 25.0, 40.0]
    assert found[1] == (2, 11.0, 25.0, 55.0, 1)
    assert found[0].resigns == 0.0
    drawn = {tuple(g.rep for g in gaps(reps, clocks, Departures(given=((ANY, 5.0),)), 92.0, 1, r)) for r in range(20)}
    assert len(drawn) > 2


def run(departures: Departures | None, quarters: int = 2, **own: float):  # type: ignore[no-untyped-def]
    scenario = make_scenario(60, parameters=quiet(**own))
    return simulate_quarter(make_stage(scenario, quarters=quarters), seed=1, replication=0, departures=departures), scenario


def test_a_vacant_seat_is_not_visited_and_a_new_hire_takes_over() -> None:
    q, scenario = run(Departures(given=((1, 30.5),)), vacancy_months=1.0, vacancy_sigma=0.0, notice_effort=1.0)
    kept, _ = run(None)
    dates = q.visits["date"][(q.visits["rep"] == 1) & (q.visits["outcome"] == 0)]
    gap = (31, math.ceil(30.5 + MONTH))
    assert not ((dates >= gap[0]) & (dates < gap[1])).any()
    assert (dates < gap[0]).any()
    assert (dates >= gap[1]).any()
    seats = sorted(zip(*(q.seats[n].tolist() for n in ("territory", "rep", "from_day", "to_day")), strict=True))
    assert [row for row in seats if row[0] == 1] == [(1, -1, *gap), (1, 1, 0, gap[0]), (1, 1, gap[1], 182)]
    for rep in (0, 2):  # the others' days are what they were
        assert np.array_equal(q.visits["arrive_s"][q.visits["rep"] == rep], kept.visits["arrive_s"][kept.visits["rep"] == rep])
    assert measure(q, scenario)["revenue"] < measure(kept, scenario)["revenue"]
    assert measure(q, scenario)["rep_cost"] < measure(kept, scenario)["rep_cost"]
    dropped = (q.visits["rep"] == 1) & (q.visits["outcome"] == 3)
    away = (q.visits["date"] >= gap[0]) & (q.visits["date"] < gap[1])
    assert set(q.visits["outcome"][away & (q.visits["rep"] == 1)].tolist()) == {3}
    assert dropped.sum() > ((kept.visits["rep"] == 1) & (kept.visits["outcome"] == 3)).sum()
    assert measure(q, scenario)["coverage"] <= measure(kept, scenario)["coverage"]


def test_nobody_leaves_unless_asked() -> None:
    stage = make_stage(make_scenario(60))
    assert same(
        simulate_quarter(stage, seed=1, replication=0),
        simulate_quarter(stage, seed=1, replication=0, departures=Departures(0.0)),
    )


def test_departures_are_the_same_under_every_design() -> None:
    scenario = make_scenario(60, 6)
    today = make_design(scenario)
    leaving = Departures(rate=2.0)
    stages = [make_stage(scenario, make_design(scenario, "x", k), 2, current=today) for k in (0, 1)]
    logs = [simulate_quarter(stage, seed=1, replication=0, departures=leaving) for stage in stages]
    vacant = [q.seats["rep"] == -1 for q in logs]
    assert vacant[0].any()
    for name in ("from_day", "to_day"):
        assert sorted(logs[0].seats[name][vacant[0]].tolist()) == sorted(logs[1].seats[name][vacant[1]].tolist())


def test_under_notice_fewer_days_are_worked() -> None:
    lazy, _ = run(Departures(given=((1, 60.0),)), notice_days=60.0, notice_effort=0.0)
    keen, _ = run(Departures(given=((1, 60.0),)), notice_days=60.0, notice_effort=1.0)
    worked = [int(((q.minutes["rep"] == 1) & (q.minutes["date"] < 60)).sum()) for q in (lazy, keen)]
    assert worked[0] <= 1 < 35 < worked[1]


def test_an_uncovered_territory_erodes_by_three_to_six_percent_of_its_orders_a_month() -> None:
    scenario = make_scenario(240, 12, parameters=quiet())
    today = make_design(scenario)
    empty = Design("empty", today.territories, today.territory_of, np.full(12, -1))
    full, vacant = (simulate_quarter(make_stage(scenario, d, 2, current=d), seed=1, replication=0) for d in (today, empty))
    orders = [[of_kind(q, ORDER)["amount"][k].sum() for k in by_quarter(q)] for q in (full, vacant)]
    for kept, left, months in zip(*orders, (1.5, 4.5), strict=True):
        assert 0.03 < 1 - (left / kept) ** (1 / months) < 0.06


def by_quarter(q: Quarter) -> tuple[np.ndarray, np.ndarray]:
    first = of_kind(q, ORDER)["time"] <= 92
    return first, ~first


def covered(takers: np.ndarray | None, returns: bool = True) -> tuple[Quarter, Design]:
    """Rep 1 leaves on day 20 for a month."""
    scenario = make_scenario(60, parameters=quiet(vacancy_months=1.0, vacancy_sigma=0.0, notice_effort=1.0))
    today, travel = make_design(scenario), make_travel(scenario)
    plans = make_plans(scenario, today, travel)
    made = stage(scenario, today, plans, travel, current=today, takers=takers, returns=returns)
    return simulate_quarter(made, seed=1, replication=0, departures=Departures(given=((1, 20.0),))), today


def visitors(q: Quarter, accounts: np.ndarray, start: int, end: int) -> set[int]:
    v = q.visits
    keep = np.isin(v["account"], accounts) & (v["outcome"] == 0) & (v["date"] >= start) & (v["date"] < end)
    return set(v["rep"][keep].tolist())


def test_colleagues_visit_what_they_take_over_until_the_next_hire() -> None:
    alone, today = covered(None)
    orphans = today.book(1)
    takers = np.full(60, -1)
    takers[orphans] = np.where(np.arange(len(orphans)) % 2, 0, 2)
    back, _ = covered(takers)
    for_good, _ = covered(takers, returns=False)
    assert visitors(alone, orphans, 20, 50) == set()
    assert visitors(back, orphans[1::2], 20, 50) == visitors(for_good, orphans[1::2], 20, 50) == {0}
    assert visitors(back, orphans[::2], 20, 50) == {2}
    assert visitors(back, orphans, 52, 92) == {1}
    assert visitors(for_good, orphans[::2], 52, 92) == {2}
    assert visitors(for_good, today.book(0), 0, 92) == {0}
    held = [int((q.visits["outcome"] == 0).sum()) for q in (alone, back)]
    assert held[1] >= held[0]
    changes = [(of_kind(q, HANDOVER)["amount"] == 0.0).sum() for q in (alone, back, for_good)]
    assert changes == [40, 40, 20]


def test_a_colleague_who_has_left_too_takes_nothing() -> None:
    scenario = make_scenario(60, parameters=quiet(vacancy_months=6.0, vacancy_sigma=0.0))
    today, travel = make_design(scenario), make_travel(scenario)
    takers = np.where(today.territory_of == 1, 0, -1)
    made = stage(scenario, today, make_plans(scenario, today, travel), travel, current=today, takers=takers)
    q = simulate_quarter(made, seed=1, replication=0, departures=Departures(given=((0, 10.0), (1, 20.0))))
    assert visitors(q, today.book(1), 21, 92) == set()


def test_a_contract_that_ends_leaves_the_seat_vacant_for_good() -> None:
    scenario = make_scenario(60, parameters=quiet())
    leaver, late = scenario.reps[1], scenario.reps[2]
    last, first = scenario.start + timedelta(days=30), scenario.start + timedelta(days=20)
    reps = (scenario.reps[0], replace(leaver, end=last), replace(late, start=first), *scenario.reps[3:])
    q = simulate_quarter(make_stage(replace(scenario, reps=reps), quarters=2), seed=1, replication=0)
    seats = list(zip(*(q.seats[name].tolist() for name in ("rep", "from_day", "to_day")), strict=True))
    assert [(a, b) for rep, a, b in seats if rep == 1] == [(0, 31)]
    assert [(a, b) for rep, a, b in seats if rep == 2] == [(20, q.days)]
    assert [(a, b) for rep, a, b in seats if rep == -1] == [(31, q.days), (0, 20)]
    earned = (q.ledger["rep"] == 1) & np.isin(q.ledger["kind"], (ORDER, DEAL)) & (q.ledger["quota_credit"] > 0)
    assert earned.any()
    assert q.ledger["time"][earned].max() <= 31.05
    cost = sum(rep.cost_per_year * days for rep, days in zip(reps, (q.days, 31, q.days - 20), strict=True)) / 365.0
    assert measure(q, scenario)["rep_cost"] == pytest.approx(cost)


def test_a_manager_holds_the_share_of_a_vacant_seats_visits_that_is_asked_for() -> None:
    scenario = make_scenario(60, 3, parameters=quiet(vacancy_months=3.0))
    today, travel = make_design(scenario), make_travel(scenario)
    plans = make_plans(scenario, today, travel)
    waiting = np.where(today.territory_of == 1, 1.0, 0.0)
    found = {}
    for share in (0.0, 0.25, 1.0):
        made = stage(scenario, today, plans, travel, current=today, pooled=share * waiting)
        found[share] = simulate_quarter(made, seed=1, replication=0, departures=Departures(given=((1, 20.0),)))
    gap = {share: quarter.visits["date"] >= 20 for share, quarter in found.items()}
    rows = {share: {n: c[gap[share]] for n, c in quarter.visits.items()} for share, quarter in found.items()}
    due = int((today.territory_of[rows[0.0]["account"]] == 1).sum())
    assert (rows[0.0]["rep"] >= 0).all()
    mine = rows[1.0]["rep"] < 0
    assert mine.sum() == due == (today.territory_of[rows[1.0]["account"]] == 1).sum()
    assert (rows[1.0]["outcome"][mine] == 0).all()
    assert (rows[1.0]["start_s"][mine] == rows[1.0]["planned_start_s"][mine]).all()
    assert 0 < (rows[0.25]["rep"] < 0).sum() < due
    orders = [quarter.ledger["amount"][quarter.ledger["kind"] == 0].sum() for quarter in found.values()]
    assert orders[0] < orders[1] < orders[2]


def test_a_managers_way_is_from_the_seats_home_and_back_shared_by_a_trips_visits() -> None:
    scenario = make_scenario(60, 3, parameters=quiet(manager_trip_visits=4.0, manager_week_hours=30.0))
    today, travel = make_design(scenario), make_travel(scenario)
    waiting = np.where(today.territory_of == 1, 1.0, 0.0)
    made = stage(scenario, today, make_plans(scenario, today, travel), travel, current=today, pooled=waiting)
    visits = simulate_quarter(made, seed=1, replication=0, departures=Departures(given=((1, 20.0),))).visits
    mine = visits["rep"] < 0
    here = travel.matrix(np.arange(60 + len(scenario.reps)))
    home = np.round(here.seconds[0][:60, 61] / 2.0), np.round(here.metres[:60, 61] / 2.0)
    assert mine.any()
    for name, way in zip(("travel_s", "distance_m"), home, strict=True):
        expected = np.where(visits["remote"][mine] == 1, 0, way[visits["account"][mine]])
        assert visits[name][mine].tolist() == expected.tolist()


@pytest.mark.parametrize("reps_per_manager", [3.0, 2.0])
def test_managers_hold_no_more_than_they_have_hours_for_however_many_seats_are_vacant(reps_per_manager: float) -> None:
    own = quiet(manager_week_hours=2.0, reps_per_manager=reps_per_manager, vacancy_months=12.0, vacancy_sigma=0.0)
    scenario = make_scenario(120, 4, parameters=own)
    today, travel = make_design(scenario), make_travel(scenario)
    plans = make_plans(scenario, today, travel, 2)
    made = stage(scenario, today, plans, travel, current=today, pooled=np.ones(120))
    hours, managers = [], round(4 / reps_per_manager)
    for given in (((1, 0.0),), ((1, 0.0), (2, 0.0), (3, 0.0))):
        for replication in range(6):
            q = simulate_quarter(made, seed=5, replication=replication, departures=Departures(given=given))
            hours.append(measure(q, scenario)["manager_hours"] / (q.days / 7.0))
        asked = made.errands.week_s[np.isin(today.territory_of, [who for who, _ in given])].sum() / 3600.0
        assert asked > 2.0 * managers
        assert np.mean(hours[-6:]) == pytest.approx(2.0 * managers, rel=0.1)


def test_accounts_of_who_stays_make_room_and_come_back_with_the_next_hire() -> None:
    scenario = make_scenario(60, parameters=quiet(vacancy_months=1.0, vacancy_sigma=0.0, notice_effort=1.0))
    today, travel = make_design(scenario), make_travel(scenario)
    takers = np.where(today.territory_of == 1, 0, -1)
    lent = today.book(0)[:6]
    shifts = np.array([(1, i, 2) for i in lent.tolist()])
    made = stage(scenario, today, make_plans(scenario, today, travel), travel, current=today, takers=takers, shifts=shifts)
    q = simulate_quarter(made, seed=1, replication=0, departures=Departures(given=((1, 20.0),)))
    assert visitors(q, lent, 0, 20) == {0}
    assert visitors(q, lent, 21, 50) == {2}
    assert visitors(q, today.book(1), 21, 50) == {0}
    assert visitors(q, lent, 53, 92) == {0}
    changed = of_kind(q, HANDOVER)["account"]
    assert all((changed == i).sum() >= 2 for i in lent.tolist())
    calm = simulate_quarter(made, seed=1, replication=0)
    assert visitors(calm, lent, 0, 92) == {0}
