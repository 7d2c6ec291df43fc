"""Random days: clustered customers with opening hours, fixed appointments, lunch, and every rarer rule on demand."""

from __future__ import annotations

import numpy as np

from fieldsim.model import DayProblem, DayVisit, Ints, Lunch, Now, TravelMatrix

SHIFT = (28_800, 64_800)
RULES: list[dict[str, bool]] = [
    {},
    {"lunch": False},
    {"full": True},
    {"remote": True},
    {"agreed": True},
    {"required": True, "full": True},
    {"hours": True},
    {"now": True},
    {"hours": True, "remote": True, "agreed": True, "required": True, "full": True},
    {"now": True, "agreed": True, "remote": True, "hours": True},
]
"""Sets of rules that the tests go through."""


def random_day(n: int, seed: int, **rules: bool) -> DayProblem:
    """A day of n visits. Rules: lunch (on by default), remote, agreed, required, hours (travel by hour), full (too much), now."""
    rng = np.random.default_rng([seed, n])
    travel = random_travel(n + 1, rng)
    seconds = travel[None]
    from_s: tuple[int, ...] = (0,)
    if rules.get("hours"):
        seconds = np.stack([travel, (travel * rng.uniform(0.5, 1.0)).astype(np.int64), (travel * 1.4).astype(np.int64)])
        from_s = (0, 34_200, 57_600)
    visits = tuple(_visit(k, rng, rules) for k in range(n))
    lunch = Lunch(41_400, 48_600, 2700) if rules.get("lunch", True) else None
    now = None
    if rules.get("now"):
        time = int(rng.integers(30_000, 50_000))
        now = Now(int(rng.integers(0, n + 1)), time, tuple(f"v{k}" for k in range(n // 4)), bool(rng.integers(0, 2)))
    return DayProblem(TravelMatrix(seconds, travel * 10, from_s), 0, min(n, int(rng.integers(0, 2))), SHIFT, visits, lunch, now)


def random_travel(points: int, rng: np.random.Generator) -> Ints:
    """Seconds between points in three towns, not the same both ways."""
    towns = rng.uniform(-12.0, 12.0, (3, 2))
    places = towns[rng.integers(0, 3, points)] + rng.normal(0.0, 3.0, (points, 2))
    km = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1)) * rng.uniform(1.2, 1.4, (points, points))
    seconds: Ints = np.ceil(km / 50.0 * 3600.0).astype(np.int64)
    np.fill_diagonal(seconds, 0)
    return seconds


def _visit(k: int, rng: np.random.Generator, rules: dict[str, bool]) -> DayVisit:
    windows, priority = _windows(rng)
    service = int(rng.choice([2700, 5400, 7200] if rules.get("full") else [1200, 1800, 2700, 3600]))
    remote = rules.get("remote", False) and rng.random() < 0.3
    agreed = int(rng.integers(28_800, 60_000)) if rules.get("agreed") and rng.random() < 0.6 else None
    required = bool(rules.get("required", False) and rng.random() < 0.4)
    return DayVisit(f"v{k}", None if remote else k + 1, service, windows, priority, required, agreed)


def _windows(rng: np.random.Generator) -> tuple[tuple[tuple[int, int], ...], int]:
    draw, priority = rng.random(), int(rng.integers(1, 4))
    if draw < 0.35:
        return (SHIFT,), priority
    if draw < 0.55:
        begin = int(rng.integers(28_800, 45_000))
        return ((begin, begin + int(rng.integers(7200, 18_000))),), priority
    if draw < 0.85:
        return ((32_400, 45_000), (50_400, 61_200)), priority
    begin = int(rng.integers(32_400, 57_600))
    return ((begin - 900, begin + 900),), 10
