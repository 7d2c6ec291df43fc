"""The market against closed forms: orders, thinned candidates, the pipeline, wins, churn, hand-over, credit."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import chisquare, kstest, poisson
from simulation.setting import make_stage, of_kind, quiet, same, simulate
from small import make_design, make_scenario

from fieldsim.luck import keys_of, stream, uniform
from fieldsim.model import Design, Overlay, Quarter, Scenario
from fieldsim.simulation import simulate_quarter
from fieldsim.simulation.response import QUARTER_DAYS, fit, goodwill_after, mean_response

ORDER, OPENED, DEAL, LOST, CHURN, HANDOVER = range(6)
STILL = {"calls_elasticity": 0.0}
"""A flat response: revenue runs at today's rate whatever happens."""
NEUTRAL = {"skill_sigma": 0.0, "fit_effect": 0.0, "tenure_effect": 0.0, "opportunity_mix_cv": 0.0}


def unvisited(scenario: Scenario) -> Scenario:
    """The same book with visits due that no plan can place: all doors closed."""
    accounts = replace(scenario.accounts, opens=("Mo 00:00-00:01",) * len(scenario.accounts))
    return replace(scenario, accounts=accounts)


def response_path(scenario: Scenario, quarter: Quarter, i: int, seed: int, steps: int = 40) -> np.ndarray:
    """ρ of account i on a fine grid of the horizon, from the visits of the log by plain Python."""
    gap = QUARTER_DAYS / scenario.accounts.visits[i] / 0.92
    curve = fit("x", gap, 0.025, 240.0, 2.0, 0.34)
    scale = 1.0 / mean_response(curve, gap, 0.025, 240.0)
    key = keys_of([scenario.accounts.ids[i]])[0]
    last = -uniform(stream(seed, 0, "phase"), key, 0) * gap
    g = goodwill_after(gap, 0.025, 240.0)
    v = quarter.visits
    mine = (v["account"] == i) & (v["outcome"] == 0)
    held = sorted((v["date"] + v["leave_s"] / 86400)[mine].tolist())
    fit_lift = 1.0 if scenario.accounts.industry[i] in scenario.reps[i % 3].skills else 0.9
    times = (np.arange(quarter.days * steps) + 0.5) / steps
    path = np.empty(len(times))
    for k, t in enumerate(times):
        while held and held[0] <= t:
            g *= 2 ** (-(held[0] - last) / 240.0)
            g += 0.025 * fit_lift * (1.0 - g)
            last = held.pop(0)
        x = (g * 2 ** (-(t - last) / 240.0)) ** 2
        path[k] = scale * (curve.floor + (1 - curve.floor) * x / (curve.half + x))
    return path


def test_orders_are_the_integral_of_the_response() -> None:
    scenario = make_scenario(parameters=quiet())
    q = simulate_quarter(make_stage(scenario), seed=3, replication=0)
    orders = of_kind(q, ORDER)
    for i in range(6):
        by_hand = response_path(scenario, q, i, 3).mean() * q.days * scenario.accounts.revenue_last_year[i] / 365
        assert orders["amount"][orders["account"] == i].sum() == pytest.approx(by_hand, rel=2e-5)


def test_seasons_weigh_the_orders_of_their_month() -> None:
    flat = simulate(parameters=quiet(**STILL), quarters=1)
    peaked = simulate(parameters=quiet(**STILL, season_november=2.0), quarters=1)
    ratio = peaked.ledger["amount"].sum() / flat.ledger["amount"].sum()
    assert ratio == pytest.approx((92 + 30) / 92, rel=1e-6)


def test_todays_service_keeps_todays_revenue() -> None:
    q = [simulate(300, 12, seed=s, parameters=quiet()) for s in range(3)]
    scenario = make_scenario(300, 12)
    planned = q[0].due["planned"] / np.maximum(1, q[0].due["due"])
    full = planned > 0.99
    rate = scenario.accounts.revenue_last_year[full].sum() * 92 / 365
    orders = np.mean([one.ledger["amount"][np.isin(one.ledger["account"], np.flatnonzero(full))].sum() for one in q])
    assert orders / rate == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("season", [0.5, 1.0, 2.5])
