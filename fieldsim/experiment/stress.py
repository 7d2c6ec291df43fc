"""What turnover costs and which hand-over policy softens it: the same departures under every policy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from fieldsim.errors import UsageError
from fieldsim.experiment import market
from fieldsim.experiment.checkpoint import Leaving, code_key, plain
from fieldsim.experiment.compare import about, design_in_force, last_day_of
from fieldsim.experiment.contest import Contest, check_deciding
from fieldsim.experiment.entries import Planning, nameless, prepare_policies
from fieldsim.experiment.executors import Executor, Serial, cores, executor_for
from fieldsim.experiment.handing import DEFAULT, HANDING_CODE, Handing, Named, handings_of, kept_handings, named_policies
from fieldsim.experiment.leaving import ANYBODY, read_departures
from fieldsim.experiment.runs import Progress, Setting
from fieldsim.experiment.screen import nothing_screened
from fieldsim.experiment.stopping import Looks
from fieldsim.experiment.stressed import Stress
from fieldsim.experiment.trial import Trial, answer
from fieldsim.model import Design, Quarter, Scenario, Travel
from fieldsim.store import Store

if TYPE_CHECKING:
    from fieldsim.turnover import Policy

REPLICATIONS = 50


def stress_turnover(
    scenario: Scenario,
    design: Design,
    travel: Travel,
    policies: Sequence[str | Policy] = DEFAULT,
    *,
    rate: float | None = None,
    depart: Sequence[str] = (),
    by: str = "contribution",
    horizon: int = 4,
    replications: int = REPLICATIONS,
    effort: str = "quick",
    seed: int = 0,
    workers: int | None = None,
    store: Store | None = None,
    progress: Progress | None = None,
    executor: Executor | None = None,
    allow_plugins: bool = False,
) -> Stress:
    """A design under departures, drawn at a rate a filled seat-year or given as `REP@DATE` and `NUMBER@DATE`.

    Departures are exogenous and the same for every policy; `horizon` is in quarters. A fixed number of replications is run, so
    that the spread is as good for every policy. The answer is the same for any executor.
    """
    if not 1 <= horizon <= 8 or replications < 10:
        raise UsageError(f"1 to 8 quarters and at least 10 replications, not {horizon} and {replications}")
    named = named_policies(policies, allow_plugins=allow_plugins)
    planning = Planning(horizon, effort, seed, 1, workers or cores(), store, progress)
    trial = _trial(scenario, design, travel, named, planning, rate, depart, by, replications, executor or executor_for(workers))
    (unscreened,) = nothing_screened(1)
    told = f"{replications} replications were asked for"
    return answer(trial, about(scenario, trial.field.input_hash, horizon, told, None, unscreened))


def replay_policies(
    scenario: Scenario,
    design: Design,
    travel: Travel,
    policies: Sequence[str | Policy] = DEFAULT,
    *,
    rate: float | None = None,
    depart: Sequence[str] = (),
    horizon: int = 4,
    effort: str = "quick",
    seed: int = 0,
    replications: Sequence[int] = (0,),
    workers: int | None = None,
    store: Store | None = None,
    allow_plugins: bool = False,
) -> list[Quarter]:
    """The logs of chosen replications under each policy, as `stress_turnover` measured them; a log's design is the policy."""
    named = named_policies(policies, allow_plugins=allow_plugins)
    planning = Planning(horizon, effort, seed, 1, workers or cores(), store)
    trial = _trial(scenario, design, travel, named, planning, rate, depart, "contribution", len(replications), Serial())
    stages = {key: trial.field.recipes[key]() for key in dict.fromkeys(trial.stages)}
    return [
        replace(market.simulate(stages[stage], seed, number, trial.setting.leaving), design=name)
        for (name, _), stage in zip(named, trial.stages, strict=True)
        for number in replications
    ]


def _trial(
    scenario: Scenario,
    design: Design,
    travel: Travel,
    named: Sequence[Named],
    planning: Planning,
    rate: float | None,
    depart: Sequence[str],
    by: str,
    replications: int,
    executor: Executor,
) -> Trial:
    """The policies with all they need: plans, who leaves, who takes over, under what they run."""
    directions = market.directions(scenario)
    check_deciding(by, directions)
    days = last_day_of(scenario, planning.quarters)
    leaving = read_departures(scenario, design, depart, rate, days)
    handings = _handings(scenario, design, travel, named, leaving, planning, executor)
    force = design_in_force(scenario, [design])
    field = prepare_policies(scenario, design, travel, planning, handings, current=force)
    setting = Setting(scenario, planning.seed, (days,), executor, planning.store, planning.progress, leaving)
    shape = Contest(tuple(handings), (), field.same_as[:-1], by, directions, Looks((replications,)))
    return Trial(design, field, shape, setting, planning.quarters, handings)


def _handings(
    scenario: Scenario,
    design: Design,
    travel: Travel,
    named: Sequence[Named],
    leaving: Leaving,
    planning: Planning,
    executor: Executor,
) -> dict[str, Handing]:
    """What each policy does by name; nobody hands over to those who are known to leave, unless anybody may leave."""
    known = sorted({rep for rep, _ in leaving.given}) if not leaving.rate else []
    gone = known if len(known) > 1 and known[0] != ANYBODY else []
    key = ("handings", code_key(HANDING_CODE), plain(scenario), travel.key, nameless(design), gone, planning.seed)

    def make(rest: list[Named]) -> list[Handing]:
        return handings_of(scenario, design, travel, rest, leaving=gone, seed=planning.seed, executor=executor)

    found = kept_handings(planning.store, key, named, make)
    return dict(zip((name for name, _ in named), found, strict=True))
