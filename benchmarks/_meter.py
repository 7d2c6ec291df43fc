"""How long a step takes, how much processor time and memory it and everything it starts use."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TypeVar

T = TypeVar("T")


def timed(what: str, work: Callable[[], T], indent: str = "") -> T:
    """Run a step and print its seconds."""
    began, used = perf_counter(), processor_s()
    result = work()
    print(f"{indent}{what:44} {perf_counter() - began:8.2f} s {processor_s() - used:8.2f} s of processor", flush=True)
    return result


@dataclass
class Used:
    """What a step has used so far; all processes together."""

    seconds: float = 0.0
    processor_s: float = 0.0
    peak_gb: float = 0.0


@contextmanager
def watched() -> Iterator[Used]:
    """Look at memory five times a second while the block runs; the figures are there when it has ended.

    Memory is counted in proportional shares (PSS), so that pages which workers share count once.
    """
    used, stop = Used(), threading.Event()

    def look() -> None:
        while not stop.wait(0.2):
            used.peak_gb = max(used.peak_gb, sum(map(_pss, family())) / 1e6)

    watch = threading.Thread(target=look, daemon=True)
    began, before = perf_counter(), processor_s()
    watch.start()
    try:
        yield used
    finally:
        used.seconds, used.processor_s = perf_counter() - began, processor_s() - before
        stop.set()
        watch.join()


def processor_s() -> float:
    """Processor seconds of this process and everything it started and still runs."""
    return sum(by_process().values())


def by_process() -> dict[int, float]:
    """Processor seconds of this process and of each one it started and still runs, by process number."""
    found = {}
    for pid in family():
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        found[pid] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return found


def family() -> list[int]:
    """This process and everything it started."""
    parents = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rsplit(")", 1)[1].split()
        except (OSError, IndexError):
            continue
        parents[int(status.parent.name)] = int(fields[1])
    mine, grown = {int(Path("/proc/self").resolve().name)}, True
    while grown:
        more = {pid for pid, parent in parents.items() if parent in mine} - mine
        grown = bool(more)
        mine |= more
    return sorted(mine)


def _pss(pid: int) -> float:
    """Proportional share of memory in kB, 0 for a process that has gone."""
    try:
        lines = (Path("/proc") / str(pid) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(float(line.split()[1]) for line in lines if line.startswith("Pss:"))
