"""The reps table -> reps sorted by id."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from math import isnan

from fieldsim.model import Rep
from fieldsim.scenario.accounts import coordinates
from fieldsim.scenario.cells import MOST_MONEY, Sheet, clock
from fieldsim.scenario.settings import Settings


def read_reps(sheet: Sheet, settings: Settings, *, plan: bool = True) -> tuple[Rep, ...]:
    """Reps sorted by id; what is wrong is noted in the sheet. `plan` wants the quotas to make a team's goal."""
    ids = sheet.ids("rep")
    lat, lon = coordinates(sheet)
    for column in ("lat", "lon"):
        sheet.required(column)
    quota = sheet.numbers("quota", high=MOST_MONEY).tolist()
    capacity = sheet.numbers("capacity", 0.05, 1.0).tolist()
    cost = sheet.numbers("cost_per_year", high=MOST_MONEY).tolist()
    names, skills = sheet.text("name"), [_skills(cell) for cell in sheet.text("skills")]
    spans = _spans(sheet, settings.quarter.start)
    shifts = _shifts(sheet, settings)
    if plan:
        _check_quotas(sheet, quota, settings)
    reps = [
        Rep(
            id=ids[at],
            name=names[at] or ids[at],
            lat=float(lat[at]),
            lon=float(lon[at]),
            quota=None if isnan(quota[at]) else quota[at],
            start=spans[at][0],
            end=spans[at][1],
            skills=skills[at],
            capacity=1.0 if isnan(capacity[at]) else capacity[at],
            shift_start_s=shifts[at][0],
            shift_end_s=shifts[at][1],
            cost_per_year=settings.rates.cost_per_year if isnan(cost[at]) else cost[at],
        )
        for at in range(len(ids))
    ]
    return tuple(sorted(reps, key=lambda rep: rep.id))


def with_hires(reps: tuple[Rep, ...], sheet: Sheet, settings: Settings) -> tuple[Rep, ...]:
    """The team with those of hires.csv, who have a seat only in designs that give them one; without a quota theirs is 0."""
    known = {rep.id for rep in reps}
    for at in (k for k, name in enumerate(sheet.text("rep")) if name in known):
        sheet.note(f"'{sheet.text('rep')[at]}' is in the reps table already", at, "rep")
    hires = [replace(rep, quota=rep.quota or 0.0) for rep in read_reps(sheet, settings, plan=False)]
    return tuple(sorted((*reps, *hires), key=lambda rep: rep.id))


def _skills(cell: str) -> frozenset[str]:
    """Words separated by `|`, `;` or `,`."""
    return frozenset(filter(None, (word.strip() for word in re.split(r"[|;,]", cell))))


def _spans(sheet: Sheet, quarter_start: date) -> list[tuple[date | None, date | None]]:
    """First and last day of employment, None where open."""
    spans = list(zip(sheet.dates("start"), sheet.dates("end"), strict=True))
    for at, (start, end) in enumerate(spans):
        if end and start and end < start:
            sheet.note(f"'{end}' lies before the start '{start}'", at, "end")
        elif end and end < quarter_start:
            message = f"'{end}' lies before the quarter, which starts on {quarter_start}"
            sheet.note(message, at, "end", "take reps who have left out of the file and leave their seats vacant")
    return spans


def _shifts(sheet: Sheet, settings: Settings) -> list[tuple[int, int]]:
    """Shift of each rep in seconds, the scenario's where the cells are empty."""
    day = settings.day
    starts, ends = sheet.times("shift_start"), sheet.times("shift_end")
    shifts = [
        (day.shift_start if start is None else start, day.shift_end if end is None else end)
        for start, end in zip(starts, ends, strict=True)
    ]
    for at, (start, end) in enumerate(shifts):
        if end - start <= day.admin_minutes * 60:
            shown = " to ".join(clock(seconds) for seconds in (start, end))
            column = "shift_end" if sheet.has("shift_end") or not sheet.has("shift_start") else "shift_start"
            sheet.note(f"a shift from {shown} leaves no time after {day.admin_minutes:g} minutes of office work", at, column)
    return shifts


def _check_quotas(sheet: Sheet, quota: list[float], settings: Settings) -> None:
    """Where the rule needs the reps' quotas, each of them has one, and their sum is a goal."""
    noted = {error.row for error in sheet.errors if error.column == "quota"}
    if settings.quota.basis != "given" and settings.quota.total is not None:
        return
    for at in (k for k, value in enumerate(quota) if isnan(value) and sheet.table.rows[k] not in noted):
        sheet.note(f"rep '{sheet.text('rep')[at]}' has no quota", at, "quota", "fill it, or set [quota] total")
    if not noted and quota and not any(isnan(value) for value in quota) and sum(quota) <= 0.0:
        sheet.note("all quotas are 0", None, "quota", "fill them, or set [quota] total")
