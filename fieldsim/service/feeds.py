"""A rep's calendar: every day of the quarter as it stands, visits that were called off marked as cancelled."""

from __future__ import annotations

from dataclasses import replace
from datetime import date as Date

from sqlalchemy import func, select

from fieldsim import api
from fieldsim.model import Stop
from fieldsim.report.day import RepDay, days_ics
from fieldsim.service import stored, views
from fieldsim.service import tables as t
from fieldsim.service.database import Database
from fieldsim.service.first import planned_day
from fieldsim.service.ground import Ground
from fieldsim.service.state import State, from_text


def day_of(ground: Ground, rep: str, day: Date, state: State, version: int) -> RepDay:
    """A day with the visits that were planned or agreed for it and are off now."""
    known = views.rep_day(ground, rep, day, state, version)
    before = {stop.id: stop for stop in planned_day(ground, rep, day).route.stops}
    for row in state.settled:
        if row.account not in before and row.planned_start_s is not None:
            start = row.planned_start_s
            before[row.account] = Stop(row.account, None, 0, start, start, start + 1800)
    there = {stop.id for stop in state.route.stops} | {row.account for row in state.settled if row.state in ("done", "no_show")}
    rows = {point: row for row, point in enumerate(known.points)}
    off, points = [], list(known.points)
    for name, stop in sorted(before.items()):
        if name in there:
            continue
        point = ground.accounts[name]
        if point not in rows:
            rows[point] = len(points)
            points.append(point)
        off.append(replace(stop, at=None if name in state.remote else rows[point]))
    return replace(known, called_off=tuple(off), points=tuple(points))


def calendar(ground: Ground, database: Database, rep: str) -> str:
    """The rep's quarter as a calendar file."""
    changed = dict(stored.all_current(database, rep))
    found = []
    for day in ground.working_days(rep, _quarter(ground)):
        version = changed.get(day)
        state = planned_day(ground, rep, day) if version is None else from_text(version.state)
        found.append(day_of(ground, rep, day, state, 0 if version is None else version.number))
    return days_ics(found)


def calendar_tag(ground: Ground, database: Database, rep: str) -> str:
    """Changes whenever the calendar does."""
    with database.read() as connection:
        row = connection.execute(
            select(func.count(), func.coalesce(func.sum(t.days.c.version), 0)).where(t.days.c.rep == rep)
        ).one()
    return f'"{ground.scenario.content[:12]}-{ground.design.name.encode().hex()[:16]}-{_quarter(ground)}-{row[1]}"'


def _quarter(ground: Ground) -> int:
    today = ground.today()
    return api.quarter_of(ground.scenario, today) if today >= ground.scenario.start else 0
