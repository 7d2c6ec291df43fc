"""What each kind of change does to a day: one small pure function a kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from fieldsim.service.asked import CORRECTIONS, OUTCOMES, STILL, Change
from fieldsim.service.errors import Refusal, conflict, not_found
from fieldsim.service.remaining import Setting, eaten, planned, planned_after
from fieldsim.service.replan import told, under_way
from fieldsim.service.state import Settled, State


def apply(setting: Setting, state: State, change: Change) -> State:
    """The state after the change, with the difference it made; Refusal where it makes no sense."""
    after = _KINDS[change.kind](setting, state, change)
    return after if change.kind in STILL else replace(after, difference=told(state, after))


def _open_stop(state: State, change: Change) -> str:
    """The account of a change that is about an open visit."""
    name: str = change.need("account")
    if any(row.account == name for row in state.settled):
        raise conflict(f"'{name}' is settled already")
    if name not in state.open:
        raise conflict(f"'{name}' is not in this day")
    return name


def _without(state: State, name: str, row: Settled) -> State:
    """The state with one visit settled."""
    pins = {key: value for key, value in state.pins.items() if key != name}
    own = None if state.own is None else tuple(other for other in state.own if other != name)
    return replace(state, open=tuple(n for n in state.open if n != name), settled=(*state.settled, row), pins=pins, own=own)


def _outcome(setting: Setting, state: State, change: Change) -> State:
    """Done and no-show: the rep was there and leaves at this time."""
    name = _open_stop(state, change)
    if setting.future:
        raise conflict("this day has not come yet")
    stop = next((stop for stop in state.route.stops if stop.id == name), None)
    time = setting.time_s
    if time is None:
        time = stop.leave_s if stop else (state.ready_s or state.route.depart_s)
    arrive = min(stop.arrive_s, time) if stop else time
    row = Settled(
        name,
        change.kind,
        stop.start_s if stop else None,
        arrive,
        time,
        stop.travel_s if stop else 0,
        change.note,
        change.next_step,
    )
    order = tuple(n for n in state.order() if n != name)
    lunch = state.lunch or (state.route.lunch if stop and eaten(state, (stop,), -1) else None)
    at = state.at if name in state.remote else name
    route = replace(state.route, lunch=None)  # a break planned for later is still to come, whatever the time
    after = replace(_without(state, name, row), route=route, at=at, ready_s=max(time, state.ready_s or 0), lunch=lunch)
    on_plan = stop is not None and stop is state.route.stops[0] and time <= stop.leave_s
    return planned_after(replace(setting, time_s=time), after, (), order, on_plan=on_plan)


def _cancelled(setting: Setting, state: State, change: Change) -> State:
    name = _open_stop(state, change)
    stop = next((stop for stop in state.route.stops if stop.id == name), None)
    row = Settled(name, "cancelled", stop.start_s if stop else None, note=change.note, next_step=change.next_step)
    return _left_out(setting, state, name, row)


def _skip(setting: Setting, state: State, change: Change) -> State:
    name = _open_stop(state, change)
    stop = next((stop for stop in state.route.stops if stop.id == name), None)
    row = Settled(name, "skipped", stop.start_s if stop else None, note=change.note)
    return _left_out(setting, state, name, row)


def _left_out(setting: Setting, state: State, name: str, row: Settled) -> State:
    """Plan again without a visit; a stop under way before it stays."""
    first = () if setting.time_s is None else tuple(s for s in under_way(state, setting.time_s) if s.id != name)
    order = tuple(n for n in state.order() if n != name)
    return planned_after(setting, _without(state, name, row), first, order)


def _late(setting: Setting, state: State, change: Change) -> State:
    """The rep leaves where he is so many minutes later than planned."""
    if setting.time_s is None:
        raise conflict("this day has not begun")
    late, time = 60 * change.need("minutes"), setting.time_s
    first = under_way(state, time)
    if first:
        last = first[-1]
        moved = replace(last, leave_s=max(last.leave_s + late, time))
        if last.arrive_s > time:
            moved = replace(last, arrive_s=last.arrive_s + late, start_s=last.start_s + late, leave_s=last.leave_s + late)
        return planned_after(setting, state, (*first[:-1], moved), state.order())
    stops = state.route.stops
    leave = (stops[0].arrive_s - stops[0].travel_s if stops else time) if state.ready_s is not None else state.route.depart_s
    later = max(time, leave + late)
    return planned_after(replace(setting, time_s=min(later, 86_399)), state, (), state.order())


def _add(setting: Setting, state: State, change: Change) -> State:
    name: str = change.need("account")
    ground = setting.ground
    if name not in ground.accounts or not _mine(setting, state, name):
        raise not_found()
    if name in state.order():
        raise conflict(f"'{name}' is in this day already")
    back = next((row for row in state.settled if row.account == name), None)
    if back and back.state in ("done", "no_show", "handed_over"):
        raise conflict(f"'{name}' is settled already")
    settled = tuple(row for row in state.settled if row.account != name)
    opened = replace(state, open=tuple(sorted({*state.open, name})), wanted=tuple(sorted({*state.wanted, name})), settled=settled)
    after = planned(setting, opened, state.order())
    if name not in after.order():
        why = next((skip.detail for skip in after.route.skipped if skip.id == name), "no room is left")
        raise conflict(f"'{name}' does not fit into the rest of this day", hint=why)
    return after


def _mine(setting: Setting, state: State, name: str) -> bool:
    """Is the account in the rep's territory, or handed to this day?"""
    ground = setting.ground
    own = int(ground.design.territory_of[ground.accounts[name]]) == ground.seats[setting.rep]
    return own or name in state.open or any(row.account == name for row in state.settled)


