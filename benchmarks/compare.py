"""How long does the main job take, step by step, and how much do its luck, intervals and workers deliver?

    python -m benchmarks compare [--quarters 4] [--replications 40]

Times the shipped scenario's comparison with plans deleted and again with everything kept, prints its verdicts, the variance that
keyed luck saves against independent seeds, one worker against two, how often intervals cover under the stopping rule, and how
often the best of eight designs is found.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._meter import timed
from benchmarks._sharing import sharing
from fieldsim import api
from fieldsim.experiment import Comparison, Executor, Processes, compare_designs
from fieldsim.experiment.compare import design_in_force, last_day_of
from fieldsim.experiment.entries import Field, Planning, prepare
from fieldsim.experiment.judge import quantile_differences
from fieldsim.experiment.runs import Setting, run_stages
from fieldsim.experiment.selection import Draw, select_best
from fieldsim.experiment.statistics import Floats, estimate, quantile_interval, resamples
from fieldsim.experiment.stopping import FIRST_STAGE, decided, planned_looks
from fieldsim.model import Design, Scenario, Travel
from fieldsim.store import Store

SCENARIO = Path(__file__).parents[1] / "scenarios" / "coquimbo"


def main(argv: list[str]) -> None:
    options = argparse.ArgumentParser(prog="compare")
    options.add_argument("--quarters", type=int, default=4)
    options.add_argument("--replications", type=int, default=40)
    asked = options.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        scenario = timed("read the scenario", lambda: api.read_scenario(SCENARIO))
        designs = [api.read_design(scenario, name) for name in api.design_names(scenario)]
        travel = timed("open roads", lambda: api.open_travel(scenario, store=store))
        force = design_in_force(scenario, designs)
        field = timed("plan, quick effort", lambda: _prepare(scenario, designs, travel, force, asked.quarters, store))
        answers = timed("compare, plans kept", lambda: _compare(scenario, designs, travel, asked.quarters, store, None))
        again = timed("compare, all kept", lambda: _compare(scenario, designs, travel, asked.quarters, store, None))
        print(f"{'the same answer':44} {json.dumps(_json(answers)) == json.dumps(_json(again))}")
        for answer in answers:
            print(f"\n{answer.summary()}\n  {answer.replications} replications: {answer.stopped_because}")
        sharing(lambda executor: _replications(scenario, field, 60, executor))
        _luck(scenario, field, asked.replications)
    _coverage()
    _selection()


def _prepare(scenario: Scenario, designs: Sequence[Design], travel: Travel, force: Any, quarters: int, store: Store) -> Field:
    return prepare(scenario, designs, travel, Planning(quarters, "quick", 0, 1, 2, store), current=force)


def _compare(
    scenario: Scenario, designs: Sequence[Design], travel: Travel, quarters: int, store: Store, workers: int | None
) -> tuple[Comparison, ...]:
    horizons = tuple(sorted({1, quarters}))
    return compare_designs(scenario, designs, travel, horizons=horizons, store=store, workers=workers)


def _json(answers: Sequence[Comparison]) -> list[object]:
    return [answer.as_json() for answer in answers]


def _replications(scenario: Scenario, field: Field, n: int, executor: Executor, seed: int = 0) -> dict[str, Floats]:
    """Contribution of n replications of each design's net stage."""
    keys = [entry.net[0] for entry in field.entries]
    until = (last_day_of(scenario, len(field.entries[0].plans[0])),)
    setting = Setting(scenario, seed, until, executor)
    ran = run_stages(keys, field.recipes, setting, (0, n))
    return {key: np.array([each[0][0]["contribution"] for each in ran[key]]) for key in keys}


def _luck(scenario: Scenario, field: Field, n: int) -> None:
    """Variance of the contribution difference under one luck against two."""
    keys = [entry.net[0] for entry in field.entries]
    same, other = (_replications(scenario, field, n, Processes(2), seed) for seed in (0, 10_000))
    for entry, key in zip(field.entries[1:], keys[1:], strict=True):
        paired = float(np.var(same[key] - same[keys[0]], ddof=1))
        apart = float(np.var(other[key] - same[keys[0]], ddof=1))
        name = f"variance saved, {entry.design.name} against {field.entries[0].design.name}"
        print(f"{name:44} {apart / max(paired, 1e-12):8.1f} x")


