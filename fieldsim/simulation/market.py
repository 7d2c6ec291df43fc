"""The market model's parameters: read once, overridden by the scenario, handed to the kernels as plain numbers."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path

import numpy as np

from fieldsim.errors import DataError
from fieldsim.model import PIPELINE_STAGES, Scenario
from fieldsim.parameters import Parameter, read_parameters, with_overrides
from fieldsim.simulation.draws import sigma_of
from fieldsim.simulation.nouns import MARKET, Records

STAGES = len(PIPELINE_STAGES)
_DIVISORS = frozenset(
    {
        *("goodwill_half_life_days", "goodwill_lift", "incumbent_coverage", "response_steepness", "stage_days", "stage_survival"),
        *("sick_spell_days", "competitor_half_days", "lead_half_life_days"),
        *("manager_trip_visits", "manager_year_hours", "reps_per_manager"),
    }
)
"""Parameters that cannot be zero."""


@cache
def defaults() -> dict[str, Parameter]:
    """The parameters as shipped."""
    return read_parameters(Path(__file__).with_name("market.toml"))


def parameters(scenario: Scenario) -> dict[str, Parameter]:
    """The parameters in force for a scenario; an unknown name or an impossible value in it is a DataError."""
    found = with_overrides(defaults(), scenario.parameters)
    for name in scenario.parameters:
        _possible(found[name])
    return found


def _possible(own: Parameter) -> None:
    """Refuse what no market can have; what is only outside `range` is the user's to say."""
    share = own.unit.startswith(("share", "probability")) and own.range[1] <= 1.0
    low = own.value > 0.0 if own.name in _DIVISORS else own.value >= 0.0
    high = own.value < 1.0 if own.name == "stage_survival" else own.value <= 1.0 or not share
    if low and high:
        return
    bounds = "above 0" if own.name in _DIVISORS else "0 or more"
    top = (" and below 1" if own.name == "stage_survival" else " and at most 1") if share else ""
    message = f"parameter '{own.name}' = {own.value:g} has to be {bounds}{top}"
    raise DataError(message, file="scenario.toml", column=f"parameters.{own.name}", hint=f"unit: {own.unit}")


def unbelieved(scenario: Scenario) -> list[Parameter]:
    """A scenario's own values outside the range in which the figure is believed to lie."""
    return [p for p in parameters(scenario).values() if p.kind == "scenario" and not p.range[0] <= p.value <= p.range[1]]


def assumptions(scenario: Scenario) -> list[Parameter]:
    """What a scenario's answer rests on without a source: parameters that are assumptions or vendors' claims."""
    return [found for found in parameters(scenario).values() if found.kind in ("assumption", "vendor claim")]


SAME = (
    *("overdue_speed", "overdue_after", "push_days", "push_speed", "push_win", "push_size", "stage_days", "stage_sigma"),
    *("ramp_effect", "fit_effect", "tenure_effect", "fit_lift", "remote_lift", "deal_share", "deal_sigma", "recurring_share"),
    *("churn_neglect", "handover_risk", "handover_risk_sd", "handover_days", "handover_rescue", "rebook_days"),
    *("joint_lift", "joint_effect", "manager_trip_visits"),
)
"""Numbers that are parameters of the same name."""


def market_of(scenario: Scenario, layers: int, warm: int, warm_layers: int) -> Records:
    """One record of a scenario's numbers, shape [1]."""
    p = {name: found.value for name, found in parameters(scenario).items()}
    month = 365.0 / 12.0
    lunch = scenario.day.lunch
    numbers: dict[str, float] = {
        **{name: p[name] for name in SAME},
        "tau": p["goodwill_half_life_days"] / math.log(2.0),
        "base_odds": math.log(p["stage_survival"] / (1.0 - p["stage_survival"])),
        "ramp_midpoint": p["ramp_midpoint_months"] * month,
        "ramp_slope": math.log(9.0) / (4.0 * month),  # 50 % at the midpoint, 90 % four months later
        "ramp_full": p["ramp_full_months"] * month,
        "lift": p["goodwill_lift"],
        "handover_loss": p["handover_goodwill_loss"],
        "mix_sigma": sigma_of(p["opportunity_mix_cv"]),
        "size_sigma": p["deal_account_sigma"],
        "visit_sigma": sigma_of(p["visit_cv"]),
        "travel_sigma": sigma_of(p["travel_cv"]),
        "area_sigma": sigma_of(p["area_day_cv"]),
        "rush": p["rush_factor"],
        # 8 to 9 and 17 to 18 h are rush: two of the ten hours whose mean pace a single travel matrix holds
        "calm": (10.0 - 2.0 * p["rush_factor"]) / 8.0,
        "missed": p["missed_share"],
        "called_off": p["called_off_share"],
        "no_show_s": 60.0 * p["no_show_minutes"],
        "rebooked": p["rebooked_share"],
        "max_wait_s": 60.0 * p["max_wait_minutes"],
        "lunch_from_s": lunch.earliest_s if lunch else 0.0,
        "lunch_until_s": lunch.latest_s if lunch else 0.0,
        "lunch_s": lunch.duration_s if lunch else 0.0,
        "overtime_s": 60.0 * scenario.day.max_overtime_minutes,
        "attack_rate": p["competitor_attacks"] / 365.0,
        "attack_half_days": p["competitor_half_days"],
        "pressure": p["competitor_pressure"],
        "pressure_days": p["competitor_days"],
        "pull_days": round(p["pull_forward_days"]),
        "layers": layers,
        "warm": warm,
        "warm_layers": warm_layers,
    }
    market = np.zeros(1, dtype=MARKET)
    for name in MARKET.names or ():
        market[name] = numbers[name]
    return market
