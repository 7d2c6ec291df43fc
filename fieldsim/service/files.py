"""The pages' own files: kept by browsers for good under the name of their content, asked about otherwise."""

from __future__ import annotations

from functools import cache
from hashlib import blake2b
from pathlib import Path
from urllib.parse import parse_qs

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).parent / "static"
FOR_GOOD, ASK_AGAIN = "public, max-age=31536000, immutable", "no-cache"


@cache
def version() -> str:
    """A short name of the files' content, so that a phone never mixes two versions."""
    digest = blake2b(digest_size=6)
    for file in sorted(STATIC.iterdir(), key=lambda each: each.name):
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()


class Files(StaticFiles):
    """The folder `static`; `?v=` of the present content may be kept, anything else is compared by its ETag."""

    def __init__(self) -> None:
        super().__init__(directory=STATIC)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """One file, with how long it may be kept."""
        answer = await super().get_response(path, scope)
        named = parse_qs(scope["query_string"].decode("latin-1")).get("v") == [version()]
        answer.headers["cache-control"] = FOR_GOOD if named and answer.status_code < 400 else ASK_AGAIN
        return answer
