"""What one departure costs: the same replications with and without anybody leaving, divided by how many left."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from fieldsim.experiment.samples import Sample
from fieldsim.experiment.statistics import Estimate, Floats

KPIS = ("contribution", "revenue", "rep_cost", "travel_cost", "manager_cost", "coverage", "churned_accounts")
NOBODY_LEFT = "nobody left in any replication"


def a_departure(change: Floats, number: Floats) -> Estimate | None:
    """Change by departure: the ratio of the two sums, with the error of a ratio of means (linearised); None if nobody left.

    Both have the shape [replications]. Cochran, "Sampling Techniques", 3rd ed. 1977, section 6.3.
    """
    n, total = len(number), float(number.sum())
    if total == 0.0 or not np.isfinite(change).all():
        return None
    ratio = float(change.sum()) / total
    left = change - ratio * number
    spread = float(np.sqrt(np.sum(left * left) / (n - 1))) if n > 1 else 0.0
    return Estimate(ratio, math.sqrt(n) * spread / total, float(n - 1))


def damage(unhurt: Sample, hurt: Sample, number: Floats) -> dict[str, Mapping[str, float | None]]:
    """Change of each KPI by departure with its 95 % interval; negative where turnover takes something away."""
    found: dict[str, Mapping[str, float | None]] = {}
    for kpi in KPIS:
        if kpi in hurt.kpis:
            each = a_departure((hurt.of(kpi) - unhurt.of(kpi)).mean(axis=0), number)
            found[kpi] = interval(each)
    return found


def interval(found: Estimate | None) -> Mapping[str, float | None]:
    """Mean, lo and hi, all None without an estimate."""
    lo, hi = found.interval() if found else (None, None)
    return {"mean": found.mean if found else None, "lo": lo, "hi": hi}
