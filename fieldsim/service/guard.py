"""The door of the service: who comes in, how much and how often, what browsers are told, and what is logged."""

from __future__ import annotations

import json
import logging
import time
from collections import OrderedDict
from typing import Any
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fieldsim.service import keys
from fieldsim.service.database import Database
from fieldsim.service.errors import Refusal, not_found
from fieldsim.service.keys import Who
from fieldsim.service.settings import Settings

COOKIE = "fieldsim"
access = logging.getLogger("fieldsim.access")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; manifest-src 'self'; "
    "worker-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)
HEADERS = (
    ("content-security-policy", POLICY),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("permissions-policy", "geolocation=(self), camera=(), microphone=()"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
)
FAILED_A_MINUTE = 30
"""Wrong keys a minute and address."""


def who(request: Request) -> Who:
    """Whose request this is; Refusal 401 without a valid key."""
    found: Who | None = request.scope.get("fieldsim.who")
    if found is None:
        raise Refusal(401, "no_key", "this needs a key", hint="open your sign-in link, or send Authorization: Bearer fs_...")
    return found


def may_see(request: Request, rep: str) -> Who:
    """Whoever may see this rep's days; to others they do not exist."""
    found = who(request)
    if not found.sees(rep):
        raise not_found("there is no such rep here")
    return found


def may_change(request: Request, rep: str) -> Who:
    """Whoever may change this rep's days."""
    found = may_see(request, rep)
    if found.role == "read":
        raise Refusal(403, "read_only", "this key only reads")
    return found


def is_ops(request: Request, *, write: bool = True) -> Who:
    """Ops; where nothing is changed also a read key that is no rep's."""
    found = who(request)
    if found.role == "rep" or found.rep is not None:
        raise not_found()
    if found.role == "read" and write:
        raise Refusal(403, "read_only", "this key only reads")
    return found


class Meter:
    """Counts what each name did lately; the least recently seen names are forgotten first.

    Of `processes` that count for themselves each allows its share, so that together they allow no more.
    """

    def __init__(self, most_a_minute: int, processes: int = 1) -> None:
        self.rate = most_a_minute / 60.0 / processes
        self.room = max(20.0, most_a_minute / 10.0) / processes
        self._level: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def full(self, name: str, amount: float = 1.0) -> bool:
        """Count `amount` for the name; True if that is too much (a bucket that leaks `rate` a second)."""
        now = time.monotonic()
        level, then = self._level.pop(name, (0.0, now))
        level = max(0.0, level - (now - then) * self.rate)
        over = level + amount > self.room
        self._level[name] = (level if over else level + amount, now)
        if len(self._level) > 10_000:
            self._level.popitem(last=False)
        return over


class Gate:
    """ASGI middleware around the whole service."""

    def __init__(self, app: ASGIApp, settings: Settings, database: Database) -> None:
        self.app, self.settings, self.database = app, settings, database
        self.requests, self.failures = (Meter(most, settings.processes) for most in (settings.most_a_minute, FAILED_A_MINUTE))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, bounded, with its sender known, and log its template (never its path, which may hold a secret)."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status, body = time.perf_counter(), 500, _Body(receive, self.settings.most_body)

        async def answered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _add_headers(scope, message)
            await send(message)

        async def answered_whole(message: Message) -> None:
            if not body.over:  # else what the service makes of half a body is not told
                await answered(message)

        headers = Headers(scope=scope)
        try:
            refused = await self._refused(scope, headers)
            if refused is None:
                await self.app(scope, body.receive, answered_whole)
                refused = self._too_large() if body.over else None
            if refused is not None:
                await _refuse(refused, answered)
        finally:
            route = getattr(scope.get("route"), "path", "-")
            access.info("%s %s %d %.1f ms", scope["method"], route, status, 1000 * (time.perf_counter() - began))

    async def _refused(self, scope: Scope, headers: Headers) -> Refusal | None:
        """Why a request is not let in; else its sender is noted in the scope."""
        client = scope.get("client")
        address = client[0] if client else "-"
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > self.settings.most_body:
            return self._too_large()
        who, shown = await self._who(headers)
        if shown and who is None and self.failures.full(address):
            return Refusal(429, "too_many", "too many wrong keys", hint="wait a minute")
        if self.requests.full(who.key_id if who else address):
            return Refusal(429, "too_many", "too many requests", hint="wait a minute")
        if (
            scope["method"] not in ("GET", "HEAD", "OPTIONS")
            and (who is None or who.by_cookie)
            and not _same_origin(headers, who)
        ):
            return Refusal(403, "other_origin", "this request comes from another site")
        scope["fieldsim.who"] = who
        return None

    def _too_large(self) -> Refusal:
        return Refusal(413, "too_large", f"at most {self.settings.most_body} bytes")

    async def _who(self, headers: Headers) -> tuple[Who | None, bool]:
        """The sender, and whether a key or session was shown at all."""
        kind, _, key = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and key:
            return await self._found(keys.by_key, self.database, key.strip()), True
        secret = Request({"type": "http", "headers": headers.raw}).cookies.get(COOKIE) if "cookie" in headers else None
        if secret:
            return await self._found(keys.by_session, self.database, secret, self.settings.clock()), False
        return None, False

    async def _found(self, look: Any, *arguments: Any) -> Who | None:
        found: Who | None = look(*arguments) if self.database.local else await run_in_threadpool(look, *arguments)
        return found


def _same_origin(headers: Headers, who: Who | None) -> bool:
    """Does a browser say that one of our own pages sent this? A program without a cookie says nothing, and may."""
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if origin is not None and origin != "null":
        return urlsplit(origin).netloc == headers.get("host")
    if site is not None:
        return site in ("same-origin", "none")
    return who is None


def _add_headers(scope: Scope, message: Message) -> None:
    headers = MutableHeaders(scope=message)
    for name, value in HEADERS:
        if name not in headers:
            headers[name] = value
    if "cache-control" not in headers:
        headers["cache-control"] = "no-store"
    if scope.get("scheme") == "https":
        headers["strict-transport-security"] = "max-age=31536000"


class _Body:
    """A body that ends at a bound; `over` tells that it would have gone on."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive, self._left, self.over = receive, most, False

    async def receive(self) -> Message:
        """The next part."""
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            self.over = True
            return {"type": "http.disconnect"}
        return message


async def _refuse(refusal: Refusal, send: Send) -> None:
    body = json.dumps(refusal.as_json()).encode()
    more = [(b"retry-after", b"60")] if refusal.status == 429 else []
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), *more]
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
