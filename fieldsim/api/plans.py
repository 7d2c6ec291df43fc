"""The quarter's plan: made, changed, explained, written and read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date as Date
from pathlib import Path
from typing import TYPE_CHECKING

from fieldsim.api.ground import open_travel, point_of, rep_position
from fieldsim.api.listeners import Advance, Warn
from fieldsim.errors import DataError
from fieldsim.model import DayProblem, DayRoute, Design, Ints, Scenario, Stop, TerritoryPlan, Travel, TravelMatrix, VisitPlan
from fieldsim.store import default_store, write_atomic

if TYPE_CHECKING:
    from fieldsim.planning import JointVisit, WhyDay, Wishes
    from fieldsim.report.day import RepDay


def plan_quarter(
    scenario: Scenario,
    design: Design,
    *,
    travel: Travel | None = None,
    quarter: int = 0,
    rep: str | None = None,
    effort: str = "normal",
    seed: int = 0,
    workers: int | None = None,
    wishes: Wishes | None = None,
    changes: Wishes | None = None,
    like: VisitPlan | None = None,
    progress: Advance | None = None,
    warn: Warn | None = None,
) -> VisitPlan:
    """Which account on which day of the quarter; with `rep`, only that rep's territories are planned.

    `wishes` are known before the plan is made. `changes`, and moves, come after it: the plan is made, or taken from `like`, and
    planned again so that as little as possible moves. DataError, before any work, for a pin or a move that no plan can keep.
    `travel` is what `open_travel` gave; it is opened here where it is not given.
    """
    from fieldsim import planning

    only = None if rep is None else _only(design, rep_position(scenario, rep))
    travel = travel or open_travel(scenario, warn=warn)
    wishes, done = wishes or planning.Wishes(), None
    asked = wishes | (changes or planning.Wishes())
    check_wishes(scenario, design, asked, travel=travel, quarter=quarter)
    if progress is not None:
        tell = progress

        def done(k: int, n: int) -> None:
            tell("territories planned", k, n)

    how = {"quarter": quarter, "effort": effort, "seed": seed, "workers": workers, "store": default_store(), "only": only}
    how["progress"] = done
    if like is None and (changes is not None or wishes.moves):  # what is to move must first have a day
        like = planning.plan_quarter(scenario, design, travel, wishes=replace(wishes, moves={}), **how)  # type: ignore[arg-type]
    return planning.plan_quarter(scenario, design, travel, wishes=asked, like=like, **how)  # type: ignore[arg-type]


def check_wishes(scenario: Scenario, design: Design, wishes: Wishes, *, travel: Travel | None = None, quarter: int = 0) -> None:
    """DataError for a name that is none, and for a pin or a move that no plan of the quarter can keep."""
    from fieldsim import planning

    planning.check_wishes(scenario, wishes)
    planning.check_asked(scenario, design, travel or open_travel(scenario), wishes, quarter)


def _only(design: Design, rep: int) -> list[int]:
    """The territories that hold a rep's work: of a specialist without one, those whose visits they join."""
    from fieldsim.planning import shared_accounts

    joined = [account for account, joiners in shared_accounts(design).items() if rep in joiners]
    own = [t for t, who in enumerate(design.rep_of.tolist()) if who == rep]
    return sorted({*own, *design.territory_of[joined].tolist()})


def joint_visits(
    scenario: Scenario,
    design: Design,
    plan: VisitPlan,
    *,
    travel: Travel | None = None,
    rep: str | None = None,
    wishes: Wishes | None = None,
) -> list[JointVisit]:
    """Planned visits that specialists join, all or those of one `rep`, with the reason where they cannot be there."""
    from fieldsim import planning

    travel = travel or open_travel(scenario)
    found = planning.joint_visits(scenario, design, travel, plan, wishes=wishes or planning.Wishes())
    return [visit for visit in found if rep in (None, scenario.reps[visit.rep].id, scenario.reps[visit.owner].id)]


def explain_plan(
    scenario: Scenario,
    plan: VisitPlan,
    account: str,
    *,
    date: Date | None = None,
    travel: Travel | None = None,
    wishes: Wishes | None = None,
    warn: Warn | None = None,
) -> list[WhyDay]:
    """Why the visits to an account (one, or all of them) have their days; DataError where none is planned."""
    from fieldsim import planning

    position = point_of(scenario, account)
    if position >= len(scenario.accounts):
        raise DataError(f"'{account}' is a rep, not an account")
    travel = travel or open_travel(scenario, warn=warn)
    found = []
    for territory, part in enumerate(plan.territories):
        days = sorted(plan.days[day] for day in part.day[part.account == position].tolist())
        found += [
            planning.explain_visit(scenario, travel, plan, territory, position, day, wishes=wishes or planning.Wishes())
            for day in days
            if date in (None, day)
        ]
    if not found:
        left = [row.reason for part in plan.territories for row in part.unplaced if row.account == position]
        when = "" if date is None else f" on {date}"
        raise DataError(f"no visit to '{account}' is planned{when}", hint=left[0] if left else None)
    return found


