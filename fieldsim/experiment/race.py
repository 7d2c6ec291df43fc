"""The race itself: replications of every entry, look after look, until the verdict is clear at every horizon."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from fieldsim.experiment.contest import Contest, leader, settled
from fieldsim.experiment.entries import Entry, Field
from fieldsim.experiment.runs import Ran, Setting, run_stages
from fieldsim.experiment.samples import collect


@dataclass(frozen=True, eq=False)
class Raced:
    """What a race left: at each horizon the contest net of the hand-over, the one without it, and why it stopped."""

    net: list[Contest]
    gross: list[Contest]
    reasons: list[str | None]
    """None where the budget of replications ended first."""


def race(field: Field, shape: Contest, setting: Setting) -> Raced:
    """Run every entry up to each planned look; `shape` is a contest without samples.

    The race stops early where every horizon is settled.
    """
    stages = list(dict.fromkeys(key for entry in field.entries for key in (*entry.net, *entry.gross)))
    ran: Ran = {stage: [] for stage in stages}
    held: dict[str, Any] = {}
    raced = Raced([], [], [])
    for span in shape.looks.spans():
        fresh = run_stages(stages, field.recipes, setting, span, held)
        ran = {stage: [*ran[stage], *fresh[stage]] for stage in stages}
        every = range(len(setting.until_days))
        net = [_contest(field, ran, shape, h, lambda entry: entry.net) for h in every]
        gross = [_contest(field, ran, shape, h, lambda entry: entry.gross) for h in every]
        leader(net[0])
        raced = Raced(net, gross, [settled(each) for each in net])
        if all(raced.reasons):
            break
    return raced


def _contest(field: Field, ran: Ran, shape: Contest, horizon: int, pick: Callable[[Entry], tuple[str, ...]]) -> Contest:
    """The contest of the stages that `pick` names, at one horizon."""
    samples = [collect([[each[horizon] for each in ran[stage]] for stage in pick(entry)]) for entry in field.entries]
    return replace(shape, samples=tuple(samples))
