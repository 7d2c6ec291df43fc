"""Comparisons and stress runs on the ops page: start one, watch it, stop it, and what the last comparison found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from fieldsim.service import jobs
from fieldsim.service.errors import Refusal
from fieldsim.service.pages.desk import back
from fieldsim.service.pages.figures import verdict_of
from fieldsim.service.pages.visit import Visit, form_of, ops_visitor
from fieldsim.service.pages.words import moment

router = APIRouter()
LISTED = 12
"""Runs on the page, the latest ones."""


@router.post("/ops/jobs")
async def start(request: Request) -> Response:
    """A comparison or a stress run from its form."""
    here, form = ops_visitor(request, write=True), await form_of(request)
    try:
        await run_in_threadpool(_submit, here, form)
    except Refusal as error:
        return back("runs", f"{error.message}{f': {error.hint}' if error.hint else ''}", bad=True)
    return RedirectResponse("/ops#runs", 303)


@router.post("/ops/jobs/{job_id}/cancel")
def cancel(request: Request, job_id: str) -> Response:
    """Stop a run."""
    here = ops_visitor(request, write=True)
    jobs.cancel(here.ground, here.database, job_id)
    return RedirectResponse("/ops#runs", 303)


def _submit(here: Visit, form: Mapping[str, list[str]]) -> None:
    from pydantic import ValidationError

    def one(name: str) -> str:
        return (form.get(name) or [""])[-1]

    asked: dict[str, Any] = {"kind": one("kind"), "designs": form.get("designs") or []}
    asked |= {name: one(name) for name in ("horizon", "effort", "by") if one(name)}
    try:
        if one("turnover"):
            asked["turnover"] = float(one("turnover")) / 100.0
        question = jobs.Question.model_validate(asked)
    except (ValidationError, ValueError) as error:
        raise Refusal(422, "bad_request", "this run cannot be started as it was filled in") from error
    if question.kind == "compare" and len(question.designs) < 2:
        raise Refusal(422, "bad_request", "a comparison needs two designs", hint="tick two or more")
    jobs.submit(here.ground, here.database, question, here.who.key_id)


def shown(here: Visit) -> dict[str, Any]:
    """The latest runs, and the verdict of the last comparison that is done."""
    found, zone = jobs.all_jobs(here.database), here.ground.scenario.timezone
    last = next((job for job in found if job["kind"] == "compare" and job["status"] == "done"), None)
    verdict = last and verdict_of(jobs.result(here.database, last["id"], "answer"))
    return {
        "jobs": [_row(job, zone) for job in found[:LISTED]],
        "verdict": verdict and last and {**verdict, "job": last["id"], "when": moment(last["ended"], zone)},
    }


def _row(job: Mapping[str, Any], zone: str) -> dict[str, Any]:
    total, done = job["total"], job["done"] or 0
    what = "Compare" if job["kind"] == "compare" else "Stress"
    options = dict(option.lstrip("-").split("=", 1) for option in job["options"])
    over = f", {options['horizon']} quarters" if options.get("horizon", "1") != "1" else ""
    return {
        "id": job["id"],
        "status": job["status"],
        "title": f"{what} {', '.join(job['designs'])}{over}, {options.get('effort', 'quick')}",
        "created": moment(job["created"], zone),
        "stage": _stage(job, done, total),
        "percent": round(100 * done / total) if total else None,
        "report": job["status"] == "done",
    }


def _stage(job: Mapping[str, Any], done: int, total: int | None) -> str:
    """How far a run is, in words."""
    if job["status"] == "running":
        return f"{job['stage']}, {done} of {total}" if total else "starting"
    words = {"queued": "waiting for its turn", "done": "done", "cancelled": "cancelled"}
    return words.get(job["status"]) or f"failed: {job['error']}"
