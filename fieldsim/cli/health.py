"""`fieldsim doctor`: versions, optional parts, the cache, and a smoke test of every floor."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from platform import machine, python_version, system
from time import perf_counter
from typing import Any

from fieldsim.store import Store, default_store

PACKAGES = ("fieldsim", "numpy", "scipy", "numba", "polars", "ortools", "simpy", "osmnx", "bokeh", "osmium")
OPTIONAL = {"cluster": "distributed", "web service": "fastapi"}


def examine(*, clear_cache: bool = False) -> dict[str, Any]:
    """What `doctor` prints; `clear_cache` first deletes everything that can be computed again."""
    store = default_store()
    if clear_cache:
        store.clear()
    return {
        "versions": {"python": f"{python_version()} on {system()} {machine()}", **{name: _version(name) for name in PACKAGES}},
        "optional_parts": {title: "here" if find_spec(module) else "not installed" for title, module in OPTIONAL.items()},
        "cache": _cache(store),
        "smoke_test": [_tried(name, test) for name, test in SMOKE.items()],
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _cache(store: Store) -> dict[str, str]:
    """Where the cache is and how large each kind has grown."""
    kinds = {kind: f"{files} files, {size / 1e6:.1f} MB" for kind, (files, size) in store.sizes().items()}
    total = sum(size for _, size in store.sizes().values())
    return {"folder": str(store.folder), **kinds, "in all": f"{total / 1e6:.1f} MB"}


def _tried(name: str, test: Callable[[], str]) -> dict[str, Any]:
    """Run one step; whatever goes wrong in it is a finding, not a crash."""
    began = perf_counter()
    try:
        detail, passed = test(), True
    except Exception as error:
        detail, passed = f"{type(error).__name__}: {error}", False
    return {"name": name, "passed": passed, "seconds": round(perf_counter() - began, 3), "detail": detail}


def _luck() -> str:
    from fieldsim.luck import keys_of, stream, uniform

    drawn = uniform(stream(0, 0, "doctor"), keys_of(["A"])[0], 0)
    assert 0.0 < drawn < 1.0
    return f"keyed draw {drawn:.6f}"


def _day() -> str:
    """A square of four stops whose shortest tour is known."""
    from fieldsim.routing import read_problem, route_day

    places = ((0, 0), (0, 600), (600, 600), (600, 0), (1200, 0))
    table = [[abs(a - c) + abs(b - d) for c, d in places] for a, b in places]
    visits = [{"id": f"V{k}", "at": k, "service_s": 600, "windows": [[28800, 61200]]} for k in range(1, 5)]
    found = route_day(read_problem({"travel_s": table, "start": 0, "end": 0, "shift": [28800, 64800], "visits": visits}))
    assert found.served == 4
    assert found.travel_s == 3600
    return f"4 stops, {found.travel_s // 60} min of travel, {found.status}"


def _scenario() -> str:
    from fieldsim.cli.ask import shipped
    from fieldsim.scenario import read_scenario

    scenario = read_scenario(shipped("coquimbo"))
    return f"{scenario.name}: {len(scenario.accounts)} accounts, {len(scenario.reps)} reps"


SMOKE: dict[str, Callable[[], str]] = {"keyed luck": _luck, "a day's route": _day, "the shipped scenario": _scenario}
