"""What moving an account disturbs: classes of activity, and the price of a move by class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fieldsim.model import Floats, Ints, Scenario

ACTIVITY = ("no activity", "active", "open pipeline")
"""Classes of a moved account, least disruptive first."""


def activity_of(scenario: Scenario) -> Ints:
    """Position of each account in ACTIVITY: an open pipeline makes a move late, revenue alone makes it active."""
    accounts = scenario.accounts
    late, active = accounts.open_pipeline > 0.0, accounts.revenue_last_year > 0.0
    return np.where(late, 2, np.where(active, 1, 0)).astype(np.int64)


def hand_over_hours(scenario: Scenario, service: Floats, continuity: float, disruption: Sequence[float]) -> Floats:
    """The price of moving each account, hours: continuity by its visits' hours by what its class counts."""
    hours: Floats = continuity * service * np.array(disruption)[activity_of(scenario)]
    return hours
