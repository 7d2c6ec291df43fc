"""Making a design by a method, with the reasons of its moves and the files that say so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from fieldsim.api.ground import open_travel
from fieldsim.api.listeners import Advance, Warn
from fieldsim.errors import DataError, UsageError, count, did_you_mean
from fieldsim.model import Design, Rep, Scenario, Travel
from fieldsim.scenario import note_written, read_design, write_design, write_hires, write_moves
from fieldsim.store import default_store

if TYPE_CHECKING:
    from fieldsim.territory import DesignResult, Wishes


@dataclass(frozen=True, eq=False)
class Made:
    """A design that was asked for: what it changes against the one it starts from, and the people it needs."""

    scenario: Scenario
    """With the hires among its reps; after a pivot with the market that the design was made for."""
    result: DesignResult
    start: Design | None
    hires: tuple[Rep, ...] = ()
    notes: tuple[str, ...] = field(default=())
    """What is to be known beside the figures."""


def design_territories(scenario: Scenario, method: str = "balanced", *, name: str | None = None, seed: int = 0) -> Design:
    """A new design by the named method, starting from the design in force where the scenario names one."""
    from fieldsim import territory

    start = read_design(scenario, scenario.current) if scenario.current else None
    travel = open_travel(scenario)
    return territory.design_territories(scenario, travel, method, name=name or method, start=start, seed=seed)


def make_design(
    scenario: Scenario,
    method: str = "balanced",
    *,
    name: str,
    start: str | None = None,
    by: str | None = None,
    wishes: Wishes | None = None,
    territories: int | Literal["auto"] | None = None,
    hire: int = 0,
    without: Sequence[str] = (),
    pivot: tuple[str, str, float] | None = None,
    seed: int = 0,
    warn: Warn | None = None,
    progress: Advance | None = None,
    allow_plugins: bool = False,
) -> Made:
    """A design by the named method, from `start` or the one in force.

    `hire` seats so many new reps where that shortens ways most, `without` takes the seats of reps away, and `pivot`
    (column, value, factor) multiplies the potential of an industry, segment, ... before the design is made. `territories` is
    how many there are to be: more than there are seats adds vacant ones, fewer leaves out the reps who have least potential
    around them; "auto" is as many as the due visits need.
    """
    from fieldsim import territory

    chosen, notes, step = wishes or territory.Wishes(), [], progress or (lambda *_: None)
    standing = starting_design(scenario, start)
    if pivot is not None:
        scenario = territory.pivot(scenario, *pivot)
        market = f"{pivot[0]} '{pivot[1]}' has {pivot[2]:g} times its potential"
        told = f"{pivot[0]}={pivot[1]}:{pivot[2]:g}"
        notes.append(f"made for a market in which {market}; compare --pivot '{told}' judges by that one, without it by today's")
    if territories == "auto":
        travel = open_travel(scenario, warn=warn)
        step("trying team sizes", 0, 1)
        territories, hire, fewer, note = _sized(scenario, travel, standing, chosen, seed)
        step("trying team sizes", 1, 1)
        without = (*without, *fewer)
        notes.append(note)
    elif territories and standing and not hire and territories < len(standing.territories) - len(set(without)):
        fewer = _weakest(scenario, open_travel(scenario, warn=warn), standing, territories, without)
        without = (*without, *fewer)
        notes.append(_left_out(fewer))
    hires: tuple[Rep, ...] = ()
    grown = standing
    if hire:
        scenario, grown, hires = territory.hire(scenario, _needed(standing, "a hire"), hire, name)
        notes.append("a hire starts with 60 % of a full book; a rebalance gives the rest as they ramp up")
    if method == "rebalance":
        chosen = territory.budgeted(chosen)
    travel = open_travel(scenario, warn=warn)
    brief = territory.Brief(name, grown, territories, tuple(without), chosen, seed, by)
    step("seeking territories", 0, 1)
    made = territory.design_by(scenario, travel, method, brief, allow_plugins=allow_plugins)
    step("seeking territories", 1, 1)
    before = standing if not hires else _without_empty(grown)
    step("reasons, bound", 0, 1)
    result = territory.explain_design(scenario, travel, made, before, wishes=chosen, bound=True)
    if before is not None and not result.moves and method in territory.JUDGED and chosen.calibrations:
        notes.append(f"no account moves: nothing that was found is better than '{before.name}' when a quarter of it is planned")
    return Made(scenario, result, before, hires, tuple(notes))


def starting_design(scenario: Scenario, name: str | None) -> Design | None:
    """The named design, else the one in force, else None."""
    before = name or scenario.current
    return read_design(scenario, before) if before else None


def explained(
    scenario: Scenario, travel: Travel, made: Design, start: Design, hires: tuple[Rep, ...] = (), notes: tuple[str, ...] = ()
) -> Made:
    """A design that was changed by hand, with what that changes; no bound, because nothing was sought."""
    from fieldsim import territory

    return Made(scenario, territory.explain_design(scenario, travel, made, start, by_hand=True), start, hires, notes)


def account_move(made: Made, account: str) -> str:
    """One account's move in plain words."""
    from fieldsim import territory

    check_account(made.scenario, account)
    return territory.explain_account(made.result, account)


