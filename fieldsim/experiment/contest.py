"""Designs side by side under the same luck: paired estimates for every pair and KPI, who leads, what each question may err by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fieldsim.errors import UsageError, did_you_mean
from fieldsim.experiment.samples import PROBABILITIES, Sample
from fieldsim.experiment.statistics import Estimate, Floats, estimate
from fieldsim.experiment.stopping import PRECISE_SHARE, Looks, decided

MONEY = frozenset({"contribution", "revenue"})
"""Deciding KPIs whose precision is asked for as a share of revenue; others as a share of their own mean."""
DECIDING_WEIGHT = 0.5
"""Part of the 5 % error kept for the deciding KPI; all other KPIs share the rest."""


@dataclass(frozen=True, eq=False)
class Contest:
    """Samples of all designs at one horizon. `same_as[i]` is the first design with the content of design i."""

    names: tuple[str, ...]
    samples: tuple[Sample, ...]
    same_as: tuple[int, ...]
    by: str
    directions: Mapping[str, int]
    looks: Looks

    @property
    def distinct(self) -> tuple[int, ...]:
        """Positions of designs that differ from all before them."""
        return tuple(i for i, first in enumerate(self.same_as) if i == first)

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """Positions (a, b) of every pair of designs, a before b."""
        n = len(self.names)
        return [(a, b) for a in range(n) for b in range(a + 1, n)]

    @property
    def kpis(self) -> tuple[str, ...]:
        """Every KPI that some design has."""
        return tuple(dict.fromkeys(kpi for sample in self.samples for kpi in sample.kpis))


def paired(contest: Contest, a: int, b: int, kpi: str) -> Estimate | None:
    """The mean of b − a with its error, luck and planning together; None if too few replications have the figure."""
    if contest.same_as[a] == contest.same_as[b]:
        return Estimate(0.0, 0.0, float("inf"))
    first, second = contest.samples[a].of(kpi), contest.samples[b].of(kpi)
    finite = np.abs(np.concatenate([first.ravel(), second.ravel()]))
    finite = finite[np.isfinite(finite)]
    noise, df = plan_noise(contest, kpi)
    plans = first.shape[0]
    values: Floats = (second - first).mean(axis=0)
    return estimate(values, float(finite.max()) if len(finite) else 0.0, 2.0 * noise / plans, df)


def plan_noise(contest: Contest, kpi: str) -> tuple[float, float]:
    """Variance of one design's mean from plan to plan, pooled over the designs, and its degrees of freedom (0 with one plan)."""
    means = [contest.samples[i].of(kpi).mean(axis=1) for i in contest.distinct]
    plans = len(means[0])
    if plans < 2:
        return 0.0, 0.0
    variance = float(np.mean([np.var(each, ddof=1) for each in means]))
    return (variance, float(len(means) * (plans - 1))) if np.isfinite(variance) else (0.0, 0.0)


def questions(contest: Contest) -> dict[tuple[int, int, str], Estimate]:
    """Every pair and KPI that luck could answer either way: what the corrections count."""
    found = {}
    for a, b in contest.pairs:
        for kpi in contest.kpis:
            known = contest.directions.get(kpi, 0) != 0 and kpi not in PROBABILITIES
            each = paired(contest, a, b, kpi) if known else None
            if each is not None and each.se > 0.0:
                found[a, b, kpi] = each
    return found


def weights(asked: Sequence[tuple[int, int, str]], by: str) -> Floats:
    """The part of the error each question may spend first: half for the deciding KPI's pairs, half for all others."""
    deciding = np.array([kpi == by for _, _, kpi in asked])
    n = int(deciding.sum())
    others = len(asked) - n
    share = DECIDING_WEIGHT if n and others else 1.0
    return np.where(deciding, share / max(n, 1), (1.0 - share if n else 1.0) / max(others, 1))


def check_deciding(by: str, directions: Mapping[str, int]) -> None:
    """UsageError for a KPI that does not exist or cannot decide."""
    if by not in directions:
        raise UsageError(f"unknown KPI '{by}'", hint=did_you_mean(by, directions) or f"known: {', '.join(sorted(directions))}")
    if not directions[by]:
        raise UsageError(f"'{by}' has no better direction, so it cannot decide", hint="choose another KPI with --by")


def leader(contest: Contest) -> int:
    """The design with the best mean of the deciding KPI, the first of equals."""
    sign = contest.directions[contest.by]
    means = [sign * contest.samples[i].mean(contest.by) for i in contest.distinct]
    if not np.isfinite(means).any():
        raise UsageError(f"no replication has the KPI '{contest.by}'", hint="choose another KPI with --by")
    return contest.distinct[int(np.nanargmax(means))]


def leads(contest: Contest) -> list[Estimate]:
    """How far the leader is ahead of each other design by the deciding KPI (positive: ahead)."""
    first, sign = leader(contest), contest.directions[contest.by]
    found = []
    for rival in contest.distinct:
        each = paired(contest, rival, first, contest.by) if rival != first else None
        if each is not None:
            found.append(each.times(sign))
    return found


def precise(contest: Contest) -> float:
    """The half-width that is sharp enough: 0.25 % of revenue for money, of the KPI's own mean otherwise."""
    basis = "revenue" if contest.by in MONEY else contest.by
    means = [abs(contest.samples[i].mean(basis)) for i in contest.distinct]
    return PRECISE_SHARE * float(np.nanmean(means)) if np.isfinite(means).any() else 0.0


def deciding_alpha(contest: Contest) -> float:
    """What the interval of one pair in the deciding KPI may err by at one look."""
    n = len(contest.distinct)
    return contest.looks.alpha * DECIDING_WEIGHT / max(n * (n - 1) // 2, 1)


def settled(contest: Contest) -> str | None:
    """Why this horizon needs no more replications, or None."""
    if len(contest.distinct) < 2:
        return "one design, nothing to tell apart" if len(contest.names) == 1 else "the designs are the same"
    return decided(leads(contest), deciding_alpha(contest), precise(contest))
