"""The calendars of specialists without a territory: which of the owners' planned visits they join, and where they cannot be.

A specialist's `visit_share` of an account's visits needs both calendars: visit k is joined where floor((k + 1) share) passes
floor(k share), the same visits as in the simulation. The owner's visits stay; the specialist's days follow from them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from fieldsim.model import Design, Scenario, Travel, VisitPlan
from fieldsim.planning.calendar import service_s, works

DAY_S = 86_400


@dataclass(frozen=True)
class JointVisit:
    """A visit that a specialist joins. `rep`, `owner` and `account` are positions, `day` is one of the plan's days."""

    rep: int
    account: int
    owner: int
    day: int
    ordinal: int
    start_s: int
    clash: str
    """Why the specialist cannot be there, empty where they can."""


def shared_accounts(design: Design) -> dict[int, tuple[int, float]]:
    """Accounts whose visits a specialist joins: who, and the share; of several specialists the first by position counts.

    A specialist with a territory of their own works that one: their share stays with the owner.
    """
    seated = set(design.rep_of.tolist())
    found: dict[int, tuple[int, float]] = {}
    for overlay in sorted(design.overlays, key=lambda overlay: (overlay.account, overlay.rep)):
        if overlay.visit_share > 0.0 and overlay.rep not in seated:
            found.setdefault(overlay.account, (overlay.rep, overlay.visit_share))
    return found


def joint_visits(scenario: Scenario, design: Design, travel: Travel, plan: VisitPlan) -> tuple[JointVisit, ...]:
    """Every visit in person that a specialist joins, in order of specialist, day and time.

    Who cannot be there in time from the day's visit before stays away; to the first one a specialist may come the evening before.
    """
    joined = shared_accounts(design)
    rows = []
    for part in plan.territories:
        for at in np.flatnonzero(np.isin(part.account, list(joined)) & ~part.remote).tolist():
            account, ordinal = int(part.account[at]), int(part.ordinal[at])
            rep, share = joined[account]
            if math.floor((ordinal + 1) * share + 1e-9) > math.floor(ordinal * share + 1e-9):
                rows.append(JointVisit(rep, account, part.rep, int(part.day[at]), ordinal, int(part.start_s[at]), ""))
    rows.sort(key=lambda row: (row.rep, row.day, row.start_s, row.account))
    return tuple(
        found
        for (rep, day), visits in groupby(rows, key=lambda row: (row.rep, row.day))
        for found in _day(scenario, travel, plan, rep, day, list(visits))
    )


def _day(
    scenario: Scenario, travel: Travel, plan: VisitPlan, rep: int, day: int, visits: list[JointVisit]
) -> Iterator[JointVisit]:
    """A specialist's day, with the clashes named."""
    who, here, clock, before = scenario.reps[rep], 0, -DAY_S, ""
    seconds = np.ceil(travel.matrix([visit.account for visit in visits]).seconds.mean(axis=0))
    for k, visit in enumerate(visits):
        ready = clock + int(seconds[here, k])
        clash = ""
        if not works(who, plan.days[day]):
            clash = f"{who.id} does not work that day"
        elif ready > visit.start_s:
            clash = f"{who.id} cannot be there before {ready // 3600}:{ready // 60 % 60:02d}, coming from {before}"
        else:
            here, clock, before = k, visit.start_s + service_s(scenario, visit.account), scenario.accounts.ids[visit.account]
        yield JointVisit(rep, visit.account, visit.owner, visit.day, visit.ordinal, visit.start_s, clash)
