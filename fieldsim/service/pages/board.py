"""Where every rep stands on a day, and what they found wrong, as rows of the ops page."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date as Date
from time import monotonic
from typing import Any

from fieldsim.errors import DataError
from fieldsim.service import days, stored
from fieldsim.service.errors import Refusal
from fieldsim.service.pages.visit import Visit
from fieldsim.service.pages.words import View, late_minutes, moment

Row = dict[str, Any]
PATIENCE_S = 4.0
"""Days that nobody has opened yet are routed for so long; the page says how many are left for its next visit."""


def today(here: Visit, day: Date) -> Row:
    """The reps who work that day in the order of their ids, the totals, and the next day on which anybody works."""
    rows: list[Row] = []
    following: list[str] = []
    unread: list[str] = []
    until = monotonic() + PATIENCE_S
    for rep in sorted(here.ground.seats):
        if monotonic() > until and stored.current(here.database, rep, day) is None:
            unread.append(rep)
            continue
        try:
            here.await_plan(rep, day, PATIENCE_S / 4)
            rows.append(_row(json.loads(days.view_text(here.ground, here.database, rep, day.isoformat()))))
        except Refusal as error:
            unread += [rep] if error.code == "planning" else []
            following += [str(error.more["next"])] if error.more.get("next") else []
        except DataError:
            continue
    totals = {name: sum(row[name] for row in rows) for name in ("stops", "done")} | {"late": sum(row["late"] > 0 for row in rows)}
    return {"working": rows, "totals": totals, "next_day": min(following, default=None), "unread": unread}


def _row(view: View) -> Row:
    ahead = [stop for stop in view["stops"] if stop["state"] == "planned"]
    return {
        **{name: view[name] for name in ("rep", "finish_s", "travel_s")},
        "name": view["name"] or view["rep"],
        "stops": len(view["stops"]),
        "done": len(view["stops"]) - len(ahead),
        "next": ahead[0] if ahead else None,
        "late": late_minutes(view),
        "skipped": len(view["skipped"]),
        "with": sorted({each["to"] for each in view["skipped"] if each.get("to")}),
    }


def corrected(found: Sequence[Mapping[str, Any]], zone: str) -> list[Row]:
    """Corrections as the table shows them."""
    return [{**each, "says": _says(each), "when": moment(each["at"], zone)} for each in found]


def _says(correction: Mapping[str, Any]) -> str:
    """What the rep told: where the door is, or when it is open."""
    place = (
        f"{correction['lat']:.5f}, {correction['lon']:.5f}"
        if correction.get("lat") is not None and correction.get("lon") is not None
        else ""
    )
    return ", ".join(str(part) for part in (place, correction.get("opens"), correction.get("note")) if part)
