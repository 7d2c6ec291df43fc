"""Builds a design by a named method; the table of methods is where a new one is added."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from fieldsim.errors import UsageError
from fieldsim.extend import find
from fieldsim.model import Design, Scenario, Travel
from fieldsim.territory.asking import Designer, ask_designer
from fieldsim.territory.columns import geographic, nearest_rep, segment
from fieldsim.territory.hybrid import hybrid
from fieldsim.territory.least_change import fewest
from fieldsim.territory.nameless import nameless
from fieldsim.territory.rebalance import rebalance
from fieldsim.territory.rounds import balanced
from fieldsim.territory.units import Brief, Wishes, check_amounts

DESIGNERS: Mapping[str, Designer] = {
    "balanced": balanced,
    "fewest": fewest,
    "geographic": geographic,
    "hybrid": hybrid,
    "nearest": nearest_rep,
    "rebalance": rebalance,
    "segment": segment,
}

WHOLE = ("balanced", "fewest", "hybrid", "rebalance")
"""Methods that can keep territories in one piece; whole areas, trades and the nearest rep decide for themselves."""

JUDGED = ("fewest", "rebalance")
"""Methods that leave what stands as it is unless a change is better when a quarter of it is planned."""


def design_territories(
    scenario: Scenario,
    travel: Travel,
    method: str = "balanced",
    *,
    name: str | None = None,
    start: Design | None = None,
    territories: int | None = None,
    tolerance: float = 0.05,
    seed: int = 0,
    by: str | None = None,
    vacate: Sequence[str] = (),
    metrics: Mapping[str, float] | None = None,
    continuity: float = 0.15,
    misfit: float = 0.05,
    contiguity: float = 1.0,
    families: bool = True,
    calibrations: int = 1,
    budget: int | None = None,
    revenue_budget: float | None = None,
    moves: int | None = None,
    strict: bool = False,
    allow_plugins: bool = False,
) -> Design:
    """A design made by `method`: a name in DESIGNERS, or "module:function" where plug-ins are allowed.

    `start` is the design that stands: its seats are filled, its owners cost `continuity` to leave, and its specialists stay;
    without it the account's owner column stands for it. `by` is the column of a geographic or segment cut. `metrics` weighs
    what is balanced, by default potential and workload alike. `calibrations`
    rounds correct the travel estimate by planned quarters. `budget` (accounts) and `revenue_budget` (share of last year's
    revenue) bound what a rebalance moves. `vacate` names reps whose seats are not offered. `Wishes` says
    what the other figures mean. The same input and seed give the same design, whatever the order of rows or names of reps.
    """
    wishes = Wishes(
        tolerance=tolerance,
        metrics=dict(metrics) if metrics else Wishes().metrics,
        continuity=continuity,
        misfit=misfit,
        contiguity=contiguity,
        families=families,
        calibrations=calibrations,
        budget=budget,
        revenue_budget=revenue_budget,
        moves=moves,
        strict=strict,
    )
    brief = Brief(name or method, start, territories, vacate, wishes, seed, by)
    return design_by(scenario, travel, method, brief, allow_plugins=allow_plugins)


def design_by(scenario: Scenario, travel: Travel, method: str, brief: Brief, *, allow_plugins: bool = False) -> Design:
    """A design made by the named method from a whole brief."""
    if not 0.0 < brief.wishes.tolerance < 10.0:
        raise UsageError(f"tolerance {brief.wishes.tolerance:g} is not a share above 0")
    if brief.wishes.strict and method in DESIGNERS and method not in WHOLE:
        raise UsageError(f"method '{method}' cannot keep territories in one piece", hint=f"{', '.join(WHOLE)} can")
    for metric, weight in brief.wishes.metrics.items():
        if not 0.0 <= weight < math.inf:
            raise UsageError(f"weight {weight:g} of '{metric}' is not a number from 0")
    check_amounts(scenario)
    designer: Designer = find(method, DESIGNERS, "method", allow_plugins=allow_plugins)
    if method in DESIGNERS:
        view, start = nameless(scenario, travel, brief.start)
        return view.named(designer(view.scenario, view.travel, replace(brief, start=start)))
    return ask_designer(method, designer, scenario, travel, brief)
