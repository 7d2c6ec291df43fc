"""The day as an OR-Tools routing model: it confirms a route, may improve it, or finds one alone.

One vehicle, a time dimension with windows, a break interval, a disjunction for every visit; matrices, never callbacks; always a
limit on solutions and branches, never on time. What such a model cannot say (travel that changes with the hour, a remote meeting
without a place, agreed starts) is fixed as in the route it starts from, and whatever comes out is timed again by our own rules.
"""

from __future__ import annotations

import itertools
from typing import Any, NamedTuple

import numpy as np

from fieldsim.model import Ints
from fieldsim.routing.arrays import (
    AGREED,
    EARLIEST,
    FAR,
    KEPT_S,
    LATEST,
    LUNCH_EARLIEST,
    LUNCH_LATEST,
    LUNCH_S,
    PENDING,
    REMOTE,
    SERVICE,
    SHIFT_END,
    VALUE,
    Day,
)
from fieldsim.routing.timetable import Timed, timed

POLISH_SOLUTIONS = 30
ALONE_SOLUTIONS = 100
MOST_BRANCHES = 20_000
"""Guided local search goes on for ever where no further solution is accepted, so the number of solutions is not limit enough."""


class Verdict(NamedTuple):
    """What OR-Tools said of a route."""

    confirmed: bool
    """It accepts the route as feasible, at the same travel."""
    better: Timed | None
    """A better route, timed by our rules."""


def check_route(day: Day, route: Timed, *, proven: bool) -> Verdict:
    """Let OR-Tools start from the route; a proven one is only confirmed, another may be improved."""
    model = DayModel(day, route)
    accepted = model.read(route)
    if accepted is None:
        return Verdict(False, None)
    same = accepted.ObjectiveValue() == model.cost(route)
    if proven:
        return Verdict(same, None)
    found = model.routing.SolveFromAssignmentWithParameters(accepted, model.search(POLISH_SOLUTIONS, guided=False))
    better = timed(day, model.order(found)) if found else None
    return Verdict(same, better if better and better.rank > route.rank else None)


def route_alone(day: Day) -> Timed:
    """OR-Tools' own route, without a start: guided local search, bounded by solutions."""
    model = DayModel(day, None)
    found = model.routing.SolveWithParameters(model.search(ALONE_SOLUTIONS, guided=True))
    order = model.order(found) if found else []
    return allowed(day, order)


def allowed(day: Day, order: list[int]) -> Timed:
    """The order by our rules; where the model's break is laxer than ours, without the visits worth least."""
    worth = sorted(order, key=lambda visit: (-int(day.arrays.facts[visit, VALUE]), visit))
    for count in range(len(order), -1, -1):
        found = timed(day, [visit for visit in order if visit in worth[:count]])
        if found is not None:
            return found
    raise AssertionError("the way home was possible before")


