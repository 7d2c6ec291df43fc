"""What ops do: keys, hand-overs, corrections, jobs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from fieldsim import api
from fieldsim.service import corrections as found_wrong
from fieldsim.service import jobs, keys
from fieldsim.service.errors import Refusal, not_found
from fieldsim.service.guard import is_ops
from fieldsim.service.handover import hand_over, take_back
from fieldsim.service.jobs import Question
from fieldsim.service.routes.rep import Day, Key, RepId, as_json

router = APIRouter(tags=["ops"])
Name = Annotated[str, Path(max_length=24)]
SANDBOX = (
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:; frame-ancestors 'self'"
)
"""A report is one file with its scripts inside: it runs cut off from the service, its keys and the network."""
LOOK_S = 0.4
LONGEST_S = 3600


class NewKey(BaseModel):
    """Which key to make."""

    model_config = ConfigDict(extra="forbid")

    role: Literal["rep", "ops", "read"]
    rep: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    label: Annotated[str, Field(max_length=200)] = ""


class HandOver(BaseModel):
    """Who takes the rest of the day."""

    model_config = ConfigDict(extra="forbid")

    to: Annotated[str, Field(min_length=1, max_length=200)]


class TakeBack(BaseModel):
    """Who had taken it over."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    colleague: Annotated[str, Field(min_length=1, max_length=200, alias="from")]


@router.get("/healthz")
def healthy() -> dict[str, str]:
    """Say that the server is up."""
    return {"status": "ok"}


@router.post("/api/reps/{rep}/days/{date}/hand-over")
def give_day(request: Request, rep: RepId, date: Day, body: HandOver, key: Key) -> dict[str, Any]:
    """Give the rest of a rep's day to a colleague in one step."""
    found = is_ops(request)
    return hand_over(request.app.state.ground, request.app.state.database, rep, date, body.to, key, who=found.key_id)


@router.post("/api/reps/{rep}/days/{date}/take-back")
def give_back(request: Request, rep: RepId, date: Day, body: TakeBack, key: Key) -> dict[str, Any]:
    """Give a rep back what a colleague took over and has not settled."""
    found = is_ops(request)
    return take_back(request.app.state.ground, request.app.state.database, rep, date, body.colleague, key, who=found.key_id)


@router.get("/api/keys")
def list_keys(request: Request) -> dict[str, Any]:
    """List the keys, without their secrets."""
    _only_ops(request)
    return {"keys": keys.list_keys(request.app.state.database)}


@router.post("/api/keys", status_code=201)
def give_key(request: Request, body: NewKey) -> dict[str, Any]:
    """Make a key; its secret and sign-in link are shown this once."""
    _only_ops(request)
    ground = request.app.state.ground
    if (body.role == "rep" and body.rep is None) or (body.role == "ops" and body.rep is not None):
        raise Refusal(422, "bad_request", "a rep's key names the rep, an ops key none", column="rep")
    if body.rep is not None and body.rep not in ground.seats:
        raise Refusal(422, "bad_request", f"no rep '{body.rep}' in this design", column="rep")
    name, key = keys.give_key(request.app.state.database, body.role, body.rep, body.label, ground.settings.clock())
    return {"id": name, "key": key, "link": f"{request.base_url}in#{key}", "role": body.role, "rep": body.rep}


@router.delete("/api/keys/{id}")
def revoke_key(request: Request, id: Name) -> dict[str, str]:
    """End a key and all that was signed in with it."""
    _only_ops(request)
    if not keys.revoke_key(request.app.state.database, id, request.app.state.settings.clock()):
        raise not_found("there is no such key")
    return {"revoked": id}


def _only_ops(request: Request) -> None:
    """Keys are no read key's business."""
    is_ops(request, write=True)


@router.get("/api/corrections")
def corrections(request: Request) -> dict[str, Any]:
    """List places and opening hours that reps found wrong."""
    is_ops(request, write=False)
    return {"corrections": found_wrong.corrections(request.app.state.ground.scenario.accounts, request.app.state.database)}


@router.get("/api/corrections.csv", responses={200: {"content": {"text/csv": {}}}})
def corrections_csv(request: Request) -> Response:
    """Give the same as CSV."""
    is_ops(request, write=False)
    rows = found_wrong.corrections(request.app.state.ground.scenario.accounts, request.app.state.database)
    headers = {"content-disposition": 'attachment; filename="corrections.csv"'}
    return Response(found_wrong.corrections_csv(rows), media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/api/designs")
def designs(request: Request) -> dict[str, Any]:
    """List the scenario's designs: which is in force, which is served."""
    is_ops(request, write=False)
    ground = request.app.state.ground
    names = api.design_names(ground.scenario)
    return {"designs": [{"design": n, "current": n == ground.scenario.current, "served": n == ground.design.name} for n in names]}


@router.post("/api/jobs", status_code=201)
def start_job(request: Request, body: Question) -> dict[str, Any]:
    """Queue a comparison or a stress run."""
    found = is_ops(request)
    return jobs.submit(request.app.state.ground, request.app.state.database, body, found.key_id)


@router.get("/api/jobs")
def list_jobs(request: Request) -> dict[str, Any]:
    """List the jobs, latest first."""
    is_ops(request, write=False)
    return {"jobs": jobs.all_jobs(request.app.state.database)}


@router.get("/api/jobs/{id}")
def show_job(request: Request, id: Name) -> dict[str, Any]:
    """Show how far a job is."""
    is_ops(request, write=False)
    return jobs.job(request.app.state.database, id)


@router.post("/api/jobs/{id}/cancel")
def cancel_job(request: Request, id: Name) -> dict[str, Any]:
    """Stop a job."""
    is_ops(request)
    return jobs.cancel(request.app.state.ground, request.app.state.database, id)


@router.get("/api/jobs/{id}/answer", responses={200: {"content": {"application/json": {}}}})
def answer(request: Request, id: Name) -> Response:
    """Give a job's answer as the command prints it with --json."""
    is_ops(request, write=False)
    return as_json(jobs.result(request.app.state.database, id, "answer"))


@router.get("/api/jobs/{id}/report", responses={200: {"content": {"text/html": {}}}})
def report(request: Request, id: Name) -> Response:
    """Give a job's report, one page that needs no network."""
    is_ops(request, write=False)
    headers = {"content-security-policy": SANDBOX}
    return Response(jobs.result(request.app.state.database, id, "report"), media_type="text/html; charset=utf-8", headers=headers)


@router.get("/api/jobs/{id}/events", responses={200: {"content": {"text/event-stream": {}}}})
async def events(request: Request, id: Name) -> StreamingResponse:
    """Tell how a job goes on, as server-sent events: `progress`, and `done` at its end."""
    is_ops(request, write=False)
    database = request.app.state.database
    first = await run_in_threadpool(jobs.job, database, id)

    async def told() -> AsyncIterator[str]:
        shown, now, quiet = None, first, 0.0
        for _ in range(int(LONGEST_S / LOOK_S)):
            if now["status"] in jobs.ENDED:
                yield f"event: done\ndata: {json.dumps(now)}\n\n"
                return
            if now != shown:
                yield f"event: progress\ndata: {json.dumps(now)}\n\n"
                shown, quiet = now, 0.0
            elif quiet >= 15.0:
                yield ": still there\n\n"
                quiet = 0.0
            await asyncio.sleep(LOOK_S)
            quiet += LOOK_S
            now = await run_in_threadpool(jobs.job, database, id)

    return StreamingResponse(told(), media_type="text/event-stream", headers={"x-accel-buffering": "no"})
