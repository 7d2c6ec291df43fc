"""What has been run before is not run again: content keys of stages and replication blocks, kept in the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from fieldsim.store import Store, content_key

KIND = "replications"
REPLICATION_CODE = ("model.py", "luck.py", "parameters.py", "kpi.py", "simulation", "turnover", "experiment/market.py")
"""What decides a replication's figures beside its inputs."""
PLANNING_CODE = ("model.py", "luck.py", "scenario/hours.py", "routing", "planning", "experiment/market.py")
"""What decides a plan beside its inputs."""


def plain(value: Any) -> Any:
    """Nouns as nested tuples that `content_key` reads: the same content gives the same key in every process.

    Folders and fields that do not compare are left out: where a scenario lies on the disk is no part of what it says.
    """
    if is_dataclass(value) and not isinstance(value, type):
        return type(value).__name__, *(
            (field.name, plain(getattr(value, field.name))) for field in fields(value) if field.compare
        )
    if isinstance(value, frozenset):
        return "set", *sorted(repr(plain(item)) for item in value)
    if isinstance(value, Mapping):
        return "map", *sorted((str(key), plain(item)) for key, item in value.items())
    if isinstance(value, tuple | list):
        return "\x1f".join(value) if value and all(isinstance(v, str) for v in value) else tuple(plain(v) for v in value)
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Path):
        return ""
    return value.isoformat() if isinstance(value, date) else value


@cache
def code_key(names: tuple[str, ...] = REPLICATION_CODE) -> str:
    """A key of the program text in these files and folders: results of another version are never served."""
    package = Path(__file__).parents[1]
    texts: list[object] = []
    for name in names:
        place = package / name
        files = [place] if place.is_file() else sorted(p for p in place.rglob("*") if p.suffix in (".py", ".toml"))
        texts += [(file.relative_to(package).as_posix(), file.read_bytes()) for file in files]
    return content_key(*texts)


@dataclass(frozen=True)
class Leaving:
    """Who leaves: a hazard a filled seat-year, and given departures as (rep position, -1 for anybody; day of leaving)."""

    rate: float = 0.0
    given: tuple[tuple[int, float], ...] = ()
    vacancy_weeks: float | None = None
    """Every vacancy this long; None: drawn as the market has it."""


NOBODY = Leaving()


@dataclass(frozen=True)
class Block:
    """Replications `first` to `last - 1` of one stage under one seed, measured up to each of `until_days`."""

    stage: str
    seed: int
    first: int
    last: int
    until_days: tuple[int, ...]
    leaving: Leaving = NOBODY

    @property
    def key(self) -> str:
        """Its place in the store."""
        return content_key(code_key(), self.stage, self.seed, self.first, self.last, self.until_days, plain(self.leaving))


def kept(store: Store | None, block: Block) -> list[Any] | None:
    """The block's results from an earlier run, or None."""
    found = store.get(KIND, block.key) if store else None
    return found if isinstance(found, list) and len(found) == block.last - block.first else None


def keep(store: Store | None, block: Block, results: list[Any]) -> None:
    """Checkpoint a block as soon as it is there: a killed run goes on from here."""
    if store:
        store.keep(KIND, block.key, results)
