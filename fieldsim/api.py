"""The Python API: a dozen functions that do what the commands do (README, "From Python")."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date as Date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fieldsim import scenario as files
from fieldsim.errors import DataError, FieldsimError, InfeasibleError, UsageError, did_you_mean
from fieldsim.model import DayProblem, DayRoute, Design, Scenario, Travel, VisitPlan
from fieldsim.scenario import read_design, read_scenario, write_design
from fieldsim.store import Store, default_store

if TYPE_CHECKING:
    import polars as pl
    from rich.console import RenderableType

    from fieldsim.experiment import Comparison
    from fieldsim.report.day import RepDay
    from fieldsim.territory import DesignResult

__all__ = [
    "Results",
    "compare_designs",
    "day_of",
    "design_names",
    "design_territories",
    "open_travel",
    "plan_quarter",
    "read_design",
    "read_scenario",
    "route_day",
    "travel_times",
    "write_design",
]

Warn = Callable[[str], None]
Advance = Callable[[str, int, int], None]


def design_names(scenario: Scenario) -> list[str]:
    """The scenario's designs by file name, the one in force first."""
    names = files.offered_designs(scenario)
    if not names:
        raise DataError("no design found", file=str(scenario.folder / "designs"), hint="add designs/NAME.csv")
    return sorted(names, key=lambda name: (name != scenario.current, name))


def check_scenario(folder: str | Path) -> dict[str, Any]:
    """All there is to say about a scenario: what the files hold, whether all places can be reached, what it all rests on.

    Wrong data are in the answer (`errors`), not raised.
    """
    found = files.check_scenario(folder)
    answer: dict[str, Any] = found.as_json()
    if found.ok:
        scenario = read_scenario(folder)
        try:
            open_travel(scenario, warn=lambda message: answer["warnings"].append({"message": message})).matrix(_sample(scenario))
            answer["market_assumptions"] = _market_assumptions(scenario)
        except FieldsimError as error:
            answer["errors"].append(error.as_json()["error"])
    return {**answer, "ok": not answer["errors"]}


