"""A policy that answers what cannot be is told so in its own name, whatever it does."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from small import make_design, make_scenario, make_travel

from fieldsim.errors import DataError, UsageError
from fieldsim.turnover import HandOver, Vacancy, ask_policy, open_force, vacancy_of

N = 30


def vacancy() -> Vacancy:
    scenario = make_scenario(N, 3)
    design = make_design(scenario)
    locked = np.zeros(N, dtype=np.bool_)
    locked[design.book(1)[0]] = True
    scenario = replace(scenario, accounts=replace(scenario.accounts, locked=locked))
    return vacancy_of(open_force(scenario, make_travel(scenario), design), 0)


def to(territory: int) -> Callable[[Vacancy], HandOver]:
    def policy(v: Vacancy) -> HandOver:
        return HandOver(np.where(v.territory_of == v.territory, territory, v.territory_of))

    return policy


def with_locked(v: Vacancy) -> HandOver:
    changed = v.territory_of.copy()
    changed[v.force.design.book(1)[0]] = 2
    return HandOver(changed)


def raises(v: Vacancy) -> HandOver:
    raise KeyError("no such seat")


ANSWERS = {
    "gives NoneType, not a HandOver": lambda v: None,
    "gives dict, not a HandOver": lambda v: {"A001": "R02"},
    "has to give each of 30 accounts one territory": lambda v: HandOver(np.append(v.territory_of, 1)),
    "has to give each of 30 accounts one territory (": lambda v: HandOver(v.territory_of.tolist()),  # type: ignore[arg-type]
    "gives float64, not territories by position": lambda v: HandOver(v.territory_of + 0.5),
    "to territory 999, which is not there": to(999),
    "to territory -1, which is not there": to(-1),
    "which nobody near holds": lambda v: HandOver(np.zeros_like(v.territory_of)),
    "which is locked to its seat": with_locked,
    "a share of the visits from 0 to 1, not nan": lambda v: HandOver(v.territory_of, float("nan")),
    "a share of the visits from 0 to 1, not 'much'": lambda v: HandOver(v.territory_of, "much"),  # type: ignore[arg-type]
    "failed: KeyError: 'no such seat'": raises,
    "failed: SystemExit: 7": lambda v: sys.exit(7),
    "failed: TypeError": lambda: HandOver(np.zeros(N, dtype=np.int64)),
}


@pytest.mark.parametrize("told", ANSWERS)
def test_what_a_policy_does_wrong_is_told_in_its_name(told: str) -> None:
    with pytest.raises(UsageError) as error:
        ask_policy("my:own", ANSWERS[told], vacancy())  # type: ignore[arg-type]
    assert str(error.value).startswith("policy 'my:own'")
    assert told in str(error.value)


def test_a_policy_that_writes_into_what_it_is_given_changes_its_own_copy() -> None:
    asked = vacancy()
    before = asked.territory_of.copy()

    def in_place(v: Vacancy) -> HandOver:
        v.territory_of[v.orphans] = v.takers[0]
        return HandOver(v.territory_of)

    found = ask_policy("my:own", in_place, asked)
    assert (asked.territory_of == before).all()
    assert (found.territory_of[before == 0] == asked.takers[0]).all()


def test_an_error_of_the_house_passes_as_it_is() -> None:
    def unread(v: Vacancy) -> HandOver:
        raise DataError("no such file", file="rules.csv")

    with pytest.raises(DataError, match=r"rules\.csv"):
        ask_policy("my:own", unread, vacancy())
