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
from time import perf_counter
from typing import Any, TypeVar

import numpy as np

from fieldsim import api
from fieldsim.experiment import Comparison, Processes, Serial, compare_designs
from fieldsim.experiment.compare import design_in_force, last_day_of
from fieldsim.experiment.entries import Field, prepare
from fieldsim.experiment.runs import run_stages
from fieldsim.experiment.selection import Draw, select_best
from fieldsim.experiment.statistics import Floats, estimate
from fieldsim.experiment.stopping import decided, planned_looks
from fieldsim.model import Design, Scenario, Travel
from fieldsim.store import Store

T = TypeVar("T")
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
        _workers(scenario, field)
        _luck(scenario, field, asked.replications)
    _coverage()
    _selection()


def timed(what: str, work: Callable[[], T]) -> T:
    """Run a step and print its seconds."""
    began = perf_counter()
    result = work()
    print(f"{what:44} {perf_counter() - began:8.2f} s", flush=True)
    return result


def _prepare(scenario: Scenario, designs: Sequence[Design], travel: Travel, force: Any, quarters: int, store: Store) -> Field:
    options: dict[str, Any] = {"quarters": quarters, "effort": "quick", "seed": 0, "plan_seeds": 1, "workers": 2, "store": store}
    return prepare(scenario, designs, travel, current=force, **options)


def _compare(
    scenario: Scenario, designs: Sequence[Design], travel: Travel, quarters: int, store: Store, workers: int | None
) -> tuple[Comparison, ...]:
    horizons = tuple(sorted({1, quarters}))
    return compare_designs(scenario, designs, travel, horizons=horizons, store=store, workers=workers)


def _json(answers: Sequence[Comparison]) -> list[object]:
    return [answer.as_json() for answer in answers]


def _replications(
    scenario: Scenario, field: Field, n: int, workers: int, seed: int = 0, stages: list[str] | None = None
) -> dict[str, Floats]:
    """Contribution of n replications of each design's net stage."""
    keys = stages or [entry.net[0] for entry in field.entries]
    ran = run_stages(
        keys,
        field.recipes,
        scenario,
        seed=seed,
        span=(0, n),
        until_days=(last_day_of(scenario, len(field.entries[0].plans[0])),),
        executor=Processes(workers) if workers > 1 else Serial(),
        store=None,
    )
    return {key: np.array([each[0][0]["contribution"] for each in ran[key]]) for key in keys}


def _workers(scenario: Scenario, field: Field) -> None:
    """One worker against two, interleaved."""
    ratios, same = [], True
    _replications(scenario, field, 10, 2)
    for _ in range(3):
        began = perf_counter()
        one = _replications(scenario, field, 20, 1)
        middle = perf_counter()
        two = _replications(scenario, field, 20, 2)
        ratios.append((middle - began) / (perf_counter() - middle))
        same &= all(np.array_equal(one[key], two[key]) for key in one)
    print(f"\n{'two workers against one':44} {np.median(ratios):8.2f} x, the same figures: {same}")


def _luck(scenario: Scenario, field: Field, n: int) -> None:
    """Variance of the contribution difference under one luck against two."""
    keys = [entry.net[0] for entry in field.entries]
    same, other = _replications(scenario, field, n, 2), _replications(scenario, field, n, 2, seed=10_000)
    for entry, key in zip(field.entries[1:], keys[1:], strict=True):
        paired = float(np.var(same[key] - same[keys[0]], ddof=1))
        apart = float(np.var(other[key] - same[keys[0]], ddof=1))
        name = f"variance saved, {entry.design.name} against {field.entries[0].design.name}"
        print(f"{name:44} {apart / max(paired, 1e-12):8.1f} x")


def _coverage(trials: int = 5000) -> None:
    """How often the 95 % interval holds the truth although the run stops when it sees a difference."""
    looks, rng = planned_looks(10, 40), np.random.default_rng(1)
    for effect in (0.0, 0.25, 0.5, 1.0, 2.0):
        held = 0
        for values in rng.normal(effect, 1.0, (trials, 40)):
            for size in looks.sizes:
                found = estimate(values[:size])
                assert found is not None
                if decided([found], looks.alpha * 0.5, 0.0):
                    break
            assert found is not None
            lo, hi = found.interval(looks.interval_alpha)
            held += lo <= effect <= hi
        print(f"{f'coverage, true difference {effect} sigma':44} {100.0 * held / trials:8.1f} %")


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
