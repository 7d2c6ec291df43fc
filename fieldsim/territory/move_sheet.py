"""The sheet of moves as sales operations lay it out: who loses which account to whom, from when, and why."""

from __future__ import annotations

from datetime import timedelta

from fieldsim.model import Design, Scenario
from fieldsim.territory.result import DesignResult, Move

HOLDOVER_DAYS = 60
"""Days that open deals stay with the seller who has them; between the 30 and 90 that are usual."""
HEADER = (
    *("account", "name", "tier", "revenue_last_year", "open_pipeline", "potential", "current_owner", "new_owner"),
    *("from_territory", "to_territory", "disruption", "travel_hours", "cost_hours", "reason", "effective_date"),
    *("holdover_until", "status"),
)


def move_sheet(scenario: Scenario, made: DesignResult, start: Design | None) -> list[list[str]]:
    """A row a move under HEADER, in the order of the moves: the least disruptive first.

    The effective date is the quarter's first day; deals that are open stay with their seller until `holdover_until`. The status
    is "proposed": whoever reviews the sheet writes "accepted" or "contested".
    """
    place = {account: i for i, account in enumerate(scenario.accounts.ids)}
    return [_row(scenario, made.design, start, move, place[move.account]) for move in made.moves]


def _row(scenario: Scenario, design: Design, start: Design | None, move: Move, i: int) -> list[str]:
    book = scenario.accounts
    until = (scenario.start + timedelta(days=HOLDOVER_DAYS)).isoformat() if book.open_pipeline[i] > 0.0 else ""
    money = [f"{column[i]:.0f}" for column in (book.revenue_last_year, book.open_pipeline, book.potential)]
    owners = [_owner(scenario, each, i) for each in (start, design)]
    hours = [f"{move.travel_hours:.2f}", f"{move.cost_hours:.2f}"]
    where = [move.from_territory, move.to_territory, move.activity]
    why = [*hours, "; ".join(move.reasons), scenario.start.isoformat(), until, "proposed"]
    return [move.account, book.name[i], book.tier[i], *money, *owners, *where, *why]


def _owner(scenario: Scenario, design: Design | None, i: int) -> str:
    rep = -1 if design is None else int(design.owner[i])
    return scenario.reps[rep].id if rep >= 0 else ""
