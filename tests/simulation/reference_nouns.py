"""What the reference model is about, as plain Python: accounts, opportunities, and what all replications of a stage read."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass, field, make_dataclass
from typing import Any

import numpy as np
import simpy
from simulation.reference_plans import Planned

from fieldsim.simulation import Stage

NEVER = math.inf


@dataclass(eq=False, slots=True)
class Deal:
    """An open opportunity; `at` is where its luck is kept, -1 where it is not."""

    number: int
    at: int
    size: float
    opened: float
    stage: int = 0
    left: float = 0.0
    since: float = 0.0
    end: float = NEVER
    luck: float = 0.0


@dataclass(eq=False, slots=True)
class Account:
    """Where an account stands: not lost before `safe`; the next candidates of its layers, the soonest first; visits due again."""

    i: int
    facts: Any
    key: np.uint64
    owner: int
    running: float
    goodwill: float
    visited: float
    tenure: float
    hazard_left: float
    safe: float
    rate: float
    size: float
    touched: float = 0.0
    alive: bool = True
    died: float = NEVER
    unbilled: float = 0.0
    candidates: list[tuple[float, int, int, float]] = field(default_factory=list)
    deals: list[Deal] = field(default_factory=list)
    risk: tuple[float, float, float] | None = None
    transfers: int = 0
    owed: frozenset[int] = frozenset()
    owed_from: int = 0
    attempts: int = 0
    joint: bool = False
    attack_at: float = -NEVER
    attacks: int = 0
    pressed_until: float = -NEVER
    planned: float = NEVER
    sleeping: simpy.Process | None = None


def plain(rows: np.ndarray, **more: Iterable[Any]) -> list[Any]:
    """Records as Python objects with the same attributes; equal numbers of a column are one object, which saves memory."""
    columns = {name: rows[name].tolist() for name in rows.dtype.names} | {name: list(column) for name, column in more.items()}
    kind = make_dataclass("Facts", list(columns), eq=False, slots=True)
    shared = []
    for column in columns.values():
        same: dict[Any, Any] = {}
        shared.append([same.setdefault(value, value) for value in column] if isinstance(column[0], int | float) else column)
    return [kind(*row) for row in zip(*shared, strict=True)]


class Tables:
    """What all replications of a stage read: the market's numbers, facts of accounts, layers of candidates, planned stops."""

    def __init__(self, stage: Stage) -> None:
        world, ground = stage.world, stage.field.ground
        book = world.book[:-1].copy()
        # thinned below the curve's own ceiling: nothing here hangs on how closely the product bounds what accounts ask for
        ceiling = np.maximum(1.0, book["scale"] * (book["floor"] + (1.0 - book["floor"]) / (book["half"] + 1.0)))
        book["most"] = world.seasons[:, 1].max() * ceiling
        (self.market,) = plain(world.market)
        places: list[dict[int, int]] = [{} for _ in book]
        for territory, (start, end) in enumerate(itertools.pairwise(ground["book_from"].tolist())):
            for place, i in enumerate(stage.field.places[start:end].tolist()):
                places[i][territory] = place
        shares = world.overlay.tolist()
        overlays = [tuple(shares[a:b]) for a, b in itertools.pairwise(world.book["overlay_from"].tolist())]
        layers = np.ceil(book["most"]).astype(np.int64)
        base = np.cumsum(layers) - layers
        self.layer_of = np.repeat(np.arange(len(book)), layers)
        self.layer = np.arange(len(self.layer_of)) - base[self.layer_of]
        more: dict[str, list[Any]] = {"places": places, "overlays": overlays, "layers": layers.tolist(), "base": base.tolist()}
        self.plans = Planned(stage)
        more["doors"] = list(map(self.plans.doors, book["hours"].tolist(), book["service_s"].tolist()))
        self.facts = plain(book, **more)
        self.knows = []
        """The trades that each rep knows, any of three."""
        for known in world.knows.tolist():
            trades = np.unique(book["trades"]).tolist()
            self.knows.append({t for t in trades if known[t & 0xFFFF] or known[t >> 16 & 0xFFFF] or known[t >> 32 & 0xFFFF]})
