"""Where a rep's day stands: frozen, written to the database after each change and read back."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from fieldsim.model import DayRoute, ForcedCost, Skipped, Stop, Window


@dataclass(frozen=True)
class Settled:
    """A visit with its outcome, or one the rep left out; times None where it was not held."""

    account: str
    state: str
    """done, no_show, cancelled, skipped or handed_over."""
    planned_start_s: int | None = None
    arrive_s: int | None = None
    leave_s: int | None = None
    travel_s: int = 0
    note: str | None = None
    next_step: str | None = None
    to: str | None = None
    """Who took it over."""


@dataclass(frozen=True)
class Difference:
    """What the last change did to the stops that are left, told to the rep."""

    moved: int
    agreed_moved: int
    travel_saved_minutes: int
    added: tuple[str, ...]
    dropped: tuple[str, ...]
    sentence: str
    can_keep_mine: bool


@dataclass(frozen=True)
class State:
    """A day after so many changes. Ids are accounts'; times are seconds after midnight."""

    open: tuple[str, ...]
    """Accounts the day may still hold."""
    route: DayRoute
    """What is left: stops under way first, then the re-planned rest."""
    remote: tuple[str, ...] = ()
    wanted: tuple[str, ...] = ()
    """Added by hand or by ops: required."""
    given: dict[str, str] = field(default_factory=dict)
    """Taken over from a colleague: account -> rep."""
    settled: tuple[Settled, ...] = ()
    pins: dict[str, int] = field(default_factory=dict)
    own: tuple[str, ...] | None = None
    """The rep's own order of what is left."""
    at: str | None = None
    """Account where the rep was last, None: at home."""
    ready_s: int | None = None
    """When the rep is free there; None: the day has not begun."""
    lunch: Window | None = None
    """The break that was taken."""
    former: tuple[str, ...] = ()
    """Order of what was left before the last re-plan."""
    difference: Difference | None = None
    previous: int | None = None
    """Version before the last change, which undo goes back to; None: nothing to undo."""

    def order(self) -> tuple[str, ...]:
        """What is left, in order."""
        return tuple(stop.id for stop in self.route.stops)


def as_text(state: State) -> str:
    """The state as JSON."""
    route = {
        **vars(state.route),
        "stops": [vars(stop) for stop in state.route.stops],
        "skipped": [{**vars(one), "forced_cost": one.forced_cost and vars(one.forced_cost)} for one in state.route.skipped],
    }
    settled = [vars(row) for row in state.settled]
    fields = {**vars(state), "route": route, "settled": settled, "difference": state.difference and vars(state.difference)}
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def from_text(text: str) -> State:
    """The state that `as_text` wrote."""
    found: dict[str, Any] = json.loads(text)
    route = found["route"]
    difference = found["difference"]
    return State(
        **{
            **found,
            "open": tuple(found["open"]),
            "route": _route(route),
            "remote": tuple(found["remote"]),
            "wanted": tuple(found["wanted"]),
            "settled": tuple(Settled(**row) for row in found["settled"]),
            "own": None if found["own"] is None else tuple(found["own"]),
            "lunch": None if found["lunch"] is None else tuple(found["lunch"]),
            "former": tuple(found["former"]),
            "difference": difference
            and Difference(**{**difference, "added": tuple(difference["added"]), "dropped": tuple(difference["dropped"])}),
        }
    )


def _route(found: dict[str, Any]) -> DayRoute:
    lunch = found["lunch"]
    return DayRoute(
        **{
            **found,
            "stops": tuple(Stop(**stop) for stop in found["stops"]),
            "lunch": None if lunch is None else (lunch[0], lunch[1]),
            "skipped": tuple(_skipped(row) for row in found["skipped"]),
            "failed_required": tuple(found["failed_required"]),
        }
    )


def _skipped(row: dict[str, Any]) -> Skipped:
    cost = row["forced_cost"]
    return Skipped(**{**row, "forced_cost": cost and ForcedCost(**{**cost, "drops": tuple(cost["drops"])})})
