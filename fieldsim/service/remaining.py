"""What remains of a day, planned onward from a moment: stops under way stay, the rest is planned again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date as Date

from fieldsim.model import Stop
from fieldsim.service.ground import Ground
from fieldsim.service.replan import replanned, under_way, with_first
from fieldsim.service.state import State


@dataclass(frozen=True, eq=False)
class Setting:
    """Where and when a change is applied. `time_s` is None for a day that has not begun."""

    ground: Ground
    rep: str
    date: Date
    time_s: int | None
    future: bool = False


def planned(setting: Setting, state: State, order: tuple[str, ...] | None = None) -> State:
    """The rest of the day planned again: stops under way stay, agreed times stay, the order stays unless another is worth it.

    An empty order gives the whole of it to the planner.
    """
    time = setting.time_s
    first = () if time is None else under_way(state, time)
    return planned_after(setting, state, first, state.order() if order is None else order)


def planned_after(
    setting: Setting, state: State, first: tuple[Stop, ...], order: tuple[str, ...], *, on_plan: bool = False
) -> State:
    """Plan what comes after the stops under way."""
    time = state.ready_s if setting.time_s is None else setting.time_s
    base = state
    if time is not None:
        lunch = state.lunch or eaten(state, first, time)
        ready = max(time, state.ready_s or 0, first[-1].leave_s if first else 0)
        if lunch and lunch != state.lunch and not first:
            ready = max(ready, lunch[1])
        placed = [stop.id for stop in first if stop.at is not None]
        gone = {stop.id for stop in first}
        at = placed[-1] if placed else state.at
        base = replace(state, open=tuple(n for n in state.open if n not in gone), at=at, ready_s=ready, lunch=lunch)
    freeze = None if time is None else time + 60 * setting.ground.settings.freeze_minutes
    made = replanned(setting.ground, setting.rep, setting.date, base, order, freeze_from_s=freeze, on_plan=on_plan)
    held = any(row.state in ("done", "no_show") for row in state.settled)
    route = with_first(first, made.route, state.route.depart_s if first or held else made.route.depart_s)
    if first:
        return replace(state, route=replace(route, lunch=base.lunch or route.lunch))
    return replace(state, route=route, ready_s=base.ready_s, lunch=base.lunch)


def eaten(state: State, first: tuple[Stop, ...], time_s: int) -> tuple[int, int] | None:
    """The planned break, if it has been taken by then or lies before a stop under way."""
    lunch = state.route.lunch
    if lunch is None:
        return None
    before_stop = any(lunch[0] < stop.start_s for stop in first)
    return lunch if before_stop or lunch[0] <= time_s else None


def left_of(setting: Setting, state: State) -> tuple[str, ...]:
    """Open visits that no stop under way takes: what a colleague can be given."""
    first = () if setting.time_s is None else under_way(state, setting.time_s)
    kept = {stop.id for stop in first}
    return tuple(name for name in state.open if name not in kept)
