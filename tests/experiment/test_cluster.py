"""A dask cluster gives the same answer to the last digit, for compare and for stress."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fieldsim.errors import UsageError
from fieldsim.experiment import Dask, Executor, Serial, compare_designs, stress_turnover
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


def test_an_address_that_is_none_is_refused_in_words() -> None:
    pytest.importorskip("distributed")
    with pytest.raises(UsageError, match="no Dask scheduler answers at 'nonsense'"):
        Dask("nonsense").run([], {})
