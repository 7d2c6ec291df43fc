"""A small scenario shared by most tests: 3 reps, 12 accounts, straight-line travel, no files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np

from fieldsim.model import (
    Accounts,
    DayRules,
    Design,
    Ints,
    Lunch,
    QuotaRule,
    Rates,
    Rep,
    Scenario,
    Tier,
    TravelMatrix,
    TravelSettings,
)

TIERS = {
    "A": Tier("A", 12, 45.0, 3, 200_000.0, 0.5),
    "B": Tier("B", 6, 30.0, 2, 80_000.0, 0.5),
    "C": Tier("C", 3, 20.0, 1, 30_000.0, 0.5),
}


class PlainTravel:
    """Great-circle travel at a fixed speed, written apart from the product's engines."""

    def __init__(self, lat: Sequence[float], lon: Sequence[float], kmh: float = 40.0) -> None:
        y = np.radians(np.asarray(lat))
        x = np.radians(np.asarray(lon)) * np.cos(y.mean())
        self.km = 6371.0 * np.hypot(y[:, None] - y[None, :], x[:, None] - x[None, :])
        self.lat, self.lon, self.kmh, self.key = list(lat), list(lon), kmh, f"plain-{kmh}-{self.km.sum()!r}"

    def matrix(self, points: Sequence[int] | Ints) -> TravelMatrix:
        part = self.km[np.ix_(points, points)]
        seconds = np.ceil(part / self.kmh * 3600.0).astype(np.int64)
        return TravelMatrix(seconds[None], np.round(part * 1000.0).astype(np.int64))

    def path(self, origin: int, destination: int) -> list[tuple[float, float]]:
        return [(self.lat[p], self.lon[p]) for p in (origin, destination)]


def make_scenario(n: int = 12, reps: int = 3, seed: int = 1, **changes: object) -> Scenario:
    """A scenario of any size around 30 S, 71 W; `changes` replace fields of the Scenario."""
    rng = np.random.default_rng(seed)
    tier = [("A", "B", "B", "C", "C", "C")[i % 6] for i in range(n)]
    potential = np.array([TIERS[t].potential for t in tier]) * np.exp(rng.normal(0.0, 0.3, n))
    blank = ("",) * n
    accounts = Accounts(
        ids=tuple(f"A{i:04d}" for i in range(n)),
        name=tuple(f"Account {i}" for i in range(n)),
        lat=-30.0 + rng.uniform(-0.08, 0.08, n),
        lon=-71.2 + rng.uniform(-0.08, 0.08, n),
        precision=("exact",) * n,
        tier=tuple(tier),
        segment=tuple(("retail", "industry")[i % 2] for i in range(n)),
        industry=tuple(("food", "health", "mining")[i % 3] for i in range(n)),
        size=blank,
        product=blank,
        parent=blank,
        owner=blank,
        address=blank,
        postal_code=blank,
        city=blank,
        country=blank,
        opens=tuple(("", "Mo-Fr 09:00-13:00,15:00-18:00", "Mo-Th 08:30-17:00")[i % 3] for i in range(n)),
        potential=potential,
        revenue_last_year=potential * 0.5,
        open_pipeline=np.zeros(n),
        visits=np.array([TIERS[t].visits for t in tier], dtype=np.int64),
        visit_minutes=np.array([TIERS[t].visit_minutes for t in tier]),
        priority=np.array([TIERS[t].priority for t in tier], dtype=np.int64),
        remote=np.zeros(n),
        locked=np.zeros(n, dtype=np.bool_),
    )
    people = tuple(
        Rep(
            id=f"R{k + 1:02d}",
            name=f"Rep {k + 1}",
            lat=float(-30.0 + rng.uniform(-0.06, 0.06)),
            lon=float(-71.2 + rng.uniform(-0.06, 0.06)),
            quota=100_000.0,
            start=None,
            end=None,
            skills=frozenset({("food", "health", "mining")[k % 3]}),
            capacity=1.0,
            shift_start_s=8 * 3600,
            shift_end_s=17 * 3600 + 1800,
            cost_per_year=60_000.0,
        )
        for k in range(reps)
    )
    fields: dict[str, object] = {
        "name": "small",
        "folder": Path("small"),
        "currency": "USD",
        "timezone": "America/Santiago",
        "country": "CL",
        "start": date(2026, 10, 1),
        "end": date(2026, 12, 31),
        "tiers": TIERS,
        "accounts": accounts,
        "reps": people,
        "current": "today",
        "day": DayRules(Lunch(12 * 3600, 14 * 3600, 2700), 60.0, 60.0),
        "travel": TravelSettings("straight", None, None, 40.0, 1.3, 30.0, 120, False),
        "rates": Rates(0.35, 0.3),
        "quota": QuotaRule("potential", None),
        "holidays": frozenset({date(2026, 10, 12), date(2026, 12, 8), date(2026, 12, 25)}),
        "content": f"small-{n}-{reps}-{seed}",
        **changes,
    }
    return Scenario(**fields)  # type: ignore[arg-type]


def make_travel(scenario: Scenario) -> PlainTravel:
    lat = [*scenario.accounts.lat.tolist(), *(rep.lat for rep in scenario.reps)]
    lon = [*scenario.accounts.lon.tolist(), *(rep.lon for rep in scenario.reps)]
    return PlainTravel(lat, lon)


def make_design(scenario: Scenario, name: str = "today", shift: int = 0) -> Design:
    """Accounts dealt to reps in turn; `shift` deals them differently."""
    k = len(scenario.reps)
    names = tuple(f"T{r + 1:02d}" for r in range(k))
    dealt = (np.arange(len(scenario.accounts)) + shift) % k
    return Design(name, names, dealt.astype(np.int64), np.arange(k, dtype=np.int64))
