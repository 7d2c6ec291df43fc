"""Intervals and corrections against other libraries, hand computations and their own promise."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from fieldsim.experiment.statistics import (
    Estimate,
    best_of,
    bootstrap_interval,
    estimate,
    holm,
    quantile_interval,
    resamples,
    smooth_weights,
)


def test_agrees_with_scipy_on_a_paired_t_test() -> None:
    rng = np.random.default_rng(3)
    a, half = rng.normal(5.0, 1.0, 12), rng.normal(0.0, 1.5, 6)
    b = a + 0.4 + np.concatenate([half, -half])  # without skewness there is nothing to straighten
    found = estimate(b - a)
    assert found is not None
    test = stats.ttest_rel(b, a)
    assert found.p_value() == pytest.approx(test.pvalue, rel=1e-10)
    assert found.interval() == pytest.approx(tuple(test.confidence_interval(0.95)), rel=1e-10)
    assert found.chance_above_zero() == pytest.approx(1.0 - test.pvalue / 2.0 if found.mean > 0 else test.pvalue / 2.0)


def test_holm_agrees_with_a_hand_computation() -> None:
    # sorted .005 .01 .03 .04, times 4 3 2 1, made monotone: .02 .03 .06 .06
    assert holm(np.array([0.01, 0.04, 0.03, 0.005])) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_weighted_holm_agrees_with_a_hand_computation() -> None:
    # ratios p/w: .02/.5=.04, .004/.25=.016, .03/.25=.12; weights left in that order: 1, .75, .25
    assert holm(np.array([0.02, 0.004, 0.03]), np.array([0.5, 0.25, 0.25])) == pytest.approx([0.03, 0.016, 0.03])


def test_holm_keeps_the_family_wise_error() -> None:
    p = np.random.default_rng(5).uniform(size=(4000, 7))
    wrong = [bool((holm(row, np.array([4.0, 1, 1, 1, 1, 1, 1]) / 10.0) <= 0.05).any()) for row in p]
    assert np.mean(wrong) <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 4000)


def test_a_figure_without_luck_is_fixed_and_nothing_is_divided_by_zero() -> None:
    same, moved = estimate(np.zeros(10)), estimate(np.full(10, 0.3))
    assert same == Estimate(0.0, 0.0, math.inf)
    assert (same.interval(), same.p_value(), same.chance_above_zero()) == ((0.0, 0.0), 1.0, 0.5)
    assert moved is not None
    assert (moved.interval(), moved.p_value(), moved.chance_above_zero()) == ((0.3, 0.3), 0.0, 1.0)


def test_rounding_is_no_luck() -> None:
    a = np.random.default_rng(1).normal(1e6, 1e5, 20)
    found = estimate((a + 0.1) - a - 0.1, scale=1e6)
    assert found == Estimate(0.0, 0.0, math.inf)


def test_too_few_replications_support_nothing() -> None:
    assert estimate(np.array([1.0, np.nan, np.nan])) is None


def test_plan_noise_joins_with_its_degrees_of_freedom() -> None:
    values = np.array([1.0, 2.0, 3.0, 4.0])
    found = estimate(values, plan_variance=0.5, plan_df=2.0)
    assert found is not None
    luck_part = (5.0 / 3.0) / 4.0
    df = (luck_part + 0.5) ** 2 / (luck_part**2 / 3.0 + 0.5**2 / 2.0)
    assert (found.se, found.df) == pytest.approx((math.sqrt(luck_part + 0.5), df))


def test_intervals_cover_what_they_promise() -> None:
    rng = np.random.default_rng(11)
    held = 0
    for _ in range(5000):
        found = estimate(rng.normal(2.0, 3.0, 10))
        assert found is not None
        lo, hi = found.interval()
        held += lo <= 2.0 <= hi
    assert 0.935 <= held / 5000 <= 0.965


def test_intervals_with_plan_noise_cover_what_they_promise() -> None:
    rng = np.random.default_rng(12)
    held, trials, plans, n = 0, 4000, 2, 20
    for _ in range(trials):
        # three designs, each planned twice; the difference of the first two is judged, the plan variance pooled over all
        effects = rng.normal(0.0, 1.0, (3, plans))
        noise = float(np.mean(effects.var(axis=1, ddof=1)))
        values = rng.normal(0.0, 2.0, n) + effects[1].mean() - effects[0].mean()
        found = estimate(values, plan_variance=2.0 * noise / plans, plan_df=3.0 * (plans - 1))
        assert found is not None
        lo, hi = found.interval()
        held += lo <= 0.0 <= hi
    assert 0.93 <= held / trials <= 0.97


@pytest.mark.parametrize("skewed", [False, True])
def test_bootstrap_intervals_of_quantile_differences_cover_what_they_promise(skewed: bool) -> None:
    rng = np.random.default_rng(7)
    held, trials, n = 0, 600, 100
    drawn = resamples(0, n, 1000)
    for _ in range(trials):
        shared = rng.normal(0.0, 1.0, n)
        a, b = shared + rng.normal(0.0, 0.7, n), shared + rng.normal(0.0, 0.7, n)
        if skewed:
            a, b = np.exp(0.5 * a), np.exp(0.5 * b)
        lo, hi = bootstrap_interval(np.quantile(b[drawn], 0.5, axis=1) - np.quantile(a[drawn], 0.5, axis=1))
        held += lo <= 0.0 <= hi
    assert 0.92 <= held / trials <= 0.99


def test_resamples_are_even_and_the_same_every_time() -> None:
    drawn = resamples(4, 100)
    assert np.array_equal(drawn, resamples(4, 100))
    assert (drawn.min(), drawn.max()) == (0, 99)
    counts = np.bincount(drawn.ravel(), minlength=100)
    assert stats.chisquare(counts).pvalue > 1e-4


def test_the_best_of_many_is_less_sure_than_of_two() -> None:
    ahead = Estimate(2.0, 1.0, 20.0)
    assert best_of([ahead]) == pytest.approx(float(stats.t.cdf(2.0, 20.0)))
    assert best_of([ahead, ahead]) == pytest.approx(2.0 * float(stats.t.cdf(2.0, 20.0)) - 1.0)


def test_a_skewed_figure_is_straightened_as_hall_states_it() -> None:
    values = np.random.default_rng(4).exponential(2.0, 15)
    found = estimate(values)
    assert found is not None
    n, skew = 15, stats.skew(values, bias=False) / 0.8  # so few figures show about four fifths of it
    assert 0.5 < skew < 2.5

    def statistic(truth: float) -> float:
        u = (values.mean() - truth) / values.std(ddof=1)
        return float(math.sqrt(n) * (u + skew * u**2 / 3.0 + skew**2 * u**3 / 27.0 + skew / (6.0 * n)))

    lo, hi = found.interval()
    assert statistic(lo) == pytest.approx(stats.t.ppf(0.975, n - 1), rel=1e-9)
    assert statistic(hi) == pytest.approx(stats.t.ppf(0.025, n - 1), rel=1e-9)
    assert found.p_value() == pytest.approx(2.0 * stats.t.sf(abs(statistic(0.0)), n - 1), rel=1e-9)
    turned = estimate(-values)
    assert turned is not None
    assert turned.interval() == pytest.approx((-hi, -lo))
    assert found.times(-1.0).interval() == pytest.approx((-hi, -lo))


def test_a_quantile_interval_agrees_with_exact_order_statistics_where_they_have_one() -> None:
    # 95 % two-sided for the median of 100 lies between ranks 40 and 61 (sign test), so the interpolated one just inside
    values = np.arange(1.0, 101.0)
    lo, hi = quantile_interval(values, 0.5)
    assert 40.0 <= lo <= 41.0
    assert 60.0 <= hi <= 61.0
    assert stats.binom.cdf(int(lo) - 1, 100, 0.5) <= 0.025 <= stats.binom.cdf(int(lo), 100, 0.5)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_quantile_intervals_cover_smooth_and_skewed_figures(share: float) -> None:
    for name, draw, truth in (
        ("normal", np.random.default_rng(1).normal, stats.norm.ppf(share)),
        ("exponential", np.random.default_rng(2).exponential, stats.expon.ppf(share)),
    ):
        held = 0
        for values in draw(size=(5000, 100)):
            lo, hi = quantile_interval(values, share)
            held += lo <= truth <= hi
        assert 0.935 <= held / 5000 <= 0.965, name


def test_smooth_quantiles_agree_with_scipy() -> None:
    values = np.random.default_rng(6).lognormal(size=40)
    expected = stats.mstats.hdquantiles(values, prob=[0.1, 0.5, 0.9])
    assert smooth_weights(40, (0.1, 0.5, 0.9)) @ np.sort(values) == pytest.approx(np.asarray(expected), rel=1e-9)
