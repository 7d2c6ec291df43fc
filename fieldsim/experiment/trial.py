"""Policies on trial: everything that runs for a stress test, in two runs, and the answer made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from datetime import timedelta
from typing import Any

import numpy as np

from fieldsim.experiment import market
from fieldsim.experiment.alone import Alone, Rows, alone_blocks, chosen_reps, judge_alone, sample_of
from fieldsim.experiment.breakeven import BreakEven, break_even, trial_blocks, trial_of
from fieldsim.experiment.checkpoint import NOBODY, Block
from fieldsim.experiment.contest import Contest, leader
from fieldsim.experiment.damage import damage
from fieldsim.experiment.entries import Field
from fieldsim.experiment.handing import LEAVE_VACANT, Handing
from fieldsim.experiment.judge import figures_of, judge
from fieldsim.experiment.leaving import ANYBODY, counts, departure_facts, leavers
from fieldsim.experiment.runs import Setting, blocks, run_blocks
from fieldsim.experiment.samples import Measured, Sample
from fieldsim.experiment.stressed import Stress
from fieldsim.model import Design

APPROXIMATION = (
    "Who takes over is settled for each seat among its 12 nearest colleagues, as if its rep alone left; "
    "where that colleague has left too, the accounts wait. "
    "Colleagues see accounts they take over in the time their own plan leaves, and hand them back to the next hire."
)
LENT = " Accounts of reps who stay that change hands meanwhile go back to them then, and pay for a change of hands twice."
POOLED = (
    " A manager's visits to accounts in a pool are charged by the hour and the kilometre, from the seat's home and back, and on "
    "average go no further than managers have hours; nobody works the pool's opportunities."
)


@dataclass(frozen=True, eq=False)
class Trial:
    """A design, its policies, and under what they are tried; the field's last entry is the design without any policy."""

    design: Design
    field: Field
    shape: Contest
    """Names and rules, without samples."""
    setting: Setting
    quarters: int
    handings: Mapping[str, Handing]
    """What each policy does, by name."""
    held: dict[str, Any] = dataclass_field(default_factory=dict)
    """Stages that are set."""

    @property
    def stages(self) -> list[str]:
        """The stage of each policy."""
        return [entry.net[0] for entry in self.field.entries[:-1]]

    @property
    def span(self) -> tuple[int, int]:
        """The replications asked for."""
        return 0, self.shape.looks.sizes[-1]

    @property
    def seated(self) -> list[int]:
        """Reps with a seat."""
        return sorted(set(self.design.rep_of.tolist()) - {-1})


def answer(trial: Trial, facts: Mapping[str, Any]) -> Stress:
    """Run what is missing and say what comes out; `facts` describe the run."""
    leaves = _leaves_alone(trial)
    main = {stage: blocks(stage, trial.setting, trial.span) for stage in trial.stages}
    calm = blocks(trial.field.entries[-1].net[0], replace(trial.setting, leaving=NOBODY), trial.span)
    single = alone_blocks(trial.stages, leaves, trial.setting)
    ran = _run(trial, [*_flat(main), *calm, *_flat(single)])
    unhurt = sample_of(calm, ran)
    samples = tuple(sample_of(main[stage], ran) for stage in trial.stages)
    contest = replace(trial.shape, samples=samples)
    stage = trial.held.get(trial.stages[0]) or trial.field.recipes[trial.stages[0]]()
    found = leavers(stage, trial.setting.leaving, trial.setting.seed, range(*trial.span))
    number = counts(found, trial.span[1])
    scenario = trial.setting.scenario
    return Stress(
        design=trial.design.name,
        comparison=judge(contest, None, trial.setting.seed, facts),
        departures=departure_facts(scenario, trial.setting.leaving, found, trial.span[1], trial.setting.until_days[-1]),
        unhurt=figures_of(contest, unhurt, None),
        cost={name: damage(unhurt, sample, number) for name, sample in zip(contest.names, samples, strict=True)},
        alone=tuple(_alone(trial, leaves, single, ran, unhurt, rep) for rep in leaves),
        alone_note=_note(trial, leaves),
        break_even=_break_even(trial, contest),
        approximation=_approximation(trial.handings),
        pooled=tuple(name for name, each in trial.handings.items() if each.pooled.any()),
    )


