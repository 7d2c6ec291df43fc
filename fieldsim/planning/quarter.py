"""The quarter's visit plan of a design: each territory on its own, by content, in parallel."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from datetime import date
from itertools import chain, islice

import numpy as np

from fieldsim.errors import UsageError
from fieldsim.model import DayProblem, DayVisit, Design, Ints, Scenario, TerritoryPlan, Travel, Unplaced, VisitPlan
from fieldsim.planning.asked import check_asked
from fieldsim.planning.calendar import lunch_in, opening, service_s, shortened, slots_of, working_frame, works
from fieldsim.planning.days import bare_day
from fieldsim.planning.rhythm import due_visits
from fieldsim.planning.search import effort_of
from fieldsim.planning.sharing import book_of
from fieldsim.planning.task import TerritoryTask, task_of
from fieldsim.planning.territory import kept_plan, plan_territory
from fieldsim.planning.wishes import NONE, Wishes, check_wishes, day_shares
from fieldsim.store import Store


def plan_quarter(
    scenario: Scenario,
    design: Design,
    travel: Travel,
    *,
    quarter: int = 0,
    effort: str = "quick",
    seed: int = 0,
    workers: int | None = 1,
    store: Store | None = None,
    like: VisitPlan | None = None,
    wishes: Wishes = NONE,
    only: Collection[int] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> VisitPlan:
    """Every due visit on a day, every day routed and balanced; what does not fit is listed with a reason.

    `like` is an earlier quarter's plan of the same design: its weekdays and cycles are kept, only what breaks is planned again.
    A plan of the same quarter is planned again with as few changes as the wishes ask for; DataError for a pin or a move that no
    plan can keep. `only` names territories by position;
    the others stay empty. `progress(done, all)` counts territories. The plan is the same for any number of workers (None: every
    core).
    """
    effort_of(effort)
    check_wishes(scenario, wishes)
    check_asked(scenario, design, travel, wishes, quarter)
    due = due_visits(scenario, quarter)
    chosen = range(len(design.territories)) if only is None else sorted(set(only))
    filled = [t for t in chosen if design.rep_of[t] >= 0]
    options = {"quarter": quarter, "effort": effort, "seed": seed, "like": like, "wishes": wishes}
    tasks = (task_of(scenario, design, travel, t, due, **options) for t in filled)  # type: ignore[arg-type]
    days = scenario.working_days(quarter)
    found = {}
    for position, plan in _run(tasks, len(filled), workers, store):
        found[filled[position]] = plan
        if progress:
            progress(len(found), len(filled))
    territories = tuple(
        _placed(scenario, design, t, found[t], due, quarter, days) if t in found else _vacant(design, t, due, t in chosen)
        for t in range(len(design.territories))
    )
    return VisitPlan(design.name, quarter, days, due, territories)


def _run(
    tasks: Iterable[TerritoryTask], count: int, workers: int | None, store: Store | None
) -> Iterator[tuple[int, TerritoryPlan]]:
    """Plans with the position of their task, as they are done; last those that the store holds: workers start for others only."""
    known: list[tuple[int, TerritoryPlan]] = []
    queue = _fresh(tasks, store, known)
    single = workers == 1 or count <= 1
    for position, task in queue if single else islice(queue, 1):
        yield position, plan_territory(task, store)  # here, so that workers load compiled kernels instead of compiling their own
    second = next(queue, None)
    if second is not None:
        from joblib import Parallel, delayed

        pool = Parallel(n_jobs=workers or -1, return_as="generator_unordered", batch_size=1)
        yield from pool(delayed(_numbered)(k, task, store) for k, task in chain([second], queue))
    yield from known


def _fresh(
    tasks: Iterable[TerritoryTask], store: Store | None, known: list[tuple[int, TerritoryPlan]]
) -> Iterator[tuple[int, TerritoryTask]]:
    """The tasks whose plan the store does not hold, with their position; plans that it holds are added to `known`."""
    for position, task in enumerate(tasks):
        plan = kept_plan(task, store)
        if plan is None:
            yield position, task
        else:
            known.append((position, plan))


def _numbered(position: int, task: TerritoryTask, store: Store | None) -> tuple[int, TerritoryPlan]:
    return position, plan_territory(task, store)


def _placed(
    scenario: Scenario, design: Design, territory: int, plan: TerritoryPlan, due: Ints, quarter: int, days: tuple[date, ...]
) -> TerritoryPlan:
    """A territory's own positions translated into the scenario's."""
    book = book_of(design, territory, due).accounts
    at = {day: k for k, day in enumerate(days)}
    moved = np.array([at.get(day, -1) for day in slots_of(*scenario.quarter(quarter))], dtype=np.int64)
    return replace(
        plan,
        rep=int(design.rep_of[territory]),
        account=book[plan.account],
        day=moved[plan.day],
        work_day=moved[plan.work_day],
        unplaced=tuple(replace(row, account=int(book[row.account])) for row in plan.unplaced),
    )


def _vacant(design: Design, territory: int, due: Ints, asked: bool) -> TerritoryPlan:
    """No rep, no visits; of a seat that was not asked about nothing is said."""
    mine = book_of(design, territory, due)
    none = np.zeros(0, dtype=np.int64)
    rows = ("account", "day", "ordinal", "start_s", "travel_s", "work_day", "depart_s", "finish_s", "lunch_s")
    each = zip(mine.accounts.tolist(), mine.due.tolist(), strict=True) if asked else ()
    left = tuple(Unplaced(i, count, "seat is vacant") for i, count in each if count > 0)
    return TerritoryPlan(
        rep=-1,
        remote=none.astype(np.bool_),
        proven=none.astype(np.bool_),
        needed_s=0.0,
        available_s=0.0,
        unplaced=left,
        **dict.fromkeys(rows, none),
    )


def day_problem(
    scenario: Scenario, travel: Travel, plan: VisitPlan, territory: int, day: date, *, wishes: Wishes = NONE
) -> DayProblem:
    """The day that a territory's rep has planned, as the router takes it; ids are the accounts'.

    It is the very problem that the plan's own route answers, so a store that holds the plan's routes holds this one's.
    """
    mine = plan.territories[territory]
    if mine.rep < 0:
        raise UsageError("the territory's seat is vacant: nobody works that day")
    if day not in plan.days or not works(scenario.reps[mine.rep], day):
        raise UsageError(f"{scenario.reps[mine.rep].id} does not work on {day.isoformat()}", hint=_nearby(plan, day))
    rows = np.flatnonzero(mine.day == plan.days.index(day)).tolist()
    held = sorted((int(mine.account[row]), bool(mine.remote[row])) for row in rows)
    near = [account for account, remote in held if not remote]
    visits = [
        DayVisit(
            id=scenario.accounts.ids[account],
            at=None if remote else 0,
            service_s=service_s(scenario, account),
            windows=opening(scenario, account, day),
            priority=int(scenario.accounts.priority[account]),
            required=_asked(wishes, scenario.accounts.ids[account], day),
        )
        for account, remote in held
    ]
    share = float(day_shares(wishes, scenario.reps[mine.rep].id, (day,))[0])
    frame = shortened(working_frame(scenario.day, scenario.reps[mine.rep]), share)
    return bare_day(travel.matrix([*near, scenario.home(mine.rep)]), visits, frame, lunch_in(scenario.day, frame))


def _asked(wishes: Wishes, account: str, day: date) -> bool:
    """Is a visit to the account pinned or moved to that day?"""
    return day in wishes.pins.get(account, ()) or day in wishes.moves.get(account, {}).values()


def _nearby(plan: VisitPlan, day: date) -> str:
    """The working day that follows, or the last one."""
    later = [other for other in plan.days if other >= day]
    return f"the next working day of the plan is {(later[0] if later else plan.days[-1]).isoformat()}"
