"""Reading a folder: what comes out is what the files say, in an order of its own."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fieldsim.errors import FieldsimError
from fieldsim.scenario import check_scenario, design_names, read_design, read_scenario

SMALL = Path(__file__).parents[1] / "data" / "small"
MINIMAL = 'country = "US"\ntimezone = "America/New_York"\n[quarter]\nstart = 2026-11-30\n[quota]\ntotal = 1000\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SMALL, tmp_path / "small"))


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize("where", ['country = "US-IL"', 'country = "US"\nregion = "IL"', 'country = "US"\nregion = "US-IL"'])
def test_a_region_has_its_own_public_holidays(folder: Path, where: str) -> None:
    edit(folder / "scenario.toml", 'country = "CL"', where)
    illinois = read_scenario(folder)
    assert any("public holidays of US-IL on" in line for line in check_scenario(folder).assumptions)
    assert (illinois.country, illinois.region) == ("US", "IL")
    edit(folder / "scenario.toml", where, 'country = "US"')
    anywhere = read_scenario(folder)
    assert date(2027, 2, 12) in illinois.holidays - anywhere.holidays  # Lincoln's birthday
    assert date(2026, 11, 26) in illinois.holidays & anywhere.holidays
    assert illinois.content != anywhere.content


def test_reads_the_small_scenario() -> None:
    scenario = read_scenario(SMALL)
    assert (len(scenario.accounts), len(scenario.reps)) == (12, 3)
    assert (scenario.start, scenario.end) == (date(2026, 10, 1), date(2026, 12, 31))
    assert scenario.accounts.name[1] == "Hotel Faro"
    assert scenario.accounts.visits.tolist()[:4] == [6, 12, 12, 3]
    assert scenario.accounts.assumed == {("A12", "revenue_last_year")}
    assert scenario.accounts.revenue_last_year[11] == 0.5 * 27_000
    assert scenario.accounts.locked.tolist() == [False, True, *[False] * 10]
    assert scenario.reps[1].skills == {"health", "food"}
    assert date(2026, 12, 25) in scenario.holidays
    assert max(scenario.holidays) == date(2028, 12, 25)


def staged(folder: Path, *stages: str) -> None:
    """A column of stages, the first rows' as given, beside an open pipeline of 5,000 each."""
    header, *rows = (folder / "accounts.csv").read_text(encoding="utf-8").splitlines()
    cells = [*stages, *[""] * (len(rows) - len(stages))]
    text = [f"{header},open_pipeline,pipeline_stage", *(f"{row},5000,{cell}" for row, cell in zip(rows, cells, strict=True))]
    (folder / "accounts.csv").write_text("\n".join(text), encoding="utf-8")


def test_a_pipelines_stage_is_one_of_ours_or_of_the_files_own_list(folder: Path) -> None:
    plain = read_scenario(folder)
    assert plain.accounts.pipeline_stage == ()
    staged(folder, "qualified", "", "negotiation")
    first = read_scenario(folder)
    assert first.accounts.pipeline_stage[:4] == ("qualified", "", "negotiation", "")
    edit(folder / "accounts.csv", "5000,negotiation", "5000,negociation")
    with pytest.raises(FieldsimError, match=r"row 4.*pipeline_stage.*unknown stage 'negociation'.*negotiation"):
        read_scenario(folder)
    edit(folder / "accounts.csv", "5000,negociation", "5000,Closing")
    edit(folder / "accounts.csv", "5000,qualified", "5000,Lead")
    toml = folder / "scenario.toml"
    plain_text = toml.read_text(encoding="utf-8")
    own = '\n[pipeline]\nstages = ["Lead", "Call", "Needs", "Quote", "Trial", "Closing"]\n'
    toml.write_text(plain_text + own, encoding="utf-8")
    mapped = read_scenario(folder)
    assert mapped.accounts.pipeline_stage == first.accounts.pipeline_stage
    assert mapped.content == first.content != plain.content
    edit(toml, '"Lead", "Call"', '"Call", "Call"')
    with pytest.raises(FieldsimError, match="'Call' is empty or there twice"):
        read_scenario(folder)


