"""The answer to "what if people leave": policies compared, what a departure costs, which policy for whom, and a verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fieldsim.experiment.alone import Alone
from fieldsim.experiment.breakeven import BreakEven
from fieldsim.experiment.comparison import Comparison
from fieldsim.experiment.samples import Figure

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Stress:
    """A design under departures, a row a hand-over policy."""

    design: str
    comparison: Comparison
    """Policies in place of designs."""
    departures: Mapping[str, object]
    """What was asked for, how many left a replication, for how many weeks, and each departure."""
    unhurt: Mapping[str, Figure]
    """The team's figures if nobody leaves."""
    cost: Mapping[str, Mapping[str, Mapping[str, float | None]]]
    """By policy and KPI: what one departure changes, mean with its 95 % interval."""
    alone: tuple[Alone, ...]
    """Which policy if this rep leaves and nobody else."""
    alone_note: str | None
    """Which reps were asked about, where not all."""
    break_even: BreakEven
    approximation: str | None
    """What the simulation of hand-overs leaves out."""
    pooled: tuple[str, ...] = ()
    """Policies under which a manager holds visits."""

    @property
    def policies(self) -> tuple[str, ...]:
        """The policies in the order they were given."""
        return self.comparison.names

    @property
    def frame(self) -> pl.DataFrame:
        """One row a policy and KPI: mean, lo, hi, p10, p50, p90."""
        return self.comparison.frame.rename({"design": "policy"})

    def summary(self) -> str:
        """The verdict in words that can be written into a plan."""
        from fieldsim.experiment.advice import advice

        return " ".join(advice(self))

    def as_json(self) -> dict[str, object]:
        """The answer as `stress --json` prints it: like `compare`, policies in place of designs, plus departures."""
        facts = self.comparison.as_json()
        best = {("policy" if name == "design" else name): each for name, each in self.comparison.best.as_json().items()}
        rows = [_policy(each.as_json()) for each in self.comparison.designs]
        for name in ("designs", "gross_differences", "over_time", "summary"):
            facts.pop(name)
        return {
            **facts,
            "design": self.design,
            "policies": rows,
            "best": best,
            "departures": dict(self.departures),
            "nobody_leaves": {kpi: each.as_json() for kpi, each in self.unhurt.items()},
            "cost_of_departure": {name: dict(kpis) for name, kpis in self.cost.items()},
            "by_rep": [each.as_json() for each in self.alone],
            "by_rep_note": self.alone_note,
            "break_even": self.break_even.as_json(),
            "approximation": self.approximation,
            "summary": self.summary(),
        }


def _policy(row: dict[str, object]) -> dict[str, object]:
    """A design's row as a policy's."""
    return {"policy": row["design"], **{name: each for name, each in row.items() if name not in ("design", "gross")}}
