"""The service's pages: the rep's day on a phone and the desk of ops, drawn on the server and readable without a script."""

from fastapi import APIRouter

from fieldsim.service.pages import door, ops, rep, runs
from fieldsim.service.pages.door import error_page

router = APIRouter()
for part in (door.router, rep.router, ops.router, runs.router):
    router.include_router(part)

__all__ = ["error_page", "router"]
