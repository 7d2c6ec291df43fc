"""Child processes of a server: behind whoever is on the phone, telling their progress, gone when the server is."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import IO, Any

_PRELUDE = """
import os, signal, sys, threading
def end_with_the_server():
    os.read(0, 1)
    os.killpg(0, signal.SIGKILL) if hasattr(os, "killpg") else os._exit(1)
threading.Thread(target=end_with_the_server, daemon=True).start()
hasattr(os, "nice") and os.nice(10)
"""
"""Its standard input closes when its server is gone, however that ended."""


def spare_cores() -> int:
    """Workers a child may have: one core is left to the server."""
    return max(1, (os.cpu_count() or 2) - 1)


def start(code: str, words: Sequence[str], out: IO[bytes] | int) -> subprocess.Popen[bytes]:
    """A child that runs Python code over words; its answer goes to `out`, its progress is read with `read_progress`."""
    return subprocess.Popen(
        [sys.executable, "-c", _PRELUDE + code, *words],
        stdin=subprocess.PIPE,
        stdout=out,
        stderr=subprocess.PIPE,
        env={**os.environ, "FIELDSIM_PROGRESS": "lines"},
        start_new_session=True,
    )


def read_progress(child: subprocess.Popen[bytes], told: Callable[[str, int, int], None]) -> None:
    """Tell each step (what, done, all) until the child ends."""
    assert child.stderr is not None
    for line in child.stderr:
        with contextlib.suppress(ValueError, KeyError, TypeError):
            news: Any = json.loads(line)["progress"]
            told(str(news["what"])[:80], int(news["done"]), int(news["total"]))


def kill(child: subprocess.Popen[bytes]) -> None:
    """End the child and all it started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(child.pid, signal.SIGKILL)
        else:
            child.kill()
    child.wait()
