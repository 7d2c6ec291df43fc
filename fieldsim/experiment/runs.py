"""Runs blocks of replications on an executor, each checkpointed as it ends and never run twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from fieldsim.experiment import market
from fieldsim.experiment.checkpoint import NOBODY, Block, Leaving, keep, kept
from fieldsim.experiment.executors import Executor, Task
from fieldsim.experiment.samples import Measured
from fieldsim.model import Scenario
from fieldsim.store import Store

BLOCK = 5
"""Replications a task: long enough to outweigh handing it out, short enough to lose little and to share out evenly."""
Progress = Callable[[str, int, int], None]
Recipes = Mapping[str, Callable[[], Any]]
Ran = dict[str, list[list[Measured]]]
"""Figures by stage, [replication][horizon]."""
_SCENARIO = "scenario"


@dataclass(frozen=True, eq=False)
class Setting:
    """Under what replications run, and where; only the first three and who leaves decide what comes out."""

    scenario: Scenario
    seed: int
    until_days: tuple[int, ...]
    """Days up to which each replication is measured, one a horizon."""
    executor: Executor
    store: Store | None = None
    progress: Progress | None = None
    leaving: Leaving = NOBODY


def blocks(stage: str, setting: Setting, span: tuple[int, int]) -> list[Block]:
    """The span of replications cut at multiples of BLOCK, so that every run cuts alike."""
    first, last = span
    cuts = sorted({first, last, *(cut for cut in range(0, last, BLOCK) if cut > first)})
    return [Block(stage, setting.seed, a, b, setting.until_days, setting.leaving) for a, b in pairwise(cuts)]


def run_stages(
    stages: Sequence[str], recipes: Recipes, setting: Setting, span: tuple[int, int], held: dict[str, Any] | None = None
) -> Ran:
    """Figures of the span's replications of every stage; `held` keeps set stages for the next span."""
    every = [block for stage in stages for block in blocks(stage, setting, span)]
    found = run_blocks(every, recipes, setting, f"simulating replications {span[0] + 1} to {span[1]}", held)
    return {stage: [each for block in every if block.stage == stage for each in found[block]] for stage in stages}


def run_blocks(
    every: Sequence[Block], recipes: Recipes, setting: Setting, what: str, held: dict[str, Any] | None = None
) -> dict[Block, list[list[Measured]]]:
    """Figures of every block, [replication][horizon], from the store or run now; blocks of one stage best stand together."""
    held = {} if held is None else held
    found = {block: rows for block in every if (rows := kept(setting.store, block)) is not None}
    missing = [block for block in dict.fromkeys(every) if block not in found]
    if not missing:
        return found
    needed = dict.fromkeys(block.stage for block in missing)
    for stage in needed:
        if stage not in held:
            held[stage] = recipes[stage]()
    ended = len(found)

    def done(position: int, results: list[list[Measured]]) -> None:
        nonlocal ended
        keep(setting.store, missing[position], results)
        ended += 1
        if setting.progress:
            setting.progress(what, ended, len(every))

    if setting.progress:
        setting.progress(what, ended, len(every))
    shared = {_SCENARIO: setting.scenario, **{stage: held[stage] for stage in needed}}
    ran = setting.executor.run([_task(block) for block in missing], shared, done)
    return {**found, **dict(zip(missing, ran, strict=True))}


def _task(block: Block) -> Task:
    leaving = () if block.leaving == NOBODY else (block.leaving,)
    arguments = (block.seed, block.first, block.last, block.until_days, *leaving)
    return Task(market.replicate, (_SCENARIO, block.stage), arguments)