def test_thinned_candidates_are_poisson_also_beyond_one_layer(season: float) -> None:
    own = quiet(**STILL, **NEUTRAL, opportunities_per_quarter=1.0)
    own |= {f"season_{month}": season for month in ("october", "november", "december")}
    scenario = unvisited(make_scenario(400, 4, parameters=own))
    counts, times = [], []
    for replication in range(5):
        q = simulate_quarter(make_stage(scenario), seed=1, replication=replication)
        opened = of_kind(q, OPENED)
        fresh = opened["time"] > 0
        counts.append(np.bincount(opened["account"][fresh], minlength=400))
        times.append(opened["time"][fresh])
    rate = 92 / QUARTER_DAYS * season
    all_counts = np.concatenate(counts)
    assert all_counts.mean() == pytest.approx(rate, abs=4 * math.sqrt(rate / len(all_counts)))
    top = int(poisson.ppf(0.999, rate))
    seen = np.bincount(np.minimum(all_counts, top), minlength=top + 1)
    expected = np.array([*poisson.pmf(np.arange(top), rate), poisson.sf(top - 1, rate)]) * len(all_counts)
    assert chisquare(seen, expected).pvalue > 0.001
    assert kstest(np.concatenate(times) / 92, "uniform").pvalue > 0.001


def test_more_service_only_adds_opportunities() -> None:
    scenario = make_scenario(100, 4, parameters=quiet(opportunities_per_quarter=3.0))
    few = simulate_quarter(make_stage(unvisited(scenario)), seed=1, replication=0)
    many = simulate_quarter(make_stage(scenario), seed=1, replication=0)
    names = [
        set(zip(o["account"].tolist(), o["opportunity"].tolist(), strict=True))
        for o in (of_kind(few, OPENED), of_kind(many, OPENED))
    ]
    assert names[0] < names[1]


def stages(own: dict[str, float], n: int = 600, quarters: int = 1) -> tuple[list[Quarter], Scenario]:
    scenario = make_scenario(n, 6, parameters=quiet(**NEUTRAL, **STILL, push_days=0.0, overdue_after=1e9, **own))
    stage = make_stage(scenario, quarters=quarters)
    return [simulate_quarter(stage, seed=2, replication=r) for r in range(4)], scenario


def test_the_pipeline_obeys_littles_law() -> None:
    runs, _ = stages({"opportunities_per_quarter": 2.0})
    flow = 600 * 2.0 / QUARTER_DAYS
    stay = 15.0 * (1 + 0.7 + 0.49 + 0.343)
    standing = []
    for q in runs:
        closed = {**_times(q, DEAL), **_times(q, LOST)}
        opened = _times(q, OPENED)
        standing.append(sum(min(closed.get(name, q.days), q.days) - max(t, 0.0) for name, t in opened.items()) / q.days)
    assert np.mean(standing) == pytest.approx(flow * stay, rel=0.04)
    at_start = np.mean([sum(t < 0 for t in _times(q, OPENED).values()) for q in runs])
    assert at_start == pytest.approx(flow * stay, rel=0.06)


def _times(q: Quarter, kind: int) -> dict[tuple[int, int], float]:
    rows = of_kind(q, kind)
    return dict(zip(zip(rows["account"].tolist(), rows["opportunity"].tolist(), strict=True), rows["time"].tolist(), strict=True))


def test_a_steady_pipeline_wins_the_product_of_its_stages() -> None:
    runs, _ = stages({"opportunities_per_quarter": 2.0}, quarters=2)
    won = sum(len(of_kind(q, DEAL)["time"]) for q in runs)
    lost = sum(len(of_kind(q, LOST)["time"]) for q in runs)
    assert won / (won + lost) == pytest.approx(0.7**4, abs=4 * math.sqrt(0.24 * 0.76 / (won + lost)))
    cycle = [t - _times(q, OPENED)[name] for q in runs for name, t in _times(q, DEAL).items()]
    assert np.mean(cycle) == pytest.approx(60.0, rel=0.03)
    days = runs[0].days
    assert won / 4 == pytest.approx(600 * 2.0 / QUARTER_DAYS * 0.7**4 * days, rel=0.06)


