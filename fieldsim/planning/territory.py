"""Plans one territory: search or carry over, route, count what is needed and what is there, and say why a visit has no day."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fieldsim.model import Bools, Ints, TerritoryPlan, Unplaced
from fieldsim.planning.board import Board, Ground
from fieldsim.planning.carry import carry_over
from fieldsim.planning.claiming import claim, make_way
from fieldsim.planning.days import Routed, route_plan
from fieldsim.planning.ground import ground_of
from fieldsim.planning.insertion import walk
from fieldsim.planning.search import desk_of, improve
from fieldsim.planning.task import TerritoryTask
from fieldsim.store import Store


def plan_territory(task: TerritoryTask, store: Store | None = None) -> TerritoryPlan:
    """The plan of one territory in its own positions: accounts as in the task, days as slots of the quarter, rep -1."""
    ground = ground_of(task)
    desk = desk_of(ground)
    if task.prior is None:
        board = improve(task, ground, desk)
        make_way(task, ground, board, desk)
        claim(task, ground, board, desk)
    else:
        board = carry_over(task, ground, desk)
    days = route_plan(task, ground, board, desk, store)
    plan = compose(task, ground, board, days)
    if store:
        store.keep("plan", task.key, plan)
    return plan


def kept_plan(task: TerritoryTask, store: Store | None) -> TerritoryPlan | None:
    """The plan of the task that the store holds, if it does."""
    kept = store.get("plan", task.key) if store else None
    return kept if isinstance(kept, TerritoryPlan) else None


def compose(task: TerritoryTask, ground: Ground, board: Board, days: dict[int, Routed]) -> TerritoryPlan:
    """Rows of visits and of working days."""
    owner = np.repeat(np.arange(len(task.ids)), task.due)
    work_days = np.flatnonzero(task.open_days).tolist()
    rows = [(slot, k) for slot in sorted(days) for k in range(len(days[slot].visits))]
    visits = np.array([days[slot].visits[k] for slot, k in rows], dtype=np.int64)
    slots = np.array([slot for slot, _ in rows], dtype=np.int64)
    idle = Routed((), (), (), task.frame[0], task.frame[0], -1, True)
    routed = [days.get(slot, idle) for slot in work_days]
    plan = TerritoryPlan(
        rep=-1,
        account=owner[visits].astype(np.int64),
        day=slots,
        ordinal=task.ordinal[task.first[owner[visits]] + _numbers(task, visits, owner[visits], slots)],
        remote=task.remote[visits],
        start_s=np.array([days[slot].start_s[k] for slot, k in rows], dtype=np.int64),
        travel_s=np.array([days[slot].travel_s[k] for slot, k in rows], dtype=np.int64),
        work_day=np.array(work_days, dtype=np.int64),
        depart_s=np.array([day.depart_s for day in routed], dtype=np.int64),
        finish_s=np.array([day.finish_s for day in routed], dtype=np.int64),
        lunch_s=np.array([day.lunch_s for day in routed], dtype=np.int64),
        proven=np.array([day.proven for day in routed], dtype=np.bool_),
        needed_s=0.0,
        available_s=float((task.closing_s - task.frame[0])[work_days].sum()),
    )
    needed = needed_s(task, board, plan)
    return replace(plan, needed_s=needed, unplaced=unplaced(task, ground, board, needed, plan.available_s))


def _numbers(task: TerritoryTask, visits: Ints, owner: Ints, slots: Ints) -> Ints:
    """The number of each visit among its account's: the first comes first, found last, moved or not."""
    numbers = (visits - task.first[owner]).astype(np.int64)
    group = (task.remote[visits], owner)
    numbers[np.lexsort((slots, *group))] = numbers[np.lexsort((numbers, *group))]
    return numbers


def needed_s(task: TerritoryTask, board: Board, plan: TerritoryPlan) -> float:
    """Working time of all due visits: their length, travel (at the mean of the placed ones), a break each working day."""
    service = float((task.service_s * task.due).sum())
    travel = float(board.travel.sum())
    placed = int((~plan.remote).sum())
    left = int(((board.at < 0) & ~task.remote).sum())
    lunch = task.lunch.duration_s * len(plan.work_day) if task.lunch else 0
    return service + travel * (1.0 + left / placed if placed else 1.0) + lunch


