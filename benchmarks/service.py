"""How fast is a route on the phone, does a re-plan keep agreed times, is any check-in lost or doubled?"""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks._client import Client
from benchmarks._town import BEFORE, TODAY, cpu_seconds, end, free_port, server, write_town

REPS = 50
FETCHES = 6_000
ROUNDS = 2


def main(argv: list[str]) -> None:
    """All questions, or those named: fetch, replan, checkins, kill, page."""
    from fieldsim.service.ahead import plan_team

    asked = argv or ["fetch", "replan", "checkins", "kill", "page"]
    with tempfile.TemporaryDirectory(prefix="fieldsim-service-") as place:
        folder = Path(place) / "town"
        os.environ["FIELDSIM_CACHE"] = str(Path(place) / "cache")
        write_town(folder, REPS)
        plan_team(str(folder), "today", 0, "quick", 0, os.cpu_count() or 1)
        load = os.getloadavg()[0]
        print(
            f"{REPS} reps, SQLite, loopback; client: asyncio streams, one process; {os.cpu_count()} cores, load before {load:.1f}"
        )
        print(f"{'what':58} {'found':>34}   reach")
        for name in asked:
            QUESTIONS[name](folder, Path(place) / f"{name}.sqlite")


def row(what: str, found: str, reach: str, held: bool) -> None:
    """One line of the table."""
    print(f"{what:58} {found:>34}   {reach}{'' if held else '   NOT REACHED'}", flush=True)


def keys_for(database: Path) -> dict[str, str]:
    """A key for each rep, and one for ops, straight into a new database."""
    from fieldsim.service import keys
    from fieldsim.service.database import open_database
    from fieldsim.service.settings import wall_clock

    opened = open_database(f"sqlite:///{database}")
    found = {f"R{k + 1:02d}": keys.give_key(opened, "rep", f"R{k + 1:02d}", "benchmark", wall_clock())[1] for k in range(REPS)}
    found["ops"] = keys.give_key(opened, "ops", None, "benchmark", wall_clock())[1]
    opened.close()
    return found


def quantile(seconds: list[float], share: float) -> float:
    """Milliseconds."""
    return 1000.0 * float(np.quantile(seconds, share))


