"""Which of fieldsim's kernels a piece of work compiles, and how often."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

WATCH = """
import collections, json
from numba.core import event

class Count(event.Listener):
    def on_start(self, told):
        kernel = told.data["dispatcher"].py_func
        times[f"{kernel.__module__}.{kernel.__qualname__}"] += 1

    def on_end(self, told):
        pass

times = collections.Counter()
event.register("numba:compile", Count())
"""


def compiled_twice(work: str, room: str, cache: Path) -> list[str]:
    """The kernels of the room, such as `fieldsim.routing`, compiled for a second signature by the work, nothing compiled before.

    A process of its own with an empty cache does the work: from a cache a kernel comes without those it calls.
    """
    tests = Path(__file__).parent
    paths = [str(tests), str(tests.parent), os.environ.get("PYTHONPATH", "")]
    changes = {"NUMBA_CACHE_DIR": str(cache), "PYTHONPATH": os.pathsep.join(paths)}
    told = subprocess.run(
        [sys.executable, "-c", f"{WATCH}\n{work}\nprint(json.dumps(times))"],
        env=os.environ | changes,
        capture_output=True,
        text=True,
        check=True,
        cwd=tests,
    )
    times = {name: count for name, count in json.loads(told.stdout.splitlines()[-1]).items() if name.startswith(f"{room}.")}
    assert times, "nothing was compiled"
    return sorted(name for name, count in times.items() if count > 1)
