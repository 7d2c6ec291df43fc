"""What would fit into what is left of a day: left-out and due visits, the shortest detour first."""

from __future__ import annotations

from dataclasses import replace
from datetime import date as Date
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from fieldsim import api
from fieldsim.planning import book_of
from fieldsim.planning.rhythm import least_gap
from fieldsim.report.words import long_date
from fieldsim.routing.ordered import follow_order
from fieldsim.service import days
from fieldsim.service import tables as t
from fieldsim.service.database import Database
from fieldsim.service.ground import Ground
from fieldsim.service.past import known
from fieldsim.service.remaining import Setting, left_of
from fieldsim.service.replan import rest_of, under_way
from fieldsim.service.state import State, from_text

MOST = 10
LOOKED_AT = 24
"""Nearest accounts whose place in the day is worked out."""


def candidates(ground: Ground, database: Database, rep: str, date: str) -> list[dict[str, Any]]:
    """At most ten accounts of the rep's book that are due and fit without dropping anything or moving an agreed time."""
    day = days.read_day(ground, rep, date)
    state = from_text(days.opened(ground, database, rep, day).state)
    now = ground.now()
    time = now.hour * 3600 + now.minute * 60 + now.second if day == now.date() else None
    setting = Setting(ground, rep, day, time)
    due = _due(ground, database, rep, day, state)
    before = known(ground, database, day, list(due))
    rows = []
    for name in _nearest(ground, rep, state, list(due)):
        fit = _fitted(ground, rep, day, setting, state, name)
        if fit is None:
            continue
        detour, start = fit
        account = ground.accounts[name]
        address = ", ".join(p for p in (ground.scenario.accounts.address[account], ground.scenario.accounts.city[account]) if p)
        last = before[name].last_visit if name in before else None
        why, owed, done = due[name]
        rows.append(
            {
                "account": name,
                "name": ground.scenario.accounts.name[account] or name,
                "address": address,
                "detour_minutes": round(detour / 60, 1),
                "start_s": start,
                "why": why,
                "due": owed,
                "done": done,
                "last_visit": last,
            }
        )
    return sorted(rows, key=lambda row: (row["detour_minutes"], row["account"]))[:MOST]


def _due(ground: Ground, database: Database, rep: str, day: Date, state: State) -> dict[str, tuple[str, int, int]]:
    """Accounts of the rep's book that are owed a visit now: why, visits due in the quarter, visits held so far."""
    plan = ground.plan(rep, api.quarter_of(ground.scenario, day))
    part, ids = plan.territories[ground.seats[rep]], ground.scenario.accounts.ids
    first = plan.days[0].isoformat()
    with database.read() as connection:
        past = t.visits.c.date.between(first, (day - timedelta(days=1)).isoformat())
        columns = (t.visits.c.rep, t.visits.c.account, t.visits.c.date, t.visits.c.outcome)
        told = connection.execute(select(*columns).where(past)).all()
    book = book_of(ground.design, ground.seats[rep], plan.due)
    shared = {ids[account] for account in book.runs}
    # of an account that others have their share of, each counts their own visits
    reported = {(row.account, row.date): row.outcome for row in told if row.rep == rep or row.account not in shared}
    seen = [(row.account, row.date) for row in told if row.account in shared and row.outcome == "held"]
    dates: dict[str, list[Date]] = {}
    for account, number in zip(part.account.tolist(), part.day.tolist(), strict=True):
        dates.setdefault(ids[account], []).append(plan.days[number])
    unplaced = {ids[row.account]: row.count for row in part.unplaced}
    settled = {row.account for row in state.settled if row.state != "skipped"}
    found = {}
    for account, owed in zip(book.accounts.tolist(), book.due.tolist(), strict=True):
        name = ids[account]
        if name in state.order() or name in settled or not owed:
            continue
        earlier = {d.isoformat() for d in dates.get(name, []) if d < day}
        extra = {d for a, d in reported if a == name} - earlier
        held = sorted(d for d in earlier | extra if reported.get((name, d), "held") == "held")
        lost = sorted(d for d in earlier | extra if reported.get((name, d), "held") != "held")
        gap = least_gap(int(plan.due[account]), len(plan.days))
        last = max([*held, *(d for a, d in seen if a == name)], default=None)
        if len(held) >= owed or (last and (day - Date.fromisoformat(last)).days < gap):
            continue
        later = [d for d in dates.get(name, []) if d > day]
        why = _why(lost, unplaced.get(name, 0), later, name in state.open)
        if why and not (later and (later[0] - day).days > gap and not lost):
            found[name] = (why, owed, len(held))
    return found


def _why(lost: list[str], unplaced: int, later: list[Date], open_today: bool) -> str | None:
    if open_today:
        return "left out of today"
    if lost:
        return f"missed on {long_date(Date.fromisoformat(lost[-1]))}"
    if unplaced:
        return "no day was found for it in the quarter's plan"
    return f"planned for {long_date(later[0])}, could be brought forward" if later else "due, without a day"


def _nearest(ground: Ground, rep: str, state: State, names: list[str]) -> list[str]:
    """The accounts with the least detour by the matrix, whatever the time."""
    if not names:
        return []
    left = [name for name in state.order() if name not in state.remote]
    home = ground.scenario.home(ground.reps[rep])
    here = home if state.at is None else ground.accounts[state.at]
    way = [here, *(ground.accounts[name] for name in left), home]
    points = [*way, *(ground.accounts[name] for name in names)]
    seconds = ground.travel.matrix(points).seconds[0]
    k = len(way)
    detour = (seconds[: k - 1, k:] + seconds[k:, 1:k].T - seconds[range(k - 1), range(1, k)][:, None]).min(axis=0)
    return [names[i] for i in detour.argsort(kind="stable")[:LOOKED_AT].tolist()]


def _fitted(ground: Ground, rep: str, day: Date, setting: Setting, state: State, name: str) -> tuple[int, int] | None:
    """Extra travel and start of the account at its best place in what is left, None if that costs another visit."""
    first = () if setting.time_s is None else under_way(state, setting.time_s)
    at = next((stop.id for stop in reversed(first) if stop.id not in state.remote), state.at)
    ready = state.ready_s
    if setting.time_s is not None:
        ready = max(setting.time_s, state.ready_s or 0, first[-1].leave_s if first else 0)
    left = [n for n in left_of(setting, state) if n in state.order()]
    base = replace(state, open=tuple(left), at=at, ready_s=ready)
    order = [n for n in state.order() if n in left]
    before = follow_order(rest_of(ground, rep, day, base).problem, order)
    with_it = follow_order(rest_of(ground, rep, day, replace(base, open=tuple(sorted([*left, name])))).problem, order)
    starts = {stop.id: stop.start_s for stop in with_it.stops}
    if name not in starts or any(stop.id not in starts for stop in before.stops):
        return None
    return with_it.travel_s - before.travel_s, starts[name]
