"""The same results in the same order, wherever tasks run and whatever happens to a worker."""

from __future__ import annotations

import os
from pathlib import Path
from time import sleep

import pytest

from fieldsim.errors import DataError, FieldsimError, UsageError
from fieldsim.experiment.cluster import Dask
from fieldsim.experiment.executors import Local, Processes, Serial, Task, executor_for


def scaled(table: dict[str, float], name: str, factor: int) -> float:
    return table[name] * factor


def die_once(flag: str, value: int) -> int:
    """Kills its worker the first time any task gets here."""
    if value == 3 and not Path(flag).exists():
        Path(flag).touch()
        os.kill(os.getpid(), 9)
    return value * value


def die(value: int) -> None:
    os.kill(os.getpid(), 9)


def refuse(value: int) -> None:
    raise DataError("not this one", file="accounts.csv", row=value)


TABLE = {"a": 0.1, "b": 0.7}
TASKS = [Task(scaled, ("table",), ("ab"[k % 2], k)) for k in range(23)]


@pytest.mark.parametrize("executor", [Serial(), Local(2), Processes(1), Processes(2), Processes(3)])
def test_every_executor_gives_the_same_results_in_order(executor: Serial | Local | Processes) -> None:
    ended: dict[int, float] = {}
    results = executor.run(TASKS, {"table": TABLE}, ended.__setitem__)
    assert results == [TABLE["ab"[k % 2]] * k for k in range(23)]
    assert [ended[k] for k in range(23)] == results


def where(seconds: float) -> int:
    """The process that ran, after a while."""
    sleep(seconds)
    return os.getpid()


def test_a_little_work_stays_here_and_much_is_shared_out() -> None:
    little = Local(2).run([Task(where, (), (0.0,))] * 6, {})
    much = Local(2).run([Task(where, (), (0.6,))] * 8, {})
    assert set(little) == {os.getpid()}
    assert much[:2] == [os.getpid()] * 2
    assert os.getpid() not in much[2:]


def test_no_tasks_give_no_results() -> None:
    assert Processes(2).run([], {}) == Serial().run([], {}) == Local(2).run([], {}) == []


def test_work_of_a_killed_worker_is_done_again(tmp_path: Path) -> None:
    tasks = [Task(die_once, (), (str(tmp_path / "flag"), value)) for value in range(12)]
    ended: list[int] = []
    assert Processes(2).run(tasks, {}, lambda position, _: ended.append(position)) == [value * value for value in range(12)]
    assert sorted(ended) == list(range(12))


def test_a_task_that_always_kills_its_worker_ends_with_one_clear_error() -> None:
    with pytest.raises(FieldsimError, match="worker processes died 4 times"):
        Processes(2).run([Task(die, (), (1,))], {})


def test_an_error_in_a_worker_arrives_whole() -> None:
    with pytest.raises(DataError) as caught:
        Processes(2).run([Task(refuse, (), (7,))], {})
    assert (caught.value.file, caught.value.row) == ("accounts.csv", 7)


def test_the_number_of_workers_chooses_the_executor() -> None:
    assert executor_for(1) == Serial()
    assert executor_for(3) == Local(3)
    with pytest.raises(UsageError):
        executor_for(0)


def test_a_dask_cluster_gives_the_same_results_in_order() -> None:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        assert Dask(cluster.scheduler_address).run(TASKS, {"table": TABLE}) == Serial().run(TASKS, {"table": TABLE})
