"""One worker against two: what sharing out costs, and how much of it is the tasks themselves running slower side by side."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from time import perf_counter, process_time
from typing import Any

import numpy as np

from benchmarks._meter import by_process, family
from fieldsim.experiment import Executor, Processes, Serial, Task

Run = Callable[[Executor], Mapping[str, Any]]
"""Some replications on an executor, with a figure of each by name."""


def _clocked(*arguments: Any) -> tuple[float, Any]:
    """A task's processor seconds, wherever it runs, and its result; the last two are the function and what is its own."""
    *shared, function, own = arguments
    began = process_time()
    result = function(*shared, *own)
    return process_time() - began, result


@dataclass
class Clocked:
    """An executor that adds up the processor seconds of the tasks themselves."""

    inner: Executor
    seconds: float = 0.0

    def run(
        self, tasks: Sequence[Task], shared: Mapping[str, object], done: Callable[[int, Any], None] | None = None
    ) -> list[Any]:
        """Results of all tasks, in their order."""
        told = (lambda position, found: done(position, found[1])) if done else None
        ran = self.inner.run([Task(_clocked, task.shared, (task.function, task.arguments)) for task in tasks], shared, told)
        self.seconds += sum(seconds for seconds, _ in ran)
        return [result for _, result in ran]


@dataclass
class Spent:
    """Seconds of a run: by the clock, of processor in this process and in those it started, and of that in tasks."""

    wall: float = 0.0
    here: float = 0.0
    workers: float = 0.0
    tasks: float = 0.0
    figures: Mapping[str, Any] = field(default_factory=dict)

    @property
    def beside(self) -> float:
        """Processor seconds outside the tasks: setting up, writing, reading, handing out, collecting."""
        return self.here + self.workers - self.tasks


def _spent(run: Run, executor: Executor) -> Spent:
    clocked, before, began = Clocked(executor), by_process(), perf_counter()
    figures = run(clocked)
    wall, here = perf_counter() - began, os.getpid()
    used = {pid: seconds - before.get(pid, 0.0) for pid, seconds in by_process().items()}
    return Spent(wall, used[here], sum(used.values()) - used[here], clocked.seconds, figures)


def sharing(run: Run, times: int = 7) -> None:
    """One worker against two, interleaved: wall time, and the processor time that sharing out costs, by where it goes.

    On free cores two workers take what this process does by itself and half of what they do; that does not hang on the load.
    Side by side two workers also wait for the same memory, as any two programs do; taking turns on one core they do not, but find
    their caches full of the other's data. Both slow down the tasks themselves, which compute what one worker computes; what is
    left is the cost of sharing out: writing, reading, handing out, collecting.
    """
    rows, walls, alone, same = [], [], [], True
    run(Processes(2))
    for _ in range(times):
        one, two = _spent(run, Serial()), _spent(run, Processes(2))
        with _one_core():
            turns = _spent(run, Processes(2))
        single = one.tasks + one.beside
        walls.append(one.wall / two.wall)
        alone.append(single / (two.here + two.workers / 2.0))
        same &= all(np.array_equal(one.figures[key], two.figures[key]) for key in one.figures)
        pairs = ((two.tasks - one.tasks, two.beside - one.beside), (turns.tasks - one.tasks, turns.beside - one.beside))
        rows.append([100.0 * more / single for pair in pairs for more in pair])
    print(f"\n{'two workers against one, wall':44} {np.median(walls):8.2f} x, the same figures: {same}")
    print(f"{'  on free cores, by processor time':44} {np.median(alone):8.2f} x")
    found = np.median(rows, axis=0)
    for name, tasks, beside in (("side by side", *found[:2]), ("taking turns on one core", *found[2:])):
        print(f"  processor time more, {name}")
        print(f"{'    sharing out':44} {beside:8.1f} %")
        print(f"{'    the same tasks, run slower':44} {tasks:8.1f} %")


@contextmanager
def _one_core() -> Iterator[None]:
    """Keep this process and everything it has started on one core for a while."""
    every = os.sched_getaffinity(0)
    try:
        _keep_on({min(every)})
        yield
    finally:
        _keep_on(every)


def _keep_on(cores: set[int]) -> None:
    """This process and everything it has started may use these cores."""
    for pid in family():
        with suppress(ProcessLookupError):
            os.sched_setaffinity(pid, cores)
