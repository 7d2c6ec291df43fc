"""Which policy for which rep: each leaves alone, under every policy, under the same luck."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fieldsim.experiment.checkpoint import Block, Leaving
from fieldsim.experiment.contest import Contest, leader, paired
from fieldsim.experiment.damage import interval
from fieldsim.experiment.runs import Setting, blocks
from fieldsim.experiment.samples import Measured, Sample, collect
from fieldsim.experiment.statistics import CONFIDENCE, Estimate, best_of, estimate
from fieldsim.experiment.stopping import Looks

REPLICATIONS = 10
WORK = 80_000
"""Seat-quarters that asking about single reps may simulate, half a minute or so: 22 reps over a year under four policies."""
Rows = Mapping[Block, Sequence[Sequence[Measured]]]


@dataclass(frozen=True)
class Alone:
    """What happens if one rep leaves and nobody else does."""

    rep: str
    date: str
    """First day without them."""
    policy: str
    """The best, the first of equals."""
    equals: tuple[str, ...]
    """Policies that do the same with these accounts."""
    runner_up: str | None
    ahead: Mapping[str, float | None]
    """By how much the best is ahead of the runner-up in the deciding KPI: mean, lo, hi."""
    probability: float | None
    """Least probability that it is the best; None where all do the same."""
    cost: Mapping[str, float]
    """Change of the deciding KPI against nobody leaving, by policy."""

    @property
    def shown(self) -> bool:
        """Whether the best is told apart from all others."""
        return self.probability is not None and self.probability >= CONFIDENCE

    def as_json(self) -> dict[str, object]:
        """The row as `--json` prints it."""
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {**fields, "equals": list(self.equals), "verdict": "better" if self.shown else "not shown"}


def chosen_reps(reps: Sequence[int], worth: Sequence[float], seats: int, policies: int, quarters: int) -> list[int]:
    """The reps to ask about: as many as the work is bounded to, those with the largest books, in their own order."""
    most = max(1, WORK // (REPLICATIONS * policies * seats * quarters))
    largest = sorted(range(len(reps)), key=lambda k: (-worth[k], reps[k]))[:most]
    return sorted(reps[k] for k in largest)


def alone_blocks(stages: Sequence[str], leaves: Mapping[int, float], setting: Setting) -> dict[tuple[int, str], list[Block]]:
    """What has to run: REPLICATIONS for each rep and stage; `leaves` is the day each is gone."""
    one = {rep: Leaving(given=((rep, day),), vacancy_weeks=setting.leaving.vacancy_weeks) for rep, day in leaves.items()}
    span = (0, REPLICATIONS)
    return {
        (rep, stage): [Block(b.stage, b.seed, b.first, b.last, b.until_days, one[rep]) for b in blocks(stage, setting, span)]
        for stage in dict.fromkeys(stages)
        for rep in leaves
    }


def sample_of(every: Sequence[Block], ran: Rows) -> Sample:
    """The sample of some blocks in a row."""
    return collect([[each[0] for block in every for each in ran[block]]])


def judge_alone(shape: Contest, samples: Sequence[Sample], unhurt: Sample, rep: str, date: str) -> Alone:
    """The row of one rep; `shape` names the policies, `unhurt` is nobody leaving, over at least as many replications."""
    contest = Contest(shape.names, tuple(samples), shape.same_as, shape.by, shape.directions, Looks((samples[0].team.shape[2],)))
    best, sign = leader(contest), contest.directions[contest.by]
    rivals: list[tuple[float, int, Estimate]] = []
    equals = [contest.names[i] for i, first in enumerate(contest.same_as) if i != best and first == contest.same_as[best]]
    for i in contest.distinct:
        each = paired(contest, i, best, contest.by) if i != best else None
        if each is not None and each.mean == 0.0 and each.se == 0.0:
            equals.append(contest.names[i])
        elif each is not None:
            rivals.append((sign * each.mean, i, each.times(sign)))
    nearest = min(rivals, key=lambda rival: rival[:2]) if rivals else None
    none = unhurt.of(contest.by)[0, : samples[0].team.shape[2]]
    return Alone(
        rep,
        date,
        contest.names[best],
        tuple(equals),
        contest.names[nearest[1]] if nearest else None,
        interval(nearest[2] if nearest else None),
        best_of([each for _, _, each in rivals]) if rivals else None,
        {name: _mean(sample.of(contest.by)[0] - none) for name, sample in zip(contest.names, samples, strict=True)},
    )


def _mean(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
    found = estimate(values)
    return found.mean if found else float("nan")
