"""Chooses the best of many designs with as few replications as the promise allows, on the real market."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field

import numpy as np

from fieldsim.experiment import market
from fieldsim.experiment.compare import design_in_force, last_day_of
from fieldsim.experiment.contest import MONEY, check_deciding
from fieldsim.experiment.entries import Field, Planning, prepare
from fieldsim.experiment.executors import Executor, cores, executor_for
from fieldsim.experiment.runs import BLOCK, Progress, Setting, run_stages
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
    planning = Planning(horizon, effort, seed, 1, workers or cores(), store, progress)
    field = prepare(scenario, designs, travel, planning, current=design_in_force(scenario, designs))
    setting = Setting(scenario, seed, (last_day_of(scenario, horizon),), executor or executor_for(workers), store)
    track = _Track(field, setting, directions[by], by, "revenue" if by in MONEY else by)
    zone = indifference * abs(track.first_mean(first_stage))
    found = select_best(track.figures, len(designs), zone, first_stage=first_stage, budget=budget)
    left = dict(zip((design.name for design in designs), found.left_after, strict=True))
    return Choice(designs[found.best].name, found.decided, zone, track.ran, left)


@dataclass(eq=False)
class _Track:
    """The figures seen so far; a span that is asked for runs in whole blocks, so that few tasks are handed out."""

    field: Field
    setting: Setting
    sign: int
    by: str
    basis: str
    """The KPI that the indifference zone is a share of."""
    seen: dict[str, list[tuple[float, float]]] = dataclass_field(default_factory=dict)
    """By stage: the deciding KPI and the basis of each replication."""
    held: dict[str, object] = dataclass_field(default_factory=dict)

    def figures(self, design: int, first: int, last: int) -> Floats:
        """The deciding KPI of a span of replications, higher is better."""
        stage = self.field.entries[design].net[0]
        rows = self.seen.setdefault(stage, [])
        if last > len(rows):
            span = (len(rows), len(rows) + BLOCK * -(-(last - len(rows)) // BLOCK))
            ran = run_stages([stage], self.field.recipes, self.setting, span, self.held)
            rows += [(each[0][0][self.by], each[0][0][self.basis]) for each in ran[stage]]
        return self.sign * np.array([row[0] for row in rows[first:last]])

    def first_mean(self, first_stage: int) -> float:
        """Mean of the basis over the first design's first stage."""
        self.figures(0, 0, first_stage)
        rows = self.seen[self.field.entries[0].net[0]]
        return float(np.mean([basis for _, basis in rows[:first_stage]]))

    @property
    def ran(self) -> int:
        """Replications of all designs together."""
        return sum(len(rows) for rows in self.seen.values())
