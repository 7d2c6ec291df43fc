"""The whole team's quarter planned ahead in a child process, into the cache that every server process reads plans from."""

from __future__ import annotations

import logging
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

from fieldsim import api
from fieldsim.api.listeners import Advance
from fieldsim.service import child
from fieldsim.service.ground import Ground

log = logging.getLogger("fieldsim.service")
_CODE = """
from fieldsim.cli.screen import progress
from fieldsim.service.ahead import plan_team
folder, design, quarter, effort, seed, workers = sys.argv[1:]
with progress() as advance:
    plan_team(folder, design, int(quarter), effort, int(seed), int(workers), advance)
"""
TOLD_EVERY_S = 15.0


@contextmanager
def planned_ahead(ground: Ground, quarter: int) -> Iterator[None]:
    """Plan while the block serves; a rep who asks before his turn is planned by the server itself."""
    if len(ground.seats) < 2:
        yield
        return
    chosen = ground.settings
    words = [str(chosen.folder), chosen.design, str(quarter), chosen.effort, str(chosen.seed), str(child.spare_cores())]
    started = child.start(_CODE, words, subprocess.DEVNULL)
    threading.Thread(target=_tell, args=(started,), name="plans ahead", daemon=True).start()
    try:
        yield
    finally:
        child.kill(started)


def _tell(started: subprocess.Popen[bytes]) -> None:
    """Say in the log how far it is, now and then, and when it is done."""
    last = monotonic()

    def told(_: str, done: int, total: int) -> None:
        nonlocal last
        if done < total and monotonic() - last >= TOLD_EVERY_S:
            last = monotonic()
            log.info("the quarter is planned for %d of %d territories", done, total)

    child.read_progress(started, told)
    if started.wait() == 0:
        log.info("the quarter is planned: every rep's days are ready")
    elif started.returncode > 0:
        log.warning("planning ahead ended with code %d: each rep is planned when asked for", started.returncode)


def plan_team(
    folder: str, design: str, quarter: int, effort: str, seed: int, workers: int, progress: Advance | None = None
) -> None:
    """Plan every territory of a design; the answer is the cache's."""
    scenario = api.read_scenario(Path(folder))
    chosen = api.read_design(scenario, design)
    how = {"quarter": quarter, "effort": effort, "seed": seed, "workers": workers, "progress": progress}
    api.plan_quarter(scenario, chosen, travel=api.open_travel(scenario), **how)  # type: ignore[arg-type]
