"""Runs jobs for a server process, one at a time: a child process each, watched, reported on and stopped when asked."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import secrets
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from fieldsim.service import child, jobs, keys
from fieldsim.service.database import Database
from fieldsim.service.ground import Ground

log = logging.getLogger("fieldsim.service")
LOOK_S = 1.0
BEAT_S = 0.5
COMMAND = """
from fieldsim.cli import main
sys.exit(main(sys.argv[1:]))
"""
"""The public command."""


class Worker:
    """A thread that looks for jobs until it is stopped."""

    def __init__(self, ground: Ground, database: Database) -> None:
        self.ground, self.database = ground, database
        self.server = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look, name="jobs", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Stop; a job in work goes back into the queue."""
        self._stop.set()
        self._thread.join(timeout=10.0)

    def _look(self) -> None:
        while not self._stop.wait(LOOK_S):
            try:
                found = jobs.claim(self.ground, self.database, self.server)
                if found is not None:
                    self._run(found)
            except (SQLAlchemyError, OSError):
                log.exception("jobs: cannot reach the database")

    def _run(self, found: Any) -> None:
        """Run one job to its end."""
        with tempfile.TemporaryDirectory(prefix="fieldsim-job-") as folder:
            report, answer = Path(folder) / "report.html", Path(folder) / "answer.json"
            name, words = found["id"], json.loads(found["words"])
            at = words.index("--")
            words = [*words[:at], "--json", f"--out={report}", f"--workers={child.spare_cores()}", *words[at:]]
            news: dict[str, Any] = {}

            def told(stage: str, done: int, total: int) -> None:
                news.update(stage=stage, done=done, total=total)

            with answer.open("wb") as out, child.start(COMMAND, words, out) as started:
                reader = threading.Thread(target=child.read_progress, args=(started, told), daemon=True)
                reader.start()
                how = self._watch(started, name, news)
                reader.join(timeout=5.0)
            said = answer.read_text("utf-8", "replace").strip()
            self._tell(name, how, started.returncode, said, report)

    def _watch(self, started: subprocess.Popen[bytes], name: str, news: dict[str, Any]) -> str:
        """Wait for the child; `ended`, `cancelled` or `stopping`."""
        while started.poll() is None:
            time.sleep(BEAT_S)
            if self._stop.is_set():
                child.kill(started)
                return "stopping"
            if not jobs.beat(self.database, name, self.server, **news):
                child.kill(started)
                return "cancelled"
        return "ended"

    def _tell(self, name: str, how: str, code: int, said: str, report: Path) -> None:
        """Write the end of a job."""
        now = keys.stamp(self.ground.settings.clock())
        if how == "stopping":
            jobs.end(self.database, name, self.server, status="queued", tries=0)
        elif how == "cancelled":
            jobs.end(self.database, name, self.server, status="cancelled", ended=now)
        elif code == 0:
            html = report.read_text("utf-8") if report.exists() else None
            jobs.end(self.database, name, self.server, status="done", ended=now, answer=said, report=html)
        else:
            jobs.end(self.database, name, self.server, status="failed", ended=now, error=_message(said, code))


def _message(said: str, code: int) -> str:
    """The command's own error, in one line."""
    with contextlib.suppress(ValueError, KeyError, TypeError):
        error = json.loads(said)["error"]
        return f"{error['message']} ({error['hint']})" if error.get("hint") else str(error["message"])
    return f"the command ended with code {code}"
