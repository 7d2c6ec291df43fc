"""What balance, continuity, moves and the number of seats cost: the curves a planner needs before choosing."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
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

    start = _standing(scenario, designs)
    if start is None:
        return ()
    wishes = territory.Wishes(moves=TRIES * len(scenario.accounts))

    def make() -> tuple[Curve, ...]:
        try:
            return tuple(territory.cost_curve(scenario, travel, start, kind, wishes=wishes, bound=False) for kind in SHOWN)
        except InfeasibleError:  # nothing to balance, or locks that close all seats: a report can do without
            return ()

    return default_store().once("curves", _key(scenario, travel, start), make)


@contextmanager
def curves_ahead(scenario: Scenario, designs: Sequence[Design]) -> Iterator[None]:
    """Meanwhile makes the report's curves in a process of its own, so that they are in the store when the report is written."""
    start = _standing(scenario, designs)
    if start is None or default_store().get("curves", _key(scenario, open_travel(scenario), start)) is not None:
        yield
        return
    spawn = multiprocessing.get_context("spawn")
    process = spawn.Process(target=_make_curves, args=(scenario, start), name="curves", daemon=True)
    interrupt = signal.signal(signal.SIGINT, signal.SIG_IGN)  # inherited: an interrupt is the parent's to answer
    try:
        process.start()
    finally:
        signal.signal(signal.SIGINT, interrupt)
    try:
        yield
        process.join()
    finally:
        process.kill()


def _make_curves(scenario: Scenario, start: Design) -> None:
    """In the process of its own; what goes wrong there does so again, and is told, when the report is written."""
    with suppress(Exception):
        report_curves(scenario, open_travel(scenario), [start])


def _standing(scenario: Scenario, designs: Sequence[Design]) -> Design | None:
    """The design that the curves start from; None where a report has none."""
    start = next((design for design in designs if design.name == scenario.current), designs[0])
    return None if len(scenario.accounts) > LARGEST or (start.rep_of < 0).all() else start


def _key(scenario: Scenario, travel: Travel, start: Design) -> str:
    from fieldsim.experiment.checkpoint import code_key

    book = (start.name, start.territories, start.territory_of, start.rep_of, repr(start.overlays), repr(scenario.locks))
    return content_key(FORMAT, code_key(SEARCHED), scenario.content, travel.key, *book)


SHOWN = ("balance", "continuity", "sizing")
FORMAT = "curves-1"
SEARCHED = ("model.py", "luck.py", "territory")
"""The program text that decides a curve beside its inputs: another version's curve is never shown."""
LARGEST = 6_000
"""Accounts up to which a report's curves are made, in ten seconds or so."""
TRIES = 300
"""Tries of the search an account."""
