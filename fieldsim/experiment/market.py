"""The lower floors as an experiment sees them: plan a design, set its stage, run and measure replications."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from fieldsim.experiment.samples import Measured
from fieldsim.model import Design, Ints, Quarter, Scenario, Travel, VisitPlan
from fieldsim.parameters import Parameter
from fieldsim.store import Store

if TYPE_CHECKING:
    from fieldsim.simulation import Departures


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
    takers: Ints | None = None,
) -> Any:
    """What all replications of a design share; with `handover`, accounts that leave their `current` owner pay for it.

    `takers` names the territory that gets each account when its own rep leaves (-1: it waits for the next hire).
    """
    from fieldsim.simulation import stage

    return stage(scenario, design, plans, travel, handover=handover, current=current, takers=takers)


def simulate(stage: Any, seed: int, replication: int, departures: Departures | None = None) -> Quarter:
    """The log of one replication."""
    from fieldsim.simulation import simulate_quarter

    return simulate_quarter(stage, seed=seed, replication=replication, departures=departures)


def replicate(
    scenario: Scenario,
    stage: Any,
    seed: int,
    first: int,
    last: int,
    until_days: tuple[int, ...],
    departures: Departures | None = None,
) -> list[list[Measured]]:
    """Figures of replications `first` to `last - 1`, each measured up to every one of `until_days`; logs stay here."""
    from fieldsim.kpi import measure, measure_reps

    results: list[list[Measured]] = []
    for replication in range(first, last):
        quarter = simulate(stage, seed, replication, departures)
        results.append(
            [(measure(quarter, scenario, until_day=day), measure_reps(quarter, scenario, until_day=day)) for day in until_days]
        )
    return results


def assumptions(scenario: Scenario) -> list[Parameter]:
    """What the market model rests on without a source, each with the range it may lie in."""
    from fieldsim.simulation import assumptions as found

    return found(scenario)


def directions(scenario: Scenario) -> Mapping[str, int]:
    """1 for a KPI where higher is better, -1 where lower is, 0 where neither."""
    from fieldsim.kpi import DIRECTIONS

    return {**DIRECTIONS, **{f"coverage_{tier}": DIRECTIONS["coverage"] for tier in sorted(scenario.tiers)}}
