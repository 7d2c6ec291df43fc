"""A dask cluster gives the same answer to the last digit, for compare and for stress."""

from __future__ import annotations

import json
import socket
from contextlib import suppress
from pathlib import Path
from threading import Thread
from time import perf_counter

import pytest

from fieldsim.errors import UsageError
from fieldsim.experiment import Dask, Executor, Serial, cluster_at, compare_designs, stress_turnover
from fieldsim.scenario import read_design, read_scenario
from fieldsim.travel import open_travel

SMALL = Path(__file__).parents[1] / "data" / "small"


def answers(executor: Executor) -> tuple[str, str]:
    scenario = read_scenario(SMALL)
    today, split = (read_design(scenario, name) for name in ("today", "split"))
    travel = open_travel(scenario)
    compared = compare_designs(scenario, [today, split], travel, executor=executor, workers=1, max_replications=20)
    stressed = stress_turnover(
        scenario, today, travel, ("vacant", "nearest"), rate=1.0, horizon=1, replications=10, executor=executor, workers=1
    )
    return json.dumps(compared[0].as_json(), allow_nan=False), json.dumps(stressed.as_json(), allow_nan=False)


@pytest.mark.slow
def test_a_dask_cluster_gives_the_same_answer_to_the_last_digit() -> None:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        assert answers(Dask(cluster.scheduler_address)) == answers(Serial())


@pytest.mark.parametrize("address", ["nonsense", "", "http://127.0.0.1:1", "tcp://127.0.0.1:1"])
def test_an_address_at_which_nobody_answers_is_refused_in_seconds(address: str) -> None:
    pytest.importorskip("distributed")
    began = perf_counter()
    with pytest.raises(UsageError, match=f"no Dask scheduler answers at '{address}'"):
        cluster_at(address)
    assert perf_counter() - began < 15.0


@pytest.mark.parametrize("words", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n" * 4])
def test_somebody_who_speaks_another_language_is_no_scheduler(words: bytes) -> None:
    pytest.importorskip("distributed")
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            with suppress(OSError):
                while True:
                    caller, _ = server.accept()
                    open_ends.append(caller)
                    caller.sendall(words)

        open_ends: list[socket.socket] = []
        Thread(target=answer, daemon=True).start()
        with pytest.raises(UsageError, match="no Dask scheduler answers at"):
            cluster_at(f"tcp://127.0.0.1:{server.getsockname()[1]}")
        for each in open_ends:
            each.close()


def test_a_scheduler_without_workers_and_a_worker_are_told_apart() -> None:
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(n_workers=0, dashboard_address=None) as cluster,
        pytest.raises(UsageError, match="has no workers"),
    ):
        cluster_at(cluster.scheduler_address)
    with distributed.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster:
        worker = next(iter(cluster.scheduler.workers))
        with pytest.raises(UsageError, match=f"a Dask worker answers at '{worker}'"):
            cluster_at(worker)