def unplaced(task: TerritoryTask, ground: Ground, board: Board, needed: float, available: float) -> tuple[Unplaced, ...]:
    """A row for each account with visits that found no day, in the accounts' order."""
    rows = []
    for i in range(len(task.ids)):
        count = int((board.at[ground.first[i] : ground.first[i + 1]] < 0).sum())
        if count:
            rows.append(Unplaced(i, count, *_why(task, ground, board, i, needed, available)))
    return tuple(rows)


def _why(task: TerritoryTask, ground: Ground, board: Board, i: int, needed: float, available: float) -> tuple[str, bool]:
    """The reason in words, with the numbers that decide, and whether more time would help."""
    days = int(task.open_days.sum())
    could = task.open_days & (task.hours.row[i] >= 0)
    if missed := _pin(task, ground, board, i):
        return f"pinned to {missed}, where it does not fit", False
    if not days:
        return f"{task.rep} works on none of the quarter's days", True
    if not could.any():
        return f"closed at all times that {task.rep} works", False
    if far := _too_far(task, ground, i) or _not_even_alone(task, ground, board, i):
        return far, False
    most = _most(ground, i, could)
    if most < task.due[i]:
        return f"{task.due[i]} visits due, but only {most} fit its open days, {ground.apart[i]} days apart", False
    if not _room_between(ground, board, i, could):
        return f"closed on every day {ground.apart[i]} days from its other visits", False
    hours = f"{needed / 3600:.0f} h needed, {available / 3600:.0f} h there"
    rank = f"priority {task.priority[i]} of 1 to {int(task.priority.max())}"
    if needed > available:
        return f"no time left: {hours} for all due visits of {task.rep} ({rank})", True
    return f"its open hours on {int(could.sum())} of {days} working days are taken ({hours}; {rank})", True


def _room_between(ground: Ground, board: Board, i: int, could: Bools) -> bool:
    """Does the account's own calendar leave a day that is far enough from its other visits?"""
    held = board.at[ground.first[i] : ground.first[i + 1]]
    away = np.abs(ground.date[could][:, None] - ground.date[held[held >= 0] // ground.cars][None, :])
    return bool((away >= ground.apart[i]).all(axis=1).any())


def _pin(task: TerritoryTask, ground: Ground, board: Board, i: int) -> str:
    """The pinned days that an account's visits could not have."""
    visits = range(ground.first[i], ground.first[i + 1])
    missed = [task.slots[task.pinned[visit]].isoformat() for visit in visits if board.at[visit] < 0 <= task.pinned[visit]]
    return ", ".join(missed)


def _too_far(task: TerritoryTask, ground: Ground, i: int) -> str:
    """In words, if a day with this visit alone would be too long."""
    home, length = len(task.ids), task.frame[1] - task.frame[0]
    there, back, service = float(ground.travel[home, i]), float(ground.travel[i, home]), float(task.service_s[i])
    if task.remote[ground.first[i] : ground.first[i + 1]].all() or there + back + service <= length:
        return ""
    return f"too far: {_hm(there)} out, {_hm(service)} there and {_hm(back)} back do not fit a day of {_hm(length)}"


def _not_even_alone(task: TerritoryTask, ground: Ground, board: Board, i: int) -> str:
    """In words, if no day holds one of its visits without a day, though nothing else is on it: doors or the break forbid it."""
    visits = slice(ground.first[i], ground.first[i + 1])
    if not ((board.at[visits] < 0) & ~task.remote[visits]).any():
        return ""
    hours = np.where(task.open_days, task.hours.row[i], -1)
    fresh = ground._replace(hours=np.where(np.arange(len(task.ids))[:, None] == i, hours, ground.hours))
    stop = np.array([i], dtype=np.int64)
    if any(walk(fresh, slot, stop, 1, 0.0) < np.inf for slot in np.flatnonzero(hours >= 0).tolist()):
        return ""
    way = f"{_hm(float(ground.travel[len(task.ids), i]))} out, {_hm(float(task.service_s[i]))} there"
    pause = f" and {_hm(task.lunch.duration_s)} of break" if task.lunch else ""
    back = _hm(float(ground.travel[i, len(task.ids)]))
    return f"no day holds it even alone: {way}, {back} back{pause}, when it is open"


def _most(ground: Ground, i: int, could: Bools) -> int:
    """Most visits that the account's own calendar can hold, whatever else there is: as early as its gap allows."""
    count, last = 0, -1_000_000
    for day in ground.date[could].tolist():
        if day - last >= ground.apart[i]:
            count, last = count + 1, day
    return count


def _hm(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02d}" if minutes >= 60 else f"{minutes} min"
