"""What users get wrong: each mistake is one line that names file, row, column and value, and never a traceback."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from fieldsim.errors import DataError
from fieldsim.scenario import check_scenario, read_design, read_scenario

SMALL = Path(__file__).parents[1] / "data" / "small"
Edit = Callable[[Path], None]


def change(file: str, old: str, new: str) -> Edit:
    """Replace text that the file holds exactly once."""

    def edit(folder: Path) -> None:
        text = (folder / file).read_text(encoding="utf-8")
        assert text.count(old) == 1, (file, old, text.count(old))
        (folder / file).write_text(text.replace(old, new), encoding="utf-8")

    return edit


def write(file: str, content: str | bytes) -> Edit:
    """Replace a file."""

    def edit(folder: Path) -> None:
        (folder / file).parent.mkdir(exist_ok=True)
        (folder / file).write_bytes(content.encode() if isinstance(content, str) else content)

    return edit


def remove(file: str) -> Edit:
    """Delete a file."""
    return lambda folder: (folder / file).unlink()


def both(*edits: Edit) -> Edit:
    """One edit after the other."""

    def edit(folder: Path) -> None:
        for each in edits:
            each(folder)

    return edit


def toml(lines: str) -> Edit:
    """Add lines at the end of scenario.toml."""

    def edit(folder: Path) -> None:
        with (folder / "scenario.toml").open("a", encoding="utf-8") as file:
            file.write(f"\n{lines}\n")

    return edit


def book(**cells: str) -> Edit:
    """Change cells of A02 (row 3) by column."""

    def edit(folder: Path) -> None:
        path = folder / "accounts.csv"
        frame = pl.read_csv(path, infer_schema=False)
        here = pl.col("account") == "A02"
        columns = [pl.when(here).then(pl.lit(value)).otherwise(pl.col(name)).alias(name) for name, value in cells.items()]
        frame.with_columns(columns).write_csv(path)

    return edit


ACCOUNTS, REPS, TOML, TODAY, SHARES = (
    "accounts.csv",
    "reps.csv",
    "scenario.toml",
    "designs/today.csv",
    "designs/today.overlays.csv",
)
OVERLAY = "account,rep,revenue_share,quota_credit,visit_share\n"
HISTORY = "date,rep,account,kind,outcome,amount\n"


@dataclass(frozen=True)
class Mistake:
    """An edit of the small scenario, and what the error must say about it."""

    edit: Edit
    file: str
    row: int | None
    column: str | None
    says: str


MISTAKES = {
    # cells of accounts
    "bad number": Mistake(book(potential="12k"), ACCOUNTS, 3, "potential", "'12k' is not a number"),
    "NaN potential": Mistake(book(potential="NaN"), ACCOUNTS, 3, "potential", "'NaN' is not a number"),
    "infinite potential": Mistake(book(potential="inf"), ACCOUNTS, 3, "potential", "'inf' is not a number"),
    "negative potential": Mistake(book(potential="-5"), ACCOUNTS, 3, "potential", "'-5' is not 0 or more"),
    "potential beyond all money": Mistake(
        book(potential="1e308"), ACCOUNTS, 3, "potential", "'1e308' is not between 0 and 1e+15"
    ),
    "negative revenue": Mistake(book(revenue_last_year="-1"), ACCOUNTS, 3, "revenue_last_year", "'-1' is not 0 or more"),
    "latitude 95": Mistake(book(lat="95"), ACCOUNTS, 3, "lat", "'95' is not between -90 and 90"),
    "longitude 200": Mistake(book(lon="200"), ACCOUNTS, 3, "lon", "'200' is not between -180 and 180"),
    "half a coordinate": Mistake(book(lat=""), ACCOUNTS, 3, "lat", "no value, but lon is '-71.270'"),
    "coordinates 0,0": Mistake(book(lat="0", lon="0.0"), ACCOUNTS, 3, "lat", "'0,0'"),
    "swapped coordinates": Mistake(book(lat="-71.270", lon="-29.906"), ACCOUNTS, 3, "lat", "did lat and lon change places?"),
    "degrees and minutes": Mistake(book(lat="29°54'S"), ACCOUNTS, 3, "lat", "'29°54'S' is not a number"),
    "no place at all": Mistake(book(lat="", lon=""), ACCOUNTS, 3, "lat", "1 of 12 accounts cannot be placed: A02"),
    "duplicate id": Mistake(change(ACCOUNTS, "A03,", "A01,"), ACCOUNTS, 4, "account", "'A01' is there twice, first in row 2"),
    "no id": Mistake(change(ACCOUNTS, "A03,", ","), ACCOUNTS, 4, "account", "no value"),
    "unknown tier": Mistake(book(tier="AA"), ACCOUNTS, 3, "tier", "unknown tier 'AA'"),
    "bad hours": Mistake(book(opens="Mo-Fr 9am-5pm"), ACCOUNTS, 3, "opens", "'Mo-Fr 9am-5pm' is not readable as opening hours"),
    "remote over 1": Mistake(book(remote="50"), ACCOUNTS, 3, "remote", "'50' is not between 0 and 1"),
    "locked maybe": Mistake(book(locked="maybe"), ACCOUNTS, 3, "locked", "'maybe' is neither true nor false"),
    "its own parent": Mistake(book(parent="A02"), ACCOUNTS, 3, "parent", "account 'A02' is its own parent"),
    "half a visit": Mistake(change(ACCOUNTS, ",locked", ",visits"), ACCOUNTS, 3, "visits", "'yes' is not a number"),
    # tables
    "missing column": Mistake(write(REPS, "rep,lat\nR01,-30\n"), REPS, 1, "lon", "the column is missing"),
    "renamed column": Mistake(change(ACCOUNTS, "account,", "id,"), ACCOUNTS, 1, "account", "the column is missing"),
    "missing lat of reps": Mistake(change(REPS, ",lat,lon,", ",name2,lon,"), REPS, 1, "name2", "unknown column"),
    "misspelt column": Mistake(
        change(ACCOUNTS, ",potential,", ",potental,"), ACCOUNTS, 1, "potental", "did you mean 'potential'?"
    ),
    "column twice": Mistake(change(ACCOUNTS, ",segment,", ",tier,"), ACCOUNTS, 1, "tier", "two columns have this header"),
    "column without header": Mistake(change(ACCOUNTS, ",segment,", ",,"), ACCOUNTS, 1, None, "values but no header"),
    "empty file": Mistake(write(ACCOUNTS, ""), ACCOUNTS, None, None, "the file is empty"),
    "blank file": Mistake(write(ACCOUNTS, "\n\n  \n"), ACCOUNTS, None, None, "the file is empty"),
    "header only": Mistake(write(REPS, "rep,lat,lon\n"), REPS, 1, None, "no rows below the header"),
    "missing file": Mistake(remove(REPS), REPS, None, None, "no such file"),
    "two files": Mistake(write("accounts.xlsx", "x"), ACCOUNTS, None, None, "accounts.csv and accounts.xlsx both exist"),
    "wrong encoding": Mistake(
        lambda folder: (folder / ACCOUNTS).write_bytes((folder / ACCOUNTS).read_bytes().replace(b"Panaderia", b"Panader\xeda")),
        ACCOUNTS,
        2,
        None,
        "byte 0xed in",
    ),
    "NUL bytes": Mistake(change(ACCOUNTS, "Hotel Faro", "Hotel\0Faro"), ACCOUNTS, 3, None, "NUL"),
    "short row": Mistake(change(ACCOUNTS, "A12,", "A13,Cut off\nA12,"), ACCOUNTS, 13, None, "2 cells, but the header has 15"),
    "open quote": Mistake(change(ACCOUNTS, "Hotel Faro", '"Hotel Faro'), ACCOUNTS, 3, None, "not readable as CSV"),
    "XLSX that is none": Mistake(both(remove(REPS), write("reps.xlsx", "rep,lat,lon\n")), "reps.xlsx", None, None, "XLSX"),
    "Parquet that is none": Mistake(both(remove(REPS), write("reps.parquet", "rep")), "reps.parquet", None, None, "Parquet"),
    "folder in place of a file": Mistake(
        both(remove(ACCOUNTS), lambda folder: (folder / ACCOUNTS).mkdir()), ACCOUNTS, None, None, "a folder, not a file"
    ),
    "strange suffix": Mistake(change(TOML, "current =", 'reps = "scenario.toml"\ncurrent ='), TOML, None, None, "'.toml' files"),
    # reps
    "negative quota": Mistake(change(REPS, "110000", "-110000"), REPS, 2, "quota", "'-110000' is not 0 or more"),
    "no quota": Mistake(
        both(change(TOML, "total = 300000", ""), change(REPS, ",110000,", ",,")), REPS, 2, "quota", "rep 'R01' has no quota"
    ),
    "capacity 3": Mistake(change(REPS, "rep,name", "rep,capacity"), REPS, 2, "capacity", "'Ana Rojas' is not a number"),
    "bad date": Mistake(change(REPS, "2021-03-01", "01.03.2021"), REPS, 2, "start", "'01.03.2021' is not a date"),
    "rep without home": Mistake(change(REPS, "-29.905,-71.250", ","), REPS, 2, "lat", "no value"),
    "rep twice": Mistake(change(REPS, "R02,", "R01,"), REPS, 3, "rep", "'R01' is there twice, first in row 2"),
    "left before the quarter": Mistake(
        write(REPS, "rep,lat,lon,end\nR01,-30,-71,2026-09-30\n"), REPS, 2, "end", "'2026-09-30' lies before the quarter"
    ),
    "shift reversed": Mistake(
        write(REPS, "rep,lat,lon,shift_start,shift_end\nR01,-30,-71,17:00,08:00\n"), REPS, 2, "shift_end", "17:00 to 08:00"
    ),
    "shift at 25": Mistake(
        write(REPS, "rep,lat,lon,shift_end\nR01,-30,-71,25:00\n"), REPS, 2, "shift_end", "'25:00' is not a time"
    ),
    # scenario.toml
    "missing toml": Mistake(remove(TOML), TOML, None, None, "no such file"),
    "toml syntax": Mistake(change(TOML, "[quarter]", "[quarter"), TOML, 7, None, "not readable as TOML"),
    "toml encoding": Mistake(
        lambda folder: (folder / TOML).write_bytes((folder / TOML).read_bytes().replace(b"Small", b"Sm\xe5ll")),
        TOML,
        1,
        None,
        "not UTF-8 text",
    ),
    "unknown key": Mistake(change(TOML, "country", "contry"), TOML, 2, None, "unknown key 'contry' (did you mean 'country'?"),
    "unknown nested key": Mistake(change(TOML, "speed_kmh", "sped_kmh"), TOML, 12, None, "did you mean 'speed_kmh'?"),
    "unknown tier key": Mistake(toml("[tiers.A]\nvisit = 3"), TOML, 19, None, "did you mean 'visits'?"),
    "unknown country": Mistake(change(TOML, '"CL"', '"Chile"'), TOML, 2, None, "country = 'Chile'"),
    "a country by name": Mistake(change(TOML, '"CL"', '"Chile"'), TOML, 2, None, "did you mean 'CL'?"),
    "unknown region": Mistake(change(TOML, '"CL"', '"US-XX"'), TOML, 2, None, "no region of US has that code; known: AK, AL"),
    "a region by name": Mistake(
        change(TOML, '"CL"', '"US"\nregion = "Illinois"'), TOML, 3, None, "region = 'Illinois': no region of US has that code; "
    ),
    "two regions": Mistake(
        change(TOML, '"CL"', '"US-IL"\nregion = "WI"'), TOML, 3, None, "country = 'US-IL' names another region"
    ),
    "a region where there is none": Mistake(change(TOML, '"CL"', '"DK"\nregion = "X"'), TOML, 3, None, "it has none"),
    "unknown time zone": Mistake(
        change(TOML, "America/Santiago", "America/Santigo"), TOML, 3, None, "timezone = 'America/Santigo'"
    ),
    "no start": Mistake(change(TOML, "start = 2026-10-01", ""), TOML, 7, None, "'quarter.start' is missing"),
    "bad start": Mistake(change(TOML, "2026-10-01", '"1 Oct"'), TOML, 8, None, "quarter.start = '1 Oct'"),
    "year 9999": Mistake(change(TOML, "2026-10-01", "9999-12-01"), TOML, 8, None, "quarter.start = 9999-12-01: should be less"),
    "date without dashes": Mistake(change(TOML, "2026-10-01", "20261001"), TOML, 8, None, "quarter.start = 20261001: not a date"),
    "date with a time": Mistake(
        change(TOML, "2026-10-01", "2026-10-01T10:00:00"), TOML, 8, None, "quarter.start = 2026-10-01T10:00:00: not a date"
    ),
    "no working day": Mistake(
        change(TOML, "2026-10-01", "2026-10-03\nend = 2026-10-04"), TOML, 8, None, "no working day from 2026-10-03 to 2026-10-04"
    ),
    "quarter reversed": Mistake(
        change(TOML, "start = 2026-10-01", "start = 2026-10-01\nend = 2026-09-01"), TOML, 7, None, "end 2026-09-01 must lie"
    ),
    "day's shift reversed": Mistake(
        toml('[day]\nshift_start = "18:00"'), TOML, 18, None, "shift_end must be later than shift_start"
    ),
    "lunch outside the shift": Mistake(toml('[day]\nlunch_latest = "17:00"'), TOML, 18, None, "must lie inside the shift"),
    "lunch reversed": Mistake(toml('[day]\nlunch_latest = "11:00"'), TOML, 18, None, "lunch_latest must not be before"),
    "bad time": Mistake(toml('[day]\nshift_start = "8 am"'), TOML, 19, None, "day.shift_start = '8 am'"),
    "negative total": Mistake(change(TOML, "300000", "-1"), TOML, 16, None, "quota.total = -1"),
    "infinite parameter": Mistake(toml("[parameters]\nelasticity = inf"), TOML, 19, None, "parameters.elasticity = inf"),
    "parameter in words": Mistake(toml('[parameters]\nelasticity = "high"'), TOML, 19, None, "parameters.elasticity = 'high'"),
    "a text for a list of columns": Mistake(
        toml('[columns]\namounts = "beds"'),
        TOML,
        19,
        None,
        "columns.amounts = 'beds': should be a list in brackets (write amounts = [\"beds\"])",
    ),
    "a text for a list of times": Mistake(
        change(TOML, "detour = 1.3", 'detour = 1.3\nperiods = "07:00"'), TOML, 14, None, '(write periods = ["07:00"])'
    ),
    "a text for a list of stages": Mistake(
        toml('[pipeline]\nstages = "Closing"'), TOML, 19, None, '(write stages = ["Closing"])'
    ),
    "a number for a list of seats": Mistake(
        toml('[[rules]]\nname = "all"\nseats = 5'), TOML, 20, None, "rules.seats = 5: should be a list in brackets"
    ),
    "a list of no seats": Mistake(
        toml('[[rules]]\nname = "all"\nseats = []'), TOML, 20, None, "rules.seats = []: should have more entries, at least 1"
    ),
    "one rule in single brackets": Mistake(
        toml('[rules]\nname = "all"\nseats = "R01"'), TOML, 18, None, "[rules]: should be a list in brackets (write [[rules]])"
    ),
    "a number among columns": Mistake(
        toml("[columns]\namounts = [5]"), TOML, 19, None, "columns.amounts = 5: should be text in quotes"
    ),
    "a text for a table": Mistake(
        toml('[columns]\naccounts = "Customer"'), TOML, 19, None, "columns.accounts = 'Customer': should be a table of keys"
    ),
    "unknown engine": Mistake(change(TOML, '"straight"', '"strait"'), TOML, 11, None, "travel.engine = 'strait'"),
    "table engine without table": Mistake(change(TOML, '"straight"', '"table"'), TOML, 10, None, "needs the key table"),
    "road engine without roads": Mistake(change(TOML, '"straight"', '"ch"'), TOML, 10, None, 'engine = "ch" needs the key roads'),
    "unknown current": Mistake(change(TOML, '"today"', '"tody"'), TOML, 5, None, "current = 'tody': no such design"),
    "turnover as potential": Mistake(
        both(change(ACCOUNTS, ",potential,", ",Annual Revenue,"), toml('[columns.accounts]\npotential = "Annual Revenue"')),
        TOML,
        19,
        None,
        "the customer's own turnover",
    ),
    "mapped to no column": Mistake(toml('[columns.accounts]\nname = "Nme"'), TOML, 19, None, "columns.accounts.name = 'Nme'"),
    "maps an unknown name": Mistake(toml('[columns.accounts]\nnam = "name"'), TOML, 19, None, "did you mean 'name'?"),
    "missing postal file": Mistake(toml('[places]\npostal = "CL.txt"'), "CL.txt", None, None, "no such file"),
    "postal file of another kind": Mistake(
        both(toml('[places]\npostal = "CL.txt"'), write("CL.txt", "a,b\n")), "CL.txt", 1, None, "'a,b' is not a row"
    ),
    # designs
    "misses accounts": Mistake(
        change(TODAY, "A12,R03\n", ""), TODAY, None, "account", "1 of 12 accounts are in no territory: 'A12'"
    ),
    "folder in place of a design": Mistake(
        both(remove(TODAY), lambda folder: (folder / TODAY).mkdir()), TOML, 5, None, "current = 'today': no such design"
    ),
    "another design's accounts": Mistake(change(TODAY, "A12,", "B12,"), TODAY, 13, "account", "unknown account 'B12'"),
    "account twice": Mistake(change(TODAY, "A12,", "A11,"), TODAY, 13, "account", "'A11' is there twice, first in row 12"),
    "unknown rep": Mistake(change(TODAY, "A12,R03", "A12,R09"), TODAY, 13, "territory", "unknown rep 'R09'"),
    "no territory": Mistake(change(TODAY, "A12,R03", "A12,"), TODAY, 13, "territory", "no value"),
    "territory with two reps": Mistake(
        lambda folder: (
            change("designs/split.csv", "A12,South,R03", "A12,South,R02")(folder)
            or shutil.move(folder / "designs/split.csv", folder / TODAY)
        ),
        TODAY,
        13,
        "rep",
        "territory 'South' has 'R02', but 'R03' in row 11",
    ),
    "rep with two territories": Mistake(
        lambda folder: (
            change("designs/split.csv", "A12,South,R03", "A12,West,R03")(folder)
            or shutil.move(folder / "designs/split.csv", folder / TODAY)
        ),
        TODAY,
        13,
        "rep",
        "rep 'R03' holds two territories, 'South' and 'West'",
    ),
    "design without territory": Mistake(change(TODAY, "account,territory", "account,owner"), TODAY, 1, "territory", "is missing"),
    "overlay shares over 1": Mistake(
        write(SHARES, OVERLAY + "A01,R02,0.6,1,0\nA01,R03,0.6,1,0\n"), SHARES, 3, "revenue_share", "add up to 1.2"
    ),
    "overlay share of 50": Mistake(write(SHARES, OVERLAY + "A01,R02,50,1,0\n"), SHARES, 2, "revenue_share", "'50'"),
    "overlay of an unknown rep": Mistake(write(SHARES, OVERLAY + "A01,R2,0.5,1,0\n"), SHARES, 2, "rep", "unknown rep 'R2'"),
    "overlay twice": Mistake(
        write(SHARES, OVERLAY + "A01,R02,0.2,,\nA01,R02,0.2,,\n"),
        SHARES,
        3,
        "rep",
        "'R02' has this account twice, first in row 2",
    ),
    # history
    "date outside the past": Mistake(
        write("history.csv", HISTORY + "2026-11-03,R01,A01,visit,held,\n"), "history.csv", 2, "date", "'2026-11-03' is not before"
    ),
    "history of an unknown account": Mistake(
        write("history.csv", HISTORY + "2026-09-03,R01,A99,visit,held,\n"), "history.csv", 2, "account", "unknown account 'A99'"
    ),
    "unknown kind": Mistake(
        write("history.csv", HISTORY + "2026-09-03,R01,A01,visitt,held,\n"), "history.csv", 2, "kind", "did you mean 'visit'?"
    ),
    "impossible date": Mistake(
        write("history.csv", HISTORY + "2026-02-30,R01,A01,visit,held,\n"), "history.csv", 2, "date", "'2026-02-30' is not a date"
    ),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SMALL, tmp_path / "small"))


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES.keys())
def test_names_file_row_column_and_value(mistake: Mistake, folder: Path) -> None:
    mistake.edit(folder)
    with pytest.raises(DataError) as caught:
        read_design(read_scenario(folder), "today")
    error = caught.value
    assert (error.file, error.row, error.column) == (mistake.file, mistake.row, mistake.column), str(error)
    assert mistake.says in str(error)
    assert "\n" not in str(error)
    assert str(error).startswith(mistake.file)


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES.keys())
def test_check_lists_the_same_mistake(mistake: Mistake, folder: Path) -> None:
    mistake.edit(folder)
    check = check_scenario(folder)
    assert not check.ok
    places = [(finding.file, finding.row, finding.column) for finding in check.errors]
    assert (mistake.file, mistake.row, mistake.column) in places


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such scenario folder"):
        read_scenario(tmp_path / "nowhere")


def test_check_lists_all_mistakes_at_once(folder: Path) -> None:
    both(MISTAKES["bad number"].edit, MISTAKES["rep twice"].edit, change("accounts.csv", "Mo-Fr 07:30-18:00", "always"))(folder)
    assert [finding.file for finding in check_scenario(folder).errors] == ["accounts.csv", "accounts.csv", "reps.csv"]


def test_check_names_every_file_that_cannot_be_opened(folder: Path) -> None:
    both(remove("reps.csv"), MISTAKES["column twice"].edit, write("history.csv", ""))(folder)
    assert [finding.file for finding in check_scenario(folder).errors] == ["accounts.csv", "history.csv", "reps.csv"]


def test_coordinates_swapped_throughout_are_seen_beside_the_homes(folder: Path) -> None:
    frame = pl.read_csv(folder / "accounts.csv", infer_schema=False)
    frame.rename({"lat": "lon", "lon": "lat"}).write_csv(folder / "accounts.csv")
    errors = check_scenario(folder).errors
    assert [finding.hint for finding in errors] == ["did lat and lon change places?"] * 12


def test_the_error_says_how_many_more_there_are(folder: Path) -> None:
    both(MISTAKES["bad number"].edit, change("accounts.csv", "Mo-Fr 07:30-18:00", "always"))(folder)
    with pytest.raises(DataError, match=r"the first of 2 errors"):
        read_scenario(folder)


def test_the_small_scenario_itself_is_sound() -> None:
    check = check_scenario(SMALL)
    assert check.ok
    assert not check.warnings
