"""A hand-over policy as the simulation takes it: for each account, the territory that gets it when its own rep leaves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from fieldsim.errors import UsageError
from fieldsim.extend import find
from fieldsim.model import Design, Ints, Scenario, Travel
from fieldsim.store import Store, content_key

if TYPE_CHECKING:
    from fieldsim.turnover import Policy

LEAVE_VACANT = "vacant"
DEFAULT = (LEAVE_VACANT, "nearest", "balanced", "similar")
KIND = "takers"
HANDING_CODE = ("model.py", "luck.py", "territory", "turnover", "experiment/handing.py")
"""What decides who takes over, beside its inputs."""
Named = tuple[str, Any]
"""A policy with the name it goes by."""


def named_policies(asked: Sequence[str | Policy], *, allow_plugins: bool = False) -> list[Named]:
    """Policies by name, each once: a name of `fieldsim.turnover`, "module:function" where allowed, or a function itself."""
    from fieldsim.turnover import POLICIES

    found: dict[str, Any] = {}
    for each in asked:
        name = each if isinstance(each, str) else getattr(each, "__name__", "policy")
        if name in found:
            raise UsageError(f"policy '{name}' is named twice", hint="name each policy once")
        found[name] = find(each, POLICIES, "policy", allow_plugins=allow_plugins) if isinstance(each, str) else each
    if not found:
        raise UsageError("name at least one policy", hint=f"known: {', '.join(sorted(POLICIES))}")
    return list(found.items())


def takers_of(
    scenario: Scenario, design: Design, travel: Travel, policies: Sequence[Named], *, leaving: Sequence[int], seed: int
) -> list[Ints]:
    """For each policy the taker of each account, -1 where it waits for the next hire; shape [accounts].

    `leaving` are reps who are known to leave, so that nobody hands accounts over to them; any other seat's hand-over is decided
    as if its rep alone left. UsageError for a policy that does more than hand the leaver's accounts over.
    """
    from fieldsim.turnover import open_force, vacancy_of

    force = open_force(scenario, travel, design)
    found = [np.full(len(scenario.accounts), -1, dtype=np.int64) for _ in policies]
    for territory, rep in enumerate(design.rep_of.tolist()):
        if rep < 0:
            continue
        staffed = (design.rep_of >= 0) & ~np.isin(design.rep_of, [rep, *leaving])
        vacancy = vacancy_of(force, territory, staffed=staffed, seed=seed)
        for (name, policy), takers in zip(policies, found, strict=True):
            _note(takers, name, territory, policy(vacancy), design)
    return found


def _note(takers: Ints, name: str, territory: int, hand: Any, design: Design) -> None:
    """Write down who gets the accounts of one territory."""
    moved = hand.territory_of != design.territory_of
    if (moved & (design.territory_of != territory)).any():
        message = f"policy '{name}' moves accounts of reps who stay; a stress test plays out hand-overs of the leaver's accounts"
        raise UsageError(message, hint="look at it with: fieldsim design SCENARIO --from DESIGN --vacate REP")
    if hand.pool_share > 0.0:
        message = f"policy '{name}' has a manager visit the waiting accounts, which the simulation does not play out"
        raise UsageError(message, hint="choose vacant, nearest, nearest_rep, balanced or similar")
    takers[moved] = hand.territory_of[moved]


def kept_takers(
    store: Store | None, key: Sequence[object], policies: Sequence[Named], make: Callable[[list[Named]], list[Ints]]
) -> list[Ints]:
    """The takers of each policy, from the store where a policy of the house was asked before; `make` finds the others."""
    from fieldsim.turnover import POLICIES

    def place(named: Named) -> str | None:
        return content_key(*key, named[0]) if store and POLICIES.get(named[0]) is named[1] else None

    found = {named[0]: store.get(KIND, at) if store and (at := place(named)) else None for named in policies}
    missing = [named for named in policies if found[named[0]] is None]
    for named, takers in zip(missing, make(missing) if missing else [], strict=True):
        found[named[0]] = takers
        at = place(named)
        if store and at:
            store.keep(KIND, at, takers)
    return [np.asarray(found[name], dtype=np.int64) for name, _ in policies]
