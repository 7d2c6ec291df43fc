"""The rep's pages: a day, its changes by plain forms, and who could fill a gap."""

from __future__ import annotations

import json
from datetime import date as Date
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from fieldsim import api
from fieldsim.errors import DataError
from fieldsim.service import days
from fieldsim.service.errors import Refusal
from fieldsim.service.ground import Ground
from fieldsim.service.pages.forms import change_of, key_of
from fieldsim.service.pages.paper import render
from fieldsim.service.pages.visit import Visit, fields_of, visitor
from fieldsim.service.pages.words import View, late_minutes, legs

router = APIRouter()
Facts = dict[str, Any]
NO_STORE = {"Cache-Control": "no-store"}


@router.get("/")
def day_page(request: Request, date: str = "today", rep: str = "") -> Response:
    """A day of a rep: the own one of today, or as the address says."""
    here = visitor(request)
    if here is None:
        return RedirectResponse("/in", 303)
    whose = here.whose(rep)
    if whose is None:
        return RedirectResponse("/ops", 303)
    return _page(here, whose, date)


@router.post("/day/{date}/change")
async def change_day(request: Request, date: str) -> Response:
    """A form of the day's page, then the day again."""
    from starlette.concurrency import run_in_threadpool

    fields = await fields_of(request)
    return await run_in_threadpool(_changed, request, date, fields)


def _changed(request: Request, date: str, fields: dict[str, str]) -> Response:
    here = visitor(request)
    if here is None:
        return RedirectResponse("/in", 303)
    rep = here.writes(here.whose(fields.get("rep", "")) or "")
    here.await_plan(rep, days.read_day(here.ground, rep, date))
    try:
        change = change_of(fields)
        days.change_text(here.ground, here.database, rep, date, key_of(fields, change), change, who=here.who.key_id)
    except Refusal as error:
        return _page(here, rep, date, error=error, status=error.status)
    return RedirectResponse(_address(here, rep, date), 303)


@router.get("/gaps")
def gaps_page(request: Request, date: str = "today", rep: str = "") -> Response:
    """Who could fill a gap of the day."""
    from fieldsim.service import gaps

    here = visitor(request)
    if here is None:
        return RedirectResponse("/in", 303)
    whose = here.whose(rep) or ""
    here.await_plan(whose, days.read_day(here.ground, whose, date))
    view = json.loads(days.view_text(here.ground, here.database, whose, date))
    found = gaps.candidates(here.ground, here.database, whose, view["date"])
    back = _address(here, whose, view["date"])
    return HTMLResponse(render("gaps.html", view=view, candidates=found, back=back, writes=here.may_write), headers=NO_STORE)


def _page(here: Visit, rep: str, date: str, *, error: Refusal | None = None, status: int = 200) -> Response:
    day = days.read_day(here.ground, rep, date)
    here.await_plan(rep, day)
    view, empty = _view(here, rep, day)
    facts = {
        "view": view,
        "empty": empty,
        "error": error,
        "date": day,
        "name": here.ground.rep(rep).name or rep,
        "who": here.who,
        "writes": here.may_write,
        "today": day == here.ground.today(),
        "today_or_later": day >= here.ground.today(),
        **_neighbours(here, rep, day),
        **(_drawn(view) if view else {}),
    }
    return HTMLResponse(render("day.html", **facts), status, headers=NO_STORE)


def _view(here: Visit, rep: str, day: Date) -> tuple[View | None, Facts]:
    """The day, or None and why there is none: `day_off` or `outside` the plan, with the next day there is."""
    try:
        found = days.view_text(here.ground, here.database, rep, day.isoformat(), calendar=here.owns(rep))
    except Refusal as error:
        if error.code not in ("day_off", "outside"):
            raise
        following = str(error.more.get("next") or "")
        after = Date.fromisoformat(following) if following else None
        return None, {"kind": error.code, "next": after, "url": _address(here, rep, following)}
    return json.loads(found), {"kind": "none", "next": None}


def _drawn(view: View) -> Facts:
    """What the template needs beside the view."""
    names = {each["account"]: each["name"] for each in (*view["skipped"], *view["stops"])}
    difference = view["difference"] or {"added": (), "dropped": ()}
    numbers = {stop["account"]: number for number, stop in enumerate(view["stops"], 1)}
    return {
        "numbers": numbers,
        "legs": legs(view, numbers),
        "names": names,
        "added": [names.get(each, each) for each in difference["added"]],
        "dropped": [names.get(each, each) for each in difference["dropped"]],
        "behind": late_minutes(view),
    }


def _neighbours(here: Visit, rep: str, day: Date) -> Facts:
    """The working days before and after, as far as the scenario goes."""
    before, after = (_working(here.ground, rep, day, step) for step in (-1, 1))
    return {
        "previous": before and {"date": before, "url": _address(here, rep, before.isoformat())},
        "next": after and {"date": after, "url": _address(here, rep, after.isoformat())},
    }


def _working(ground: Ground, rep: str, day: Date, step: int) -> Date | None:
    """The next working day in one direction, looking five weeks far; nobody waits here for another quarter's plan."""
    try:
        own = api.quarter_of(ground.scenario, day)
        for distance in range(1, 36):
            other = day + timedelta(days=step * distance)
            quarter = api.quarter_of(ground.scenario, other)
            if other in (ground.working_days(rep, own) if quarter == own else ground.scenario.working_days(quarter)):
                return other
    except DataError:
        return None
    return None


def _address(here: Visit, rep: str, date: str) -> str:
    """The day's page; without a query for today's own, so that one address is kept on the phone."""
    query = {} if date in ("today", here.ground.today().isoformat()) else {"date": date}
    if here.who.rep != rep:
        query["rep"] = rep
    return f"/?{urlencode(query)}" if query else "/"
