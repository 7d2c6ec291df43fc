"""Reading a folder: what comes out is what the files say, in an order of its own."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from fieldsim.scenario import read_design, read_scenario

SMALL = Path(__file__).parents[1] / "data" / "small"


def test_reads_the_small_scenario() -> None:
    scenario = read_scenario(SMALL)
    assert (len(scenario.accounts), len(scenario.reps)) == (12, 3)
    assert (scenario.start, scenario.end) == (date(2026, 10, 1), date(2026, 12, 31))
    assert scenario.accounts.name[1] == "Hotel Faro"
    assert scenario.accounts.visits.tolist()[:4] == [6, 12, 12, 3]
    assert scenario.accounts.assumed == {("A12", "revenue_last_year")}
    assert scenario.accounts.revenue_last_year[11] == 0.5 * 27_000
    assert scenario.reps[1].skills == {"health", "food"}
    assert date(2026, 12, 25) in scenario.holidays


@pytest.mark.parametrize("name", ["today", "split"])
def test_reads_both_designs(name: str) -> None:
    design = read_design(read_scenario(SMALL), name)
    assert design.rep_of.tolist() == [0, 1, 2]
    assert design.owner[0] == 0