def test_a_stage_without_an_open_pipeline_is_odd(folder: Path) -> None:
    staged(folder, "proposal", "proposal")
    edit(folder / "accounts.csv", "5000,proposal\nA02", "0,proposal\nA02")
    odd = [finding for finding in check_scenario(folder).warnings if finding.code == "stage_alone"]
    assert [finding.accounts for finding in odd] == [("A01",)]


@pytest.mark.parametrize("name", ["today", "split"])
def test_reads_both_designs(name: str) -> None:
    design = read_design(read_scenario(SMALL), name)
    assert design.rep_of.tolist() == [0, 1, 2]
    assert design.owner[0] == 0


def test_four_lines_are_enough(tmp_path: Path) -> None:
    (tmp_path / "scenario.toml").write_text(MINIMAL, encoding="utf-8")
    (tmp_path / "accounts.csv").write_text("account,postal_code\nA1,02139\n", encoding="utf-8")
    (tmp_path / "reps.csv").write_text("rep,lat,lon\nR1,42.3,-71.1\n", encoding="utf-8")
    scenario = read_scenario(tmp_path)
    assert scenario.name == tmp_path.name
    assert (scenario.end, scenario.accounts.tier) == (date(2027, 2, 27), ("C",))
    assert scenario.accounts.assumed == {("A1", "tier"), ("A1", "potential"), ("A1", "revenue_last_year")}
    assert scenario.day.lunch is not None


def test_a_tier_of_ones_own_keeps_the_built_in_values_it_does_not_name(folder: Path) -> None:
    with (folder / "scenario.toml").open("a", encoding="utf-8") as file:
        file.write("[tiers.A]\nvisits = 24\n[tiers.B]\n[tiers.C]\n[tiers.Gold]\nvisits = 2\nvisit_minutes = 90\n")
    tiers = read_scenario(folder).tiers
    assert list(tiers) == ["A", "B", "C", "Gold"]
    assert (tiers["A"].visits, tiers["A"].visit_minutes) == (24, 45.0)
    assert tiers["Gold"].priority == 1
    assert np.isnan(tiers["Gold"].potential)


def test_a_lunch_of_no_minutes_is_no_lunch(folder: Path) -> None:
    with (folder / "scenario.toml").open("a", encoding="utf-8") as file:
        file.write("[day]\nlunch_minutes = 0\nshift_start = 07:30:00\n")
    scenario = read_scenario(folder)
    assert scenario.day.lunch is None
    assert scenario.reps[0].shift_start_s == 7 * 3600 + 1800


def test_row_order_changes_nothing(folder: Path) -> None:
    before = read_scenario(folder)
    for name in ("accounts.csv", "reps.csv"):
        header, *rows = (folder / name).read_text(encoding="utf-8").splitlines()
        random.Random(3).shuffle(rows)
        (folder / name).write_text("\n".join([header, *rows]), encoding="utf-8")
    after = read_scenario(folder)
    assert after.content == before.content
    assert after.accounts.ids == before.accounts.ids
    assert after.reps == before.reps


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "accounts.csv").rename(folder / "customers.csv"),
        lambda folder: pl.read_csv(folder / "accounts.csv").write_parquet(folder / "customers.parquet"),
        lambda folder: pl.read_csv(folder / "accounts.csv").write_excel(folder / "customers.xlsx"),
    ],
)
def test_neither_format_nor_name_of_a_file_changes_the_content(folder: Path, change: Callable[[Path], object]) -> None:
    before = read_scenario(folder).content
    change(folder)
    (folder / "accounts.csv").unlink(missing_ok=True)
    name = next(path.name for path in folder.iterdir() if path.stem == "customers")
    edit(folder / "scenario.toml", 'name = "Small"', f'name = "Other"\naccounts = "{name}"')
    assert read_scenario(folder).content == before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("accounts.csv", "82000", "82001"),
        ("accounts.csv", "-29.901", "-29.902"),
        ("accounts.csv", "Panaderia Norte", "Panaderia Sur"),
        ("accounts.csv", "Mo-Fr 07:30-18:00", "Mo-Fr 07:30-18:30"),
        ("reps.csv", "mining", "retail"),
        ("reps.csv", "110000", "110001"),
        ("scenario.toml", "detour = 1.3", "detour = 1.4"),
        ("scenario.toml", "2026-10-01", "2026-10-02"),
        ("scenario.toml", '"today"', '"split"'),
        ("scenario.toml", '"CL"', '"AR"'),
        ("scenario.toml", "total = 300000", "total = 300000\n[parameters]\nelasticity = 0.3"),
    ],
)
def test_whatever_decides_answers_changes_the_content(folder: Path, file: str, old: str, new: str) -> None:
    before = read_scenario(folder).content
    edit(folder / file, old, new)
    assert read_scenario(folder).content != before