class DayModel:
    """The routing model of a day, with what is fixed as in `route`; without a route, of the slowest hour and with a break."""

    def __init__(self, day: Day, route: Timed | None, *, branches: int = MOST_BRANCHES) -> None:
        from ortools.constraint_solver import pywrapcp

        arrays, n = day.arrays, len(day.visits)
        self.day, self.n = day, n
        self.travel = _static_travel(day, route)
        self.manager = pywrapcp.RoutingIndexManager(n + 2, 1, [n], [n + 1])
        self.routing = routing = pywrapcp.RoutingModel(self.manager)
        cost = routing.RegisterTransitMatrix(self.travel.tolist())
        routing.SetArcCostEvaluatorOfAllVehicles(cost)
        service = np.append(arrays.facts[:, SERVICE], [0, 0])
        spent = routing.RegisterTransitMatrix((self.travel + service[:, None]).tolist())
        end = int(arrays.frame[SHIFT_END])
        routing.AddDimension(spent, end, end, False, "time")
        self.time = routing.GetDimensionOrDie("time")
        self.time.CumulVar(routing.Start(0)).SetMin(int(arrays.frame[EARLIEST]))
        self.penalty = self._penalties()
        for visit in range(n):
            self._visit(visit, route)
        self._lunch(service, route)
        routing.CloseModelWithParameters(self.search(1, guided=False))
        routing.AddSearchMonitor(routing.solver().BranchesLimit(branches))

    def _penalties(self) -> Ints:
        """Cost of leaving each visit out: in the order of value, and more than any travel where that stays in range."""
        value = self.day.arrays.facts[:, VALUE]
        longest = int(np.minimum(self.travel, FAR // 1000).max(initial=0)) * (self.n + 1) + 1
        scale = min(longest, max(1, (1 << 60) // max(int(value.sum()), 1)))
        penalty: Ints = value * scale
        return penalty

    def _visit(self, visit: int, route: Timed | None) -> None:
        arrays, index = self.day.arrays, self.manager.NodeToIndex(visit)
        self.routing.AddDisjunction([index], int(self.penalty[visit]))
        hours = arrays.hours[visit].tolist()
        windows = [(a, b) for a, b in zip(hours[0::2], hours[1::2], strict=True) if b >= 0]
        cumul = self.time.CumulVar(index)
        if not windows or arrays.facts[visit, LATEST] < 0:
            self.routing.VehicleVar(index).SetValues([-1])
            return
        low, high = windows[0][0], min(windows[-1][1], int(arrays.frame[SHIFT_END]))
        if route and arrays.facts[visit, AGREED] >= 0 and visit in route.order:
            start = int(route.rows[route.order.index(visit), 3])
            if abs(start - int(arrays.facts[visit, AGREED])) <= KEPT_S:
                low = max(low, int(arrays.facts[visit, AGREED]) - KEPT_S)
                high = min(high, int(arrays.facts[visit, AGREED]) + KEPT_S)
        cumul.SetRange(low, max(low, high))
        for (_, shut), (opening, _) in itertools.pairwise(windows):
            cumul.RemoveInterval(shut + 1, opening - 1)

    def _lunch(self, service: Ints, route: Timed | None) -> None:
        """A break interval, where the route has a break; the model may also take it before or after the route."""
        frame = self.day.arrays.frame.tolist()
        if frame[PENDING] == 0 or (route and not (route.rows[:, 2] >= 0).any()):
            return
        solver = self.routing.solver()
        pause = solver.FixedDurationIntervalVar(frame[LUNCH_EARLIEST], frame[LUNCH_LATEST], frame[LUNCH_S], False, "lunch")
        self.time.SetBreakIntervalsOfVehicle([pause], 0, service.tolist())

    def search(self, solutions: int, *, guided: bool) -> Any:
        """Search parameters: descent from a start, or guided local search; `solutions` bounds both."""
        from ortools.constraint_solver import pywrapcp
        from ortools.constraint_solver import routing_enums_pb2 as enums

        parameters = pywrapcp.DefaultRoutingSearchParameters()
        parameters.solution_limit = solutions
        parameters.first_solution_strategy = enums.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
        kind = enums.LocalSearchMetaheuristic
        parameters.local_search_metaheuristic = kind.GUIDED_LOCAL_SEARCH if guided else kind.GREEDY_DESCENT
        return parameters

    def read(self, route: Timed) -> Any:
        """The route as an assignment of the model, None if the model refuses it."""
        return self.routing.ReadAssignmentFromRoutes([[self.manager.NodeToIndex(v) for v in route.order]], True)

    def cost(self, route: Timed) -> int:
        """What the model must charge for the route."""
        left = np.ones(self.n, dtype=np.bool_)
        left[list(route.order)] = False
        return -route.rank[2] + int(self.penalty[left].sum())

    def order(self, found: Any) -> list[int]:
        """The visits of a solution, in its order."""
        order: list[int] = []
        index = found.Value(self.routing.NextVar(self.routing.Start(0)))
        while not self.routing.IsEnd(index):
            order.append(self.manager.IndexToNode(index))
            index = found.Value(self.routing.NextVar(index))
        return order


def _static_travel(day: Day, route: Timed | None) -> Ints:
    """One matrix: the slowest hour's, but the route's own legs as planned; a remote visit stands at the place it is held."""
    arrays, n = day.arrays, len(day.visits)
    slow: Ints = arrays.travel.max(axis=0)
    if route is None:
        return slow
    place = list(range(n + 2))
    here = n
    for visit in route.order:
        if arrays.facts[visit, REMOTE]:
            place[visit] = here
        else:
            here = visit
    for visit in np.flatnonzero(arrays.facts[:, REMOTE]).tolist():
        if visit not in route.order:
            place[visit] = n
    matrix: Ints = slow[np.ix_(place, place)].copy()
    legs = [n, *route.order, n + 1]
    for k, (one, two) in enumerate(itertools.pairwise(legs)):
        matrix[one, two] = route.rows[k, 1]
    return matrix
