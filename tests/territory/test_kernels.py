"""The kernels compile once each: a second signature is compile time that buys nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from compiled import compiled_twice

WORK = """
from small import make_design, make_scenario, make_travel
from fieldsim.territory import Wishes, balance_curve

for accounts in (6, 60):  # of the first all splits are tried, of the second pairs of moves
    scenario = make_scenario(accounts)
    balance_curve(scenario, make_travel(scenario), make_design(scenario), (0.2, 0.02), wishes=Wishes(moves=20_000))
"""


@pytest.mark.slow
def test_every_kernel_is_compiled_for_one_signature(tmp_path: Path) -> None:
    assert compiled_twice(WORK, "fieldsim.territory", tmp_path) == []
