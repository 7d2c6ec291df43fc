"""Traffic: the share of the free speed really driven, by road class and hour, and the arc weights it gives."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fieldsim.errors import DataError, TravelDataError, did_you_mean
from fieldsim.model import Floats, Ints
from fieldsim.travel.graph import ROAD_CLASSES, RoadGraph

DEFAULT_PROFILE = Path(__file__).with_name("profile.toml")
WORKING_HOURS = tuple(range(8, 18))
"""The hours whose mean pace makes the single matrix of a scenario without periods."""


@dataclass(frozen=True, eq=False)
class Profile:
    """Share of the free speed by road class and hour of day, shape [classes, 24]."""

    share: Floats

    def pace(self, hours: tuple[int, ...] = WORKING_HOURS) -> Floats:
        """Mean factor on the free travel time over some hours, by class: what a trip at a random minute of them takes."""
        paces: Floats = (1.0 / self.share[:, list(hours)]).mean(axis=1)
        return paces


def read_profile(path: Path | None = None) -> Profile:
    """The profile of a toml file (see profile.toml), or the default; a class the file leaves out keeps its default."""
    share = _table(DEFAULT_PROFILE, np.full((len(ROAD_CLASSES), 24), np.nan))
    return Profile(_table(path, share) if path else share)


def _table(path: Path, share: Floats) -> Floats:
    try:
        rows = tomllib.loads(path.read_text(encoding="utf-8"))["share"]
    except FileNotFoundError as error:
        raise TravelDataError(f"no traffic profile '{path}'") from error
    except (OSError, ValueError, KeyError) as error:
        raise DataError("no traffic profile: it needs a table [share] of road classes", file=str(path)) from error
    for name, row in rows.items():
        if name not in ROAD_CLASSES:
            raise DataError(f"unknown road class '{name}'", file=str(path), hint=did_you_mean(name, ROAD_CLASSES))
        if not _sound(row):
            raise DataError(f"'{name}' needs 24 shares in (0, 1.5], one an hour", file=str(path), column=name)
        share[ROAD_CLASSES.index(name)] = row
    return share


def _sound(row: object) -> bool:
    return isinstance(row, list) and len(row) == 24 and all(isinstance(x, int | float) and 0.0 < x <= 1.5 for x in row)


def weights(graph: RoadGraph, profile: Profile, hours: tuple[int, ...] = WORKING_HOURS) -> Ints:
    """Whole milliseconds along each arc in traffic, shape [arcs]; rounded up, at least 1 where the arc has a length."""
    driven = np.ceil(graph.free_ms * profile.pace(hours)[graph.road_class] - 1e-9).astype(np.int64)
    arcs: Ints = np.maximum(driven, (graph.length_dm > 0).astype(np.int64))
    return arcs
