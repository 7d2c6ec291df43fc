"""Joint visits: a specialist is a queue of one server, and two calendars must agree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import simpy
from simulation.setting import make_stage, quiet
from small import make_design, make_scenario

from fieldsim.kpi import measure
from fieldsim.model import Design, Overlay, Quarter
from fieldsim.simulation import simulate_quarter
from fieldsim.simulation.draws import sigma_of
from fieldsim.simulation.specialists import Desk, hold, join


@pytest.mark.parametrize(("load", "cv"), [(0.5, 0.4), (0.8, 0.4), (0.7, 1.0)])
def test_waiting_for_a_specialist_follows_pollaczek_and_khinchine(load: float, cv: float) -> None:
    rng, env = np.random.default_rng(4), simpy.Environment()
    desk, waits, n = Desk(simpy.Resource(env)), [], 60_000
    sigma = sigma_of(cv)
    gaps, lengths = rng.exponential(1.0 / load, n), np.exp(sigma * rng.normal(size=n) - sigma**2 / 2)

    def caller(length: float) -> Iterator[simpy.Event]:
        asked = env.now
        request = yield from join(env, desk, float("1e9"), lambda: 0.0)
        waits.append(env.now - asked)
        env.process(hold(env, desk, request, env.now + length))

    def callers() -> Iterator[simpy.Event]:
        for gap, length in zip(gaps.tolist(), lengths.tolist(), strict=True):
            yield env.timeout(gap)
            env.process(caller(length))

    env.process(callers())
    env.run()
    assert np.mean(waits) == pytest.approx(load * (1.0 + cv**2) / (2.0 * (1.0 - load)), rel=0.08)


def test_who_cannot_wait_goes_in_alone() -> None:
    env = simpy.Environment()
    desk, came = Desk(simpy.Resource(env)), []

    def caller(at: float, patience: float, way: float) -> Iterator[simpy.Event]:
        yield env.timeout(at)
        request = yield from join(env, desk, at + patience, lambda: way)
        came.append((at, request is not None, env.now))
        if request:
            env.process(hold(env, desk, request, at + 10.0))

    for call in ((0.0, 1.0, 0.5), (1.0, 3.0, 0.0), (2.0, 9.0, 0.0), (20.0, 1.0, 5.0)):
        env.process(caller(*call))
    env.run()
    assert came == [(0.0, True, 0.0), (1.0, False, 4.0), (2.0, True, 10.0), (20.0, False, 20.0)]


def force(share: float, **own: float) -> tuple[Quarter, Design]:
    """Three reps with sixty accounts, a third of them with a specialist who joins a share of the visits."""
    scenario = make_scenario(60, 4, parameters=quiet(**own))
    plain = make_design(make_scenario(60, 3))
    design = replace(plain, overlays=tuple(Overlay(i, 3, 0.4, 0.5, share) for i in range(0, 60, 3)))
    return simulate_quarter(make_stage(scenario, design, current=design), seed=1, replication=0), design


def test_a_specialist_is_with_one_customer_at_a_time() -> None:
    q, _ = force(1.0, joint_wait_minutes=60.0)
    days = q.minutes["rep"] == 3
    assert days.sum() > 55
    total = sum(q.minutes[name][days] for name in ("travel", "wait", "visit", "lunch", "admin", "idle"))
    assert np.allclose(total, 570.0 + q.minutes["overtime"][days])
    theirs = (q.visits["account"] % 3 == 0) & (q.visits["outcome"] == 0)
    shared = (q.visits["leave_s"] - q.visits["start_s"])[theirs].sum() / 60.0
    assert 0.3 * shared < q.minutes["visit"][days].sum() <= shared
    assert q.minutes["visit"][days].max() < 480.0


def test_nobody_waits_for_a_specialist_who_joins_no_visit() -> None:
    without, _ = force(0.0)
    joined, _ = force(0.5, joint_wait_minutes=30.0)
    assert not (without.minutes["rep"] == 3).any()
    assert joined.minutes["wait"].sum() > without.minutes["wait"].sum()


def test_a_specialist_with_a_territory_makes_their_share_alone() -> None:
    scenario = make_scenario(60, 3, parameters=quiet())
    plain = make_design(scenario)
    design = replace(plain, overlays=tuple(Overlay(i, 1, 0.4, 0.5, 0.5) for i in range(0, 60, 3)))
    with_share, without = (simulate_quarter(make_stage(scenario, d, current=d), seed=1, replication=0) for d in (design, plain))
    shared = with_share.visits["account"] % 3 == 0
    by_rep = [int((shared & (with_share.visits["rep"] == rep) & (with_share.visits["outcome"] == 0)).sum()) for rep in (0, 1, 2)]
    assert by_rep[2] == 0 < by_rep[1] < by_rep[0]
    owner, taker = ([float(q.minutes["visit"][q.minutes["rep"] == rep].sum()) for q in (without, with_share)] for rep in (0, 1))
    assert owner[1] < owner[0]
    assert taker[1] > taker[0]
    assert measure(with_share, scenario)["coverage"] == pytest.approx(measure(without, scenario)["coverage"], abs=0.05)
    assert not (with_share.seats["territory"] == -1).any()


def test_a_specialist_from_far_away_sets_out_in_time_for_the_first_visit_of_a_day() -> None:
    scenario = make_scenario(60, 4, parameters=quiet())
    far = replace(scenario, reps=(*scenario.reps[:3], replace(scenario.reps[3], lat=scenario.reps[3].lat - 3.0)))
    design = replace(make_design(make_scenario(60, 3)), overlays=tuple(Overlay(i, 3, 0.4, 0.5, 0.5) for i in range(0, 60, 3)))
    near, distant = (simulate_quarter(make_stage(s, design, current=design), seed=1, replication=0) for s in (scenario, far))
    met = [float(q.minutes["visit"][q.minutes["rep"] == 3].sum()) for q in (near, distant)]
    road = [float(q.minutes["travel"][q.minutes["rep"] == 3].sum()) for q in (near, distant)]
    assert met[0] == met[1] > 0.0
    assert road[1] > road[0]


def test_visits_together_raise_goodwill_and_odds() -> None:
    revenue = []
    for lift, effect in ((1.0, 0.0), (3.0, 1.0)):
        own = {"joint_lift": lift, "joint_effect": effect, "opportunities_per_quarter": 3.0}
        scenario = make_scenario(60, 4, parameters=quiet(**own))
        plain = make_design(make_scenario(60, 3))
        design = replace(plain, overlays=tuple(Overlay(i, 3, 0.4, 0.5, 1.0) for i in range(0, 60, 3)))
        q = simulate_quarter(make_stage(scenario, design, current=design), seed=1, replication=0)
        revenue.append(measure(q, scenario)["revenue"])
    assert revenue[1] > revenue[0]
