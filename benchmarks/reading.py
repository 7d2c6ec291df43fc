"""How long do reading and checking 20,000 accounts take, beside polars' bare CSV reader?"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
import polars as pl

from fieldsim.model import Scenario
from fieldsim.scenario import check_scenario, read_design, read_scenario, write_design

REPS = 200


def main(argv: list[str]) -> None:
    """Median seconds of five interleaved rounds; the first argument is the number of accounts."""
    accounts = int(argv[0]) if argv else 20_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write(folder, accounts)
        scenario = read_scenario(folder)
        seconds = _rounds(folder, scenario)
    print(f"{accounts:,} accounts, {REPS} reps; key {scenario.content[:12]}")
    for what, taken in seconds.items():
        print(f"{what:28} {median(taken):8.3f} s   {median(taken) / median(seconds['polars.read_csv']):7.1f} x")


def _rounds(folder: Path, scenario: Scenario, count: int = 5) -> dict[str, list[float]]:
    """Seconds of each job in each round."""
    design = read_design(scenario, "today")
    jobs: dict[str, Callable[[], object]] = {
        "polars.read_csv": lambda: pl.read_csv(folder / "accounts.csv"),
        "read_scenario": lambda: read_scenario(folder),
        "read_design": lambda: read_design(scenario, "today"),
        "write_design": lambda: write_design(scenario, design),
        "check_scenario": lambda: check_scenario(folder),
    }
    seconds: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(count):
        for name, job in jobs.items():
            start = perf_counter()
            job()
            seconds[name].append(perf_counter() - start)
    return seconds


def _write(folder: Path, accounts: int) -> None:
    """A scenario with text, numbers and opening hours in every row."""
    rng = np.random.default_rng(1)
    number = np.arange(accounts)
    frame = pl.DataFrame(
        {
            "account": [f"A{k:06d}" for k in number],
            "name": [f"Customer {k}" for k in number],
            "lat": np.round(-30.0 + rng.uniform(-0.5, 0.5, accounts), 6),
            "lon": np.round(-71.2 + rng.uniform(-0.5, 0.5, accounts), 6),
            "tier": rng.choice(["A", "B", "C"], accounts, p=[0.1, 0.3, 0.6]),
            "industry": rng.choice(["food", "health", "mining"], accounts),
            "address": [f"Street {k % 977} {k % 83}" for k in number],
            "potential": np.round(rng.lognormal(10.0, 1.0, accounts)),
            "opens": [f"Mo-Fr 0{8 + k % 2}:{k % 60:02d}-12:30,14:00-17:30" for k in number],
            "owner": [f"R{k % REPS:03d}" for k in number],
        }
    )
    frame.write_csv(folder / "accounts.csv")
    homes = pl.DataFrame({"rep": [f"R{k:03d}" for k in range(REPS)], "lat": [-30.0] * REPS, "lon": [-71.2] * REPS})
    homes.write_csv(folder / "reps.csv")
    (folder / "designs").mkdir()
    frame.select("account", territory="owner").write_csv(folder / "designs" / "today.csv")
    text = 'country = "CL"\ntimezone = "America/Santiago"\n[quarter]\nstart = 2026-10-01\n[quota]\ntotal = 1e9\n'
    (folder / "scenario.toml").write_text(text, encoding="utf-8")
