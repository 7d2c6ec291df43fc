"""Layouts of the week: five neighbourhoods of equal work."""

from __future__ import annotations

import numpy as np
import pytest
from small import make_design, make_scenario, make_travel

from fieldsim.planning.ground import ground_of
from fieldsim.planning.rhythm import due_visits
from fieldsim.planning.task import task_of
from fieldsim.planning.weekdays import neighbourhoods

SCENARIO = make_scenario(80, 1)


@pytest.mark.parametrize("seed", range(5))
def test_no_weekday_has_much_more_work_or_wider_ways_than_the_others(seed: int) -> None:
    due, travel = due_visits(SCENARIO), make_travel(SCENARIO)
    task = task_of(SCENARIO, make_design(SCENARIO), travel, 0, due, quarter=0, effort="quick", seed=0)
    ground = ground_of(task)
    weekday = neighbourhoods(ground, 60.0, np.random.default_rng(seed).random(5))
    work = np.bincount(weekday, task.due * task.service_s, 5)
    assert work.max() < 1.35 * work.mean()
    inside = np.mean([ground.travel[i, np.flatnonzero(weekday == weekday[i])].mean() for i in range(80)])
    assert inside < 0.8 * ground.travel[:80, :80].mean()
