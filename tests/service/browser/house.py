"""A whole service for a browser: a market with full days, a clock to set, a server to stop, and a phone."""

from __future__ import annotations

import contextlib
import csv
import json
import random
import shutil
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from chromium import start_chromium
from selenium.common.exceptions import ElementNotInteractableException, StaleElementReferenceException

from fieldsim.service import keys
from fieldsim.service import tables as t
from fieldsim.service.app import create_app
from fieldsim.service.database import Database, open_database
from fieldsim.service.ground import Ground, open_ground
from fieldsim.service.settings import Settings

SMALL = Path(__file__).parents[2] / "data" / "small"
EVIL = "<script>hacked=1</script><img src=x onerror=hacked=1>"
PHONE, DESK = (360, 740), (1280, 900)
ZONE = ZoneInfo("America/Santiago")


def make_folder(folder: Path) -> Path:
    """The small scenario with so many accounts that a day has several stops; one of them has a script for a name."""
    shutil.copytree(SMALL, folder)
    dice = random.Random(7)
    homes = {"R01": (-29.905, -71.250, 30), "R02": (-29.960, -71.335, 24), "R03": (-30.000, -71.190, 6)}
    accounts, owners = [], []
    for rep, (lat, lon, many) in homes.items():
        for k in range(many):
            name = f"{rep[1:]}{k:02d}"
            said = EVIL if k == 0 else f"Almacén {rep} {k}"
            place = (f"{lat + dice.uniform(-0.02, 0.02):.5f}", f"{lon + dice.uniform(-0.02, 0.02):.5f}")
            accounts.append(
                (name, said, *place, "A", "" if k % 3 else "Mo-Fr 09:00-13:00,15:00-18:30", "street" if k % 4 == 1 else "exact")
            )
            owners.append((name, rep, rep))
    _write(folder / "accounts.csv", ("account", "name", "lat", "lon", "tier", "opens", "precision"), accounts)
    for design in (folder / "designs").iterdir():
        design.unlink()
    _write(folder / "designs" / "today.csv", ("account", "territory", "rep"), owners)
    turned = [(name, rep, rep) for (name, _, _), (_, rep, _) in zip(owners, owners[1:] + owners[:1], strict=True)]
    _write(folder / "designs" / "other.csv", ("account", "territory", "rep"), turned)
    return folder


def _write(path: Path, head: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        writer.writerows(rows)


@dataclass
class Hands:
    """A clock that a test sets."""

    now: datetime = datetime(2026, 10, 5, 7, 0, tzinfo=ZONE)

    def __call__(self) -> datetime:
        return self.now

    def set(self, day: date, hour: int = 7, minute: int = 0) -> None:
        self.now = datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE)


