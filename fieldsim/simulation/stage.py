"""The stage: everything the replications of one design share, as plain arrays that travel to any worker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from fieldsim.errors import DataError
from fieldsim.model import Design, Floats, Ints, Scenario, Travel, VisitPlan
from fieldsim.simulation.books import book_of, knowledge
from fieldsim.simulation.calendar import layers_of, season_of
from fieldsim.simulation.errands import Errands, errands_of
from fieldsim.simulation.leavers import Clocks
from fieldsim.simulation.market import market_of, parameters
from fieldsim.simulation.nouns import CANDIDATE, LEDGER, LUCK, OWED, POOL, SHIFTS, SPOTS, STATE, Field, World
from fieldsim.simulation.places import places_of, shifted
from fieldsim.simulation.quota import quotas
from fieldsim.simulation.rosters import field_of, reps_of
from fieldsim.simulation.specialists import Calendar, calendars_of


@dataclass(frozen=True, eq=False)
class Stage:
    """One design, its plans and the market, ready for any number of replications; holds no travel engine."""

    design: str
    days: int
    """Calendar days of the horizon."""
    handover: bool
    returns: bool
    """Accounts that a colleague took over go back to the next hire."""
    world: World
    """With empty state and ledger."""
    field: Field
    skill_sigma: float
    sick: tuple[float, float]
    """Mean days between two spells and of a spell."""
    clocks: Clocks
    leads: tuple[float, float, float, float]
    """Leads a day, half-life in days, quality, seconds each takes."""
    rep_of: Ints
    """Rep of each territory."""
    quotas: dict[str, Ints | Floats]
    seats: dict[str, Ints]
    due: dict[str, Ints]
    errands: Errands
    """What waiting accounts ask of managers."""
    over: tuple[float, ...] = ()
    """Day from which each rep's contract is over; infinite where it is open."""
    leave_days: int = 0
    """Working days of annual leave a quarter."""
    calendars: tuple[Calendar, ...] = ()
    """Specialists who join visits."""
    patience_s: float = 0.0
    """How long a rep waits for one."""


def stage(
    scenario: Scenario,
    design: Design,
    plans: Sequence[VisitPlan],
    travel: Travel,
    *,
    handover: bool = True,
    current: Design | None = None,
    takers: Ints | None = None,
    returns: bool = True,
    pooled: Floats | None = None,
    shifts: Ints | None = None,
) -> Stage:
    """Set the stage for replications of one design over as many quarters as there are plans.

    `current` is the design in force (owners on the day before the start); without it nobody changes hands.
    `handover=False` is the gross view: owners change on day one at no cost. `takers` names the territory that gets an account
    when the rep of its own territory leaves in between (-1, the default: it waits for the next hire), `returns` whether the next
    hire gets it back; `pooled` is the share of an account's planned visits that a manager holds while it waits, as far
    as managers have time (0 by default).
    `shifts` are accounts of reps who stay that change hands meanwhile, rows (territory whose rep leaves, account, new territory).
    DataError for a parameter that does not exist or cannot be reached.
    """
    _check(scenario, design, plans)
    takers = np.full(len(scenario.accounts), -1, dtype=np.int64) if takers is None else takers
    p = {name: found.value for name, found in parameters(scenario).items()}
    world = _world(scenario, design, current or design, takers, _planned(design, plans).sum(axis=0), len(plans), p)
    books = places_of(design, takers, np.zeros((0, 3), dtype=np.int64) if shifts is None else shifts, plans)
    world = shifted(world, design, books, shifts)
    world.book["pooled"][:-1] = 0.0 if pooled is None else pooled
    field = field_of(scenario, design, plans, travel, books, world.book)
    world.book["stops_from"] = np.searchsorted(field.stops["account"][field.stops_of], np.arange(len(world.book)))
    return Stage(
        design=design.name,
        days=(scenario.quarter(len(plans) - 1)[1] - scenario.start).days + 1,
        handover=handover,
        returns=returns,
        world=world,
        field=field,
        rep_of=design.rep_of,
        quotas=quotas(scenario, design, plans),
        seats=_seats(scenario, design, len(plans)),
        due=_due(design, plans),
        errands=errands_of(design, world.book, field, scenario.accounts.remote, p),
        over=tuple((rep.end - scenario.start).days + 1.0 if rep.end else float("inf") for rep in scenario.reps),
        calendars=calendars_of(scenario, field.stops, travel),
        **_people(scenario, p),
    )


def restage(
    made: Stage, scenario: Scenario, design: Design, *, current: Design | None = None, takers: Ints | None = None
) -> Stage:
    """The stage of the same design and plans under other parameters of the scenario; routes, doors and legs are kept.

    `design`, `current` and `takers` must be those the stage was made of. Many times faster than setting it anew.
    """
    takers = np.full(len(scenario.accounts), -1, dtype=np.int64) if takers is None else takers
    p = {name: found.value for name, found in parameters(scenario).items()}
    visits = np.diff(made.world.book["stops_from"])
    world = _world(scenario, design, current or design, takers, visits, len(made.world.edges) - 1, p)
    for kept in ("stops_from", "pooled", "spots_from", "spots_to"):
        world.book[kept] = made.world.book[kept]
    for kept in ("shifts_from", "shifts_to"):
        world.reps[kept] = made.world.reps[kept]
    world = world._replace(spots=made.world.spots, shifts=made.world.shifts)
    errands = errands_of(design, world.book, made.field, scenario.accounts.remote, p)
    return replace(made, world=world, errands=errands, **_people(scenario, p))


