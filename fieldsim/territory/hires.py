"""New people: where to seat them, so that a design with them can be made and compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from fieldsim.errors import UsageError, did_you_mean
from fieldsim.model import Design, Ints, Rep, Scenario
from fieldsim.territory.seats import middle_account, seats_of


def hire(scenario: Scenario, start: Design, number: int, prefix: str) -> tuple[Scenario, Design, tuple[Rep, ...]]:
    """The scenario with `number` more reps, `start` with an empty territory for each, and the new reps.

    A hire lives where that shortens the ways to all accounts most, and is called `prefix`-1, `prefix`-2, ...; one of that name
    whom the scenario has already keeps home and figures.
    """
    names = [f"{prefix}-{k + 1}" for k in range(number)]
    taken = {start.territories[t] for t in range(len(start.territories))} & set(names)
    if taken:
        raise UsageError(f"'{start.name}' has a territory '{min(taken)}' already", hint="write under another name")
    wanted = seats_of(scenario, start, len(start.territories) + number)
    places = {name: int(point) for name, point in zip(wanted.names, wanted.point, strict=True) if name not in start.territories}
    at = dict(zip(names, (places[key] for key in sorted(places, key=lambda key: (len(key), key))), strict=True))
    more, moved = with_reps(scenario, start, new_reps(scenario, start, at))
    seats = tuple(sorted((*moved.territories, *names)))
    place = np.array([seats.index(name) for name in moved.territories], dtype=np.int64)
    ids = {rep.id: k for k, rep in enumerate(more.reps)}
    rep_of = np.array([ids.get(name, -1) for name in seats], dtype=np.int64)
    rep_of[place] = moved.rep_of
    grown = Design(moved.name, seats, place[moved.territory_of], rep_of, moved.overlays)
    return more, grown, tuple(more.reps[ids[name]] for name in names)


def seat_hire(
    scenario: Scenario, design: Design, territory: str, prefix: str, book: Ints | None = None
) -> tuple[Scenario, Design, Rep]:
    """The scenario with one more rep, in the vacant seat of `territory`; home is in the middle of `book`, by default its own."""
    if territory not in design.territories:
        raise UsageError(f"no territory '{territory}'", hint=did_you_mean(territory, design.territories))
    position = design.territories.index(territory)
    if design.rep_of[position] >= 0:
        raise UsageError(f"territory '{territory}' has a rep, {scenario.reps[int(design.rep_of[position])].id}")
    name = f"{prefix}-1"
    at = {name: middle_account(scenario, design.book(position) if book is None else book)}
    more, moved = with_reps(scenario, design, new_reps(scenario, design, at))
    rep = next(k for k, person in enumerate(more.reps) if person.id == name)
    if rep in moved.rep_of.tolist():
        raise UsageError(f"'{name}' has a seat in '{design.name}' already", hint="write under another name")
    rep_of = moved.rep_of.copy()
    rep_of[position] = rep
    return more, replace(moved, rep_of=rep_of), more.reps[rep]


def new_reps(scenario: Scenario, design: Design, at: Mapping[str, int]) -> tuple[Rep, ...]:
    """Reps who live at the given accounts, start with the quarter and cost what the median rep with a seat costs.

    They know no trade better than another and add nothing to the team's quota; who is a rep already stays as he is.
    """
    known = {rep.id: rep for rep in scenario.reps}
    seated = [scenario.reps[k] for k in sorted(set(design.rep_of.tolist()) - {-1})] or list(scenario.reps)
    like = sorted(seated, key=lambda rep: (rep.cost_per_year, rep.id))[len(seated) // 2]
    return tuple(known[name] if name in known else _new_rep(scenario, like, name, point) for name, point in at.items())


def _new_rep(scenario: Scenario, like: Rep, name: str, point: int) -> Rep:
    accounts = scenario.accounts
    town = accounts.city[point]
    return replace(
        like,
        id=name,
        name=f"New hire {town}".strip(),
        lat=float(accounts.lat[point]),
        lon=float(accounts.lon[point]),
        quota=0.0,
        start=scenario.start,
        end=None,
        skills=frozenset(),
        capacity=1.0,
    )


def with_reps(scenario: Scenario, design: Design, reps: Sequence[Rep]) -> tuple[Scenario, Design]:
    """The scenario with more people, and the design on their new positions."""
    known = {rep.id for rep in scenario.reps}
    team = tuple(sorted((*scenario.reps, *(rep for rep in reps if rep.id not in known)), key=lambda rep: rep.id))
    if len(team) == len(scenario.reps):
        return scenario, design
    at = {rep.id: k for k, rep in enumerate(team)}
    place = np.array([at[rep.id] for rep in scenario.reps], dtype=np.int64)
    rep_of = np.where(design.rep_of >= 0, place[design.rep_of], -1).astype(np.int64)
    overlays = tuple(sorted((replace(o, rep=int(place[o.rep])) for o in design.overlays), key=lambda o: (o.account, o.rep)))
    content = f"{scenario.content}:hires:{[(rep.id, rep.lat, rep.lon) for rep in team if rep.id not in known]!r}"
    more = replace(scenario, reps=team, content=content, origins=())
    return more, replace(design, rep_of=rep_of, overlays=overlays)
