"""Back to the ops page with a word about what was done, which no link from elsewhere can put there."""

from __future__ import annotations

from urllib.parse import quote, unquote

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

COOKIE = "fieldsim_said"


def back(place: str, words: str, *, bad: bool = False) -> Response:
    """To a part of the page; the words go along in a cookie that the page takes away."""
    answer = RedirectResponse(f"/ops#{place}", 303)
    answer.set_cookie(COOKIE, quote(("!" if bad else "") + words[:600]), max_age=60, path="/ops", httponly=True, samesite="lax")
    return answer


def told(request: Request) -> dict[str, object] | None:
    """The words that `back` sent."""
    words = unquote(request.cookies.get(COOKIE, ""))
    return {"words": words.removeprefix("!"), "bad": words.startswith("!")} if words else None


def taken(answer: Response) -> Response:
    """The page that has told them: they are not told again."""
    answer.delete_cookie(COOKIE, path="/ops", httponly=True, samesite="lax")
    return answer
