"""What ops do: keys, hand-overs, corrections, jobs."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(tags=["ops"])


@router.get("/healthz")
def healthy() -> dict[str, str]:
    """Say that the server is up."""
    return {"status": "ok"}
