"""Two planted scenarios with a known answer: a design worth its disruption, and one that is not."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
from small import make_scenario, make_travel

from fieldsim.experiment import Comparison, Serial, compare_designs
from fieldsim.model import Design, Rates, Scenario

EAST = 0.5
"""Degrees of longitude between the two towns: about 48 km."""


def two_towns(apart: float = EAST, accounts: int = 60, margin: float = 0.35, travel_cost: float = 0.3) -> Scenario:
    """Two reps, two towns; every second account lies in the eastern one, and so does the second rep's home."""
    scenario = make_scenario(n=accounts, reps=2, seed=5, rates=Rates(margin, travel_cost), content=f"towns-{accounts}-{apart}")
    book = scenario.accounts
    lon = book.lon * 0.5 - 0.5 * 71.2 + apart * (np.arange(accounts) % 2)
    book = replace(book, lat=book.lat * 0.5 - 0.5 * 30.0, lon=lon, opens=("",) * accounts)
    reps = tuple(replace(rep, lat=-30.0, lon=-71.2 + apart * k, skills=frozenset()) for k, rep in enumerate(scenario.reps))
    return replace(scenario, accounts=book, reps=reps, parameters={"skill_sigma": 0.0})


def design(name: str, territory_of: np.ndarray) -> Design:
    return Design(name, ("T1", "T2"), territory_of.astype(np.int64), np.arange(2, dtype=np.int64))


@cache
def crossed() -> tuple[Comparison, ...]:
    """Thin margins, dear driving: today each rep works half of either town, an hour apart; the new design gives each a town."""
    scenario = two_towns(margin=0.1, travel_cost=1.0)
    place = np.arange(len(scenario.accounts))
    today, towns = design("today", place // 2 % 2), design("towns", place % 2)
    return compare_designs(
        scenario, [today, towns], make_travel(scenario), horizons=(1, 4), executor=Serial(), workers=1, max_replications=40
    )


@cache
def swapped() -> tuple[Comparison, ...]:
    """Today each rep has a half of one town; the new design swaps the halves, for homes a few hundred metres nearer."""
    scenario = two_towns(apart=0.01)
    east = (np.argsort(np.argsort(scenario.accounts.lon)) >= len(scenario.accounts) // 2).astype(np.int64)
    today, swap = design("today", 1 - east), design("swap", east)
    return compare_designs(
        scenario, [today, swap], make_travel(scenario), horizons=(1, 4), executor=Serial(), workers=1, max_replications=20
    )


def test_a_design_worth_its_disruption_is_judged_better_net_of_the_handover() -> None:
    for answer in crossed():
        found = answer.difference("today", "towns", "contribution")
        assert (answer.best.design, found.verdict) == ("towns", "better")
        assert answer.difference("today", "towns", "travel_hours").verdict == "better"
        assert answer.summary().endswith("net of the hand-over.")


def test_keeping_todays_design_is_judged_better_where_the_gain_is_small() -> None:
    for answer in swapped():
        found = answer.difference("today", "swap", "contribution")
        assert (answer.best.design, found.verdict) == ("today", "worse")
        assert answer.summary().startswith("Keep today: ")


def test_what_makes_the_new_design_lose_is_the_handover() -> None:
    answer = swapped()[0]
    net, gross = answer.difference("today", "swap", "contribution").mean, answer.gross_differences[0].mean
    assert net is not None
    assert gross is not None
    assert gross - net > 0.9 * abs(net)
    assert answer.difference("today", "swap", "travel_hours").verdict == "better"
    assert "60 more accounts change hands on day one" in " ".join(answer.why("today", "swap"))
