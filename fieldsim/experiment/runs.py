"""Runs blocks of replications on an executor, each checkpointed as it ends and never run twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from fieldsim.experiment import market
from fieldsim.experiment.checkpoint import Block, keep, kept
from fieldsim.experiment.executors import Executor, Task
from fieldsim.experiment.samples import Measured
from fieldsim.model import Scenario
from fieldsim.store import Store

if TYPE_CHECKING:
    from fieldsim.simulation import Departures

BLOCK = 5
"""Replications a task: long enough to outweigh handing it out, short enough to lose little and to share out evenly."""
Progress = Callable[[str, int, int], None]
Recipes = Mapping[str, Callable[[], Any]]
Ran = dict[str, list[list[Measured]]]
"""Figures by stage, [replication][horizon]."""
_SCENARIO = "scenario"


@dataclass(frozen=True, eq=False)
class Setting:
    """Under what replications run, and where; only the first three and the departures decide what comes out."""

    scenario: Scenario
    seed: int
    until_days: tuple[int, ...]
    """Days up to which each replication is measured, one a horizon."""
    executor: Executor
    store: Store | None = None
    progress: Progress | None = None
    departures: Departures | None = None
    """Who leaves; None: nobody."""


def blocks(stage: str, setting: Setting, span: tuple[int, int]) -> list[Block]:
    """The span of replications cut at multiples of BLOCK, so that every run cuts alike."""
    first, last = span
    leaving = (setting.departures.rate, setting.departures.given) if setting.departures else None
    cuts = sorted({first, last, *(cut for cut in range(0, last, BLOCK) if cut > first)})
    return [Block(stage, setting.seed, a, b, setting.until_days, leaving) for a, b in pairwise(cuts)]


def run_stages(
    stages: Sequence[str],
    recipes: Recipes,
    setting: Setting,
    span: tuple[int, int],
    held: dict[str, Any] | None = None,
    what: str = "simulating",
) -> Ran:
    """Figures of the span's replications of every stage; `held` keeps set stages for the next span."""
    held = {} if held is None else held
    every = [block for stage in stages for block in blocks(stage, setting, span)]
    found = {block: kept(setting.store, block) for block in every}
    missing = [block for block in every if found[block] is None]
    for stage in dict.fromkeys(block.stage for block in missing):
        if stage not in held:
            held[stage] = recipes[stage]()
    ended, label = len(every) - len(missing), f"{what} replications {span[0] + 1} to {span[1]}"

    def done(position: int, results: list[list[Measured]]) -> None:
        nonlocal ended
        keep(setting.store, missing[position], results)
        ended += 1
        if setting.progress:
            setting.progress(label, ended, len(every))

    if missing:
        if setting.progress:
            setting.progress(label, ended, len(every))
        needed = {stage: held[stage] for stage in dict.fromkeys(block.stage for block in missing)}
        tasks = [_task(block, setting) for block in missing]
        ran = setting.executor.run(tasks, {_SCENARIO: setting.scenario, **needed}, done)
        found.update(zip(missing, ran, strict=True))
    return {stage: [each for b in every if b.stage == stage for each in found[b] or []] for stage in stages}


def _task(block: Block, setting: Setting) -> Task:
    arguments = (block.seed, block.first, block.last, block.until_days)
    leaving = (setting.departures,) if setting.departures else ()
    return Task(market.replicate, (_SCENARIO, block.stage), (*arguments, *leaving))
