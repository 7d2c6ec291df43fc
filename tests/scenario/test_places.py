"""Accounts without coordinates: placed by postal code or town, marked as such, and never guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from fieldsim.errors import DataError
from fieldsim.model import Tier
from fieldsim.scenario import read_scenario
from fieldsim.scenario.accounts import read_accounts
from fieldsim.scenario.cells import Sheet
from fieldsim.scenario.places import Gazetteer, country_code, gazetteer
from fieldsim.scenario.tables import Table

DATA = Path(__file__).parents[1] / "data"
TIERS = {"C": Tier("C", 3, 20.0, 1, 100.0, 0.5)}


@pytest.fixture(scope="module")
def us() -> Gazetteer:
    found = gazetteer("US", None, "")
    assert found
    return found


def near(place: tuple[float, float], lat: float, lon: float) -> bool:
    return abs(place[0] - lat) < 0.1 and abs(place[1] - lon) < 0.1


@pytest.mark.parametrize("written", ["02139", "2139", "02139-4301", "2139-4301", "021394301", "21394301", " 02139 "])
def test_restores_the_zip_that_excel_broke(us: Gazetteer, written: str) -> None:
    assert us.code("US", written) == "02139"
    found = us.find("US", written, "")
    assert found
    assert found[1] == "postal"
    assert near(found[0], 42.364, -71.104)


def test_an_ambiguous_town_is_no_place(us: Gazetteer) -> None:
    assert us.find("US", "", "Springfield") is None


def test_a_town_of_one_place_is_found(us: Gazetteer) -> None:
    found = us.find("US", "99990", "WRANGELL")
    assert found
    assert found[1] == "city"
    assert near(found[0], 56.43, -132.35)


def test_a_code_that_does_not_exist_falls_back_to_nothing(us: Gazetteer) -> None:
    assert us.find("US", "00000", "") is None
    assert us.find("FR", "02139", "") is None


def geonames(folder: Path, rows: list[tuple[str, str, str, float, float]]) -> Gazetteer:
    lines = [f"{country}\t{code}\t{town}\t\t\t\t\t\t\t{lat}\t{lon}\t4\n" for country, code, town, lat, lon in rows]
    (folder / "postal.txt").write_text("".join(lines), encoding="utf-8")
    found = gazetteer("FR", folder / "postal.txt", "postal.txt")
    assert found
    return found


def test_a_postal_code_of_several_towns_is_their_centre(tmp_path: Path) -> None:
    places = geonames(tmp_path, [("FR", "01000", "Bourg", 46.0, 5.0), ("FR", "01000", "Saint-Denis", 46.2, 5.2)])
    assert places.find("FR", "1000", "") == ((46.1, 5.1), "postal")


def test_towns_of_one_name_far_apart_are_ambiguous(tmp_path: Path) -> None:
    rows = [
        ("FR", "01000", "Saint-Denis", 46.0, 5.0),
        ("FR", "93200", "Saint-Denis", 48.9, 2.3),
        ("FR", "75001", "Paris", 48.9, 2.3),
    ]
    places = geonames(tmp_path, rows)
    assert places.find("FR", "", "Saint-Denis") is None
    assert places.find("FR", "", "PARIS") == ((48.9, 2.3), "city")


def test_a_british_code_falls_back_to_its_first_half(tmp_path: Path) -> None:
    places = geonames(tmp_path, [("GB", "SW1A", "London", 51.5, -0.1)])
    assert places.find("GB", "sw1a  1aa", "") == ((51.5, -0.1), "postal")


@pytest.mark.parametrize(
    ("text", "code"),
    [("United States", "US"), ("usa", "US"), ("U.S.", "US"), ("France", "FR"), ("DEU", "DE"), ("cl", "CL"), ("", "CL")],
)
def test_knows_countries_as_people_write_them(text: str, code: str) -> None:
    assert country_code(text, "CL") == code


def test_an_unknown_country_is_not_taken_for_the_scenarios() -> None:
    assert country_code("Ruritania", "US") == ""


def sheet(**columns: list[str]) -> Sheet:
    return Sheet(Table("a.csv", columns, list(range(2, 2 + len(columns["account"])))))


def test_unplaced_accounts_are_one_error_that_lists_them(us: Gazetteer) -> None:
    book = sheet(account=[f"A{k}" for k in range(8)], postal_code=["02139", *["00000"] * 7], country=["US"] * 8)
    read_accounts(book, TIERS, "US", us)
    message = "a.csv, row 3, column postal_code: 7 of 8 accounts cannot be placed: A1 (00000), A2 (00000)"
    assert len(book.errors) == 1
    assert str(book.errors[0]).startswith(message)
    assert "and 2 more" in str(book.errors[0])


def test_a_foreign_account_is_not_placed_by_a_us_code(us: Gazetteer) -> None:
    book = sheet(account=["A"], postal_code=["02139"], country=["Germany"])
    read_accounts(book, TIERS, "US", us)
    assert "cannot be placed" in str(book.errors[0])


def test_coordinates_of_the_file_go_before_the_postal_code(us: Gazetteer) -> None:
    book = sheet(account=["A", "B"], lat=["42.0", ""], lon=["-71.0", ""], postal_code=["02139", "02139"], country=["", ""])
    accounts = read_accounts(book, TIERS, "US", us)
    assert not book.errors
    assert accounts.precision == ("exact", "postal")
    assert accounts.lat[0] == 42.0
    assert near((accounts.lat[1], accounts.lon[1]), 42.364, -71.104)


def test_a_geocoders_precision_is_kept_and_its_guesses_are_not(us: Gazetteer) -> None:
    words = ["Address", "Street", "Zip", "State", ""]
    book = sheet(
        account=list("ABCDE"),
        lat=["42.0"] * 5,
        lon=["-71.0"] * 5,
        precision=words,
        postal_code=["02139"] * 5,
    )
    accounts = read_accounts(book, TIERS, "US", us)
    assert accounts.precision == ("exact", "street", "postal", "postal", "exact")
    assert accounts.lat[3] != 42.0


def test_the_salesforce_example_is_placed_by_zip() -> None:
    accounts = read_scenario(DATA / "salesforce").accounts
    assert set(accounts.precision) == {"postal"}
    assert all(len(code) == 5 and code.startswith(("01", "02")) for code in accounts.postal_code)
    assert {"0015e00000K3aQX", "0015e00000K3aQx"} <= set(accounts.ids)
    assert not any("Total" in account or "Copyright" in account for account in accounts.ids)
    assert {column for _, column in accounts.assumed} == {"tier", "potential", "revenue_last_year"}


def test_the_salesforce_example_may_be_utf_16(tmp_path: Path) -> None:
    import shutil

    folder = Path(shutil.copytree(DATA / "salesforce", tmp_path / "s"))
    text = (folder / "accounts.csv").read_bytes().decode()
    (folder / "accounts.csv").write_bytes(text.replace('","', '"\t"').encode("utf-16"))
    assert read_scenario(folder).content == read_scenario(DATA / "salesforce").content


def test_the_workbook_example_is_placed_three_ways() -> None:
    scenario = read_scenario(DATA / "workbook")
    accounts = scenario.accounts
    assert {name: accounts.precision.count(name) for name in set(accounts.precision)} == {"postal": 14, "exact": 8, "city": 2}
    vienne = accounts.lat[accounts.ids.index("1012")]
    assert vienne == pytest.approx((45.5249 + 45.5561) / 2)
    assert [rep.id for rep in scenario.reps] == ["C1", "C2"]
    assert scenario.reps[0].shift_start_s == 8 * 3600 + 1800


def test_a_postal_file_with_a_bad_row_is_the_users_error(tmp_path: Path) -> None:
    (tmp_path / "postal.txt").write_text("FR\t01000\tBourg\t\t\t\t\t\t\tnorth\t5\t4\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"postal\.txt, row 1: 'FR"):
        gazetteer("FR", tmp_path / "postal.txt", "postal.txt")
