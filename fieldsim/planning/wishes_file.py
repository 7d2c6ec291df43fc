"""Wishes as a TOML file: leave, holidays of a region, half-days, pins, moves, days kept free, weekdays and gaps."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from fieldsim.errors import DataError, did_you_mean
from fieldsim.model import Scenario
from fieldsim.planning.wishes import Wishes, check_wishes
from fieldsim.scenario.calendars import calendar_of, holiday_name, public_holidays
from fieldsim.scenario.toml import line_of

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri")
LONGEST_DAYS = 366


def read_wishes(scenario: Scenario, path: Path | str) -> Wishes:
    """The wishes of a file; DataError names file, section and what is wrong.

    `[[off]] rep, from, to (default: from), share (default 0)`: leave, or with a share of 0.5 an afternoon of training or office;
    `[holidays] REP = "DE-BY"`: the rep's own region; `[[pin]] account, date`; `[[move]] account, from, to`;
    `[[block]] account, from, to`; `[weekday] ACCOUNT = "Thu"`; `[apart] ACCOUNT = 14` (days).
    """
    (stated, text), name = _load(Path(path)), str(path)
    readers: dict[str, Callable[[Any], Wishes]] = {
        "holidays": partial(_holidays, scenario),
        **_READERS,
        "pin": partial(_pin, name, text),
        "move": partial(_move, name, text),
    }
    for section in stated:
        if section not in readers:
            raise DataError(f"unknown section '{section}'", file=name, hint=did_you_mean(section, readers))
    wishes = Wishes()
    for section, read in readers.items():
        try:
            if section in stated:
                wishes = wishes | read(stated[section])
                check_wishes(scenario, wishes)
        except DataError as error:
            raise DataError(f"[{section}] {error.message}", file=name, hint=error.hint) from error
    return wishes


def _load(path: Path) -> tuple[Mapping[str, Any], str]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        return tomllib.loads(text), text
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"not TOML: {error}", file=str(path)) from error
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot be read: {error}", file=str(path)) from error


def _rows(stated: Any, needed: tuple[str, ...], optional: tuple[str, ...] = ()) -> list[Mapping[str, Any]]:
    """The rows of a list of tables, with the keys that they may have."""
    rows = stated if isinstance(stated, list) else [stated]
    for row in rows:
        if not isinstance(row, dict):
            raise DataError("is a list of tables", hint="write the section's name in double brackets")
        for key in row:
            if key not in (*needed, *optional):
                raise DataError(f"unknown key '{key}'", hint=did_you_mean(key, (*needed, *optional)))
        for key in needed:
            if key not in row:
                raise DataError(f"'{key}' is missing")
        for key in ("from", "to", "date"):
            if key in row and type(row[key]) is not date:
                raise DataError(f"{key} = {row[key]!r} is no date", hint="write 2026-10-20, without quotes")
    return rows


def _pairs(stated: Any) -> Mapping[str, Any]:
    if not isinstance(stated, dict):
        raise DataError("is a table of NAME = VALUE")
    return stated


def _days(row: Mapping[str, Any]) -> list[date]:
    first, last = row["from"], row.get("to", row["from"])
    if last < first or (last - first).days > LONGEST_DAYS:
        raise DataError(f"from {first} to {last} is no span of days")
    return [first + timedelta(days=k) for k in range((last - first).days + 1)]


def _off(stated: Any) -> Wishes:
    found = Wishes()
    for row in _rows(stated, ("rep", "from"), ("to", "share")):
        share, rep = row.get("share", 0.0), str(row["rep"])
        if isinstance(share, bool) or not isinstance(share, int | float):
            raise DataError(f"share = {share!r} is no number")
        if share == 0:
            found = found | Wishes(off={rep: _days(row)})
        else:
            found = found | Wishes(share={(rep, day): float(share) for day in _days(row)})
    return found


def _holidays(scenario: Scenario, stated: Any) -> Wishes:
    """Public holidays of the rep's own country or region: `DE`, `DE-BY`."""
    off, named, last = {}, {}, scenario.quarter(7)[1]
    for rep, region in _pairs(stated).items():
        try:
            place = calendar_of(str(region))
        except ValueError as error:
            raise DataError(f"{rep} = '{region}': {error}") from error
        off[rep] = sorted(public_holidays(*place, scenario.start, last))
        named.update({(rep, day): f"{holiday_name(*place, day)}, {region}" for day in off[rep]})
    return Wishes(off=off, named=named)


def _pin(file: str, text: str, stated: Any) -> Wishes:
    found = Wishes()
    for number, row in enumerate(_rows(stated, ("account", "date"))):
        who, day = str(row["account"]), row["date"]
        found = found | Wishes(pins={who: [day]}, said={(who, day): (file, _line(text, "pin", str(number), "date"))})
    return found


def _move(file: str, text: str, stated: Any) -> Wishes:
    found = Wishes()
    for number, row in enumerate(_rows(stated, ("account", "from", "to"))):
        who, to = str(row["account"]), row["to"]
        found = found | Wishes(moves={who: {row["from"]: to}}, said={(who, to): (file, _line(text, "move", str(number), "to"))})
    return found


def _line(text: str, *keys: str) -> int:
    """The line of a key, or of the section that it is written in."""
    return line_of(list(keys), text) or 1


def _block(stated: Any) -> Wishes:
    found = Wishes()
    for row in _rows(stated, ("account", "from"), ("to",)):
        found = found | Wishes(blocked={str(row["account"]): _days(row)})
    return found


def _weekday(stated: Any) -> Wishes:
    for account, day in _pairs(stated).items():
        if day not in WEEKDAYS:
            raise DataError(f"'{day}' of '{account}' is no weekday", hint=f"write {', '.join(WEEKDAYS)}")
    return Wishes(weekday={account: WEEKDAYS.index(day) for account, day in _pairs(stated).items()})


def _apart(stated: Any) -> Wishes:
    for account, days in _pairs(stated).items():
        if isinstance(days, bool) or not isinstance(days, int) or days < 1:
            raise DataError(f"{days!r} of '{account}' is no number of days")
    return Wishes(apart=dict(_pairs(stated)))


_READERS: Mapping[str, Callable[[Any], Wishes]] = {
    "off": _off,
    "block": _block,
    "weekday": _weekday,
    "apart": _apart,
}
