"""One example day a rep, taken from the visit plan, as lines and stops on the map."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fieldsim.errors import count
from fieldsim.model import Design, TerritoryPlan, Travel, VisitPlan
from fieldsim.report.ground import Ground
from fieldsim.report.words import duration, long_date

Line = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class ExampleRoute:
    """The way of one day in metres, the stops in order, and what it is in words."""

    rep: int
    way_x: Line
    way_y: Line
    stops: tuple[int, ...]
    """Accounts in order of the day."""
    words: str


def example_routes(ground: Ground, design: Design, plan: VisitPlan, travel: Travel) -> list[ExampleRoute]:
    """A day for each rep of the design: the one whose drive is the median of all days on the road."""
    routes = []
    for territory, part in enumerate(plan.territories):
        day = typical_day(part)
        if day is not None and design.rep_of[territory] >= 0:
            routes.append(_route(ground, plan, part, day, travel))
    return routes


def typical_day(part: TerritoryPlan) -> int | None:
    """The day with the median drive among those with a stop (the earlier of two middles); None if the rep never drives."""
    driven = np.flatnonzero(~part.remote)
    days = np.unique(part.day[driven])
    if part.rep < 0 or not len(days):
        return None
    drive = [int(part.travel_s[driven][part.day[driven] == day].sum()) for day in days]
    order = sorted(range(len(days)), key=lambda k: (drive[k], int(days[k])))
    return int(days[order[(len(order) - 1) // 2]])


def _route(ground: Ground, plan: VisitPlan, part: TerritoryPlan, day: int, travel: Travel) -> ExampleRoute:
    rows = np.flatnonzero((part.day == day) & ~part.remote)
    stops = part.account[rows].tolist()
    home = ground.scenario.home(part.rep)
    corners: list[tuple[float, float]] = []
    for origin, destination in zip([home, *stops], [*stops, home], strict=True):
        corners += travel.path(origin, destination) if origin != destination else []
    x, y = ground.project(np.array([lat for lat, _ in corners]), np.array([lon for _, lon in corners]))
    drive = duration(int(part.travel_s[rows].sum()))
    words = f"{long_date(plan.days[day])}: {count(len(stops), 'stop')}, {drive} driving to them"
    return ExampleRoute(part.rep, np.rint(x).astype(np.float32), np.rint(y).astype(np.float32), tuple(stops), words)
