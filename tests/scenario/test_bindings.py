"""Rules, locks and hires: read from their files, refused where they cannot be meant, judged by `check`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from fieldsim.errors import DataError
from fieldsim.model import Lock, Rule
from fieldsim.scenario import check_scenario, deciding_rules, read_scenario

SMALL = Path(__file__).parents[1] / "data" / "small"
RULES = """
[[rules]]
name = "hospitals"
where = {industry = ["health"], size = "large"}
seats = ["R01"]

[[rules]]
name = "large"
potential_at_least = 200000
seats = ["R02", "R03"]

[[rules]]
name = "rest"
seats = ["R01", "R02", "R03"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SMALL, tmp_path / "small"))


def with_text(folder: Path, text: str) -> Path:
    with (folder / "scenario.toml").open("a", encoding="utf-8") as file:
        file.write(text)
    return folder


def with_file(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_rules_keep_their_order_and_the_first_that_matches_decides(folder: Path) -> None:
    scenario = read_scenario(with_text(folder, RULES))
    assert scenario.rules[0] == Rule("hospitals", {"industry": ("health",), "size": ("large",)}, ("R01",))
    assert [rule.name for rule in scenario.rules] == ["hospitals", "large", "rest"]
    decided = dict(zip(scenario.accounts.ids, deciding_rules(scenario.accounts, scenario.rules).tolist(), strict=True))
    assert decided == {a: {"A03": 0, "A02": 1, "A06": 1, "A09": 1}.get(a, 2) for a in scenario.accounts.ids}


def test_rules_change_the_content_and_no_rules_do_not(folder: Path) -> None:
    before = read_scenario(folder).content
    assert read_scenario(with_text(folder, "\n# a remark\n")).content == before
    assert read_scenario(with_text(folder, RULES)).content != before


@pytest.mark.parametrize(
    ("old", "new", "says", "line"),
    [
        ("industry", "industri", "rule 'hospitals': unknown column 'industri' (did you mean 'industry'?)", 20),
        ('name = "rest"', 'name = "large"', "two rules are called 'large'", 29),
        ('seats = ["R01"]', "seats = []", "rules.seats", 21),
        (
            "potential_at_least",
            "potential_atleast",
            "unknown key 'rules.potential_atleast' (did you mean 'potential_at_least'?)",
            25,
        ),
        ("potential_at_least = 200000", "potential_at_least = -1", "rules.potential_at_least = -1", 25),
    ],
)
def test_a_rule_that_cannot_be_meant_is_named_with_its_line(folder: Path, old: str, new: str, says: str, line: int) -> None:
    with pytest.raises(DataError) as caught:
        read_scenario(with_text(folder, RULES.replace(old, new, 1)))
    assert says in str(caught.value)
    assert (caught.value.file, caught.value.row) == ("scenario.toml", line)


def test_check_lists_rules_and_finds_what_they_cannot_do(folder: Path) -> None:
    sound = check_scenario(with_text(folder, RULES))
    assert sound.ok
    assert [(row["rule"], row["accounts"]) for row in sound.rules] == [("hospitals", 1), ("large", 3), ("rest", 8)]
    text = (folder / "scenario.toml").read_text(encoding="utf-8")
    (folder / "scenario.toml").write_text(text.replace('seats = ["R01", "R02", "R03"]', 'seats = ["R0l"]'), encoding="utf-8")
    broken = check_scenario(folder)
    assert any("rule 'rest' names the seat 'R0l'" in f.message and "did you mean 'R0" in str(f.hint) for f in broken.errors)


def test_check_names_accounts_without_a_rule_and_values_nobody_has(folder: Path) -> None:
    found = check_scenario(with_text(folder, RULES.replace('name = "rest"', 'name = "rest"\nwhere = {segment = "retial"}')))
    unruled = next(f for f in found.errors if "no rule of scenario.toml matches" in f.message)
    assert "A01" in unruled.accounts
    assert len(unruled.accounts) == 8
    assert any("no account has segment 'retial'" in f.message and f.hint == "did you mean 'retail'?" for f in found.warnings)
    assert any("rule 'rest' decides on no account" in f.message for f in found.warnings)


def test_locks_say_who_is_bound_to_what(folder: Path) -> None:
    text = "account,seat,only,reason\nA05,R03,yes,asked for\nA01,,,\n,R02,,settled last year\n"
    scenario = read_scenario(with_file(folder, "locks.csv", text))
    assert scenario.locks == (Lock(None, "R02"), Lock(0), Lock(4, "R03", only=True))
    found = check_scenario(folder)
    assert found.ok
    assert found.counts["locked_accounts"] == 3
    assert any("3 of 12 accounts are locked (25%)" in f.message for f in found.warnings)


@pytest.mark.parametrize(
    ("text", "says", "row"),
    [
        ("account,seat\nA99,R01\n", "unknown account 'A99'", 2),
        ("account,seat\nA01,R01\nA01,R02\n", "'A01' is locked to R01 already, in row 2", 3),
        ("account,seat,only\nA01,R01,\n,R01,yes\n", "only goes with an account and its seat", 3),
        ("account,seat,reason\n,,because\n", "neither account nor seat", 2),
        ("account,seta\nA01,R01\n", "did you mean 'seat'?", 1),
    ],
)
def test_a_lock_that_cannot_be_meant_is_named_with_its_row(folder: Path, text: str, says: str, row: int) -> None:
    with pytest.raises(DataError) as caught:
        read_scenario(with_file(folder, "locks.csv", text))
    assert says in str(caught.value)
    assert caught.value.row == row


def test_check_finds_a_lock_to_a_seat_that_is_not_there(folder: Path) -> None:
    found = check_scenario(with_file(folder, "locks.csv", "account,seat\nA01,R10\n"))
    assert any("a lock names the seat 'R10'" in f.message for f in found.errors)


def test_hires_join_the_team_without_a_quota_and_nobody_misses_their_seat(folder: Path) -> None:
    scenario = read_scenario(with_file(folder, "hires.csv", "rep,lat,lon,start\nH1,-29.95,-71.25,2026-10-01\n"))
    assert [rep.id for rep in scenario.reps] == ["H1", "R01", "R02", "R03"]
    assert scenario.reps[0].quota == 0.0
    assert [origin[0] for origin in scenario.origins[-4:]] == ["hires.csv", *["reps.csv"] * 3]
    found = check_scenario(folder)
    assert found.ok
    assert not any("without a territory" in f.message for f in found.warnings)


def test_a_hire_who_is_a_rep_already_is_named(folder: Path) -> None:
    with pytest.raises(DataError, match="'R01' is in the reps table already"):
        read_scenario(with_file(folder, "hires.csv", "rep,lat,lon\nR01,-29.95,-71.25\n"))


def test_a_lock_against_a_rule_is_told_by_check(folder: Path) -> None:
    with_text(folder, RULES)
    with_file(folder, "locks.csv", "account,seat\nA02,R01\nA03,R01\nA06,R02\n")
    found = [finding for finding in check_scenario(folder).warnings if finding.code == "lock_against_rule"]
    assert [finding.accounts for finding in found] == [("A02",)]