def _approximation(handings: Mapping[str, Handing]) -> str:
    """What is left out, as far as these policies rest on it."""
    lent = any(len(each.shifts) for each in handings.values())
    pooled = any(each.pooled.any() for each in handings.values())
    return APPROXIMATION + (LENT if lent else "") + (POOLED if pooled else "")


def _run(trial: Trial, every: Sequence[Block]) -> Rows:
    return run_blocks(every, trial.field.recipes, trial.setting, "simulating departures", trial.held)


def _flat(by_key: Mapping[Any, Sequence[Block]]) -> list[Block]:
    return [block for every in by_key.values() for block in every]


def _leaves_alone(trial: Trial) -> dict[int, float]:
    """Day on which each rep is gone who is asked about alone: as given, else after giving notice on the first day."""
    scenario = trial.setting.scenario
    named = {rep: day for rep, day in trial.setting.leaving.given if rep != ANYBODY}
    if named:
        return named
    worth = np.bincount(trial.design.territory_of, scenario.accounts.potential, minlength=len(trial.design.territories))
    by_rep = [float(worth[trial.design.rep_of == rep].sum()) for rep in trial.seated]
    policies = len(dict.fromkeys(trial.stages))
    chosen = chosen_reps(trial.seated, by_rep, len(trial.seated), policies, trial.quarters)
    return dict.fromkeys(chosen, market.parameter(scenario, "notice_days"))


def _note(trial: Trial, leaves: Mapping[int, float]) -> str | None:
    if len(leaves) == len(trial.seated):
        return None
    if any(rep != ANYBODY for rep, _ in trial.setting.leaving.given):
        return "asked of the reps given"
    return f"asked of {len(leaves)} of {len(trial.seated)} reps, those with the largest books"


def _alone(
    trial: Trial,
    leaves: Mapping[int, float],
    single: Mapping[tuple[int, str], Sequence[Block]],
    ran: Rows,
    unhurt: Sample,
    rep: int,
) -> Alone:
    scenario = trial.setting.scenario
    samples = [sample_of(single[rep, stage], ran) for stage in trial.stages]
    gone = scenario.start + timedelta(days=int(np.ceil(leaves[rep])))
    return judge_alone(trial.shape, samples, unhurt, scenario.reps[rep].id, gone.isoformat())


def _break_even(trial: Trial, contest: Contest) -> BreakEven:
    """Leaving vacant against the best policy that hands over."""
    names = contest.names
    vacant = names.index(LEAVE_VACANT) if LEAVE_VACANT in names else None
    others = [i for i in contest.distinct if vacant is None or i != contest.same_as[vacant]]
    if vacant is None or not others:
        return BreakEven(None, None, None, None, (), "it takes leaving vacant and a policy that hands accounts over")
    best = others[leader(replace(contest, samples=tuple(contest.samples[i] for i in others), same_as=tuple(range(len(others)))))]
    day = market.parameter(trial.setting.scenario, "notice_days")
    days = trial.setting.until_days[-1]
    lengths = trial_of(len(trial.seated), day, days)
    if lengths is None:
        return BreakEven(names[best], None, None, None, (), "the horizon is too short for two lengths of vacancy")
    each = {i: trial_blocks(lengths, trial.stages[i], trial.setting) for i in (vacant, best)}
    ran = run_blocks(
        [*_flat(each[vacant]), *_flat(each[best])], trial.field.recipes, trial.setting, "trying lengths of vacancy", trial.held
    )
    rows = {i: {weeks: _rows(every, ran) for weeks, every in each[i].items()} for i in each}
    return break_even(lengths, names[best], contest.by, contest.directions[contest.by], rows[vacant], rows[best])


def _rows(every: Sequence[Block], ran: Rows) -> list[Measured]:
    return [each[0] for block in every for each in ran[block]]
