"""The doors: exit codes, one-line errors, JSON errors, clean stdout."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from fieldsim import api
from fieldsim.cli import main

SMALL = str(Path(__file__).parents[1] / "data" / "small")
Capture = pytest.CaptureFixture[str]


def test_help_and_version_answer(capsys: Capture) -> None:
    assert main(["--help"]) == 0
    assert "compare" in capsys.readouterr().out
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("fieldsim ")


def test_no_command_is_cut_short_in_the_list(capsys: Capture) -> None:
    for group in ([], ["roads"], ["export"]):
        assert main([*group, "--help"]) == 0
        assert "..." not in capsys.readouterr().out.split("Commands:")[1]


def test_help_imports_nothing_heavy() -> None:
    heavy = "{'numpy', 'polars', 'rich.table', 'ortools', 'osmnx', 'bokeh'}"
    code = f"import sys; from fieldsim.cli import main; main(['--help']); sys.exit(bool({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0


def test_no_command_shows_the_help_on_several_lines(capsys: Capture) -> None:
    assert main([]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("Usage: fieldsim")
    assert len(printed.err.splitlines()) > 10


def test_a_misspelt_command_is_not_asked_for_its_help(capsys: Capture) -> None:
    assert main(["chek"]) == 2
    assert "see fieldsim --help" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["check", SMALL], ["plan", SMALL, "today"], ["check", SMALL, "--json"]])
def test_a_reader_who_leaves_early_is_no_error(words: list[str]) -> None:
    code = f"import sys; from fieldsim.cli import main; sys.exit(main({words!r}))"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    said = process.stderr.read()
    process.stderr.close()
    assert (process.wait(), said) == (0, b"")


def test_ctrl_c_says_in_one_line_that_nothing_is_lost(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(api, "read_scenario", interrupted)
    assert main(["plan", SMALL, "today"]) == 130
    printed = capsys.readouterr()
    assert (printed.out, len(printed.err.splitlines())) == ("", 1)
    assert "the same command goes on from there" in printed.err


def test_names_that_look_like_marks_are_shown_as_they_are(tmp_path: Path, capsys: Capture) -> None:
    folder = Path(shutil.copytree(SMALL, tmp_path / "small"))
    for path in (folder / "reps.csv", folder / "designs/today.csv", folder / "accounts.csv"):
        path.write_text(path.read_text(encoding="utf-8").replace("R01", "[/x]:a:"), encoding="utf-8")
    assert main(["plan", str(folder), "today"]) == 0
    assert "[/x]:a:" in capsys.readouterr().out


def test_an_error_shows_no_escape_sequences(tmp_path: Path, capsys: Capture) -> None:
    folder = Path(shutil.copytree(SMALL, tmp_path / "small"))
    text = (folder / "accounts.csv").read_text(encoding="utf-8")
    (folder / "accounts.csv").write_text(text.replace("82000", "\x1b[31m"), encoding="utf-8")
    assert main(["compare", str(folder)]) == 3
    assert "\x1b" not in capsys.readouterr().err


@pytest.mark.parametrize(("cut", "file", "row"), [("A03", "accounts.csv", 4), ("R02", "reps.csv", 3)])
def test_a_place_that_cannot_be_reached_is_named_by_file_and_row(
    tmp_path: Path, capsys: Capture, cut: str, file: str, row: int
) -> None:
    folder = Path(shutil.copytree(SMALL, tmp_path / "small"))
    places = [f"A{k:02d}" for k in range(1, 13)] + ["R01", "R02", "R03"]
    legs = [f"{a},{b},600,5000\n" for a in places for b in places if a != b and cut not in (a, b)]
    (folder / "legs.csv").write_text("from,to,travel_s,distance_m\n" + "".join(legs), encoding="utf-8")
    toml = folder / "scenario.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace('engine = "straight"', 'engine = "table"\ntable = "legs.csv"'))
    for command in ("check", "compare"):
        assert main([command, str(folder), "--json"]) == 3
        said = json.loads(capsys.readouterr().out)
        error = said["errors"][0] if command == "check" else said["error"]
        assert (error["file"], error["row"], error["column"]) == (file, row, "lat,lon")
        assert f"'{cut}'" in error["message"]


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("[tiers.B]\n[tiers.C]\n[tiers.A]\nvisits = 100", "tier 'A': a calls elasticity of 0.34 is out of reach"),
        ("[parameters]\nelastcity = 0.3", "did you mean"),
    ],
)
def test_check_finds_a_market_that_cannot_be_set_up(tmp_path: Path, capsys: Capture, lines: str, says: str) -> None:
    folder = Path(shutil.copytree(SMALL, tmp_path / "small"))
    with (folder / "scenario.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n{lines}\n")
    assert main(["check", str(folder)]) == 3
    assert says in " ".join(capsys.readouterr().out.split())


def test_a_tier_that_no_account_has_needs_no_market(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SMALL, tmp_path / "small"))
    with (folder / "scenario.toml").open("a", encoding="utf-8") as file:
        file.write("\n[tiers.A]\n[tiers.B]\n[tiers.C]\n[tiers.D]\nvisits = 100\nvisit_minutes = 30\npotential = 1\n")
    book = (folder / "accounts.csv").read_text(encoding="utf-8")
    assert ",D," not in book
    assert main(["check", str(folder)]) == 0


def test_a_plan_is_written_as_a_file(tmp_path: Path, capsys: Capture) -> None:
    assert main(["plan", SMALL, "today", "--json", "--out", str(tmp_path / "plan.csv")]) == 0
    visits = json.loads(capsys.readouterr().out)["visits"]
    assert len((tmp_path / "plan.csv").read_text(encoding="utf-8").splitlines()) == len(visits) + 1


def test_an_explanation_and_a_design_are_one_object(tmp_path: Path, capsys: Capture) -> None:
    folder = shutil.copytree(SMALL, tmp_path / "small")
    assert main(["design", str(folder), "--out", "next", "--explain", "A01", "--json"]) == 0
    assert {"explanation", "design", "moves"} <= set(json.loads(capsys.readouterr().out))


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["no-such-command"], 2),
        (["check"], 2),
        (["compare", SMALL, "--horizon", "0"], 2),
        (["compare", SMALL, "no-such-design"], 2),
        (["check", "no-such-folder"], 3),
        (["route", SMALL, "today", "--rep", "R99", "--date", "2026-10-05"], 3),
        (["route", SMALL, "today", "--rep", "R01", "--date", "soon"], 3),
        (["route", SMALL, "today", "--rep", "R01", "--date", "2036-10-05"], 3),
        (["route", SMALL, "today"], 2),
        (["route", "--problem", "no-such-file.json"], 3),
        (["travel", SMALL, "--from", "A01", "--to", "nobody"], 3),
        (["travel", SMALL, "--from", "R01", "--to", "R02", "--at", "25:00"], 3),
        (["route", SMALL, "today", "--rep", "R01", "--date", "2026-10-05", "--format", "ics", "--out", SMALL], 2),
        (["compare", SMALL, "--out", SMALL], 2),
        (["compare", SMALL, "--log", f"{SMALL}/reps.csv"], 2),
        (["plan", SMALL, "today", "--out", SMALL], 2),
        (["design", SMALL, "--out", "today"], 2),
    ],
)
def test_what_is_wrong_has_an_exit_code_and_one_line(words: list[str], code: int, capsys: Capture) -> None:
    assert main(words) == code
    printed = capsys.readouterr()
    assert printed.out == "" or words[0] in ("check", "plan")
    assert len(printed.err.splitlines()) <= 1
    assert "Traceback" not in printed.err


@pytest.mark.parametrize(
    "words",
    [
        ["compare", SMALL, "--log", "/dev/null/log"],
        ["compare", SMALL, "--out", "/dev/null/report.html"],
        ["stress", SMALL, "today", "--log", "/dev/null/a/b"],
        ["plan", SMALL, "today", "--out", "/dev/null/plan.csv"],
        ["demo", "--out", "/dev/null/report.html"],
        ["route", SMALL, "today", "--rep", "R01", "--date", "2026-10-05", "--format", "ics", "--out", "/dev/null/day.ics"],
        ["roads", "import", "no-such-file.osm", "--out", "/dev/null/roads.npz"],
    ],
)
def test_a_place_that_cannot_be_written_is_told_before_anything_runs(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr(api, "read_scenario", None)
    assert main(words) == 2
    assert "cannot write to '/dev/null" in capsys.readouterr().err


@pytest.mark.parametrize("plans", [1, 2])
def test_the_log_of_every_replication_under_every_plan_has_the_printed_means(plans: int, tmp_path: Path, capsys: Capture) -> None:
    log = tmp_path / "deep" / "log"
    asked = ["compare", SMALL, "today", "split", "--screen", "0", "--workers", "1", "--log", str(log), "--json"]
    assert main([*asked, "--plans", str(plans), "--log-replications", "99"]) == 0
    printed = capsys.readouterr()
    answer = json.loads(printed.out)
    assert (
        f"log: {log}  (replications 0 to {answer['replications'] - 1}{', each under 2 plans' if plans > 1 else ''})"
        in printed.err
    )
    ledger = pl.read_parquet(log / "ledger.parquet").filter(pl.col("kind").is_in(["order", "deal"]))
    for each in answer["designs"]:
        mine = ledger.filter(design=each["design"])
        assert set(mine["plan"]) == set(range(1, plans + 1))
        mean = (mine["amount"] * mine["revenue_share"]).sum() / answer["replications"] / plans
        assert mean == pytest.approx(each["kpis"]["revenue"]["mean"])


def test_a_format_that_is_not_json_excludes_json(capsys: Capture) -> None:
    assert main(["route", SMALL, "today", "--rep", "R01", "--date", "2026-10-05", "--format", "ics", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "usage"


def test_an_error_with_json_is_an_object_on_stdout(capsys: Capture) -> None:
    assert main(["route", SMALL, "today", "--rep", "R99", "--date", "2026-10-05", "--json"]) == 3
    error = json.loads(capsys.readouterr().out)["error"]
    assert set(error) == {"code", "message", "file", "row", "column", "hint"}
    assert "R99" in error["message"]


def test_travel_tells_the_times_both_ways(capsys: Capture) -> None:
    assert main(["travel", SMALL, "--from", "R01", "--from", "R02", "--to", "R02", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["travel_s"][1] == [0]
    assert answer["travel_s"][0][0] > 0


def test_a_bare_problem_comes_in_and_an_answer_goes_out(tmp_path: Path, capsys: Capture) -> None:
    problem = tmp_path / "day.json"
    visit = {"id": "V", "at": 1, "service_s": 600, "windows": [[30000, 40000]]}
    stated = {"travel_s": [[0, 600], [500, 0]], "start": 0, "end": 0, "shift": [28800, 61200], "visits": [visit]}
    problem.write_text(json.dumps(stated))
    assert main(["route", "--problem", str(problem)]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["status"], answer["travel_s"], answer["served"]) == ("optimal", 1100, 1)
    problem.write_text("{")
    assert main(["route", "--problem", str(problem)]) == 3


def test_a_day_off_is_no_answer_with_the_next_working_day(capsys: Capture) -> None:
    assert main(["route", SMALL, "today", "--rep", "R01", "--date", "2026-10-10"]) == 4
    assert "next: 2026-10-13" in capsys.readouterr().err


def test_a_day_comes_in_every_format(tmp_path: Path, capsys: Capture) -> None:
    scenario = api.read_scenario(SMALL)
    plan = api.plan_quarter(scenario, api.read_design(scenario, "today"), rep="R01")
    busy = next(part for part in plan.territories if len(part.day))
    asked = ["route", SMALL, "today", "--rep", "R01", "--date", str(plan.days[int(busy.day[0])])]
    for form, sign in (("geojson", "FeatureCollection"), ("ics", "BEGIN:VCALENDAR"), ("gpx", "<gpx"), ("link", "https://")):
        assert main([*asked, "--format", form]) == 0
        assert sign in capsys.readouterr().out
    assert main([*asked, "--format", "json", "--out", str(tmp_path / "day.json")]) == 0
    assert json.loads((tmp_path / "day.json").read_text())["stops"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the small scenario that may be written to."""
    return Path(shutil.copytree(SMALL, tmp_path / "small"))


