"""What is left of a territory's quarter from a day on: its days with their stops, and travel between all of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from fieldsim.model import Design, Floats, Lunch, Scenario, Travel, VisitPlan, Window
from fieldsim.planning.calendar import lunch_in, opening, service_s, shortened, working_frame
from fieldsim.planning.timetable import Stopover, Timetable, timetable
from fieldsim.planning.wishes import Wishes, day_shares


@dataclass
class Day:
    """A day that is left, while it is being changed."""

    number: int
    """Position in the plan's days."""
    row: int
    """Position in the territory's working days."""
    stops: list[tuple[int, int, bool]]
    """Account, ordinal, remote, in the day's order."""
    frame: Window
    """Shorter on a half-day."""
    lunch: Lunch | None
    held_s: int = 0
    """Time in its visits."""
    times: Timetable | None = None
    """Set once the day has changed."""


@dataclass
class Rest:
    """What is left of a territory's quarter."""

    scenario: Scenario
    plan: VisitPlan
    territory: int
    design: Design | None
    """As it is after the change; None where nobody shares an account."""
    wishes: Wishes
    place: dict[int, int]
    """Row of `seconds` for each account; home is the last row."""
    seconds: Floats
    days: list[Day]

    @property
    def first(self) -> int:
        """The first day that is left."""
        return self.days[0].number if self.days else len(self.plan.days)


def rest_of(
    scenario: Scenario,
    travel: Travel,
    plan: VisitPlan,
    territory: int,
    design: Design | None,
    on: date,
    new: list[int],
    wishes: Wishes,
) -> Rest:
    """The working days from `on`, their stops, and travel between all their accounts and the `new` ones."""
    mine = plan.territories[territory]
    first = next((k for k, day in enumerate(plan.days) if day >= on), len(plan.days))
    rep = scenario.reps[mine.rep]
    share = day_shares(wishes, rep.id, plan.days)
    days, whole = {}, working_frame(scenario.day, rep)
    for row, k in enumerate(mine.work_day.tolist()):
        if k >= first:
            frame = shortened(whole, float(share[k]))
            days[k] = Day(k, row, [], frame, lunch_in(scenario.day, frame))
    for row in np.flatnonzero(mine.day >= first).tolist():
        days[int(mine.day[row])].stops.append((int(mine.account[row]), int(mine.ordinal[row]), bool(mine.remote[row])))
    for day in days.values():
        day.held_s = sum(service_s(scenario, stop[0]) for stop in day.stops)
    accounts = sorted({stop[0] for day in days.values() for stop in day.stops} | set(new))
    matrix = travel.matrix([*accounts, scenario.home(mine.rep)])
    seconds = np.ceil(matrix.seconds.mean(axis=0)).astype(np.float64)
    place = {account: k for k, account in enumerate(accounts)}
    return Rest(scenario, plan, territory, design, wishes, place, seconds, list(days.values()))


def times_of(rest: Rest, day: Day, stops: list[tuple[int, int, bool]]) -> Timetable | None:
    """Times of a day with the given stops; None if they do not fit."""
    home = len(rest.place)
    here, overs = home, []
    for account, _, remote in stops:
        there = here if remote else rest.place[account]
        leg = 0 if remote else int(rest.seconds[here, there])
        doors = opening(rest.scenario, account, rest.plan.days[day.number])
        overs.append(Stopover(leg, service_s(rest.scenario, account), doors))
        here = there
    return timetable(overs, 0 if here == home else int(rest.seconds[here, home]), day.frame, day.lunch)
