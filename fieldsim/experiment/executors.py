"""Where tasks run: here, in local processes, or on a cluster (`cluster.py`); one contract, the same results in the same order.

An executor has `run(tasks, shared, done)`: a task is a function at the top of a module, the names of shared objects it needs and
arguments of its own. Shared objects travel once to a worker, not once a task. `done(position, result)` is called in the caller's
process as each task ends, in any order; the returned list is in the order of the tasks. Tasks must be pure: one whose worker was
killed is simply done again.
"""

from __future__ import annotations

import ctypes
import gc
import os
import pickle
import sys
import tempfile
import warnings
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from time import perf_counter
from typing import Any, Protocol

import numpy as np

from fieldsim.errors import FieldsimError, UsageError

Done = Callable[[int, Any], None]
RETRIES = 3
"""How often work lost with its worker is handed out again without any progress before the run gives up."""
_HELD_IN_WORKER = 2
"""A scenario and a stage: tasks of a stage stand together, and a worker that grows is taken for one that leaks."""
_GROWN = 100_000_000
"""Bytes that a process may grow by before it gives memory back, which costs a few milliseconds."""
_ALIGNED = 64
"""Bytes at whose multiples arrays begin in a file, as numpy's own memory does."""
_TRIED_HERE = 2
"""Tasks that run here before the rest is shared out: one to warm up, one to measure."""
_WORTH_WORKERS_S = 3.0


@dataclass(frozen=True)
class Task:
    """`function(*shared objects, *arguments)`; the function stands at the top of an importable module."""

    function: Callable[..., Any]
    shared: tuple[str, ...]
    arguments: tuple[Any, ...]


class Executor(Protocol):
    """Runs tasks somewhere and returns their results in order."""

    def run(self, tasks: Sequence[Task], shared: Mapping[str, object], done: Done | None = None) -> list[Any]:
        """Results of all tasks, in their order."""


@dataclass(frozen=True)
class Serial:
    """All tasks in this process, one after another."""

    def run(self, tasks: Sequence[Task], shared: Mapping[str, object], done: Done | None = None) -> list[Any]:
        """Results of all tasks, in their order."""
        results = []
        for position, task in enumerate(tasks):
            result = task.function(*(shared[name] for name in task.shared), *task.arguments)
            if done:
                done(position, result)
            results.append(result)
        return results


def in_rounds(count: int, attempt: Callable[[list[int], dict[int, Any]], None], lost: str, *, hint: str) -> list[Any]:
    """Results of so many tasks in their order; each attempt adds results of those that are left, as far as it gets.

    FieldsimError, saying `lost` with the number of times, where one attempt after another adds none.
    """
    results: dict[int, Any] = {}
    failed = 0
    while len(results) < count:
        left = [position for position in range(count) if position not in results]
        attempt(left, results)
        failed = 0 if len(results) > count - len(left) else failed + 1
        if failed > RETRIES:
            raise FieldsimError(lost.format(failed), hint=hint)
    return [results[position] for position in range(count)]


@dataclass(frozen=True)
class Processes:
    """Tasks in local worker processes (joblib's loky), which stay warm for the next run."""

    workers: int

    def run(self, tasks: Sequence[Task], shared: Mapping[str, object], done: Done | None = None) -> list[Any]:
        """Results of all tasks, in their order; a broken pool is rebuilt and the unfinished tasks are done again."""
        with tempfile.TemporaryDirectory(prefix="fieldsim-", ignore_cleanup_errors=True) as folder:
            files = _spread(Path(folder), shared)

            def attempt(left: list[int], results: dict[int, Any]) -> None:
                self._round(tasks, left, files, results, done)

            lost = "worker processes died {} times at the same tasks"
            return in_rounds(len(tasks), attempt, lost, hint="is there enough memory? try --workers 1")

    def _round(
        self, tasks: Sequence[Task], left: list[int], files: dict[str, str], results: dict[int, Any], done: Done | None
    ) -> None:
        """One attempt at the tasks that are left; ends early when a worker dies."""
        from joblib import Parallel, delayed

        calls = (delayed(_in_worker)(position, tasks[position], files) for position in left)
        with warnings.catch_warnings():
            # the pool replaces a worker that has grown and does its tasks again: nothing for a user to act upon
            warnings.filterwarnings("ignore", message="A worker stopped while some jobs")
            try:
                pool = Parallel(n_jobs=self.workers, return_as="generator_unordered", batch_size=1, pre_dispatch="all")
                for position, result in pool(calls):
                    results[position] = result
                    if done:
                        done(position, result)
            except BrokenExecutor:
                return


