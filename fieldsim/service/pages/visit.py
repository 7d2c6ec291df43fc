"""Somebody who opens a page: what he stands on, what he may see and change."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import date as Date

from fastapi import Request

from fieldsim import api
from fieldsim.errors import DataError
from fieldsim.service import guard
from fieldsim.service.database import Database
from fieldsim.service.errors import Refusal, not_found
from fieldsim.service.ground import Ground
from fieldsim.service.keys import Who
from fieldsim.service.plans import PAGE_PATIENCE_S


@dataclass(frozen=True, eq=False)
class Visit:
    """A request by somebody who is signed in."""

    ground: Ground
    database: Database
    who: Who

    @property
    def may_write(self) -> bool:
        """Read-only keys change nothing."""
        return self.who.role != "read"

    def await_plan(self, rep: str, day: Date, patience_s: float = PAGE_PATIENCE_S) -> None:
        """Go on once the rep's quarter is planned; Refusal 503 if that takes longer than people wait for a page."""
        if rep not in self.ground.seats:
            return
        with contextlib.suppress(DataError):  # a day outside the quarters is told where it is shown
            self.ground.plan(rep, api.quarter_of(self.ground.scenario, day), patience_s=patience_s)

    def owns(self, rep: str) -> bool:
        """May this calendar's address be told?"""
        return self.who.role == "ops" or (self.who.role == "rep" and self.who.rep == rep)

    def whose(self, asked: str) -> str | None:
        """The rep that is meant: the one asked for, else the own one; None for ops without a rep."""
        rep = asked or self.who.rep
        if rep is not None and not self.who.sees(rep):
            raise not_found()
        return rep

    def writes(self, rep: str) -> str:
        """The rep, if this key may change its days."""
        if not self.may_write:
            raise Refusal(403, "read_only", "this key may read, but change nothing")
        return rep


def visitor(request: Request) -> Visit | None:
    """Who asks, None where nobody is signed in."""
    try:
        who = guard.who(request)
    except Refusal:
        return None
    state = request.app.state
    return Visit(state.ground, state.database, who)


def ops_visitor(request: Request, *, write: bool = False) -> Visit:
    """Somebody of ops, or who may read all; to everybody else there is nothing here."""
    guard.is_ops(request, write=write)
    found = visitor(request)
    assert found is not None
    return found


async def fields_of(request: Request) -> dict[str, str]:
    """The fields of a form, texts only; of repeated ones the last."""
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


async def form_of(request: Request) -> dict[str, list[str]]:
    """The fields of a form with all their values, texts only."""
    found: dict[str, list[str]] = {}
    for name, value in (await request.form()).multi_items():
        if isinstance(value, str):
            found.setdefault(name, []).append(value)
    return found