def _sample(scenario: Scenario) -> list[int]:
    """The points whose travel `check` asks for: all of them, or of a very large book every so many-th."""
    points = len(scenario.accounts) + len(scenario.reps)
    return list(range(0, points, -(-points // 3000)))


def _market_assumptions(scenario: Scenario) -> list[dict[str, Any]]:
    """The market model's figures that nobody measured, with the ranges they could have."""
    from fieldsim import simulation

    values = {name: found.value for name, found in simulation.parameters(scenario).items()}
    simulation.tier_curves(scenario, values)  # an elasticity out of reach is found here, before anything is planned
    return [
        {"name": p.name, "value": p.value, "unit": p.unit, "range": list(p.range), "source": p.source}
        for p in simulation.assumptions(scenario)
    ]


def open_travel(scenario: Scenario, *, store: Store | None = None, warn: Warn | None = None) -> Travel:
    """Travel over the scenario's points, from its roads if it has them; matrices are kept in the store."""
    from fieldsim import travel

    return travel.open_travel(scenario, store=store or default_store(), warn=warn)


def design_territories(scenario: Scenario, method: str = "balanced", *, name: str | None = None, seed: int = 0) -> Design:
    """A new design by the named method, starting from the design in force where the scenario names one."""
    from fieldsim import territory

    start = read_design(scenario, scenario.current) if scenario.current else None
    travel = open_travel(scenario)
    return territory.design_territories(scenario, travel, method, name=name or method, start=start, seed=seed)


@dataclass(frozen=True, eq=False)
class Results:
    """The answer of `compare_designs`: a Comparison a horizon, shortest first, with what a report needs to draw it."""

    comparisons: tuple[Comparison, ...]
    scenario: Scenario
    designs: tuple[Design, ...]
    travel: Travel
    effort: str
    seed: int

    @property
    def longest(self) -> Comparison:
        """The comparison over the horizon that was asked for."""
        return self.comparisons[-1]

    @property
    def frame(self) -> pl.DataFrame:
        """A row a design and KPI: mean, interval and quantiles over the asked horizon."""
        return self.longest.frame

    def summary(self) -> str:
        """One sentence a manager can repeat."""
        return self.longest.summary()

    def as_json(self) -> dict[str, object]:
        """The answer over the asked horizon in the form of `compare --json`."""
        return self.longest.as_json()

    def tables(self) -> list[RenderableType]:
        """What `fieldsim compare` prints."""
        from fieldsim.report import text

        return [table for comparison in self.comparisons for table in text.compare_tables(comparison)]

    def to_html(self, path: str | Path) -> None:
        """Write the report, one file that opens without a network."""
        from fieldsim.report import write_report

        write_report(Path(path), self.comparisons, self.scenario, self.designs, self.travel, plans=self.plans())

    def plans(self) -> list[VisitPlan]:
        """The first quarter's visit plan of each design, as it was simulated."""
        how = {"effort": self.effort, "seed": self.seed}
        return [plan_quarter(self.scenario, design, **how) for design in self.designs]  # type: ignore[arg-type]

    def write_log(self, folder: str | Path) -> None:
        """Write the log of replication 0 of every design over the asked horizon, a Parquet file a table."""
        from fieldsim import experiment

        quarters = experiment.replay(
            self.scenario,
            self.designs,
            self.travel,
            horizon=self.longest.horizon,
            effort=self.effort,
            seed=self.seed,
            store=default_store(),
        )
        experiment.write_log(Path(folder), quarters, self.scenario, self.designs)


def compare_designs(
    scenario: Scenario,
    designs: Sequence[Design],
    *,
    by: str = "contribution",
    horizons: tuple[int, ...] = (1,),
    effort: str = "quick",
    seed: int = 0,
    workers: int | None = None,
    cluster: str | None = None,
    progress: Advance | None = None,
    warn: Warn | None = None,
) -> Results:
    """Which design is better by the KPI `by`, net of hand-over, over each horizon in quarters.

    `cluster` is the address of a Dask scheduler that runs the replications; the answer is the same as here.
    """
    from fieldsim import experiment

    travel = open_travel(scenario, warn=warn)
    comparisons = experiment.compare_designs(
        scenario,
        designs,
        travel,
        by=by,
        horizons=horizons,
        effort=effort,
        seed=seed,
        workers=workers,
        store=default_store(),
        progress=progress,
        executor=experiment.executor_for(workers, cluster) if cluster else None,
    )
    return Results(comparisons, scenario, tuple(designs), travel, effort, seed)


def plan_quarter(
    scenario: Scenario,
    design: Design,
    *,
    quarter: int = 0,
    rep: str | None = None,
    effort: str = "normal",
    seed: int = 0,
    workers: int | None = None,
    progress: Advance | None = None,
    warn: Warn | None = None,
) -> VisitPlan:
    """Which account on which day of the quarter; with `rep`, only that rep's territories are planned."""
    from fieldsim import planning

    chosen = design if rep is None else _only(design, rep_position(scenario, rep))
    travel = open_travel(scenario, warn=warn)
    done = None if progress is None else (lambda k, n: progress("territories planned", k, n))
    plan = planning.plan_quarter(
        scenario,
        chosen,
        travel,
        quarter=quarter,
        effort=effort,
        seed=seed,
        workers=workers,
        store=default_store(),
        progress=done,
    )
    # a seat that was not asked about is not vacant: its visits are no one's news
    parts = plan.territories if rep is None else tuple(p if p.rep >= 0 else replace(p, unplaced=()) for p in plan.territories)
    return replace(plan, territories=parts)


def _only(design: Design, rep: int) -> Design:
    """The design with every other seat empty, so that nothing but this rep's work is planned."""
    import numpy as np

    seats = np.where(design.rep_of == rep, rep, -1).astype(np.int64)
    return Design(design.name, design.territories, design.territory_of, seats, design.overlays)


def rep_position(scenario: Scenario, rep: str) -> int:
    """The position of a rep's id; an unknown one is an error with the closest known."""
    ids = [person.id for person in scenario.reps]
    if rep not in ids:
        raise DataError(f"unknown rep '{rep}'", file="reps", hint=did_you_mean(rep, ids) or f"known: {', '.join(ids[:12])}")
    return ids.index(rep)


def day_of(
    scenario: Scenario,
    design: Design,
    *,
    rep: str,
    date: str | Date,
    engine: str = "auto",
    prove: bool = False,
    effort: str = "normal",
    seed: int = 0,
    warn: Warn | None = None,
) -> RepDay:
    """One rep's planned day with its route, reasons and everything a format needs.

    Raises DataError for an unknown rep or a date outside the scenario's two years, InfeasibleError on a day off.
    """
    from fieldsim import planning, routing
    from fieldsim.report.day import RepDay

    day = read_date(date)
    person, quarter = rep_position(scenario, rep), quarter_of(scenario, day)
    territory = _seat(scenario, design, person)
    plan = plan_quarter(scenario, design, quarter=quarter, rep=rep, effort=effort, seed=seed, warn=warn)
    _check_works(plan, scenario, person, territory, day)
    travel = open_travel(scenario)
    problem = planning.day_problem(scenario, travel, plan, territory, day)
    position, part = plan.days.index(day), plan.territories[territory]
    rows = part.day == position
    ids = [scenario.accounts.ids[account] for account in part.account[rows]]
    return RepDay(
        scenario=scenario,
        design=design.name,
        rep=person,
        date=day,
        problem=problem,
        route=routing.route_day(problem, engine=engine, prove=prove, seed=seed),
        points=_points(scenario, problem, person),
        path=travel.path,
        ordinal=dict(zip(ids, part.ordinal[rows].tolist(), strict=True)),
    )


def _points(scenario: Scenario, problem: DayProblem, rep: int) -> tuple[int, ...]:
    """The scenario's point behind each row of a day problem's matrix: the visits' accounts, and the rep's home."""
    behind = {problem.start: scenario.home(rep)}
    behind |= {visit.at: scenario.accounts.ids.index(visit.id) for visit in problem.visits if visit.at is not None}
    return tuple(behind[row] for row in range(len(behind)))


def route_day(scenario: Scenario, design: Design, *, rep: str, date: str | Date, seed: int = 0) -> DayRoute:
    """One rep's route of the day. (`fieldsim.routing.route_day` solves a bare day problem.)"""
    return day_of(scenario, design, rep=rep, date=date, seed=seed).route


def read_date(text: str | Date) -> Date:
    """A date from YYYY-MM-DD."""
    try:
        return text if isinstance(text, Date) else Date.fromisoformat(text)
    except ValueError as error:
        raise DataError(f"'{text}' is no date", hint="write YYYY-MM-DD") from error


def quarter_of(scenario: Scenario, day: Date) -> int:
    """Which quarter a day lies in, 0 being the scenario's own; up to the eighth."""
    for number in range(8):
        first, last = scenario.quarter(number)
        if first <= day <= last:
            return number
    raise DataError(f"{day} is outside the scenario, which runs from {scenario.start} to {scenario.quarter(7)[1]}")


def _seat(scenario: Scenario, design: Design, rep: int) -> int:
    """The territory that a rep holds."""
    held = [territory for territory, holder in enumerate(design.rep_of.tolist()) if holder == rep]
    if not held:
        raise DataError(f"rep '{scenario.reps[rep].id}' has no territory in the design '{design.name}'")
    return held[0]


def _check_works(plan: VisitPlan, scenario: Scenario, rep: int, territory: int, day: Date) -> None:
    """An error with the next working day if the rep does not work that day."""
    off = [plan.days[k] for k in plan.territories[territory].work_day.tolist()]
    if day in off:
        return
    later = [other for other in off if other > day]
    why = "a weekend" if day.weekday() >= 5 else "a public holiday" if day in scenario.holidays else "no working day"
    hint = f"next: {later[0]}" if later else None
    raise InfeasibleError(f"rep '{scenario.reps[rep].id}' does not work on {day}, {why}", hint=hint)


def travel_times(
    scenario: Scenario, origins: Sequence[str], targets: Sequence[str], *, at: str | None = None, warn: Warn | None = None
) -> dict[str, Any]:
    """Times and lengths between accounts and homes, named by id: as plans count them, or leaving at a time of day, HH:MM."""
    from fieldsim import travel
    from fieldsim.scenario import seconds_of_day

    leave = None if at is None else seconds_of_day(at)
    if at is not None and leave is None:
        raise DataError(f"'{at}' is no time of day", hint="write HH:MM")
    here, there = ([point_of(scenario, name) for name in names] for names in (origins, targets))
    seconds, metres = travel.open_travel(scenario, store=default_store(), warn=warn).times(here, there, leave)
    return {"at": at, "from": list(origins), "to": list(targets), "travel_s": seconds.tolist(), "distance_m": metres.tolist()}


def point_of(scenario: Scenario, name: str) -> int:
    """The point of an account's or a rep's id."""
    if name in scenario.accounts.ids:
        return scenario.accounts.ids.index(name)
    reps = [rep.id for rep in scenario.reps]
    if name in reps:
        return scenario.home(reps.index(name))
    raise DataError(f"'{name}' is no account and no rep", hint=did_you_mean(name, [*scenario.accounts.ids, *reps]))


def make_design(
    scenario: Scenario,
    method: str,
    *,
    name: str,
    start: str | None = None,
    territories: int | None = None,
    tolerance: float = 0.05,
    budget: int | None = None,
    by: str | None = None,
    vacate: str | None = None,
    policy: str = "balanced",
    seed: int = 0,
    warn: Warn | None = None,
) -> DesignResult:
    """A design with its moves, reasons and figures; with `vacate`, the book of that rep handed over by `policy`."""
    from fieldsim import territory, turnover

    before = start or scenario.current
    standing = read_design(scenario, before) if before else None
    travel = open_travel(scenario, warn=warn)
    if vacate is not None:
        if standing is None:
            raise UsageError("a hand-over needs the design that stands", hint="name it with --from DESIGN")
        made = turnover.hand_over(scenario, travel, standing, vacate, policy, name=name, seed=seed)
    else:
        made = territory.design_territories(
            scenario,
            travel,
            method,
            name=name,
            start=standing,
            territories=territories,
            tolerance=tolerance,
            budget=budget,
            by=by,
            seed=seed,
        )
    return territory.explain_design(scenario, travel, made, standing, bound=vacate is None)


def account_move(scenario: Scenario, made: DesignResult, account: str) -> str:
    """One account's move in plain words."""
    from fieldsim import territory

    if account not in scenario.accounts.ids:
        raise DataError(f"unknown account '{account}'", file="accounts", hint=did_you_mean(account, scenario.accounts.ids))
    return territory.explain_account(made, account)


def write_plan(scenario: Scenario, design: Design, plan: VisitPlan, path: str | Path) -> None:
    """Write a plan as CSV, Parquet or XLSX, a row a visit; what found no day goes beside it."""
    from fieldsim import planning

    planning.write_plan(scenario, design, plan, path)


def write_result(scenario: Scenario, made: DesignResult) -> Path:
    """Write designs/NAME.csv with the reason of each move."""
    position = {account: k for k, account in enumerate(scenario.accounts.ids)}
    return write_design(scenario, made.design, {position[move.account]: "; ".join(move.reasons) for move in made.moves})
