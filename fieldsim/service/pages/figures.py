"""Tables of the ops page: designs by what the files say, and by what the last comparison found."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from fieldsim.model import Design, Scenario
from fieldsim.report.rows import ROWS
from fieldsim.report.words import figure
from fieldsim.scenario.summaries import summary

Cells = dict[str, Any]
FACTS = (
    ("Territories", "territories"),
    ("Vacant seats", "vacant"),
    ("Customers a territory", "sizes"),
    ("Potential imbalance, (max − min) ÷ mean", "potential"),
    ("Customers with another rep than in force", "moved"),
    ("Families split over territories", "families_split"),
)


def facts_of(scenario: Scenario, designs: Sequence[Design], current: Design | None) -> list[Cells]:
    """A column a design for the rows of FACTS."""
    return [_facts(scenario, design, current) for design in designs]


def _facts(scenario: Scenario, design: Design, current: Design | None) -> Cells:
    found: Cells = summary(scenario, design, current)
    least, most, potential, moved = (found[name] for name in ("accounts_least", "accounts_most", "potential_imbalance", "moved"))
    return {
        **found,
        "name": design.name,
        "sizes": f"{least}" if least == most else f"{least} to {most}",
        "potential": figure(potential, "share"),
        "moved": "–" if moved is None else moved,
    }


def verdict_of(answer: str | Mapping[str, Any] | None) -> Cells | None:
    """Sentence and KPI rows of a comparison's answer, None where it has no designs to show."""
    found = json.loads(answer) if isinstance(answer, str) else answer
    if not found or not found.get("designs"):
        return None
    rows = [
        {"name": row.label.strip(), "cells": [_cell(each, row.kpi, row.unit) for each in found["designs"]]}
        for row in ROWS
        if row.field == "mean"
    ]
    return {"sentence": found.get("summary", ""), "designs": [each["design"] for each in found["designs"]], "rows": rows}


def _cell(design: Mapping[str, Any], kpi: str, unit: str) -> Cells:
    """A mean with its interval in words; an empty interval where none was found or it is a point."""
    known = design["kpis"].get(kpi) or {}
    low, high = known.get("lo"), known.get("hi")
    spread = "" if low is None or high is None or low == high else f"{figure(low, unit)} to {figure(high, unit)}"
    return {"mean": figure(known.get("mean"), unit), "span": spread}