def write_plan(
    scenario: Scenario,
    design: Design,
    plan: VisitPlan,
    path: str | Path,
    *,
    rep: str | None = None,
    joint: Sequence[JointVisit] = (),
) -> list[Path]:
    """Write a plan as CSV, Parquet or XLSX, a row a visit, or as calendars; the files written.

    What found no day goes beside it. NAME.ics becomes NAME.REP.ics for each rep, or NAME.ics itself for one `rep`; specialists
    without a territory have calendars of the `joint` visits.
    """
    from fieldsim import planning

    path = Path(path)
    if path.suffix != ".ics":
        planning.write_plan(scenario, design, plan, path)
        return [path]
    from fieldsim.report.day import days_ics

    written = []
    for part in (*plan.territories, *planning.joint_parts(scenario, plan, joint)):
        who = scenario.reps[part.rep].id if part.rep >= 0 else ""
        if who and rep in (None, who):
            days = plan_days(scenario, design, plan, part)
            file = path if rep else path.with_suffix(f".{who}.ics")
            if days:
                write_atomic(file, days_ics(days).encode())
                written.append(file)
    return written


def check_plan_file(path: str | Path) -> None:
    """UsageError if `write_plan` cannot write a file of that name: better said before the plan is made."""
    from fieldsim.planning.export import check_suffix

    check_suffix(path)


def read_plan(scenario: Scenario, design: Design, path: str | Path, *, quarter: int = 0) -> VisitPlan:
    """A plan from a file that `write_plan` wrote, to plan on from (`like`)."""
    from fieldsim import planning

    return planning.read_plan(scenario, design, path, quarter)


def read_wishes(scenario: Scenario, path: str | Path) -> Wishes:
    """Leave, half-days, pins and preferences from a TOML file."""
    from fieldsim import planning

    return planning.read_wishes(scenario, path)


def plan_days(scenario: Scenario, design: Design, plan: VisitPlan, part: TerritoryPlan) -> list[RepDay]:
    """The days of a plan's part that hold a visit, as the calendar reads them; without roads and reasons."""
    import numpy as np

    from fieldsim.report.day import RepDay

    found = []
    for at, day in enumerate(part.work_day.tolist()):
        rows = np.flatnonzero(part.day == day)
        if not len(rows):
            continue
        accounts = part.account[rows].tolist()
        ids = [scenario.accounts.ids[i] for i in accounts]
        blank = np.zeros((1, len(rows) + 1, len(rows) + 1), dtype=np.int64)
        shift = (int(part.depart_s[at]), int(part.finish_s[at]))
        found.append(
            RepDay(
                scenario=scenario,
                design=design.name,
                rep=part.rep,
                date=plan.days[day],
                problem=DayProblem(TravelMatrix(blank, blank[0]), len(rows), len(rows), shift, ()),
                route=_as_route(scenario, part, at, rows),
                points=(*accounts, scenario.home(part.rep)),
                ordinal=dict(zip(ids, part.ordinal[rows].tolist(), strict=True)),
            )
        )
    return found


def _as_route(scenario: Scenario, part: TerritoryPlan, at: int, rows: Ints) -> DayRoute:
    """A planned day in the shape of a router's answer."""
    from fieldsim.planning import service_s

    pause = scenario.day.lunch.duration_s if scenario.day.lunch else 0
    clock, lunch, wait = int(part.depart_s[at]), int(part.lunch_s[at]), 0
    stops: list[Stop] = []
    for k, row in enumerate(rows.tolist()):
        account, start, leg = int(part.account[row]), int(part.start_s[row]), int(part.travel_s[row])
        ate = pause if 0 <= lunch < start and clock <= lunch + pause and (not stops or lunch >= stops[-1].start_s) else 0
        arrive = min(start, clock + leg + ate)
        remote = bool(part.remote[row])
        leave = start + service_s(scenario, account)
        stops.append(Stop(scenario.accounts.ids[account], None if remote else k, leg, arrive, start, leave))
        clock, wait = leave, wait + start - arrive
    travel, finish = int(part.travel_s[rows].sum()), int(part.finish_s[at])
    eaten = (lunch, lunch + pause) if lunch >= 0 else None
    return DayRoute("feasible", "none", 0, len(stops), travel, wait, int(part.depart_s[at]), finish, tuple(stops), eaten)