SHAPES: dict[str, Callable[[np.random.Generator, tuple[int, int]], Floats]] = {
    "normal": lambda rng, size: rng.normal(size=size),
    "exponential": lambda rng, size: rng.exponential(size=size) - 1.0,
    "exponential, turned": lambda rng, size: 1.0 - rng.exponential(size=size),
    "lognormal 0.5": lambda rng, size: (np.exp(0.5 * rng.normal(size=size) - 0.125) - 1.0) / np.sqrt(np.expm1(0.25)),
}
"""Luck of mean 0 and spread 1, smooth and skewed."""


def _coverage(trials: int = 5000) -> None:
    """How often the 95 % interval of a difference holds the truth although the run stops when it sees one."""
    looks = planned_looks(FIRST_STAGE, 40)
    print(f"\ncoverage of 95 % intervals, {trials} trials each, looks at {' and '.join(map(str, looks.sizes))} replications")
    for shape, draw in SHAPES.items():
        cells = []
        for effect in (0.0, 0.15, 0.25, 0.5, 1.0, 2.0):
            held = 0
            for values in effect + draw(np.random.default_rng(1), (trials, looks.sizes[-1])):
                for size in looks.sizes:
                    found = estimate(values[:size])
                    assert found is not None
                    if decided([found], looks.alpha * 0.5, 0.0):
                        break
                assert found is not None
                lo, hi = found.interval(looks.interval_alpha)
                held += lo <= effect <= hi
            cells.append(f"{effect:g}: {100.0 * held / trials:.1f}")
        print(f"  mean, {shape:22} true difference in sigma  {'   '.join(cells)} %")
    _quantile_coverage(trials)


def _quantile_coverage(trials: int, n: int = 100) -> None:
    """The same of P10, P50 and P90 of a figure, and of their difference between two designs under the same luck."""
    shares = (0.1, 0.5, 0.9)
    for shape, draw in SHAPES.items():
        rng = np.random.default_rng(2)
        truth = np.quantile(draw(rng, (1, 4_000_000))[0], shares)
        held = np.zeros(3)
        for values in draw(rng, (trials, n)):
            spans = [quantile_interval(values, share) for share in shares]
            held += [lo <= true <= hi for (lo, hi), true in zip(spans, truth, strict=True)]
        cells = "   ".join(f"P{100 * share:.0f}: {100.0 * h / trials:.1f}" for share, h in zip(shares, held, strict=True))
        print(f"  quantiles, {shape:17} {n} replications  {cells} %")
    rng, drawn, held = np.random.default_rng(3), resamples(0, n, 500), np.zeros(3)
    truth = np.array([-1.2816, 0.0, 1.2816]) * (np.sqrt(1.53) - 1.0) + 0.2
    for _ in range(trials):
        a = rng.normal(size=n)
        b = 1.2 * a + 0.3 * rng.normal(size=n) + 0.2
        found = (quantile_differences(a[None], b[None], drawn) or {}).values()
        held += [lo <= true <= hi for (_, lo, hi), true in zip(found, truth, strict=True)]
    cells = "   ".join(f"P{100 * share:.0f}: {100.0 * h / trials:.1f}" for share, h in zip(shares, held, strict=True))
    print(f"  quantile differences, correlated {n} replications  {cells} %")


def _rows(values: Floats) -> Draw:
    """Prepared figures, handed out as they are asked for."""

    def draw(design: int, first: int, last: int) -> Floats:
        figures: Floats = values[design, first:last]
        return figures

    return draw


def _selection(trials: int = 200) -> None:
    """Eight designs, seven exactly one indifference zone below the best; differences as noisy as that zone."""
    hits, ran = 0, 0
    for trial in range(trials):
        rng = np.random.default_rng(trial)
        best = int(rng.integers(8))
        values = rng.normal(0.0, 5.0, 1000) + rng.normal(0.0, 0.7, (8, 1000)) - (np.arange(8) != best)[:, None]
        found = select_best(_rows(values), 8, 1.0)
        hits, ran = hits + (found.best == best), ran + found.replications
    print(f"{'best of eight found':44} {100.0 * hits / trials:8.1f} %, {ran / trials:.0f} simulated quarters")
