"""What turnover does to a design under several hand-over policies: the answer with all a report needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fieldsim.api.ground import open_travel
from fieldsim.api.listeners import Advance, Warn
from fieldsim.model import Design, Scenario, Travel
from fieldsim.store import default_store

if TYPE_CHECKING:
    import polars as pl
    from rich.console import RenderableType

    from fieldsim.experiment import Stress
    from fieldsim.turnover import Policy


@dataclass(frozen=True, eq=False)
class StressResults:
    """The answer of `stress_turnover`: the Stress, with what a report and a log need."""

    stress: Stress
    scenario: Scenario
    design: Design
    travel: Travel
    asked: dict[str, Any]
    """The question as it was put."""

    @property
    def replications(self) -> int:
        """How many replications were run."""
        return self.stress.comparison.replications

    @property
    def frame(self) -> pl.DataFrame:
        """A row a policy and KPI: mean, interval and quantiles."""
        return self.stress.frame

    def summary(self) -> str:
        """The verdict in words that can be written into a plan."""
        return self.stress.summary()

    def as_json(self) -> dict[str, object]:
        """The answer in the form of `stress --json`."""
        return self.stress.as_json()

    def tables(self) -> list[RenderableType]:
        """What `fieldsim stress` prints."""
        from fieldsim.report import text

        return text.stress_tables(self.stress)

    def to_html(self, path: str | Path) -> None:
        """Write the report, one file that opens without a network."""
        from fieldsim.report import write_stress

        write_stress(Path(path), self.stress, self.scenario)

    def write_log(self, folder: str | Path, *, replications: Sequence[int] = (0,)) -> None:
        """Write the log of these replications under every policy, a Parquet file a table; `design` names the policy."""
        from dataclasses import replace

        from fieldsim import experiment

        how = {**self.asked, "replications": replications, "store": default_store()}
        quarters = experiment.replay_policies(self.scenario, self.design, self.travel, **how)
        designs = [replace(self.design, name=name) for name in self.stress.policies]
        experiment.write_log(Path(folder), quarters, self.scenario, designs)


def stress_turnover(
    scenario: Scenario,
    design: Design,
    *,
    policies: Sequence[str | Policy] | None = None,
    rate: float | None = None,
    depart: Sequence[str] = (),
    by: str = "contribution",
    horizon: int = 4,
    replications: int | None = None,
    effort: str = "quick",
    seed: int = 0,
    workers: int | None = None,
    cluster: str | None = None,
    allow_plugins: bool = False,
    progress: Advance | None = None,
    warn: Warn | None = None,
) -> StressResults:
    """What happens to a design when reps leave, under each hand-over policy, over `horizon` quarters.

    Departures are drawn at `rate` a filled seat-year (by default the scenario's own), or given: `"R03@2026-10-20"`, or
    `"3@2026-10-26"` for three random seats, drawn anew in each replication. The same people leave under every policy.
    """
    from fieldsim import experiment
    from fieldsim.experiment.handing import DEFAULT
    from fieldsim.experiment.stress import REPLICATIONS

    executor = experiment.cluster_at(cluster) if cluster else None
    travel = open_travel(scenario, warn=warn)
    asked: dict[str, Any] = {
        "policies": tuple(policies) if policies else DEFAULT,
        "rate": rate,
        "depart": tuple(depart),
        "horizon": horizon,
        "effort": effort,
        "seed": seed,
        "workers": workers,
        "allow_plugins": allow_plugins,
    }
    stress = experiment.stress_turnover(
        scenario,
        design,
        travel,
        by=by,
        replications=replications or REPLICATIONS,
        store=default_store(),
        progress=progress,
        executor=executor,
        **asked,
    )
    return StressResults(stress, scenario, design, travel, asked)
