"""Tables for the terminal: whole at 80 columns, without colour, with what a reader looks for."""

from __future__ import annotations

from dataclasses import replace

import pytest
from report.comparisons import make_comparison
from report.pages import make_designs, make_plan, vacate
from rich.console import RenderableType
from small import make_scenario, make_travel

from fieldsim.model import Scenario, Unplaced
from fieldsim.report.rows import pairs
from fieldsim.report.text import check_tables, compare_tables, doctor_tables, plan_tables, travel_table
from fieldsim.report.words import clean, duration, figure, plain


@pytest.fixture
def team() -> Scenario:
    return make_scenario(n=90, reps=9)


def printed(parts: list[RenderableType]) -> str:
    return "".join(plain(part) for part in parts)


def test_comparison_fits_80_columns_without_colour(team: Scenario) -> None:
    text = printed(compare_tables(make_comparison(team, make_designs(team))))
    assert max(map(len, text.splitlines())) <= 80
    assert "\x1b" not in text
    assert "…" not in text


def test_comparison_ends_with_the_verdict(team: Scenario) -> None:
    comparison = make_comparison(team, make_designs(team))
    text = " ".join(printed(compare_tables(comparison)).split())
    assert text.endswith(" ".join(comparison.summary().split()))


def test_comparison_shows_net_and_gross_for_each_design_against_the_one_in_force(team: Scenario) -> None:
    text = printed(compare_tables(make_comparison(team, make_designs(team))))
    for name in ("zones", "balanced"):
        table = text.split(f"{name} instead of today", 1)[1].split("instead of", 1)[0]
        assert "contribution, 1000 USD " in table
        assert "contribution, 1000 USD, gross" in table


def test_comparison_says_why_the_design_in_force_stays_ahead(team: Scenario) -> None:
    text = printed(compare_tables(make_comparison(team, make_designs(team), best=0)))
    causes = [" ".join(line.split()) for line in text.split("\n- ")[1:]]
    assert "contribution than today." in causes[0] or "of contribution against today." in causes[0]
    assert any(cause.startswith("Attainment of the team's quota: ") for cause in causes)


def test_pairs_are_told_from_the_baseline_then_from_the_leader(team: Scenario) -> None:
    comparison = make_comparison(team, make_designs(team))
    assert pairs(comparison) == [("today", "zones"), ("today", "balanced"), ("zones", "balanced")]
    keep = make_comparison(team, make_designs(team), best=0)
    assert pairs(keep) == [("today", "zones"), ("today", "balanced")]


def test_many_designs_are_told_in_blocks(team: Scenario) -> None:
    designs = [replace(design, name=f"design-{k}") for k in range(5) for design in make_designs(team)[:1]]
    text = printed(compare_tables(make_comparison(team, designs)))
    assert max(map(len, text.splitlines())) <= 80
    assert all(f"design-{k}" in text for k in range(5))


def test_figures_carry_sign_and_unit() -> None:
    assert figure(0.934, "share") == "93.4\u00a0%"
    assert figure(-0.021, "share", signed=True) == "−2.1\u00a0pts"
    assert figure(1234567.0, "money") == "1\u00a0234\u00a0567"
    assert figure(1234567.0, "thousand", signed=True) == "+1\u00a0235"
    assert figure(-0.0, "money", signed=True) == "0"
    assert figure(None, "money") == figure(float("nan"), "h") == "-"
    assert duration(3599) == "1 h 00"
    assert clean(" a\tb\n\x1b[1m ") == "a b [1m"


def test_plan_of_the_team_counts_visits_by_week(team: Scenario) -> None:
    design = vacate(make_designs(team)[0], 2)
    text = printed(plan_tables(team, design, make_travel(team), make_plan(team, design)))
    rows = {line.split()[0]: line.split() for line in text.splitlines() if line.strip().startswith(("R0", "T03"))}
    assert rows["R01"][-2:] == ["10", str(int(team.accounts.visits[design.book(0)].sum()))]
    assert rows["T03"][1] == "vacant"


def test_plan_of_a_whole_quarter_fits_80_columns(team: Scenario) -> None:
    design = make_designs(team)[0]
    text = printed(plan_tables(team, design, make_travel(team), make_plan(team, design, days=63)))
    assert max(map(len, text.splitlines())) <= 80
    assert "…" not in text


def test_plan_of_a_rep_names_the_accounts_of_each_day(team: Scenario) -> None:
    design = make_designs(team)[0]
    plan = make_plan(team, design)
    text = printed(plan_tables(team, design, make_travel(team), plan, "R02"))
    for account in plan.territories[1].account.tolist():
        assert team.accounts.ids[account] in text
    assert "A0002" not in text


def test_plan_says_what_found_no_day_and_why(team: Scenario) -> None:
    design = make_designs(team)[0]
    plan = make_plan(team, design)
    first = replace(plan.territories[0], unplaced=(Unplaced(0, 2, "never open on a working day"),))
    text = printed(plan_tables(team, design, make_travel(team), replace(plan, territories=(first, *plan.territories[1:]))))
    assert "A0000" in text
    assert "never open on a working day" in text


def test_check_counts_and_lists_and_concludes() -> None:
    error = {"file": "accounts.csv", "row": 7, "column": "lat", "message": "latitude 95 is not on earth", "hint": None}
    found = {"scenario": "x", "counts": {"accounts": 1234}, "errors": [error], "warnings": ["[red]odd[/red]"], "assumptions": []}
    text = printed(check_tables(found))
    assert "accounts.csv, row 7, column lat: latitude 95 is not on earth" in text
    assert "[red]odd[/red]" in text, "a user's text is no markup"
    assert "Not sound: 1 error." in text
    assert "Sound." in printed(check_tables({**found, "errors": [], "warnings": []}))


def test_doctor_shows_which_step_failed() -> None:
    steps = [{"name": "route", "passed": True, "seconds": 0.1}, {"name": "roads", "passed": False, "detail": "no wheel"}]
    text = printed(doctor_tables({"versions": {"numpy": "2"}, "smoke_test": steps}))
    assert "FAILED" in text
    assert "no wheel" in text
    assert "1 of 2 steps failed" in text


def test_travel_shows_minutes_and_kilometres() -> None:
    times = {"at": "09:00", "from": ["A1"], "to": ["A2", "R1"], "travel_s": [[90, 3600]], "distance_m": [[1000, 52_340]]}
    text = plain(travel_table(times))
    assert "1.5 (1.0)" in text
    assert "60.0 (52.3)" in text
