"""Runs chosen replications of a comparison again and hands out their logs; the same input gives the same log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fieldsim.experiment import market
from fieldsim.experiment.compare import design_in_force
from fieldsim.experiment.entries import Planning, prepare
from fieldsim.experiment.executors import cores
from fieldsim.model import Design, Quarter, Scenario, Travel
from fieldsim.store import Store


def replay(
    scenario: Scenario,
    designs: Sequence[Design],
    travel: Travel,
    *,
    horizon: int = 1,
    effort: str = "quick",
    seed: int = 0,
    replications: Sequence[int] = (0,),
    plans: int = 1,
    workers: int | None = None,
    store: Store | None = None,
    current: Design | None = None,
) -> list[Quarter]:
    """The logs of the chosen replications of each design under each plan, net of the hand-over, as `compare` measured them."""
    planning = Planning(horizon, effort, seed, plans, workers or cores(), store)
    field = prepare(scenario, designs, travel, planning, current=current or design_in_force(scenario, designs))
    stages = {key: field.recipes[key]() for key in dict.fromkeys(key for entry in field.entries for key in entry.net)}
    return [
        replace(market.simulate(stages[key], seed, number), design=entry.design.name, plan=plan)
        for entry in field.entries
        for plan, key in enumerate(entry.net, start=1)
        for number in replications
    ]