def test_history_is_part_of_the_scenario(folder: Path) -> None:
    before = read_scenario(folder).content
    lines = [
        "date,rep,account,kind,outcome,amount,arrive_s",
        "2026-09-02,R09,A02,order,,50.5,",
        "2026-09-01,R01,A01,visit,held,,32400",
    ]
    (folder / "history.csv").write_text("\n".join(lines), encoding="utf-8")
    scenario = read_scenario(folder)
    assert scenario.content != before
    assert scenario.history is not None
    assert scenario.history["date"] == (date(2026, 9, 1), date(2026, 9, 2))
    assert scenario.history["rep"] == ("R01", "R09")
    assert scenario.history["amount"] == (None, 50.5)
    assert scenario.history["arrive_s"] == (32400.0, None)
    (folder / "history.csv").write_text("\n".join([lines[0], *reversed(lines[1:])]), encoding="utf-8")
    assert read_scenario(folder).content == scenario.content


def test_quotas_may_come_from_the_reps(folder: Path) -> None:
    edit(folder / "scenario.toml", "total = 300000", 'basis = "given"')
    scenario = read_scenario(folder)
    assert scenario.quota.total is None
    assert [rep.quota for rep in scenario.reps] == [110_000.0, 100_000.0, 90_000.0]


MANGLED = ("scenario.toml", "accounts.csv", "reps.csv", "designs/today.csv")


@st.composite
def damages(draw: st.DrawFn) -> list[tuple[str, float, int, bytes]]:
    """Places in files where bytes go missing and others come in."""
    scraps = st.sampled_from(
        [b"", b",", b"\n", b'"', b";", b"\0", b"\xff", b"nan", b"-1", b"=", b"[", b"\xef\xbb\xbf", b"9" * 400]
    )
    one = st.tuples(st.sampled_from(MANGLED), st.floats(0.0, 1.0), st.integers(0, 40), scraps)
    return draw(st.lists(one, min_size=1, max_size=3))


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(damage=damages())
def test_damaged_files_never_end_in_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, damage: list[tuple[str, float, int, bytes]]
) -> None:
    folder = Path(shutil.copytree(SMALL, tmp_path_factory.mktemp("damaged") / "small"))
    for file, where, length, scrap in damage:
        data = (folder / file).read_bytes()
        at = int(where * len(data))
        (folder / file).write_bytes(data[:at] + scrap + data[at + length :])
    assert check_scenario(folder).ok == (complaint(folder) is None)


def complaint(folder: Path) -> str | None:
    """What reading the scenario and its designs says, None if all is well."""
    try:
        scenario = read_scenario(folder)
        for name in design_names(folder):
            read_design(scenario, name)
    except FieldsimError as error:
        return str(error) if "\n" not in str(error) else pytest.fail(f"more than a line: {error}")
    return None
