"""A day as JSON: the bare answer of the router, the bare problem it solved, and the names a reader needs."""

from __future__ import annotations

import json

from fieldsim.report.day.noun import RepDay
from fieldsim.routing import problem_json, route_json


def day_json(day: RepDay) -> str:
    """The answer with the problem embedded, so that the same file can be solved again as it is."""
    return json.dumps(day_answer(day), ensure_ascii=False, allow_nan=False) + "\n"


def day_answer(day: RepDay) -> dict[str, object]:
    """Who and when, the answer's own fields, `accounts` by visit id, and `problem`."""
    where = {visit.id: visit.at for visit in day.problem.visits}
    accounts = {visit: _account(day, visit, where[visit]) for visit in where}
    setting: dict[str, object] = {
        "scenario": day.scenario.name,
        "design": day.design,
        "rep": day.who.id,
        "date": day.date.isoformat(),
        "timezone": day.scenario.timezone,
    }
    return {**setting, **route_json(day.route), "accounts": accounts, "problem": problem_json(day.problem)}


def _account(day: RepDay, visit: str, row: int | None) -> dict[str, object]:
    place = None if row is None else day.place(row)
    facts: dict[str, object] = {"name": day.name(visit), "address": day.address(visit)}
    return {**facts, "lat": place and round(place[0], 6), "lon": place and round(place[1], 6)}
