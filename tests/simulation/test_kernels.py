"""The kernels compile once each: a second signature is compile time that buys nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from compiled import compiled_twice

WORK = """
from simulation.test_reference import case
from fieldsim.simulation import simulate_quarter

for n, seed, quarters, special in ((30, 16, 1, False), (40, 1, 2, True), (20, 3, 1, False), (12, 10, 1, True)):
    _, made, leaving = case(n, seed, quarters, 1, special, {"pull_forward_days": 2.0, "annual_churn": 1.0})
    simulate_quarter(made, seed=seed, replication=0, departures=leaving)
"""


@pytest.mark.slow
def test_every_kernel_is_compiled_for_one_signature(tmp_path: Path) -> None:
    assert compiled_twice(WORK, "fieldsim.simulation", tmp_path) == []
