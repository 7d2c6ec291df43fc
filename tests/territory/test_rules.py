"""Hybrid rules decide for designs and for leads alike; specialists' shares add up."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small import make_design, make_scenario, make_travel

from fieldsim.errors import InfeasibleError, UsageError
from fieldsim.model import Rule, Scenario
from fieldsim.territory import Lead, add_specialists, design_territories, explain_design, hire, owner_of

RULES = (
    Rule("health", {"industry": ("health",)}, ("R01",)),
    Rule("large", {}, ("R02", "R03"), potential_at_least=100_000.0),
    Rule("rest", {}, ("R03", "R04", "R05")),
)


def ruled(rules: tuple[Rule, ...] = RULES) -> Scenario:
    return replace(make_scenario(150, 5), rules=rules)


def test_every_account_is_in_a_seat_of_its_first_rule() -> None:
    scenario = ruled()
    design = design_territories(scenario, make_travel(scenario), "hybrid", start=make_design(scenario))
    for i, owner in enumerate(design.owner.tolist()):
        if scenario.accounts.industry[i] == "health":
            assert owner == 0
        elif scenario.accounts.potential[i] >= 100_000.0:
            assert owner in (1, 2)
        else:
            assert owner in (2, 3, 4)


def test_seats_of_one_rule_share_its_accounts_evenly() -> None:
    scenario = ruled((Rule("health", {"industry": ("health",)}, ("R01", "R02")), Rule("rest", {}, ("R03", "R04", "R05"))))
    design = design_territories(scenario, make_travel(scenario), "hybrid", start=make_design(scenario))
    potential = np.bincount(design.owner, scenario.accounts.potential, 5)
    for seats in (potential[:2], potential[2:]):
        assert np.abs(seats / seats.mean() - 1).max() < 0.08


def test_a_lead_goes_where_an_account_like_it_would_go() -> None:
    scenario = ruled()
    design = design_territories(scenario, make_travel(scenario), "hybrid", start=make_design(scenario))
    a = scenario.accounts
    for i in range(0, 150, 7):
        lead = Lead(float(a.lat[i]), float(a.lon[i]), {"industry": a.industry[i]}, float(a.potential[i]))
        owner = owner_of(scenario, design, lead)
        rule = next(r for r in RULES if r.name == owner.rule)
        assert owner.rep in rule.seats
        assert design.rep_of[design.territory_of[i]] in [int(s[1:]) - 1 for s in rule.seats]


def test_a_lead_without_rules_goes_to_the_owner_around_it() -> None:
    scenario = make_scenario(90, 3)
    design = design_territories(scenario, make_travel(scenario), "nearest")
    rep = scenario.reps[1]
    assert owner_of(scenario, design, Lead(rep.lat, rep.lon, {})).rep == "R02"
    assert owner_of(scenario, design, Lead(rep.lat, rep.lon, {})).rule == "nearest accounts"


def test_rules_that_cannot_work_are_named() -> None:
    travel = make_travel(ruled())

    def design(*rules: Rule) -> None:
        scenario = ruled(rules)
        design_territories(scenario, travel, "hybrid", start=make_design(scenario))

    with pytest.raises(InfeasibleError, match="no rule matches account 'A0000' and 99 others"):
        design(RULES[0])
    with pytest.raises(UsageError, match=r"rule 'x': unknown column 'industri'.*industry"):
        design(Rule("x", {"industri": ("a",)}, ("R01",)))
    with pytest.raises(UsageError, match="rule 'x': no seat 'R9'"):
        design(Rule("x", {}, ("R9",)))
    with pytest.raises(UsageError, match="rule 'x' names no seats"):
        design(Rule("x", {}, ()))
    with pytest.raises(UsageError, match="two rules are called 'rest'"):
        design(RULES[2], RULES[2])
    with pytest.raises(UsageError, match="needs rules"):
        design()


def test_a_lock_that_contradicts_a_rule_is_named() -> None:
    scenario = ruled()
    start = make_design(scenario)
    outside = next(i for i in range(150) if scenario.accounts.industry[i] == "health" and start.owner[i] != 0)
    locked = np.arange(150) == outside
    scenario = replace(scenario, accounts=replace(scenario.accounts, locked=locked))
    with pytest.raises(InfeasibleError, match=f"account '{scenario.accounts.ids[outside]}' is locked to .* rule 'health'"):
        design_territories(scenario, make_travel(scenario), "hybrid", start=start)


def test_families_are_split_only_by_rules() -> None:
    scenario = ruled()
    parent = tuple("Group" if i % 10 == 1 else "" for i in range(150))
    scenario = replace(scenario, accounts=replace(scenario.accounts, parent=parent))
    design = design_territories(scenario, make_travel(scenario), "hybrid", start=make_design(scenario))
    group = [i for i in range(150) if parent[i]]
    plain = {
        int(design.owner[i]) for i in group if scenario.accounts.industry[i] != "health" and scenario.accounts.potential[i] < 1e5
    }
    assert len(plain) == 1


def test_specialists_share_the_largest_accounts_and_credit_adds_up() -> None:
    scenario = make_scenario(90, 4)
    chosen = scenario.accounts.potential > 150_000.0
    design = add_specialists(scenario, make_design(scenario), chosen, ["R03", "R04"], revenue_share=0.4, visit_share=0.5)
    assert [o.account for o in design.overlays] == np.flatnonzero(chosen).tolist()
    potential = [sum(scenario.accounts.potential[o.account] for o in design.overlays if o.rep == rep) for rep in (2, 3)]
    assert abs(potential[0] - potential[1]) <= scenario.accounts.potential.max()
    again = add_specialists(scenario, design, chosen, ["R01"], revenue_share=0.6, visit_share=0.5)
    for i in np.flatnonzero(chosen):
        assert sum(o.revenue_share for o in again.overlays if o.account == i) == pytest.approx(1.0)
    with pytest.raises(UsageError, match="more than once"):
        add_specialists(scenario, design, chosen, ["R01"], revenue_share=0.7)
    with pytest.raises(UsageError, match="unknown account 'A9'"):
        add_specialists(scenario, design, ["A9"], ["R01"])
    once = add_specialists(scenario, make_design(scenario), ["A0000"], ["R03"], revenue_share=0.1)
    with pytest.raises(UsageError, match="'A0000' has R03 already"):
        add_specialists(scenario, once, ["A0000"], ["R03"], revenue_share=0.1)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sets(st.integers(0, 29), min_size=1, max_size=8), st.integers(0, 4), st.floats(0.0, 1.0), st.floats(0.0, 1.0)
        ),
        max_size=5,
    )
)
def test_however_accounts_are_shared_out_credit_adds_up(shared: list[tuple[set[int], int, float, float]]) -> None:
    scenario = make_scenario(30, 5)
    design = make_design(scenario)
    for accounts, rep, revenue, visits in shared:
        chosen = [scenario.accounts.ids[i] for i in sorted(accounts)]
        with suppress(UsageError):
            design = add_specialists(scenario, design, chosen, [scenario.reps[rep].id], revenue_share=revenue, visit_share=visits)
    credit = 1.0 - np.bincount([o.account for o in design.overlays], [o.revenue_share for o in design.overlays], 30)
    assert credit.min() >= -1e-9
    for i in range(30):
        parts = [o for o in design.overlays if o.account == i]
        assert sum(o.visit_share for o in parts) <= 1.0 + 1e-9
        assert len({o.rep for o in parts}) == len(parts)


def test_specialists_stay_through_a_new_design_and_carry_their_visits() -> None:
    scenario = make_scenario(90, 4)
    start = add_specialists(scenario, make_design(scenario), scenario.accounts.potential > 150_000.0, ["R04"], visit_share=1.0)
    assert design_territories(scenario, make_travel(scenario), start=start).overlays == start.overlays


def test_what_specialists_take_is_out_of_the_pool_that_is_balanced() -> None:
    scenario = make_scenario(90, 4)
    key = scenario.accounts.potential > 150_000.0
    whole = add_specialists(scenario, make_design(scenario), key, ["R04"], revenue_share=1.0, visit_share=1.0)
    design = design_territories(scenario, make_travel(scenario), start=whole, metrics={"potential": 1.0}, tolerance=0.02)
    pool = np.bincount(design.owner, np.where(key, 0.0, scenario.accounts.potential), 4)
    assert np.abs(pool / pool.mean() - 1.0).max() < 0.03


def test_a_rule_does_without_a_seat_that_is_given_up_as_long_as_it_has_another() -> None:
    scenario = ruled((Rule("food", {"industry": ("food",)}, ("R01", "R02")), Rule("rest", {}, ("R03", "R04", "R01"))))
    start = make_design(scenario)
    made = design_territories(scenario, make_travel(scenario), "hybrid", start=start, vacate=["R01"])
    owners = [scenario.reps[k].id for k in made.owner.tolist()]
    for industry, owner in zip(scenario.accounts.industry, owners, strict=True):
        assert owner == "R02" if industry == "food" else owner in ("R03", "R04")
    assert owner_of(scenario, made, Lead(-30.0, -71.2, {"industry": "food"})).rep == "R02"
    with pytest.raises(InfeasibleError, match="rule 'food' has no seat left: R01, R02"):
        design_territories(scenario, make_travel(scenario), "hybrid", start=start, vacate=["R01", "R02"])


@pytest.mark.parametrize("gone", [(), ("R03",)])
def test_a_hire_whom_no_rule_names_is_told_to_be_without_accounts(gone: tuple[str, ...]) -> None:
    def notes_of(rules: tuple[Rule, ...]) -> tuple[list[str], int]:
        scenario, grown, hires = hire(ruled(rules), make_design(ruled()), 1, "more")
        travel = make_travel(scenario)
        made = design_territories(scenario, travel, "hybrid", start=grown, vacate=gone)
        notes = explain_design(scenario, travel, made).notes
        book = made.book(made.territories.index(hires[0].id))
        return [note for note in notes if "more-1" in note], len(book)

    told = "more-1 has no accounts, and no rule in scenario.toml names it: add it to the seats of a rule"
    assert notes_of(RULES) == ([told], 0)
    notes, book = notes_of((*RULES[:2], replace(RULES[2], seats=(*RULES[2].seats, "more-1"))))
    assert told not in notes
    assert book > 10