def _people(scenario: Scenario, p: Mapping[str, float]) -> dict[str, Any]:
    """What the processes on SimPy's clock need of the parameters."""
    share, spell = p["sick_share"], p["sick_spell_days"]
    between = spell * (1.0 - share) / share if share > 0.0 else float("inf")
    a_day = p["leads_per_rep_quarter"] * len(scenario.reps) / 91.25
    return {
        "skill_sigma": p["skill_sigma"],
        "sick": (between, spell),
        "clocks": Clocks(p["notice_days"], p["notice_effort"], p["vacancy_months"] * 365.0 / 12.0, p["vacancy_sigma"]),
        "leads": (a_day, p["lead_half_life_days"], p["lead_quality"], 60.0 * p["lead_minutes"]),
        "leave_days": round(p["leave_days"] / 4.0),
        "patience_s": 60.0 * p["joint_wait_minutes"],
    }


def _world(
    scenario: Scenario, design: Design, current: Design, takers: Ints, visits: Ints, quarters: int, p: Mapping[str, float]
) -> World:
    """What is fixed, with nothing in it that a replication changes."""
    book, overlay = book_of(scenario, design, current, p, takers, visits)
    season, layers = season_of(scenario, quarters, p), layers_of(book)
    return World(
        book=book,
        state=np.zeros(0, dtype=STATE),
        chances=np.zeros((0, 0)),
        candidate=np.zeros((0, layers), dtype=CANDIDATE),
        pool=np.zeros(0, dtype=POOL),
        reps=reps_of(scenario),
        owing=np.zeros(0, dtype=OWED),
        spots=np.zeros(0, dtype=SPOTS),
        shifts=np.zeros(0, dtype=SHIFTS),
        knows=knowledge(scenario),
        overlay=overlay,
        edges=season.edges,
        seasons=season.seasons,
        ledger=np.zeros(0, dtype=LEDGER),
        used=np.zeros(5, dtype=np.int64),
        market=market_of(scenario, layers, season.warm, season.warm_layers),
        luck=np.zeros(1, dtype=LUCK),
    )


def _check(scenario: Scenario, design: Design, plans: Sequence[VisitPlan]) -> None:
    if not plans or [plan.quarter for plan in plans] != list(range(len(plans))):
        raise DataError(f"design '{design.name}': plans must be those of quarters 0, 1, 2 ... in order")
    for plan in plans:
        if len(plan.territories) != len(design.territories) or len(plan.due) != len(scenario.accounts):
            raise DataError(f"design '{design.name}': the plan of quarter {plan.quarter} belongs to another design or scenario")


def _seats(scenario: Scenario, design: Design, quarters: int) -> dict[str, Ints]:
    """Who sits where from day to day; specialists have territory -1, and a seat is empty until its rep's first day."""
    days = (scenario.quarter(quarters - 1)[1] - scenario.start).days + 1
    special = specialists(design)
    rows = []
    for territory, rep in [*enumerate(design.rep_of.tolist()), *((-1, rep) for rep in special)]:
        hired = scenario.reps[rep].start if rep >= 0 else None
        first = min(days, max(0, (hired - scenario.start).days)) if hired else 0
        rows += [(territory, -1, 0, first), (territory, rep, first, days)]
    kept = [row for row in rows if row[2] < row[3]]
    names = ("territory", "rep", "from_day", "to_day")
    return {name: np.array(column, dtype=np.int64) for name, column in zip(names, zip(*kept, strict=True), strict=True)}


def specialists(design: Design) -> list[int]:
    """Reps who work overlay accounts and no territory, ascending."""
    return sorted({overlay.rep for overlay in design.overlays} - set(design.rep_of.tolist()))


def _planned(design: Design, plans: Sequence[VisitPlan]) -> Ints:
    """Visits in the plans, shape [quarters, accounts]."""
    none = np.zeros(0, dtype=np.int64)
    accounts = [np.concatenate([none, *(t.account for t in plan.territories)]) for plan in plans]
    return np.stack([np.bincount(held, minlength=len(design.territory_of)) for held in accounts])


def _due(design: Design, plans: Sequence[VisitPlan]) -> dict[str, Ints]:
    accounts = len(design.territory_of)
    return {
        "account": np.tile(np.arange(accounts, dtype=np.int64), len(plans)),
        "quarter": np.repeat(np.arange(len(plans), dtype=np.int64), accounts),
        "due": np.concatenate([plan.due for plan in plans]).astype(np.int64),
        "planned": _planned(design, plans).ravel(),
        "territory": np.tile(design.territory_of, len(plans)).astype(np.int64),
    }
