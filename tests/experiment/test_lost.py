"""A run that loses its whole cluster ends in a clear error, keeps what had ended, and goes on elsewhere to the same answer."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from threading import Timer

import pytest

from fieldsim.errors import FieldsimError
from fieldsim.experiment import Dask, Executor, Serial, cluster, stress_turnover
from fieldsim.scenario import read_design, read_scenario
from fieldsim.store import Store
from fieldsim.travel import open_travel

ROOT = Path(__file__).parents[2]
SMALL = ROOT / "tests" / "data" / "small"
SCHEDULER, WORKER = "distributed.cli.dask_scheduler", "distributed.cli.dask_worker"


class Processes:
    """A scheduler and a worker without a nanny, as processes that can be killed."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        """Whatever is not running."""
        alone = ["--no-dashboard", "--host", "127.0.0.1"]
        calls = {SCHEDULER: [*alone, "--port", str(self.port)], WORKER: [self.address, "--nthreads", "1", "--no-nanny", *alone]}
        for module, arguments in calls.items():
            if module not in self.running:
                main = f"import sys; from {module} import main; sys.exit(main())"
                command = [sys.executable, "-c", main, *arguments]
                environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
                quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
                self.running[module] = subprocess.Popen(command, env=environment, **quiet)  # type: ignore[call-overload]

    def kill(self, *modules: str) -> None:
        for module in modules:
            with suppress(KeyError):
                each = self.running.pop(module)
                each.send_signal(signal.SIGKILL)
                each.wait()


def ask(executor: Executor, store: Store, progress: object = None) -> str:
    scenario = read_scenario(SMALL)
    design, travel = read_design(scenario, "today"), open_travel(scenario)
    more = {"rate": 1.0, "horizon": 1, "replications": 30, "workers": 1, "store": store, "progress": progress}
    return json.dumps(stress_turnover(scenario, design, travel, ("vacant", "nearest"), executor=executor, **more).as_json())  # type: ignore[arg-type]


@pytest.mark.slow
@pytest.mark.parametrize("lost", [(WORKER,), (SCHEDULER, WORKER)])
@pytest.mark.parametrize("back", [False, True])
def test_a_run_that_loses_its_whole_cluster(
    lost: tuple[str, ...], back: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr(cluster, "LOST_S", 60 if back else 1)
    processes, killed = Processes(), []

    def progress(what: str, ended: int, total: int) -> None:
        if what == "simulating departures" and ended == 3 and not killed:
            killed.append(ended)
            processes.kill(*lost)
            if back:
                Timer(1.0, processes.start).start()

    try:
        processes.start()
        Dask(processes.address)._back()  # its start takes a few seconds
        if back:
            assert ask(Dask(processes.address), Store(tmp_path), progress) == ask(Serial(), Store(tmp_path / "alone"))
            return
        with pytest.raises(FieldsimError, match="none came back for 1 s") as error:
            ask(Dask(processes.address), Store(tmp_path), progress)
        assert (error.value.exit_code, error.value.code) == (1, "internal")
    finally:
        processes.kill(SCHEDULER, WORKER)
    before = {file: file.stat().st_mtime_ns for file in (tmp_path / "replications").rglob("*.pickle")}
    assert len(before) >= 3
    assert ask(Serial(), Store(tmp_path)) == ask(Serial(), Store(tmp_path / "alone"))
    assert {file: file.stat().st_mtime_ns for file in before} == before