@dataclass
class House:
    """A server on this machine, with everything behind it at hand."""

    settings: Settings
    hands: Hands
    ground: Ground
    database: Database
    port: int
    lose_answers: bool = False
    """Do what is asked, but let the answers get lost."""
    tokens: dict[str, str] = field(default_factory=dict)
    used: set[tuple[str, date]] = field(default_factory=set)
    _server: Any = None
    _thread: Any = None

    @property
    def site(self) -> str:
        return f"http://localhost:{self.port}"

    def start(self) -> None:
        import uvicorn

        app = create_app(self.settings, ground=self.ground, database=self.database)

        async def lossy(scope: Any, receive: Any, send: Any) -> None:
            async def lost(message: Any) -> None:
                if message["type"] == "http.response.start":
                    message = {"type": message["type"], "status": 503, "headers": [(b"content-length", b"0")]}
                else:
                    message = {"type": message["type"], "body": b""}
                await send(message)

            losing = self.lose_answers and scope["type"] == "http" and scope["path"].endswith("/changes")
            await app(scope, receive, lost if losing else send)

        config = uvicorn.Config(
            lossy, host="127.0.0.1", port=self.port, log_level="error", ws="none", timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        until(lambda: self._server.started)

    def stop(self) -> None:
        if self._server is not None:
            self._server.should_exit = True
            self._thread.join(10)
            self._server = None

    def key(self, role: str, rep: str | None = None) -> str:
        name = f"{role}:{rep}"
        if name not in self.tokens:
            self.tokens[name] = keys.give_key(self.database, role, rep, name, self.hands())[1]
        return self.tokens[name]

    def view(self, rep: str, day: date) -> dict[str, Any]:
        from fieldsim.service import days

        found: dict[str, Any] = json.loads(days.view_text(self.ground, self.database, rep, day.isoformat()))
        return found

    def left(self, rep: str, day: date) -> list[str]:
        return [stop["account"] for stop in self.view(rep, day)["stops"] if stop["state"] == "planned"]

    def events(self, rep: str, day: date) -> list[tuple[str, str | None]]:
        from sqlalchemy import select

        wanted = select(t.events.c.kind, t.events.c.account).where(t.events.c.rep == rep, t.events.c.date == day.isoformat())
        with self.database.read() as connection:
            return [(row.kind, row.account) for row in connection.execute(wanted.order_by(t.events.c.id))]

    def fresh_day(self, rep: str, least: int = 4) -> date:
        """A working day of the rep that no test has had yet, with at least so many stops; it becomes today, seven o'clock."""
        days = (day for day in self.ground.working_days(rep, 0) if (rep, day) not in self.used)
        found = next(day for day in days if len(self._planned(rep, day)) >= least)
        self.used.add((rep, found))
        self.hands.set(found)
        return found

    def _planned(self, rep: str, day: date) -> list[int]:
        plan = self.ground.plan(rep, 0)
        part = plan.territories[self.ground.seats[rep]]
        return [k for k in part.day.tolist() if plan.days[k] == day]


def make_house(folder: Path) -> House:
    hands = Hands()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    settings = Settings(make_folder(folder), "today", port=port, clock=hands, effort="quick")
    ground = open_ground(settings)
    for rep in ground.seats:
        ground.plan(rep, 0, patience_s=None)
    house = House(settings, hands, ground, open_database(settings.database_url), port)
    house.start()
    return house


def until(ready: Callable[[], object], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end, "it does not get there"
        time.sleep(0.03)


class Phone:
    """A headless chromium of a phone's size; `desk` makes it wide."""

    def __init__(self, folder: Path) -> None:
        self.driver = start_chromium(folder, ["browser"], reach="localhost")
        self.size(*PHONE)

    def size(self, width: int, height: int) -> None:
        frame = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", frame)

    def forget(self, site: str) -> None:
        """A phone that was never here, with a network and with scripts."""
        self.network(on=True)
        self.scripts(on=True)
        self.driver.get("about:blank")
        self.driver.execute_cdp_cmd("Storage.clearDataForOrigin", {"origin": site, "storageTypes": "all"})
        self.driver.get_log("browser")

    def sign_in(self, site: str, key: str, page: str = "#day[data-rep]") -> None:
        self.driver.get(f"{site}/in#{key}")
        self.wait_for(page)

    def network(self, *, on: bool) -> None:
        self.driver.execute_cdp_cmd("Network.enable", {})
        rule = {"offline": not on, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        self.driver.execute_cdp_cmd("Network.emulateNetworkConditions", rule)

    def scripts(self, *, on: bool) -> None:
        self.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not on})

    def workers(self) -> list[str]:
        """Addresses of the service workers that run."""
        targets = self.driver.execute_cdp_cmd("Target.getTargets", {})["targetInfos"]
        return [each["url"] for each in targets if each["type"] == "service_worker"]

    def all(self, selector: str) -> list[Any]:
        return self.driver.find_elements("css selector", selector)

    def one(self, selector: str) -> Any:
        return self.driver.find_element("css selector", selector)

    def wait_for(self, selector: str) -> Any:
        until(lambda: self.all(selector))
        return self.one(selector)

    def text(self, selector: str) -> str:
        return str(self.driver.execute_script("return document.querySelector(arguments[0])?.textContent || ''", selector))

    def tap(self, selector: str) -> None:
        """A thumb: opens what hides the button, brings it into sight, and taps."""
        script = """const e = document.querySelector(arguments[0]);
        const own = e.closest("summary")?.parentElement;
        for (let d = e.closest("details"); d; d = d.parentElement.closest("details")) if (d !== own) d.open = true;
        e.scrollIntoView({block: "center"})"""
        for _ in range(5):
            with contextlib.suppress(StaleElementReferenceException, ElementNotInteractableException):
                # a fresh route may take the button's place in this very moment: a thumb would tap again, too
                self.driver.execute_script(script, selector)
                self.one(selector).click()
                return
        raise AssertionError(f"{selector} cannot be tapped")

    def accounts(self) -> list[str]:
        """Accounts of the stops that are left, as they stand on the page."""
        script = "return [...document.querySelectorAll('#stops > .stop')].map((each) => each.dataset.account)"
        return list(self.driver.execute_script(script))

    def complaints(self) -> list[str]:
        """What the browser held against the pages; a cut network is no fault of theirs."""
        said = [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] in ("WARNING", "SEVERE")]
        return [each for each in said if "ERR_" not in each and "409" not in each and "503" not in each]

    def too_wide(self) -> bool:
        return bool(self.driver.execute_script("return document.documentElement.scrollWidth > window.innerWidth"))


def next_day(day: date) -> date:
    return day + timedelta(days=1)
