"""Traffic: the share of the free speed really driven, by road class and hour, and the arc weights it gives."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fieldsim.errors import DataError, TravelDataError, UsageError, did_you_mean
from fieldsim.model import Floats, Ints
from fieldsim.travel.graph import ROAD_CLASSES, RoadGraph

DEFAULT_PROFILE = Path(__file__).with_name("profile.toml")
DAY_S = 86_400
WORKING_DAY = (8 * 3600, 18 * 3600)
"""The time whose mean pace makes the single matrix of a scenario without periods."""


@dataclass(frozen=True, eq=False)
class Profile:
    """Share of the free speed by road class and hour of day, shape [classes, 24]."""

    share: Floats

    def pace(self, from_s: int, to_s: int) -> Floats:
        """Factor on the free travel time by class, the mean over a time of day: what a trip at a random moment of it takes."""
        hour = np.arange(24) * 3600
        minutes = np.clip(np.minimum(to_s, hour + 3600) - np.maximum(from_s, hour), 0, None)
        paces: Floats = ((1.0 / self.share) * minutes).sum(axis=1) / minutes.sum()
        return paces


def read_profile(path: Path | None = None) -> Profile:
    """The profile of a toml file (see profile.toml), or the default; a class the file leaves out keeps its default."""
    share = _table(DEFAULT_PROFILE, np.full((len(ROAD_CLASSES), 24), np.nan))
    return Profile(_table(path, share) if path else share)


def _table(path: Path, share: Floats) -> Floats:
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8"))["share"].items()
    except FileNotFoundError as error:
        raise TravelDataError(f"no traffic profile '{path}'", file=path.name) from error
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise DataError("no traffic profile: it needs a table [share] of road classes", file=str(path)) from error
    for name, row in rows:
        if name not in ROAD_CLASSES:
            raise DataError(f"unknown road class '{name}'", file=str(path), hint=did_you_mean(name, ROAD_CLASSES))
        if not _sound(row):
            raise DataError(f"'{name}' needs 24 shares above 0 and up to 1.5, one an hour", file=str(path), column=name)
        share[ROAD_CLASSES.index(name)] = row
    return share


def _sound(row: object) -> bool:
    return isinstance(row, list) and len(row) == 24 and all(isinstance(x, int | float) and 0.0 < x <= 1.5 for x in row)


def weights(graph: RoadGraph, profile: Profile, from_s: int = WORKING_DAY[0], to_s: int = WORKING_DAY[1]) -> Ints:
    """Whole milliseconds along each arc in traffic, shape [arcs]; rounded up, at least 1 where the arc has a length."""
    driven = np.ceil(graph.free_ms * profile.pace(from_s, to_s)[graph.road_class] - 1e-6).astype(np.int64)
    arcs: Ints = np.maximum(driven, (graph.length_dm > 0).astype(np.int64))
    return arcs


def period_weights(graph: RoadGraph, profile: Profile, periods: Sequence[int]) -> tuple[Ints, ...]:
    """Arc weights of each period, which lasts until the next or midnight; without periods those of the working day."""
    if not len(periods):
        return (weights(graph, profile),)
    if periods[0] != 0 or any(a >= b for a, b in zip(periods, (*periods[1:], DAY_S), strict=True)):
        raise UsageError("periods are times of day that begin with 0 and rise", hint="such as 00:00, 07:00, 09:30, 16:00, 18:30")
    return tuple(weights(graph, profile, a, b) for a, b in zip(periods, (*periods[1:], DAY_S), strict=True))
