"""The interface for programs as a page: every endpoint of the OpenAPI document, with what it takes and gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from fieldsim.service.pages.paper import render

router = APIRouter()
METHODS = ("get", "post", "put", "patch", "delete")


@router.get("/docs")
def reference(request: Request) -> Response:
    """For everybody: it names no rep and no account."""
    document = request.app.openapi()
    return HTMLResponse(
        render("docs.html", title=document["info"]["title"], groups=_groups(document), site=str(request.base_url))
    )


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
