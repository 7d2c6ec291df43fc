"""The web application: routes, pages, and errors in the house's shape."""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException

from fieldsim.errors import FieldsimError
from fieldsim.service.database import Database, open_database
from fieldsim.service.errors import Refusal
from fieldsim.service.files import Files
from fieldsim.service.ground import Ground, open_ground
from fieldsim.service.guard import Gate
from fieldsim.service.settings import Settings, from_text
from fieldsim.service.worker import Worker

SETTINGS = "FIELDSIM_SERVE"
"""Environment variable through which `fieldsim serve` hands the settings to its server processes."""
log = logging.getLogger("fieldsim.service")


class _Error(BaseModel):
    code: str
    message: str
    hint: str | None = None


class _Problem(BaseModel):
    """What every refusal looks like."""

    error: _Error


def create_app(settings: Settings, *, ground: Ground | None = None, database: Database | None = None) -> FastAPI:
    """The service over a scenario and a database; both are opened here where they are not given."""
    from fieldsim.service.routes import ROUTERS

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        worker = Worker(app.state.ground, app.state.database)
        worker.start()
        yield
        worker.stop()
        app.state.database.engine.dispose()

    app = FastAPI(
        lifespan=life,
        title="fieldsim",
        description="A rep's day, its changes, and the ops behind them.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        responses={"4XX": {"description": "refused", "model": _Problem}},
    )
    app.state.ground = ground or open_ground(settings)
    app.state.database = database or open_database(settings.database_url)
    app.state.settings = settings
    for router in ROUTERS:
        app.include_router(router)
    if find_spec("fieldsim.service.pages") is not None:
        pages = import_module("fieldsim.service.pages")
        if hasattr(pages, "router"):
            app.include_router(pages.router, include_in_schema=False)
    app.mount("/static", Files(), name="static")
    _answer_errors(app)
    app.add_middleware(Gate, settings=settings, database=app.state.database)
    return app


def from_environment() -> FastAPI:
    """The application of one server process of `fieldsim serve`."""
    from fieldsim.service.running import log_to_stderr, warm

    log_to_stderr()
    app = create_app(from_text(os.environ[SETTINGS]))
    warm(app.state.ground)
    return app


def _answer_errors(app: FastAPI) -> None:
    """Every error as {"error": {"code", "message", "hint"}}, or as a page where a browser asked for one."""

    def refused(request: Request, error: Refusal) -> Response:
        page = _page(request, error)
        if page is not None:
            return page
        headers = {401: {"www-authenticate": "Bearer"}, 503: {"retry-after": "5"}}.get(error.status, {})
        return JSONResponse(error.as_json(), error.status, headers)

    @app.exception_handler(FieldsimError)
    async def _known(request: Request, error: FieldsimError) -> Response:
        status = {2: 422, 3: 422, 4: 409}.get(error.exit_code, 500)
        return refused(
            request, error if isinstance(error, Refusal) else Refusal(status, error.code, error.message, hint=error.hint)
        )

    @app.exception_handler(RequestValidationError)
    async def _wrong(request: Request, error: RequestValidationError) -> Response:
        return refused(request, _bad_request(error.errors()))

    @app.exception_handler(ValidationError)
    async def _wrong_change(request: Request, error: ValidationError) -> Response:
        return refused(request, _bad_request(error.errors()))

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        code = {404: "not_found", 405: "no_such_method", 401: "no_key", 400: "bad_request"}.get(error.status_code, "refused")
        answer = refused(request, Refusal(error.status_code, code, str(error.detail)))
        answer.headers.update(error.headers or {})
        return answer

    @app.exception_handler(Exception)
    async def _unknown(request: Request, error: Exception) -> Response:
        log.error("internal error", exc_info=error)
        return refused(request, Refusal(500, "internal", "this is a bug in fieldsim; the server's log shows where"))


def _bad_request(errors: Any) -> Refusal:
    """The first thing that is wrong, named by its place."""
    first = errors[0]
    place = ".".join(str(part) for part in first["loc"] if part not in ("body", "path", "query", "header"))
    return Refusal(422, "bad_request", f"{place}: {first['msg']}" if place else str(first["msg"]), column=place or None)


def _page(request: Request, error: Refusal) -> Response | None:
    """The error as a page, where the pages are there and a browser asked for HTML."""
    wants = "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api")
    if not wants or find_spec("fieldsim.service.pages") is None:
        return None
    make: Callable[[Request, Refusal], Response] | None = getattr(import_module("fieldsim.service.pages"), "error_page", None)
    return None if make is None else make(request, error)
