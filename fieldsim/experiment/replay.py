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
    workers: int | None = None,
    store: Store | None = None,
    current: Design | None = None,
) -> list[Quarter]:
    """The logs of the chosen replications of each design, net of the hand-over, as `compare` measured them."""
    planning = Planning(horizon, effort, seed, 1, workers or cores(), store)
    field = prepare(scenario, designs, travel, planning, current=current or design_in_force(scenario, designs))
    stages = {key: field.recipes[key]() for key in dict.fromkeys(entry.net[0] for entry in field.entries)}
    return [
        replace(market.simulate(stages[entry.net[0]], seed, number), design=entry.design.name)
        for entry in field.entries
        for number in replications
    ]
