"""From samples to the answer: verdicts that hold after asking many questions at several looks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fieldsim.experiment.comparison import Best, Comparison, DesignFigures, Difference, Verdict
from fieldsim.experiment.contest import (
    Contest,
    deciding_alpha,
    leader,
    leads,
    paired,
    plan_noise,
    questions,
    weights,
)
from fieldsim.experiment.samples import PROBABILITIES, QUANTILES, TOO_FEW, Figure, Sample, figure, rep_figures
from fieldsim.experiment.statistics import (
    BOOTSTRAP_FROM,
    CONFIDENCE,
    Estimate,
    Floats,
    Ints,
    best_of,
    bootstrap_interval,
    holm,
    resamples,
    smooth_weights,
)

ONE_PLAN = "each territory was planned once"
SAME = "the same design"


@dataclass(frozen=True)
class Answer:
    """One row of the family of questions after the corrections."""

    p_value: float
    lo: float
    hi: float


def judge(contest: Contest, gross: Contest | None, seed: int, about: Mapping[str, Any]) -> Comparison:
    """The comparison at one horizon; `about` holds the fields that describe the run, `gross` is None where nothing is gross."""
    n = contest.samples[0].team.shape[2]
    drawn = resamples(seed, n) if n >= BOOTSTRAP_FROM else None
    return Comparison(
        replications=n,
        seed=seed,
        designs=tuple(_design(contest, gross, i, drawn) for i in range(len(contest.names))),
        differences=tuple(_differences(contest, contest.kpis, drawn)),
        gross_differences=tuple(_differences(gross, (gross.by, "contribution"), drawn) if gross else ()),
        best=_best(contest),
        smallest_difference_shown=_smallest(contest),
        correction=correction_text(contest),
        plan_noise_reason=ONE_PLAN if contest.samples[0].team.shape[1] == 1 else None,
        directions=contest.directions,
        **about,
    )


def _differences(contest: Contest, kpis: Sequence[str], drawn: Ints | None) -> list[Difference]:
    """Every pair in these KPIs, as far as somebody has them."""
    answers, known = corrected(contest), [kpi for kpi in dict.fromkeys(kpis) if kpi in contest.kpis]
    return [_difference(contest, a, b, kpi, answers, drawn) for a, b in contest.pairs for kpi in known]


def corrected(contest: Contest) -> dict[tuple[int, int, str], Answer]:
    """p-values by weighted Holm over KPIs and pairs, times the number of looks; intervals by weighted Bonferroni."""
    asked = questions(contest)
    if not asked:
        return {}
    share = weights(list(asked), contest.by)
    looks = len(contest.looks.sizes)
    adjusted = np.minimum(1.0, looks * holm(np.array([each.p_value() for each in asked.values()]), share))
    spans = [each.interval(contest.looks.alpha * float(w)) for each, w in zip(asked.values(), share, strict=True)]
    return {key: Answer(float(p), *span) for key, p, span in zip(asked, adjusted, spans, strict=True)}


def verdict(mean: float, p_value: float, direction: int) -> Verdict:
    """Better or worse by the KPI's direction if the corrected p-value is at most 5 %; a KPI without one is never judged."""
    if mean == 0.0 or not direction or p_value > 1.0 - CONFIDENCE:
        return "not shown"
    return "better" if mean * direction > 0.0 else "worse"


def _design(contest: Contest, gross: Contest | None, i: int, drawn: Ints | None) -> DesignFigures:
    sample, first = contest.samples[i], contest.same_as[i]
    return DesignFigures(
        design=contest.names[i],
        kpis=figures_of(contest, sample, drawn),
        reps=rep_figures(sample, contest.looks.interval_alpha),
        gross=figures_of(gross, gross.samples[i], drawn) if gross else {},
        samples={kpi: tuple(sample.of(kpi).mean(axis=0).tolist()) for kpi in sample.kpis},
        same_as=contest.names[first] if first != i else None,
    )


def figures_of(contest: Contest, sample: Sample, drawn: Ints | None) -> dict[str, Figure]:
    """What a sample says of each KPI alone; `drawn` are bootstrap positions, None for none."""
    figures = {}
    for kpi in sample.kpis:
        noise, df = plan_noise(contest, kpi)
        figures[kpi] = figure(kpi, sample.of(kpi), drawn, contest.looks.interval_alpha, noise / sample.team.shape[1], df)
    return figures


