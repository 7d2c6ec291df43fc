"""The whole question on a stub market: what the answer promises about luck, order, workers, checkpoints and wording."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from experiment import stub_market
from small import make_design, make_scenario, make_travel

from fieldsim.errors import FieldsimError, UsageError
from fieldsim.experiment import Comparison, Processes, Serial, choose_design, compare_designs, market
from fieldsim.model import Design, Scenario
from fieldsim.store import Store

SCENARIO = make_scenario()
TRAVEL = make_travel(SCENARIO)
TODAY = make_design(SCENARIO)


def uneven(name: str = "uneven", moved: int = 2) -> Design:
    """Today with some accounts moved to the first rep."""
    territory = TODAY.territory_of.copy()
    territory[np.flatnonzero(territory == 1)[:moved]] = 0
    return replace(TODAY, name=name, territory_of=territory)


UNEVEN = uneven()


@pytest.fixture(autouse=True)
def stub(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("plan_quarters", "set_stage", "set_anew", "replicate", "directions", "assumptions"):
        monkeypatch.setattr(market, name, getattr(stub_market, name))
    stub_market.CALLS.clear()


def ask(*designs: Design, scenario: Scenario = SCENARIO, **options: object) -> tuple[Comparison, ...]:
    settings: dict[str, object] = {"executor": Serial(), "first_stage": 10, **options}
    return compare_designs(scenario, designs or (TODAY, UNEVEN), TRAVEL, **settings)  # type: ignore[arg-type]


def test_a_clear_difference_is_shown_after_the_first_stage() -> None:
    (answer,) = ask()
    assert (answer.replications, answer.stopped_because) == (10, "difference shown")
    found = answer.difference("today", "uneven", "contribution")
    # spread 4 a quarter of 92 days, and two accounts that change hands
    expected = -0.35 * (4000.0 * 92 / 90 + 200.0)
    assert found.verdict == "worse"
    assert found.lo is not None
    assert found.hi is not None
    assert found.lo <= expected <= found.hi
    assert answer.best.design == "today"
    assert answer.best.probability is not None
    assert answer.best.probability > 0.99


def test_gross_leaves_the_handover_out() -> None:
    (answer,) = ask()
    net = answer.difference("today", "uneven", "contribution").mean
    gross = answer.gross_differences[0].mean
    assert net is not None
    assert gross is not None
    assert gross - net == pytest.approx(0.35 * 200.0)


def test_identical_designs_show_no_difference_and_no_variance() -> None:
    names = ("T02", "T03", "T01")
    copy = replace(TODAY, name="copy", territory_of=(TODAY.territory_of + 2) % 3, rep_of=np.array([1, 2, 0]), territories=names)
    (answer,) = ask(TODAY, copy)
    assert answer.stopped_because == "the designs are the same"
    for each in answer.differences:
        assert (each.mean, each.lo, each.hi, each.verdict) == (0.0, 0.0, 0.0, "not shown")
    assert answer.best.design is None
    assert answer.design("copy").same_as == "today"
    assert answer.summary() == "today and copy are the same design: no difference."
    assert answer.why("today", "copy") == ["today and copy are the same design: no difference."]


def test_the_difference_of_a_pair_does_not_hang_on_the_order_of_designs() -> None:
    (forth,), (back,) = ask(TODAY, UNEVEN), ask(UNEVEN, TODAY)
    for kpi in stub_market.DIRECTIONS:
        assert forth.difference("today", "uneven", kpi) == back.difference("today", "uneven", kpi)
    assert forth.best == back.best
    assert forth.summary() == back.summary()


def test_workers_and_repeats_do_not_change_a_digit() -> None:
    every = [ask(executor=executor, horizons=(1, 4)) for executor in (Serial(), Serial(), Processes(2))]
    texts = [[json.dumps(each.as_json()) for each in answers] for answers in every]
    assert texts[0] == texts[1] == texts[2]


def test_a_shorter_horizon_is_the_prefix_of_a_longer_run() -> None:
    (alone,), both = ask(), ask(horizons=(1, 4))
    assert alone.replications == both[0].replications
    assert [d for d in alone.differences if d.kpi == "revenue"] == [d for d in both[0].differences if d.kpi == "revenue"]
    assert (both[1].horizon, both[1].last_day) == (4, "2027-09-30")


def test_what_ran_before_is_not_run_again(tmp_path: Path) -> None:
    first = ask(store=Store(tmp_path))
    ran = len(stub_market.CALLS)
    again = ask(store=Store(tmp_path))
    assert (ran > 0, len(stub_market.CALLS)) == (True, ran)
    assert json.dumps(first[0].as_json()) == json.dumps(again[0].as_json())
    ask(store=Store(tmp_path), seed=1)
    assert len(stub_market.CALLS) == 2 * ran


def test_a_renamed_design_needs_no_new_runs(tmp_path: Path) -> None:
    ask(store=Store(tmp_path))
    ran = len(stub_market.CALLS)
    ask(TODAY, replace(UNEVEN, name="other"), store=Store(tmp_path))
    assert len(stub_market.CALLS) == ran


def test_a_killed_run_goes_on_from_its_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = ask()

    def stumble(*arguments: object) -> object:
        if len(stub_market.CALLS) == 3:
            raise KeyboardInterrupt
        return stub_market.replicate(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(market, "replicate", stumble)
    stub_market.CALLS.clear()
    with pytest.raises(KeyboardInterrupt):
        ask(store=Store(tmp_path))
    monkeypatch.setattr(market, "replicate", stub_market.replicate)
    done = len(stub_market.CALLS)
    resumed = ask(store=Store(tmp_path))
    # today needs two blocks a plan, the other design two net and two gross
    assert (done, len(stub_market.CALLS)) == (3, 12)
    assert json.dumps(resumed[0].as_json()) == json.dumps(whole[0].as_json())


def test_a_killed_worker_changes_nothing(tmp_path: Path) -> None:
    whole = ask()
    (tmp_path / "die").touch()
    again = ask(executor=Processes(3), store=Store(tmp_path / "store"), scenario=replace(SCENARIO, folder=tmp_path))
    assert not (tmp_path / "die").exists()
    assert json.dumps(again[0].as_json()) == json.dumps(whole[0].as_json())


def test_a_close_race_runs_to_its_budget_and_says_what_it_could_have_shown() -> None:
    close = replace(SCENARIO, current=None, parameters={"unevenness_harm": 0.01})
    (answer,) = ask(scenario=close, by="travel_hours", max_replications=20)
    assert (answer.replications, answer.stopped_because) == (20, "budget of replications reached")
    assert answer.difference("today", "uneven", "travel_hours").verdict == "not shown"
    assert "no difference in travel hours is shown" in answer.summary()
    smallest = answer.smallest_difference_shown["value"]
    assert isinstance(smallest, float)
    assert 0.25 < smallest < 2.5


def test_a_difference_known_to_a_quarter_percent_of_revenue_needs_no_more_runs() -> None:
    close = replace(SCENARIO, current=None, parameters={"unevenness_harm": 0.01})
    (answer,) = ask(scenario=close)
    assert (answer.replications, answer.stopped_because) == (10, "precise enough")
    share = answer.smallest_difference_shown["share_of_revenue"]
    assert isinstance(share, float)
    assert 0.0 < share <= 0.0025


def test_plan_noise_is_measured_and_widens_the_interval() -> None:
    (once,), (twice,) = ask(plan_seeds=1), ask()
    one, two = (each.difference("today", "uneven", "contribution") for each in (once, twice))
    assert one.plan_noise is None
    assert once.plan_noise_reason
    assert two.plan_noise is not None
    assert two.plan_noise > 0.0
    assert twice.plan_noise_reason is None
    assert one.lo is not None
    assert one.hi is not None
    assert two.lo is not None
    assert two.hi is not None
    assert two.hi - two.lo > one.hi - one.lo


def test_only_territories_that_tell_designs_apart_are_planned_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, int, list[int]]] = []

    def plan(scenario: Scenario, design: Design, travel: object, *, seed: int, **rest: object) -> object:
        asked.append((design.name, seed, design.rep_of.tolist()))
        return stub_market.plan_quarters(scenario, design, travel, seed=seed, **rest)  # type: ignore[arg-type]

    monkeypatch.setattr(market, "plan_quarters", plan)
    ask()
    every, changed = [0, 1, 2], [0, 1, -1]  # the third book is the same in both
    assert asked == [("today", 0, every), ("uneven", 0, every), ("today", 1, changed), ("uneven", 1, changed)]


def test_quantile_intervals_need_a_hundred_replications() -> None:
    (few,) = ask()
    (many,) = ask(first_stage=100, max_replications=100)
    assert few.design("today").kpis["revenue"].quantile_intervals is None
    assert few.design("today").kpis["revenue"].reason == "fewer than 100 replications"
    assert few.design("today").kpis["prob_plan"].lo is None
    spans = many.design("today").kpis["revenue"].quantile_intervals
    assert spans is not None
    figure = many.design("today").kpis["revenue"]
    assert figure.p10 is not None
    assert spans["p10"][0] <= figure.p10 <= spans["p10"][1]
    assert many.design("today").kpis["prob_plan"].lo is not None
    assert many.difference("today", "uneven", "revenue").quantiles is not None


def test_a_figure_that_is_missing_at_times_is_told_apart_from_zero() -> None:
    (answer,) = ask()
    deals = answer.design("today").kpis["deals"]
    assert (deals.mean, deals.reason) == (3.0, "missing in some replications")


def test_a_fixed_difference_is_a_verdict_without_luck() -> None:
    (answer,) = ask()
    found = answer.difference("today", "uneven", "coverage")
    assert found.verdict == "worse"
    assert found.lo == found.hi == found.mean == pytest.approx(-0.04)


def test_a_kpi_without_direction_has_no_verdict_and_decides_nothing() -> None:
    (answer,) = ask()
    assert answer.difference("today", "uneven", "pipeline").verdict == "not shown"
    with pytest.raises(UsageError, match="no better direction"):
        ask(by="pipeline")
    with pytest.raises(UsageError, match=r"unknown KPI 'revenu'.*did you mean 'revenue'"):
        ask(by="revenu")
    assert len(stub_market.CALLS) == 12  # of the first run: a wrong question costs nothing


def test_json_has_the_fields_of_the_contract_and_no_nan() -> None:
    (answer,) = ask(TODAY, UNEVEN, uneven("more", 3))
    found = json.loads(json.dumps(answer.as_json(), allow_nan=False))
    contract = "version input_hash scenario currency from to seed replications stopped_because designs differences best"
    assert {*contract.split(), "smallest_difference_shown", "assumptions_that_flip_it"} <= set(found)
    assert [design["design"] for design in found["designs"]] == ["today", "uneven", "more"]
    for design in found["designs"]:
        assert set(design["kpis"]) == set(stub_market.DIRECTIONS)
        assert {"mean", "lo", "hi", "p10", "p50", "p90"} <= set(design["kpis"]["revenue"])
        assert [rep["rep"] for rep in design["reps"]] == ["R01", "R02"]
    assert len(found["differences"]) == 3 * len(stub_market.DIRECTIONS)
    for each in found["differences"]:
        assert {"a", "b", "kpi", "mean", "lo", "hi", "plan_noise", "verdict"} <= set(each)
        assert each["verdict"] in ("better", "worse", "not shown")
    assert set(found["best"]) == {"by", "design", "probability"}
    assert (found["from"], found["to"]) == ("2026-10-01", "2026-12-31")


def test_the_assumption_that_flips_the_verdict_is_named() -> None:
    (unscreened,), (answer,) = ask(), ask(screen_assumptions=2)
    assert unscreened.assumptions_that_flip_it == ()
    assert unscreened.assumptions_reason == "assumptions were not screened in this run"
    (flip,) = answer.assumptions_that_flip_it
    assert (flip["assumption"], flip["at"], flip["better"]) == ("unevenness_harm", -1.0, "uneven")
    assert "the 2 that move the lead most" in answer.assumptions_reason
    told = " ".join(answer.assumptions())
    assert "With unevenness harm at -1 in place of 1 (share), uneven would be ahead by " in told
    assert "move the lead most: unevenness harm (" in told
    json.dumps(answer.as_json(), allow_nan=False)


def test_one_design_alone_is_measured_and_beats_nobody() -> None:
    (answer,) = ask(TODAY)
    assert (answer.stopped_because, answer.differences) == ("one design, nothing to tell apart", ())
    assert (answer.best.design, answer.best.probability) == ("today", None)
    assert answer.summary().startswith("Over one quarter (2026-10-01 to 2026-12-31), today has contribution of ")


def test_frames_hold_what_the_json_holds() -> None:
    (answer,) = ask()
    assert answer.frame.columns == ["design", "kpi", "mean", "lo", "hi", "p10", "p50", "p90"]
    assert answer.frame.height == 2 * len(stub_market.DIRECTIONS)
    assert answer.difference_frame.filter(kpi="contribution").row(0)[:3] == ("today", "uneven", "contribution")


def test_the_input_hash_follows_content_not_order() -> None:
    other = make_scenario(n=13)
    (a,), (b,) = ask(), ask(seed=5)
    (c,) = compare_designs(other, [make_design(other), make_design(other, "x", 1)], make_travel(other), executor=Serial())
    assert a.input_hash == b.input_hash != c.input_hash


def test_the_summary_is_one_sentence_with_the_figure_and_its_interval() -> None:
    (answer,) = ask(TODAY, UNEVEN, uneven("more", 3))
    text = answer.summary()
    assert text.startswith("Keep today: over one quarter (2026-10-01 to 2026-12-31), it is better than uneven by ")
    assert "95 % interval" in text
    assert text.count(". ") == 0
    assert text.endswith("and it is the best of the 3 with a probability of more than 99 %.")


def test_why_names_revenue_and_the_handover() -> None:
    (answer,) = ask()
    text = " ".join(answer.why("today", "uneven"))
    assert "loses" in text
    assert "at a margin of 35 %" in text
    assert "already counted above" in text
    assert "Coverage of the visits due: 80.0 % under today, 76.0 % under uneven." in text


@pytest.mark.parametrize(
    "wrong", [{"horizons": ()}, {"horizons": (9,)}, {"first_stage": 5}, {"max_replications": 5}, {"plan_seeds": 0}]
)
def test_a_wrong_question_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        ask(**wrong)


def test_designs_need_different_names() -> None:
    with pytest.raises(UsageError):
        ask(TODAY, TODAY)
    with pytest.raises(FieldsimError):
        ask(scenario=SCENARIO, horizons=(1, 1))


def test_progress_counts_up_to_its_total() -> None:
    seen: list[tuple[str, int, int]] = []
    ask(progress=lambda *step: seen.append(step))
    assert {what for what, _, _ in seen} == {"planning quarters", "simulating replications 1 to 10"}
    assert all(0 <= done <= total for _, done, total in seen)
    assert seen[-1][1] == seen[-1][2]
    assert math.isfinite(seen[-1][2])


def test_the_best_of_several_designs_is_chosen_in_few_replications() -> None:
    designs = [uneven("two"), TODAY, uneven("one", 1), replace(uneven("two"), name="twin")]
    found = choose_design(SCENARIO, designs, TRAVEL, executor=Serial())
    assert (found.design, found.decided) == ("today", True)
    assert found.replications == 30
    assert found.indifference == pytest.approx(0.01 * 92_000.0, rel=0.2)
    assert found.left_after["today"] is None
    assert found.left_after["twin"] == 10
