"""Selecting the best keeps its promise, with few replications where luck is shared."""

from __future__ import annotations

import numpy as np
import pytest

from fieldsim.errors import UsageError
from fieldsim.experiment.selection import select_best
from fieldsim.experiment.statistics import Floats


def race(seed: int, means: list[float], own: float) -> Floats:
    """Figures under shared luck, shape [designs, replications]."""
    rng = np.random.default_rng(seed)
    shared = rng.normal(0.0, 5.0, 2000)
    return np.array(means)[:, None] + shared + rng.normal(0.0, own, (len(means), 2000))


def chosen(values: Floats, indifference: float = 1.0) -> tuple[int, int]:
    found = select_best(lambda i, first, last: values[i, first:last], len(values), indifference, budget=2000)
    assert found.decided
    return found.best, found.replications


def test_the_best_of_eight_is_found_as_often_as_promised() -> None:
    # seven designs exactly one indifference zone below the best: the hardest case
    trials = [chosen(race(seed, [99.0] * 3 + [100.0] + [99.0] * 4, 1.0)) for seed in range(200)]
    assert np.mean([best == 3 for best, _ in trials]) >= 0.93
    assert np.mean([ran for _, ran in trials]) <= 200


def test_clear_losers_leave_after_the_first_stage() -> None:
    values = race(1, [90.0, 100.0, 80.0], 0.3)
    found = select_best(lambda i, first, last: values[i, first:last], 3, 1.0)
    assert (found.best, found.replications, found.left_after) == (1, 30, (10, None, 10))


def test_designs_that_are_always_equal_do_not_race_for_ever() -> None:
    values = race(2, [100.0, 98.0], 0.5)
    values = np.array([values[0], values[0], values[1]])
    found = select_best(lambda i, first, last: values[i, first:last], 3, 1.0)
    assert (found.best, found.decided) == (0, True)


def test_a_budget_ends_a_race_that_nobody_wins() -> None:
    values = race(3, [100.0, 100.0], 5.0)
    found = select_best(lambda i, first, last: values[i, first:last], 2, 0.1, budget=20)
    assert (found.decided, found.replications) == (False, 40)


def test_one_design_is_the_best_and_no_zone_is_an_error() -> None:
    values = race(4, [1.0], 1.0)
    assert select_best(lambda i, first, last: values[i, first:last], 1, 1.0).best == 0
    with pytest.raises(UsageError):
        select_best(lambda i, first, last: values[i, first:last], 1, 0.0)
