"""Parameters as data: a toml file in which each value carries its unit, source, kind and range."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from fieldsim.errors import DataError, did_you_mean

Kind = Literal["sourced", "vendor claim", "assumption", "scenario"]
KINDS = ("sourced", "vendor claim", "assumption")
FIELDS = ("value", "unit", "source", "kind", "range")


@dataclass(frozen=True)
class Parameter:
    """One number of a model: what it is, where it comes from and the range in which it is believed to lie."""

    name: str
    value: float
    unit: str
    source: str
    kind: Kind
    """sourced, vendor claim, assumption; or scenario, once the scenario's own value replaced the default."""
    range: tuple[float, float]


def read_parameters(path: Path) -> dict[str, Parameter]:
    """The parameters of a toml file, one table each with the keys value, unit, source, kind and range."""
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    return {name: _parameter(name, table, path.name) for name, table in tables.items()}


def _parameter(name: str, table: Mapping[str, object], file: str) -> Parameter:
    if set(table) != set(FIELDS):
        raise DataError(f"parameter '{name}' needs exactly {', '.join(FIELDS)}", file=file, column=name)
    low, high = (float(bound) for bound in table["range"])  # type: ignore[attr-defined]
    value = float(table["value"])  # type: ignore[arg-type]
    if table["kind"] not in KINDS:
        raise DataError(f"parameter '{name}' has kind '{table['kind']}'; known: {', '.join(KINDS)}", file=file, column=name)
    if not low <= value <= high:
        raise DataError(f"parameter '{name}' = {value} lies outside its range {low} to {high}", file=file, column=name)
    return Parameter(name, value, str(table["unit"]), str(table["source"]), table["kind"], (low, high))  # type: ignore[arg-type]


def with_overrides(defaults: Mapping[str, Parameter], own: Mapping[str, float]) -> dict[str, Parameter]:
    """The defaults with a scenario's own values in place; a name that is unknown or a value that is no number is a DataError."""
    for name, value in own.items():
        if name not in defaults:
            hint = did_you_mean(name, defaults)
            raise DataError(f"unknown parameter '{name}'", file="scenario.toml", column=f"parameters.{name}", hint=hint)
        if not math.isfinite(value):
            raise DataError(f"parameter '{name}' = {value} is no number", file="scenario.toml", column=f"parameters.{name}")
    return {
        name: replace(default, value=float(own[name]), kind="scenario", source="scenario.toml") if name in own else default
        for name, default in defaults.items()
    }
