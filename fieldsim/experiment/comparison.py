"""The answer to "which design is better": figures, paired differences, the verdict, and what it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from fieldsim.experiment.samples import Figure

if TYPE_CHECKING:
    import polars as pl

Verdict = Literal["better", "worse", "not shown"]


@dataclass(frozen=True)
class Difference:
    """What b has more of than a, under the same luck: mean of b − a, its 95 % interval, and the verdict on b.

    The verdict holds after the corrections for many questions and several looks; `lo_corrected` and `hi_corrected` bound the mean
    with the part of the error that this question alone may spend. `plan_noise` is the standard deviation of the difference that
    planning again with another planner seed causes. What the sample cannot support is None, and `reason` says why.
    """

    a: str
    b: str
    kpi: str
    mean: float | None
    lo: float | None
    hi: float | None
    plan_noise: float | None
    verdict: Verdict
    p_value: float | None = None
    """After the corrections."""
    lo_corrected: float | None = None
    hi_corrected: float | None = None
    quantiles: Mapping[str, tuple[float, float, float]] | None = None
    """Difference of smooth P10, P50 and P90 (not the quantile of the difference) with its interval."""
    reason: str | None = None

    def as_json(self) -> dict[str, object]:
        """The difference as `--json` prints it."""
        spans = {name: dict(zip(("mean", "lo", "hi"), span, strict=True)) for name, span in (self.quantiles or {}).items()}
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {**fields, "quantiles": spans or None}


@dataclass(frozen=True)
class DesignFigures:
    """One design's figures: the team's and each rep's, net of the hand-over, and the team's without it (gross)."""

    design: str
    kpis: Mapping[str, Figure]
    reps: Mapping[str, Mapping[str, Figure]]
    gross: Mapping[str, Figure]
    samples: Mapping[str, tuple[float, ...]]
    """The team's figure of each replication, for charts."""
    same_as: str | None = None
    """An earlier design of the comparison with the same territories and reps."""

    def as_json(self) -> dict[str, object]:
        """The design as `--json` prints it."""
        reps = [{"rep": rep, "kpis": _json(kpis)} for rep, kpis in self.reps.items()]
        return {
            "design": self.design,
            "kpis": _json(self.kpis),
            "reps": reps,
            "gross": _json(self.gross),
            "same_as": self.same_as,
        }


def _json(figures: Mapping[str, Figure]) -> dict[str, object]:
    return {kpi: figure.as_json() for kpi, figure in figures.items()}


@dataclass(frozen=True)
class Best:
    """The design ahead by the deciding KPI, and the least probability that it is; None where all are the same."""

    by: str
    design: str | None
    probability: float | None

    def as_json(self) -> dict[str, object]:
        """As `--json` prints it."""
        return {"by": self.by, "design": self.design, "probability": self.probability}


