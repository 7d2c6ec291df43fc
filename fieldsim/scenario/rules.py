"""[[rules]] of scenario.toml -> Rule, and which rule decides on each account: the first that matches."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from fieldsim.errors import did_you_mean
from fieldsim.model import Accounts, Ints, Rule
from fieldsim.scenario.settings import RuleSection
from fieldsim.scenario.toml import key_error

RULE_COLUMNS = ("industry", "segment", "size", "product", "tier", "city", "postal_code", "country", "parent")


def read_rules(folder: Path, sections: Sequence[RuleSection]) -> tuple[Rule, ...]:
    """The rules in the file's order; a column that no rule can ask for, or two rules of one name, is an error with its line."""
    names = [section.name for section in sections]
    for number, section in enumerate(sections):
        for column in section.where:
            if column not in RULE_COLUMNS:
                hint = did_you_mean(column, RULE_COLUMNS) or f"known: {', '.join(RULE_COLUMNS)}"
                raise key_error(
                    folder, f"rules.{number}.where.{column}", f"rule '{section.name}': unknown column '{column}'", hint
                )
        if section.name in names[:number]:
            raise key_error(folder, f"rules.{number}.name", f"two rules are called '{section.name}'", "give each its own name")
    return tuple(Rule(s.name, dict(s.where), s.seats, s.potential_at_least) for s in sections)


def deciding_rules(accounts: Accounts, rules: Sequence[Rule]) -> Ints:
    """Position of the first rule that matches each account, -1 where none does."""
    first = np.full(len(accounts), -1, dtype=np.int64)
    for position, rule in reversed(list(enumerate(rules))):
        match = accounts.potential >= rule.potential_at_least
        for column, values in rule.where.items():
            match &= np.array([value in values for value in getattr(accounts, column)], dtype=np.bool_)
        first[match] = position
    return first