def _difference(
    contest: Contest, a: int, b: int, kpi: str, answers: Mapping[tuple[int, int, str], Answer], drawn: Ints | None
) -> Difference:
    names, plans = (contest.names[a], contest.names[b], kpi), contest.samples[a].team.shape[1]
    if contest.same_as[a] == contest.same_as[b]:
        return Difference(*names, 0.0, 0.0, 0.0, 0.0 if plans > 1 else None, "not shown", 1.0, 0.0, 0.0, reason=SAME)
    noise = float(np.sqrt(2.0 * plan_noise(contest, kpi)[0])) if plans > 1 else None
    found = paired(contest, a, b, kpi)
    if found is None:
        return Difference(*names, None, None, None, noise, "not shown", reason="missing in most replications")
    if kpi in PROBABILITIES:
        return _probability(contest, a, b, kpi, found, drawn)
    lo, hi = found.interval(contest.looks.interval_alpha)
    quantiles = quantile_differences(contest.samples[a].of(kpi), contest.samples[b].of(kpi), drawn)
    fixed = Answer(found.p_value(), lo, hi)
    neutral = contest.directions.get(kpi, 0) == 0
    answer = answers.get((a, b, kpi), fixed)
    shown = verdict(found.mean, answer.p_value, contest.directions.get(kpi, 0))
    return Difference(
        *names,
        found.mean,
        lo,
        hi,
        noise,
        shown,
        p_value=None if neutral else answer.p_value,
        lo_corrected=None if neutral else answer.lo,
        hi_corrected=None if neutral else answer.hi,
        quantiles=quantiles,
        reason="neither higher nor lower is better" if neutral else None,
    )


def _probability(contest: Contest, a: int, b: int, kpi: str, found: Estimate, drawn: Ints | None) -> Difference:
    """A difference of probabilities: an interval by paired bootstrap, no verdict without one."""
    names = (contest.names[a], contest.names[b], kpi)
    if drawn is None:
        return Difference(*names, found.mean, None, None, None, "not shown", reason=TOO_FEW)
    values = (contest.samples[b].of(kpi) - contest.samples[a].of(kpi)).mean(axis=0)
    return Difference(
        *names, found.mean, *bootstrap_interval(values[drawn].mean(axis=1)), None, "not shown", reason="judged by attainment"
    )


def quantile_differences(first: Floats, second: Floats, drawn: Ints | None) -> dict[str, tuple[float, float, float]] | None:
    """Difference of smooth P10, P50, P90 with t-intervals, both designs resampled with the same replications.

    The figures have shape [plans, replications].

    Plain sample quantiles of two designs jump past one another; resampled, they would give intervals far too wide.
    """
    if drawn is None or not (np.isfinite(first).all() and np.isfinite(second).all()):
        return None
    weights = smooth_weights(first.shape[1], QUANTILES)
    seen = (weights @ (np.sort(second, axis=1) - np.sort(first, axis=1)).T).mean(axis=1)
    spread = np.zeros(len(QUANTILES))
    for a, b in zip(first, second, strict=True):
        spread += ((np.sort(b[drawn], axis=1) - np.sort(a[drawn], axis=1)) @ weights.T).std(axis=0, ddof=1) / len(first)
    found = [Estimate(float(seen[k]), float(spread[k]), first.shape[1] - 1.0) for k in range(len(QUANTILES))]
    return {f"p{round(100 * q)}": (each.mean, *each.interval()) for q, each in zip(QUANTILES, found, strict=True)}


def _best(contest: Contest) -> Best:
    if len(contest.distinct) < 2:
        return Best(contest.by, None if len(contest.names) > 1 else contest.names[0], None)
    return Best(contest.by, contest.names[leader(contest)], best_of(leads(contest)))


def _smallest(contest: Contest) -> dict[str, object]:
    """The smallest mean difference in the deciding KPI that this sample would have shown, for the leader's noisiest rival."""
    widths = [each.half_width(deciding_alpha(contest)) for each in leads(contest)]
    smallest = max(widths) if widths else 0.0
    revenue = float(np.mean([contest.samples[i].mean("revenue") for i in contest.distinct]))
    share = smallest / revenue if np.isfinite(revenue) and revenue > 0.0 else None
    return {"kpi": contest.by, "value": smallest, "share_of_revenue": share}


def correction_text(contest: Contest) -> str:
    """How the verdicts keep their 5 % promise, in one sentence."""
    looks = ", ".join(str(size) for size in contest.looks.sizes)
    return (
        f"family-wise error 5 %: Holm over KPIs and pairs with half of it kept for {contest.by}; "
        f"Bonferroni over the planned looks at {looks} replications; lo and hi are intervals of each figure alone"
    )
