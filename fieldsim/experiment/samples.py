"""A design's figures over replications, as arrays, and what can be said of each figure alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fieldsim.experiment.statistics import (
    BOOTSTRAP_FROM,
    CONFIDENCE,
    Floats,
    Ints,
    bootstrap_interval,
    estimate,
    quantile_interval,
)

Measured = tuple[Mapping[str, float], Mapping[str, Mapping[str, float]]]
"""One replication's figures: the team's KPIs, and each rep's."""
QUANTILES = (0.1, 0.5, 0.9)
PROBABILITIES = frozenset({"prob_plan"})
"""KPIs that are 0 or 1 in a replication: their mean is a probability."""
TOO_FEW = f"fewer than {BOOTSTRAP_FROM} replications"


@dataclass(frozen=True, eq=False)
class Sample:
    """A design's figures at one horizon. A figure that a replication does not have is NaN."""

    kpis: tuple[str, ...]
    team: Floats
    """Shape [kpis, plans, replications]."""
    reps: tuple[str, ...]
    rep_kpis: tuple[str, ...]
    by_rep: Floats
    """Shape [reps, rep_kpis, plans, replications]."""

    def of(self, kpi: str) -> Floats:
        """The team's figure, shape [plans, replications]; NaN where the KPI is unknown."""
        if kpi in self.kpis:
            values: Floats = self.team[self.kpis.index(kpi)]
            return values
        return np.full(self.team.shape[1:], np.nan)

    def mean(self, kpi: str) -> float:
        """Mean over plans and replications of what is finite; NaN if nothing is."""
        values = self.of(kpi)
        finite = values[np.isfinite(values)]
        return float(np.mean(finite)) if len(finite) else float("nan")


def collect(plans: Sequence[Sequence[Measured]]) -> Sample:
    """The sample of a design from its replications under each plan."""
    every = [measured for plan in plans for measured in plan]
    kpis = tuple(dict.fromkeys(kpi for team, _ in every for kpi in team))
    reps = tuple(sorted({rep for _, each in every for rep in each}))
    rep_kpis = tuple(dict.fromkeys(kpi for _, each in every for rep in sorted(each) for kpi in each[rep]))
    nan, nobody = float("nan"), dict[str, float]()
    team = np.array([[[m[0].get(kpi, nan) for m in plan] for plan in plans] for kpi in kpis], dtype=np.float64)
    by_rep = np.array(
        [[[[m[1].get(rep, nobody).get(kpi, nan) for m in plan] for plan in plans] for kpi in rep_kpis] for rep in reps],
        dtype=np.float64,
    )
    shape = (len(reps), len(rep_kpis), len(plans), len(plans[0]))
    return Sample(kpis, team, reps, rep_kpis, by_rep.reshape(shape))


@dataclass(frozen=True)
class Figure:
    """A KPI of one design: mean with its 95 % interval, and the quantiles over replications.

    What the sample cannot support is None, and `reason` says why. `quantile_intervals` are intervals of P10, P50, P90.
    """

    mean: float | None
    lo: float | None
    hi: float | None
    p10: float | None
    p50: float | None
    p90: float | None
    quantile_intervals: Mapping[str, tuple[float, float]] | None = None
    reason: str | None = None

    def as_json(self) -> dict[str, object]:
        """The figure as `--json` prints it."""
        spans = {name: list(span) for name, span in self.quantile_intervals.items()} if self.quantile_intervals else None
        short = {"mean": self.mean, "lo": self.lo, "hi": self.hi, "p10": self.p10, "p50": self.p50, "p90": self.p90}
        return {**short, "quantile_intervals": spans, "reason": self.reason}


def figure(
    kpi: str,
    values: Floats,
    drawn: Ints | None,
    alpha: float = 1.0 - CONFIDENCE,
    plan_variance: float = 0.0,
    plan_df: float = 0.0,
) -> Figure:
    """What the values of a KPI, shape [plans, replications], say; `drawn` are bootstrap positions if there are enough of them."""
    flat = values[np.isfinite(values)]
    if not len(flat):
        return Figure(None, None, None, None, None, None, reason="never occurs in the sample")
    p10, p50, p90 = (float(q) for q in np.quantile(flat, QUANTILES))
    whole = len(flat) == values.size
    spans = _quantile_intervals(values) if drawn is not None and whole else None
    reason = None if spans else TOO_FEW if whole else "missing in some replications"
    if kpi in PROBABILITIES:
        lo, hi = bootstrap_interval(values.mean(axis=0)[drawn].mean(axis=1)) if spans and drawn is not None else (None, None)
        return Figure(float(np.mean(flat)), lo, hi, p10, p50, p90, quantile_intervals=spans, reason=reason)
    found = estimate(values.mean(axis=0), plan_variance=plan_variance, plan_df=plan_df)
    if found is None:
        return Figure(float(np.mean(flat)), None, None, p10, p50, p90, reason="fewer than two replications have it")
    return Figure(found.mean, *found.interval(alpha), p10, p50, p90, quantile_intervals=spans, reason=reason)


def _quantile_intervals(values: Floats) -> dict[str, tuple[float, float]]:
    """Intervals of P10, P50 and P90 over replications, the mean of their ends over plans."""
    found = {}
    for q in QUANTILES:
        lo, hi = np.mean([quantile_interval(plan, q) for plan in values], axis=0).tolist()
        found[f"p{round(100 * q)}"] = (lo, hi)
    return found


def rep_figures(sample: Sample, alpha: float = 1.0 - CONFIDENCE) -> dict[str, dict[str, Figure]]:
    """Each rep's figures; all reps at once, because a large team has thousands of them."""
    values = sample.by_rep
    if not values.size:
        return {rep: {} for rep in sample.reps}
    flat = values.reshape(*values.shape[:2], -1)
    whole = np.isfinite(flat).all(axis=2) & (values.shape[3] > 1)
    filled = np.where(whole[:, :, None], flat, 0.0)
    quantiles = np.quantile(filled, QUANTILES, axis=2)
    return {
        rep: {
            kpi: _quick(kpi, values[r, k], alpha, quantiles[:, r, k]) if whole[r, k] else figure(kpi, values[r, k], None, alpha)
            for k, kpi in enumerate(sample.rep_kpis)
            if np.isfinite(flat[r, k]).any()
        }
        for r, rep in enumerate(sample.reps)
    }


def _quick(kpi: str, values: Floats, alpha: float, quantiles: Floats) -> Figure:
    """The figure of a rep whose quantiles are known and whose values are all finite."""
    means = values.mean(axis=0)
    found = estimate(means)
    lo, hi = found.interval(alpha) if found and kpi not in PROBABILITIES else (None, None)
    p10, p50, p90 = (float(q) for q in quantiles)
    return Figure(float(np.mean(means)), lo, hi, p10, p50, p90, reason=TOO_FEW)
