"""Chooses the best of many designs with as few replications as the promise allows, on the real market."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fieldsim.experiment import market
from fieldsim.experiment.compare import design_in_force, last_day_of
from fieldsim.experiment.contest import MONEY, check_deciding
from fieldsim.experiment.entries import prepare
from fieldsim.experiment.executors import Executor, cores, executor_for
from fieldsim.experiment.runs import BLOCK, Progress, run_stages
from fieldsim.experiment.selection import select_best
from fieldsim.experiment.statistics import Floats
from fieldsim.model import Design, Scenario, Travel
from fieldsim.store import Store


@dataclass(frozen=True)
class Choice:
    """The chosen design, the indifference zone in the KPI's unit, and what it took."""

    design: str
    decided: bool
    """False: the budget ended with several still in the race."""
    indifference: float
    replications: int
    """Of all designs together."""
    left_after: dict[str, int | None]
    """After how many replications each design left the race; None for those in it to the end."""


def choose_design(
    scenario: Scenario,
    designs: Sequence[Design],
    travel: Travel,
    *,
    by: str = "contribution",
    indifference: float = 0.01,
    horizon: int = 1,
    effort: str = "quick",
    seed: int = 0,
    workers: int | None = None,
    first_stage: int = 10,
    budget: int = 200,
    store: Store | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Choice:
    """The best design with 95 % probability if it leads by the indifference zone, else one as good as that; net of the hand-over.

    `indifference` is a share of the first design's revenue (of the KPI's own mean for a KPI that is no money). Conditional on the
    plans; a design that is the same as an earlier one leaves at once.
    """
    directions = market.directions(scenario)
    check_deciding(by, directions)
    force = design_in_force(scenario, designs)
    field = prepare(
        scenario,
        designs,
        travel,
        current=force,
        quarters=horizon,
        effort=effort,
        seed=seed,
        plan_seeds=1,
        workers=workers or cores(),
        store=store,
        progress=progress,
    )
    runner, until = executor or executor_for(workers), (last_day_of(scenario, horizon),)
    stages = [entry.net[0] for entry in field.entries]
    sign, held = directions[by], dict[str, object]()
    basis = "revenue" if by in MONEY else by
    seen: dict[str, dict[str, list[float]]] = {stage: {by: [], basis: []} for stage in stages}

    def figures(stage: str, first: int, last: int) -> Floats:
        """Signed figures of a span, run in whole blocks so that few tasks are handed out."""
        have = len(seen[stage][by])
        if last > have:
            span = (have, have + BLOCK * -(-(last - have) // BLOCK))
            ran = run_stages(
                [stage],
                field.recipes,
                scenario,
                seed=seed,
                span=span,
                until_days=until,
                executor=runner,
                store=store,
                held=held,
            )
            for kpi in seen[stage]:
                seen[stage][kpi] += [each[0][0][kpi] for each in ran[stage]]
        return sign * np.array(seen[stage][by][first:last])

    figures(stages[0], 0, first_stage)
    zone = indifference * abs(float(np.mean(seen[stages[0]][basis][:first_stage])))
    found = select_best(
        lambda i, first, last: figures(stages[i], first, last), len(stages), zone, first_stage=first_stage, budget=budget
    )
    left = dict(zip((design.name for design in designs), found.left_after, strict=True))
    ran = sum(len(seen[stage][by]) for stage in dict.fromkeys(stages))
    return Choice(designs[found.best].name, found.decided, zone, ran, left)