def _spread(folder: Path, shared: Mapping[str, object]) -> dict[str, str]:
    """Write each shared object to files that workers map into their memory, so that all of them use the same pages."""
    files = {}
    for number, (name, value) in enumerate(shared.items()):
        path = folder / f"{number}.pickle"
        arrays: list[pickle.PickleBuffer] = []
        head = pickle.dumps(value, protocol=5, buffer_callback=arrays.append)
        ends = [0]
        with path.with_suffix(".arrays").open("wb") as file:
            for array in arrays:
                raw = array.raw()
                file.write(raw)
                file.write(bytes(-raw.nbytes % _ALIGNED))
                ends.append(ends[-1] + raw.nbytes + -raw.nbytes % _ALIGNED)
        sizes = [array.raw().nbytes for array in arrays]
        path.write_bytes(pickle.dumps((head, ends[:-1], sizes)))
        files[name] = str(path)
    return files


_held: OrderedDict[str, object] = OrderedDict()
"""What this worker process has read, by file: a cache, never a setting."""


def _in_worker(position: int, task: Task, files: Mapping[str, str]) -> tuple[int, Any]:
    """Run one task in a worker process."""
    result = task.function(*(_read(files[name]) for name in task.shared), *task.arguments)
    _give_back()
    _keep_what_is_loaded()
    return position, result


@cache
def _keep_what_is_loaded() -> None:
    """Once a process, after its first task: what is loaded by then is never garbage, so that looking for garbage passes it over.

    Going over all modules takes 50 ms, and the pool has a worker do so every second where psutil is not installed.
    """
    gc.collect()
    gc.freeze()


_size: list[int] = []
"""Memory of this process when it last gave some back, bytes: a cache, never a setting."""


def _give_back() -> None:
    """Hand free memory back to the system where it has grown: kept, it would come to several times what is in use."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim and (not _size or _resident() > _size[0] + _GROWN):
        trim(0)
        _size[:] = [_resident()]


def _resident() -> int:
    """Bytes of memory that this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _read(file: str) -> object:
    if file in _held:
        _held.move_to_end(file)
    else:
        head, starts, sizes = pickle.loads(Path(file).read_bytes())
        arrays = Path(file).with_suffix(".arrays")
        # copy on write: a worker that wrote into a shared array would change its own copy only
        mapped = np.memmap(arrays, dtype=np.uint8, mode="c") if sum(sizes) else np.zeros(0, dtype=np.uint8)
        views = [mapped[start : start + size].data for start, size in zip(starts, sizes, strict=True)]
        _held[file] = pickle.loads(head, buffers=views)
        while len(_held) > _HELD_IN_WORKER:
            _held.popitem(last=False)
    return _held[file]


@dataclass(frozen=True)
class Local:
    """Here as long as little is left to do, else in local processes: starting workers is no gain for a few seconds of work.

    The clock decides only where a task runs, never what it returns. The first tasks run here in any case, so that workers find
    compiled kernels instead of each compiling its own.
    """

    workers: int

    def run(self, tasks: Sequence[Task], shared: Mapping[str, object], done: Done | None = None) -> list[Any]:
        """Results of all tasks, in their order."""
        results: list[Any] = []
        for position in range(min(_TRIED_HERE, len(tasks))):
            began = perf_counter()
            results += Serial().run(tasks[position : position + 1], shared, _shifted(done, position))
            spent = perf_counter() - began
            if spent > _WORTH_WORKERS_S:
                break
        _give_back()
        left = tasks[len(results) :]
        worth = left and spent * len(left) > _WORTH_WORKERS_S
        executor: Executor = Processes(self.workers) if worth and self.workers > 1 else Serial()
        return results + executor.run(left, shared, _shifted(done, len(results)))


def _shifted(done: Done | None, by: int) -> Done | None:
    """`done` for a tail of the tasks."""
    return (lambda position, result: done(position + by, result)) if done else None


def executor_for(workers: int | None = None) -> Executor:
    """The executor for a number of local workers; None: every core."""
    if workers is not None and workers < 1:
        raise UsageError(f"workers must be at least 1, not {workers}")
    count = workers or cores()
    return Serial() if count == 1 else Local(count)


def cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
