"""A day for maps, sat-navs and calendars."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(tags=["feeds"])