def check_method(name: str) -> None:
    """UsageError for a method that is none; `overlay` is one too, which leaves territories as they are."""
    from fieldsim.extend import find
    from fieldsim.territory import DESIGNERS

    if ":" not in name:
        find(name, {**dict.fromkeys(DESIGNERS), "overlay": None}, "method")  # type: ignore[type-var]


def check_account(scenario: Scenario, account: str) -> None:
    """An id that no account has is an error with the one that may be meant."""
    ids = scenario.accounts.ids
    if account not in ids:
        raise DataError(f"unknown account '{account}'", file="accounts", hint=did_you_mean(account, ids))


def write_result(made: Made, how: str = "fieldsim design") -> Path:
    """Write designs/NAME.csv with the reason of each move, the sheet of moves beside it, and hires into hires.csv.

    The design comes last: whoever stops this before has a scenario that is as sound as it was.
    `how` it was made is told when the files are replaced (`check_replaceable`).
    """
    from fieldsim import territory
    from fieldsim.territory.move_sheet import HEADER

    scenario, result = made.scenario, made.result
    position = {account: k for k, account in enumerate(scenario.accounts.ids)}
    if made.hires:
        write_hires(scenario, made.hires)
    write_moves(scenario, result.design.name, HEADER, territory.move_sheet(scenario, result, made.start))
    path = write_design(scenario, result.design, {position[move.account]: "; ".join(move.reasons) for move in result.moves})
    note_written(scenario, result.design.name, how, default_store())
    return path


def check_replaceable(scenario: Scenario, name: str) -> str | None:
    """How the design of this name was made, None where there is none; UsageError where a file of it is somebody's own."""
    from fieldsim.scenario import written

    return written.check_replaceable(scenario, name, default_store())


def _needed(design: Design | None, what: str) -> Design:
    if design is None:
        raise UsageError(f"{what} needs a design to start from", hint="name it with --from DESIGN")
    return design


def _sized(
    scenario: Scenario, travel: Travel, standing: Design | None, wishes: Wishes, seed: int
) -> tuple[int | None, int, tuple[str, ...], str]:
    """How many territories, hires and leavers make the team as large as its due visits need, and a sentence about it."""
    from fieldsim import territory

    start = _needed(standing, "--territories auto")
    need, now = territory.seats_needed(scenario, travel, start, wishes, seed=seed), len(start.territories)
    fewer = _weakest(scenario, travel, start, need, ())
    said = f"the due visits need {count(need, 'seat')} at 90 % of working time; there are {now}"
    if fewer:
        said += f"; {_left_out(fewer)}"
    return None, max(0, need - now), fewer, said


def _weakest(scenario: Scenario, travel: Travel, start: Design, territories: int, without: Sequence[str]) -> tuple[str, ...]:
    """The reps with least potential around them, beside those who go anyhow, without whom so many territories are left."""
    from fieldsim.territory.sizing import fewest_around

    reps = [scenario.reps[k].id for k in fewest_around(scenario, travel, start)]
    staying = [rep for rep in reps if rep not in without]
    return tuple(staying[: max(0, len(start.territories) - len(reps) + len(staying) - territories)])


def _left_out(reps: Sequence[str]) -> str:
    return f"without the reps who have least potential around them: {', '.join(reps)}"


def _without_empty(design: Design | None) -> Design | None:
    """The design without territories that have no accounts: what stood before there were hires."""
    import numpy as np

    if design is None:
        return None
    kept = np.unique(design.territory_of)
    place = np.full(len(design.territories), -1, dtype=np.int64)
    place[kept] = np.arange(len(kept))
    names = tuple(design.territories[t] for t in kept.tolist())
    return replace(design, territories=names, territory_of=place[design.territory_of], rep_of=design.rep_of[kept])
