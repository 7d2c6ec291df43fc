"""A policy is asked and its answer checked: whatever a plug-in does wrong is told in its name."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from numbers import Real
from typing import Any

import numpy as np

from fieldsim.errors import UsageError
from fieldsim.extend import told_in_its_name
from fieldsim.turnover.policies import POLICIES
from fieldsim.turnover.vacancy import HandOver, Policy, Vacancy

_SEE = "see fieldsim.turnover.HandOver"


def ask_policy(name: str, policy: Policy, vacancy: Vacancy) -> HandOver:
    """What a policy does with a vacancy; UsageError naming it where it fails or its answer cannot be.

    An answer gives each account a territory by its position: the one it has, or one that somebody who may take it sits in. Nobody
    else's locked account moves, and a manager's share lies from 0 to 1.
    """
    own = replace(vacancy, territory_of=vacancy.territory_of.copy(), staffed=vacancy.staffed.copy())
    with nullcontext() if POLICIES.get(name) is policy else told_in_its_name("policy", name, _SEE):
        hand = policy(own)
    _check(name, hand, vacancy)
    return hand


def _check(name: str, hand: Any, vacancy: Vacancy) -> None:
    before = vacancy.territory_of
    if not isinstance(hand, HandOver):
        raise UsageError(f"policy '{name}' gives {type(hand).__name__}, not a HandOver", hint=_SEE)
    given: Any = hand.territory_of
    share: Any = hand.pool_share
    if not isinstance(given, np.ndarray) or given.shape != before.shape:
        raise UsageError(f"policy '{name}' has to give each of {len(before)} accounts one territory", hint=_SEE)
    if given.dtype.kind not in "iu":
        raise UsageError(f"policy '{name}' gives {given.dtype}, not territories by position", hint=_SEE)
    if not isinstance(share, Real) or not 0.0 <= float(share) <= 1.0:
        raise UsageError(f"policy '{name}': a manager holds a share of the visits from 0 to 1, not {share!r}", hint=_SEE)
    ids, design = vacancy.force.scenario.accounts.ids, vacancy.force.design
    for k in np.flatnonzero(given != before).tolist():
        to = int(given[k])
        if not 0 <= to < len(design.territories):
            known = f"territories are numbered 0 to {len(design.territories) - 1}"
            raise UsageError(f"policy '{name}' hands account '{ids[k]}' to territory {to}, which is not there", hint=known)
        if not vacancy.staffed[to]:
            where = f"'{design.territories[to]}', which nobody near holds"
            raise UsageError(f"policy '{name}' hands account '{ids[k]}' to territory {where}", hint="see Vacancy.takers")
        if vacancy.force.task.market.held[k] >= 0 and before[k] != vacancy.territory:
            raise UsageError(f"policy '{name}' moves account '{ids[k]}', which is locked to its seat", hint=_SEE)
