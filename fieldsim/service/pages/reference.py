"""The interface for programs as a page: every endpoint of the OpenAPI document, with what it takes and gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from fieldsim.service.guard import FAILED_A_MINUTE
from fieldsim.service.jobs import KEPT, MOST_WAITING
from fieldsim.service.keys import SESSION_DAYS
from fieldsim.service.pages.paper import render
from fieldsim.service.settings import Settings

router = APIRouter()
METHODS = ("get", "post", "put", "patch", "delete")


@router.get("/docs")
def reference(request: Request) -> Response:
    """For everybody: it names no rep and no account."""
    document = request.app.openapi()
    return HTMLResponse(render("docs.html", groups=_groups(document), limits=_limits(request.app.state.settings)))


def _limits(settings: Settings) -> list[tuple[str, str]]:
    """What the service allows, in words."""
    shared = "each server process allows an equal share of this" if settings.processes > 1 else ""
    several = "servers that share one database count each for themselves"
    return [
        ("A request carries", f"at most {settings.most_body // 1024} kB"),
        ("Requests", "; ".join(filter(None, (f"{settings.most_a_minute:,} a minute and key", shared, several)))),
        ("Wrong keys", f"{FAILED_A_MINUTE} a minute and address, then 429 with Retry-After"),
        ("Undo", f"the last change, for {settings.undo_minutes} minutes; again for the one before it"),
        ("Agreed times", f"do not move in the {settings.freeze_minutes} minutes before them"),
        ("Sign-in", f"a browser stays signed in for {SESSION_DAYS} days, or until its key is revoked"),
        ("Runs", f"one at a time and server process, {MOST_WAITING} may wait; the last {KEPT} reports are kept"),
        ("Days", "503 with Retry-After while a rep's quarter is being planned, once a quarter"),
    ]


def _groups(document: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Endpoints by tag, in the order of the document."""
    found: dict[str, list[dict[str, Any]]] = {}
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method in methods:
                asked = methods[method]
                found.setdefault((asked.get("tags") or ["other"])[0], []).append(_endpoint(document, method, path, asked))
    return found


def _endpoint(document: Mapping[str, Any], method: str, path: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    taken = [(each["name"], each["in"], each.get("description", "")) for each in asked.get("parameters", ())]
    words = asked.get("description") or asked.get("summary", "")
    return {"method": method.upper(), "path": path, "words": words, "takes": taken, "body": list(_body(document, asked))}


def _body(document: Mapping[str, Any], asked: Mapping[str, Any]) -> Iterator[tuple[str, str, bool]]:
    """Name, kind and necessity of each field of a JSON body."""
    schema = asked.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    schema = _resolved(document, schema)
    for name, field in schema.get("properties", {}).items():
        yield name, _kind(_resolved(document, field)), name in schema.get("required", ())


def _kind(field: Mapping[str, Any]) -> str:
    """What a field holds, in a word or as its choices."""
    if "enum" in field:
        return " | ".join(str(each) for each in field["enum"])
    if "anyOf" in field:
        return next((_kind(each) for each in field["anyOf"] if each.get("type") != "null"), "")
    return f"list of {_kind(field.get('items', {}))}" if field.get("type") == "array" else str(field.get("type", ""))


def _resolved(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema itself, where only its name stands."""
    name = str(schema.get("$ref", "")).rsplit("/", 1)[-1]
    return document["components"]["schemas"][name] if name else schema
