"""What moving an account disturbs: classes of activity, and the price of a move by class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fieldsim.model import PIPELINE_STAGES, Bools, Floats, Ints, Scenario

ACTIVITY = ("no activity", "active", "open pipeline", "late-stage pipeline")
"""Classes of a moved account, least disruptive first; the last one only where the accounts have stages."""
LATE = PIPELINE_STAGES[len(PIPELINE_STAGES) // 2 :]
"""Stages whose deals a hand-over disturbs most."""


def activity_of(scenario: Scenario) -> Ints:
    """Position of each account in ACTIVITY: revenue makes it active, an open pipeline dearer to move, a late stage dearest."""
    accounts = scenario.accounts
    open_, active = accounts.open_pipeline > 0.0, accounts.revenue_last_year > 0.0
    kind = np.where(open_, 2, np.where(active, 1, 0)).astype(np.int64)
    if accounts.pipeline_stage:
        kind[open_ & np.isin(accounts.pipeline_stage, LATE)] = 3
    return kind


def classes_of(scenario: Scenario) -> tuple[str, ...]:
    """The classes that can be told apart: without stages an open pipeline is not known to be late."""
    return ACTIVITY if scenario.accounts.pipeline_stage else ACTIVITY[:-1]


def late_of(scenario: Scenario) -> Bools:
    """Whether each account's open pipeline is late, or may be because its stage is not known."""
    accounts = scenario.accounts
    early = np.isin(accounts.pipeline_stage, sorted(set(PIPELINE_STAGES) - set(LATE))) if accounts.pipeline_stage else False
    late: Bools = (accounts.open_pipeline > 0.0) & ~np.broadcast_to(early, len(accounts))
    return late


def hand_over_hours(scenario: Scenario, service: Floats, continuity: float, disruption: Sequence[float]) -> Floats:
    """The price of moving each account, hours: continuity by its visits' hours by what its class counts."""
    hours: Floats = continuity * service * np.array(disruption)[activity_of(scenario)]
    return hours
