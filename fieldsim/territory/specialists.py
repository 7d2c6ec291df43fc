"""Overlays: strategic accounts get a specialist beside their owner, with shares that add up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from fieldsim.errors import UsageError, did_you_mean
from fieldsim.model import Bools, Design, Overlay, Scenario


def add_specialists(
    scenario: Scenario,
    design: Design,
    accounts: Bools | Sequence[str],
    reps: Sequence[str],
    *,
    revenue_share: float = 0.5,
    quota_credit: float = 1.0,
    visit_share: float = 0.3,
) -> Design:
    """The design with each of the accounts (ids, or a mask) under the specialist who has least potential so far, largest first.

    `revenue_share` goes to the specialist and the rest stays with the owner, so revenue is credited once; `quota_credit` counts
    beside the owner's; `visit_share` of the visits are the specialist's. More than the whole of an account is an error.
    """
    ids = {rep.id: k for k, rep in enumerate(scenario.reps)}
    for name in reps:
        if name not in ids:
            raise UsageError(f"unknown rep '{name}'", hint=did_you_mean(name, ids))
    for word, share in (("revenue_share", revenue_share), ("quota_credit", quota_credit), ("visit_share", visit_share)):
        if not 0.0 <= share <= 1.0:
            raise UsageError(f"{word} {share:g} is not between 0 and 1")
    rows = np.flatnonzero(_mask(scenario, accounts))
    potential = dict.fromkeys(reps, 0.0)
    added = []
    for i in sorted(rows.tolist(), key=lambda i: (-scenario.accounts.potential[i], i)):
        shares = sum(o.revenue_share for o in design.overlays if o.account == i) + revenue_share
        visits = sum(o.visit_share for o in design.overlays if o.account == i) + visit_share
        if max(shares, visits) > 1.0 + 1e-9:
            raise UsageError(f"account '{scenario.accounts.ids[i]}' would be shared out more than once")
        there = {o.rep for o in design.overlays if o.account == i}
        free = [name for name in reps if ids[name] not in there]
        if not free:
            raise UsageError(f"account '{scenario.accounts.ids[i]}' has {' and '.join(sorted(reps))} already")
        rep = min(free, key=lambda name: (potential[name], name))
        potential[rep] += float(scenario.accounts.potential[i])
        added.append(Overlay(i, ids[rep], revenue_share, quota_credit, visit_share))
    overlays = sorted((*design.overlays, *added), key=lambda o: (o.account, o.rep))
    return replace(design, overlays=tuple(overlays))


def _mask(scenario: Scenario, accounts: Bools | Sequence[str]) -> Bools:
    if isinstance(accounts, np.ndarray):
        return accounts
    known = set(scenario.accounts.ids)
    for name in accounts:
        if name not in known:
            raise UsageError(f"unknown account '{name}'", hint=did_you_mean(name, known))
    chosen = set(accounts)
    return np.array([name in chosen for name in scenario.accounts.ids], dtype=np.bool_)
