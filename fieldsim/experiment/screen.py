"""Which assumption would flip the verdict: all are screened, the strongest moved to the ends of their ranges, same luck."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from typing import Any

import numpy as np

from fieldsim.errors import DataError
from fieldsim.experiment import market
from fieldsim.experiment.contest import Contest, leader, paired
from fieldsim.experiment.entries import Field
from fieldsim.experiment.morris import effects, strengths, trajectories
from fieldsim.experiment.runs import Recipes, Setting, run_stages
from fieldsim.experiment.samples import Measured
from fieldsim.experiment.statistics import Floats, estimate
from fieldsim.model import Design, Travel
from fieldsim.parameters import Parameter
from fieldsim.store import content_key

REPLICATIONS = 5
"""For each end of a range."""
WAYS = 3
"""Random ways through the ranges, each a run of every design for each assumption and one more."""
WORK = 50_000
"""Seat-quarters that screening may simulate before it takes fewer ways; one is always taken."""
NOT_SCREENED = "assumptions were not screened in this run"
Point = tuple[tuple[str, float], ...]
"""Values of some assumptions."""
Rows = list[list[Measured]]
"""Figures of one entry, [replication][horizon]."""
Race = tuple[int, int]
"""Positions of the leader and its closest rival."""


@dataclass(frozen=True)
class Screening:
    """What flips the verdict at one horizon, and what was looked at."""

    flips: tuple[Mapping[str, object], ...]
    reason: str
    strongest: tuple[Mapping[str, object], ...] = ()
    """Assumptions by how much they move the lead, strongest first."""


@dataclass(frozen=True, eq=False)
class Board:
    """The race under moved assumptions: who runs, and how to set their stages."""

    field: Field
    travel: Travel
    races: list[Race]
    current: Design | None
    setting: Setting
    stages: dict[int, Any] = dataclass_field(default_factory=dict)
    """Of who races, under the scenario's own assumptions, as far as they are set."""

    def stage_of(self, i: int) -> Any:
        """The stage of an entry, set once: moving an assumption leaves routes and doors as they are."""
        if i not in self.stages:
            entry = self.field.entries[i]
            self.stages[i] = market.set_stage(
                self.setting.scenario,
                entry.design,
                entry.plans[0],
                self.travel,
                handover=entry.net != entry.gross,
                current=self.current,
            )
        return self.stages[i]

    def ways(self, assumptions: int) -> int:
        """How many ways the work allows, from 1 to WAYS."""
        racing = sorted({i for race in self.races for i in race})
        entry = self.field.entries[racing[0]]
        each = len(racing) * (assumptions + 1) * len(entry.design.territories) * len(entry.plans[0])
        return max(1, min(WAYS, WORK // each))


def nothing_screened(horizons: int) -> list[Screening]:
    """The answer of a run that did not look."""
    return [Screening((), NOT_SCREENED)] * horizons


def screen(
    field: Field, travel: Travel, contests: Sequence[Contest], setting: Setting, *, current: Design | None, most: int
) -> list[Screening]:
    """One screening a horizon: the leader's lead over its closest rival, first along random ways through all ranges (Morris).

    The `most` assumptions that move it most at any horizon then go to each end of their ranges alone, REPLICATIONS replications.
    """
    races = [_race(contest) for contest in contests]
    known = [race for race in races if race is not None]
    if len(known) < len(races):
        return [Screening((), "there are no two different designs, so that no assumption was screened")] * len(contests)
    asked = sorted(market.assumptions(setting.scenario), key=lambda parameter: parameter.name)
    board = Board(field, travel, known, current, setting)
    strength = _morris(board, contests, asked)
    relative = strength / np.maximum(strength.max(axis=1, keepdims=True), 1e-12)
    chosen = [asked[k] for k in np.argsort(-relative.max(axis=0), kind="stable")[:most].tolist()]
    ends = [(parameter, bound) for parameter in chosen for bound in dict.fromkeys(parameter.range)]
    ran = _runs(board, [((parameter.name, bound),) for parameter, bound in ends], REPLICATIONS)
    return [_screening(board, h, contest, asked, strength[h], chosen, ends, ran) for h, contest in enumerate(contests)]


def _race(contest: Contest) -> Race | None:
    """The leader and its closest rival by the deciding KPI, None where there is no rival."""
    first, sign = leader(contest), contest.directions[contest.by]
    rivals = [(sign * each.mean, i) for i in contest.distinct if i != first and (each := paired(contest, i, first, contest.by))]
    return (first, min(rivals)[1]) if rivals else None


def _morris(board: Board, contests: Sequence[Contest], asked: Sequence[Parameter]) -> Floats:
    """Mean absolute effect of each assumption on the lead, shape [horizons, assumptions]."""
    ways, order = trajectories(len(asked), board.ways(len(asked)), board.setting.seed)
    ends = np.array([parameter.range for parameter in asked]).reshape(-1, 2)
    names = [parameter.name for parameter in asked]
    rows = (ends[:, 0] + ways * (ends[:, 1] - ends[:, 0])).reshape(-1, len(asked))
    points = [tuple(zip(names, row, strict=True)) for row in rows.tolist()]
    ran = _runs(board, points, 1)
    found = []
    for h, contest in enumerate(contests):
        lead = [float(np.mean(_lead(board, contest, h, ran[point]))) if point in ran else float("nan") for point in points]
        found.append(strengths(effects(ways, order, np.array(lead).reshape(ways.shape[:2]))))
    return np.array(found)


def _runs(board: Board, points: Sequence[Point], replications: int) -> dict[Point, dict[int, Rows]]:
    """Replications of everybody who races at each point, by point and entry; points out of the model's reach are left out."""
    racing = sorted({i for race in board.races for i in race})
    found: dict[Point, dict[int, Rows]] = {}
    setting = board.setting
    for number, point in enumerate(dict.fromkeys(points)):
        if setting.progress:
            setting.progress("screening assumptions", number, len(points))
        there = replace(setting.scenario, parameters={**setting.scenario.parameters, **dict(point)})
        quiet = replace(setting, scenario=there, progress=None)
        recipes = _recipes(board, racing, quiet)
        try:
            ran = run_stages(list(recipes), recipes, quiet, (0, replications))
        except DataError:
            continue
        found[point] = {i: ran[key] for i, key in zip(racing, recipes, strict=True)}
    return found


def _recipes(board: Board, racing: Sequence[int], there: Setting) -> Recipes:
    """How to set the stages of those who race under the assumptions of `there`."""

    def recipe(i: int) -> object:
        return market.set_anew(board.stage_of(i), there.scenario, board.field.entries[i].design, current=board.current)

    moved = dict(there.scenario.parameters)
    return {content_key("screen", board.field.entries[i].net[0], moved): (lambda i=i: recipe(i)) for i in racing}  # type: ignore[misc]


def _lead(board: Board, contest: Contest, horizon: int, ran: Mapping[int, Rows]) -> Floats:
    """How far the leader is ahead of its rival in each replication."""
    first, rival = board.races[horizon]
    figures = [np.array([each[horizon][0].get(contest.by, np.nan) for each in ran[i]]) for i in (first, rival)]
    lead: Floats = contest.directions[contest.by] * (figures[0] - figures[1])
    return lead


def _screening(
    board: Board,
    horizon: int,
    contest: Contest,
    asked: Sequence[Parameter],
    strength: Floats,
    chosen: Sequence[Parameter],
    ends: Sequence[tuple[Parameter, float]],
    ran: Mapping[Point, Mapping[int, Rows]],
) -> Screening:
    """What is said of one horizon."""
    flips, out = [], []
    for parameter, bound in ends:
        point = ((parameter.name, bound),)
        if point not in ran:
            out.append(f"{parameter.name} at {bound:g}")
            continue
        row = _flip(contest, board.races[horizon], _lead(board, contest, horizon, ran[point]), parameter, bound)
        flips += [row] if row else []
    ways = count(board.ways(len(asked)))
    looked = (
        f"{len(asked)} assumptions were screened along {ways} through their ranges, the {len(chosen)} that move "
        f"the lead most were moved to each end, one at a time, {REPLICATIONS} replications"
    )
    unreached = f"; out of the model's reach: {', '.join(out)}" if out else ""
    order = np.argsort(-strength, kind="stable")[: len(chosen)].tolist()
    strongest = tuple({"assumption": asked[k].name, "moves_lead_by": float(strength[k])} for k in order if strength[k] > 0.0)
    return Screening(tuple(flips), f"{looked}: {len(flips) or 'none'} would flip it{unreached}", strongest)


def count(ways: int) -> str:
    """Ways in words."""
    return "one random way" if ways == 1 else f"{ways} random ways"


def _flip(contest: Contest, race: Race, lead: Floats, parameter: Parameter, bound: float) -> Mapping[str, object] | None:
    """The row of an assumption whose end turns the lead into a lag, else None."""
    found = estimate(lead)
    if found is None or found.mean >= 0.0:
        return None
    lo, hi = found.interval()
    return {
        "assumption": parameter.name,
        "unit": parameter.unit,
        "value": parameter.value,
        "at": bound,
        "better": contest.names[race[1]],
        "by": -found.mean,
        "lo": -hi,
        "hi": -lo,
        "shown": hi < 0.0,
    }
