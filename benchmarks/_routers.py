"""The same day put to other routers; each returns the order it found, as positions in the day's visits."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from fieldsim.routing.arrays import (
    EARLIEST,
    LUNCH_EARLIEST,
    LUNCH_LATEST,
    LUNCH_S,
    PENDING,
    SERVICE,
    SHIFT_END,
    VALUE,
    Day,
)
from fieldsim.routing.ortools_day import DayModel

Router = Callable[[Day], list[int]]


def windows(day: Day, visit: int) -> list[tuple[int, int]]:
    hours = day.arrays.hours[visit].tolist()
    return [(a, b) for a, b in zip(hours[0::2], hours[1::2], strict=True) if b >= 0]


def vroom(day: Day) -> list[int]:
    """VROOM, exploration 5, one thread."""
    import vroom

    n, frame = len(day.visits), day.arrays.frame.tolist()
    problem = vroom.Input()
    problem.set_durations_matrix("car", day.arrays.travel[0].astype(np.uint32))
    pause = [vroom.Break(1, [vroom.TimeWindow(frame[LUNCH_EARLIEST], frame[LUNCH_LATEST])], frame[LUNCH_S])]
    shift = vroom.TimeWindow(frame[EARLIEST], frame[SHIFT_END])
    breaks = pause if frame[PENDING] else []
    problem.add_vehicle(vroom.Vehicle(1, start=n, end=n + 1, profile="car", time_window=shift, breaks=breaks))
    for k, visit in enumerate(day.visits):
        hours = [vroom.TimeWindow(a, b) for a, b in windows(day, k)]
        problem.add_job(vroom.Job(k, k, default_service=visit.service_s, priority=visit.priority, time_windows=hours))
    found = problem.solve(exploration_level=5, nb_threads=1)
    return [int(k) for k, kind in zip(found.routes["id"], found.routes["type"], strict=True) if kind == "job"]


def pyvrp(day: Day) -> list[int]:
    """PyVRP, 300 iterations; two windows are two clients of which one is served, a lunch cannot be said."""
    from pyvrp import Model
    from pyvrp.stop import MaxIterations

    n, arrays, model = len(day.visits), day.arrays, Model()
    begin, end = int(arrays.frame[EARLIEST]), int(arrays.frame[SHIFT_END])
    places = [model.add_location(0, 0) for _ in range(n + 2)]
    travel = arrays.travel[0].tolist()
    for i, one in enumerate(places):
        for j, two in enumerate(places):
            model.add_edge(one, two, distance=travel[i][j], duration=travel[i][j])
    first, last = model.add_depot(places[n]), model.add_depot(places[n + 1])
    model.add_vehicle_type(1, start_depot=first, end_depot=last, tw_early=begin, tw_late=end)
    clients: list[int] = []
    for k in range(n):
        hours = windows(day, k)
        group = model.add_client_group(required=False) if len(hours) > 1 else None
        service, prize = int(arrays.facts[k, SERVICE]), int(arrays.facts[k, VALUE]) * 10_000
        for a, b in hours:
            model.add_client(places[k], service_duration=service, tw_early=a, tw_late=b, prize=prize, required=False, group=group)
            clients.append(k)
    found = model.solve(MaxIterations(300), seed=1, display=False)
    if not found.is_feasible():
        return []
    return [clients[visit.idx] for route in found.best.routes() for visit in route if visit.is_client()]


def guided(seconds: float) -> Router:
    """OR-Tools guided local search for so long, matrices, parallel cheapest insertion."""

    def route(day: Day) -> list[int]:
        model = DayModel(day, None, branches=1 << 40)
        parameters = model.search(1 << 40, guided=True)
        parameters.time_limit.FromMilliseconds(int(seconds * 1000))
        found = model.routing.SolveWithParameters(parameters)
        return model.order(found) if found else []

    return route
