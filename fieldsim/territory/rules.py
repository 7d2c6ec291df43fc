"""Rules that say which seats may own which accounts: the first that matches decides, for a design as for a new lead."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fieldsim.errors import InfeasibleError, UsageError, count, did_you_mean
from fieldsim.model import Bools, Design, Ints, Rule, Scenario
from fieldsim.scenario import RULE_COLUMNS, deciding_rules
from fieldsim.territory.estimate import on_sphere

NEIGHBOURS = 8


@dataclass(frozen=True)
class Lead:
    """A new account that nobody owns yet."""

    lat: float
    lon: float
    traits: Mapping[str, str]
    """Text columns as in the accounts file; a missing one is ""."""
    potential: float = 0.0


@dataclass(frozen=True)
class Owner:
    """Whose a lead is, and the rule that decided."""

    territory: str
    rep: str
    """Empty where the seat is vacant."""
    rule: str


def rule_positions(scenario: Scenario, rules: Sequence[Rule]) -> Ints:
    """Position of the first matching rule of each account; an account that none matches is an error naming it."""
    check_rules(rules)
    first = deciding_rules(scenario.accounts, rules)
    if (first < 0).any():
        lost, others = min(scenario.accounts.ids[i] for i in np.flatnonzero(first < 0)), int((first < 0).sum()) - 1
        more = f" and {count(others, 'other')}" if others else ""
        raise InfeasibleError(f"no rule matches account '{lost}'{more}", hint="end with a rule without conditions")
    return first


def check_rules(rules: Sequence[Rule]) -> None:
    """Rules with unknown columns, without seats or of the same name are errors."""
    if not rules:
        raise UsageError("a hybrid design needs rules", hint="write [[rules]] in scenario.toml, as in scenarios/midwest")
    for rule in rules:
        for column in rule.where:
            if column not in RULE_COLUMNS:
                raise UsageError(f"rule '{rule.name}': unknown column '{column}'", hint=did_you_mean(column, RULE_COLUMNS))
        if not rule.seats:
            raise UsageError(f"rule '{rule.name}' names no seats")
    names = [rule.name for rule in rules]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"two rules are called '{name}'")


def seats_allowed(rules: Sequence[Rule], territories: Sequence[str], reps: Sequence[str], gone: Collection[str] = ()) -> Bools:
    """Whether each rule allows each seat, shape [rules, seats]; `reps` are the seats' rep ids, "" where vacant.

    A rule may name what is `gone`, as long as one of its seats is there.
    """
    for rule in rules:
        if all(name in gone for name in rule.seats):
            raise InfeasibleError(
                f"rule '{rule.name}' has no seat left: {', '.join(rule.seats)}", hint="name another in [[rules]]"
            )
        for name in (name for name in rule.seats if name not in gone):
            if name not in (*territories, *filter(None, reps)):
                raise UsageError(
                    f"rule '{rule.name}': no seat '{name}'", hint=did_you_mean(name, (*territories, *filter(None, reps)))
                )
    return seats_named(rules, territories, reps)


def seats_named(rules: Sequence[Rule], territories: Sequence[str], reps: Sequence[str]) -> Bools:
    """Whether each rule names each seat, by its territory or its rep, shape [rules, seats]; names of no seat are passed over."""
    named = np.zeros((len(rules), len(territories)), dtype=np.bool_)
    for r, rule in enumerate(rules):
        seats = set(rule.seats)
        named[r] = [territory in seats or (rep != "" and rep in seats) for territory, rep in zip(territories, reps, strict=True)]
    return named


def owner_of(scenario: Scenario, design: Design, lead: Lead, rules: Sequence[Rule] | None = None) -> Owner:
    """The owner of a lead by the rules (default: the scenario's) and, inside a rule, by who owns the accounts around it.

    Among the rule's seats the one with most of the lead's eight nearest accounts wins, the nearer account deciding a tie. Without
    rules every seat competes, and the rule is called "nearest accounts".
    """
    rules = scenario.rules if rules is None else rules
    reps = [scenario.reps[k].id if k >= 0 else "" for k in design.rep_of.tolist()]
    rule, allowed = "nearest accounts", np.ones(len(design.territories), dtype=np.bool_)
    if rules:
        check_rules(rules)
        matching = [r for r, candidate in enumerate(rules) if _matches(candidate, lead)]
        if not matching:
            raise InfeasibleError("no rule matches the lead", hint="end with a rule without conditions")
        gone = {rep.id for rep in scenario.reps} - {*design.territories, *reps}
        rule, allowed = rules[matching[0]].name, seats_allowed([rules[matching[0]]], design.territories, reps, gone)[0]
    territory = _around(scenario, design, lead, allowed)
    return Owner(design.territories[territory], reps[territory], rule)


def rule_of(scenario: Scenario, account: int) -> Rule | None:
    """The scenario's rule that decides on an account, None where none does or there are none."""
    first = int(deciding_rules(scenario.accounts, scenario.rules)[account]) if scenario.rules else -1
    return scenario.rules[first] if first >= 0 else None


def _matches(rule: Rule, lead: Lead) -> bool:
    here = all(lead.traits.get(column, "") in values for column, values in rule.where.items())
    return here and lead.potential >= rule.potential_at_least


def _around(scenario: Scenario, design: Design, lead: Lead, allowed: Bools) -> int:
    """The allowed territory with most of the nearest accounts of allowed territories; the first allowed where they own none."""
    rows = np.flatnonzero(allowed[design.territory_of])
    if not len(rows):
        return int(np.argmax(allowed))
    accounts = scenario.accounts
    place = on_sphere(np.array([lead.lat]), np.array([lead.lon]))
    away = np.linalg.norm(on_sphere(accounts.lat[rows], accounts.lon[rows]) - place, axis=1)
    nearest = rows[np.argsort(away, kind="stable")[:NEIGHBOURS]]
    votes = np.bincount(design.territory_of[nearest], minlength=len(design.territories))
    ahead = [int(t) for t in design.territory_of[nearest] if votes[t] == votes.max()]
    return ahead[0]
