"""What a server needs to know before it starts; its clock is the only wall clock of the house."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from fieldsim.errors import UsageError

Clock = Callable[[], datetime]
"""The present moment, with its time zone."""


def wall_clock() -> datetime:
    """The machine's clock."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Settings:
    """One service: a scenario, a design, a database."""

    folder: Path
    design: str
    database: str = ""
    """SQLAlchemy URL; empty: an SQLite file beside the scenario."""
    host: str = "127.0.0.1"
    port: int = 8000
    clock: Clock = wall_clock
    freeze_minutes: int = 120
    """Agreed visits that start within so many minutes do not move."""
    undo_minutes: int = 10
    effort: str = "normal"
    seed: int = 0
    most_body: int = 65_536
    """Bytes a request may carry."""
    most_a_minute: int = 12_000
    """Requests a minute of one key, or of one address without a key."""
    processes: int = 1
    """Server processes that share what is allowed a minute."""

    @property
    def database_url(self) -> str:
        """Where the state lies."""
        return self.database or f"sqlite:///{self.folder / 'service.sqlite'}"

    @property
    def site(self) -> str:
        """The address to open in a browser."""
        host = "localhost" if self.host == "127.0.0.1" else _in_the_network() if self.host in ("0.0.0.0", "::") else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    def as_text(self) -> str:
        """The settings for another process; of the clock how far it is from the machine's."""
        fields = {name: value for name, value in asdict(replace(self, clock=wall_clock)).items() if name != "clock"}
        ahead_s = (self.clock() - wall_clock()).total_seconds()
        return json.dumps({**fields, "folder": str(self.folder), "ahead_s": round(ahead_s)})


def _in_the_network() -> str:
    """This machine's address as phones in the same network reach it; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return "localhost"


def from_text(text: str) -> Settings:
    """The settings that `as_text` wrote."""
    fields = json.loads(text)
    clock = _clock_ahead(timedelta(seconds=fields.pop("ahead_s")))
    return Settings(**{**fields, "folder": Path(fields["folder"]), "clock": clock})


def _clock_ahead(by: timedelta) -> Clock:
    return (lambda: wall_clock() + by) if by else wall_clock


def clock_of(today: str | None, timezone: str) -> Clock:
    """The machine's clock, or one that goes on from `today`: YYYY-MM-DD (from 08:00) or YYYY-MM-DDTHH:MM, local time."""
    if today is None:
        return wall_clock
    now = datetime.now(ZoneInfo(timezone))
    try:
        wanted = datetime.fromisoformat(today)
    except ValueError as error:
        raise UsageError(f"'{today}' is no date", hint="write YYYY-MM-DD or YYYY-MM-DDTHH:MM") from error
    if len(today) <= 10:
        wanted = wanted.replace(hour=8)
    return _clock_ahead(wanted.replace(tzinfo=ZoneInfo(timezone)) - now)
