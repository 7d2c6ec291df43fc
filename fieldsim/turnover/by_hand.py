"""Hand-overs and new hires as designs to look at, compare and write down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from fieldsim.errors import UsageError, did_you_mean
from fieldsim.extend import find
from fieldsim.model import Design, Ints, Scenario, Travel
from fieldsim.territory.nameless import nameless
from fieldsim.territory.units import Wishes
from fieldsim.territory.whole import whole_again
from fieldsim.turnover.asking import ask_policy
from fieldsim.turnover.hire import Patch, first_patch, patch_quality
from fieldsim.turnover.policies import CONTINUITY, POLICIES
from fieldsim.turnover.vacancy import Force, Policy, Vacancy, open_force, vacancy_of

WHOLE = ("balanced", "reoptimise")
"""Policies that can be asked to keep territories in one piece."""


def hand_over(
    scenario: Scenario,
    travel: Travel,
    design: Design,
    rep: str,
    policy: str = "balanced",
    *,
    name: str | None = None,
    seed: int = 0,
    strict: bool = False,
    allow_plugins: bool = False,
) -> Design:
    """The design after `rep` left and the policy (a name in POLICIES, or "module:function") handed the accounts over.

    The rep's territories stay, vacant; what the policy leaves in them waits for the next hire. Shares the rep had in others'
    accounts, with their visits, fall back to the owners. `strict` gives each account that
    `balanced` or `reoptimise` moves to a territory next door, as far as there is one.
    """
    ids = {person.id: k for k, person in enumerate(scenario.reps)}
    if rep not in ids:
        raise UsageError(f"unknown rep '{rep}'", hint=did_you_mean(rep, ids))
    if strict and policy not in WHOLE:
        hint = f"--contiguity strict goes with {' and '.join(WHOLE)}"
        raise UsageError(f"policy '{policy}' cannot keep territories in one piece", hint=hint)
    chosen = find(policy, POLICIES, "policy", allow_plugins=allow_plugins)
    left = [t for t, owner in enumerate(design.rep_of.tolist()) if owner == ids[rep]]
    staying = tuple(overlay for overlay in design.overlays if overlay.rep != ids[rep])
    if not left and len(staying) == len(design.overlays):
        raise UsageError(
            f"rep '{rep}' has no territory and no share of an account in '{design.name}', so nothing can be handed over"
        )
    standing, names = replace(design, overlays=staying), [design.territories[t] for t in left]
    standing = replace(standing, name=name or f"{design.name}-without-{rep}")
    if policy not in POLICIES:
        return _handed(open_force(scenario, travel, standing), names, policy, chosen, seed, strict=strict)
    view, start = nameless(scenario, travel, standing)
    return view.named(_handed(open_force(view.scenario, view.travel, start), names, policy, chosen, seed, strict=strict))


def _handed(force: Force, names: Sequence[str], policy: str, chosen: Policy, seed: int, *, strict: bool) -> Design:
    """The force's design after these territories fell vacant, one after the other, and were handed over."""
    design, rep_of = force.design, force.design.rep_of.copy()
    territory_of = design.territory_of
    for territory in map(design.territories.index, names):
        rep_of[territory] = -1
        vacancy = vacancy_of(force, territory, territory_of=territory_of, staffed=rep_of >= 0, seed=seed)
        territory_of = ask_policy(policy, chosen, vacancy).territory_of
        if strict:
            territory_of = _next_door(vacancy, territory_of, seed, every=policy == "reoptimise")
    return replace(design, territory_of=territory_of, rep_of=rep_of)


def _next_door(vacancy: Vacancy, owner: Ints, seed: int, *, every: bool) -> Ints:
    """Owners near the given ones, each orphan (or each account of all takers) in a territory that it hangs together with."""
    task, takers = vacancy.force.task, vacancy.takers
    if not len(takers):
        return owner
    free = vacancy.territory_of == vacancy.territory
    free |= every & np.isin(vacancy.territory_of, takers) & (task.market.held < 0)
    seats = np.arange(len(task.seats))
    may = np.where(free[:, None], np.isin(seats, takers), owner[:, None] == seats)
    held = np.where(free, -1, task.market.held)
    market = replace(task.market, held=held, hand_over=CONTINUITY * task.market.effort.service)
    scenario, wishes = vacancy.force.scenario, Wishes(families=False)
    return whole_again(scenario, market, task.ways, wishes, owner, may, takers, seed=seed, stays=None if every else ~free)


def fill_seat(
    scenario: Scenario, travel: Travel, design: Design, territory: str, before: Design, *, name: str | None = None
) -> tuple[Design, Patch]:
    """The design after the holder of `territory` joined and got a first patch, and how well-formed that patch is.

    `before` is the design in which the territory had its old book; nothing outside the patch moves.
    """
    for each in (design, before):
        if territory not in each.territories:
            raise UsageError(f"no territory '{territory}' in '{each.name}'", hint=did_you_mean(territory, each.territories))
    position = design.territories.index(territory)
    old = np.where(before.territory_of == before.territories.index(territory), position, -1).astype(np.int64)
    vacancy = vacancy_of(open_force(scenario, travel, design), position)
    territory_of = first_patch(vacancy, old)
    return replace(design, name=name or f"{design.name}-filled", territory_of=territory_of), patch_quality(
        vacancy, territory_of, old
    )
