"""The calendar of a horizon as arrays: quarter ends, seasons, opening hours."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

import numpy as np

from fieldsim.model import Floats, Ints, Scenario
from fieldsim.scenario.hours import windows
from fieldsim.simulation.nouns import Records

MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
WARM_STAGES = 8
"""Mean stage times that the opening looks back: an opportunity older than that is practically closed."""


class Season(NamedTuple):
    """Quarter ends, the seasons, days of the opening before day 0."""

    edges: Floats
    seasons: Floats
    """[k, 2] from which day on, which factor."""
    warm: int
    warm_layers: int
    """Layers that the seasons before day 0 reach."""


def season_of(scenario: Scenario, quarters: int, p: Mapping[str, float]) -> Season:
    """The days from the opening's first to the day after the horizon."""
    ends = [(scenario.quarter(q)[1] - scenario.start).days + 1 for q in range(quarters)]
    warm = math.ceil(WARM_STAGES * p["stage_days"])
    days = [scenario.start + timedelta(days=k) for k in range(-warm, ends[-1] + 2)]
    season = np.array([p[f"season_{MONTHS[day.month - 1]}"] for day in days])
    turns = np.concatenate([[0], np.flatnonzero(np.diff(season)) + 1])
    seasons = np.stack([turns - float(warm), season[turns]], axis=1)
    warm_layers = math.ceil(float(season[:warm].max()) - 1e-9)
    return Season(np.array([0, *ends], dtype=np.float64), seasons, warm, warm_layers)


def layers_of(book: Records) -> int:
    """Layers of candidates that hold the strongest rate any account can have."""
    return max(1, math.ceil(float(book["most"].max(initial=0.0))))


def texts(scenario: Scenario) -> list[str]:
    """The different opening-hours texts, sorted."""
    return sorted(set(scenario.accounts.opens))


def doors(scenario: Scenario, days: int) -> Ints:
    """Opening and closing seconds by text and day, shape [texts, days, k, 2], -1 where closed; weekends are left out."""
    found: dict[tuple[int, int], list[tuple[int, int]]] = {}
    names = texts(scenario)
    for day in range(days):
        date = scenario.start + timedelta(days=day)
        if date.weekday() < 5:
            for row, text in enumerate(names):
                found[row, day] = list(windows(text, date, scenario.country))
    width = max([1, *(len(open_) for open_ in found.values())])
    table = np.full((len(names), days, width, 2), -1, dtype=np.int64)
    for (row, day), openings in found.items():
        for k, (opening, closing) in enumerate(openings):
            table[row, day, k] = opening, closing
    return table
