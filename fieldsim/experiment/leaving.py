"""Who leaves: the question as a person writes it, as the simulation takes it, and as the answer counts it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from fieldsim.errors import UsageError, did_you_mean
from fieldsim.experiment import market
from fieldsim.experiment.checkpoint import Leaving
from fieldsim.experiment.samples import QUANTILES
from fieldsim.model import Design, Scenario

ANYBODY = -1
WEEK = 7.0


@dataclass(frozen=True)
class Leaver:
    """One departure that happened in a replication; days after the scenario's first day."""

    replication: int
    rep: int
    leaves: float
    hired: float
    """When the next hire comes, infinite for never."""


def read_departures(scenario: Scenario, design: Design, given: Sequence[str], rate: float | None, last_day: int) -> Leaving:
    """The departures asked for: `REP@DATE`, `NUMBER@DATE` for so many seats drawn anew in each replication, and a rate.

    A rep given is gone from that date on. Without a rate and given departures the rate is the market's own (`turnover_rate`).
    UsageError for a rep, date or number that cannot be.
    """
    if rate is None:
        rate = 0.0 if given else market.parameter(scenario, "turnover_rate")
    if not (math.isfinite(rate) and rate >= 0.0):
        raise UsageError(f"a turnover rate is a number of 0 or more a filled seat-year, not {rate:g}", hint="27 % is 0.27")
    seated = {scenario.reps[rep].id: rep for rep in design.rep_of.tolist() if rep >= 0}
    found: list[tuple[int, float]] = []
    for text in given:
        who, at, when = text.rpartition("@")
        if not at or not who:
            raise UsageError(f"'{text}' is no departure", hint="write REP@DATE or NUMBER@DATE, such as R03@2026-10-20")
        day = float((_date(when, text) - scenario.start).days)
        if not 0 <= day < last_day:
            last = scenario.start + timedelta(days=last_day - 1)
            raise UsageError(f"'{text}' lies outside {scenario.start.isoformat()} to {last.isoformat()}", hint="see --horizon")
        if who in seated:
            found.append((seated[who], day))
        elif who.isdecimal():
            found += [(ANYBODY, day)] * int(who)
        else:
            raise UsageError(f"unknown rep '{who}' in '{text}'", hint=_hint(scenario, design, who, seated))
    _check(scenario, found, len(seated))
    return Leaving(rate, tuple(found))


def _date(when: str, text: str) -> date:
    try:
        return date.fromisoformat(when)
    except ValueError as error:
        raise UsageError(f"'{when}' in '{text}' is no date", hint="write YYYY-MM-DD") from error


def _hint(scenario: Scenario, design: Design, who: str, seated: Mapping[str, int]) -> str:
    if any(rep.id == who for rep in scenario.reps):
        return f"no seat of {design.name} is theirs"
    return did_you_mean(who, seated) or f"known: {', '.join(list(seated)[:12])}"


def _check(scenario: Scenario, found: Sequence[tuple[int, float]], seats: int) -> None:
    named = [rep for rep, _ in found if rep >= 0]
    if len(set(named)) < len(named):
        twice = next(rep for rep in named if named.count(rep) > 1)
        raise UsageError(f"{scenario.reps[twice].id} is given twice", hint="a rep leaves once; later ones are drawn by the rate")
    if len(found) > seats:
        raise UsageError(f"{len(found)} departures are given, but the design has {seats} filled seats")


def leavers(stage: Any, asked: Leaving, seed: int, replications: Sequence[int]) -> list[Leaver]:
    """Everybody who leaves within the horizon, replication by replication: the same under every policy."""
    return [
        Leaver(number, gap.rep, float(gap.leaves), float(gap.hired))
        for number in replications
        for gap in market.gaps(stage, asked, seed, number)
    ]


def counts(found: Sequence[Leaver], replications: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Departures by replication."""
    return np.bincount([each.replication for each in found], minlength=replications).astype(np.float64)


def departure_facts(
    scenario: Scenario, asked: Leaving, found: Sequence[Leaver], replications: int, days: int
) -> dict[str, object]:
    """The `departures` of an answer: what was asked for, how many left, how long seats stood empty, and each one by name."""
    number = counts(found, replications)
    vacant = np.array([(min(each.hired, days) - each.leaves) / WEEK for each in found])
    p10, p50, p90 = (float(q) for q in np.quantile(number, QUANTILES))
    return {
        "rate": asked.rate,
        "given": [_given(scenario, rep, day) for rep, day in asked.given],
        "per_replication": {"mean": float(number.mean()), "p10": p10, "p50": p50, "p90": p90},
        "vacant_weeks": float(vacant.mean()) if len(vacant) else None,
        "each": [
            {
                "replication": each.replication,
                "rep": scenario.reps[each.rep].id,
                "leaves": _day(scenario, each.leaves),
                "next_hire": _day(scenario, each.hired) if math.isfinite(each.hired) else None,
            }
            for each in found
        ],
    }


def _given(scenario: Scenario, rep: int, day: float) -> dict[str, object]:
    return {"rep": scenario.reps[rep].id if rep >= 0 else None, "date": _day(scenario, day)}


def _day(scenario: Scenario, day: float) -> str:
    """The first day on which the seat is (or is no longer) empty."""
    return (scenario.start + timedelta(days=math.ceil(day))).isoformat()
