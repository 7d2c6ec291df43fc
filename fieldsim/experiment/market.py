"""The lower floors as an experiment sees them: plan a design, set its stage, run and measure replications."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from fieldsim.experiment.checkpoint import NOBODY, Leaving
from fieldsim.experiment.handing import Handing
from fieldsim.experiment.samples import Measured
from fieldsim.model import Design, Quarter, Scenario, Travel, VisitPlan
from fieldsim.parameters import Parameter
from fieldsim.store import Store

POOL_ONLY = frozenset({"manager_week_hours", "reps_per_manager", "manager_trip_visits", "manager_cost_ratio"})
"""Assumptions that only a manager's pool rests on, which no comparison of designs has."""


def plan_quarters(
    scenario: Scenario,
    design: Design,
    travel: Travel,
    *,
    quarters: int,
    effort: str,
    seed: int,
    workers: int,
    store: Store | None,
    progress: Callable[[int], None] | None = None,
) -> tuple[VisitPlan, ...]:
    """Plans of the first `quarters` quarters, each like the one before where nothing speaks against it.

    `progress` is told how many of the quarters are done.
    """
    from fieldsim.planning import plan_quarter

    plans: list[VisitPlan] = []
    for quarter in range(quarters):
        like = plans[-1] if plans else None
        plan = plan_quarter(
            scenario, design, travel, quarter=quarter, effort=effort, seed=seed, workers=workers, store=store, like=like
        )
        plans.append(plan)
        if progress:
            progress(len(plans))
    return tuple(plans)


def set_stage(
    scenario: Scenario,
    design: Design,
    plans: Sequence[VisitPlan],
    travel: Travel,
    *,
    handover: bool,
    current: Design | None,
    handing: Handing | None = None,
) -> Any:
    """What all replications of a design share; with `handover`, accounts that leave their `current` owner pay for it.

    `handing` says what becomes of each account when a rep leaves (by default the leaver's wait for the next hire).
    """
    from fieldsim.simulation import stage

    more = handing._asdict() if handing else {}
    return stage(scenario, design, plans, travel, handover=handover, current=current, **more)


def set_anew(made: Any, scenario: Scenario, design: Design, *, current: Design | None) -> Any:
    """The same stage under other parameters of the scenario, many times faster than `set_stage`."""
    from fieldsim.simulation import restage

    return restage(made, scenario, design, current=current)


def simulate(stage: Any, seed: int, replication: int, leaving: Leaving = NOBODY) -> Quarter:
    """The log of one replication."""
    from fieldsim.simulation import Departures, simulate_quarter

    departures = None if leaving == NOBODY else Departures(leaving.rate, leaving.given)
    return simulate_quarter(_with_vacancy(stage, leaving), seed=seed, replication=replication, departures=departures)


def replicate(
    scenario: Scenario,
    stage: Any,
    seed: int,
    first: int,
    last: int,
    until_days: tuple[int, ...],
    leaving: Leaving = NOBODY,
) -> list[list[Measured]]:
    """Figures of replications `first` to `last - 1`, each measured up to every one of `until_days`; logs stay here."""
    from fieldsim.kpi import measure, measure_reps

    results: list[list[Measured]] = []
    for replication in range(first, last):
        quarter = simulate(stage, seed, replication, leaving)
        results.append(
            [(measure(quarter, scenario, until_day=day), measure_reps(quarter, scenario, until_day=day)) for day in until_days]
        )
    return results


def gaps(stage: Any, leaving: Leaving, seed: int, replication: int) -> list[Any]:
    """Every seat that falls vacant in a replication: rep, resigns, leaves, hired (days); no policy can change it."""
    from fieldsim.simulation import Departures
    from fieldsim.simulation.leavers import gaps as found

    clocks = _with_vacancy(stage, leaving).clocks
    departures = Departures(leaving.rate, leaving.given)
    return found(stage.world.reps, clocks, departures, stage.days, seed, replication, stage.over)


def _with_vacancy(stage: Any, leaving: Leaving) -> Any:
    """The stage with every vacancy as long as asked for."""
    if leaving.vacancy_weeks is None:
        return stage
    return replace(stage, clocks=stage.clocks._replace(vacancy=7.0 * leaving.vacancy_weeks, sigma=0.0))


def assumptions(scenario: Scenario) -> list[Parameter]:
    """What a comparison of designs rests on without a source, each with the range it may lie in."""
    from fieldsim.simulation import assumptions as found

    return [each for each in found(scenario) if each.name not in POOL_ONLY]


def directions(scenario: Scenario) -> Mapping[str, int]:
    """1 for a KPI where higher is better, -1 where lower is, 0 where neither."""
    from fieldsim.kpi import DIRECTIONS

    return {**DIRECTIONS, **{f"coverage_{tier}": DIRECTIONS["coverage"] for tier in sorted(scenario.tiers)}}


def parameter(scenario: Scenario, name: str) -> float:
    """A number of the market's, as the scenario or the table has it."""
    from fieldsim.simulation import parameters

    return float(parameters(scenario)[name].value)