def test_deals_are_worth_their_share_of_the_headroom() -> None:
    runs, scenario = stages({"opportunities_per_quarter": 2.0, "recurring_share": 0.0})
    headroom = scenario.accounts.potential - scenario.accounts.revenue_last_year
    sizes, room = [], []
    for q in runs:
        opened = of_kind(q, OPENED)
        sizes.append(opened["amount"].sum())
        room.append(headroom[opened["account"]].sum())
    assert sum(sizes) / sum(room) == pytest.approx(0.2, rel=0.08)


def test_a_recurring_deal_brings_its_money_as_orders() -> None:
    one_off, _ = stages({"opportunities_per_quarter": 2.0, "recurring_share": 0.0}, n=60)
    recurring, scenario = stages({"opportunities_per_quarter": 2.0, "recurring_share": 1.0}, n=60)
    for a, b in zip(one_off, recurring, strict=True):
        deals, orders = of_kind(b, DEAL), of_kind(b, ORDER)
        assert (deals["revenue_share"] == 0.0).all()
        assert (of_kind(a, DEAL)["revenue_share"] == 1.0).all()
        assert orders["amount"].sum() > of_kind(a, ORDER)["amount"].sum()
    assert len(scenario.accounts) == 60


def test_accounts_churn_at_the_given_rate_and_then_fall_silent() -> None:
    scenario = make_scenario(600, 6, parameters=quiet(annual_churn=0.4))
    stage = make_stage(scenario, quarters=2)
    gone = [of_kind(simulate_quarter(stage, seed=1, replication=r), CHURN) for r in range(4)]
    share = np.mean([len(g["time"]) / 600 for g in gone])
    assert share == pytest.approx(1 - math.exp(-0.4 * stage.days / 365), rel=0.1)
    q = simulate_quarter(stage, seed=1, replication=0)
    for account, t in zip(gone[0]["account"].tolist(), gone[0]["time"].tolist(), strict=True):
        held = (q.visits["account"] == account) & (q.visits["outcome"] == 0)
        assert (q.visits["date"][held] <= t).all()
        assert (q.ledger["time"][q.ledger["account"] == account] <= t).all()


def test_neglected_accounts_churn_more() -> None:
    scenario = make_scenario(600, 6, parameters=quiet(annual_churn=0.4, churn_neglect=4.0))
    kept = simulate_quarter(make_stage(scenario, quarters=2), seed=1, replication=0)
    lost = simulate_quarter(make_stage(unvisited(scenario), quarters=2), seed=1, replication=0)
    accounts = [set(of_kind(q, CHURN)["account"].tolist()) for q in (kept, lost)]
    assert accounts[0] < accounts[1]


def changed(scenario: Scenario, handover: bool = True, **kw: int) -> Quarter:
    other = make_design(scenario, "other", 1)
    stage = make_stage(scenario, other, current=make_design(scenario), handover=handover, **kw)
    return simulate_quarter(stage, seed=1, replication=0)


def test_a_change_of_owner_costs_and_the_gross_view_does_not() -> None:
    scenario = make_scenario(60, parameters=quiet())
    net, gross = changed(scenario), changed(scenario, handover=False)
    assert len(np.unique(of_kind(net, HANDOVER)["account"])) == len(np.unique(of_kind(gross, HANDOVER)["account"])) == 60
    assert of_kind(gross, HANDOVER)["amount"].sum() == 0.0
    losses = of_kind(net, HANDOVER)["amount"]
    assert losses.sum() > 0
    assert (losses < 0).any()  # some accounts gain
    assert (
        net.ledger["amount"][net.ledger["kind"] == ORDER].sum()
        < 0.95 * gross.ledger["amount"][gross.ledger["kind"] == ORDER].sum()
    )


