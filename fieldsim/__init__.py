"""fieldsim: which territory design is better, by how much, and how sure."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fieldsim.api import (
        compare_designs,
        design_names,
        design_territories,
        open_travel,
        plan_quarter,
        read_design,
        read_scenario,
        route_day,
        stress_turnover,
        travel_times,
        write_design,
    )

__all__ = [
    "compare_designs",
    "design_names",
    "design_territories",
    "open_travel",
    "plan_quarter",
    "read_design",
    "read_scenario",
    "route_day",
    "stress_turnover",
    "travel_times",
    "write_design",
]


def __getattr__(name: str) -> Any:
    """Load the API at first use, so that `fieldsim --help` and `import fieldsim` stay fast."""
    if name in __all__:
        return getattr(import_module("fieldsim.api"), name)
    raise AttributeError(f"module 'fieldsim' has no attribute '{name}'")


def __dir__() -> list[str]:
    return __all__
