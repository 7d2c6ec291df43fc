"""Goodwill and response against numerical integration and differentiation."""

from __future__ import annotations

import math

import numpy as np
import pytest

from fieldsim.errors import DataError
from fieldsim.simulation.response import Response, fit, goodwill_after, mean_goodwill, mean_response

H, LIFT, C = 240.0, 0.025, 2.0
CASES = [(12, 240.0, 0.025), (6, 240.0, 0.025), (3, 240.0, 0.025), (1, 120.0, 0.1), (13, 30.0, 0.2)]


def path(gap: float, half_life: float, lift: float) -> np.ndarray:
    """Goodwill on a fine grid of one interval, after visits enough to forget the start."""
    after = 0.5
    for _ in range(5000):
        after = after * 2 ** (-gap / half_life)
        after += lift * (1 - after)
    days = (np.arange(200_000) + 0.5) / 200_000 * gap
    return after * 2 ** (-days / half_life)


@pytest.mark.parametrize(("visits", "half_life", "lift"), CASES)
def test_the_saw_tooth_has_its_closed_form(visits: int, half_life: float, lift: float) -> None:
    gap = 91.25 / visits
    g = path(gap, half_life, lift)
    assert goodwill_after(gap, lift, half_life) == pytest.approx(g[0] * 2 ** (0.5 * gap / 200_000 / half_life), rel=1e-9)
    assert mean_goodwill(gap, lift, half_life) == pytest.approx(g.mean(), rel=1e-8)
    curve = Response(0.2, 0.15, 3.0)
    by_hand = (curve.floor + (1 - curve.floor) * g**3 / (0.15 + g**3)).mean()
    assert mean_response(curve, gap, lift, half_life) == pytest.approx(by_hand, rel=1e-8)


@pytest.mark.parametrize(("visits", "elasticity"), [(12, 0.34), (6, 0.34), (3, 0.34), (1, 0.245), (12, 0.1)])
def test_one_percent_more_calls_brings_the_elasticity_asked_for(visits: int, elasticity: float) -> None:
    gap = 91.25 / visits
    curve = fit("A", gap, LIFT, H, C, elasticity)
    revenue = [mean_response(curve, gap / f, LIFT, H) for f in (0.99, 1.01)]
    assert math.log(revenue[1] / revenue[0]) / math.log(1.01 / 0.99) == pytest.approx(elasticity, rel=1e-3)
    assert 0 <= curve.floor < 1


def test_an_elasticity_out_of_reach_is_an_error_that_says_the_reach() -> None:
    with pytest.raises(DataError, match=r"tier 'A'.*out of reach at 12 visits.*0 to 0\.\d+"):
        fit("A", 91.25 / 12, 0.5, 30.0, 1.0, 0.34)


def test_nobody_calls_and_nothing_breaks() -> None:
    curve = fit("D", math.inf, LIFT, H, C, 0.34)
    assert mean_goodwill(math.inf, LIFT, H) == 0.0
    assert mean_response(curve, math.inf, LIFT, H) == curve.floor