def test_nobody_works_the_deals_of_a_vacant_seat() -> None:
    scenario = make_scenario(60, parameters=quiet(opportunities_per_quarter=3.0))
    today = make_design(scenario)
    empty = Design("empty", today.territories, today.territory_of, np.array([-1, 1, 2]))
    q = simulate_quarter(make_stage(scenario, empty, current=today), seed=1, replication=0)
    vacant = q.ledger["rep"] == -1
    assert set(q.ledger["kind"][vacant].tolist()) == {ORDER, OPENED, HANDOVER}
    assert len(q.visits["account"][today.territory_of[q.visits["account"]] == 0]) == 0
    assert {DEAL, LOST} <= set(q.ledger["kind"][~vacant].tolist())


def test_every_money_is_credited_once_and_specialists_share_it() -> None:
    scenario = make_scenario(60, 4)
    plain = make_design(make_scenario(60, 3))
    overlays = tuple(Overlay(i, 3, 0.4, 0.5, 0.2) for i in range(0, 60, 6))
    design = Design("today", plain.territories, plain.territory_of, plain.rep_of, overlays)
    q = simulate_quarter(make_stage(scenario, design, current=design), seed=1, replication=0)
    money = q.ledger["revenue_share"] > 0
    names = np.stack([q.ledger[name][money] for name in ("time", "account", "opportunity", "kind")])
    _, group = np.unique(names, axis=1, return_inverse=True)
    assert np.allclose(np.bincount(group.ravel(), weights=q.ledger["revenue_share"][money]), 1.0)
    shared = np.isin(q.ledger["account"], range(0, 60, 6)) & money
    assert np.allclose(q.ledger["revenue_share"][shared & (q.ledger["rep"] == 3)], 0.4)
    assert np.allclose(q.ledger["quota_credit"][shared & (q.ledger["rep"] == 3)], 0.5)
    assert np.allclose(q.ledger["quota_credit"][shared & (q.ledger["rep"] != 3)], 1.0)
    assert (q.ledger["rep"][money & ~shared] != 3).all()


def test_the_users_pipeline_replaces_the_drawn_one() -> None:
    scenario = make_scenario(12)
    pipeline = np.zeros(12)
    pipeline[[2, 5]] = 1000.0, 7000.0
    scenario = replace(scenario, accounts=replace(scenario.accounts, open_pipeline=pipeline))
    q = simulate_quarter(make_stage(scenario), seed=1, replication=0)
    opened = of_kind(q, OPENED)
    carried = opened["time"] < 0
    assert dict(zip(opened["account"][carried].tolist(), opened["amount"][carried].tolist(), strict=True)) == {
        2: 1000.0,
        5: 7000.0,
    }


def test_the_end_of_a_quarter_hurries_deals_and_makes_them_smaller() -> None:
    scenario = make_scenario(600, 6, parameters={"opportunities_per_quarter": 2.0})
    stage = make_stage(scenario)
    closed, won, lost = [], 0, 0
    for r in range(4):
        q = simulate_quarter(stage, seed=1, replication=r)
        times = np.concatenate([of_kind(q, DEAL)["time"], of_kind(q, LOST)["time"]])
        closed.append(times)
        won += int((of_kind(q, DEAL)["time"] >= 89).sum())
        lost += int((of_kind(q, LOST)["time"] >= 89).sum())
    times = np.concatenate(closed)
    late, before = (times >= 89).sum() / 3, ((times >= 60) & (times < 89)).sum() / 29
    assert 2.0 < late / before < 3.5
    assert won / (won + lost) < 0.2


def test_a_looser_bound_of_what_accounts_ask_for_changes_nothing() -> None:
    own = {"opportunities_per_quarter": 3.0, "goodwill_lift": 0.08, "calls_elasticity": 0.15, "season_november": 1.6}
    made = make_stage(make_scenario(30, 3, parameters=own), quarters=2)
    book = made.world.book.copy()
    book["most"][:-1] = 1.7 * book["most"][:-1] + 1.0
    more = math.ceil(book["most"].max())
    loose = replace(made, world=made.world._replace(book=book, candidate=np.zeros((0, more), dtype=made.world.candidate.dtype)))
    assert more > made.world.candidate.shape[1]
    for replication in range(4):
        tight, wide = (simulate_quarter(each, seed=3, replication=replication) for each in (made, loose))
        assert same(tight, wide)
