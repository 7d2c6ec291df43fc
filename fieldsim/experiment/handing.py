"""A hand-over policy as the simulation takes it: for each account, the territory that gets it when its own rep leaves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from fieldsim.errors import UsageError
from fieldsim.experiment.vicinity import Part, neighbours_of, parts_of
from fieldsim.extend import find
from fieldsim.model import Design, Ints, Scenario, Travel
from fieldsim.store import Store, content_key

if TYPE_CHECKING:
    from fieldsim.turnover import Policy

LEAVE_VACANT = "vacant"
DEFAULT = (LEAVE_VACANT, "nearest", "balanced", "similar")
KIND = "takers"
HANDING_CODE = ("model.py", "luck.py", "territory", "turnover", "experiment/handing.py", "experiment/vicinity.py")
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
    found = [np.full(len(scenario.accounts), -1, dtype=np.int64) for _ in policies]
    for part in parts_of(scenario, design, travel):
        _settle(part, policies, found, design.rep_of[part.territories], leaving, seed)
    return found


def _settle(
    part: Part, policies: Sequence[Named], found: Sequence[Ints], rep_of: Ints, leaving: Sequence[int], seed: int
) -> None:
    """Write down who takes over from the seats in the middle of a part; `rep_of` are the whole force's positions."""
    from fieldsim.turnover import open_force, vacancy_of

    force = open_force(part.scenario, part.travel, part.design)
    for territory in np.searchsorted(part.territories, part.middle).tolist():
        able = (rep_of >= 0) & ~np.isin(rep_of, [int(rep_of[territory]), *leaving])
        staffed = neighbours_of(part.scenario, part.design, territory, able)
        vacancy = vacancy_of(force, territory, staffed=staffed, seed=seed)
        for (name, policy), takers in zip(policies, found, strict=True):
            moved, to = _moved(name, territory, policy(vacancy), part.design)
            takers[part.accounts[moved]] = part.territories[to]


def _moved(name: str, territory: int, hand: Any, design: Design) -> tuple[Ints, Ints]:
    """The accounts of a territory that change hands, and their new territories."""
    moved = np.flatnonzero(hand.territory_of != design.territory_of).astype(np.int64)
    if (design.territory_of[moved] != territory).any():
        message = f"policy '{name}' moves accounts of reps who stay; a stress test plays out hand-overs of the leaver's accounts"
        raise UsageError(message, hint="look at it with: fieldsim design SCENARIO --from DESIGN --vacate REP")
    if hand.pool_share > 0.0:
        message = f"policy '{name}' has a manager visit the waiting accounts, which the simulation does not play out"
        raise UsageError(message, hint="choose vacant, nearest, nearest_rep, balanced or similar")
    return moved, hand.territory_of[moved]


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
