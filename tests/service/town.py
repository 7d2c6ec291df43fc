"""A small town to serve: a scenario's folder, a clock that a test moves, and clients that sign in with any role."""

from __future__ import annotations

import csv
import itertools
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import numpy as np
from fastapi import FastAPI

ZONE = "America/Santiago"
MONDAY = "2026-10-05"
SCRIPT = "<script>alert('A')</script> & Sons"
SQL = "Robert'); DROP TABLE event;--"


def write_town(folder: Path, reps: int = 3, accounts: int = 240, seed: int = 1) -> Path:
    """A scenario of `reps` reps and their accounts around one town, with names that would hurt a careless page or query."""
    rng = np.random.default_rng(seed)
    (folder / "designs").mkdir(parents=True)
    text = f'name = "Town"\ncountry = "CL"\ntimezone = "{ZONE}"\ncurrent = "today"\n[quarter]\nstart = 2026-10-01\n'
    tiers = (("A", 12, 35, 3), ("B", 6, 30, 2), ("C", 3, 20, 1))
    for name, visits, minutes, priority in tiers:
        text += f"[tiers.{name}]\nvisits = {visits}\nvisit_minutes = {minutes}\npriority = {priority}\n"
        text += "potential = 10000\nrevenue_share = 0.5\n"
    text += '[travel]\nengine = "straight"\nspeed_kmh = 40\ndetour = 1.3\n[quota]\ntotal = 300000\n'
    (folder / "scenario.toml").write_text(text)
    places = zip(-29.9 + rng.uniform(-0.07, 0.07, accounts), -71.25 + rng.uniform(-0.07, 0.07, accounts), strict=True)
    rows = [
        {
            "account": f"A{k:03d}",
            "name": {3: SCRIPT, 4: SQL}.get(k, f"Account {k}"),
            "lat": f"{lat:.5f}",
            "lon": f"{lon:.5f}",
            "tier": "ABBCCC"[k % 6],
            "opens": ("", "Mo-Fr 08:30-18:00", "Mo-Fr 09:00-13:00,14:30-18:30")[k % 3],
        }
        for k, (lat, lon) in enumerate(places)
    ]
    _write(folder / "accounts.csv", rows)
    home = [
        {"rep": f"R{k:02d}", "name": f"Rep {k}", "lat": f"{-29.9 + 0.01 * k:.3f}", "lon": "-71.25"} for k in range(1, reps + 1)
    ]
    _write(folder / "reps.csv", [{**row, "shift_start": "08:00", "shift_end": "17:30"} for row in home])
    dealt = [{"account": row["account"], "territory": f"R{k % reps + 1:02d}"} for k, row in enumerate(rows)]
    _write(folder / "designs" / "today.csv", dealt)
    return folder


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


class Clock:
    """A clock that stands until a test moves it."""

    def __init__(self, time: str = f"{MONDAY}T07:30") -> None:
        self.set(time)

    def set(self, time: str) -> None:
        self.now = datetime.fromisoformat(time).replace(tzinfo=ZoneInfo(ZONE))

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Town:
    """A service in this process, without a socket."""

    app: FastAPI
    clock: Clock
    keys: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    numbers: Any = field(default_factory=itertools.count)

    def key(self, who: str) -> str:
        """A key for ops, read, rep:R01 or read:R01."""
        from fieldsim.service import keys

        if who not in self.keys:
            role, _, rep = who.partition(":")
            name, key = keys.give_key(self.app.state.database, role, rep or None, "test", self.clock())
            self.keys[who], self.ids[who] = key, name
        return self.keys[who]

    def request(self, who: str | None, method: str, path: str, **more: Any) -> httpx.Response:
        """One request as somebody; `who` None is a stranger."""
        import anyio

        headers = {**({"authorization": f"Bearer {self.key(who)}"} if who else {}), **more.pop("headers", {})}

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
                return await client.request(method, path, headers=headers, **more)

        return anyio.run(ask)

    def get(self, who: str | None, path: str, **more: Any) -> httpx.Response:
        return self.request(who, "GET", path, **more)

    def day(self, rep: str = "R01", date: str = "today") -> dict[str, Any]:
        """The day as the rep sees it."""
        answer = self.get(f"rep:{rep}", f"/api/reps/{rep}/days/{date}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def change(self, rep: str = "R01", date: str = "today", key: str | None = None, **body: Any) -> httpx.Response:
        """One change by the rep, with a new key unless one is given."""
        key = key or f"key-{next(self.numbers):08d}"
        path = f"/api/reps/{rep}/days/{date}/changes"
        return self.request(f"rep:{rep}", "POST", path, json=body, headers={"idempotency-key": key})

    def changed(self, rep: str = "R01", date: str = "today", **body: Any) -> dict[str, Any]:
        """One change that must go in."""
        answer = self.change(rep, date, **body)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


def left(day: dict[str, Any]) -> list[str]:
    """Accounts still to be visited, in order."""
    return [stop["account"] for stop in day["stops"] if stop["state"] == "planned"]


def starts(day: dict[str, Any]) -> dict[str, int]:
    """When each visit that is left starts."""
    return {stop["account"]: stop["start_s"] for stop in day["stops"] if stop["state"] == "planned"}
