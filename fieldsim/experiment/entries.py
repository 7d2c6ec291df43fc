"""What takes part in a comparison: each design with its plans, the stages it needs, and which designs are the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from fieldsim.experiment import market
from fieldsim.experiment.checkpoint import PLANNING_CODE, code_key, plain
from fieldsim.experiment.handing import Handing
from fieldsim.model import Design, Scenario, Travel, VisitPlan
from fieldsim.store import Store, content_key

Plans = tuple[VisitPlan, ...]
KIND = "plans"
"""Kind of a whole design's plans in the store."""


@dataclass(frozen=True, eq=False)
class Entry:
    """A design, its plans, and the keys of its stages, one a plan: net of the hand-over, and without it."""

    design: Design
    net: tuple[str, ...]
    gross: tuple[str, ...]
    plans: tuple[Plans, ...]


@dataclass(frozen=True, eq=False)
class Field:
    """All entries, and how to set each stage; a stage is only set if a replication has to run on it."""

    entries: tuple[Entry, ...]
    same_as: tuple[int, ...]
    recipes: Mapping[str, Callable[[], Any]]
    input_hash: str


def content_of(design: Design) -> str:
    """A key of who works what: equal for designs that differ only in names or the order of their territories."""
    books = [design.book(t).tolist() for t in range(len(design.territories))]
    shares = [(o.account, o.rep, o.revenue_share, o.quota_credit, o.visit_share) for o in design.overlays]
    return content_key(sorted(zip(books, design.rep_of.tolist(), strict=True)), sorted(shares))


def nameless(design: Design) -> object:
    """What a design says, without its name: renaming one needs no new plan and no new run."""
    return plain(replace(design, name=""))


def same_designs(designs: Sequence[Design]) -> tuple[int, ...]:
    """For each design the position of the first one with the same content."""
    first: dict[str, int] = {}
    return tuple(first.setdefault(content_of(design), i) for i, design in enumerate(designs))


@dataclass(frozen=True, eq=False)
class Planning:
    """How plans are made; only the first four decide what comes out."""

    quarters: int
    effort: str
    seed: int
    seeds: int
    """How often each changed territory is planned."""
    workers: int
    store: Store | None = None
    progress: Callable[[str, int, int], None] | None = None


def prepare(
    scenario: Scenario, designs: Sequence[Design], travel: Travel, planning: Planning, *, current: Design | None
) -> Field:
    """Plan every distinct design with every planner seed and name the stages it needs."""
    same_as = same_designs(designs)
    distinct = [i for i, first in enumerate(same_as) if i == first]
    about = content_key(plain(scenario), travel.key)
    planned: dict[int, list[Plans]] = {i: [] for i in distinct}
    shared = _unchanged([designs[i] for i in distinct])
    total = len(distinct) * planning.seeds * planning.quarters
    for number in range(planning.seeds):
        for i, kept in zip(distinct, shared, strict=True):
            begun = sum(map(len, planned.values())) * planning.quarters
            asked = _without(designs[i], kept) if number else designs[i]
            plans = plans_of(scenario, asked, travel, planning, about, number, begun, total)
            pairs = zip(planned[i][0], plans, strict=True) if number else ()
            planned[i].append(tuple(_splice(a, b, kept) for a, b in pairs) if number else plans)
    return _field(scenario, designs, same_as, planned, travel, current, about)


def plans_of(
    scenario: Scenario,
    design: Design,
    travel: Travel,
    planning: Planning,
    about: str,
    number: int = 0,
    begun: int = 0,
    total: int | None = None,
) -> Plans:
    """The plans of a design with one planner seed, from the store if there; `about` is the key of scenario and travel."""
    p = planning
    key = content_key(code_key(PLANNING_CODE), about, nameless(design), p.quarters, p.effort, p.seed + number)
    plans = p.store.get(KIND, key) if p.store else None
    if not isinstance(plans, tuple):
        plans = market.plan_quarters(
            scenario,
            design,
            travel,
            quarters=p.quarters,
            effort=p.effort,
            seed=p.seed + number,
            workers=p.workers,
            store=p.store,
            progress=_after(p.progress, begun, total or p.quarters),
        )
        if p.store:
            p.store.keep(KIND, key, plans)
    return tuple(replace(plan, design=design.name) for plan in plans)


def _after(progress: Callable[[str, int, int], None] | None, begun: int, total: int) -> Callable[[int], None] | None:
    """Progress within one design, as progress of the whole planning."""
    return (lambda done: progress("planning quarters", begun + done, total)) if progress else None


