"""The kernels compile once each: a second signature is compile time that buys nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from compiled import compiled_twice

WORK = """
from datetime import date
from small import make_design, make_scenario, make_travel
from fieldsim.planning import Wishes, plan_quarter

scenario = make_scenario(40, 1)
design, travel = make_design(scenario), make_travel(scenario)
for effort in ("quick", "normal"):
    plan = plan_quarter(scenario, design, travel, effort=effort)
off = Wishes(off={"R01": plan.days[5:9]}, pins={"A0000": [plan.days[30]]})
plan_quarter(scenario, design, travel, like=plan, wishes=off)
plan_quarter(scenario, design, travel, like=plan, quarter=1)
"""


@pytest.mark.slow
def test_every_kernel_is_compiled_for_one_signature(tmp_path: Path) -> None:
    assert compiled_twice(WORK, "fieldsim.planning", tmp_path) == []
