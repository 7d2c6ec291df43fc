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


def odd_day(seed: int) -> DayProblem:
    """A small day of whatever is allowed: no time between places, no way at all, lunch at the edge of the shift."""
    rng = np.random.default_rng([77, seed])
    n = int(rng.integers(1, 7))
    places = int(rng.integers(1, n + 3))
    shift = (int(rng.choice([0, 28_800, 30_000])), int(rng.choice([36_000, 64_800, 86_400])))
    travel = _odd_travel(places, rng)
    visits = tuple(_odd_visit(k, places, shift, rng) for k in range(n))
    lunch = now = None
    if rng.random() < 0.65:
        early = int(rng.choice([shift[0], 0, 41_400, shift[1] - 3600, shift[1]]))
        late = min(86_400, early + int(rng.choice([0, 600, 7200, 30_000])))
        lunch = Lunch(early, late, min(int(rng.choice([0, 1, 2700, 7200])), shift[1] - shift[0]))
    if rng.random() < 0.2:
        done = tuple(f"v{k}" for k in range(int(rng.integers(0, n // 2 + 1))))
        now = Now(int(rng.integers(0, places)), int(rng.integers(20_000, 60_000)), done, bool(rng.integers(0, 2)))
    return DayProblem(travel, int(rng.integers(0, places)), int(rng.integers(0, places)), shift, visits, lunch, now)


def _odd_travel(places: int, rng: np.random.Generator) -> TravelMatrix:
    """No triangle holds, some ways take no time, some places have none; by the hour now and then."""
    longest, step = ((1, 1), (4000, 1), (9000, 1), (3, 1200))[int(rng.integers(0, 4))]
    seconds = rng.integers(0, longest, (places, places)) * step
    np.fill_diagonal(seconds, 0)
    if rng.random() < 0.1:
        seconds[:, int(rng.integers(places))] = 100_000_000
    cuts = sorted({int(cut) for cut in rng.integers(1, 86_000, int(rng.integers(1, 3)))}) if rng.random() < 0.3 else []
    factors = rng.choice([0.3, 0.7, 1.0, 1.5, 2.0], len(cuts) + 1)
    stacked = np.stack([np.minimum(seconds * factor, 100_000_000).astype(np.int64) for factor in factors])
    return TravelMatrix(stacked, stacked[0], (0, *cuts))


def _odd_visit(k: int, places: int, shift: tuple[int, int], rng: np.random.Generator) -> DayVisit:
    windows = []
    for _ in range(int(rng.choice([0, 1, 2, 3, 4], p=[0.04, 0.46, 0.25, 0.15, 0.1]))):
        begin = int(rng.integers(0, 86_400) if rng.random() < 0.3 else rng.integers(28_000, 60_000))
        windows.append((begin, min(86_400, begin + int(rng.choice([0, 1, 600, 3600, 14_400, 40_000])))))
    if rng.random() < 0.3:
        windows = [shift]
    return DayVisit(
        f"v{k}",
        None if rng.random() < 0.15 else int(rng.integers(0, places)),
        int(rng.choice([0, 1, 60, 900, 3600, 7200, 20_000, 86_400])),
        tuple(windows),
        int(rng.choice([0, 1, 2, 3, 10, 1_000_000])),
        bool(rng.random() < 0.15),
        int(rng.integers(28_800, 60_000)) if rng.random() < 0.25 else None,
    )
