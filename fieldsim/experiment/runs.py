"""Runs blocks of replications on an executor, each checkpointed as it ends and never run twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from fieldsim.experiment import market
from fieldsim.experiment.checkpoint import Block, keep, kept
from fieldsim.experiment.executors import Executor, Task
from fieldsim.experiment.samples import Measured
from fieldsim.model import Scenario
from fieldsim.store import Store

BLOCK = 5
"""Replications a task: long enough to outweigh handing it out, short enough to lose little and to share out evenly."""
Progress = Callable[[str, int, int], None]
_SCENARIO = "scenario"


def blocks(stage: str, seed: int, span: tuple[int, int], until_days: tuple[int, ...]) -> list[Block]:
    """The span of replications cut at multiples of BLOCK, so that every run cuts alike."""
    first, last = span
    cuts = sorted({first, last, *(cut for cut in range(0, last, BLOCK) if cut > first)})
    return [Block(stage, seed, a, b, until_days) for a, b in pairwise(cuts)]


def run_stages(
    stages: Sequence[str],
    recipes: Mapping[str, Callable[[], Any]],
    scenario: Scenario,
    *,
    seed: int,
    span: tuple[int, int],
    until_days: tuple[int, ...],
    executor: Executor,
    store: Store | None,
    progress: Progress | None = None,
    held: dict[str, Any] | None = None,
) -> dict[str, list[list[Measured]]]:
    """Figures of the span's replications of every stage, [replication][horizon]; `held` keeps set stages for the next span."""
    held = {} if held is None else held
    every = [block for stage in stages for block in blocks(stage, seed, span, until_days)]
    found = {block: kept(store, block) for block in every}
    missing = [block for block in every if found[block] is None]
    for block in missing:
        if block.stage not in held:
            held[block.stage] = recipes[block.stage]()
    ended = len(every) - len(missing)

    def done(position: int, results: list[list[Measured]]) -> None:
        nonlocal ended
        keep(store, missing[position], results)
        ended += 1
        if progress:
            progress(_label(span), ended, len(every))

    tasks = [Task(market.replicate, (_SCENARIO, b.stage), (b.seed, b.first, b.last, b.until_days)) for b in missing]
    needed = {stage: held[stage] for stage in dict.fromkeys(block.stage for block in missing)}
    if progress and missing:
        progress(_label(span), ended, len(every))
    ran = executor.run(tasks, {_SCENARIO: scenario, **needed}, done) if tasks else []
    found.update(zip(missing, ran, strict=True))
    return {stage: [each for b in every if b.stage == stage for each in found[b] or []] for stage in stages}


def _label(span: tuple[int, int]) -> str:
    return f"simulating replications {span[0] + 1} to {span[1]}"
