"""The service's pages: the rep's day on a phone and the desk of ops, drawn on the server and readable without a script."""

from fastapi import APIRouter

from fieldsim.service.pages import door, ops, reference, rep, runs
from fieldsim.service.pages.door import error_page

PARTS = (door.router, rep.router, ops.router, runs.router, reference.router)
router = APIRouter()
for part in PARTS:
    router.include_router(part)

__all__ = ["PARTS", "error_page", "router"]
