"""A rep's day as it stands: the plan's route, then one version after each change."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date as Date
from typing import Any

from fieldsim import api
from fieldsim.service import dayview, keys, past, stored
from fieldsim.service.asked import Change
from fieldsim.service.database import Database
from fieldsim.service.dayview import DayView
from fieldsim.service.errors import Refusal, not_found
from fieldsim.service.first import planned_day
from fieldsim.service.ground import Ground
from fieldsim.service.once import Request, seconds_of, young
from fieldsim.service.state import from_text
from fieldsim.service.stored import Version, current


def view(ground: Ground, database: Database, rep: str, date: str, *, calendar: bool = False) -> DayView:
    """The day as it stands now; `date` is YYYY-MM-DD or `today`. Refusal: no such rep, no such day, a day off (with the next)."""
    return dayview.read_view(json.loads(view_text(ground, database, rep, date, calendar=calendar)))


def view_text(ground: Ground, database: Database, rep: str, date: str, *, calendar: bool = False) -> str:
    """The same as JSON text: one look-up once the day has been asked for."""
    day = read_day(ground, rep, date)
    return sent(ground, database, rep, day, opened(ground, database, rep, day), calendar=calendar)


def opened(ground: Ground, database: Database, rep: str, day: Date) -> Version:
    """The current version; the plan's, where nobody has asked for the day before."""
    found = current(database, rep, day)
    if found is not None:
        return found
    made = stored.rendered(ground, database, rep, day, planned_day(ground, rep, day), 0)
    return stored.first(database, rep, day, made)


def read_day(ground: Ground, rep: str, date: str) -> Date:
    """The date that is meant; Refusal where it is none, or nobody of that id is there."""
    if rep not in ground.seats:
        raise not_found("there is no such rep here")
    try:
        if date != "today" and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", date):
            raise ValueError
        return ground.today() if date == "today" else Date.fromisoformat(date)
    except ValueError as error:
        raise Refusal(422, "bad_request", "this is no date", hint="write YYYY-MM-DD or today") from error


def sent(
    ground: Ground, database: Database, rep: str, day: Date, found: Version, *, calendar: bool, token: str | None = None
) -> str:
    """A version's view completed with what holds at this moment; `token` spares the look-up of the calendar's address."""
    now = ground.now()
    if calendar and token is None:
        token = keys.calendar_token(database, rep)
    return dayview.completed(
        found.view,
        found.agreed,
        now_s=seconds_of(now) if now.date() == day else None,
        can_undo=young(ground, found.changed, now),
        calendar=f"/calendar/{token}.ics" if calendar else None,
        freeze_s=60 * ground.settings.freeze_minutes,
    )


def change(
    ground: Ground,
    database: Database,
    rep: str,
    date: str,
    key: str,
    change: Change | Mapping[str, Any],
    *,
    who: str | None = None,
    calendar: bool = False,
) -> DayView:
    """Apply a change once: the same key again gives the same answer. Refusal (409) where it makes no sense any more."""
    return dayview.read_view(json.loads(change_text(ground, database, rep, date, key, change, who=who, calendar=calendar)))


def change_text(
    ground: Ground,
    database: Database,
    rep: str,
    date: str,
    key: str,
    change: Change | Mapping[str, Any],
    *,
    who: str | None = None,
    calendar: bool = False,
) -> str:
    """The same as JSON text."""
    asked = change if isinstance(change, Change) else Change.model_validate(change)
    day = read_day(ground, rep, date)
    opened(ground, database, rep, day)
    found = Request(ground, database, rep, day, key, asked, who).done()
    if asked.kind in (*past.OUTCOMES, "undo", "note"):
        _refresh(ground, database, rep, day, found, asked.account)
    return sent(ground, database, rep, day, found, calendar=calendar)


def _refresh(ground: Ground, database: Database, rep: str, day: Date, found: Version, account: str | None) -> None:
    """Render later days again that were looked at already and hold an account of this day: its last visit may have changed."""
    names = {account} if account else {stop.id for stop in from_text(found.state).route.stops}
    for later, version in stored.all_current(database, rep, day):
        state = from_text(version.state)
        if not names & {*state.open, *(row.account for row in state.settled)}:
            continue
        fresh = stored.rendered(ground, database, rep, later, state, version.number, version.changed)
        if fresh.view != version.view:
            stored.rewrite(database, rep, later, fresh)


def quarter_days(ground: Ground, database: Database, rep: str) -> list[dict[str, Any]]:
    """The quarter's working days of a rep with what stands for each: the plan, or the current version."""
    today = ground.today()
    quarter = api.quarter_of(ground.scenario, today) if ground.scenario.start <= today else 0
    plan = ground.plan(rep, quarter)
    part = plan.territories[ground.seats[rep]]
    rows: dict[Date, dict[str, Any]] = {}
    for number, finish in zip(part.work_day.tolist(), part.finish_s.tolist(), strict=True):
        starts = part.start_s[part.day == number].tolist()
        rows[plan.days[number]] = _day_row(plan.days[number], starts, finish)
    for day, version in stored.all_current(database, rep):
        if day in rows:
            shown = json.loads(version.view)
            starts = [stop["start_s"] for stop in shown["stops"] if stop["start_s"] is not None]
            rows[day] = _day_row(day, starts, shown["finish_s"])
    return list(rows.values())


def _day_row(day: Date, starts: list[int], finish_s: int) -> dict[str, Any]:
    return {"date": day.isoformat(), "stops": len(starts), "first_start_s": min(starts, default=None), "finish_s": finish_s}
