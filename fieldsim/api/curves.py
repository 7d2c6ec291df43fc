"""What balance, continuity, moves and the number of seats cost: the curves a planner needs before choosing."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from fieldsim.api.designing import starting_design
from fieldsim.api.ground import open_travel
from fieldsim.api.listeners import Advance, Warn
from fieldsim.errors import InfeasibleError, UsageError
from fieldsim.model import Design, Scenario, Travel
from fieldsim.store import content_key, default_store

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
    progress: Advance | None = None,
) -> Curve:
    """The curve of a kind (balance, continuity, moves or sizing), from `start` or the design in force."""
    from fieldsim import territory

    standing = starting_design(scenario, start)
    if standing is None:
        raise UsageError("a curve needs the design that stands", hint="name it with --from DESIGN")
    told = None if progress is None else partial(progress, f"curve of {kind}")
    travel = open_travel(scenario, warn=warn)
    return territory.cost_curve(scenario, travel, standing, kind, wishes=wishes, seed=seed, progress=told)


def report_curves(scenario: Scenario, travel: Travel, designs: Sequence[Design]) -> tuple[Curve, ...]:
    """The curves that a report shows, from the design in force: a short search, kept in the store; none for a very large book."""
    from fieldsim import territory
    from fieldsim.experiment.checkpoint import code_key

    start = next((design for design in designs if design.name == scenario.current), designs[0])
    if len(scenario.accounts) > LARGEST or (start.rep_of < 0).all():
        return ()
    wishes = territory.Wishes(moves=TRIES * len(scenario.accounts))
    book = (start.name, start.territories, start.territory_of, start.rep_of, repr(start.overlays), repr(scenario.locks))
    key = content_key(FORMAT, code_key(SEARCHED), scenario.content, travel.key, *book)

    def make() -> tuple[Curve, ...]:
        try:
            return tuple(territory.cost_curve(scenario, travel, start, kind, wishes=wishes, bound=False) for kind in SHOWN)
        except InfeasibleError:  # nothing to balance, or locks that close all seats: a report can do without
            return ()

    return default_store().once("curves", key, make)


SHOWN = ("balance", "continuity", "sizing")
FORMAT = "curves-1"
SEARCHED = ("model.py", "luck.py", "territory")
"""The program text that decides a curve beside its inputs: another version's curve is never shown."""
LARGEST = 6_000
"""Accounts up to which a report's curves are made, in ten seconds or so."""
TRIES = 300
"""Tries of the search an account."""
