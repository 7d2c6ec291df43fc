"""Small reports for the tests: three designs, hand-written comparisons, a plan of a few days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from report.comparisons import make_comparison
from small import make_design, make_scenario, make_travel

from fieldsim.model import Design, Scenario, TerritoryPlan, VisitPlan
from fieldsim.report.html import report_html


def make_designs(scenario: Scenario) -> list[Design]:
    return [make_design(scenario, name, shift) for shift, name in enumerate(("today", "zones", "balanced"))]


def make_plan(scenario: Scenario, design: Design, days: int = 4, a_day: int = 3) -> VisitPlan:
    """Each territory's first accounts dealt to the first days; the last visit of each day is remote."""
    parts = []
    for territory, rep in enumerate(design.rep_of.tolist()):
        book = design.book(territory)
        n = min(days * a_day, len(book)) if rep >= 0 else 0
        day = np.arange(n) // a_day
        zero = np.zeros(n, dtype=np.int64)
        work = np.arange(days if n else 0)
        parts.append(
            TerritoryPlan(
                rep=rep,
                account=book[:n],
                day=day,
                ordinal=zero,
                remote=np.arange(n) % a_day == a_day - 1,
                start_s=zero + 9 * 3600,
                travel_s=600 + 60 * ((7 * day) % 5),
                work_day=work,
                depart_s=work * 0 + 8 * 3600,
                finish_s=work * 0 + 17 * 3600,
                lunch_s=work * 0 - 1,
                proven=np.ones(len(work), dtype=np.bool_),
                needed_s=1.0,
                available_s=2.0,
            )
        )
    return VisitPlan(design.name, 0, scenario.working_days(0)[:days], scenario.accounts.visits, tuple(parts))


def make_page(scenario: Scenario | None = None, designs: Sequence[Design] | None = None, *, plans: bool = True) -> str:
    scenario = scenario or make_scenario(n=60, reps=9)
    designs = designs or make_designs(scenario)
    comparisons = [make_comparison(scenario, designs, horizon) for horizon in (4, 1)]
    days = [make_plan(scenario, design) for design in designs] if plans else None
    return report_html(comparisons, scenario, designs, make_travel(scenario), plans=days)


def vacate(design: Design, territory: int) -> Design:
    rep_of = design.rep_of.copy()
    rep_of[territory] = -1
    return replace(design, rep_of=rep_of)
