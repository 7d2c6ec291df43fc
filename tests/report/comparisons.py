"""Comparisons written by hand: figures that look like a quarter's, without a simulation behind them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fieldsim.experiment.comparison import Best, Comparison, DesignFigures, Difference
from fieldsim.experiment.samples import Figure
from fieldsim.model import Design, Scenario

SCALES = {
    "contribution": (2_400_000.0, 60_000.0, 1),
    "revenue": (9_100_000.0, 150_000.0, 1),
    "attainment": (0.97, 0.02, 1),
    "prob_plan": (0.31, 0.4, 1),
    "coverage": (0.93, 0.01, 1),
    "travel_hours": (2_100.0, 25.0, -1),
    "selling_share": (0.44, 0.01, 1),
    "churned_accounts": (14.0, 3.0, -1),
    "potential_imbalance": (0.6, 0.0, -1),
    "workload_imbalance": (0.4, 0.0, -1),
    "handover_loss": (30_000.0, 2_000.0, -1),
}
DIRECTIONS = {kpi: direction for kpi, (_, _, direction) in SCALES.items()}


def make_comparison(scenario: Scenario, designs: Sequence[Design], horizon: int = 1, best: int = -1) -> Comparison:
    """The later a design stands, the better it does; over one quarter and over more."""
    rng = np.random.default_rng(7)
    samples = [_sample(k, horizon, rng) for k, _ in enumerate(designs)]
    figures = tuple(_design(scenario, design, sample, rng) for design, sample in zip(designs, samples, strict=True))
    differences = tuple(
        _difference(designs[a].name, designs[b].name, kpi, samples[b][kpi] - samples[a][kpi], DIRECTIONS[kpi])
        for a in range(len(designs))
        for b in range(a + 1, len(designs))
        for kpi in SCALES
    )
    gross = tuple(
        _difference(
            designs[0].name, designs[b].name, "contribution", samples[b]["contribution"] - samples[0]["contribution"] + 5e4, 1
        )
        for b in range(1, len(designs))
    )
    return Comparison(
        version="0.1.0",
        input_hash="0" * 16,
        scenario=scenario.name,
        currency=scenario.currency,
        first_day=scenario.start.isoformat(),
        last_day=scenario.quarter(horizon - 1)[1].isoformat(),
        horizon=horizon,
        seed=0,
        replications=40,
        stopped_because="every interval is narrow enough",
        designs=figures,
        differences=differences,
        gross_differences=gross,
        best=Best("contribution", designs[best].name, 0.97),
        smallest_difference_shown={"kpi": "contribution", "value": 20_000.0},
        correction="Holm over the pairs",
        plan_noise_reason=None,
        assumptions_that_flip_it=(),
        assumptions_reason="not asked for",
        current=scenario.current,
        directions=DIRECTIONS,
        margin=0.35,
        travel_cost_per_km=0.3,
    )


def _sample(k: int, horizon: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    def values(mean: float, deviation: float, direction: int) -> np.ndarray:
        return mean * horizon**0.5 + deviation * (direction * k + rng.normal(0.0, 1.0, 40))

    return {kpi: values(*scale) for kpi, scale in SCALES.items()}


def _design(scenario: Scenario, design: Design, sample: dict[str, np.ndarray], rng: np.random.Generator) -> DesignFigures:
    kpis = {kpi: _figure(values) for kpi, values in sample.items()}
    seats = [scenario.reps[rep].id for rep in design.rep_of.tolist() if rep >= 0]
    level = dict(zip(seats, rng.normal(0.97, 0.1, len(seats)), strict=True))
    reps = {
        rep: {"attainment": _figure(rng.normal(level[rep], 0.09, 40)), "revenue": _figure(rng.normal(1e6, 5e4, 40))}
        for rep in seats
    }
    return DesignFigures(design.name, kpis, reps, kpis, {kpi: tuple(values.tolist()) for kpi, values in sample.items()})


def _figure(values: np.ndarray) -> Figure:
    mean, half = float(values.mean()), float(1.96 * values.std() / len(values) ** 0.5)
    p10, p50, p90 = (float(q) for q in np.quantile(values, (0.1, 0.5, 0.9)))
    return Figure(mean, mean - half, mean + half, p10, p50, p90)


def _difference(a: str, b: str, kpi: str, values: np.ndarray, direction: int) -> Difference:
    found = _figure(values)
    assert found.mean is not None
    assert found.lo is not None
    assert found.hi is not None
    shown = found.lo * found.hi > 0
    verdict = "not shown" if not shown else "better" if found.mean * direction > 0 else "worse"
    return Difference(a, b, kpi, found.mean, found.lo, found.hi, None, verdict)
