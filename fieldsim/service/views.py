"""What a rep sees of a day: the state joined with names, places and the way, as pages and programs read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date as Date
from itertools import pairwise
from typing import Any

from fieldsim.model import DayRoute, Skipped, Stop
from fieldsim.planning.calendar import service_s
from fieldsim.report.day import RepDay, map_links
from fieldsim.report.day.links import google
from fieldsim.report.day.table import REASONS
from fieldsim.scenario.hours import windows
from fieldsim.service.dayview import DayView, Past, StopView
from fieldsim.service.ground import Ground, Place
from fieldsim.service.replan import rest_of
from fieldsim.service.state import Settled, State

MOST_CORNERS = 400


def rep_day(ground: Ground, rep: str, day: Date, state: State, version: int) -> RepDay:
    """What is left of the day as the formats read it; a visit that was called off stays as such in a calendar."""
    rest = rest_of(ground, rep, day, state)
    rows = {visit.id: visit.at for visit in rest.problem.visits}
    stops = tuple(replace(stop, at=rows.get(stop.id)) for stop in state.route.stops)
    return RepDay(
        scenario=ground.scenario,
        design=ground.design.name,
        rep=ground.reps[rep],
        date=day,
        problem=rest.problem,
        route=replace(state.route, stops=stops),
        points=rest.points,
        path=ground.way,
        ordinal=ground.ordinals(rep, day),
        sequence=version,
    )


def render(
    ground: Ground, rep: str, day: Date, state: State, version: int, *, past: Mapping[str, Past], reasons: Mapping[str, str]
) -> DayView:
    """The view of a state; what depends on the moment (`now_s`, `can_undo`, `frozen`) is filled in when it is sent."""
    known = rep_day(ground, rep, day, state, version)
    route, person = state.route, ground.rep(rep)
    held = [row for row in state.settled if row.state in ("done", "no_show", "cancelled")]
    stops = [_settled(ground, known, row, row.account in state.remote, past, reasons) for row in held]
    before = state.at
    for stop in route.stops:
        stops.append(_planned(ground, known, state, stop, before, past, reasons))
        before = before if stop.id in state.remote else stop.id
    links = map_links(known)
    lunch = state.lunch or route.lunch
    return DayView(
        rep=rep,
        name=person.name,
        date=day.isoformat(),
        version=version,
        timezone=ground.scenario.timezone,
        design=ground.design.name,
        status=route.status,
        proof=route.proof,
        depart_s=route.depart_s,
        finish_s=route.finish_s,
        travel_s=route.travel_s + sum(row.travel_s for row in held),
        served=len(route.stops) + sum(row.state == "done" for row in held),
        now_s=None,
        home={"lat": round(person.lat, 6), "lon": round(person.lon, 6)},
        lunch={"start_s": lunch[0], "end_s": lunch[1]} if lunch else None,
        stops=tuple(stops),
        skipped=(*(_skipped(ground, known, one) for one in route.skipped), *_by_hand(ground, known, state)),
        line=_line(ground, rep, state, route),
        navigate={
            "next": links[0].url if links else None,
            "legs": [{"label": link.label, "url": link.url} for link in links[2:]],
        },
        difference=None if state.difference is None else asdict(state.difference),
        can_undo=False,
        own_order=state.own is not None,
        calendar=None,
    )


def _facts(ground: Ground, known: RepDay, name: str, past: Mapping[str, Past], reasons: Mapping[str, str]) -> dict[str, Any]:
    """What every stop shows of its account."""
    fixed = ground.facts.get((name, known.date))
    if fixed is None:
        fixed = ground.facts[name, known.date] = _fixed_facts(ground, known, name)
    before = past.get(name, _NOTHING)
    said = {"reason": reasons.get(name, "added by hand"), "last_visit": before.last_visit, "next_step": before.next_step}
    return {**fixed, **said, "frozen": False}


_NOTHING = Past()


def _fixed_facts(ground: Ground, known: RepDay, name: str) -> dict[str, Any]:
    """What the scenario says of an account on a day."""
    book, account = ground.scenario.accounts, ground.accounts[name]
    place = (round(float(book.lat[account]), 6), round(float(book.lon[account]), 6))
    return {
        "account": name,
        "name": known.name(name),
        "address": known.address(name),
        "lat": place[0],
        "lon": place[1],
        "precision": book.precision[account],
        "service_s": service_s(ground.scenario, account),
        "opens": book.opens[account],
        "opens_today": windows(book.opens[account], known.date, book.country[account] or ground.scenario.country),
        "priority": int(book.priority[account]),
        "tier": book.tier[account],
        "link": google([place]),
    }


def _settled(
    ground: Ground, known: RepDay, row: Settled, remote: bool, past: Mapping[str, Past], reasons: Mapping[str, str]
) -> StopView:
    facts = _facts(ground, known, row.account, past, reasons)
    facts |= {"next_step": row.next_step or facts["next_step"], "link": None}
    start = None if row.arrive_s is None else max(row.arrive_s, min(row.planned_start_s or 0, row.leave_s or 0))
    return StopView(
        **facts,
        start_s=row.planned_start_s if start is None else start,
        arrive_s=row.arrive_s,
        leave_s=row.leave_s,
        travel_s=row.travel_s,
        travel_m=None,
        state=row.state,
        pinned=False,
        agreed=False,
        remote=remote,
        note=row.note,
    )


def _planned(
    ground: Ground,
    known: RepDay,
    state: State,
    stop: Stop,
    before: str | None,
    past: Mapping[str, Past],
    reasons: Mapping[str, str],
) -> StopView:
    facts = _facts(ground, known, stop.id, past, reasons)
    remote = stop.id in state.remote
    origin = ground.scenario.home(known.rep) if before is None else ground.accounts[before]
    metres = None if remote else ground.metres(origin, ground.accounts[stop.id])
    return StopView(
        **{**facts, "link": None if remote else facts["link"]},
        start_s=stop.start_s,
        arrive_s=stop.arrive_s,
        leave_s=stop.leave_s,
        travel_s=stop.travel_s,
        travel_m=metres,
        state="planned",
        pinned=stop.id in state.pins,
        agreed=stop.id in state.pins,
        remote=remote,
        note=None,
    )


def _skipped(ground: Ground, known: RepDay, one: Skipped) -> dict[str, Any]:
    cost = one.forced_cost
    return {
        "account": one.id,
        "name": known.name(one.id) if one.id in ground.accounts else one.id,
        "reason": one.reason,
        "detail": one.detail or REASONS.get(one.reason, one.reason),
        "forced_cost": cost and {"drops": list(cost.drops), "travel_s": cost.travel_s},
    }


def _by_hand(ground: Ground, known: RepDay, state: State) -> list[dict[str, Any]]:
    """Visits left out by the rep, or given to a colleague."""
    found = []
    for row in state.settled:
        if row.state in ("skipped", "handed_over"):
            to = row.to if row.to in ground.reps else None
            who = to and (ground.rep(to).name or to)
            detail = f"handed over to {who}" if who else row.note or "left out by hand"
            reason = "handed_over" if who else "by_hand"
            cell = {"account": row.account, "name": known.name(row.account), "reason": reason, "detail": detail}
            found.append({**cell, "forced_cost": None, "to": to})
    return found


def _line(ground: Ground, rep: str, state: State, route: DayRoute) -> tuple[Place, ...]:
    """The way of the whole day: what was driven, in the order it happened, and what is left."""
    home = ground.scenario.home(ground.reps[rep])
    driven = [row.account for row in state.settled if row.state in ("done", "no_show")]
    names = [name for name in [*driven, *(stop.id for stop in route.stops)] if name not in state.remote]
    points = [home, *(ground.accounts[name] for name in names), home]
    corners: list[Place] = []
    for origin, destination in pairwise(points):
        if origin != destination:
            corners += ground.way(origin, destination)
    step = max(1, -(-len(corners) // (MOST_CORNERS - 1)))
    thin = [*corners[:-1:step], *corners[-1:]]
    line = [(round(lat, 5), round(lon, 5)) for lat, lon in thin]
    return tuple(corner for k, corner in enumerate(line) if k == 0 or corner != line[k - 1])