@dataclass(frozen=True)
class Comparison:
    """Designs compared over paired replications at one horizon."""

    version: str
    input_hash: str
    scenario: str
    currency: str
    first_day: str
    last_day: str
    horizon: int
    """Quarters."""
    seed: int
    replications: int
    stopped_because: str
    designs: tuple[DesignFigures, ...]
    differences: tuple[Difference, ...]
    gross_differences: tuple[Difference, ...]
    """Of the deciding KPI and contribution, without the hand-over."""
    best: Best
    smallest_difference_shown: Mapping[str, object]
    correction: str
    """How the verdicts are protected against many questions and several looks."""
    plan_noise_reason: str | None
    assumptions_that_flip_it: tuple[Mapping[str, object], ...]
    assumptions_reason: str
    """What was looked at."""
    current: str | None
    directions: Mapping[str, int]
    """1 where higher is better, -1 where lower is, 0 where neither."""
    margin: float
    travel_cost_per_km: float
    assumptions_that_move_it: tuple[Mapping[str, object], ...] = ()
    """Those screened, by how much they move the lead, strongest first."""
    over_time: tuple[Mapping[str, object], ...] = ()
    """Each design's first quarter beside a mean later one, where both were asked for (`later.py`)."""

    @property
    def names(self) -> tuple[str, ...]:
        """The designs' names in the order they were given."""
        return tuple(each.design for each in self.designs)

    def design(self, name: str) -> DesignFigures:
        """The figures of one design."""
        return self.designs[self.names.index(name)]

    def difference(self, a: str, b: str, kpi: str) -> Difference:
        """The difference b − a in a KPI, in either order of the designs."""
        for each in self.differences:
            if each.kpi == kpi and {each.a, each.b} == {a, b} and a != b:
                return each if each.a == a else turned(each)
        raise KeyError((a, b, kpi))

    def as_json(self) -> dict[str, object]:
        """The answer as `compare --json` prints it."""
        return {
            "version": self.version,
            "input_hash": self.input_hash,
            "scenario": self.scenario,
            "currency": self.currency,
            "from": self.first_day,
            "to": self.last_day,
            "horizon": self.horizon,
            "seed": self.seed,
            "replications": self.replications,
            "stopped_because": self.stopped_because,
            "designs": [each.as_json() for each in self.designs],
            "differences": [each.as_json() for each in self.differences],
            "gross_differences": [each.as_json() for each in self.gross_differences],
            "best": self.best.as_json(),
            "smallest_difference_shown": dict(self.smallest_difference_shown),
            "correction": self.correction,
            "plan_noise_reason": self.plan_noise_reason,
            "assumptions_that_flip_it": [dict(each) for each in self.assumptions_that_flip_it],
            "assumptions_that_move_it": [dict(each) for each in self.assumptions_that_move_it],
            "assumptions_reason": self.assumptions_reason,
            "over_time": [dict(each) for each in self.over_time],
            "summary": self.summary(),
        }

    @property
    def frame(self) -> pl.DataFrame:
        """One row a design and KPI: mean, lo, hi, p10, p50, p90."""
        import polars as pl

        columns = ("mean", "lo", "hi", "p10", "p50", "p90")
        rows = [
            {"design": each.design, "kpi": kpi, **{name: getattr(figure, name) for name in columns}}
            for each in self.designs
            for kpi, figure in each.kpis.items()
        ]
        schema = {"design": pl.String, "kpi": pl.String, **dict.fromkeys(columns, pl.Float64)}
        return pl.DataFrame(rows, schema=schema)

    @property
    def difference_frame(self) -> pl.DataFrame:
        """One row a pair and KPI: mean of b − a, lo, hi, plan_noise, verdict."""
        import polars as pl

        numbers = ("mean", "lo", "hi", "plan_noise")
        rows = [{name: getattr(each, name) for name in ("a", "b", "kpi", *numbers, "verdict")} for each in self.differences]
        text = dict.fromkeys(("a", "b", "kpi"), pl.String)
        return pl.DataFrame(rows, schema={**text, **dict.fromkeys(numbers, pl.Float64), "verdict": pl.String})

    def summary(self) -> str:
        """One sentence that a manager can repeat."""
        from fieldsim.experiment.sentences import summary

        return summary(self)

    def assumptions(self) -> list[str]:
        """Which assumptions would flip the verdict or move it most, in plain words with values and units."""
        from fieldsim.experiment.sentences import assumed

        return assumed(self)

    def why(self, a: str, b: str) -> list[str]:
        """What makes b differ from a, in plain words with numbers: revenue, travel, hand-over, coverage."""
        from fieldsim.experiment.sentences import why

        return why(self, a, b)

    def why_later(self, name: str) -> str | None:
        """Why a design's attainment is another in later quarters than in the first, in one sentence with numbers."""
        from fieldsim.experiment.later import why_later

        return why_later(self, name)


def turned(difference: Difference) -> Difference:
    """The same difference seen from the other design."""
    opposite: dict[Verdict, Verdict] = {"better": "worse", "worse": "better", "not shown": "not shown"}
    return replace(
        difference,
        a=difference.b,
        b=difference.a,
        mean=_minus(difference.mean),
        lo=_minus(difference.hi),
        hi=_minus(difference.lo),
        verdict=opposite[difference.verdict],
        lo_corrected=_minus(difference.hi_corrected),
        hi_corrected=_minus(difference.lo_corrected),
        quantiles={name: (0.0 - mean, 0.0 - hi, 0.0 - lo) for name, (mean, lo, hi) in (difference.quantiles or {}).items()}
        or None,
    )


def _minus(value: float | None) -> float | None:
    return None if value is None else 0.0 - value
