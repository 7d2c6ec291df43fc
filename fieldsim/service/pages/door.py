"""The way in and out, what is stored, and the service worker, which must lie at the root."""

from __future__ import annotations

from importlib.resources import files

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from fieldsim.service import guard, keys
from fieldsim.service.errors import Refusal
from fieldsim.service.pages.paper import render
from fieldsim.service.pages.visit import fields_of

router = APIRouter()
NO_KEY = "This key is not valid, or it has been revoked. Ask your sales office for a new link."


@router.get("/in")
def door() -> Response:
    """Where a sign-in link leads: its key stands behind the #, so the page's script sends it."""
    return HTMLResponse(render("in.html", error=None))


@router.post("/in")
async def enter(request: Request) -> Response:
    """A key for a session cookie; JSON for the page's script, a redirect for the plain form."""
    fields = await fields_of(request)
    state = request.app.state
    secret = await run_in_threadpool(keys.open_session, state.database, fields.get("key", "").strip(), state.settings.clock())
    plain = "text/html" in request.headers.get("accept", "")
    if secret is None:
        if plain:
            return HTMLResponse(render("in.html", error=NO_KEY), 401)
        raise Refusal(401, "no_key", NO_KEY)
    answer: Response = RedirectResponse("/", 303) if plain else JSONResponse({"go": "/"})
    answer.set_cookie(
        guard.COOKIE,
        secret,
        max_age=keys.SESSION_DAYS * 86_400,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return answer


@router.post("/out")
def leave(request: Request) -> Response:
    """End this browser's session."""
    secret = request.cookies.get(guard.COOKIE)
    if secret:
        keys.close_session(request.app.state.database, secret)
    answer = RedirectResponse("/in", 303)
    answer.delete_cookie(guard.COOKIE, httponly=True, samesite="lax", secure=request.url.scheme == "https")
    return answer


@router.get("/privacy")
def privacy() -> Response:
    """What is stored and who sees it; for everybody, signed in or not."""
    return HTMLResponse(render("privacy.html"))


@router.get("/sw.js")
def worker() -> Response:
    """The service worker; from here it may look after the whole site."""
    text = files("fieldsim.service").joinpath("static", "sw.js").read_text(encoding="utf-8")
    return Response(text, media_type="text/javascript", headers={"Cache-Control": "no-cache"})


def error_page(_: Request, error: Refusal) -> Response:
    """A refusal as a page; without a session, the way in."""
    if error.status == 401:
        return RedirectResponse("/in", 303)
    if error.code == "planning":
        return HTMLResponse(render("wait.html"), error.status, headers={"Retry-After": "5"})
    words = {404: "Nothing here", 403: "Not with this key", 409: "Not changed", 429: "Too much at once"}
    page = render("error.html", title=words.get(error.status, "This did not work"), error=error)
    return HTMLResponse(page, error.status)
