"""Rebuilds the scenario from the package `aequilibrae` and a seed: `build.py [--database FILE] [--seed N]`.

The road file is made by `roads.py` beside this script; it must exist before the designs `balanced` and
`rebalance` are made, because these are the product's own answers on these roads. The same seed writes the same bytes.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np
from history import HIRED, cut_zones, grow_today, lock_some
from market import TRADES, Market, make_market, place
from places import Ints, open_database, read_streets, read_zones

FOLDER = Path(__file__).parent
SEED = 2026
GROWTH = 1.08
"""The quarter's quota of the team over a quarter of last year's revenue."""
COST_PER_YEAR = 32_000
"""Salary, commission, car lease and overhead of a rep, USD."""
PEOPLE = (
    ("R01", "Marcela Araya", ("mining supplier", "construction")),
    ("R02", "Héctor Pizarro", ("retail", "restaurant")),
    ("R03", "Paulina Cortés", ("health", "pharmacy")),
    ("R04", "Rodrigo Tapia", ("construction", "agriculture")),
    ("R05", "Verónica Rojas", ("restaurant", "retail")),
    ("R06", "Claudio Vega", ("mining supplier", "agriculture")),
    ("R07", "Daniela Godoy", ("pharmacy", "health")),
    ("R08", "Ignacio Castillo", ("retail", "construction")),
    ("R09", "Camila Olivares", ("restaurant", "pharmacy")),
)


def main() -> None:
    """Writes accounts, reps and the four designs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", type=Path, help="project_database.sqlite, instead of the installed package's")
    parser.add_argument("--seed", type=int, default=SEED)
    chosen = parser.parse_args()
    database = open_database(chosen.database)
    zones, streets = read_zones(database), read_streets(database)
    market = make_market(chosen.seed, zones, streets)
    homes = place(chosen.seed, "rep home", tuple(person[0] for person in PEOPLE), zones, streets)
    today = grow_today(chosen.seed, market, homes.lat, homes.lon)
    locked = lock_some(chosen.seed, market)
    zoned = np.where(locked, today, cut_zones(zones, market, homes.lat, homes.lon))
    market.columns["owner"] = [PEOPLE[k][0] for k in today.tolist()]
    market.columns["locked"] = ["yes" if held else "" for held in locked.tolist()]
    write_table("accounts.csv", market.columns)
    write_reps(market, homes.lat.tolist(), homes.lon.tolist())
    write_design("today", market, today)
    write_design("zones", market, zoned)
    write_design("balanced", market, made("balanced"))
    write_design("rebalance", market, made("rebalance", budget=40))


def write_reps(market: Market, lat: list[float], lon: list[float]) -> None:
    """The team; every rep carries the same quota, as companies that count accounts do."""
    assert all(trade in TRADES for person in PEOPLE for trade in person[2])
    revenue = float(np.sum(np.array(market.columns["revenue_last_year"], dtype=np.float64)))
    quota = int(round(GROWTH * revenue / 4 / len(PEOPLE), -2))
    columns: dict[str, list[object]] = {
        "rep": [person[0] for person in PEOPLE],
        "name": [person[1] for person in PEOPLE],
        "lat": list(lat),
        "lon": list(lon),
        "quota": [quota] * len(PEOPLE),
        "start": [f"{int(year)}-{int(year % 1 * 12) + 1:02d}-01" for year in HIRED],
        "skills": [";".join(person[2]) for person in PEOPLE],
        "capacity": [1] * len(PEOPLE),
        "shift_start": ["08:00"] * len(PEOPLE),
        "shift_end": ["17:30"] * len(PEOPLE),
        "cost_per_year": [COST_PER_YEAR] * len(PEOPLE),
    }
    write_table("reps.csv", columns)


def write_design(name: str, market: Market, owner: Ints) -> None:
    """A design of one territory for each rep: T01 is the seat of R01 in every design, so that designs compare row by row."""
    seats = [PEOPLE[k][0] for k in owner.tolist()]
    columns: dict[str, list[object]] = {
        "account": list(market.ids),
        "territory": [f"T{seat[1:]}" for seat in seats],
        "rep": list(seats),
    }
    write_table(f"designs/{name}.csv", columns)


def made(method: str, budget: int | None = None) -> Ints:
    """The owners in a design of the product's own on the roads, from the files just written."""
    from fieldsim.scenario import read_design, read_scenario
    from fieldsim.territory import design_territories
    from fieldsim.travel import open_travel

    scenario = read_scenario(FOLDER)
    today = read_design(scenario, "today")
    travel = open_travel(scenario)
    return design_territories(scenario, travel, method, name=method, start=today, calibrations=0, budget=budget).owner


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
