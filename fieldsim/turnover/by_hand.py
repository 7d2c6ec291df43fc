"""A hand-over as a design to look at, compare and write down."""

from __future__ import annotations

from fieldsim.errors import UsageError, did_you_mean
from fieldsim.extend import find
from fieldsim.model import Design, Scenario, Travel
from fieldsim.turnover.policies import POLICIES
from fieldsim.turnover.vacancy import open_force, vacancy_of


def hand_over(
    scenario: Scenario,
    travel: Travel,
    design: Design,
    rep: str,
    policy: str = "balanced",
    *,
    name: str | None = None,
    seed: int = 0,
    allow_plugins: bool = False,
) -> Design:
    """The design after `rep` left and the policy (a name in POLICIES, or "module:function") handed the accounts over.

    The rep's territories stay, vacant; what the policy leaves in them waits for the next hire.
    """
    ids = {person.id: k for k, person in enumerate(scenario.reps)}
    if rep not in ids:
        raise UsageError(f"unknown rep '{rep}'", hint=did_you_mean(rep, ids))
    chosen = find(policy, POLICIES, "policy", allow_plugins=allow_plugins)
    force = open_force(scenario, travel, design)
    territory_of, rep_of = design.territory_of, design.rep_of.copy()
    for territory in [t for t, owner in enumerate(design.rep_of.tolist()) if owner == ids[rep]]:
        rep_of[territory] = -1
        territory_of = chosen(
            vacancy_of(force, territory, territory_of=territory_of, staffed=rep_of >= 0, seed=seed)
        ).territory_of
    return Design(name or f"{design.name}-without-{rep}", design.territories, territory_of, rep_of, design.overlays)
