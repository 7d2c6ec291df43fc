"""Quotas: the team's plan split over seats by potential, equally, or as the reps' column gives it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fieldsim.model import Design, Floats, Ints, Scenario, VisitPlan


def team_quota(scenario: Scenario) -> float:
    """The team's quota of a quarter, the same for every design: the total given, else the reps' sum, else last year's revenue.

    A rep without a figure counts as the mean of those with one.
    """
    if scenario.quota.total is not None:
        return scenario.quota.total
    given = [rep.quota for rep in scenario.reps if rep.quota is not None]
    if given:
        return float(sum(given)) / len(given) * len(scenario.reps)
    return float(np.nansum(scenario.accounts.revenue_last_year)) / 4.0


def quotas(scenario: Scenario, design: Design, plans: Sequence[VisitPlan]) -> dict[str, Ints | Floats]:
    """A row a seat and quarter: rep (-1 vacant), territory, quarter, quota, and the working time that the seat's visits need.

    A vacant seat keeps its quota. A specialist (territory -1) carries the quota of the reps' column, taken off the territories'
    so that the team's total is the same for every design.
    """
    special = sorted({overlay.rep for overlay in design.overlays} - set(design.rep_of.tolist()))
    own = np.array([scenario.reps[rep].quota or 0.0 for rep in special])
    split = _split(scenario, design, max(0.0, team_quota(scenario) - float(own.sum())))
    rep = np.array([*design.rep_of.tolist(), *special], dtype=np.int64)
    territory = np.array([*range(len(design.territories)), *(-1 for _ in special)], dtype=np.int64)
    needed = [np.array([*(t.needed_s for t in plan.territories), *(0.0 for _ in special)]) for plan in plans]
    return {
        "rep": np.tile(rep, len(plans)),
        "territory": np.tile(territory, len(plans)),
        "quarter": np.repeat(np.arange(len(plans), dtype=np.int64), len(rep)),
        "quota": np.tile(np.concatenate([split, own]), len(plans)),
        "needed_s": np.concatenate(needed) if needed else np.zeros(0),
    }


def _split(scenario: Scenario, design: Design, total: float) -> Floats:
    """The total over territories by the scenario's rule; it always adds up."""
    seats = len(design.territories)
    weights: Floats = np.ones(seats)
    if scenario.quota.basis == "potential":
        weights = np.bincount(design.territory_of, weights=scenario.accounts.potential, minlength=seats).astype(np.float64)
    elif scenario.quota.basis == "given":
        given = [scenario.reps[rep].quota if rep >= 0 else None for rep in design.rep_of.tolist()]
        known = [quota for quota in given if quota is not None]
        mean = sum(known) / len(known) if known else 1.0
        weights = np.array([mean if quota is None else quota for quota in given])
    share: Floats = weights / weights.sum() if weights.sum() > 0.0 else np.full(seats, 1.0 / max(1, seats))
    return total * share
