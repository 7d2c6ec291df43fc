"""Making a design, with the reasons of its moves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fieldsim.api.ground import open_travel
from fieldsim.api.listeners import Warn
from fieldsim.errors import DataError, UsageError, did_you_mean
from fieldsim.model import Design, Scenario
from fieldsim.scenario import read_design, write_design

if TYPE_CHECKING:
    from fieldsim.territory import DesignResult


def design_territories(scenario: Scenario, method: str = "balanced", *, name: str | None = None, seed: int = 0) -> Design:
    """A new design by the named method, starting from the design in force where the scenario names one."""
    from fieldsim import territory

    start = read_design(scenario, scenario.current) if scenario.current else None
    travel = open_travel(scenario)
    return territory.design_territories(scenario, travel, method, name=name or method, start=start, seed=seed)


def make_design(
    scenario: Scenario,
    method: str,
    *,
    name: str,
    start: str | None = None,
    territories: int | None = None,
    tolerance: float = 0.05,
    budget: int | None = None,
    by: str | None = None,
    vacate: str | None = None,
    policy: str = "balanced",
    seed: int = 0,
    warn: Warn | None = None,
) -> DesignResult:
    """A design with its moves, reasons and figures; with `vacate`, the book of that rep handed over by `policy`."""
    from fieldsim import territory, turnover

    before = start or scenario.current
    standing = read_design(scenario, before) if before else None
    travel = open_travel(scenario, warn=warn)
    if vacate is not None:
        if standing is None:
            raise UsageError("a hand-over needs the design that stands", hint="name it with --from DESIGN")
        made = turnover.hand_over(scenario, travel, standing, vacate, policy, name=name, seed=seed)
    else:
        made = territory.design_territories(
            scenario,
            travel,
            method,
            name=name,
            start=standing,
            territories=territories,
            tolerance=tolerance,
            budget=budget,
            by=by,
            seed=seed,
        )
    return territory.explain_design(scenario, travel, made, standing, bound=vacate is None)


def account_move(scenario: Scenario, made: DesignResult, account: str) -> str:
    """One account's move in plain words."""
    from fieldsim import territory

    if account not in scenario.accounts.ids:
        raise DataError(f"unknown account '{account}'", file="accounts", hint=did_you_mean(account, scenario.accounts.ids))
    return territory.explain_account(made, account)


def write_result(scenario: Scenario, made: DesignResult) -> Path:
    """Write designs/NAME.csv with the reason of each move."""
    position = {account: k for k, account in enumerate(scenario.accounts.ids)}
    return write_design(scenario, made.design, {position[move.account]: "; ".join(move.reasons) for move in made.moves})
