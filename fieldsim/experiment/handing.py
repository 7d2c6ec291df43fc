"""A hand-over policy as the simulation takes it: what becomes of each account when a rep leaves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from fieldsim.errors import UsageError
from fieldsim.experiment.executors import Executor, Serial, Task
from fieldsim.experiment.vicinity import Part, neighbours_of, parts_of
from fieldsim.extend import find
from fieldsim.model import Design, Floats, Ints, Scenario, Travel
from fieldsim.store import Store, content_key

if TYPE_CHECKING:
    from fieldsim.turnover import Policy

LEAVE_VACANT = "vacant"
DEFAULT = (LEAVE_VACANT, "nearest", "balanced", "similar")
KIND = "handings"
HANDING_CODE = ("model.py", "luck.py", "territory", "turnover", "experiment/handing.py", "experiment/vicinity.py")
"""What decides who takes over, beside its inputs."""
Named = tuple[str, Any]
"""A policy with the name it goes by."""


class Handing(NamedTuple):
    """What a policy does with each account when its own rep leaves, and with accounts of reps who stay when another does."""

    takers: Ints
    """The territory that gets it, -1 where it waits for the next hire; shape [accounts]."""
    pooled: Floats
    """Share of its visits that a manager holds while it waits; shape [accounts]."""
    shifts: Ints
    """Accounts of reps who stay: rows (territory whose rep leaves, account, new territory), shape [k, 3]."""


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


def handings_of(
    scenario: Scenario,
    design: Design,
    travel: Travel,
    policies: Sequence[Named],
    *,
    leaving: Sequence[int],
    seed: int,
    executor: Executor | None = None,
) -> list[Handing]:
    """For each policy what becomes of each account.

    `leaving` are reps who are known to leave, so that nobody hands accounts over to them; any other seat's hand-over is decided
    as if its rep alone left. UsageError for a policy that hands accounts to somebody who is not there.
    """
    n = len(scenario.accounts)
    found = [Handing(np.full(n, -1, dtype=np.int64), np.zeros(n), np.zeros((0, 3), dtype=np.int64)) for _ in policies]
    parts = list(parts_of(scenario, design))
    own = executor if executor and len(parts) > 1 else Serial()
    tasks = [
        Task(_settle, ("travel",), (part, tuple(policies), design.rep_of[part.territories], tuple(leaving), seed))
        for part in parts
    ]
    for part, settled in zip(parts, own.run(tasks, {"travel": travel}), strict=True):
        found = [_joined(each, more, part) for each, more in zip(found, settled, strict=True)]
    return found


def _settle(
    travel: Travel, part: Part, policies: Sequence[Named], rep_of: Ints, leaving: Sequence[int], seed: int
) -> list[Handing]:
    """Who takes over from the seats in the middle of a part, by the part's positions; `rep_of` are the whole force's."""
    from fieldsim.turnover import ask_policy, open_force, vacancy_of

    force, n = open_force(part.scenario, part.travel(travel), part.design), len(part.accounts)
    found = [Handing(np.full(n, -1, dtype=np.int64), np.zeros(n), np.zeros((0, 3), dtype=np.int64)) for _ in policies]
    for territory in np.searchsorted(part.territories, part.middle).tolist():
        able = (rep_of >= 0) & ~np.isin(rep_of, [int(rep_of[territory]), *leaving])
        staffed = neighbours_of(part.scenario, part.design, territory, able)
        vacancy = vacancy_of(force, territory, staffed=staffed, seed=seed)
        for k, (name, policy) in enumerate(policies):
            hand = ask_policy(name, policy, vacancy)
            moved = np.flatnonzero(hand.territory_of != part.design.territory_of).astype(np.int64)
            to = hand.territory_of[moved].astype(np.int64)
            own = part.design.territory_of[moved] == territory
            found[k].takers[moved[own]] = to[own]
            found[k].pooled[part.design.book(territory)] = hand.pool_share
            others = np.column_stack((np.full(int((~own).sum()), territory), moved[~own], to[~own]))
            found[k] = found[k]._replace(shifts=np.concatenate([found[k].shifts, others]).astype(np.int64))
    return found


def _joined(whole: Handing, part: Handing, where: Part) -> Handing:
    """The whole force's hand-overs with those of one part."""
    taken = np.flatnonzero(part.takers >= 0)
    whole.takers[where.accounts[taken]] = where.territories[part.takers[taken]]
    whole.pooled[where.accounts] = np.maximum(whole.pooled[where.accounts], part.pooled)
    left, account, to = part.shifts.T
    shifts = np.column_stack((where.territories[left], where.accounts[account], where.territories[to]))
    return whole._replace(shifts=np.concatenate([whole.shifts, shifts]))


def kept_handings(
    store: Store | None, key: Sequence[object], policies: Sequence[Named], make: Callable[[list[Named]], list[Handing]]
) -> list[Handing]:
    """What each policy does, from the store where a policy of the house was asked before; `make` finds the others."""
    from fieldsim.turnover import POLICIES

    def place(named: Named) -> str | None:
        return content_key(*key, named[0]) if store and POLICIES.get(named[0]) is named[1] else None

    found = {named[0]: store.get(KIND, at) if store and (at := place(named)) else None for named in policies}
    missing = [named for named in policies if found[named[0]] is None]
    for named, handing in zip(missing, make(missing) if missing else [], strict=True):
        found[named[0]] = handing
        at = place(named)
        if store and at:
            store.keep(KIND, at, tuple(handing))
    return [Handing(*found[name]) for name, _ in policies]  # type: ignore[misc]
