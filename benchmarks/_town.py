"""A made-up field force for the service's benchmark: reps with full days, served by real processes on loopback."""

from __future__ import annotations

import csv
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

TODAY, BEFORE = "2026-10-05", "2026-10-02"
ACCOUNTS_A_REP = 112


def write_town(folder: Path, reps: int) -> None:
    """Reps spread over a region, each with a book that fills two weeks with about a dozen visits a day; two designs."""
    rng = np.random.default_rng(7)
    (folder / "designs").mkdir(parents=True)
    text = 'name = "Benchmark"\ncountry = "CL"\ntimezone = "America/Santiago"\ncurrent = "today"\n'
    text += "[quarter]\nstart = 2026-10-01\nend = 2026-10-14\n"
    text += "[tiers.A]\nvisits = 7\nvisit_minutes = 20\npriority = 2\npotential = 10000\nrevenue_share = 0.5\n"
    text += '[travel]\nengine = "straight"\n[quota]\ntotal = 3000000\n'
    (folder / "scenario.toml").write_text(text)
    homes = np.column_stack([-33.0 + 0.2 * (np.arange(reps) // 8), -71.0 + 0.2 * (np.arange(reps) % 8)])
    owner = np.repeat(np.arange(reps), ACCOUNTS_A_REP)
    places = homes[owner] + rng.normal(0.0, 0.025, (len(owner), 2))
    hours = ("", "Mo-Fr 08:30-18:00", "Mo-Fr 09:00-13:30,14:30-18:30")
    accounts = [
        {
            "account": f"A{k:05d}",
            "name": f"Account {k}",
            "lat": f"{lat:.5f}",
            "lon": f"{lon:.5f}",
            "tier": "A",
            "opens": hours[k % 3],
        }
        for k, (lat, lon) in enumerate(places)
    ]
    write(folder / "accounts.csv", accounts)
    names = [f"R{k + 1:02d}" for k in range(reps)]
    shift = {"shift_start": "08:00", "shift_end": "18:00"}
    people = [{"rep": n, "lat": f"{a:.4f}", "lon": f"{b:.4f}", **shift} for n, (a, b) in zip(names, homes, strict=True)]
    write(folder / "reps.csv", people)
    dealt = [{"account": row["account"], "territory": names[k]} for row, k in zip(accounts, owner.tolist(), strict=True)]
    write(folder / "designs" / "today.csv", dealt)
    moved = [{**row, "territory": names[(owner[k] + (k % 40 == 0)) % reps]} for k, row in enumerate(dealt)]
    write(folder / "designs" / "other.csv", moved)


def write(path: Path, rows: list[dict[str, str]]) -> None:
    """A CSV file with a header."""
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def server(folder: Path, database: str, port: int, processes: int) -> Iterator[subprocess.Popen[bytes]]:
    """`fieldsim serve` as users start it, until the block ends."""
    code = "import sys; from fieldsim.cli import main; sys.exit(main(sys.argv[1:]))"
    words = ["serve", str(folder), "today", f"--database={database}", f"--port={port}", f"--processes={processes}"]
    words.append("--effort=quick")
    log = (folder / "server.log").open("ab")
    said = log.tell()
    child = subprocess.Popen(
        [sys.executable, "-c", code, *words, f"--today={TODAY}T08:00"], stdout=log, stderr=log, start_new_session=True
    )
    try:
        _wait(child, port, folder / "server.log", said)
        yield child
    finally:
        end(child)
        log.close()


def end(child: subprocess.Popen[bytes], how: int = signal.SIGTERM) -> None:
    """Stop a server and its processes; SIGKILL gives them no chance to tidy up."""
    if child.poll() is None:
        os.killpg(child.pid, how)
        try:
            child.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def cpu_seconds(child: subprocess.Popen[bytes]) -> float:
    """Processor time of a server and its processes so far; 0 where /proc does not tell."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == child.pid:  # its process group
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _wait(child: subprocess.Popen[bytes], port: int, log: Path, said: int, seconds: int = 240) -> None:
    """Until the server answers and has planned every rep's quarter."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and child.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as answer:
                if answer.status == 200 and b"days are ready" in log.read_bytes()[said:]:
                    return
        except OSError:
            pass
        time.sleep(0.2)
    raise RuntimeError("the server did not start; its log is beside the scenario")
