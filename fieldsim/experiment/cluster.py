"""Tasks on a dask.distributed cluster (extra `cluster`), which is asked first whether it is there."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from fieldsim.errors import UsageError
from fieldsim.experiment.executors import RETRIES, Done, Task

PATIENCE_S = 5
"""How long an answer of the scheduler, and then its first worker, is waited for."""
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
        """Results of all tasks, in their order; the scheduler moves the tasks of a lost worker to another."""
        self.check()
        distributed = _distributed()
        results: dict[int, Any] = {}
        with distributed.Client(self.address) as client:
            sent = {name: client.scatter(value, hash=False, broadcast=True) for name, value in shared.items()}
            futures = {
                client.submit(task.function, *(sent[n] for n in task.shared), *task.arguments, pure=False, retries=RETRIES): k
                for k, task in enumerate(tasks)
            }
            for future, result in distributed.as_completed(futures, with_results=True):
                results[futures[future]] = result
                if done:
                    done(futures[future], result)
        return [results[position] for position in range(len(tasks))]


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
