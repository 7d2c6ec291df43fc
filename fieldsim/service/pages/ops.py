"""The desk of sales operations: today's reps, designs on maps, runs, keys and corrections; every button a plain form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date as Date
from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from fieldsim import api
from fieldsim.model import Design
from fieldsim.service import keys
from fieldsim.service.corrections import corrections
from fieldsim.service.errors import Refusal, not_found
from fieldsim.service.handover import hand_over, take_back
from fieldsim.service.pages import board, runs
from fieldsim.service.pages.desk import back, taken, told
from fieldsim.service.pages.figures import FACTS, facts_of
from fieldsim.service.pages.maps import MOST, maps_page
from fieldsim.service.pages.paper import render
from fieldsim.service.pages.visit import Visit, fields_of, ops_visitor, visitor
from fieldsim.service.pages.words import count

router = APIRouter()
Facts = dict[str, Any]


@router.get("/ops")
def desk(request: Request, date: str = "today", show: list[str] = Query(default=[])) -> Response:  # noqa: B008
    """The whole desk on one page."""
    if visitor(request) is None:
        return RedirectResponse("/in", 303)
    here = ops_visitor(request)
    said = told(request)
    page = _desk(here, date=date, show=show, said=said)
    return taken(page) if said else page


@router.get("/ops/maps")
def maps(request: Request, show: list[str] = Query(default=[])) -> Response:  # noqa: B008
    """Designs on linked maps, for the frame of the desk."""
    here = ops_visitor(request)
    page, policy = maps_page(here.ground.scenario, _designs(here, _shown(here, show)))
    return HTMLResponse(page, headers={"Content-Security-Policy": policy})


@router.post("/ops/hand-over")
async def give_day(request: Request) -> Response:
    """The rest of a rep's day to a colleague."""
    return await _done(request, _hand_over, "today")


@router.post("/ops/take-back")
async def give_back(request: Request) -> Response:
    """What a colleague took over, back to the rep."""
    return await _done(request, _take_back, "today")


@router.post("/ops/keys")
async def give_key(request: Request) -> Response:
    """A new key, shown in the answer and never again."""
    here, fields = ops_visitor(request, write=True), await fields_of(request)
    return await run_in_threadpool(_give_key, request, here, fields)


@router.post("/ops/keys/{key_id}/revoke")
def revoke_key(request: Request, key_id: str) -> Response:
    """End a key with all its sessions."""
    here = ops_visitor(request, write=True)
    if key_id == here.who.key_id:
        raise Refusal(409, "conflict", "this is the key you are signed in with", hint="sign in with another one to revoke it")
    if not keys.revoke_key(here.database, key_id, here.ground.now()):
        raise not_found("there is no such key")
    return back("keys", "The key and its sessions have ended.")


def _hand_over(here: Visit, fields: Mapping[str, str]) -> str:
    rep, to = fields.get("rep", ""), fields.get("to", "")
    key = f"{fields.get('key', '')[:60]}.{to}"[:100]
    found = hand_over(here.ground, here.database, rep, fields.get("date", ""), to, key, who=here.who.key_id)
    return _handed(found, here.ground.rep(to).name or to)


def _take_back(here: Visit, fields: Mapping[str, str]) -> str:
    rep, colleague = fields.get("rep", ""), fields.get("from", "")
    key = f"{fields.get('key', '')[:60]}.back.{colleague}"[:100]
    found = take_back(here.ground, here.database, rep, fields.get("date", ""), colleague, key, who=here.who.key_id)
    left = [row["name"] for row in found["left_out"]]
    rest = f"; no room is left for {', '.join(left)}" if left else ""
    name = here.ground.rep(rep).name or rep
    return f"{name} has the day back: {count(sum(s['state'] == 'planned' for s in found['to']['stops']), 'stop')} to go{rest}."


