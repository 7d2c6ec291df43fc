"""Which design is better: the comparison with all a report needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fieldsim.api.ground import open_travel
from fieldsim.api.listeners import Advance, Warn
from fieldsim.api.plans import plan_quarter
from fieldsim.model import Design, Scenario, Travel, VisitPlan
from fieldsim.store import default_store

if TYPE_CHECKING:
    import polars as pl
    from rich.console import RenderableType

    from fieldsim.experiment import Comparison


@dataclass(frozen=True, eq=False)
class Results:
    """The answer of `compare_designs`: a Comparison a horizon, shortest first, with what a report needs to draw it."""

    comparisons: tuple[Comparison, ...]
    scenario: Scenario
    designs: tuple[Design, ...]
    travel: Travel
    effort: str
    seed: int
    plan_count: int = 1
    """How often each changed territory was planned."""

    @property
    def longest(self) -> Comparison:
        """The comparison over the horizon that was asked for."""
        return self.comparisons[-1]

    @property
    def replications(self) -> int:
        """How many replications were run."""
        return self.longest.replications

    @property
    def frame(self) -> pl.DataFrame:
        """A row a design and KPI: mean, interval and quantiles over the asked horizon."""
        return self.longest.frame

    def summary(self) -> str:
        """One sentence a manager can repeat."""
        return self.longest.summary()

    def as_json(self) -> dict[str, object]:
        """The answer over the asked horizon in the form of `compare --json`."""
        return self.longest.as_json()

    def tables(self) -> list[RenderableType]:
        """What `fieldsim compare` prints."""
        from fieldsim.report import text

        return [table for comparison in self.comparisons for table in text.compare_tables(comparison)]

    def to_html(self, path: str | Path) -> None:
        """Write the report, one file that opens without a network."""
        from fieldsim.api.curves import report_curves
        from fieldsim.report import write_report

        curves = report_curves(self.scenario, self.travel, self.designs)
        write_report(Path(path), self.comparisons, self.scenario, self.designs, self.travel, plans=self.plans(), curves=curves)

    def plans(self) -> list[VisitPlan]:
        """The first quarter's visit plan of each design, as it was simulated."""
        return [
            plan_quarter(self.scenario, design, travel=self.travel, effort=self.effort, seed=self.seed) for design in self.designs
        ]

    def write_log(self, folder: str | Path, *, replications: Sequence[int] = (0,)) -> None:
        """Write the log of these replications of every design over the asked horizon, a Parquet file a table.

        Where territories were planned more than once, the log holds each replication under every plan (column `plan`).
        """
        from fieldsim import experiment

        quarters = experiment.replay(
            self.scenario,
            self.designs,
            self.travel,
            horizon=self.longest.horizon,
            effort=self.effort,
            seed=self.seed,
            replications=replications,
            plans=self.plan_count,
            store=default_store(),
        )
        experiment.write_log(Path(folder), quarters, self.scenario, self.designs)


def compare_designs(
    scenario: Scenario,
    designs: Sequence[Design],
    *,
    by: str = "contribution",
    horizons: tuple[int, ...] = (1,),
    effort: str = "quick",
    seed: int = 0,
    workers: int | None = None,
    cluster: str | None = None,
    screen: int = 0,
    plans: int = 2,
    progress: Advance | None = None,
    warn: Warn | None = None,
) -> Results:
    """Which design is better by the KPI `by`, net of hand-over, over each horizon in quarters.

    `cluster` is the address of a Dask scheduler that runs the replications; the answer is the same as here.
    `plans` is how often each changed territory is planned: from 2 on, how much of a difference is a plan's own luck is measured
    and part of every interval.
    `screen` is how many assumptions of the market, those that move the lead most, are moved to the ends of their ranges.
    """
    from fieldsim import experiment

    executor = experiment.cluster_at(cluster) if cluster else None
    travel = open_travel(scenario, warn=warn)
    comparisons = experiment.compare_designs(
        scenario,
        designs,
        travel,
        by=by,
        horizons=horizons,
        effort=effort,
        seed=seed,
        workers=workers,
        store=default_store(),
        progress=progress,
        screen_assumptions=screen,
        plan_seeds=plans,
        executor=executor,
    )
    return Results(comparisons, scenario, tuple(designs), travel, effort, seed, plans)
