"""Paired intervals, corrections for many questions, and bootstrap intervals, on plain arrays of replications.

A sample is an array over replications; designs under the same luck are compared by their differences in each replication.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import stdtr, stdtrit

from fieldsim import luck

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

CONFIDENCE = 0.95
BOOTSTRAP_FROM = 100
"""Fewer replications support no interval of a quantile or a probability."""
BOOTSTRAP_DRAWS = 2000
_ROUNDING = 1e-12
"""A spread below this share of the values is rounding, not luck."""


@dataclass(frozen=True)
class Estimate:
    """A mean with its standard error and degrees of freedom (infinite where the figure is fixed)."""

    mean: float
    se: float
    df: float

    def half_width(self, alpha: float = 1.0 - CONFIDENCE) -> float:
        """Half of the two-sided interval that misses with probability `alpha` (Student's t)."""
        return 0.0 if self.se == 0.0 else float(-stdtrit(self.df, alpha / 2.0)) * self.se

    def interval(self, alpha: float = 1.0 - CONFIDENCE) -> tuple[float, float]:
        """The two-sided interval around the mean."""
        half = self.half_width(alpha)
        return self.mean - half, self.mean + half

    def p_value(self) -> float:
        """Two-sided p-value of "the mean is zero"; 1 for an exact zero, 0 for a fixed figure that is not zero."""
        if self.se == 0.0:
            return 1.0 if self.mean == 0.0 else 0.0
        return min(1.0, 2.0 * float(stdtr(self.df, -abs(self.mean) / self.se)))

    def chance_above_zero(self) -> float:
        """Probability that the mean is above zero (Student's t around the estimate); one half at an exact tie."""
        if self.se == 0.0:
            return 0.5 if self.mean == 0.0 else float(self.mean > 0.0)
        return float(stdtr(self.df, self.mean / self.se))


def estimate(values: Floats, scale: float = 0.0, plan_variance: float = 0.0, plan_df: float = 0.0) -> Estimate | None:
    """Mean of a sample, None below two finite values.

    `scale` is the size of the figures that were subtracted, against which rounding is judged. `plan_variance` is the part of the
    mean's variance that comes from planning, with `plan_df` degrees of freedom; both parts join by Satterthwaite's formula
    ("An approximate distribution of estimates of variance components", Biometrics 1946).
    """
    finite = values[np.isfinite(values)]
    n = len(finite)
    if n < 2:
        return None
    mean, spread = float(np.mean(finite)), float(np.std(finite, ddof=1))
    rounding = _ROUNDING * max(scale, float(np.max(np.abs(finite))))
    if spread <= rounding:
        spread, mean = 0.0, float(finite[0])
    mean = 0.0 if abs(mean) <= rounding else mean
    luck_part, plan_part = spread * spread / n, max(plan_variance, 0.0)
    if math.sqrt(plan_part) <= rounding or plan_df <= 0.0:
        return Estimate(mean, math.sqrt(luck_part), n - 1.0 if luck_part else math.inf)
    both = luck_part + plan_part
    df = both * both / (luck_part * luck_part / (n - 1.0) + plan_part * plan_part / plan_df)
    return Estimate(mean, math.sqrt(both), df)


def holm(p_values: Floats, weights: Floats | None = None) -> Floats:
    """Adjusted p-values of Holm's step-down test; with weights, the part of the error each question may spend first.

    Holm, "A simple sequentially rejective multiple test procedure", Scand. J. Statist. 1979 (section 4 for weights).
    """
    weights = np.ones(len(p_values)) if weights is None else weights
    ratio = p_values / weights
    order = np.argsort(ratio, kind="stable")
    left = np.cumsum(weights[order][::-1])[::-1]
    adjusted = np.empty(len(p_values))
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(ratio[order] * left))
    return adjusted


def resamples(seed: int, n: int, draws: int = BOOTSTRAP_DRAWS) -> Ints:
    """Positions of bootstrap samples, shape [draws, n]: keyed luck, the same for every figure, so that pairs stay pairs."""
    numbers = luck.uniforms(luck.stream(seed, 0, "bootstrap"), np.arange(draws, dtype=np.uint64), n)
    return np.minimum((numbers * n).astype(np.int64), n - 1)


def bootstrap_interval(resampled: Floats, alpha: float = 1.0 - CONFIDENCE) -> tuple[float, float]:
    """Percentile interval of a figure computed on each bootstrap sample."""
    lo, hi = np.quantile(resampled, [alpha / 2.0, 1.0 - alpha / 2.0])
    return float(lo), float(hi)


def best_of(estimates: list[Estimate]) -> float:
    """Least probability of being the best, given the differences to each rival (positive: ahead); by Bonferroni's inequality."""
    return max(0.0, 1.0 - sum(1.0 - each.chance_above_zero() for each in estimates))
