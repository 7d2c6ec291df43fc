"""A market of a few lines in place of planning and simulation: figures with known means and spread, by keyed luck."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fieldsim import luck
from fieldsim.parameters import Parameter

CALLS: list[tuple[str, int]] = []
DIRECTIONS = {"contribution": 1, "revenue": 1, "coverage": 1, "travel_hours": -1, "deals": 1, "pipeline": 0, "prob_plan": 1}


@dataclass(frozen=True)
class StubPlan:
    design: str
    seed: int
    territories: tuple[None, ...]


def plan_quarters(
    scenario: Any, design: Any, travel: Any, *, quarters: int, seed: int, progress: Any, **rest: Any
) -> tuple[Any, ...]:
    """Plans that differ by planner seed only."""
    if progress:
        progress(quarters)
    return tuple(StubPlan(design.name, seed, (None,) * len(design.territories)) for _ in range(quarters))


def set_stage(scenario: Any, design: Any, plans: Any, travel: Any, *, handover: bool, current: Any) -> dict[str, Any]:
    """A stage is its effect on revenue: how uneven the books are, what planning found, what the hand-over costs."""
    lucky_plan = float(luck.normals(luck.stream(plans[0].seed, 0, "plan"), luck.keys_of(["plan"]), 1)[0, 0])
    moved = int((design.owner != current.owner).sum()) if current is not None else 0
    return {"effect": _effect(scenario, design), "plan": 50.0 * lucky_plan, "handover": 100.0 * moved if handover else 0.0}


def set_anew(made: dict[str, Any], scenario: Any, design: Any, *, current: Any) -> dict[str, Any]:
    """The same stage under other assumptions."""
    return {**made, "effect": _effect(scenario, design)}


def _effect(scenario: Any, design: Any) -> float:
    owner = design.owner.tolist()
    spread = max(owner.count(rep) for rep in set(owner)) - min(owner.count(rep) for rep in set(owner))
    return float(1000.0 * spread * scenario.parameters.get("unevenness_harm", 1.0))


def replicate(scenario: Any, stage: dict[str, Any], seed: int, first: int, last: int, until_days: tuple[int, ...]) -> list[Any]:
    """Figures of replications under one stage; shared luck of 5000, luck of its own of 100."""
    CALLS.append((str(stage["effect"]), first))
    order = Path(scenario.folder) / "die"
    if first == 5 and order.exists():
        order.unlink()
        os.kill(os.getpid(), 9)
    rows = []
    for replication in range(first, last):
        shared, own = luck.normals(luck.stream(seed, replication, "stub"), luck.keys_of(["shared", f"{stage['effect']}"]), 1)[
            :, 0
        ]
        figures = []
        for days in until_days:
            revenue = days * 1000.0 + 5000.0 * float(shared) + 100.0 * float(own)
            revenue += stage["plan"] - stage["effect"] * days / 90.0 - stage["handover"]
            team = {
                "contribution": 0.35 * revenue - 10_000.0,
                "revenue": revenue,
                "coverage": 0.8 - stage["effect"] * 1e-5,
                "travel_hours": 300.0 + stage["effect"] / 100.0 + float(own),
                "deals": float("nan") if replication % 2 else 3.0,
                "pipeline": 100.0 + float(own),
                "prob_plan": float(shared > 0.0),
            }
            figures.append((team, {"R02": {"revenue": revenue / 3.0}, "R01": {"revenue": revenue / 1.5, "prob_quota": 1.0}}))
        rows.append(figures)
    return rows


def assumptions(scenario: Any) -> list[Parameter]:
    return [
        Parameter("unevenness_harm", 1.0, "share", "", "assumption", (-1.0, 2.0)),
        Parameter("nothing_at_all", 1.0, "share", "", "assumption", (0.9, 1.1)),
    ]


def directions(scenario: Any) -> dict[str, int]:
    return DIRECTIONS
