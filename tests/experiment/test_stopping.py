"""Stopping early keeps the promises of intervals and verdicts."""

from __future__ import annotations

import math

import numpy as np
import pytest

from fieldsim.experiment.statistics import Estimate, estimate
from fieldsim.experiment.stopping import FIRST_STAGE, decided, planned_looks


@pytest.mark.parametrize(
    ("first", "most", "sizes"),
    [(10, 40, (10, 20, 40)), (10, 10, (10,)), (10, 43, (10, 20, 43)), (10, 100, (10, 20, 40, 80, 100)), (12, 14, (14,))],
)
def test_looks_double_until_the_budget(first: int, most: int, sizes: tuple[int, ...]) -> None:
    assert planned_looks(first, most).sizes == sizes


def test_spans_cover_each_replication_once() -> None:
    assert planned_looks(10, 40).spans() == [(0, 10), (10, 20), (20, 40)]


def test_stops_when_every_rival_is_told_apart_or_known_well_enough() -> None:
    clear, open_, sharp = Estimate(10.0, 1.0, 9.0), Estimate(1.0, 1.0, 9.0), Estimate(0.0001, 0.001, 9.0)
    assert decided([clear], 0.01, 0.1) == "difference shown"
    assert decided([clear, open_], 0.01, 0.1) is None
    assert decided([clear, sharp], 0.01, 0.1) == "precise enough"
    assert decided([], 0.01, 0.1) == "no chance in the difference"
    assert decided([Estimate(0.0, 0.0, 9.0)], 0.01, 0.1) == "no chance in the difference"


def run(values: np.ndarray, alpha: float) -> tuple[Estimate, bool]:
    """One sequential experiment on prepared values."""
    for size in planned_looks(FIRST_STAGE, 40).sizes:
        found = estimate(values[:size])
        assert found is not None
        if decided([found], alpha, 0.0):
            return found, True
    return found, False


SHAPES = {
    "normal": lambda rng, size: rng.normal(size=size),
    "skewed up": lambda rng, size: rng.exponential(size=size) - 1.0,
    "skewed down": lambda rng, size: 1.0 - rng.exponential(size=size),
    "lognormal": lambda rng, size: (
        (rng.lognormal(0.0, 0.5, size) - math.exp(0.125)) / math.sqrt(math.exp(0.25) * math.expm1(0.25))
    ),
}


@pytest.mark.parametrize("shape", sorted(SHAPES))
@pytest.mark.parametrize("effect", [0.0, 0.25, 0.5, 1.0, 2.0])
def test_intervals_cover_although_the_run_peeks(effect: float, shape: str) -> None:
    looks = planned_looks(FIRST_STAGE, 40)
    rng = np.random.default_rng(int(100 * effect))
    held = 0
    for values in effect + SHAPES[shape](rng, (5000, 40)):
        found, _ = run(values, looks.alpha * 0.5)
        lo, hi = found.interval(looks.interval_alpha)
        held += lo <= effect <= hi
    assert 0.93 <= held / 5000 <= 0.97  # 93.5 to 96.5 %, and two standard errors of the trials


def test_a_false_difference_is_rarely_shown_although_the_run_peeks() -> None:
    looks = planned_looks(FIRST_STAGE, 40)
    rng = np.random.default_rng(9)
    wrong = sum(run(values, looks.alpha)[1] for values in rng.normal(0.0, 1.0, (3000, 40)))
    assert wrong / 3000 <= 0.05
