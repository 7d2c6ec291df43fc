"""Parameters carry unit, source, kind and range; a scenario overrides any and misspells none."""

from __future__ import annotations

from pathlib import Path

import pytest
from small import make_scenario

from fieldsim.errors import DataError
from fieldsim.parameters import KINDS, read_parameters
from fieldsim.simulation import assumptions, parameters, unbelieved
from fieldsim.simulation.market import defaults, market_of


def test_every_default_says_where_it_comes_from() -> None:
    for parameter in defaults().values():
        assert parameter.unit, parameter.name
        assert len(parameter.source) > 3, parameter.name
        assert parameter.kind in KINDS, parameter.name
        assert parameter.range[0] <= parameter.value <= parameter.range[1], parameter.name


def test_a_scenario_overrides_any_parameter() -> None:
    found = parameters(make_scenario(parameters={"missed_share": 0.2}))["missed_share"]
    assert (found.value, found.kind) == (0.2, "scenario")
    assert "missed_share" not in {p.name for p in assumptions(make_scenario(parameters={"missed_share": 0.2}))}
    assert market_of(make_scenario(parameters={"missed_share": 0.2}), 1, 1, 1)["missed"][0] == 0.2


def test_assumptions_are_what_has_no_source() -> None:
    kinds = {p.kind for p in assumptions(make_scenario())}
    assert kinds == {"assumption", "vendor claim"}


def test_an_unknown_parameter_says_what_was_meant() -> None:
    with pytest.raises(DataError, match=r"unknown parameter 'mised_share' \(did you mean 'missed_share'\?\)"):
        parameters(make_scenario(parameters={"mised_share": 0.2}))
    with pytest.raises(DataError, match="is no number"):
        parameters(make_scenario(parameters={"missed_share": float("nan")}))


@pytest.mark.parametrize(
    ("name", "value", "bounds"),
    [
        ("sick_share", 5.0, "0 or more and at most 1"),
        ("turnover_rate", -0.1, "0 or more"),
        ("stage_survival", 1.0, "above 0 and below 1"),
        ("goodwill_half_life_days", 0.0, "above 0"),
    ],
)
def test_an_impossible_value_is_refused(name: str, value: float, bounds: str) -> None:
    with pytest.raises(DataError, match=f"parameter '{name}' = .* has to be {bounds}"):
        parameters(make_scenario(parameters={name: value}))


def test_a_value_outside_the_range_it_is_believed_in_is_the_users_to_say() -> None:
    own = make_scenario(parameters={"turnover_rate": 0.9, "sick_share": 0.05})
    assert [p.name for p in unbelieved(own)] == ["turnover_rate"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[a]\nvalue = 1.0\nunit = 'x'\nkind = 'assumption'\nrange = [0, 2]", "needs exactly"),
        ("[a]\nvalue = 1.0\nunit = 'x'\nkind = 'guess'\nsource = 's'\nrange = [0, 2]", "kind 'guess'"),
        ("[a]\nvalue = 3.0\nunit = 'x'\nkind = 'assumption'\nsource = 's'\nrange = [0, 2]", "outside its range"),
    ],
)
def test_a_parameter_without_its_facts_is_refused(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "market.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        read_parameters(file)