def test_check_speaks_of_files_places_and_the_market(capsys: Capture) -> None:
    assert main(["check", SMALL, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["ok"]
    assert answer["counts"]["accounts"] == 12
    assert {"name", "value", "unit", "range", "source"} == set(answer["market_assumptions"][0])


@pytest.mark.parametrize("command", [["check"], ["compare"]])
def test_missing_roads_have_one_exit_code(command: list[str], folder: Path, capsys: Capture) -> None:
    text = (folder / "scenario.toml").read_text(encoding="utf-8")
    (folder / "scenario.toml").write_text(text.replace('engine = "straight"', 'roads = "roads.npz"'), encoding="utf-8")
    assert main([*command, str(folder)]) == 5
    assert "roads.npz" in "".join(capsys.readouterr())


def test_check_finds_an_account_far_from_every_road(folder: Path, capsys: Capture) -> None:
    coquimbo = Path(__file__).parents[2] / "scenarios" / "coquimbo"
    shutil.copy(coquimbo / "roads.npz", folder)
    toml = (folder / "scenario.toml").read_text(encoding="utf-8")
    (folder / "scenario.toml").write_text(
        toml.replace('engine = "straight"', 'engine = "auto"\nroads = "roads.npz"'), encoding="utf-8"
    )
    lines = (folder / "accounts.csv").read_text(encoding="utf-8").splitlines()
    header, first = lines[0].split(","), lines[1].split(",")
    first[header.index("lat")], first[header.index("lon")] = "-33.5", "-80.0"
    (folder / "accounts.csv").write_text("\n".join([lines[0], ",".join(first), *lines[2:]]) + "\n", encoding="utf-8")
    assert main(["check", str(folder)]) == 3
    assert first[header.index("account")] in capsys.readouterr().out
    assert main(["compare", str(folder)]) == 3
    assert first[header.index("account")] in capsys.readouterr().err


def test_a_design_is_written_with_its_reasons_and_read_back(folder: Path, capsys: Capture) -> None:
    assert main(["design", str(folder), "--method", "balanced", "--out", "next", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["design"] == "next"
    assert answer["moved"] == len(answer["moves"])
    scenario = api.read_scenario(folder)
    before, after = (api.read_design(scenario, name) for name in (str(scenario.current), "next"))
    changed = [a for a, x, y in zip(scenario.accounts.ids, before.owner, after.owner, strict=True) if x != y]
    assert sorted(move["account"] for move in answer["moves"]) == changed


def test_a_leavers_book_goes_to_others(folder: Path, capsys: Capture) -> None:
    assert main(["design", str(folder), "--vacate", "R01", "--out", "without"]) == 0
    scenario = api.read_scenario(folder)
    ids = [rep.id for rep in scenario.reps]
    assert ids.index("R01") not in api.read_design(scenario, "without").owner
    assert main(["design", str(folder), "--vacate", "R99", "--out", "never"]) != 0
    assert not (folder / "designs" / "never.csv").exists()


def test_a_design_needs_a_name_or_a_question(capsys: Capture) -> None:
    assert main(["design", SMALL]) == 2
    assert main(["design", SMALL, "--explain", "A01"]) == 0
    assert "A01" in capsys.readouterr().out


def test_the_doctor_finds_everything_well(capsys: Capture) -> None:
    assert main(["doctor", "--json"]) == 0
    health = json.loads(capsys.readouterr().out)
    assert all(test["passed"] for test in health["smoke_test"])
    assert main(["doctor", "--clear-cache"]) == 0
