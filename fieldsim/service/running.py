"""Starting the service: everything that can be wrong is found, and one rep's quarter is planned, before it listens."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import replace

from fieldsim import api
from fieldsim.api.listeners import Advance, Warn
from fieldsim.errors import DataError, UsageError, did_you_mean
from fieldsim.service import keys
from fieldsim.service.ahead import planned_ahead
from fieldsim.service.app import SETTINGS, create_app
from fieldsim.service.database import Database, open_database
from fieldsim.service.errors import Refusal
from fieldsim.service.first import planned_day
from fieldsim.service.ground import Ground, open_ground
from fieldsim.service.replan import replanned
from fieldsim.service.settings import Settings, clock_of

Tell = Callable[[str], None]
SLOW_S = 6.0
READ_S = 2.0
"""A plan that takes longer is being made, not read."""
FIRST_START = "the first start compiles and plans, which can take a minute; the next ones take seconds"


def run(
    settings: Settings, *, today: str | None, new_key: str | None, processes: int, warn: Warn, tell: Tell, advance: Advance
) -> Callable[[], None]:
    """Get everything ready; what is returned serves until it is stopped."""
    ground = open_ground(settings, warn=warn)
    _check_place(settings)
    clock = clock_of(today or _nearest_day(ground, tell), ground.scenario.timezone)
    settings = replace(settings, clock=clock, processes=processes)
    ground = replace(ground, settings=settings)
    database = open_database(settings.database_url)
    if new_key is not None:
        name = _new_key(ground, database, new_key)
        return lambda: print(name)
    _check_port(settings)
    hint = threading.Timer(SLOW_S, tell, [FIRST_START])
    hint.daemon = True
    hint.start()
    try:
        warm(ground, advance)
    finally:
        hint.cancel()
    lines = [*_first_keys(ground, database), f"serving {ground.scenario.name}, design {ground.design.name}, on {settings.site}"]
    if settings.host in ("127.0.0.1", "localhost", "::1"):
        lines.append("only this machine reaches it; --host 0.0.0.0 lets a phone in the network in")
    return lambda: _serve(settings, ground, database, lines)


def warm(ground: Ground, advance: Advance | None = None) -> None:
    """Plan the quarter of the first rep who works today, go once through a re-plan, and read the plans that were made before."""
    rep = _first_rep(ground)
    tell = advance or (lambda *_: None)
    what, quarter = f"getting ready, with {rep}'s quarter", _quarter(ground)
    tell(what, 0, 2)
    ground.plan(rep, quarter, patience_s=None)
    tell(what, 1, 2)
    days = ground.working_days(rep, quarter)
    if days:
        state = planned_day(ground, rep, days[0])
        replanned(ground, rep, days[0], state, state.order())
    tell(what, 2, 2)
    with contextlib.suppress(Refusal):  # the first that is not there yet: it and the others are planned while we serve
        for name in sorted(ground.seats):
            ground.plan(name, quarter, patience_s=READ_S)


def _serve(settings: Settings, ground: Ground, database: Database, lines: list[str]) -> None:
    import uvicorn

    alone = settings.processes == 1
    app = create_app(settings, ground=ground, database=database) if alone else None
    log_to_stderr()
    sys.stdout.write("\n".join([*lines, "stop with Ctrl-C"]) + "\n")
    sys.stdout.flush()
    how = {"host": settings.host, "port": settings.port, "access_log": False, "log_level": "warning", "server_header": False}
    how |= {"timeout_keep_alive": 30}
    with planned_ahead(ground, _quarter(ground)):
        if app is not None:
            uvicorn.run(app, **how)  # type: ignore[arg-type]
            return
        os.environ[SETTINGS] = settings.as_text()
        database.engine.dispose()
        factory = "fieldsim.service.app:from_environment"
        uvicorn.run(factory, factory=True, workers=settings.processes, **how)  # type: ignore[arg-type]


def log_to_stderr() -> None:
    """A line a request and whatever else there is to tell, in every server process."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")


