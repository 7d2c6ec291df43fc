"""A rep's days: read them, change them, fill their gaps."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Request, Response
from starlette.concurrency import run_in_threadpool

from fieldsim.service import days, gaps, stored
from fieldsim.service.asked import Change
from fieldsim.service.guard import may_change, may_see, who

router = APIRouter(prefix="/api", tags=["rep"])
RepId = Annotated[str, Path(max_length=200, description="a rep's id")]
Day = Annotated[str, Path(max_length=10, description="YYYY-MM-DD or today")]
Key = Annotated[str, Header(alias="Idempotency-Key", min_length=8, max_length=100, pattern=r"^[!-~]+$")]


def as_json(text: str) -> Response:
    """JSON text as an answer."""
    return Response(text, media_type="application/json")


@router.get("/me")
def me(request: Request) -> dict[str, Any]:
    """Say who the key belongs to and what is served."""
    found, ground = who(request), request.app.state.ground
    name = ground.rep(found.rep).name if found.rep in ground.reps else None
    served = {"design": ground.design.name, "scenario": ground.scenario.name, "today": ground.today().isoformat()}
    return {"role": found.role, "rep": found.rep, "name": name, **served}


@router.get("/reps/{rep}/days")
def quarter(request: Request, rep: RepId) -> dict[str, Any]:
    """List the quarter's working days of a rep."""
    may_see(request, rep)
    ground, database = request.app.state.ground, request.app.state.database
    days.read_day(ground, rep, "today")
    return {"days": days.quarter_days(ground, database, rep)}


@router.get("/reps/{rep}/days/{date}", responses={200: {"content": {"application/json": {}}}})
async def day(request: Request, rep: RepId, date: Day) -> Response:
    """Show a day: stops in order with times, what is left out and why, links to navigate."""
    found = may_see(request, rep)
    ground, database = request.app.state.ground, request.app.state.database
    calendar = found.role != "read"
    if database.local:
        meant = days.read_day(ground, rep, date)
        known = stored.current_with_calendar(database, rep, meant)
        if known is not None:
            return as_json(days.sent(ground, database, rep, meant, known[0], calendar=calendar, token=known[1]))
    return as_json(await run_in_threadpool(days.view_text, ground, database, rep, date, calendar=calendar))


@router.post("/reps/{rep}/days/{date}/changes", responses={200: {"content": {"application/json": {}}}})
def change(request: Request, rep: RepId, date: Day, body: Change, key: Key) -> Response:
    """Report an outcome or change the day; the same Idempotency-Key again gives the same answer."""
    found = may_change(request, rep)
    ground, database = request.app.state.ground, request.app.state.database
    return as_json(days.change_text(ground, database, rep, date, key, body, who=found.key_id, calendar=True))


@router.get("/reps/{rep}/days/{date}/gaps")
def fill(request: Request, rep: RepId, date: Day) -> dict[str, Any]:
    """Suggest visits that would fit into what is left of a day, the shortest detour first."""
    may_see(request, rep)
    return {"candidates": gaps.candidates(request.app.state.ground, request.app.state.database, rep, date)}
