"""From a state to what is left of the day: the problem that remains, its re-plan, and the difference in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date as Date

from fieldsim.model import DayProblem, DayRoute, DayVisit, Now, Stop, Window
from fieldsim.planning.calendar import lunch_in, opening, service_s, working_frame
from fieldsim.routing.ordered import MOVED_S, follow_order, replan_day
from fieldsim.service.ground import Ground
from fieldsim.service.state import Difference, State


@dataclass(frozen=True, eq=False)
class Rest:
    """What is left of a day as the router takes it, with the scenario's point behind each row of its matrix."""

    problem: DayProblem
    points: tuple[int, ...]


def rest_of(ground: Ground, rep: str, day: Date, state: State, *, loose: Sequence[str] = (), late: bool = False) -> Rest:
    """The open visits from where the rep is; a pinned one may start only at its time, a `loose` one also later.

    `late` gives the office work's time at the end of the day to the visits.
    """
    scenario, person = ground.scenario, ground.reps[rep]
    near = [name for name in state.open if name not in state.remote]
    home = scenario.home(person)
    here = home if state.at is None else ground.accounts[state.at]
    points = (*(ground.accounts[name] for name in near), home, *([here] if here != home else []))
    row = {name: k for k, name in enumerate(near)}
    visits = tuple(_visit(ground, day, state, name, row.get(name), name in loose) for name in state.open)
    frame = working_frame(scenario.day, scenario.reps[person])
    lunch = lunch_in(scenario.day, frame)
    if late:
        frame = (frame[0], max(frame[1], scenario.reps[person].day_end_s))
    now = None
    if state.ready_s is not None:
        time = min(max(state.ready_s, frame[0] if state.at is None else 0), 86_400)
        held = tuple(row.account for row in state.settled if row.state in ("done", "no_show"))
        now = Now(len(points) - 1, time, held, state.lunch is not None)
    problem = DayProblem(ground.travel.matrix(points), len(near), len(near), frame, visits, lunch, now)
    return Rest(problem, points)


def _visit(ground: Ground, day: Date, state: State, name: str, row: int | None, loose: bool) -> DayVisit:
    account, pin = ground.accounts[name], state.pins.get(name)
    windows: tuple[Window, ...] = opening(ground.scenario, account, day)
    if pin is not None:
        windows = ((pin, 86_400),) if loose else ((pin, pin),)
    return DayVisit(
        id=name,
        at=row,
        service_s=service_s(ground.scenario, account),
        windows=windows,
        priority=int(ground.scenario.accounts.priority[account]),
        required=pin is not None or name in state.wanted,
        agreed_start_s=pin,
    )


def replanned(
    ground: Ground,
    rep: str,
    day: Date,
    state: State,
    order: Sequence[str],
    *,
    freeze_from_s: int | None = None,
    on_plan: bool = False,
) -> State:
    """The state with the rest of its day planned from `order`, the one that stands.

    Agreed times are kept. Where one cannot be, it moves later, and those that start soon (within the freeze) are the last to.
    A day that goes `on_plan` keeps its order as long as that holds all of it: nothing has happened to plan anew for.
    """
    if on_plan and state.own is None:
        route = follow_order(rest_of(ground, rep, day, state).problem, order)
        if route.served == len(state.open):
            return replace(state, route=route)
    soon = [] if freeze_from_s is None else [n for n, t in state.pins.items() if t <= freeze_from_s]
    far = [name for name in state.pins if name not in soon]
    attempts: list[tuple[list[str], bool]] = [([], False), ([], True), (far, True), (soon, True), ([*far, *soon], True)]
    must = [name for name in state.open if name in state.pins or name in state.wanted]
    had = set(order) & set(state.open)
    best: DayRoute | None = None
    for number, (loose, late) in enumerate(attempts):
        problem = rest_of(ground, rep, day, state, loose=loose, late=late).problem
        if state.own is not None:
            route = follow_order(problem, state.own)
        else:
            route = replan_day(problem, order, seed=ground.settings.seed)
        served = {stop.id for stop in route.stops}
        if best is None or _better(route, best, must):
            best = route
        if all(name in served for name in must) and (number > 0 or had <= served):
            break
        if number == 1 and not must:
            break
    assert best is not None
    return replace(state, route=best)


def _better(route: DayRoute, other: DayRoute, must: Sequence[str]) -> bool:
    """More of what must be, then more."""

    def rank(found: DayRoute) -> tuple[int, int, int]:
        served = {stop.id for stop in found.stops}
        return sum(name in served for name in must), found.priority_served, found.served

    return rank(route) > rank(other)


def with_first(first: Sequence[Stop], route: DayRoute, depart_s: int) -> DayRoute:
    """The route with stops before it that are under way and stay as they are."""
    return replace(
        route,
        stops=(*first, *route.stops),
        served=route.served + len(first),
        travel_s=route.travel_s + sum(stop.travel_s for stop in first),
        depart_s=depart_s,
        finish_s=max(route.finish_s, first[-1].leave_s if first else 0),
    )


def under_way(state: State, time_s: int) -> tuple[Stop, ...]:
    """Stops that the rep, going by plan, has left for by then."""
    found = []
    for stop in state.route.stops:
        if stop.arrive_s - stop.travel_s > time_s:
            break
        found.append(stop)
    return tuple(found)


def told(before: State, after: State) -> Difference | None:
    """How what is left differs from what was left before; None where nothing is worth telling."""
    old = {stop.id: stop.start_s for stop in before.route.stops}
    new = {stop.id: stop.start_s for stop in after.route.stops}
    settled = {row.account for row in after.settled}
    moved = [name for name in new if name in old and abs(new[name] - old[name]) > MOVED_S]
    agreed = [name for name in moved if name in before.pins and after.pins.get(name) == before.pins[name]]
    added = tuple(name for name in new if name not in old)
    dropped = tuple(name for name in old if name not in new and name not in settled)
    held = {row.account for row in after.settled if row.state in ("done", "no_show")}
    driven = sum(stop.travel_s for stop in before.route.stops if stop.id in held)
    saved = round((before.route.travel_s - driven - after.route.travel_s) / 60)
    both = [name for name in old if name in new]
    turned = both != [name for name in new if name in old]
    if not (moved or added or dropped or turned):
        return None
    sentence = _sentence(len(moved), len(agreed), saved, len(added), len(dropped))
    return Difference(len(moved), len(agreed), saved, added, dropped, sentence, turned and after.own is None)


def _sentence(moved: int, agreed: int, saved: int, added: int, dropped: int) -> str:
    """Such as: 2 stops move, no agreed time; 11 min less driving."""

    def some(number: int, verb: str) -> str:
        return f"{number} {'stop' if number == 1 else 'stops'} {verb}"

    if moved:
        which = "no agreed time" if not agreed else f"{agreed} of agreed time"
        parts = [f"{some(moved, 'moves' if moved == 1 else 'move')}, {which}"]
    else:
        parts = ["no stop moves by more than 15 min"]
    parts += [some(added, "added")] if added else []
    parts += [some(dropped, "dropped")] if dropped else []
    way = f"{abs(saved)} min {'less' if saved > 0 else 'more'} driving"
    return "; ".join([*parts, *([way] if saved else [])])
