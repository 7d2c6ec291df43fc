"""A designer from elsewhere is asked and its answer checked: whatever a plug-in does wrong is told in its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from fieldsim.errors import UsageError
from fieldsim.extend import told_in_its_name
from fieldsim.model import Design, Scenario, Travel
from fieldsim.territory.units import Brief

Designer = Callable[[Scenario, Travel, Brief], Design]
"""A design method: pure, every account in one territory, locked accounts where they are."""

_SEE = "see fieldsim.territory.Designer"


def ask_designer(name: str, designer: Designer, scenario: Scenario, travel: Travel, brief: Brief) -> Design:
    """The design that a plug-in makes; UsageError naming it where it fails or its answer cannot be.

    An answer gives each account a territory and each territory a rep or nobody, both by position, and no rep two. It is called
    as the brief has it, whatever the plug-in calls it: under its name it is written.
    """
    with told_in_its_name("method", name, _SEE):
        made = designer(scenario, travel, brief)
    _check(name, made, scenario)
    return replace(made, name=brief.name)


def _check(name: str, made: Any, scenario: Scenario) -> None:
    if not isinstance(made, Design):
        raise UsageError(f"method '{name}' returned {type(made).__name__}, not a design", hint=_SEE)
    seats = len(made.territories)
    if list(made.territories) != sorted({str(name) for name in made.territories}):
        raise UsageError(f"method '{name}' has to name its territories in order, each once", hint=_SEE)
    _check_positions(name, "account", made.territory_of, len(scenario.accounts), "territory", (0, seats))
    _check_positions(name, "territory", made.rep_of, seats, "rep", (-1, len(scenario.reps)))
    held = np.bincount(made.rep_of[made.rep_of >= 0], minlength=1)
    if held.max() > 1:
        raise UsageError(f"method '{name}' gives {scenario.reps[int(held.argmax())].id} two territories", hint=_SEE)


def _check_positions(name: str, whose: str, given: Any, count: int, what: str, span: tuple[int, int]) -> None:
    """Each of `count` has to have one of what, by a position from span[0] to below span[1]."""
    if not isinstance(given, np.ndarray) or given.shape != (count,) or given.dtype.kind not in "iu":
        raise UsageError(f"method '{name}' has to give each {whose}, {count} of them, a {what} by its position", hint=_SEE)
    out = given[(given < span[0]) | (given >= span[1])]
    if len(out):
        known = f"they are numbered {span[0]} to {span[1] - 1}"
        raise UsageError(f"method '{name}' gives {whose} {what} {int(out[0])}, which is not there", hint=known)
