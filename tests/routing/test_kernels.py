"""The kernels compile once each: a second signature is compile time that buys nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from compiled import compiled_twice

WORK = """
from routing.days import RULES, random_day
from fieldsim.routing import route_day

for seed, rules in enumerate(RULES):
    route_day(random_day(8, seed, **rules))
"""


@pytest.mark.slow
def test_every_kernel_is_compiled_for_one_signature(tmp_path: Path) -> None:
    assert compiled_twice(WORK, "fieldsim.routing", tmp_path) == []
