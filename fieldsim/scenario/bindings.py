"""Do rules and locks fit the accounts and the designs' seats? What `check` says of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from fieldsim.errors import did_you_mean
from fieldsim.model import Design, Scenario
from fieldsim.scenario.findings import Book, Finding
from fieldsim.scenario.locks import bound_accounts
from fieldsim.scenario.rules import deciding_rules

MANY = 0.15
"""Share of bound accounts from which a design is made of exceptions."""
_TOML, _LOCKS = "scenario.toml", "locks"


def rule_summary(scenario: Scenario) -> tuple[dict[str, object], ...]:
    """A row a rule: its seats, and the accounts and potential it decides on."""
    first = deciding_rules(scenario.accounts, scenario.rules)
    return tuple(
        {
            "rule": rule.name,
            "seats": list(rule.seats),
            "accounts": int((first == position).sum()),
            "potential": float(scenario.accounts.potential[first == position].sum()),
        }
        for position, rule in enumerate(scenario.rules)
    )


def binding_errors(scenario: Scenario, book: Book, designs: Sequence[Design]) -> list[Finding]:
    """Seats that no design and no rep has, and accounts that no rule matches."""
    seats = sorted({rep.id for rep in scenario.reps} | {name for design in designs for name in design.territories})
    named = [(f"rule '{rule.name}'", _TOML, seat) for rule in scenario.rules for seat in rule.seats]
    named += [("a lock", _LOCKS, lock.seat) for lock in scenario.locks if lock.seat]
    errors = [
        Finding(
            "bad_data", f"{whose} names the seat '{seat}', which is no rep and no territory", file, hint=did_you_mean(seat, seats)
        )
        for whose, file, seat in dict.fromkeys(named)
        if seat not in seats
    ]
    if scenario.rules:
        unruled = np.flatnonzero(deciding_rules(scenario.accounts, scenario.rules) < 0)
        hint = "end with a rule without conditions"
        errors += book.finding("bad_data", "that no rule of scenario.toml matches", "account", unruled, hint)
    return errors


def binding_warnings(scenario: Scenario) -> list[Finding]:
    """Rules that ask for what no account has or decide on nothing, and more locks than a design can bear."""
    findings = []
    for rule in scenario.rules:
        for column, values in rule.where.items():
            there = set(getattr(scenario.accounts, column))
            for value in (value for value in values if value not in there):
                message = f"rule '{rule.name}': no account has {column} '{value}'"
                findings.append(Finding("rule_value", message, _TOML, hint=did_you_mean(value, there)))
    for row in rule_summary(scenario):
        if not row["accounts"]:
            message = f"rule '{row['rule']}' decides on no account: none matches, or earlier rules take them all"
            findings.append(Finding("idle_rule", message, _TOML))
    bound = bound_accounts(scenario.accounts, scenario.locks)
    if bound > MANY * len(scenario.accounts):
        message = f"{bound} of {len(scenario.accounts)} accounts are locked ({bound / len(scenario.accounts):.0%})"
        findings.append(Finding("many_locks", message, _LOCKS, hint="designs are made of exceptions then; unlock what can move"))
    return findings


def contradictions(scenario: Scenario, book: Book, designs: Sequence[Design]) -> list[Finding]:
    """Accounts locked to a seat that the rule deciding on them does not allow: no hybrid design can keep to both."""
    same: dict[str, set[str]] = {}
    for design in designs:
        for name, rep in zip(design.territories, design.rep_of.tolist(), strict=True):
            both = {name, *([scenario.reps[rep].id] if rep >= 0 else [])}
            for word in both:
                same.setdefault(word, set()).update(both)
    first = deciding_rules(scenario.accounts, scenario.rules).tolist() if scenario.rules else []
    bound = [(lock.account, lock.seat) for lock in scenario.locks if lock.account is not None and lock.seat] if first else []
    against = [
        account
        for account, seat in bound
        if first[account] >= 0 and not same.get(seat, {seat}) & set(scenario.rules[first[account]].seats)
    ]
    hint = "change locks.csv or the rule; a hybrid design cannot keep to both"
    return book.finding("lock_against_rule", "locked to a seat that their rule does not allow", "account", against, hint)
