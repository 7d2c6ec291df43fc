"""Changing a design by hand: a leaver's book, a hire's first patch, territories split or merged, specialists."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fieldsim.api.designing import Made, explained, starting_design
from fieldsim.api.ground import open_travel
from fieldsim.api.listeners import Warn
from fieldsim.errors import UsageError, did_you_mean
from fieldsim.model import Bools, Design, Scenario
from fieldsim.scenario import RULE_COLUMNS, read_design


def vacate_seat(
    scenario: Scenario,
    rep: str,
    policy: str = "balanced",
    *,
    name: str,
    start: str | None = None,
    seed: int = 0,
    strict: bool = False,
    allow_plugins: bool = False,
    warn: Warn | None = None,
) -> Made:
    """A rep leaves, and a hand-over policy says who takes the accounts; the seat stays, vacant.

    `strict`: to territories next door only, as far as there are any.
    """
    from fieldsim import turnover

    standing, travel = _standing(scenario, start), open_travel(scenario, warn=warn)
    made = turnover.hand_over(
        scenario, travel, standing, rep, policy, name=name, seed=seed, strict=strict, allow_plugins=allow_plugins
    )
    note = f"the seat of {rep} is vacant; a hire gets a first patch of its old book with --fill TERRITORY --from {name}"
    if policy == "pool":
        note += "; until then a manager holds up to a quarter of its visits, which stress --policy pool simulates and charges"
    return explained(scenario, travel, made, standing, notes=(note,))


def fill_seat(scenario: Scenario, territory: str, *, name: str, start: str | None = None, warn: Warn | None = None) -> Made:
    """A hire takes a vacant territory and gets a stable, well-formed first patch of the book it had in the design in force."""
    from fieldsim import territory as rooms
    from fieldsim import turnover

    standing = _standing(scenario, start)
    before = read_design(scenario, scenario.current) if scenario.current else standing
    if territory not in before.territories:
        hint = did_you_mean(territory, before.territories)
        raise UsageError(f"'{before.name}' has no territory '{territory}', so there is no old book to take from", hint=hint)
    book = before.book(before.territories.index(territory))
    more, seated, rep = rooms.seat_hire(scenario, standing, territory, name, book)
    travel = open_travel(more, warn=warn)
    made, patch = turnover.fill_seat(more, travel, seated, territory, before, name=name)
    note = (
        f"first patch of {rep.id}: {patch.work:.0%} of a mean seat's work and {patch.potential:.0%} of its potential; "
        f"{patch.together:.0%} of its neighbours inside; {patch.familiar:.0%} were the seat's before"
    )
    return explained(more, travel, made, seated, (rep,), (note,))


def split_seat(
    scenario: Scenario,
    territory: str,
    *,
    name: str,
    start: str | None = None,
    seed: int = 0,
    strict: bool = False,
    warn: Warn | None = None,
) -> Made:
    """One territory becomes two of equal potential and work; a hire takes the new one, and nobody else's account moves.

    `strict`: each of the two in one piece.
    """
    from fieldsim import territory as rooms

    standing = _standing(scenario, start)
    travel = open_travel(scenario, warn=warn)
    halved = rooms.split_territory(scenario, travel, standing, territory, name=name, seed=seed, strict=strict)
    more, made, rep = rooms.seat_hire(scenario, halved, f"{territory} B", name)
    _, before = rooms.with_reps(scenario, standing, (rep,))
    return explained(more, open_travel(more), made, before, (rep,))


def merge_seats(
    scenario: Scenario,
    first: str,
    second: str,
    *,
    name: str,
    start: str | None = None,
    strict: bool = False,
    warn: Warn | None = None,
) -> Made:
    """The second territory is dissolved into the first; `strict`: only if the two touch."""
    from fieldsim import territory as rooms

    standing = _standing(scenario, start)
    made = rooms.merge_territories(standing, first, second, name=name, scenario=scenario if strict else None)
    return explained(scenario, open_travel(scenario, warn=warn), made, standing)


def overlay_accounts(
    scenario: Scenario,
    where: Sequence[tuple[str, str]],
    specialists: Sequence[str],
    shares: tuple[float, float, float] = (0.5, 1.0, 0.3),
    *,
    name: str,
    start: str | None = None,
    warn: Warn | None = None,
) -> Made:
    """Strategic accounts, all that match `where` (columns and values), get a specialist beside their owner.

    `shares` are the specialist's part of revenue, of quota credit and of visits.
    """
    from dataclasses import replace

    from fieldsim import territory as rooms

    standing, chosen = _standing(scenario, start), _matching(scenario, where)
    if not chosen.any():
        raise UsageError("no account is to get a specialist", hint="say which with --key COLUMN=VALUE")
    if not specialists:
        raise UsageError("nobody is named as a specialist", hint="name reps with --specialist REP")
    revenue, credit, visits = shares
    made = rooms.add_specialists(
        scenario,
        replace(standing, name=name),
        chosen,
        specialists,
        revenue_share=revenue,
        quota_credit=credit,
        visit_share=visits,
    )
    money = f"{scenario.accounts.potential[chosen].sum():,.0f} {scenario.currency} of potential"
    many = f"1 account with {money} gets" if chosen.sum() == 1 else f"{int(chosen.sum())} accounts with {money} get"
    note = f"{many} a specialist: {revenue:.0%} of revenue, {credit:.0%} of quota credit, {visits:.0%} of visits"
    return explained(scenario, open_travel(scenario, warn=warn), made, standing, notes=(note,))


def _standing(scenario: Scenario, start: str | None) -> Design:
    standing = starting_design(scenario, start)
    if standing is None:
        raise UsageError("this needs the design that stands", hint="name it with --from DESIGN")
    return standing


def _matching(scenario: Scenario, where: Sequence[tuple[str, str]]) -> Bools:
    """Accounts that have all the values; potential=N means at least so much."""
    match = np.full(len(scenario.accounts), bool(where))
    for column, value in where:
        if column == "potential":
            match &= scenario.accounts.potential >= _number(value)
        elif column in RULE_COLUMNS:
            match &= np.array([cell == value for cell in getattr(scenario.accounts, column)], dtype=np.bool_)
        else:
            raise UsageError(f"unknown column '{column}'", hint=did_you_mean(column, (*RULE_COLUMNS, "potential")))
    return match


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise UsageError(f"'{text}' is not a number") from error
