"""Day problems and routes as JSON, field by field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fieldsim.errors import DataError, did_you_mean
from fieldsim.model import DayProblem, DayRoute, DayVisit, Ints, Lunch, Now, TravelMatrix, Window
from fieldsim.routing.arrays import FAR
from fieldsim.routing.validate import check_problem

PROBLEM_KEYS = ("travel_s", "travel", "start", "end", "shift", "lunch", "visits", "now")
VISIT_KEYS = ("id", "at", "service_s", "windows", "priority", "required", "agreed_start_s")
LUNCH_KEYS = ("earliest", "latest", "duration_s")
NOW_KEYS = ("at", "time_s", "done", "lunch_done")


def read_problem(found: object) -> DayProblem:
    """A day problem from parsed JSON (design section 3.5); DataError names the field that is wrong."""
    fields = _object(found, "problem", PROBLEM_KEYS)
    problem = DayProblem(
        travel=_travel(fields),
        start=_whole(_need(fields, "start", "problem"), "start"),
        end=_whole(_need(fields, "end", "problem"), "end"),
        shift=_pair(_need(fields, "shift", "problem"), "shift"),
        visits=tuple(_visit(v, k) for k, v in enumerate(_list(_need(fields, "visits", "problem"), "visits"))),
        lunch=_lunch(fields.get("lunch")),
        now=_now(fields.get("now")),
    )
    check_problem(problem)
    return problem


def _travel(fields: Mapping[str, Any]) -> TravelMatrix:
    if ("travel_s" in fields) == ("travel" in fields):
        raise DataError("give either travel_s or travel, the matrix or matrices by time of day", column="travel_s")
    if "travel_s" in fields:
        seconds = _matrix(fields["travel_s"], "travel_s")
        return TravelMatrix(seconds[None], np.zeros_like(seconds))
    periods = [_object(p, f"travel[{k}]", ("from_s", "travel_s")) for k, p in enumerate(_list(fields["travel"], "travel"))]
    if not periods:
        raise DataError("there is no matrix", column="travel")
    from_s = tuple(_whole(_need(p, "from_s", f"travel[{k}]"), f"travel[{k}].from_s") for k, p in enumerate(periods))
    parts = [_matrix(_need(p, "travel_s", f"travel[{k}]"), f"travel[{k}].travel_s") for k, p in enumerate(periods)]
    if len({part.shape for part in parts}) > 1:
        raise DataError("the matrices differ in size", column="travel")
    return TravelMatrix(np.stack(parts), np.zeros_like(parts[0]), from_s)


def _matrix(found: object, where: str) -> Ints:
    rows = [_list(row, f"{where}[{k}]") for k, row in enumerate(_list(found, where))]
    for k, row in enumerate(rows):
        if len(row) != len(rows):
            raise DataError(f"row {k} has {len(row)} entries, the matrix has {len(rows)} rows", column=where)
    whole = [
        [FAR if cell is None else _whole(cell, f"{where}[{i}][{j}]") for j, cell in enumerate(row)] for i, row in enumerate(rows)
    ]
    return np.array(whole, dtype=np.int64).reshape(len(rows), len(rows))


def _visit(found: object, row: int) -> DayVisit:
    where = f"visits[{row}]"
    fields = _object(found, where, VISIT_KEYS)
    name = _need(fields, "id", where)
    if not isinstance(name, str) or not name:
        raise DataError(f"{name!r} is not a text", column=f"{where}.id")
    required = fields.get("required", False)
    if not isinstance(required, bool):
        raise DataError(f"{required!r} is neither true nor false", column=f"{where}.required")
    at, agreed = _need(fields, "at", where), fields.get("agreed_start_s")
    windows = _list(_need(fields, "windows", where), f"{where}.windows")
    return DayVisit(
        id=name,
        at=None if at is None else _whole(at, f"{where}.at"),
        service_s=_whole(_need(fields, "service_s", where), f"{where}.service_s"),
        windows=tuple(_pair(w, f"{where}.windows[{k}]") for k, w in enumerate(windows)),
        priority=_whole(fields.get("priority", 1), f"{where}.priority"),
        required=required,
        agreed_start_s=None if agreed is None else _whole(agreed, f"{where}.agreed_start_s"),
    )


def _lunch(found: object) -> Lunch | None:
    if found is None:
        return None
    fields = _object(found, "lunch", LUNCH_KEYS)
    return Lunch(*(_whole(_need(fields, key, "lunch"), f"lunch.{key}") for key in LUNCH_KEYS))


def _now(found: object) -> Now | None:
    if found is None:
        return None
    fields = _object(found, "now", NOW_KEYS)
    done = _list(fields.get("done", []), "now.done")
    if not all(isinstance(name, str) for name in done):
        raise DataError("done lists ids of visits", column="now.done")
    eaten = fields.get("lunch_done", False)
    if not isinstance(eaten, bool):
        raise DataError(f"{eaten!r} is neither true nor false", column="now.lunch_done")
    at, time = _need(fields, "at", "now"), _need(fields, "time_s", "now")
    return Now(_whole(at, "now.at"), _whole(time, "now.time_s"), tuple(done), eaten)


def _object(found: object, where: str, known: Sequence[str]) -> Mapping[str, Any]:
    if not isinstance(found, Mapping):
        raise DataError(f"{where} is not an object", column=where)
    for key in found:
        if key not in known:
            raise DataError(f"unknown field '{key}' in {where}", column=str(key), hint=did_you_mean(str(key), known))
    return found


def _need(fields: Mapping[str, Any], key: str, where: str) -> Any:
    if key not in fields:
        raise DataError(f"{where} has no '{key}'", column=key)
    return fields[key]


def _list(found: object, where: str) -> Sequence[Any]:
    if not isinstance(found, list | tuple):
        raise DataError(f"{where} is not a list", column=where)
    return found


def _whole(found: object, where: str) -> int:
    if isinstance(found, float) and found.is_integer():
        found = int(found)
    if isinstance(found, bool) or not isinstance(found, int):
        raise DataError(f"{found!r} is not a whole number", column=where)
    if abs(found) > 10**12:
        raise DataError(f"{found} is out of range", column=where)
    return found


def _pair(found: object, where: str) -> Window:
    pair = _list(found, where)
    if len(pair) != 2:
        raise DataError(f"{where} needs two numbers", column=where)
    return _whole(pair[0], where), _whole(pair[1], where)


def problem_json(problem: DayProblem) -> dict[str, object]:
    """The problem as `read_problem` reads it."""
    matrices, from_s = problem.travel.seconds.tolist(), problem.travel.from_s
    travel: dict[str, object] = {"travel_s": matrices[0]}
    if len(from_s) > 1:
        travel = {"travel": [{"from_s": a, "travel_s": m} for a, m in zip(from_s, matrices, strict=True)]}
    lunch, now = problem.lunch, problem.now
    fields: dict[str, object] = {**travel, "start": problem.start, "end": problem.end, "shift": list(problem.shift)}
    if lunch:
        fields["lunch"] = dict(zip(LUNCH_KEYS, (lunch.earliest_s, lunch.latest_s, lunch.duration_s), strict=True))
    fields["visits"] = [
        {
            "id": v.id,
            "at": v.at,
            "service_s": v.service_s,
            "windows": [list(window) for window in v.windows],
            "priority": v.priority,
            "required": v.required,
            "agreed_start_s": v.agreed_start_s,
        }
        for v in problem.visits
    ]
    if now:
        fields["now"] = {"at": now.at, "time_s": now.time_s, "done": list(now.done), "lunch_done": now.lunch_done}
    return fields


def route_json(route: DayRoute) -> dict[str, object]:
    """The answer as `--format json` prints it."""
    stop_keys = ("id", "at", "travel_s", "arrive_s", "start_s", "leave_s")
    return {
        "status": route.status,
        "proof": route.proof,
        "priority_served": route.priority_served,
        "served": route.served,
        "travel_s": route.travel_s,
        "wait_s": route.wait_s,
        "depart_s": route.depart_s,
        "finish_s": route.finish_s,
        "stops": [{key: getattr(stop, key) for key in stop_keys} for stop in route.stops],
        "lunch": {"start_s": route.lunch[0], "end_s": route.lunch[1]} if route.lunch else None,
        "skipped": [
            {
                "id": one.id,
                "reason": one.reason,
                "detail": one.detail,
                "forced_cost": one.forced_cost
                and {
                    "drops": list(one.forced_cost.drops),
                    "travel_s": one.forced_cost.travel_s,
                    "cheapest": one.forced_cost.cheapest,
                },
            }
            for one in route.skipped
        ],
        "failed_required": list(route.failed_required),
    }
