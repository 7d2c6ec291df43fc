"""What the sections of a report are written from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fieldsim.model import Design, Scenario, Travel, VisitPlan
from fieldsim.report.ground import Ground
from fieldsim.report.rows import baseline

if TYPE_CHECKING:
    from fieldsim.experiment.comparison import Comparison
    from fieldsim.territory import Curve


@dataclass(frozen=True, eq=False)
class Book:
    """Comparisons (the shortest horizon first) of designs of a scenario, with the plans and the ground to draw them on."""

    comparisons: Sequence[Comparison]
    scenario: Scenario
    designs: tuple[Design, ...]
    travel: Travel
    plans: Mapping[str, VisitPlan]
    """By design; a design without a plan shows no example days."""
    ground: Ground
    curves: Sequence[Curve] = ()
    """What balance, continuity and the number of reps cost."""

    @property
    def base(self) -> Design:
        """The design the others are measured against: the one in force, else the first."""
        name = baseline(self.comparisons[0])
        return next((design for design in self.designs if design.name == name), self.designs[0])

    def short(self, rep: int) -> str:
        """A rep's id."""
        return self.scenario.reps[rep].id if rep >= 0 else "vacant"
