"""The calendars of specialists without a territory: which of the owners' planned visits they join, and where they cannot be.

A joint visit needs both calendars. The owner's visits stay; of each stretch of visits that holds one of the specialist's share,
the specialist joins the last one in person, or another that fits between the others of its day. The simulation keeps to these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np

from fieldsim.model import Design, Floats, Scenario, TerritoryPlan, Travel, VisitPlan
from fieldsim.planning.calendar import clock, service_s, working_frame, works
from fieldsim.planning.sharing import dealt, seats, shared
from fieldsim.planning.wishes import NONE, Wishes

ROUNDS = 4
"""How many joint visits may make way for one another in a row."""


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
    travel_s: int = 0
    """The specialist's way from the visit before, 0 for a day's first."""


def shared_accounts(design: Design) -> dict[int, tuple[int, ...]]:
    """Accounts whose visits specialists without a territory join, and who they are."""
    found = {i: tuple(who for who, _ in shares if who not in seats(design)) for i, shares in shared(design).items()}
    return {i: joiners for i, joiners in found.items() if joiners}


def joint_visits(
    scenario: Scenario, design: Design, travel: Travel, plan: VisitPlan, *, wishes: Wishes = NONE
) -> tuple[JointVisit, ...]:
    """Every visit in person that a specialist joins, in order of specialist, day and time.

    Where none of a stretch fits, its last one is listed with the reason. To the first visit of a day a specialist may come the
    evening before.
    """
    stretches, found = _stretches(design, plan), []
    for rep in sorted({stretch[0].rep for stretch in stretches}):
        mine = [stretch for stretch in stretches if stretch[0].rep == rep]
        accounts = sorted({stretch[0].account for stretch in mine})
        seconds = np.ceil(travel.matrix(accounts).seconds.mean(axis=0))
        off = frozenset(wishes.off.get(scenario.reps[rep].id, ()))
        diary = _Diary(scenario, plan.days, rep, off, {i: k for k, i in enumerate(accounts)}, seconds, mine)
        for k in sorted(range(len(mine)), key=lambda k: (len(mine[k]), mine[k][-1].day, k)):
            diary.settle(k, ROUNDS, frozenset())
        found += diary.kept()
        found += [replace(stretch[-1], clash=diary.why(stretch[-1])) for k, stretch in enumerate(mine) if k not in diary.held]
    return tuple(sorted(found, key=lambda row: (row.rep, row.day, row.start_s, row.account)))


def joint_parts(scenario: Scenario, plan: VisitPlan, joint: Sequence[JointVisit]) -> tuple[TerritoryPlan, ...]:
    """The joint visits that can be kept as a plan for each specialist, in order of position; it holds no other visit."""
    found = []
    for rep in sorted({visit.rep for visit in joint}):
        kept = [visit for visit in joint if visit.rep == rep and not visit.clash]
        days = [k for k, day in enumerate(plan.days) if works(scenario.reps[rep], day)]
        own = {day: [visit for visit in kept if visit.day == day] for day in days}
        ends = {visit: visit.start_s + service_s(scenario, visit.account) for visit in kept}
        found.append(
            TerritoryPlan(
                rep=rep,
                account=np.array([visit.account for visit in kept], dtype=np.int64),
                day=np.array([visit.day for visit in kept], dtype=np.int64),
                ordinal=np.array([visit.ordinal for visit in kept], dtype=np.int64),
                remote=np.zeros(len(kept), dtype=np.bool_),
                start_s=np.array([visit.start_s for visit in kept], dtype=np.int64),
                travel_s=np.array([visit.travel_s for visit in kept], dtype=np.int64),
                work_day=np.array(days, dtype=np.int64),
                depart_s=np.array([own[day][0].start_s if own[day] else 0 for day in days], dtype=np.int64),
                finish_s=np.array([ends[own[day][-1]] if own[day] else 0 for day in days], dtype=np.int64),
                lunch_s=np.full(len(days), -1, dtype=np.int64),
                proven=np.zeros(len(days), dtype=np.bool_),
                needed_s=float(sum(visit.travel_s + service_s(scenario, visit.account) for visit in kept)),
                available_s=0.0,
            )
        )
    return tuple(found)


def _stretches(design: Design, plan: VisitPlan) -> list[list[JointVisit]]:
    """For each visit of a specialist's share the owner's visits in person since the one before, by account and number."""
    joined = shared_accounts(design)
    rows: dict[int, dict[int, JointVisit]] = {}
    for territory, part in enumerate(plan.territories):
        for at in np.flatnonzero(np.isin(part.account, list(joined)) & ~part.remote).tolist():
            account, ordinal = int(part.account[at]), int(part.ordinal[at])
            if design.territory_of[account] == territory:
                visit = JointVisit(-1, account, part.rep, int(part.day[at]), ordinal, int(part.start_s[at]), "")
                rows.setdefault(account, {})[ordinal] = visit
    found = []
    for account in sorted(rows):
        begin = 0
        for k, who in enumerate(dealt(shared(design)[account], int(plan.due[account]))):
            if who in joined[account]:
                visits = [replace(rows[account][n], rep=who) for n in range(begin, k + 1) if n in rows[account]]
                begin = k + 1
                found += [visits] if visits else []
    return found


@dataclass(eq=False)
class _Diary:
    """A specialist's quarter while it is filled: at most one visit of each stretch, no two that one person cannot hold."""

    scenario: Scenario
    days: tuple[date, ...]
    rep: int
    off: frozenset[date]
    place: dict[int, int]
    """Row of `seconds` for each account."""
    seconds: Floats
    stretches: list[list[JointVisit]]
    held: dict[int, JointVisit] = field(default_factory=dict)
    """By stretch."""

    def settle(self, k: int, rounds: int, fixed: frozenset[int]) -> bool:
        """Find a visit of stretch k that can be held, others moving within theirs if need be; those `fixed` stay."""
        late_first = self.stretches[k][::-1]
        for visit in late_first:
            if not self._away(visit) and not self._rivals(visit):
                self.held[k] = visit
                return True
        for visit in late_first if rounds else ():
            rivals = [] if self._away(visit) else self._rivals(visit)
            if rivals and not fixed & set(rivals):
                before = dict(self.held)
                self.held[k] = visit
                for rival in rivals:
                    del self.held[rival]
                if all(self.settle(rival, rounds - 1, fixed | {k}) for rival in rivals):
                    return True
                self.held = before
        return False

    def kept(self) -> list[JointVisit]:
        """The visits held, in order of day and time, with the ways between them."""
        rows = sorted(self.held.values(), key=lambda visit: (visit.day, visit.start_s, visit.account))
        found = []
        for before, visit in zip([None, *rows], rows, strict=False):
            same = before is not None and before.day == visit.day
            way = int(self.seconds[self.place[before.account], self.place[visit.account]]) if before and same else 0
            found.append(replace(visit, travel_s=way))
        return found

    def why(self, visit: JointVisit) -> str:
        """Why a visit cannot be joined."""
        if away := self._away(visit):
            return away
        who, ids = self.scenario.reps[self.rep].id, self.scenario.accounts.ids
        other = self.held[self._rivals(visit)[0]]
        first, last = sorted((other, visit), key=lambda each: each.start_s)
        ready = self._ready_s(first, last)
        way = f"coming from {ids[first.account]}"
        return f"{who} cannot be at {ids[last.account]} before {clock(ready)}, {way}"

    def _away(self, visit: JointVisit) -> str:
        """In words, if the specialist does not work then."""
        who, day = self.scenario.reps[self.rep], self.days[visit.day]
        if not works(who, day) or day in self.off:
            return f"{who.id} does not work that day"
        start, end = working_frame(self.scenario.day, who)
        if visit.start_s < start or visit.start_s + service_s(self.scenario, visit.account) > end:
            return f"{who.id} works from {clock(start)} to {clock(end)}"
        return ""

    def _rivals(self, visit: JointVisit) -> list[int]:
        """Stretches whose visits are too near to this one to hold both."""
        found = []
        for k, other in self.held.items():
            if other.day == visit.day:
                first, last = sorted((other, visit), key=lambda each: each.start_s)
                found += [k] if self._ready_s(first, last) > last.start_s else []
        return sorted(found)

    def _ready_s(self, first: JointVisit, last: JointVisit) -> int:
        """When the specialist can be at the one visit, coming from the other."""
        way = int(self.seconds[self.place[first.account], self.place[last.account]])
        return first.start_s + service_s(self.scenario, first.account) + way
