"""Back to the ops page with a word about what was done."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import RedirectResponse, Response


def back(place: str, words: str, *, bad: bool = False) -> Response:
    """To a part of the page; the words stand in the address: they are no secret, and a reload does no harm."""
    return RedirectResponse(f"/ops?{urlencode({'said': words, **({'bad': '1'} if bad else {})})}#{place}", 303)


def told(request: Request) -> dict[str, object] | None:
    """The words that `back` sent."""
    words = request.query_params.get("said", "")[:400]
    return {"words": words, "bad": "bad" in request.query_params} if words else None