def _handed(found: Mapping[str, Any], name: str) -> str:
    """What a hand-over did, the price that the colleague's own day pays included."""
    given = {row["account"] for row in found["from"]["skipped"] if row["reason"] == "handed_over"}
    left = [row["name"] for row in found["left_out"]]
    stayed = sum(stop["state"] == "planned" for stop in found["from"]["stops"])
    dropped = set((found["to"]["difference"] or {"dropped": ()})["dropped"]) - given
    own = [row["name"] for row in found["to"]["skipped"] if row["account"] in dropped]
    rest = f"no room is left for {', '.join(left)}" if left else "all of them fit"
    said = [f"{count(len(given), 'stop')} went to {name}; {rest}."]
    said += [f"Left out of {name}'s own day for them: {', '.join(own)}."] if own else []
    said += [f"{count(stayed, 'stop')} under way by plan {'stays' if stayed == 1 else 'stay'}."] if stayed else []
    return " ".join(said)


async def _done(request: Request, act: Any, place: str) -> Response:
    """Do what a form asks and go back to its part of the desk, with a word about it."""
    here, fields = ops_visitor(request, write=True), await fields_of(request)
    try:
        said = await run_in_threadpool(act, here, fields)
    except Refusal as error:
        return back(place, f"{error.message}{f': {error.hint}' if error.hint else ''}", bad=True)
    return back(place, said)


def _give_key(request: Request, here: Visit, fields: Mapping[str, str]) -> Response:
    role, _, rep = fields.get("for", "").partition(":")
    if role not in keys.ROLES or (role == "rep") != bool(rep) or (rep and rep not in here.ground.seats):
        raise Refusal(422, "bad_request", "a key is for a rep, for ops or to read")
    _, key = keys.give_key(here.database, role, rep or None, fields.get("label", "").strip(), here.ground.now())
    whom = {"ops": "sales operations", "read": "reading"}.get(role) or here.ground.rep(rep).name or rep
    link = f"{request.url.scheme}://{request.url.netloc}/in#{key}"
    return _desk(here, given={"whom": whom, "key": key, "link": link})


def _desk(
    here: Visit, *, date: str = "today", show: Sequence[str] = (), said: Facts | None = None, given: Facts | None = None
) -> Response:
    ground, shown = here.ground, _shown(here, show)
    day = here.ground.today() if date == "today" else api.read_date(date)
    page = render(
        "ops.html",
        who=here.who,
        scenario=ground.scenario.name,
        design=ground.design.name,
        current=ground.scenario.current,
        reps=[rep for rep in ground.scenario.reps if rep.id in ground.seats],
        names={rep.id: rep.name for rep in ground.scenario.reps if rep.name},
        said=said,
        given=given,
        date=day,
        before=_beside(day, -1),
        after=_beside(day, 1),
        **board.today(here, day),
        designs=[{"name": name} for name in api.design_names(ground.scenario)],
        shown=shown,
        facts=facts_of(ground.scenario, _designs(here, shown), _current(here)),
        fact_rows=FACTS,
        **runs.shown(here),
        writes=here.may_write,
        keys=_keys(here) if here.may_write else [],
        corrections=board.corrected(corrections(ground.scenario.accounts, here.database), ground.scenario.timezone),
        zone=ground.scenario.timezone,
    )
    return HTMLResponse(page)


def _beside(day: Date, step: int) -> Date:
    """The day before or after, as long as there is one in the calendar."""
    return day + timedelta(days=step) if Date.min < day < Date.max else day


def _keys(here: Visit) -> list[Facts]:
    """Keys that hold, the latest first, then those that have ended."""
    found = keys.list_keys(here.database)[::-1]
    return sorted(found, key=lambda each: each["revoked"] is not None)


def _shown(here: Visit, asked: Sequence[str]) -> list[str]:
    """The designs that were asked for, else the one in force, the one in service and the next ones."""
    known = api.design_names(here.ground.scenario)
    first = [here.ground.scenario.current or "", here.ground.design.name, *known]
    wanted = [name for name in asked if name in known] or list(dict.fromkeys(name for name in first if name in known))[:2]
    return wanted[:MOST]


def _designs(here: Visit, names: Sequence[str]) -> list[Design]:
    return [api.read_design(here.ground.scenario, name) for name in names]


def _current(here: Visit) -> Design | None:
    name = here.ground.scenario.current
    return api.read_design(here.ground.scenario, name) if name in api.design_names(here.ground.scenario) else None
