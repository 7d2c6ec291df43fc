"""Which assumption would flip the verdict: the widest moved to the ends of their ranges, one at a time, same luck."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from fieldsim.errors import DataError
from fieldsim.experiment import market
from fieldsim.experiment.contest import Contest, leader, paired
from fieldsim.experiment.entries import Field
from fieldsim.experiment.executors import Executor
from fieldsim.experiment.runs import run_stages
from fieldsim.experiment.samples import Measured
from fieldsim.experiment.statistics import Floats, estimate
from fieldsim.model import Design, Scenario, Travel
from fieldsim.parameters import Parameter
from fieldsim.store import Store, content_key

REPLICATIONS = 5
NOT_SCREENED = "assumptions were not screened in this run"
Flips = tuple[Mapping[str, object], ...]


@dataclass(frozen=True)
class Screening:
    """What flips the verdict at one horizon, and what was looked at."""

    flips: Flips
    reason: str


def nothing_screened(horizons: int) -> list[Screening]:
    """The answer of a run that did not look."""
    return [Screening((), NOT_SCREENED)] * horizons


def widest(assumptions: Sequence[Parameter], most: int) -> list[Parameter]:
    """The assumptions with the largest ranges against their own size, largest first; ties by name."""
    return sorted(assumptions, key=lambda p: (-(p.range[1] - p.range[0]) / max(abs(p.value), 1e-9), p.name))[:most]


def screen(
    scenario: Scenario,
    field: Field,
    travel: Travel,
    contests: Sequence[Contest],
    *,
    current: Design | None,
    most: int,
    seed: int,
    until_days: tuple[int, ...],
    executor: Executor,
    store: Store | None,
    progress: Callable[[str, int, int], None] | None = None,
) -> list[Screening]:
    """One screening a horizon: the leader against its closest rival under each end of each range, REPLICATIONS replications."""
    races = [_race(contest) for contest in contests]
    if any(race is None for race in races):
        return [Screening((), "all designs are the same")] * len(contests)
    chosen = widest(market.assumptions(scenario), most)
    flips: list[list[Mapping[str, object]]] = [[] for _ in contests]
    unreachable: list[str] = []
    for number, parameter in enumerate(chosen):
        if progress:
            progress("screening assumptions", number, len(chosen))
        for bound in dict.fromkeys(parameter.range):
            there = replace(scenario, parameters={**scenario.parameters, parameter.name: bound})
            try:
                ran = _runs(there, field, travel, races, current, seed, until_days, executor, store)
            except DataError:
                unreachable.append(f"{parameter.name} at {bound:g}")
                continue
            for h, (contest, race) in enumerate(zip(contests, races, strict=True)):
                row = _flip(contest, race, ran, h, parameter, bound)
                flips[h] += [row] if row else []
    if progress:
        progress("screening assumptions", len(chosen), len(chosen))
    looked = (
        f"the {len(chosen)} assumptions with the widest ranges were moved to each end, one at a time, {REPLICATIONS} replications"
    )
    out = f"; out of reach: {', '.join(unreachable)}" if unreachable else ""
    return [Screening(tuple(found), f"{looked}: {len(found) or 'none'} would flip it{out}") for found in flips]


Race = tuple[int, int] | None


def _race(contest: Contest) -> Race:
    """The leader and its closest rival by the deciding KPI, None where there is no rival."""
    first, sign = leader(contest), contest.directions[contest.by]
    rivals = [(sign * each.mean, i) for i in contest.distinct if i != first and (each := paired(contest, i, first, contest.by))]
    return (first, min(rivals)[1]) if rivals else None


def _runs(
    scenario: Scenario,
    field: Field,
    travel: Travel,
    races: Sequence[Race],
    current: Design | None,
    seed: int,
    until_days: tuple[int, ...],
    executor: Executor,
    store: Store | None,
) -> dict[int, list[list[Measured]]]:
    """Replications of everybody who races, under the scenario's moved assumption."""
    racing = sorted({i for race in races if race for i in race})
    keys = {i: content_key("screen", field.entries[i].net[0], dict(scenario.parameters)) for i in racing}

    def recipe(i: int) -> Callable[[], Any]:
        entry = field.entries[i]
        handover = entry.net != entry.gross
        return lambda: market.set_stage(scenario, entry.design, entry.plans[0], travel, handover=handover, current=current)

    ran = run_stages(
        list(keys.values()),
        {key: recipe(i) for i, key in keys.items()},
        scenario,
        seed=seed,
        span=(0, REPLICATIONS),
        until_days=until_days,
        executor=executor,
        store=store,
    )
    return {i: ran[key] for i, key in keys.items()}


def _flip(
    contest: Contest, race: Race, ran: Mapping[int, list[list[Measured]]], horizon: int, parameter: Parameter, bound: float
) -> Mapping[str, object] | None:
    """The row of an assumption whose end turns the lead into a lag, else None."""
    assert race is not None
    first, rival = race
    sign = contest.directions[contest.by]
    lead: Floats = sign * (_figures(ran[first], horizon, contest.by) - _figures(ran[rival], horizon, contest.by))
    found = estimate(lead)
    if found is None or found.mean >= 0.0:
        return None
    lo, hi = found.interval()
    return {
        "assumption": parameter.name,
        "unit": parameter.unit,
        "value": parameter.value,
        "at": bound,
        "better": contest.names[rival],
        "by": -found.mean,
        "lo": -hi,
        "hi": -lo,
        "shown": hi < 0.0,
    }


def _figures(ran: list[list[Measured]], horizon: int, kpi: str) -> Floats:
    return np.array([each[horizon][0].get(kpi, float("nan")) for each in ran])
