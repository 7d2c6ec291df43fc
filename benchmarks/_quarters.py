"""Random territories for the plan benchmark, common practice as its baseline, and an evaluator of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np

from fieldsim.model import (
    Accounts,
    DayRules,
    Design,
    Floats,
    Ints,
    QuotaRule,
    Rates,
    Rep,
    Scenario,
    Tier,
    TravelMatrix,
    TravelSettings,
)

START, END = date(2026, 10, 5), date(2027, 1, 1)
"""Thirteen weeks from Monday to Friday, no holiday: 65 days."""
DAYS = 65
VISIT_S = 1_800
FREQUENCIES = ((13, 0.07), (6, 0.21), (3, 0.40), (1, 0.32))
"""Visits a quarter and the share of accounts that get them."""


class Plane:
    """Straight-line travel at 50 km/h with a detour of 1.3, whole seconds."""

    def __init__(self, xy_km: Floats) -> None:
        self.xy_km, self.key = xy_km, f"plane-{xy_km.sum()!r}-{len(xy_km)}"

    def matrix(self, points: Sequence[int] | Ints) -> TravelMatrix:
        at = self.xy_km[np.asarray(points)]
        metres = 1_300.0 * np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1))
        return TravelMatrix(np.ceil(metres / (50.0 / 3.6)).astype(np.int64)[None], np.round(metres).astype(np.int64))

    @cached_property
    def whole(self) -> TravelMatrix:
        """All points to all points; of a large country too much to hold."""
        return self.matrix(np.arange(len(self.xy_km)))

    @property
    def seconds(self) -> Ints:
        """Of all points to all points."""
        seconds: Ints = self.whole.seconds[0]
        return seconds

    @property
    def metres(self) -> Ints:
        """Of all points to all points."""
        return self.whole.metres

    def path(self, origin: int, destination: int) -> list[tuple[float, float]]:
        raise NotImplementedError(f"no roads between {origin} and {destination}")


@dataclass(frozen=True)
class Case:
    """Territories on a plane: who is where, and how often each account is due."""

    scenario: Scenario
    design: Design
    travel: Plane
    xy_km: Floats


KINDS = ("towns", "even", "corner")
"""How the accounts of a territory lie: in seven towns and between them; evenly; in seven towns seen from a corner."""


def random_case(accounts: int, reps: int, seed: int, day_s: int, across_km: float = 50.0, kind: str = "towns") -> Case:
    """`reps` territories side by side, each with its share of accounts in seven towns and the country between them."""
    rng = np.random.default_rng(seed)
    each = accounts // reps
    places, owner, homes = [], [], []
    for rep in range(reps):
        centre = np.array([rep % 10, rep // 10]) * across_km
        towns = rng.uniform(-0.45, 0.45, (7, 2)) * across_km
        spread = rng.uniform(0.02, 0.10, 7) * across_km
        town = rng.integers(0, 7, each)
        xy = towns[town] + rng.normal(size=(each, 2)) * spread[town, None]
        country = rng.random(each) < (1.0 if kind == "even" else 0.25)
        xy[country] = rng.uniform(-0.5, 0.5, (int(country.sum()), 2)) * across_km
        places.append(centre + xy)
        homes.append(centre - (0.4 * across_km if kind == "corner" else 0.0))
        owner += [rep] * each
    xy_km = np.vstack([*places, np.array(homes)])
    visits = np.concatenate([rng.permutation(_frequencies(each)) for _ in range(reps)])
    scenario = plain_scenario(xy_km, visits, reps, day_s)
    names = tuple(f"T{rep:03d}" for rep in range(reps))
    return Case(scenario, Design("benchmark", names, np.array(owner, dtype=np.int64), np.arange(reps)), Plane(xy_km), xy_km)


def _frequencies(accounts: int) -> Ints:
    ends = np.round(np.cumsum([share for _, share in FREQUENCIES]) * accounts).astype(int)
    counts = np.diff(np.concatenate([[0], ends]))
    return np.repeat([visits for visits, _ in FREQUENCIES], counts).astype(np.int64)


def plain_scenario(xy_km: Floats, visits: Ints, reps: int, day_s: int) -> Scenario:
    """Accounts, then homes, on a plane laid round the equator; 30 minutes a visit, no lunch, no holidays."""
    n = len(visits)
    lat, lon = xy_km[:, 1] / 111.2, xy_km[:, 0] / 111.2
    blank, one = ("",) * n, np.ones(n)
    accounts = Accounts(
        ids=tuple(f"A{k:06d}" for k in range(n)),
        name=blank,
        lat=lat[:n],
        lon=lon[:n],
        precision=("exact",) * n,
        tier=blank,
        segment=blank,
        industry=blank,
        size=blank,
        product=blank,
        parent=blank,
        owner=blank,
        address=blank,
        postal_code=blank,
        city=blank,
        country=blank,
        opens=blank,
        potential=one,
        revenue_last_year=one,
        open_pipeline=0.0 * one,
        visits=visits,
        visit_minutes=np.full(n, VISIT_S / 60.0),
        priority=np.ones(n, dtype=np.int64),
        remote=0.0 * one,
        locked=np.zeros(n, dtype=np.bool_),
    )
    people = tuple(
        Rep(
            f"R{k:03d}", "", float(lat[n + k]), float(lon[n + k]), None, None, None, frozenset(), 1.0, 28_800, 28_800 + day_s, 0.0
        )
        for k in range(reps)
    )
    return Scenario(
        name="benchmark",
        folder=Path("benchmark"),
        currency="EUR",
        timezone="UTC",
        country="",
        start=START,
        end=END,
        tiers={"A": Tier("A", 1, 30.0, 1, 1.0, 1.0)},
        accounts=accounts,
        reps=people,
        current=None,
        day=DayRules(None, 0.0, 0.0),
        travel=TravelSettings("straight", None, None, 50.0, 1.3, 50.0, 0, False),
        rates=Rates(0.3, 0.3),
        quota=QuotaRule("potential", None),
        holidays=frozenset(),
    )


def sector_days(case: Case) -> list[list[int]]:
    """Common practice for the first territory: a sector of the compass a weekday, the least loaded weeks of it an account."""
    book = case.design.book(0)
    visits = case.scenario.accounts.visits[book]
    xy = case.xy_km[book] - case.xy_km[len(case.scenario.accounts)]
    angle = np.arctan2(xy[:, 1], xy[:, 0])
    around = np.argsort(angle, kind="stable")
    before = np.concatenate([[0], np.cumsum(visits[around])[:-1]]) / visits.sum()
    weekday = np.empty(len(book), dtype=int)
    weekday[around] = (before * 5).astype(int)
    days: list[list[int]] = [[] for _ in range(DAYS)]
    for i in sorted(range(len(book)), key=lambda i: (-visits[i], angle[i])):
        step = {13: 1, 6: 2, 3: 4, 1: 13}[int(visits[i])]
        weeks = [range(start, start + step * int(visits[i]), step) for start in range(13 - step * (int(visits[i]) - 1))]
        best = min(weeks, key=lambda week: (sum(len(days[5 * w + weekday[i]]) for w in week), week[0]))
        for week in best:
            days[5 * week + weekday[i]].append(int(book[i]))
    return days


def day_length(case: Case, home: int, stops: Sequence[int]) -> tuple[int, int]:
    """Travel and length of a day in the given order, seconds."""
    way = [home, *stops, home]
    travel = sum(int(case.travel.seconds[a, b]) for a, b in pairwise(way))
    return travel, travel + VISIT_S * len(stops)
