"""What every request stands on, loaded once a process: scenario, design, travel, and the reps' plans as they are asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date as Date
from datetime import datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from fieldsim import api
from fieldsim.api.listeners import Warn
from fieldsim.errors import DataError
from fieldsim.model import Design, Rep, Scenario, Travel, VisitPlan
from fieldsim.service.plans import PATIENCE_S, Plans
from fieldsim.service.settings import Settings
from fieldsim.service.state import State
from fieldsim.store import default_store

Place = tuple[float, float]


@dataclass(frozen=True, eq=False)
class Ground:
    """The fixed part of the service."""

    settings: Settings
    scenario: Scenario
    design: Design
    travel: Travel
    _plans: Plans = field(default_factory=Plans)
    _ways: dict[tuple[int, int], list[Place]] = field(default_factory=dict)
    reasons: dict[tuple[str, Date, str], str] = field(default_factory=dict)
    """Why a visit is on its day, as far as it was asked."""
    planned: dict[tuple[str, Date], State] = field(default_factory=dict)
    """Days as planned, as far as they were asked for."""
    facts: dict[tuple[str, Date], dict[str, Any]] = field(default_factory=dict)
    """What stops show of accounts, as far as they were asked for."""
    _metres: dict[tuple[int, int], int] = field(default_factory=dict)

    @cached_property
    def accounts(self) -> dict[str, int]:
        """Position of each account by id."""
        return {name: position for position, name in enumerate(self.scenario.accounts.ids)}

    @cached_property
    def reps(self) -> dict[str, int]:
        """Position of each rep by id."""
        return {rep.id: position for position, rep in enumerate(self.scenario.reps)}

    @cached_property
    def seats(self) -> dict[str, int]:
        """The territory of each rep who has one in the design."""
        pairs = [(self.scenario.reps[rep].id, t) for t, rep in enumerate(self.design.rep_of.tolist()) if rep >= 0]
        return dict(reversed(pairs))

    @cached_property
    def history(self) -> dict[str, str]:
        """Date of each account's last visit held before the quarter, from history.csv."""
        rows = self.scenario.history or {}
        visits = zip(*(rows[name] for name in ("account", "date", "kind", "outcome")), strict=True) if rows else ()
        return {str(account): str(day) for account, day, kind, outcome in visits if kind == "visit" and outcome in ("held", "")}

    def rep(self, name: str) -> Rep:
        """The rep of that id."""
        return self.scenario.reps[self.reps[name]]

    def now(self) -> datetime:
        """The present moment in the scenario's time zone."""
        return self.settings.clock().astimezone(ZoneInfo(self.scenario.timezone))

    def today(self) -> Date:
        """The date in the scenario's time zone."""
        return self.now().date()

    def plan(self, rep: str, quarter: int, *, patience_s: float | None = PATIENCE_S) -> VisitPlan:
        """The rep's part of the quarter's plan, the same that `fieldsim route` reads; Refusal 503 while it is being made."""
        return self._plans.get((rep, quarter), lambda: self._made(rep, quarter), patience_s)

    def _made(self, rep: str, quarter: int) -> VisitPlan:
        chosen = self.settings
        return api.plan_quarter(
            self.scenario, self.design, travel=self.travel, quarter=quarter, rep=rep, effort=chosen.effort, seed=chosen.seed
        )

    def working_days(self, rep: str, quarter: int) -> tuple[Date, ...]:
        """Days of a quarter on which the rep works by plan."""
        plan = self.plan(rep, quarter)
        return tuple(plan.days[k] for k in plan.territories[self.seats[rep]].work_day.tolist())

    def ordinals(self, rep: str, day: Date) -> dict[str, int]:
        """Which of the account's visits of the quarter each planned visit of a day is."""
        plan = self.plan(rep, api.quarter_of(self.scenario, day))
        part = plan.territories[self.seats[rep]]
        rows = part.day == (plan.days.index(day) if day in plan.days else -2)
        ids = self.scenario.accounts.ids
        return {ids[a]: n for a, n in zip(part.account[rows].tolist(), part.ordinal[rows].tolist(), strict=True)}

    def metres(self, origin: int, destination: int) -> int:
        """Length of the way between two points, remembered."""
        found = self._metres.get((origin, destination))
        if found is None:
            found = int(self.travel.matrix([origin, destination]).metres[0, 1])
            self._metres[origin, destination] = found
        return found

    def way(self, origin: int, destination: int) -> list[Place]:
        """The way between two points, remembered."""
        found = self._ways.get((origin, destination))
        if found is None:
            found = self.travel.path(origin, destination)
            if len(self._ways) > 50_000:
                self._ways.clear()
            self._ways[origin, destination] = found
        return found


def open_ground(settings: Settings, *, warn: Warn | None = None) -> Ground:
    """Read the scenario and the design and open travel; plug-ins that a scenario names are never run here."""
    scenario = api.read_scenario(settings.folder)
    design = api.read_design(scenario, settings.design)
    if not (design.rep_of >= 0).any():
        raise DataError(f"every seat of the design '{design.name}' is vacant: there is no route to serve")
    travel = api.open_travel(scenario, store=default_store(), warn=warn)
    return Ground(settings, scenario, design, travel)
