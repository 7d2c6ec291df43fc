"""The usual statement of a periodic instance in OR-Tools: one model, a vehicle for each day and car, patterns by Element."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from benchmarks._pvrp import FREE, Instance
from fieldsim.model import Floats, Ints

SCALE = 100
"""OR-Tools counts in whole numbers."""


def one_model(case: Instance, seconds: int) -> float:
    """Cost after guided local search of so many seconds; infinite without a first solution."""
    owner = np.repeat(np.arange(len(case.patterns)), [len(entry[0]) for entry in case.patterns])
    place = np.append(owner, len(case.service))
    depot, vehicles = len(owner), case.days * case.cars
    manager = pywrapcp.RoutingIndexManager(len(place), vehicles, depot)
    model = pywrapcp.RoutingModel(manager)
    travel = np.round(SCALE * case.travel[np.ix_(place, place)]).astype(int)
    service = np.append(np.round(SCALE * case.service[owner]), 0).astype(int)
    cost = model.RegisterTransitMatrix(travel.tolist())
    model.SetArcCostEvaluatorOfAllVehicles(cost)
    _limit(model, "time", model.RegisterTransitMatrix((travel + service[:, None]).tolist()), SCALE * case.longest, case.cars)
    load = np.append(case.demand[owner], 0).astype(int)
    _limit(model, "load", model.RegisterUnaryTransitVector(load.tolist()), case.bearing, case.cars)
    _couple(model, manager, case, owner)
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    parameters.time_limit.seconds = seconds
    found = model.SolveWithParameters(parameters)
    if not found:
        return np.inf
    ways = (_way(model, found, vehicle) for vehicle in range(vehicles))
    return sum(float(case.travel[place[a], place[b]]) for way in ways for a, b in pairwise(map(manager.IndexToNode, way)))


def _way(model: pywrapcp.RoutingModel, found: pywrapcp.Assignment, vehicle: int) -> Iterator[int]:
    """The indices that a vehicle visits, from depot to depot: its cost is counted again, since the model's is rounded."""
    index = model.Start(vehicle)
    yield index
    while not model.IsEnd(index):
        index = found.Value(model.NextVar(index))
        yield index


def _limit(model: pywrapcp.RoutingModel, name: str, evaluator: int, limits: Floats, cars: int) -> None:
    """A dimension that each day's cars may not exceed."""
    most = [int(limit) if limit < FREE else 10**9 for limit in np.repeat(limits, cars)]
    model.AddDimensionWithVehicleCapacity(evaluator, 0, most, True, name)


def _couple(
    model: pywrapcp.RoutingModel,
    manager: pywrapcp.RoutingIndexManager,
    case: Instance,
    owner: Ints,
) -> None:
    """The visits of a customer lie on the days of one pattern."""
    solver = model.solver()
    day_of = [vehicle // case.cars for vehicle in range(case.days * case.cars)]
    for i, patterns in enumerate(case.patterns):
        if len(patterns[0]) == 1 and len(patterns) == case.days:
            continue
        chosen = solver.IntVar(0, len(patterns) - 1, f"pattern {i}")
        for k, visit in enumerate(np.flatnonzero(owner == i).tolist()):
            vehicle = model.VehicleVar(manager.NodeToIndex(visit))
            days = [pattern[k] for pattern in patterns]
            solver.Add(solver.Element(day_of, vehicle) == solver.Element(days, chosen))
