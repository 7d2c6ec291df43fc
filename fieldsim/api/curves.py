"""What balance, continuity, moves and the number of seats cost: the curves a planner needs before choosing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldsim.api.designing import starting_design
from fieldsim.api.ground import open_travel
from fieldsim.api.listeners import Warn
from fieldsim.errors import UsageError
from fieldsim.model import Scenario

if TYPE_CHECKING:
    from fieldsim.territory import Curve, Wishes


def cost_curve(
    scenario: Scenario,
    kind: str,
    *,
    start: str | None = None,
    wishes: Wishes | None = None,
    seed: int = 0,
    warn: Warn | None = None,
) -> Curve:
    """The curve of a kind (balance, continuity, moves or sizing), from `start` or the design in force."""
    from fieldsim import territory

    standing = starting_design(scenario, start)
    if standing is None:
        raise UsageError("a curve needs the design that stands", hint="name it with --from DESIGN")
    return territory.cost_curve(scenario, open_travel(scenario, warn=warn), standing, kind, wishes=wishes, seed=seed)
