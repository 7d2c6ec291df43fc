"""A stress test against what can be known without it: closed forms, its own log recomputed, and the comparison it must equal."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from fieldsim.errors import UsageError
from fieldsim.experiment import Processes, Serial, Stress, compare_designs, log_frames, replay_policies, stress_turnover
from fieldsim.experiment.checkpoint import Leaving
from fieldsim.experiment.handing import handings_of, named_policies
from fieldsim.experiment.leaving import leavers, read_departures
from fieldsim.experiment.market import plan_quarters, set_stage
from fieldsim.model import Design, Scenario
from fieldsim.scenario import read_design, read_scenario
from fieldsim.store import Store
from fieldsim.travel import open_travel
from fieldsim.turnover import POLICIES, HandOver, Vacancy

SMALL = Path(__file__).parents[1] / "data" / "small"
DAYS = 92


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return read_scenario(SMALL)


@pytest.fixture(scope="module")
def design(scenario: Scenario) -> Design:
    return read_design(scenario, "today")


@pytest.fixture(scope="module")
def ask(scenario: Scenario, design: Design) -> Callable[..., Stress]:
    travel = open_travel(scenario)

    def asked(policies: Any = ("vacant", "nearest"), **options: Any) -> Stress:
        settings = {"horizon": 1, "replications": 10, "executor": Serial(), "workers": 1, **options}
        return stress_turnover(scenario, design, travel, policies, **settings)

    return asked


@pytest.fixture(scope="module")
def left(ask: Callable[..., Stress]) -> Stress:
    """R01 leaves after two weeks, under two policies."""
    return ask(depart=("R01@2026-10-15",))


def copy_of_vacant(vacancy: Vacancy) -> HandOver:
    return HandOver(vacancy.territory_of)


def test_nobody_leaving_is_the_comparison_of_the_unchanged_design(
    ask: Callable[..., Stress], scenario: Scenario, design: Design
) -> None:
    calm = ask(rate=0.0)
    (alone,) = compare_designs(
        scenario, [design], open_travel(scenario), executor=Serial(), workers=1, first_stage=10, max_replications=10, plan_seeds=1
    )
    for name in calm.policies:
        assert repr(calm.comparison.design(name).samples) == repr(alone.designs[0].samples)
    assert calm.departures["each"] == []
    assert all(each.mean in (0.0, None) or math.isnan(each.mean) for each in calm.comparison.differences)
    assert calm.summary().startswith("Over one quarter, no rep of design today leaves, so that every policy is the same.")
    assert "ahead" not in calm.summary()


def test_a_departure_changes_the_answer(left: Stress) -> None:
    vacant = left.comparison.design("vacant").samples
    revenue = left.unhurt["revenue"].mean
    assert revenue is not None
    assert np.mean(vacant["revenue"]) < revenue
    assert np.mean(vacant["coverage"]) < (left.unhurt["coverage"].mean or 0.0) - 0.05
    assert left.comparison.difference("vacant", "nearest", "coverage").verdict == "better"


def test_policies_that_coincide_give_identical_rows(ask: Callable[..., Stress]) -> None:
    found = ask(("vacant", copy_of_vacant, "nearest"), depart=("R02@2026-11-02",)).comparison
    assert found.design("copy_of_vacant").same_as == "vacant"
    assert repr(found.design("copy_of_vacant").samples) == repr(found.design("vacant").samples)
    assert repr(found.design("nearest").samples) != repr(found.design("vacant").samples)
    assert found.difference("vacant", "copy_of_vacant", "contribution").mean == 0.0


def test_the_same_people_leave_under_every_policy(ask: Callable[..., Stress], scenario: Scenario, design: Design) -> None:
    quarters = replay_policies(
        scenario, design, open_travel(scenario), ("vacant", "nearest"), rate=3.0, horizon=1, replications=range(4)
    )
    seats = {(each.design, each.replication): {k: v.tolist() for k, v in each.seats.items()} for each in quarters}
    for number in range(4):
        assert seats["vacant", number] == seats["nearest", number]
    told = ask(rate=3.0).departures["each"]
    assert isinstance(told, list)
    for number in range(4):
        of = seats["vacant", number]
        empty = [t for t, rep in zip(of["territory"], of["rep"], strict=True) if rep < 0]
        assert len(empty) == sum(each["replication"] == number for each in told)


def test_figures_can_be_recomputed_from_the_log(left: Stress, scenario: Scenario, design: Design) -> None:
    quarters = replay_policies(
        scenario, design, open_travel(scenario), ("vacant", "nearest"), depart=("R01@2026-10-15",), horizon=1
    )
    frames = log_frames(quarters, scenario, [Design(name, *_rest(design)) for name in left.policies])
    for name in left.policies:
        table = {key: frame.filter(design=name) for key, frame in frames.items() if "design" in frame.columns}
        money = table["ledger"].filter(pl.col("kind").is_in(["order", "deal"]))
        revenue = (money["amount"] * money["revenue_share"]).sum()
        credit = (table["ledger"]["amount"] * table["ledger"]["quota_credit"]).sum()
        samples = left.comparison.design(name).samples
        assert revenue == pytest.approx(samples["revenue"][0], rel=1e-12)
        assert credit / table["quotas"]["quota"].sum() == pytest.approx(samples["attainment"][0], rel=1e-12)
        assert table["minutes"]["travel"].sum() / 60.0 == pytest.approx(samples["travel_hours"][0], rel=1e-12)
        assert (table["ledger"]["kind"] == "churn").sum() == samples["churned_accounts"][0]
        held = table["visits"].filter(outcome="held").group_by("account").len()
        due = table["due"].group_by("account").agg(pl.col("due").sum()).join(held, on="account", how="left").fill_null(0)
        assert due.select(pl.min_horizontal("len", "due")).sum().item() / due["due"].sum() == pytest.approx(
            samples["coverage"][0], rel=1e-12
        )
        worked = table["minutes"].filter(rep="R01")["date"].max()
        assert worked < "2026-10-15"


def _rest(design: Design) -> tuple[Any, ...]:
    return design.territories, design.territory_of, design.rep_of, design.overlays


def test_departures_follow_their_closed_form(scenario: Scenario, design: Design) -> None:
    travel = open_travel(scenario)
    plans = plan_quarters(scenario, design, travel, quarters=1, effort="quick", seed=0, workers=1, store=None)
    stage = set_stage(scenario, design, plans, travel, handover=False, current=design)
    n, rate = 3000, 1.2
    found = leavers(stage, Leaving(rate), 5, range(n))
    first = {(each.replication, each.rep) for each in found}
    chance = 1.0 - math.exp(-rate * DAYS / 365.0)  # a seat filled on day 0 is left at least once
    assert len(first) / (3 * n) == pytest.approx(chance, abs=4.0 * math.sqrt(chance * (1.0 - chance) / (3 * n)))
    when = np.array([each.leaves for each in found if each.leaves < 10.0])
    assert len(when) / (3 * n) == pytest.approx(1.0 - math.exp(-rate * 10.0 / 365.0), abs=0.006)
    gaps = np.array([each.hired - each.leaves for each in found])
    assert gaps.mean() == pytest.approx(3.5 * 365.0 / 12.0, rel=0.03)


def test_random_seats_are_drawn_anew_in_each_replication(ask: Callable[..., Stress]) -> None:
    told = ask(("vacant",), depart=("2@2026-11-02",)).departures["each"]
    assert isinstance(told, list)
    by_run = [sorted(each["rep"] for each in told if each["replication"] == number) for number in range(10)]
    assert all(len(set(each)) == 2 for each in by_run)
    assert len({tuple(each) for each in by_run}) > 1
    assert {each["leaves"] for each in told} == {"2026-11-02"}


def test_nearest_hands_each_account_to_the_rep_who_lives_closest(scenario: Scenario, design: Design) -> None:
    travel = open_travel(scenario)
    ((takers, *_),) = handings_of(scenario, design, travel, named_policies(["nearest"]), leaving=[], seed=0)
    n = len(scenario.accounts)
    seconds = travel.matrix(np.arange(n + len(scenario.reps))).seconds[0]
    for i in range(n):
        others = [t for t in range(len(design.territories)) if t != design.territory_of[i]]
        way = {t: seconds[i, n + design.rep_of[t]] + seconds[n + design.rep_of[t], i] for t in others}
        assert way[int(takers[i])] == min(way.values())


def test_nobody_hands_over_to_somebody_known_to_leave_too(scenario: Scenario, design: Design) -> None:
    travel = open_travel(scenario)
    ((takers, *_),) = handings_of(scenario, design, travel, named_policies(["nearest"]), leaving=[0, 1], seed=0)
    staying = design.rep_of.tolist().index(2)
    assert set(takers[np.isin(design.rep_of[design.territory_of], [0, 1])].tolist()) == {staying}


def test_a_managers_pool_softens_a_vacancy_and_its_hours_are_paid_for(
    ask: Callable[..., Stress], scenario: Scenario, design: Design
) -> None:
    found = ask(("vacant", "pool"), depart=("R01@2026-10-15",))
    vacant, pool = (found.comparison.design(name).samples for name in ("vacant", "pool"))
    assert np.mean(pool["coverage"]) > np.mean(vacant["coverage"])
    assert found.pooled == ("pool",)
    assert ("managers spend" in found.summary()) == (found.comparison.best.design == "pool")
    assert not any(vacant["manager_hours"])
    rates, cost = scenario.rates, [np.array(pool[name]) for name in ("rep_cost", "travel_cost", "manager_cost")]
    assert np.allclose(pool["contribution"], rates.margin * np.array(pool["revenue"]) - sum(cost), rtol=1e-12)
    assert min(cost[2]) > 0.0
    (quarter,) = replay_policies(scenario, design, open_travel(scenario), ("pool",), depart=("R01@2026-10-15",), horizon=1)
    mine = {name: column[quarter.visits["rep"] < 0] for name, column in quarter.visits.items()}
    assert len(mine["account"])
    assert set(design.rep_of[design.territory_of[mine["account"]]].tolist()) == {0}
    assert mine["date"].min() >= 14
    held = (mine["outcome"] <= 1) & (mine["remote"] == 0)
    assert (mine["distance_m"][held] > 0).all()
    assert (mine["travel_s"][held] > 0).all()


def test_what_is_shown_against_vacancy_is_told_where_the_policy_ahead_is_not(ask: Callable[..., Stress]) -> None:
    found = ask(("vacant", "nearest", "pool"), depart=("R01@2026-10-15",))
    leads = found.comparison.best.design
    assert leads != "vacant"
    other = "pool" if leads == "nearest" else "nearest"

    def judged(shown: bool) -> str:
        pairs = [
            replace(each, verdict="better" if shown and (each.a, each.b) == ("vacant", other) else "not shown")
            for each in found.comparison.differences
        ]
        return replace(found, comparison=replace(found.comparison, differences=tuple(pairs))).summary()

    assert f"No policy is shown to be better than another; {leads} is ahead" in judged(shown=False)
    assert "No policy" not in judged(shown=True)
    assert f"Shown to be better than leaving the seat vacant: {other}." in judged(shown=True)


def lend_to_the_third(vacancy: Vacancy) -> HandOver:
    """The orphans to the first taker, whose own accounts go to the second, as far as they are not locked."""
    first, second = vacancy.takers[:2]
    territory_of = vacancy.territory_of.copy()
    territory_of[(vacancy.territory_of == first) & (vacancy.force.task.market.held < 0)] = second
    territory_of[vacancy.orphans] = first
    return HandOver(territory_of)


def test_accounts_of_reps_who_stay_move_with_a_departure_and_pay_for_it(
    ask: Callable[..., Stress], scenario: Scenario, design: Design
) -> None:
    found = ask(("vacant", lend_to_the_third), depart=("R01@2026-10-15",)).comparison
    vacant, lent = (found.design(name).samples for name in ("vacant", "lend_to_the_third"))
    assert np.mean(lent["disrupted_accounts"]) > np.mean(vacant["disrupted_accounts"])
    (q,) = replay_policies(scenario, design, open_travel(scenario), (lend_to_the_third,), depart=("R01@2026-10-15",), horizon=1)
    own = design.rep_of[design.territory_of]
    moved = np.isin(q.visits["account"], np.flatnonzero(own == 1)) & (q.visits["outcome"] == 0)
    assert set(q.visits["rep"][moved & (q.visits["date"] < 14)].tolist()) == {1}
    assert 2 in q.visits["rep"][moved & (q.visits["date"] > 14)]


@pytest.mark.parametrize("policy", sorted(POLICIES))
def test_every_policy_of_the_house_can_be_stressed(ask: Callable[..., Stress], policy: str) -> None:
    assert ask((policy,), depart=("R02@2026-11-02",)).policies == (policy,)


def to_nobody(vacancy: Vacancy) -> HandOver:
    return HandOver(np.where(vacancy.territory_of == vacancy.takers[0], vacancy.territory, vacancy.territory_of))


def no_answer(vacancy: Vacancy) -> HandOver:
    return "nobody"  # type: ignore[return-value]


def test_a_policy_that_gives_no_handover_is_refused(ask: Callable[..., Stress]) -> None:
    with pytest.raises(UsageError, match="gives str, not a HandOver"):
        ask((no_answer,), depart=("R02@2026-11-02",))


def test_handing_accounts_to_an_empty_seat_is_refused(ask: Callable[..., Stress]) -> None:
    with pytest.raises(UsageError, match=r"hands account '.*' to territory '.*', which nobody near holds"):
        ask((to_nobody,), depart=("R01@2026-10-15",))


def test_workers_checkpoints_and_repeats_do_not_change_a_digit(ask: Callable[..., Stress], tmp_path: Path) -> None:
    store = Store(tmp_path)
    every = [
        json.dumps(ask(rate=2.0, **options).as_json(), allow_nan=False)
        for options in ({}, {"executor": Processes(2), "store": store}, {"store": store})
    ]
    assert len(set(every)) == 1


def test_the_cost_of_a_departure_is_what_leaving_takes_away(left: Stress) -> None:
    vacant = left.comparison.design("vacant").samples["revenue"]
    expected = np.mean(vacant) - (left.unhurt["revenue"].mean or 0.0)
    assert left.cost["vacant"]["revenue"]["mean"] == pytest.approx(expected, rel=1e-9)  # one departure a replication
    assert [row.rep for row in left.alone] == ["R01"]
    assert left.alone[0].date == "2026-10-15"
    assert left.alone_note == "asked of the reps given"


def test_the_answer_tells_policies_departures_and_break_even(ask: Callable[..., Stress]) -> None:
    facts = ask(rate=2.0).as_json()
    assert [each["policy"] for each in facts["policies"]] == ["vacant", "nearest"]  # type: ignore[attr-defined]
    assert {"rate", "given", "per_replication", "vacant_weeks", "each"} == set(facts["departures"])  # type: ignore[call-overload]
    assert [each["rep"] for each in facts["by_rep"]] == ["R01", "R02", "R03"]  # type: ignore[attr-defined]
    assert [row["weeks"] for row in facts["break_even"]["curve"]] == [1.0, 2.0, 4.0, 8.0]  # type: ignore[index]
    assert facts["design"] == "today"


@pytest.mark.parametrize(
    ("depart", "words"),
    [
        ("R9@2026-11-02", "unknown rep 'R9'"),
        ("R01@2026-13-02", "is no date"),
        ("R01@2027-11-02", "lies outside 2026-10-01 to 2026-12-31"),
        ("R01", "is no departure"),
        ("4@2026-11-02", "4 departures are given, but the design has 3 filled seats"),
    ],
)
def test_a_departure_that_cannot_be_is_refused(scenario: Scenario, design: Design, depart: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        read_departures(scenario, design, [depart], None, DAYS)


def test_wrong_questions_are_refused_with_a_hint(ask: Callable[..., Stress]) -> None:
    with pytest.raises(UsageError, match="did you mean 'nearest'"):
        ask(("neerest",))
    with pytest.raises(UsageError, match="named twice"):
        ask(("vacant", "vacant"))
    with pytest.raises(UsageError, match="plug-ins are off"):
        ask(("some:thing",))
    with pytest.raises(UsageError, match="1 to 8 quarters"):
        ask(horizon=9)
    with pytest.raises(UsageError, match="given twice"):
        ask(depart=("R01@2026-11-02", "R01@2026-12-02"))


def test_without_a_question_the_rate_is_the_scenarios_own(scenario: Scenario, design: Design) -> None:
    assert read_departures(scenario, design, [], None, DAYS).rate == 0.27
    given = read_departures(scenario, design, ["R02@2026-10-20"], None, DAYS)
    assert (given.rate, given.given) == (0.0, ((1, 19.0),))
