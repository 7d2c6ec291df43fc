"""`design` and `who-owns` as they are typed: every option does what it says, and what cannot be done is said in one line."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from shutil import rmtree

import pytest

from fieldsim import api
from fieldsim.cli import main
from fieldsim.errors import UsageError
from fieldsim.model import Scenario

SMALL = Path(__file__).parents[1] / "data" / "small"
Capture = pytest.CaptureFixture[str]
RULES = """
[[rules]]
name = "health"
where = {industry = "health"}
seats = ["R02"]

[[rules]]
name = "rest"
seats = ["R01", "R03"]
"""
MOVES = (
    "account,name,tier,revenue_last_year,open_pipeline,potential,current_owner,new_owner,from_territory,to_territory,"
    "disruption,travel_hours,cost_hours,reason,effective_date,holdover_until,status"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SMALL, tmp_path / "small"))


def add(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def edit(path: Path, column: str, value: str) -> None:
    """Every cell of a column of a CSV file set to one value."""
    rows = rows_of(path)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [*rows[0]])
        writer.writeheader()
        writer.writerows({**row, column: value} for row in rows)


def made(capsys: Capture, folder: Path, *words: str) -> dict[str, object]:
    """The answer of `design ... --out next --json`."""
    code = main(["design", str(folder), *words, "--out", "next", "--json"])
    printed = capsys.readouterr()
    assert code == 0, printed.out + printed.err
    answer: dict[str, object] = json.loads(printed.out)
    return answer


def owners(folder: Path, name: str = "next") -> dict[str, str]:
    scenario = api.read_scenario(folder)
    design = api.read_design(scenario, name)
    reps = [scenario.reps[rep].id if rep >= 0 else "" for rep in design.owner.tolist()]
    return dict(zip(scenario.accounts.ids, reps, strict=True))


@pytest.mark.parametrize("method", ["balanced", "rebalance", "fewest", "segment", "nearest", "hybrid", "geographic", "overlay"])
def test_every_method_answers_with_the_same_facts(folder: Path, capsys: Capture, method: str) -> None:
    add(folder / "scenario.toml", RULES)
    edit(folder / "accounts.csv", "locked", "")
    more = {"geographic": ["--by", "tier"], "overlay": ["--key", "industry=health", "--specialist", "R03"]}
    answer = made(capsys, folder, "--method", method, *more.get(method, []))
    assert {"design", "moved", "metrics", "bound", "moves"} <= set(answer)
    assert answer["moved"] == len(answer["moves"])  # type: ignore[arg-type]


def test_a_hybrid_design_follows_the_rules_of_the_file(folder: Path, capsys: Capture) -> None:
    add(folder / "scenario.toml", RULES)
    edit(folder / "accounts.csv", "locked", "")
    made(capsys, folder, "--method", "hybrid")
    scenario = api.read_scenario(folder)
    for account, rep in owners(folder).items():
        trade = scenario.accounts.industry[scenario.accounts.ids.index(account)]
        assert rep == "R02" if trade == "health" else rep in ("R01", "R03")


def test_a_hire_whom_no_rule_names_is_told(folder: Path, capsys: Capture) -> None:
    add(folder / "scenario.toml", RULES)
    edit(folder / "accounts.csv", "locked", "")
    told = "next-1 has no accounts, and no rule in scenario.toml names it: add it to the seats of a rule"
    assert told in made(capsys, folder, "--method", "hybrid", "--hire", "1")["notes"]  # type: ignore[operator]
    text = (folder / "scenario.toml").read_text(encoding="utf-8")
    (folder / "scenario.toml").write_text(text.replace('["R01", "R03"]', '["R01", "R03", "next-1"]'), encoding="utf-8")
    assert told not in made(capsys, folder, "--method", "hybrid", "--hire", "1")["notes"]  # type: ignore[operator]
    assert "next-1" in owners(folder).values()


def test_the_sheet_of_moves_says_who_loses_what_to_whom(folder: Path, capsys: Capture) -> None:
    rows = (folder / "accounts.csv").read_text(encoding="utf-8").splitlines()
    text = "\n".join([f"{rows[0]},open_pipeline", *(f"{row},{5000 if k % 2 else 0}" for k, row in enumerate(rows[1:]))])
    (folder / "accounts.csv").write_text(text, encoding="utf-8")
    answer = made(capsys, folder)
    file = folder / "designs" / "next.moves.csv"
    assert file.read_text(encoding="utf-8").splitlines()[0] == MOVES
    sheet = rows_of(file)
    assert [row["account"] for row in sheet] == [move["account"] for move in answer["moves"]]  # type: ignore[attr-defined]
    before, after = owners(folder, "today"), owners(folder)
    for row in sheet:
        assert (row["current_owner"], row["new_owner"]) == (before[row["account"]], after[row["account"]])
        assert row["holdover_until"] == ("2026-11-30" if row["disruption"] == "open pipeline" else "")
        assert (row["effective_date"], row["status"]) == ("2026-10-01", "proposed")
        assert any(letter.isdigit() for letter in row["reason"])
    assert "next.moves" not in api.design_names(api.read_scenario(folder))
    classes = {row["disruption"]: row["moves"] for row in answer["disruption"]}  # type: ignore[attr-defined]
    assert sum(classes.values()) == answer["moved"]


def test_a_budget_is_a_number_of_accounts_or_a_share_of_revenue(folder: Path, capsys: Capture) -> None:
    assert int(str(made(capsys, folder, "--method", "rebalance", "--budget", "2")["moved"])) <= 2
    metrics = made(capsys, folder, "--method", "rebalance", "--budget", "5%")["metrics"]
    assert metrics["moved_revenue_share"] <= 0.05  # type: ignore[index]
    both = made(capsys, folder, "--method", "rebalance", "--budget", "2,5%")
    assert int(str(both["moved"])) <= 2
    assert both["metrics"]["moved_revenue_share"] <= 0.05  # type: ignore[index]


def test_a_rebalance_that_moves_nothing_says_so(folder: Path, capsys: Capture) -> None:
    still = made(capsys, folder, "--method", "rebalance", "--budget", "0")
    assert still["moved"] == 0
    assert any("nothing that was found is better than 'today'" in note for note in still["notes"])  # type: ignore[attr-defined]
    moved = made(capsys, folder, "--method", "rebalance", "--budget", "2")
    assert (moved["moved"] == 0) == any("no account moves" in note for note in moved["notes"])  # type: ignore[attr-defined]


def test_metrics_are_those_asked_for(folder: Path, capsys: Capture) -> None:
    metrics = made(capsys, folder, "--metric", "revenue_last_year=2", "--metric", "visits")["metrics"]
    assert {name for name in metrics if name.startswith("imbalance_")} == {"imbalance_revenue_last_year", "imbalance_visits"}  # type: ignore[attr-defined]


def test_territories_in_one_piece_are_a_word_away(folder: Path, capsys: Capture) -> None:
    edit(folder / "accounts.csv", "locked", "")
    answer = made(capsys, folder, "--contiguity", "strict")
    assert not any("lie apart" in note for note in answer["notes"])  # type: ignore[attr-defined]


def test_a_hire_gets_a_seat_a_home_and_a_book_and_can_be_compared(folder: Path, capsys: Capture) -> None:
    answer = made(capsys, folder, "--hire", "2")
    assert [hire["rep"] for hire in answer["hires"]] == ["next-1", "next-2"]  # type: ignore[attr-defined]
    assert {"next-1", "next-2"} <= set(owners(folder).values())
    assert set(owners(folder, "today").values()) == {"R01", "R02", "R03"}
    assert main(["check", str(folder)]) == 0
    capsys.readouterr()
    home = (folder / "hires.csv").read_text(encoding="utf-8").replace(",60000", ",70000")
    (folder / "hires.csv").write_text(home, encoding="utf-8")
    made(capsys, folder, "--hire", "2")
    assert (folder / "hires.csv").read_text(encoding="utf-8") == home


def test_a_rep_taken_away_has_no_territory(folder: Path, capsys: Capture) -> None:
    made(capsys, folder, "--without", "R02")
    assert set(owners(folder).values()) == {"R01", "R03"}


def test_a_split_moves_accounts_of_that_territory_alone(folder: Path, capsys: Capture) -> None:
    notes = made(capsys, folder, "--split", "R02")["notes"]
    assert any("came from R02" in note for note in notes)  # type: ignore[attr-defined]
    before, after = owners(folder, "today"), owners(folder)
    changed = {before[account] for account in before if before[account] != after[account]}
    assert changed == {"R02"}
    assert set(after.values()) == {"R01", "R02", "R03", "next-1"}


def test_a_merge_dissolves_the_second_territory(folder: Path, capsys: Capture) -> None:
    made(capsys, folder, "--merge", "R01,R02")
    before, after = owners(folder, "today"), owners(folder)
    assert after == {account: "R01" if rep == "R02" else rep for account, rep in before.items()}


def test_a_pivot_weighs_an_industry_and_says_so(folder: Path, capsys: Capture) -> None:
    answer = made(capsys, folder, "--pivot", "industry=health:5", "--metric", "potential")
    assert any("5 times its potential" in note and "--pivot 'industry=health:5'" in note for note in answer["notes"])  # type: ignore[attr-defined]
    assert api.read_scenario(folder).accounts.potential.sum() == pytest.approx(1_338_000)


@pytest.mark.parametrize("policy", ["balanced", "nearest", "nearest_rep", "reoptimise", "similar", "pool", "vacant"])
def test_every_policy_hands_a_book_over(folder: Path, capsys: Capture, policy: str) -> None:
    answer = made(capsys, folder, "--vacate", "R02", "--policy", policy)
    assert "R02" not in owners(folder).values()
    assert any("--fill" in note for note in answer["notes"])  # type: ignore[attr-defined]


def test_a_hire_fills_a_vacant_seat_with_a_patch_of_its_old_book(folder: Path, capsys: Capture) -> None:
    made(capsys, folder, "--vacate", "R02")
    assert main(["design", str(folder), "--fill", "R02", "--from", "next", "--out", "filled", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert any(note.startswith("first patch of filled-1: ") and "100% were the seat's before" in note for note in answer["notes"])
    before, after = owners(folder, "today"), owners(folder, "filled")
    patch = {account for account, rep in after.items() if rep == "filled-1"}
    assert patch
    assert {before[account] for account in patch} == {"R02"}


@pytest.mark.parametrize("kind", ["balance", "continuity", "moves", "sizing"])
def test_a_curve_is_printed_and_writes_nothing(folder: Path, capsys: Capture, kind: str) -> None:
    assert main(["design", str(folder), "--curve", kind, "--json"]) == 0
    curve = json.loads(capsys.readouterr().out)
    assert (curve["curve"], curve["from"]) == (kind, "today")
    assert {"setting", "travel_hours", "moved_accounts", "imbalance", "workload", "bound"} <= set(curve["points"][0])
    assert main(["design", str(folder), "--curve", kind]) == 0
    assert len(capsys.readouterr().out.splitlines()) > len(curve["points"]) + 2
    assert sorted(path.name for path in (folder / "designs").iterdir()) == ["split.csv", "today.csv"]


def test_as_many_territories_as_the_visits_need(folder: Path, capsys: Capture) -> None:
    answer = made(capsys, folder, "--territories", "auto")
    assert any("the due visits need 1 seat at 90 % of working time; there are 3" in note for note in answer["notes"])  # type: ignore[attr-defined]
    assert len(set(owners(folder).values())) == 1


def test_fewer_territories_leave_out_those_with_least_potential_around_them(folder: Path, capsys: Capture) -> None:
    answer = made(capsys, folder, "--territories", "2")
    said = [note for note in answer["notes"] if note.startswith("without the reps who have least potential")]  # type: ignore[attr-defined]
    gone = {rep for rep in ("R01", "R02", "R03") if rep in said[0]}
    assert len(gone) == 1
    assert set(owners(folder).values()) == {"R01", "R02", "R03"} - gone
    answer = made(capsys, folder, "--territories", "2", "--without", min({"R01", "R02", "R03"} - gone), "--overwrite")
    assert not any(note.startswith("without the reps") for note in answer["notes"])  # type: ignore[attr-defined]


def test_specialists_credit_adds_up(folder: Path, capsys: Capture) -> None:
    made(capsys, folder, "--method", "overlay", "--key", "potential=200000", "--specialist", "R01", "--shares", "0.4,1,0.5")
    rows = rows_of(folder / "designs" / "next.overlays.csv")
    assert {row["account"] for row in rows} == {"A02", "A06", "A09"}
    assert {(row["rep"], row["revenue_share"], row["quota_credit"], row["visit_share"]) for row in rows} == {
        ("R01", "0.4", "1.0", "0.5")
    }
    again = ["design", str(folder), "--method", "overlay", "--from", "next", "--key", "potential=200000", "--specialist", "R02"]
    assert main([*again, "--shares", "0.7,1,0.1", "--out", "more"]) == 2
    assert "shared out more than once" in capsys.readouterr().err


def test_who_owns_an_account_and_by_which_rule(folder: Path, capsys: Capture) -> None:
    add(folder / "scenario.toml", RULES)
    assert main(["who-owns", str(folder), "today", "A03"]) == 0
    assert capsys.readouterr().out.strip() == "A03: R01 (R01); rule 'health', which this design does not keep to"
    assert main(["who-owns", str(folder), "today", "A02", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["rep"], found["rule"], found["rule_kept"], found["locked"]) == ("R01", "rest", True, True)


def test_who_owns_a_new_lead(folder: Path, capsys: Capture) -> None:
    add(folder / "scenario.toml", RULES)
    lead = ["--lead", "lat=-29.905", "--lead", "lon=-71.25"]
    assert main(["who-owns", str(folder), "today", *lead, "--lead", "industry=health"]) == 0
    assert capsys.readouterr().out.strip() == "R02 (R02), by rule 'health'"
    assert main(["who-owns", str(folder), "today", *lead, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["rep"], found["rule"]) == ("R01", "rest")


def test_a_value_that_nobody_has_is_told_beside_the_rule_that_decides(folder: Path, capsys: Capture) -> None:
    add(folder / "scenario.toml", RULES)
    lead = ["who-owns", str(folder), "today", "--lead", "lat=-29.905", "--lead", "lon=-71.25"]
    assert main([*lead, "--lead", "industry=helth"]) == 0
    printed = capsys.readouterr()
    assert printed.out.strip() == "R01 (R01), by rule 'rest'"
    said = "no account and no rule has industry 'helth', so that rule 'rest' decides (did you mean 'health'?)"
    assert printed.err == f"warning: {said}\n"
    assert main([*lead, "--lead", "industry=helth", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["warnings"] == [said]
    for known in ("health", "food"):
        main([*lead, "--lead", f"industry={known}", "--lead", "city=Nowhere", "--json"])
        assert json.loads(capsys.readouterr().out)["warnings"] == []


def test_a_rule_missed_for_want_of_a_potential_is_told(folder: Path, capsys: Capture) -> None:
    add(
        folder / "scenario.toml",
        RULES.replace('where = {industry = "health"}', 'where = {industry = "health"}\npotential_at_least = 5e4'),
    )
    lead = ["who-owns", str(folder), "today", "--lead", "lat=-29.905", "--lead", "lon=-71.25", "--lead", "industry=health"]
    assert main(lead) == 0
    assert capsys.readouterr().err == "warning: with potential=50000 or more, rule 'health' would decide\n"
    assert main([*lead, "--lead", "potential=1"]) == 0
    assert capsys.readouterr().err == ""
    assert main([*lead, "--lead", "potential=-1"]) == 2
    assert "potential -1 is below 0" in capsys.readouterr().err


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FIELDSIM_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_the_same_command_twice_replaces_its_own_design(folder: Path, capsys: Capture, own_cache: Path) -> None:
    words = ["design", str(folder), "--method", "nearest", "--out", "next"]
    assert main(words) == 0
    assert "replaced" not in capsys.readouterr().err
    before = (folder / "designs" / "next.csv").read_bytes()
    assert main(words) == 0
    assert "replaced: the design 'next' that was made with --method nearest" in capsys.readouterr().err
    assert (folder / "designs" / "next.csv").read_bytes() == before


@pytest.mark.parametrize("file", ["next.csv", "next.moves.csv"])
def test_work_done_by_hand_is_not_replaced_without_a_word(folder: Path, capsys: Capture, own_cache: Path, file: str) -> None:
    words = ["design", str(folder), "--merge", "R01,R02", "--out", "next"]
    assert main(words) == 0
    path = folder / "designs" / file
    mine = path.read_bytes() + b"\n"
    path.write_bytes(mine)
    capsys.readouterr()
    assert main(words) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert f"designs/{file} is there already" in printed.err
    assert path.read_bytes() == mine
    assert main([*words, "--overwrite"]) == 0
    assert path.read_bytes() != mine
    assert main([*words, "--out", "today", "--overwrite"]) == 2


def test_a_cleared_cache_leaves_a_design_with_reasons_fieldsims_own(folder: Path, own_cache: Path) -> None:
    words = ["design", str(folder), "--merge", "R01,R02", "--out", "next"]
    assert main(words) == 0
    before = (folder / "designs" / "next.csv").read_bytes()
    rmtree(own_cache)
    assert main(words) == 0
    assert (folder / "designs" / "next.csv").read_bytes() == before


def test_a_design_from_elsewhere_is_somebodys_own(folder: Path, capsys: Capture, own_cache: Path) -> None:
    before = (folder / "designs" / "split.csv").read_bytes()
    assert main(["design", str(folder), "--method", "nearest", "--out", "split"]) == 2
    assert "add --overwrite" in capsys.readouterr().err
    assert (folder / "designs" / "split.csv").read_bytes() == before


def test_an_unknown_method_is_told_all_there_are(capsys: Capture) -> None:
    assert main(["design", str(SMALL), "--method", "bogus", "--out", "next"]) == 2
    assert "balanced, fewest, geographic, hybrid, nearest, overlay, rebalance, segment" in capsys.readouterr().err


def bad_potential(folder: Path) -> None:
    edit(folder / "accounts.csv", "potential", "0")


def lock_against_rule(folder: Path) -> None:
    add(folder / "scenario.toml", RULES)
    (folder / "locks.csv").write_text("account,seat\nA03,R01\n", encoding="utf-8")


def lock_to_a_leaver(folder: Path) -> None:
    (folder / "locks.csv").write_text("account,seat\nA05,R02\n", encoding="utf-8")


def no_last_rule(folder: Path) -> None:
    add(folder / "scenario.toml", RULES.split("\n\n")[0])


def island(folder: Path) -> None:
    places = [f"A{k:02d}" for k in range(1, 13)] + ["R01", "R02", "R03"]
    legs = [f"{a},{b},600,5000\n" for a in places for b in places if a != b and "A05" not in (a, b)]
    (folder / "legs.csv").write_text("from,to,travel_s,distance_m\n" + "".join(legs), encoding="utf-8")
    toml = folder / "scenario.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace('"straight"', '"table"\ntable = "legs.csv"'), encoding="utf-8")


def nothing(folder: Path) -> None:
    pass


@pytest.mark.parametrize(
    ("spoil", "words", "code", "says"),
    [
        (nothing, ["--territories", "13"], 4, "13 territories for 12 accounts"),
        (nothing, ["--territories", "many"], 2, "neither a number above 0 nor auto"),
        (bad_potential, [], 4, "'potential' is zero for every account"),
        (lock_against_rule, ["--method", "hybrid"], 4, "'A03' is locked to R01, but rule 'health' does not allow it"),
        (lock_to_a_leaver, ["--without", "R02"], 4, "'A05' is locked to R02, who has no seat"),
        (no_last_rule, ["--method", "hybrid"], 4, "no rule matches account 'A01'"),
        (island, [], 3, "A05"),
        (nothing, ["--method", "hybrid"], 2, "needs rules"),
        (nothing, ["--method", "balnced"], 2, "did you mean 'balanced'?"),
        (nothing, ["--tolerance", "0"], 2, "tolerance 0"),
        (nothing, ["--contiguity", "strickt"], 2, "did you mean 'strict'?"),
        (nothing, ["--contiguity", "strict", "--method", "segment"], 2, "--method segment cannot keep territories in one piece"),
        (nothing, ["--contiguity", "strict", "--fill", "R02"], 2, "--fill cannot keep territories in one piece"),
        (nothing, ["--contiguity", "strict", "--vacate", "R02", "--policy", "similar"], 2, "policy 'similar' cannot keep"),
        (nothing, ["--metric", "potentials"], 2, "did you mean 'potential'?"),
        (nothing, ["--metric", "visits=x"], 2, "'x' is not a number"),
        (nothing, ["--method", "balanced", "--budget", "40"], 2, "--budget goes with --method rebalance"),
        (nothing, ["--method", "rebalance", "--budget", "many"], 2, "'many' is not a number"),
        (nothing, ["--method", "rebalance", "--budget", "4,5"], 2, "says one thing twice"),
        (nothing, ["--method", "rebalance", "--budget", "500%"], 2, "not between 0% and 100%"),
        (nothing, ["--without", "R99"], 2, "unknown rep 'R99'"),
        (nothing, ["--merge", "R01"], 2, "does not name two territories"),
        (nothing, ["--merge", "R01,R1"], 2, "no territory 'R1'"),
        (nothing, ["--split", "R9"], 2, "no territory 'R9'"),
        (nothing, ["--split", "R01", "--vacate", "R02"], 2, "exclude each other"),
        (nothing, ["--pivot", "industry:2"], 2, "is not COLUMN=VALUE:FACTOR"),
        (nothing, ["--pivot", "industry=helth:2"], 2, "did you mean 'health'?"),
        (nothing, ["--vacate", "R02", "--policy", "neerest"], 2, "did you mean 'nearest'?"),
        (nothing, ["--fill", "R02"], 2, "has a rep, R02"),
        (nothing, ["--method", "overlay", "--key", "industry=health"], 2, "name reps with --specialist"),
        (nothing, ["--method", "overlay", "--specialist", "R01"], 2, "say which with --key"),
        (nothing, ["--curve", "balance"], 2, "writes no design"),
        (nothing, ["--vacate", "R02", "--hire", "1"], 2, "--hire does nothing with --vacate"),
        (nothing, ["--split", "R02", "--method", "hybrid"], 2, "--method does nothing with --split"),
        (nothing, ["--merge", "R01,R02", "--metric", "visits"], 2, "--metric does nothing with --merge"),
        (nothing, ["--vacate", "R02", "--tolerance", "0.1"], 2, "--tolerance does nothing with --vacate"),
        (nothing, ["--explain", "A99"], 3, "unknown account 'A99'"),
        (nothing, ["--vacate", "R02", "--policy", "os:getcwd"], 2, "--allow-plugins"),
        (nothing, ["--method", "builtins:slice", "--allow-plugins"], 2, "method 'builtins:slice' returned"),
        (nothing, ["--method", "operator:truth", "--allow-plugins"], 2, "method 'operator:truth' failed: TypeError"),
        (nothing, ["--policy", "nearest"], 2, "--policy goes with --vacate"),
        (nothing, ["--key", "tier=A"], 2, "--key goes with --method overlay"),
        (nothing, ["--by", "city"], 2, "--by goes with --method geographic and --method segment"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    folder: Path, capsys: Capture, spoil: object, words: list[str], code: int, says: str
) -> None:
    spoil(folder)  # type: ignore[operator]
    assert main(["design", str(folder), *words, "--out", "next"]) == code
    printed = capsys.readouterr()
    assert says in printed.err
    assert printed.out == ""
    assert len(printed.err.splitlines()) == 1
    assert not (folder / "designs" / "next.csv").exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["A99"], "unknown account 'A99'"),
        ([], "name an account"),
        (["A01", "--lead", "lat=1"], "name an account"),
        (["--lead", "lat=1"], "both lat and lon"),
        (["--lead", "lat=91", "--lead", "lon=0"], "no place on earth"),
        (["--lead", "industry=food"], "where is the lead?"),
        (["--lead", "industri=food"], "did you mean 'industry'?"),
        (["--lead", "city=Nowhere"], "'Nowhere' cannot be placed"),
    ],
)
def test_a_question_about_owners_that_cannot_be_answered(folder: Path, capsys: Capture, words: list[str], says: str) -> None:
    assert main(["who-owns", str(folder), "today", *words]) in (2, 3)
    assert says in capsys.readouterr().err


def test_a_tolerance_that_cannot_be_met_is_a_best_effort_that_says_why(folder: Path, capsys: Capture) -> None:
    answer = made(capsys, folder, "--tolerance", "0.001")
    assert any("of its share of" in note for note in answer["notes"])  # type: ignore[attr-defined]


def test_all_accounts_in_one_place_still_make_a_design(folder: Path, capsys: Capture) -> None:
    edit(folder / "accounts.csv", "lat", "-29.95")
    edit(folder / "accounts.csv", "lon", "-71.25")
    assert made(capsys, folder)["design"] == "next"


def test_a_comparison_can_judge_by_the_market_after_a_pivot(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Scenario] = []

    def no_answer(scenario: Scenario, *_: object, **__: object) -> None:
        seen.append(scenario)
        raise UsageError("seen")

    monkeypatch.setattr(api, "compare_designs", no_answer)
    assert main(["compare", str(folder), "today", "split", "--pivot", "industry=health:3"]) == 2
    before = api.read_scenario(folder).accounts
    factor = seen[0].accounts.potential / before.potential
    assert factor.tolist() == [3.0 if trade == "health" else 1.0 for trade in before.industry]
    assert seen[0].name.endswith("with 3 times the potential of industry 'health'")


def test_a_design_that_is_stopped_while_it_is_written_leaves_the_scenario_sound(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    from fieldsim.scenario import write

    kept, written = write.write_atomic, []

    def stopped(path: Path, content: bytes) -> None:
        if len(written) == last:
            raise KeyboardInterrupt
        written.append(path.name)
        kept(path, content)

    monkeypatch.setattr(write, "write_atomic", stopped)
    for last in range(4):
        written.clear()
        code = main(["design", str(folder), "--hire", "1", "--out", "more", "--overwrite"])
        monkeypatch.setattr(write, "write_atomic", kept)
        assert main(["check", str(folder)]) == 0, written
        monkeypatch.setattr(write, "write_atomic", stopped)
        assert (code == 0) == (last == 3)
    assert written[-1] == "more.csv"