def fetch(folder: Path, database: Path) -> None:
    """50 reps ask for today's route without a pause, on 50 connections."""
    keys, port = keys_for(database), free_port()

    async def one(client: Client, rep: str, count: int) -> list[float]:
        taken = []
        for _ in range(count):
            status, body, seconds = await client.get(f"/api/reps/{rep}/days/today")
            assert status == 200, body
            taken.append(seconds)
        return taken

    async def all_at_once(count: int) -> tuple[float, list[float]]:
        clients = {rep: Client(port, key) for rep, key in keys.items() if rep != "ops"}
        began = time.perf_counter()
        parts = await asyncio.gather(*(one(client, rep, count) for rep, client in clients.items()))
        wall = time.perf_counter() - began
        for client in clients.values():
            client.close()
        return wall, [seconds for part in parts for seconds in part]

    with server(folder, f"sqlite:///{database}", port, 2) as child:
        asyncio.run(all_at_once(2))
        busy = cpu_seconds(child)
        found = [asyncio.run(all_at_once(FETCHES // REPS // ROUNDS)) for _ in range(ROUNDS)]
        busy = cpu_seconds(child) - busy
    taken = [seconds for _, part in found for seconds in part]
    rate, p99, middle = len(taken) / sum(wall for wall, _ in found), quantile(taken, 0.99), quantile(taken, 0.5)
    row("fetch today's route, 50 at once, two processes", f"{rate:.0f} requests/s", ">= 500 requests/s", rate >= 500)
    row("  its time, median and p99", f"{middle:.0f} and {p99:.0f} ms", "p99 <= 60 ms", p99 <= 60)
    row("  processor time of the servers for each", f"{1000 * busy / FETCHES:.2f} ms", "", True)


def replan(folder: Path, database: Path) -> None:
    """Each rep agrees on every other time of the day, then one of the other visits is cancelled."""
    keys, port = keys_for(database), free_port()
    taken: list[float] = []
    agreed_moved, moved, stops, worst = 0, 0, [], 0

    async def ask() -> None:
        nonlocal agreed_moved, moved, worst
        for rep in [rep for rep in keys if rep != "ops"]:
            client, path = Client(port, keys[rep]), f"/api/reps/{rep}/days/today/changes"
            day = json.loads((await client.get(f"/api/reps/{rep}/days/today"))[1])
            names = [stop["account"] for stop in day["stops"]]
            stops.append(len(names))
            for name in names[::2]:
                start = next(stop["start_s"] for stop in day["stops"] if stop["account"] == name)
                await client.post(path, {"kind": "pin", "account": name, "start_s": start}, f"pin-{name}")
            before = _starts((await client.get(f"/api/reps/{rep}/days/today"))[1])
            status, body, seconds = await client.post(path, {"kind": "cancelled", "account": names[3]}, f"cancel-{names[3]}")
            assert status == 200, body
            taken.append(seconds)
            after = _starts(body)
            gone = [n for n in names[::2] if abs(after.get(n, -9999) - before.get(n, -9999)) > 900]
            agreed_moved, worst = agreed_moved + len(gone), max(worst, len(gone))
            moved += sum(n in after and abs(after[n] - start) > 900 for n, start in before.items() if n not in names[::2])
            client.close()

    with server(folder, f"sqlite:///{database}", port, 1):
        asyncio.run(ask())
    p99 = quantile(taken, 0.99)
    what = f"re-plan a {np.mean(stops):.0f}-visit day after a cancellation (median, p99)"
    row(what, f"{quantile(taken, 0.5):.0f} and {p99:.0f} ms", "p99 <= 300 ms", p99 <= 300)
    row(
        "  agreed times moved by more than 15 min, most in a day",
        f"{worst} ({agreed_moved} in {len(taken)} days)",
        "<= 2",
        worst <= 2,
    )
    row("  other stops moved by more than 15 min, a day", f"{moved / len(taken):.1f}", "", True)


def _starts(body: bytes) -> dict[str, int]:
    return {stop["account"]: stop["start_s"] for stop in json.loads(body)["stops"] if stop["state"] == "planned"}


async def _work_list(port: int, keys: dict[str, str], dates: tuple[str, ...]) -> dict[str, list[tuple[str, dict[str, Any], str]]]:
    """Each rep's check-ins in the order of the route: path, body, key."""
    work: dict[str, list[tuple[str, dict[str, Any], str]]] = {}
    for rep in (rep for rep in keys if rep != "ops"):
        client = Client(port, keys[rep])
        for date in dates:
            day = json.loads((await client.get(f"/api/reps/{rep}/days/{date}"))[1])
            for stop in day["stops"]:
                body = {"kind": "done", "account": stop["account"], "at_s": stop["leave_s"]}
                work.setdefault(rep, []).append((f"/api/reps/{rep}/days/{date}/changes", body, f"{date}-{stop['account']}"))
        client.close()
    return work


def checkins(folder: Path, database: Path) -> None:
    """50 phones report a visit each second, every fifth report is sent twice, while ops compares two designs."""
    keys, port = keys_for(database), free_port()
    taken: list[float] = []
    acknowledged: list[str] = []

    async def phone(number: int, rep: str, work: list[tuple[str, dict[str, Any], str]]) -> None:
        client = Client(port, keys[rep])
        await asyncio.sleep(number / REPS)
        for k, (path, body, key) in enumerate(work):
            began = time.perf_counter()
            for _ in range(2 if k % 5 == 0 else 1):
                status, text, seconds = await client.post(path, body, key)
                assert status == 200, text
                taken.append(seconds)
            acknowledged.append(f"{rep}/{key}")
            await asyncio.sleep(max(0.0, 1.0 - (time.perf_counter() - began)))
        client.close()

    async def ask() -> str:
        work = await _work_list(port, keys, (TODAY, BEFORE))
        ops = Client(port, keys["ops"])
        _, body, _ = await ops.post("/api/jobs", {"kind": "compare", "designs": ["today", "other"]}, "job-0001")
        name = json.loads(body)["id"]
        await asyncio.sleep(3.0)
        await asyncio.gather(*(phone(k, rep, items) for k, (rep, items) in enumerate(work.items())))
        job = json.loads((await ops.get(f"/api/jobs/{name}"))[1])
        await ops.post(f"/api/jobs/{name}/cancel", {}, "job-0002")
        ops.close()
        return f"{job['status']}, {job['stage']} {job['done']}/{job['total']}"

    with server(folder, f"sqlite:///{database}", port, 2) as child:
        busy = cpu_seconds(child)
        job = asyncio.run(ask())
        busy = cpu_seconds(child) - busy
    lost, doubled = _books(database, acknowledged)
    p99 = quantile(taken, 0.99)
    row(
        f"check-ins from 50 clients, one a second each ({len(taken)})",
        f"{quantile(taken, 0.5):.0f} and {p99:.0f} ms",
        "p99 <= 200 ms",
        p99 <= 200,
    )
    row("  processor time of the servers for each", f"{1000 * busy / len(taken):.1f} ms", "", True)
    row(f"  lost and doubled; the comparison: {job}", f"{lost} and {doubled}", "none", lost == doubled == 0)


def _books(database: Path, acknowledged: list[str]) -> tuple[int, int]:
    """Acknowledged check-ins that are not in the database, and visits that are there more than once."""
    with sqlite3.connect(database) as connection:
        events = Counter(f"{rep}/{key}" for rep, key in connection.execute("SELECT rep, key FROM event"))
        done = {f"{r}/{d}-{a}" for r, d, a in connection.execute("SELECT rep, date, account FROM visit WHERE outcome = 'held'")}
    lost = sum(name not in events or name not in done for name in set(acknowledged))
    return lost, sum(count > 1 for count in events.values())


def kill(folder: Path, database: Path) -> None:
    """kill -9 in the middle of 1,000 check-ins; what was not answered is sent again to the restarted server."""
    keys, port = keys_for(database), free_port()
    acknowledged: list[str] = []
    killed = asyncio.Event()

    async def phone(rep: str, work: list[tuple[str, dict[str, Any], str]], child: Any) -> int:
        client, again = Client(port, keys[rep]), 0
        for path, body, key in work:
            while True:
                try:
                    status, text, _ = await client.post(path, body, key)
                except ConnectionError:
                    again += 1
                    await asyncio.sleep(0.2)
                    continue
                assert status == 200, text
                acknowledged.append(f"{rep}/{key}")
                break
            if len(acknowledged) >= 400 and not killed.is_set():
                killed.set()
                end(child, signal.SIGKILL)
        client.close()
        return again

    async def ask(child: Any) -> int:
        work = await _work_list(port, keys, (TODAY, BEFORE))
        work = {rep: items[:20] for rep, items in work.items()}

        async def restart() -> Any:
            await killed.wait()
            again = server(folder, f"sqlite:///{database}", port, 1)
            await asyncio.to_thread(again.__enter__)
            return again

        restarted = asyncio.create_task(restart())
        resent = sum(await asyncio.gather(*(phone(rep, items, child) for rep, items in work.items())))
        (await restarted).__exit__(None, None, None)
        return resent

    with server(folder, f"sqlite:///{database}", port, 1) as child:
        resent = asyncio.run(ask(child))
    lost, doubled = _books(database, acknowledged)
    what = f"kill -9 in the middle of {len(acknowledged)} check-ins, restart"
    row(what, f"{lost} lost, {doubled} doubled", "none, none", lost == doubled == 0)
    row("  requests that met no server and were sent again", str(resent), "", True)


def page(folder: Path, database: Path) -> None:
    """Bytes of the first page with its style and script, without the map."""
    import urllib.request

    from fieldsim.service import keys
    from fieldsim.service.database import open_database
    from fieldsim.service.settings import wall_clock

    port, key = free_port(), keys_for(database)["R01"]
    opened = open_database(f"sqlite:///{database}")
    session = keys.open_session(opened, key, wall_clock())
    opened.close()
    with server(folder, f"sqlite:///{database}", port, 1):
        site = f"http://127.0.0.1:{port}"
        asked = urllib.request.Request(f"{site}/", headers={"cookie": f"fieldsim={session}", "accept": "text/html"})
        with urllib.request.urlopen(asked) as answer:
            html = answer.read().decode()
        files = sorted(set(re.findall(r'(?:src|href)="(/[^"#?]+\.(?:js|css|webmanifest|svg)(?:[?][^"]*)?)"', html)))
        size = 0
        for file in files:
            with urllib.request.urlopen(site + file) as answer:
                size += len(answer.read())
    bare = re.sub(r"<svg.*?</svg>", "", html, flags=re.DOTALL)
    total = (len(bare.encode()) + size) / 1000
    drawn = (len(html.encode()) - len(bare.encode())) / 1000
    row(
        f"first page: HTML {len(bare.encode()) / 1000:.0f} kB, {len(files)} files {size / 1000:.0f} kB (map {drawn:.0f} kB)",
        f"{total:.0f} kB",
        "<= 150 kB",
        total <= 150,
    )


QUESTIONS = {"fetch": fetch, "replan": replan, "checkins": checkins, "kill": kill, "page": page}

if __name__ == "__main__":
    main(sys.argv[1:])
