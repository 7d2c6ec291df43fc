"""Paired intervals, corrections for many questions, and bootstrap intervals, on plain arrays of replications.

A sample is an array over replications; designs under the same luck are compared by their differences in each replication.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
from scipy.special import betainc, stdtr, stdtrit

from fieldsim import luck

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

CONFIDENCE = 0.95
BOOTSTRAP_FROM = 100
"""Fewer replications support no interval of a quantile or a probability."""
BOOTSTRAP_DRAWS = 2000
SKEWED_FROM = 7
"""Fewer figures tell nothing of their skewness."""
MOST_SKEWED = 2.5
"""An exponential has 2; beyond, it is one outlier that speaks, and intervals would widen without covering more."""
_SHOWN = 0.8
"""What 20 to 40 figures show of a skew like an exponential's: its long tail is seldom among them."""
_UPRIGHT = 1e-6
_ROUNDING = 1e-12
"""A spread below this share of the values is rounding, not luck."""


@dataclass(frozen=True)
class Estimate:
    """A mean with its standard error, degrees of freedom (infinite where the figure is fixed) and the skewness of its luck.

    Where figures are skewed, mean and standard error go together and Student's t leans; it is straightened by the monotone cubic
    of Hall, "On the removal of skewness by transformation", J. R. Statist. Soc. B 1992. Without skewness it is Student's t.
    """

    mean: float
    se: float
    df: float
    lean: float = 0.0
    """Skewness of the mean: that of one figure by the square root of their number."""

    def half_width(self, alpha: float = 1.0 - CONFIDENCE) -> float:
        """Half of the two-sided interval that misses with probability `alpha`."""
        lo, hi = self.interval(alpha)
        return (hi - lo) / 2.0

    def interval(self, alpha: float = 1.0 - CONFIDENCE) -> tuple[float, float]:
        """The two-sided interval around the mean."""
        if self.se == 0.0:
            return self.mean, self.mean
        q = float(-stdtrit(self.df, alpha / 2.0))
        return self.mean - self.se * self._leaning(q), self.mean - self.se * self._leaning(-q)

    def p_value(self) -> float:
        """Two-sided p-value of "the mean is zero"; 1 for an exact zero, 0 for a fixed figure that is not zero."""
        if self.se == 0.0:
            return 1.0 if self.mean == 0.0 else 0.0
        return min(1.0, 2.0 * float(stdtr(self.df, -abs(self._straight(self.mean / self.se)))))

    def chance_above_zero(self) -> float:
        """Probability that the mean is above zero (Student's t around the estimate); one half at an exact tie."""
        if self.se == 0.0:
            return 0.5 if self.mean == 0.0 else float(self.mean > 0.0)
        return float(stdtr(self.df, self._straight(self.mean / self.se)))

    def times(self, factor: float) -> Estimate:
        """The same figure counted in another unit or direction."""
        return Estimate(factor * self.mean, abs(factor) * self.se, self.df, math.copysign(1.0, factor) * self.lean)

    def _straight(self, t: float) -> float:
        """Student's t freed from skewness."""
        lean = self.lean
        return t + lean * t * t / 3.0 + lean * lean * t**3 / 27.0 + lean / 6.0

    def _leaning(self, straight: float) -> float:
        """The t that `_straight` takes there."""
        lean = self.lean
        if abs(lean) < _UPRIGHT:
            return straight
        return 3.0 / lean * (float(np.cbrt(1.0 + lean * (straight - lean / 6.0))) - 1.0)


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
    lean = _skewness(finite) / math.sqrt(n) if spread and n > SKEWED_FROM else 0.0
    if math.sqrt(plan_part) <= rounding or plan_df <= 0.0:
        return Estimate(mean, math.sqrt(luck_part), n - 1.0 if luck_part else math.inf, lean)
    both = luck_part + plan_part
    df = both * both / (luck_part * luck_part / (n - 1.0) + plan_part * plan_part / plan_df)
    return Estimate(mean, math.sqrt(both), df, lean * (luck_part / both) ** 1.5)


def _skewness(values: Floats) -> float:
    """Skewness behind a sample, corrected for its size and for the tail it does not show, within MOST_SKEWED."""
    n, centred = len(values), values - np.mean(values)
    squared = centred * centred  # products keep their sign to the last digit; powers need not
    found = float(np.mean(squared * centred) / np.mean(squared) ** 1.5) * math.sqrt(n * (n - 1.0)) / (n - 2.0) / _SHOWN
    return min(max(found, -MOST_SKEWED), MOST_SKEWED)


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


def quantile_interval(values: Floats, share: float, alpha: float = 1.0 - CONFIDENCE) -> tuple[float, float]:
    """Interval of a quantile from the sample's own order, whatever its distribution: figures in between by straight lines.

    Hutson, "Calculating nonparametric confidence intervals for quantiles using fractional order statistics",
    J. Appl. Statist. 1999.
    """
    ordered, n = np.sort(values), len(values)
    lo, hi = (
        float(np.interp(_rank(n, share, error), np.arange(1, n + 1), ordered)) for error in (alpha / 2.0, 1.0 - alpha / 2.0)
    )
    return lo, hi


@cache
def _rank(n: int, share: float, error: float) -> float:
    """The rank, perhaps between two figures, that lies above the quantile with probability `error`."""
    lo, hi = 1e-9, float(n + 1)
    for _ in range(60):
        middle = (lo + hi) / 2.0
        below = float(betainc(middle, n + 1.0 - middle, share))  # how likely the figure of this rank lies below the quantile
        lo, hi = (middle, hi) if below > 1.0 - error else (lo, middle)
    return lo


@cache
def smooth_weights(n: int, shares: tuple[float, ...]) -> Floats:
    """Weights of the ordered figures in smooth quantiles, shape [shares, n]: a difference of two of them varies smoothly too.

    Harrell and Davis, "A new distribution-free quantile estimator", Biometrika 1982.
    """
    edges = np.arange(n + 1) / n
    rows = [np.diff(betainc((n + 1.0) * share, (n + 1.0) * (1.0 - share), edges)) for share in shares]
    weights: Floats = np.array(rows)
    return weights
