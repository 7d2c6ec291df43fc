"""Opening a scenario: its designs, its travel, and whether it is sound."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fieldsim import scenario as files
from fieldsim.api.listeners import Warn
from fieldsim.errors import DataError, FieldsimError, did_you_mean
from fieldsim.model import Scenario, Travel
from fieldsim.scenario import read_scenario
from fieldsim.store import Store, default_store


def design_names(scenario: Scenario) -> list[str]:
    """The scenario's designs by file name, the one in force first."""
    names = files.offered_designs(scenario)
    if not names:
        raise DataError("no design found", file=str(scenario.folder / "designs"), hint="add designs/NAME.csv")
    return sorted(names, key=lambda name: (name != scenario.current, name))


def check_scenario(folder: str | Path) -> dict[str, Any]:
    """All there is to say about a scenario: what the files hold, whether all places can be reached, what it all rests on.

    Wrong data are in the answer (`errors`), not raised.
    """
    found = files.check_scenario(folder)
    answer: dict[str, Any] = found.as_json()
    if found.ok:
        scenario = read_scenario(folder)
        try:
            open_travel(scenario, warn=lambda message: answer["warnings"].append({"message": message})).matrix(_sample(scenario))
            answer["market_assumptions"] = _market_assumptions(scenario)
            answer["warnings"] += _unbelieved(scenario)
        except FieldsimError as error:
            answer["errors"].append(error.as_json()["error"])
    return {**answer, "ok": not answer["errors"]}


def _sample(scenario: Scenario) -> list[int]:
    """The points whose travel `check` asks for: all of them, or of a very large book every so many-th."""
    points = len(scenario.accounts) + len(scenario.reps)
    return list(range(0, points, -(-points // 3000)))


def _market_assumptions(scenario: Scenario) -> list[dict[str, Any]]:
    """The market model's figures that nobody measured, with the ranges they could have."""
    from fieldsim import simulation

    values = {name: found.value for name, found in simulation.parameters(scenario).items()}
    simulation.tier_curves(scenario, values)  # an elasticity out of reach is found here, before anything is planned
    return [
        {"name": p.name, "value": p.value, "unit": p.unit, "range": list(p.range), "source": p.source}
        for p in simulation.assumptions(scenario)
    ]


def _unbelieved(scenario: Scenario) -> list[dict[str, Any]]:
    """A warning for each of the scenario's own figures that lies where nobody believes it to be."""
    from fieldsim import simulation

    return [
        {
            "message": f"parameter '{p.name}' = {p.value:g} lies outside {p.range[0]:g} to {p.range[1]:g} ({p.unit})",
            "file": "scenario.toml",
            "column": f"parameters.{p.name}",
        }
        for p in simulation.unbelieved(scenario)
    ]


def open_travel(scenario: Scenario, *, store: Store | None = None, warn: Warn | None = None) -> Travel:
    """Travel over the scenario's points, from its roads if it has them; matrices are kept in the store."""
    from fieldsim import travel

    return travel.open_travel(scenario, store=store or default_store(), warn=warn)


def travel_times(
    scenario: Scenario, origins: Sequence[str], targets: Sequence[str], *, at: str | None = None, warn: Warn | None = None
) -> dict[str, Any]:
    """Times and lengths between accounts and homes, named by id: as plans count them, or leaving at a time of day, HH:MM."""
    from fieldsim import travel
    from fieldsim.scenario import seconds_of_day

    leave = None if at is None else seconds_of_day(at)
    if at is not None and leave is None:
        raise DataError(f"'{at}' is no time of day", hint="write HH:MM")
    here, there = ([point_of(scenario, name) for name in names] for names in (origins, targets))
    seconds, metres = travel.open_travel(scenario, store=default_store(), warn=warn).times(here, there, leave)
    return {"at": at, "from": list(origins), "to": list(targets), "travel_s": seconds.tolist(), "distance_m": metres.tolist()}


def point_of(scenario: Scenario, name: str) -> int:
    """The point of an account's or a rep's id."""
    if name in scenario.accounts.ids:
        return scenario.accounts.ids.index(name)
    reps = [rep.id for rep in scenario.reps]
    if name in reps:
        return scenario.home(reps.index(name))
    raise DataError(f"'{name}' is no account and no rep", hint=did_you_mean(name, [*scenario.accounts.ids, *reps]))


def rep_position(scenario: Scenario, rep: str) -> int:
    """The position of a rep's id; an unknown one is an error with the closest known."""
    ids = [person.id for person in scenario.reps]
    if rep not in ids:
        raise DataError(f"unknown rep '{rep}'", file="reps", hint=did_you_mean(rep, ids) or f"known: {', '.join(ids[:12])}")
    return ids.index(rep)