def _pin(setting: Setting, state: State, change: Change) -> State:
    name, start = _open_stop(state, change), int(change.need("start_s"))
    if setting.time_s is not None and start < setting.time_s:
        raise conflict("this time has passed")
    after = planned(setting, replace(state, pins={**state.pins, name: start}))
    held = next((stop.start_s for stop in after.route.stops if stop.id == name), None)
    if held is None or held != start:
        raise conflict(f"'{name}' cannot start then", hint="the way there, the shift or another agreed time stands against it")
    lost = [n for n in state.pins if n != name and n in state.order() and _start(after, n) != _start(state, n)]
    if lost:
        raise conflict(f"'{name}' cannot start then without moving the agreed time of '{lost[0]}'")
    return after


def _start(state: State, name: str) -> int | None:
    return next((stop.start_s for stop in state.route.stops if stop.id == name), None)


def _unpin(setting: Setting, state: State, change: Change) -> State:
    name = _open_stop(state, change)
    if name not in state.pins:
        raise conflict(f"'{name}' has no agreed time")
    return planned(setting, replace(state, pins={key: value for key, value in state.pins.items() if key != name}))


def _order(setting: Setting, state: State, change: Change) -> State:
    wanted = tuple(dict.fromkeys(change.need("order")))
    unknown = [name for name in wanted if name not in state.open]
    if unknown:
        raise conflict(f"'{unknown[0]}' is not open in this day")
    first = () if setting.time_s is None else under_way(state, setting.time_s)
    kept = {stop.id for stop in first}
    own = tuple(name for name in wanted if name not in kept)
    after = planned_after(setting, replace(state, own=own), first, own)
    broken = [name for name, pin in state.pins.items() if name in own and _start(after, name) != pin == _start(state, name)]
    if broken:
        raise conflict(f"in this order the agreed time of '{broken[0]}' cannot be kept")
    return replace(after, own=tuple(name for name in after.order() if name not in kept))


def _order_clear(setting: Setting, state: State, _: Change) -> State:
    return planned(setting, replace(state, own=None), ())


def _keep_mine(setting: Setting, state: State, _: Change) -> State:
    if state.difference is None or not state.difference.can_keep_mine or not state.former:
        raise conflict("there is no re-plan to refuse")
    first = () if setting.time_s is None else under_way(state, setting.time_s)
    kept = {stop.id for stop in first}
    own = tuple(name for name in state.former if name in state.open and name not in kept)
    return planned_after(setting, replace(state, own=own), first, own)


def _correction(_setting: Setting, state: State, change: Change) -> State:
    """Nothing moves; the event itself is what ops and the export read."""
    name: str = change.need("account")
    if name not in (*state.open, *(row.account for row in state.settled)):
        raise not_found()
    return state


def _note(_setting: Setting, state: State, change: Change) -> State:
    """Words for an outcome that was told before; what is not said stays, an empty text takes it away."""
    name: str = change.need("account")
    row = next((row for row in state.settled if row.account == name and row.state in OUTCOMES), None)
    if row is None:
        raise conflict(f"'{name}' has no outcome in this day", hint="send the note with its outcome")
    if change.note is None and change.next_step is None:
        raise Refusal(422, "bad_request", "a change of kind 'note' needs 'note' or 'next_step'", column="note")
    note = row.note if change.note is None else change.note or None
    step = row.next_step if change.next_step is None else change.next_step or None
    written = replace(row, note=note, next_step=step)
    return replace(state, settled=tuple(written if other is row else other for other in state.settled))


_KINDS: dict[str, Callable[[Setting, State, Change], State]] = {
    **dict.fromkeys(("done", "no_show"), _outcome),
    **dict.fromkeys(CORRECTIONS, _correction),
    "note": _note,
    "cancelled": _cancelled,
    "skip": _skip,
    "late": _late,
    "add": _add,
    "pin": _pin,
    "unpin": _unpin,
    "order": _order,
    "order_clear": _order_clear,
    "keep_mine": _keep_mine,
}
