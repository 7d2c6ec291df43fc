"""Published figures a stylised sales force must land in. Where a parameter was set for it, the case says so."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from simulation.plans import make_plans
from simulation.setting import make_stage
from small import make_design, make_scenario, make_travel

from fieldsim.kpi import measure
from fieldsim.model import DayProblem, DayVisit, Design, Scenario, TravelMatrix
from fieldsim.routing import route_day
from fieldsim.simulation import Departures, simulate_quarter, stage

ONE = {"fit_effect": 0.0, "fit_lift": 1.0}


def force(n: int = 240, reps: int = 12, factor: float = 1.0, **own: float) -> Scenario:
    """Reps alike, every due visit with room in the plan; `factor` times as many visits due."""
    scenario = make_scenario(n, reps, parameters={**ONE, **own})
    visits = np.round(scenario.accounts.visits * factor).astype(np.int64)
    return replace(scenario, accounts=replace(scenario.accounts, visits=visits, opens=("",) * n))


def mean(scenario: Scenario, kpi: str, quarters: int, replications: int = 6, until: int | None = None, **more: object) -> float:
    made = make_stage(scenario, quarters=quarters, **more)  # type: ignore[arg-type]
    runs = [simulate_quarter(made, seed=1, replication=r) for r in range(replications)]
    return float(np.mean([measure(q, scenario, until_day=until)[kpi] for q in runs]))


def test_a_change_of_rep_costs_13_to_18_percent_of_the_customers_sales_in_a_year() -> None:
    # Shi et al. 2017: 13.2 to 17.6 %. handover_goodwill_loss and handover_risk were set for this case: it encodes its result,
    # but only as a sum over goodwill, deals, churn and orders lost
    scenario = force()
    today, other = make_design(scenario), make_design(scenario, "other", 1)
    net, gross = (mean(scenario, "revenue", 4, design=other, current=today, handover=cost) for cost in (True, False))
    assert 0.132 <= 1 - net / gross <= 0.176


@pytest.mark.parametrize("target", [0.34, 0.245])
def test_more_calls_bring_more_revenue_by_the_published_elasticity(target: float) -> None:
    # Albers et al.: 0.34 over industries, 0.245 in pharma. calls_elasticity encodes the steady state; what is tested is that
    # plans, days, goodwill, orders and deals together arrive there, in the eighth quarter after calls changed
    own = {
        "calls_elasticity": target,
        "missed_share": 0.08,
        "recurring_share": 0.0,
        "annual_churn": 0.0,
        "leads_per_rep_quarter": 0.0,
    }
    scenario = force(120, 12, **own)
    revenue, calls = [], []
    today, travel = make_design(scenario), make_travel(scenario)
    for factor in (2 / 3, 4 / 3):
        more = force(120, 12, factor, **own)
        plans = make_plans(more, today, travel, 8)
        made = stage(scenario, today, [replace(p, due=scenario.accounts.visits) for p in plans], travel, current=today)
        runs = [simulate_quarter(made, seed=1, replication=r) for r in range(4)]
        last = made.world.edges[-2]
        ledger = [(q.ledger["amount"] * q.ledger["revenue_share"])[q.ledger["time"] > last].sum() for q in runs]
        visits = [((q.visits["outcome"] == 0) & (q.visits["date"] >= last)).sum() for q in runs]
        revenue.append(np.mean(ledger))
        calls.append(np.mean(visits))
    arc = np.log(revenue[1] / revenue[0]) / np.log(calls[1] / calls[0])
    assert arc == pytest.approx(target, rel=0.2)


def test_a_team_that_loses_27_percent_of_its_reps_a_year_has_seven_percent_of_seats_vacant_at_last() -> None:
    scenario = force(60, 30)
    made = make_stage(scenario, quarters=8)
    shares = []
    for r in range(10):
        seats = simulate_quarter(made, seed=1, replication=r, departures=Departures(0.27)).seats
        empty = seats["rep"] == -1
        shares.append((seats["to_day"] - seats["from_day"])[empty].sum() / (30 * made.days))
    assert 0.05 < np.mean(shares) < 0.075  # 7.3 % in the long run, less from full staffing over two years


def test_the_last_days_of_a_quarter_close_more_and_win_less() -> None:
    # InsideSales: three times as many closings, win rate down 51 %, deals 34.5 % smaller; push_speed, push_win and push_size
    # encode it. Stages of many days smear it: what is tested is that the month's end still shows
    scenario = force(600, 12, opportunities_per_quarter=2.0)
    made = make_stage(scenario)
    late, before = np.zeros(3), np.zeros(3)
    for r in range(24):
        ledger = simulate_quarter(made, seed=1, replication=r).ledger
        for box, low, high in ((late, 89, 92), (before, 30, 89)):
            here = (ledger["time"] >= low) & (ledger["time"] < high)
            won, lost = here & (ledger["kind"] == 2), here & (ledger["kind"] == 3)
            box += [won.sum(), (won | lost).sum(), ledger["amount"][won].sum()]
    assert 2.5 < (late[1] / 3) / (before[1] / 59) < 3.5
    assert 0.35 < (late[0] / late[1]) / (before[0] / before[1]) < 0.7
    assert 0.5 < (late[2] / late[0]) / (before[2] / before[0]) < 0.85


def test_better_alignment_is_worth_two_to_seven_percent_of_sales() -> None:
    # Zoltners and Sinha: +2 to +7 % (called a guess elsewhere). Not encoded: half of the seats hold five eighths of an amount of
    # accounts that fills all days once spread evenly; judged gross, in the second year
    scenario = force(320, 4, leads_per_rep_quarter=0.0)
    n = len(scenario.accounts)
    crowded = np.where(np.arange(n) % 8 < 5, np.arange(n) % 2, 2 + np.arange(n) % 2).astype(np.int64)
    even = (np.arange(n) % 4).astype(np.int64)
    seats = ("T01", "T02", "T03", "T04")
    before, after = (Design(name, seats, territory, np.arange(4)) for name, territory in (("crowded", crowded), ("even", even)))
    travel = make_travel(scenario)
    revenue = []
    for design in (before, after):
        made = stage(scenario, design, make_plans(scenario, design, travel, 8), travel, current=before, handover=False)
        runs = [simulate_quarter(made, seed=1, replication=r) for r in range(3)]
        year = made.world.edges[4]
        revenue.append(np.mean([(q.ledger["amount"] * q.ledger["revenue_share"])[q.ledger["time"] > year].sum() for q in runs]))
    gain = revenue[1] / revenue[0] - 1
    assert 0.02 < gain < 0.07, gain


def test_calls_given_to_accounts_by_their_worth_bring_eight_percent_more() -> None:
    # CALLPLAN: +8.1 % against a matched control in six months, t = 2.42 (20 reps): its own 95 % interval is 1.5 to 14.7 %. Not
    # encoded: before, every account gets six calls a quarter; after, the same number of calls goes by tier
    own = {"leads_per_rep_quarter": 0.0}
    scenario = force(240, 12, **own)
    book = scenario.accounts
    worth = np.array([{"A": 12, "B": 6, "C": 4}[tier] for tier in book.tier])
    alike = replace(scenario, accounts=replace(book, visits=np.full(len(book), 6)))
    assert worth.sum() == 6 * len(book)
    today, travel = make_design(scenario), make_travel(scenario)
    revenue = []
    for visits in (alike.accounts.visits, worth):
        planned = make_plans(replace(alike, accounts=replace(book, visits=visits)), today, travel, 2)
        made = stage(alike, today, [replace(plan, due=alike.accounts.visits) for plan in planned], travel, current=today)
        revenue.append(np.mean([measure(simulate_quarter(made, seed=1, replication=r), alike)["revenue"] for r in range(12)]))
    gain = revenue[1] / revenue[0] - 1
    assert 0.015 < gain < 0.147, gain


@pytest.mark.parametrize(("months", "share"), [(3.5, 0.0730), (6.2, 0.1224)])
def test_turnover_of_27_percent_leaves_the_published_share_of_seats_empty(months: float, share: float) -> None:
    # 27 % a year (HBR 2017), 3.5 months (Cespedes) or 6.2 (DePaul) to replace: rate and vacancy are parameters; that seats empty
    # and fill on SimPy's clock as renewal theory says, after two years from full staffing, is what is tested
    scenario = force(60, 30, vacancy_months=months)
    made = make_stage(scenario, quarters=8)
    hv = 0.27 * months / 12
    expected = share * (1 - (1 - math.exp(-2 * (1 + hv) / (months / 12))) / (2 * (1 + hv) / (months / 12)))
    empty = []
    for r in range(16):
        seats = simulate_quarter(made, seed=3, replication=r, departures=Departures(0.27)).seats
        gone = seats["rep"] == -1
        empty.append((seats["to_day"] - seats["from_day"])[gone].sum() / (30 * made.days))
    assert np.mean(empty) == pytest.approx(expected, rel=0.2)


@pytest.mark.parametrize(("n", "ratio"), [(5, 0.946), (7, 0.941), (9, 0.911), (11, 0.895), (13, 0.893)])
def test_a_day_of_few_stops_is_as_long_as_the_best_tour_through_random_places(n: int, ratio: float) -> None:
    # length / sqrt(places x area) of best tours in a square, home one of the places; the asymptote 0.7124 does not hold for a day
    rng, lengths = np.random.default_rng(n), []
    for _ in range(60):
        xy = rng.uniform(0.0, 10_000.0, (n, 2))
        metres = np.round(np.hypot(*(xy[:, None] - xy[None]).T)).astype(np.int64)
        visits = tuple(DayVisit(str(k), k, 60, ((0, 86_400),)) for k in range(1, n))
        route = route_day(DayProblem(TravelMatrix(metres[None] // 14, metres), 0, 0, (0, 86_400), visits), explain=False)
        way = [0, *(int(stop.at or 0) for stop in route.stops), 0]
        assert len(route.stops) == n - 1
        lengths.append(sum(metres[a, b] for a, b in itertools.pairwise(way)) / math.sqrt(n) / 10_000.0)
    assert np.mean(lengths) == pytest.approx(ratio, abs=0.035)
