"""How long a seat may stand empty before handing its accounts over pays: both under the same luck, vacancy by vacancy length."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fieldsim.experiment.checkpoint import Block, Leaving
from fieldsim.experiment.leaving import ANYBODY, WEEK
from fieldsim.experiment.runs import Setting, blocks
from fieldsim.experiment.samples import Measured
from fieldsim.experiment.statistics import Estimate, Floats, estimate

LENGTHS = (1.0, 2.0, 4.0, 8.0, 13.0, 20.0, 30.0, 43.0)
"""Weeks of vacancy looked at, as far as the horizon reaches."""
DEPARTURES = 160
"""Departures simulated for each length, by several seats at a time in a large force."""


@dataclass(frozen=True)
class BreakEven:
    """Weeks of vacancy from which the policy is better than leaving the seat vacant, by the deciding KPI."""

    policy: str | None
    weeks: float | None
    """None where the sign does not change within the lengths looked at."""
    lo: float | None
    hi: float | None
    """Bounds of the 95 % interval of `weeks`, None where it is open on that side."""
    curve: tuple[Mapping[str, float], ...]
    """Gain of the policy over leaving vacant by departure: weeks, mean, lo, hi."""
    reason: str | None = None
    """Why there is no figure."""

    def as_json(self) -> dict[str, object]:
        """As `--json` prints it."""
        return {**{name: getattr(self, name) for name in self.__dataclass_fields__}, "curve": [dict(row) for row in self.curve]}


@dataclass(frozen=True)
class Trial:
    """How vacancies of several lengths are tried out: so many random seats empty from a day on."""

    seats: int
    day: float
    replications: int
    weeks: tuple[float, ...]


def trial_of(filled: int, day: float, days: int) -> Trial | None:
    """The trial for a force; None where the horizon is too short for two lengths."""
    seats = max(1, filled // 8)
    weeks = tuple(length for length in LENGTHS if day + WEEK * length <= days)
    return Trial(seats, day, max(5, min(20, DEPARTURES // seats)), weeks) if len(weeks) > 1 and filled > 1 else None


def trial_blocks(trial: Trial, stage: str, setting: Setting) -> dict[float, list[Block]]:
    """What has to run for one stage, by weeks."""
    given = ((ANYBODY, trial.day),) * trial.seats
    return {
        weeks: [
            Block(b.stage, b.seed, b.first, b.last, b.until_days, Leaving(given=given, vacancy_weeks=weeks))
            for b in blocks(stage, setting, (0, trial.replications))
        ]
        for weeks in trial.weeks
    }


def break_even(
    trial: Trial,
    policy: str,
    kpi: str,
    sign: int,
    vacant: Mapping[float, Sequence[Measured]],
    handed: Mapping[float, Sequence[Measured]],
) -> BreakEven:
    """From the figures of both sides by weeks; the interval holds the lengths at which the gain cannot be told from nothing."""
    gains: list[Estimate] = []
    for weeks in trial.weeks:
        a, b = (np.array([each[0].get(kpi, np.nan) for each in side[weeks]]) for side in (vacant, handed))
        found = estimate(sign * (b - a) / trial.seats, float(np.nanmax(np.abs(a))) / trial.seats)
        if found is None:
            return BreakEven(policy, None, None, None, (), f"{kpi} is missing in most replications")
        gains.append(found)
    spans = [gain.interval() for gain in gains]
    curve = tuple(
        {"weeks": weeks, "mean": gain.mean, "lo": lo, "hi": hi}
        for weeks, gain, (lo, hi) in zip(trial.weeks, gains, spans, strict=True)
    )
    at = np.array(trial.weeks)
    mean, lower, upper = (np.array([row[name] for row in curve]) for name in ("mean", "lo", "hi"))
    found_at = crossing(at, mean)
    if found_at is None:
        return BreakEven(policy, None, None, None, curve, _one_sided(policy, trial, lower, upper))
    return BreakEven(policy, found_at, crossing(at, upper), crossing(at, lower), curve)


def _one_sided(policy: str, trial: Trial, lower: Floats, upper: Floats) -> str:
    reach = f"from {trial.weeks[0]:g} to {trial.weeks[-1]:g} weeks"
    if (lower > 0.0).all():
        return f"{policy} is better at every length {reach}"
    if (upper < 0.0).all():
        return f"leaving vacant is better at every length {reach}"
    return f"the sign of the gain does not change {reach}, and chance could explain some of it"


def crossing(weeks: Floats, gain: Floats) -> float | None:
    """Where the gain rises from below to above zero for good, by straight lines between the lengths; None if it does not."""
    if gain[-1] <= 0.0 or (gain > 0.0).all():
        return None
    k = int(np.flatnonzero(gain <= 0.0)[-1])
    share = -gain[k] / (gain[k + 1] - gain[k])
    return float(weeks[k] + share * (weeks[k + 1] - weeks[k]))
