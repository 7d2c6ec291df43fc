"""A replication under way: what the processes on SimPy's clock share."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Any

import numpy as np
import simpy

from fieldsim.luck import stream
from fieldsim.simulation.leavers import Departures, Gap
from fieldsim.simulation.nouns import Field, World
from fieldsim.simulation.specialists import Desk
from fieldsim.simulation.stage import Stage

EVENING = 0.95
NIGHT = 0.02
"""When people leave and start: after a quarter's end, before the working day."""
APART = 1e-6
"""Who leaves or starts in the same night does so in order of seat."""
Events = Generator[simpy.Event, Any, Any]


@dataclass(frozen=True, eq=False)
class Run:
    """A replication under way."""

    stage: Stage
    seed: int
    replication: int
    world: World
    field: Field
    departures: Departures
    gaps: list[Gap] = dataclass_field(default_factory=list)
    """The gaps of seats that happened, as they are known."""
    desk: Any = None
    """What kernels are handed: the addresses of both, shape [1] (a record of its own would cost each call a while to read)."""
    desks: dict[int, Desk] = dataclass_field(default_factory=dict)
    """Specialists by rep."""
    minutes: list[tuple[float, ...]] = dataclass_field(default_factory=list)
    """Days of specialists."""

    def luck(self, purpose: str) -> np.uint64:
        """The stream of a purpose that no kernel uses."""
        return stream(self.seed, self.replication, purpose)

    @property
    def working_days(self) -> list[int]:
        """Days on which anybody's plan has a rep-day."""
        return np.flatnonzero(np.diff(self.field.day_from)).tolist()
