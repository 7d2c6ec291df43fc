"""Whose is this account, whose is this new lead, and which rule decided?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fieldsim.errors import DataError, UsageError, did_you_mean
from fieldsim.model import Design, Scenario
from fieldsim.scenario import RULE_COLUMNS, find_place, read_design

PLACED = ("lat", "lon", "postal_code", "city", "potential")


def who_owns(scenario: Scenario, design: str, account: str) -> dict[str, Any]:
    """Territory, rep and specialists of an account, the rule that decides on it, and whether the design keeps to that rule."""
    from fieldsim import territory

    ids = scenario.accounts.ids
    if account not in ids:
        raise DataError(f"unknown account '{account}'", file="accounts", hint=did_you_mean(account, ids))
    chosen, i = read_design(scenario, design), ids.index(account)
    seat = int(chosen.territory_of[i])
    rep, rule = _rep(scenario, chosen, seat), territory.rule_of(scenario, i)
    shares = [
        {
            "rep": scenario.reps[o.rep].id,
            "revenue_share": o.revenue_share,
            "quota_credit": o.quota_credit,
            "visit_share": o.visit_share,
        }
        for o in chosen.overlays
        if o.account == i
    ]
    return {
        "account": account,
        "design": design,
        "territory": chosen.territories[seat],
        "rep": rep,
        "rule": rule.name if rule else None,
        "rule_kept": None if rule is None else bool({chosen.territories[seat], rep} & set(rule.seats)),
        "locked": bool(scenario.accounts.locked[i]) or any(lock.account == i for lock in scenario.locks),
        "specialists": shares,
    }


def lead_owner(scenario: Scenario, design: str, traits: Mapping[str, str]) -> dict[str, Any]:
    """Whose a new lead is: the first rule that matches, and inside it the owner of most of the nearest accounts.

    `traits` has lat and lon, or a postal_code or city that can be placed, and what rules ask for: industry, size, potential, ...
    """
    from fieldsim import territory

    for name in traits:
        if name not in (*RULE_COLUMNS, *PLACED):
            known = (*PLACED, *RULE_COLUMNS)
            raise UsageError(
                f"unknown trait '{name}'", hint=did_you_mean(name, known) or f"known: {', '.join(dict.fromkeys(known))}"
            )
    lat, lon = _place(scenario, traits)
    words = {name: value for name, value in traits.items() if name in RULE_COLUMNS}
    potential = _number(traits, "potential") or 0.0
    if potential < 0.0:
        raise UsageError(f"potential {potential:g} is below 0")
    lead = territory.Lead(lat, lon, words, potential)
    found = territory.owner_of(scenario, read_design(scenario, design), lead)
    return {
        "lead": dict(traits),
        "design": design,
        "territory": found.territory,
        "rep": found.rep,
        "rule": found.rule,
        "lat": lat,
        "lon": lon,
        "warnings": [*_unheard(scenario, words, found.rule), *_unsaid(scenario, traits, found.rule)],
    }


def _unheard(scenario: Scenario, words: Mapping[str, str], rule: str) -> list[str]:
    """Values that no account and no rule has, in columns that rules ask for: likely misspelt, so that the wrong rule decided."""
    lines = []
    for column in dict.fromkeys(column for each in scenario.rules for column in each.where):
        value = words.get(column, "")
        known = {*getattr(scenario.accounts, column), *(v for each in scenario.rules for v in each.where.get(column, ()))} - {""}
        if value and value not in known:
            hint = did_you_mean(value, sorted(known))
            said = f"no account and no rule has {column} '{value}'"
            lines.append(f"{said}, so that rule '{rule}' decides{f' ({hint})' if hint else ''}")
    return lines


def _unsaid(scenario: Scenario, traits: Mapping[str, str], rule: str) -> list[str]:
    """Rules before the one that decides which a lead misses only because nobody said what it may be worth."""
    lines = []
    for each in scenario.rules if "potential" not in traits else ():
        if each.name == rule:
            break
        if each.where and all(traits.get(column, "") in values for column, values in each.where.items()):
            lines.append(f"with potential={each.potential_at_least:g} or more, rule '{each.name}' would decide")
    return lines


def _rep(scenario: Scenario, design: Design, seat: int) -> str:
    rep = int(design.rep_of[seat])
    return scenario.reps[rep].id if rep >= 0 else ""


def _place(scenario: Scenario, traits: Mapping[str, str]) -> tuple[float, float]:
    lat, lon = _number(traits, "lat"), _number(traits, "lon")
    if (lat is None) != (lon is None):
        raise UsageError("a lead's place needs both lat and lon")
    if lat is not None and lon is not None:
        if abs(lat) > 90.0 or abs(lon) > 180.0:
            raise UsageError(f"{lat:g}, {lon:g} is no place on earth")
        return lat, lon
    postal, city = traits.get("postal_code", ""), traits.get("city", "")
    if not postal and not city:
        raise UsageError("where is the lead?", hint="add lat=... and lon=..., postal_code=... or city=...")
    place = find_place(scenario, postal, city)
    if place is None:
        raise UsageError(f"'{postal or city}' cannot be placed", hint="give lat=... and lon=...")
    return place


def _number(traits: Mapping[str, str], name: str) -> float | None:
    text = traits.get(name, "")
    if not text:
        return None
    try:
        value = float(text)
    except ValueError as error:
        raise UsageError(f"{name} '{text}' is not a number") from error
    if value != value or abs(value) == float("inf"):
        raise UsageError(f"{name} '{text}' is not a number")
    return value
