"""Leave, late starters, history, competitors, visits pulled forward, visits that follow their account: each by itself."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from simulation.plans import make_plans
from simulation.setting import make_stage, of_kind, quiet, same
from small import make_design, make_scenario, make_travel

from fieldsim.model import Scenario
from fieldsim.simulation import Departures, restage, simulate_quarter, stage

ORDER, OPENED, DEAL, LOST, CHURN, HANDOVER = range(6)
HELD, NO_SHOW, CANCELLED, DROPPED = range(4)


@pytest.mark.parametrize(("a_year", "a_quarter"), [(0.0, 0), (8.0, 2), (20.0, 5), (40.0, 10)])
def test_annual_leave_takes_its_days_out_of_each_quarter_in_one_block(a_year: float, a_quarter: int) -> None:
    scenario = make_scenario(60, parameters=quiet(leave_days=a_year))
    q = simulate_quarter(make_stage(scenario, quarters=2), seed=1, replication=0)
    for quarter in (0, 1):
        days = [(day - scenario.start).days for day in scenario.working_days(quarter)]
        for rep in range(3):
            worked = [day in set(q.minutes["date"][q.minutes["rep"] == rep].tolist()) for day in days]
            off = np.flatnonzero(~np.array(worked))
            assert len(off) == a_quarter
            assert not a_quarter or off[-1] - off[0] == a_quarter - 1


def test_nothing_is_credited_to_a_rep_before_the_first_day() -> None:
    scenario = make_scenario(60)
    late = replace(scenario.reps[1], start=scenario.start + timedelta(days=40))
    scenario = replace(scenario, reps=(scenario.reps[0], late, scenario.reps[2]))
    q = simulate_quarter(make_stage(scenario), seed=1, replication=0)
    theirs = (q.ledger["rep"] == 1) & np.isin(q.ledger["kind"], (ORDER, DEAL))
    assert theirs.any()
    assert q.ledger["time"][theirs].min() > 40.0
    before = (q.ledger["rep"] == -1) & (q.ledger["kind"] == ORDER)
    assert q.ledger["amount"][before].sum() > 0.0
    assert (q.minutes["date"][q.minutes["rep"] == 1] >= 40).all()


def with_history(scenario: Scenario, rows: list[tuple[object, ...]]) -> Scenario:
    names = ("date", "rep", "account", "kind", "outcome", "amount")
    return replace(scenario, history=dict(zip(names, zip(*rows, strict=True), strict=True)))


def test_the_users_history_sets_last_visit_goodwill_tenure_and_pipeline() -> None:
    scenario = make_scenario(parameters=quiet())
    day = lambda ago: scenario.start - timedelta(days=ago)  # noqa: E731
    rows = [
        (day(200), "R02", "A0000", "visit", "held", None),
        (day(100), "R01", "A0000", "visit", "held", None),
        (day(20), "R01", "A0000", "visit", "held", None),
        (day(10), "R01", "A0000", "visit", "no_show", None),
        (day(90), "R01", "A0001", "opened", "", 5000.0),
        (day(60), "R01", "A0001", "opened", "", 700.0),
        (day(30), "R01", "A0001", "deal", "", 700.0),
    ]
    made = make_stage(with_history(scenario, rows))
    plain = make_stage(scenario)
    a, drawn = made.world.book[0], plain.world.book[0]
    assert a["visited"] == -19.5
    assert a["tenure"] == -99.5
    g = float(drawn["goodwill"]) * 2 ** (-float(drawn["gap"]) / 240.0)
    g += 0.025 * (1 - g)
    for ago in (100, 80):
        g *= 2 ** (-ago / 240.0)
        g += 0.025 * (1 - g)
    assert a["goodwill_then"] == pytest.approx(g)
    assert made.world.book["pipeline"][:3].tolist() == [0.0, 5000.0, 0.0]
    assert math.isnan(plain.world.book["pipeline"][1])
    q = simulate_quarter(made, seed=1, replication=0)
    opened = of_kind(q, OPENED)
    carried = opened["time"] < 0
    assert opened["amount"][carried].tolist() == [5000.0]
    other = [simulate_quarter(one, seed=1, replication=0) for one in (made, plain)]
    orders = [of_kind(one, ORDER) for one in other]
    assert orders[0]["amount"][0] < orders[1]["amount"][0]
    assert orders[0]["amount"][2:].tolist() == orders[1]["amount"][2:].tolist()


def test_a_competitor_wins_more_where_nobody_calls() -> None:
    own = {"opportunities_per_quarter": 3.0, "competitor_pressure": 3.0, "competitor_attacks": 4.0}
    won = []
    for more in ({**own, "competitor_attacks": 0.0}, own, {**own, "competitor_half_days": 5.0}):
        scenario = make_scenario(300, 6, parameters=quiet(**more))
        runs = [simulate_quarter(make_stage(scenario), seed=1, replication=r) for r in range(4)]
        won.append(sum(len(of_kind(q, DEAL)["time"]) for q in runs))
    assert won[0] > won[1] > won[2]


def test_attacks_that_always_bite_press_for_the_share_of_time_of_an_endless_queue() -> None:
    # attacks come as a Poisson process and each lasts 45 days: an account is pressed for 1 - exp(-rate x 45) of the time. Under
    # a pressure nothing survives, first stages of accounts that nobody visits fail for that share more
    own = {"opportunities_per_quarter": 3.0, "competitor_pressure": 60.0, "competitor_half_days": 1e-9, "skill_sigma": 0.0}
    flat = {
        "calls_elasticity": 0.0,
        "fit_effect": 0.0,
        "tenure_effect": 0.0,
        "overdue_speed": 1.0,
        "push_days": 0.0,
        "stage_survival": 0.999,
    }
    shares = []
    for attacks in (0.0, 4.0):
        scenario = make_scenario(600, 6, parameters=quiet(**own, **flat, competitor_attacks=attacks, stage_sigma=0.0))
        runs = [simulate_quarter(make_stage(scenario), seed=1, replication=r) for r in range(4)]
        opened = [
            {(i, n): t for i, n, t in zip(o["account"], o["opportunity"], o["time"], strict=True) if t > 0.0}
            for o in (of_kind(q, OPENED) for q in runs)
        ]
        first = [
            sum(
                1
                for i, n, t in zip(o["account"], o["opportunity"], o["time"], strict=True)
                if 0 < t - seen.get((i, n), -99) < 15.1
            )
            for o, seen in zip((of_kind(q, LOST) for q in runs), opened, strict=True)
        ]
        reached = [sum(1 for t in seen.values() if t < q.days - 15.1) for q, seen in zip(runs, opened, strict=True)]
        shares.append(sum(first) / sum(reached))
    assert shares[0] < 0.01
    assert shares[1] == pytest.approx(1.0 - math.exp(-4.0 / 365.0 * 45.0), abs=0.03)


def test_a_cancellation_pulls_a_visit_of_the_next_days_forward() -> None:
    def run(days: float):  # type: ignore[no-untyped-def]
        own = quiet(missed_share=0.3, called_off_share=1.0, rebooked_share=0.0, pull_forward_days=days)
        return simulate_quarter(make_stage(make_scenario(60, parameters=own)), seed=1, replication=0)

    fixed, pulled = run(0.0), run(2.0)
    assert (fixed.visits["planned_start_s"] >= 0).all()
    forward = pulled.visits["planned_start_s"] == -1
    assert forward.any()
    cancelled = {
        (rep, day)
        for rep, day, how in zip(*(pulled.visits[n].tolist() for n in ("rep", "date", "outcome")), strict=True)
        if how == CANCELLED
    }
    for rep, day in zip(pulled.visits["rep"][forward].tolist(), pulled.visits["date"][forward].tolist(), strict=True):
        assert (rep, day) in cancelled or NO_SHOW in pulled.visits["outcome"][(pulled.visits["date"] == day) & forward]
    names = list(zip(pulled.visits["account"].tolist(), pulled.visits["ordinal"].tolist(), strict=True))
    assert len(names) == len(set(names))  # never twice
    assert len(names) == len(fixed.visits["account"])


def test_visits_follow_an_account_to_the_colleague_who_takes_it_over() -> None:
    own = quiet(vacancy_months=6.0, vacancy_sigma=0.0, notice_effort=1.0)
    scenario = make_scenario(60, parameters=own)
    today, travel = make_design(scenario), make_travel(scenario)
    plans, takers = make_plans(scenario, today, travel), np.where(make_design(scenario).territory_of == 1, 0, -1)
    leaving = Departures(given=((1, 20.0),))
    made = stage(scenario, today, plans, travel, current=today, takers=takers)
    q = simulate_quarter(made, seed=1, replication=0, departures=leaving)
    v = q.visits
    taken = (today.territory_of[v["account"]] == 1) & (v["date"] >= 21) & (v["outcome"] == HELD)
    assert set(v["rep"][taken].tolist()) == {0}
    planned = taken & (v["planned_start_s"] >= 0)
    assert planned.sum() > 0.5 * taken.sum()  # most are worked into the days, not made up at their ends
    names = list(zip(v["account"][v["outcome"] == HELD].tolist(), v["ordinal"][v["outcome"] == HELD].tolist(), strict=True))
    assert len(names) == len(set(names))
    assert (q.minutes["overtime"] <= 60.0 + 1e-9).all()


def test_other_parameters_on_a_stage_are_the_stage_set_anew() -> None:
    scenario = make_scenario(60)
    today, other = make_design(scenario), make_design(scenario, "other", 1)
    changed = replace(scenario, parameters={"calls_elasticity": 0.2, "leave_days": 0.0, "missed_share": 0.2})
    anew = make_stage(changed, other, current=today)
    again = restage(make_stage(scenario, other, current=today), changed, other, current=today)
    assert same(simulate_quarter(anew, seed=1, replication=0), simulate_quarter(again, seed=1, replication=0))
