"""The endpoints for programs, and for the pages' own scripts."""

from fieldsim.service.routes import feeds, ops, rep

ROUTERS = (rep.router, feeds.router, ops.router)