def _check_place(settings: Settings) -> None:
    """Is there room for the SQLite file beside the scenario?"""
    if settings.database:
        return
    path = settings.folder / "service.sqlite"
    try:
        with (path if path.exists() else settings.folder / ".service-probe").open("ab"):
            pass
    except OSError as error:
        hint = "name another place with --database sqlite:////home/me/service.sqlite"
        raise UsageError(f"cannot write the database '{path}': {error.strerror}", hint=hint) from error
    finally:
        with contextlib.suppress(OSError):
            (settings.folder / ".service-probe").unlink(missing_ok=True)


def _check_port(settings: Settings) -> None:
    """Is the port free? Found before anything is planned."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            why = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be used: {error.strerror}"
            hint = f"choose another one with --port {settings.port + 1}"
            raise UsageError(f"port {settings.port} of {settings.host} {why}", hint=hint) from error
        except OverflowError as error:
            raise UsageError(f"{settings.port} is no port") from error


def _nearest_day(ground: Ground, tell: Tell) -> str | None:
    """None while the scenario runs; outside of it, its first working day, so that there is something to show."""
    here = ground.today()
    with contextlib.suppress(DataError):
        api.quarter_of(ground.scenario, here)
        return None
    first = ground.scenario.working_days(0)[0].isoformat()
    tell(f"today ({here}) is outside the scenario's quarters: serving as if it were {first}; --today DATE chooses another day")
    return first


def _quarter(ground: Ground) -> int:
    return api.quarter_of(ground.scenario, ground.today())


def _new_key(ground: Ground, database: Database, wanted: str) -> str:
    """Make a key from ops, read, rep:ID or read:ID; the line to print."""
    role, _, rep = wanted.partition(":")
    if role not in keys.ROLES or (role == "rep" and not rep) or (role == "ops" and rep):
        raise UsageError(f"'{wanted}' is no kind of key", hint="write ops, read, rep:ID or read:ID")
    if rep and rep not in ground.seats:
        raise UsageError(f"'{rep}' is no rep of the design '{ground.design.name}'", hint=did_you_mean(rep, ground.seats))
    _, key = keys.give_key(database, role, rep or None, "made at the command line", ground.settings.clock())
    return f"{wanted}: {link(ground.settings, key)}"


def link(settings: Settings, key: str) -> str:
    """The sign-in link of a key; what follows # never leaves the browser, so no log sees it."""
    return f"{settings.site}/in#{key}"


def _first_keys(ground: Ground, database: Database) -> list[str]:
    """At the first start an ops key and one rep's sign-in link; later only where to get more."""
    if any(row["role"] == "ops" and row["revoked"] is None for row in keys.list_keys(database)):
        return ["keys were given at the first start; more with --new-key rep:ID, or on the ops page"]
    now = ground.settings.clock()
    _, ops = keys.give_key(database, "ops", None, "first start", now)
    day, rep = _somebody(ground)
    _, mine = keys.give_key(database, "rep", rep, "first start", now)
    name = ground.rep(rep).name
    return [
        f"rep {rep}{f' ({name})' if name else ''}: open {link(ground.settings, mine)}",
        f"ops: open {link(ground.settings, ops)}  (then /ops)",
        f"programs: curl -H 'Authorization: Bearer {mine}' {ground.settings.site}/api/reps/{rep}/days/{day}",
        "these links open the service to whoever has them; they are not shown again (--new-key rep:ID makes others)",
    ]


def _somebody(ground: Ground) -> tuple[str, str]:
    """The first rep, and `today` or, on a day off, the next working day."""
    rep, today = _first_rep(ground), ground.today()
    ahead = [day for day in ground.working_days(rep, _quarter(ground)) if day >= today]
    return ("today" if not ahead or ahead[0] == today else ahead[0].isoformat()), rep


def _first_rep(ground: Ground) -> str:
    """The first rep who is employed today, else the first."""
    today = ground.today()
    people = [ground.rep(name) for name in sorted(ground.seats)]
    there = [rep for rep in people if (rep.start or today) <= today <= (rep.end or today)]
    return (there or people)[0].id
