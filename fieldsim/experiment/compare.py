"""Which design is better: plan, simulate paired replications until the verdict is clear, judge at every horizon."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from fieldsim.errors import UsageError
from fieldsim.experiment import market
from fieldsim.experiment.comparison import Comparison
from fieldsim.experiment.contest import Contest, check_deciding
from fieldsim.experiment.entries import Planning, prepare
from fieldsim.experiment.executors import Executor, cores, executor_for
from fieldsim.experiment.judge import judge
from fieldsim.experiment.later import over_time
from fieldsim.experiment.race import race
from fieldsim.experiment.runs import Progress, Setting
from fieldsim.experiment.screen import Screening, nothing_screened, screen
from fieldsim.experiment.stopping import FIRST_STAGE, planned_looks
from fieldsim.model import Design, Scenario, Travel
from fieldsim.store import Store


def compare_designs(
    scenario: Scenario,
    designs: Sequence[Design],
    travel: Travel,
    *,
    by: str = "contribution",
    horizons: tuple[int, ...] = (1,),
    effort: str = "quick",
    seed: int = 0,
    workers: int | None = None,
    first_stage: int | None = None,
    max_replications: int = 40,
    store: Store | None = None,
    progress: Progress | None = None,
    executor: Executor | None = None,
    plan_seeds: int = 2,
    screen_assumptions: int = 0,
    current: Design | None = None,
) -> tuple[Comparison, ...]:
    """One Comparison a horizon (quarters), all from the same replications of the longest one.

    Every design meets the same luck and gets the same planning effort. Replications run until, at a planned look, the deciding
    KPI `by` of the leader is told apart from every rival at every horizon (or is known to 0.25 % of revenue), or until
    `max_replications`. With `plan_seeds` of 2 or more each changed territory is planned that often and the spread joins the
    intervals; with 1 nothing is known of a plan's own luck. `screen_assumptions` is how many of the model's assumptions, widest
    first, are moved to the ends of their ranges. `current` is the design in force; by default the scenario's own. The answer is
    the same for any executor.
    """
    first = min(FIRST_STAGE, max_replications) if first_stage is None else first_stage
    _check(designs, horizons, first, max_replications, plan_seeds)
    directions = market.directions(scenario)
    check_deciding(by, directions)
    force = current or design_in_force(scenario, designs)
    planning = Planning(max(horizons), effort, seed, plan_seeds, workers or cores(), store, progress)
    field = prepare(scenario, designs, travel, planning, current=force)
    until = tuple(last_day_of(scenario, horizon) for horizon in horizons)
    setting = Setting(scenario, seed, until, executor or executor_for(workers), store, progress)
    looks = planned_looks(first, max_replications)
    names = tuple(design.name for design in designs)
    raced = race(field, Contest(names, (), field.same_as, by, directions, looks), setting)
    screened = nothing_screened(len(horizons))
    if screen_assumptions:
        screened = screen(field, travel, raced.net, setting, current=force, most=screen_assumptions)
    judged = [
        judge(net, gross, seed, about(scenario, field.input_hash, horizon, reason, force, looked))
        for net, gross, horizon, reason, looked in zip(raced.net, raced.gross, horizons, raced.reasons, screened, strict=True)
    ]
    first_quarter = next((each for each in judged if each.horizon == 1), None)
    return tuple(
        replace(each, over_time=over_time(first_quarter, each)) if first_quarter and each.horizon > 1 else each for each in judged
    )


def design_in_force(scenario: Scenario, designs: Sequence[Design]) -> Design | None:
    """The design called `scenario.current`: one of those given, or read from the scenario's folder; None if it names none."""
    if scenario.current is None:
        return None
    for design in designs:
        if design.name == scenario.current:
            return design
    from fieldsim.scenario import read_design

    return read_design(scenario, scenario.current)


def last_day_of(scenario: Scenario, horizon: int) -> int:
    """Days from the scenario's first day to the end of the horizon (quarters)."""
    return (scenario.quarter(horizon - 1)[1] - scenario.start).days + 1


def about(
    scenario: Scenario, input_hash: str, horizon: int, reason: str | None, current: Design | None, looked: Screening
) -> Mapping[str, Any]:
    """The fields of a comparison that describe the run."""
    return {
        "version": _version(),
        "input_hash": input_hash,
        "scenario": scenario.name,
        "currency": scenario.currency,
        "first_day": scenario.start.isoformat(),
        "last_day": (scenario.start + timedelta(days=last_day_of(scenario, horizon) - 1)).isoformat(),
        "horizon": horizon,
        "stopped_because": reason or "budget of replications reached",
        "assumptions_that_flip_it": looked.flips,
        "assumptions_that_move_it": looked.strongest,
        "assumptions_reason": looked.reason,
        "current": current.name if current else None,
        "margin": scenario.rates.margin,
        "travel_cost_per_km": scenario.rates.travel_cost_per_km,
    }


def _version() -> str:
    try:
        return version("fieldsim")
    except PackageNotFoundError:
        return "unknown"


def _check(designs: Sequence[Design], horizons: tuple[int, ...], first: int, most: int, plan_seeds: int) -> None:
    names = [design.name for design in designs]
    if not names or len(set(names)) < len(names):
        raise UsageError("name at least one design, each once", hint=f"got: {', '.join(names) or 'none'}")
    if not horizons or min(horizons) < 1 or max(horizons) > 8 or len(set(horizons)) < len(horizons):
        raise UsageError(f"horizons must be different numbers of quarters from 1 to 8, not {horizons}")
    if first < 10 or most < first:
        raise UsageError(f"replications: a first stage of at least 10 and a budget not below it, not {first} and {most}")
    if plan_seeds < 1:
        raise UsageError(f"plan_seeds must be at least 1, not {plan_seeds}")