def _unchanged(designs: Sequence[Design]) -> list[set[int]]:
    """For each design its territories that every other has too: they cannot tell designs apart, so one plan is enough.

    Those that share visits with others do not count: what they visit is not in their book.
    """
    from fieldsim.planning import touched

    alone = [[t for t in range(len(d.territories)) if t not in touched(d)] for d in designs]
    books = [{content_key(d.book(t), int(d.rep_of[t])): t for t in mine} for d, mine in zip(designs, alone, strict=True)]
    common = [key for key in books[0] if all(key in book for book in books)] if len(designs) > 1 else []
    return [{book[key] for key in common} for book in books]


def _without(design: Design, territories: set[int]) -> Design:
    """The design with nobody to plan for in these territories; every territory is planned on its own."""
    kept = np.isin(np.arange(len(design.territories)), sorted(territories))
    return replace(design, rep_of=np.where(kept, -1, design.rep_of))


def _splice(first: VisitPlan, other: VisitPlan, shared: set[int]) -> VisitPlan:
    """The other plan, with the shared territories as in the first."""
    pairs = enumerate(zip(first.territories, other.territories, strict=True))
    return replace(other, territories=tuple(a if t in shared else b for t, (a, b) in pairs))


def _field(
    scenario: Scenario,
    designs: Sequence[Design],
    same_as: tuple[int, ...],
    planned: Mapping[int, list[Plans]],
    travel: Travel,
    current: Design | None,
    about: str,
) -> Field:
    """Keys and recipes of all stages; `about` is the key of scenario and travel."""
    before = content_key(plain(current.owner)) if current else None
    recipes: dict[str, Callable[[], Any]] = {}
    entries: dict[int, Entry] = {}
    for i, plans in planned.items():
        moved = current is not None and not np.array_equal(current.owner, designs[i].owner)
        keys: dict[bool, list[str]] = {True: [], False: []}
        for each in plans:
            content = content_key(about, nameless(designs[i]), plain([replace(p, design="") for p in each]))
            for handover in (True, False):
                key = content_key(content, before, handover and moved)
                recipes[key] = _recipe(scenario, designs[i], each, travel, handover and moved, current)
                keys[handover].append(key)
        entries[i] = Entry(designs[i], tuple(keys[True]), tuple(keys[False]), tuple(plans))
    input_hash = content_key(about, *(plain(design) for design in designs))
    return Field(
        tuple(replace(entries[first], design=designs[i]) for i, first in enumerate(same_as)), same_as, recipes, input_hash
    )


def _recipe(
    scenario: Scenario, design: Design, plans: Plans, travel: Travel, handover: bool, current: Design | None
) -> Callable[[], Any]:
    return lambda: market.set_stage(scenario, design, plans, travel, handover=handover, current=current)


def prepare_policies(
    scenario: Scenario,
    design: Design,
    travel: Travel,
    planning: Planning,
    handings: Mapping[str, Handing],
    *,
    current: Design | None,
) -> Field:
    """The field of one design under several hand-over policies, by name: one plan, a stage a policy.

    The last entry is the design itself, as a comparison of designs stages it. Policies that do the same share a stage.
    """
    about = content_key(plain(scenario), travel.key)
    plans = plans_of(scenario, design, travel, planning, about)
    field = _field(scenario, [design], (0,), {0: [plans]}, travel, current, about)
    (bare,) = field.entries
    recipes, entries, first = dict(field.recipes), list[Entry](), dict[str, int]()
    for name, given in handings.items():
        key = content_key("handing", bare.net[0], _told(given))
        first.setdefault(key, len(entries))
        recipes[key] = _taking(scenario, design, plans, travel, bare.net != bare.gross, current, given)
        entries.append(Entry(replace(design, name=name), (key,), (key,), (plans,)))
    same_as = tuple(first[entry.net[0]] for entry in entries)
    input_hash = content_key(field.input_hash, *(_told(given) for given in handings.values()))
    return Field((*entries, bare), (*same_as, len(entries)), recipes, input_hash)


def _told(given: Handing) -> object:
    return plain([(each.shape, each.ravel().tolist()) for each in given])


def _taking(
    scenario: Scenario, design: Design, plans: Plans, travel: Travel, handover: bool, current: Design | None, given: Handing
) -> Callable[[], Any]:
    return lambda: market.set_stage(scenario, design, plans, travel, handover=handover, current=current, handing=given)
