"""Tasks on a dask.distributed cluster (extra `cluster`), which is asked first whether it is there."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from queue import Empty, SimpleQueue
from time import monotonic, sleep
from typing import Any

from fieldsim.errors import FieldsimError, UsageError
from fieldsim.experiment.executors import RETRIES, Done, Task, in_rounds

PATIENCE_S = 5
"""How long an answer of the scheduler, and then its first worker, is waited for."""
LOST_S = 30
"""How long a run waits for a scheduler, or for a first worker, to come back after all were lost."""
_GLANCE_S = 1.0
"""How often a run that waits for results looks whether anybody still works on them."""
_AGAIN = "what had ended is kept: start it again and repeat the command, or repeat it without the cluster"
_START = "start one with 'dask scheduler' and name it as tcp://HOST:PORT"


@dataclass(frozen=True)
class Dask:
    """Tasks on a cluster; `address` is its scheduler's, such as tcp://10.0.0.5:8786."""

    address: str

    def check(self) -> None:
        """UsageError within seconds where nobody answers, or somebody who is no scheduler, or one without workers."""
        try:
            with ThreadPoolExecutor(1) as apart:  # a notebook's own thread has an event loop that is running
                kind, workers = apart.submit(asyncio.run, _greet(_distributed(), self.address)).result()
        except (OSError, ValueError, MemoryError) as error:
            # somebody who speaks another language seems to announce a message of exabytes: that is the MemoryError
            raise UsageError(f"no Dask scheduler answers at '{self.address}'", hint=_START) from error
        if kind != "Scheduler":
            raise UsageError(f"a Dask {kind.lower()} answers at '{self.address}', not a scheduler", hint=_START)
        if not workers:
            message = f"the Dask scheduler at '{self.address}' has no workers"
            raise UsageError(message, hint=f"start some with 'dask worker {self.address} --nworkers auto --nthreads 1'")

    def run(self, tasks: Sequence[Task], shared: Mapping[str, object], done: Done | None = None) -> list[Any]:
        """Results of all tasks, in their order; the scheduler moves the tasks of a lost worker to another.

        Where all workers or the scheduler are lost, what is left is handed out again once they are back; FieldsimError if that
        takes longer than LOST_S, or if tasks are lost again and again without any progress.
        """
        self.check()

        def attempt(left: list[int], results: dict[int, Any]) -> None:
            with _unlogged():
                self._round(tasks, left, shared, results, done)
            if len(results) < len(tasks):
                self._back()

        return in_rounds(len(tasks), attempt, f"the cluster at '{self.address}' lost the same tasks {{}} times", hint=_AGAIN)

    def _round(
        self, tasks: Sequence[Task], left: list[int], shared: Mapping[str, object], results: dict[int, Any], done: Done | None
    ) -> None:
        """One attempt at the tasks that are left; ends early when everybody who worked on them is gone."""
        distributed = _distributed()
        ended: SimpleQueue[Any] = SimpleQueue()
        client = distributed.Client(self.address, timeout=PATIENCE_S)
        try:
            names = dict.fromkeys(name for k in left for name in tasks[k].shared)
            sent = {name: client.scatter(shared[name], hash=False, broadcast=True) for name in names}
            futures = {}
            for k in left:
                task = tasks[k]
                given = (*(sent[name] for name in task.shared), *task.arguments)
                future = client.submit(task.function, *given, pure=False, retries=RETRIES)
                futures[future] = k
                future.add_done_callback(ended.put)
            while len(results) < len(tasks) and (future := _next(client, ended)) is not None:
                results[futures[future]] = future.result(timeout=PATIENCE_S)
                if done:
                    done(futures[future], results[futures[future]])
        except (OSError, asyncio.CancelledError, distributed.client.FutureCancelledError, distributed.KilledWorker):
            return  # an answer that was on its way when its worker or the scheduler went
        finally:
            client.close(timeout=PATIENCE_S)

    def _back(self) -> None:
        """Wait until a scheduler with a worker is there again; FieldsimError where it does not come back in time."""
        patience = monotonic() + LOST_S
        while True:
            try:
                return self.check()
            except UsageError as error:
                if monotonic() > patience:
                    message = f"{error.message}: all that worked on this run were lost, and none came back for {LOST_S} s"
                    raise FieldsimError(message, hint=_AGAIN) from error
            sleep(_GLANCE_S)


def _next(client: Any, ended: SimpleQueue[Any]) -> Any:
    """The next task that has a result or an error of its own, None as soon as the scheduler or all workers are gone."""
    alone = 0
    while client.status == "running" and alone < 2:
        try:
            future = ended.get(timeout=_GLANCE_S)
        except Empty:
            alone = 0 if client.scheduler_info()["workers"] else alone + 1
            continue
        return future if future.status in ("finished", "error") else None
    return None


@contextmanager
def _unlogged() -> Iterator[None]:
    """Without what the library tells of connections that broke: the run says it in a sentence of its own."""
    names = sorted(name for name in logging.root.manager.loggerDict if name.partition(".")[0] == "distributed")
    before = {name: logging.getLogger(name).level for name in names}
    try:
        for name in names:
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        yield
    finally:
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)


def cluster_at(address: str) -> Dask:
    """The cluster whose scheduler has this address; UsageError within seconds where there is none."""
    cluster = Dask(address)
    cluster.check()
    return cluster


def _distributed() -> Any:
    try:
        return import_module("distributed")
    except ImportError as error:
        raise UsageError("a cluster needs dask.distributed", hint="pip install 'fieldsim[cluster]'") from error


async def _greet(distributed: Any, address: str) -> tuple[str, int]:
    """What answers there and how many workers it has; a first worker may take a moment to come.

    A client that never gets through would hold up the end of the program for a minute, so that a bare call goes first.
    """
    security = distributed.Security().get_connection_args("client")
    async with asyncio.timeout(2 * PATIENCE_S), distributed.rpc(address, timeout=PATIENCE_S, connection_args=security) as there:
        for _ in range(2 * PATIENCE_S):
            found = await asyncio.wait_for(there.identity(), PATIENCE_S)
            if found["type"] != "Scheduler" or found["workers"]:
                break
            await asyncio.sleep(0.5)
    return found["type"], len(found.get("workers", ()))
