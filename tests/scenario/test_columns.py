"""CRM exports as they are: each one's header row is understood, and what is not ours stays out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fieldsim.errors import DataError
from fieldsim.scenario.columns import ACCOUNT_COLUMNS, Translation, translate
from fieldsim.scenario.settings import Headers
from fieldsim.scenario.tables import Table

BILLING = ["Billing Street", "Billing City", "Billing Country", "Billing Zip/Postal Code"]
SHIPPING = ["Shipping Street", "Shipping City", "Shipping Country", "Shipping Zip/Postal Code"]
ZOHO = ["Record Id", "Account Owner", "Account Name", "Phone", "Website", "Billing Street", "Billing City", "Billing Code"]
EXPORTS = {
    "salesforce": (
        ["Last Activity", "Account Owner", "Account Name", "Type", "Account ID", "Annual Revenue", *BILLING, *SHIPPING],
        {"account", "name", "owner", "address", "city", "country", "postal_code"},
    ),
    "salesforce_api": (
        [
            *("Id", "IsDeleted", "Name", "ParentId", "BillingStreet", "BillingPostalCode", "BillingLatitude", "BillingLongitude"),
            *("BillingGeocodeAccuracy", "Industry", "AnnualRevenue", "NumberOfEmployees", "OwnerId", "LastActivityDate"),
        ],
        {"account", "name", "parent", "address", "postal_code", "lat", "lon", "precision", "industry", "owner"},
    ),
    "hubspot": (
        [
            *("Record ID", "Company name", "Company owner", "Create Date", "Phone Number", "City", "Country/Region"),
            *("Industry", "hs_latitude", "hs_longitude"),
        ],
        {"account", "name", "owner", "city", "country", "industry", "lat", "lon"},
    ),
    "dynamics": (
        ["(Do Not Modify) Account", "(Do Not Modify) Row Checksum", "Account Name", "Main Phone", "Address 1: City", "Owner"],
        {"account", "name", "city", "owner"},
    ),
    "zoho": (ZOHO, {"account", "owner", "name", "address", "city", "postal_code"}),
}


def complain(key: str, message: str, hint: str | None = None) -> DataError:
    return DataError(message, hint=hint)


def read(table: Table, headers: Headers | None = None, crm: str | None = None) -> Table:
    return translate(table, Translation(ACCOUNT_COLUMNS, ("account",), headers or {}, crm, "columns.accounts"), complain)


def rows(**columns: list[str]) -> Table:
    named = {name.replace("_", " "): cells for name, cells in columns.items()}
    return Table("t.csv", named, list(range(2, 2 + len(next(iter(named.values()))))))


@pytest.mark.parametrize("crm", EXPORTS)
def test_understands_the_header_row_of_each_crm(crm: str) -> None:
    header, ours = EXPORTS[crm]
    table = Table("t.csv", {name: [f"<{name}>"] for name in header}, [2])
    assert set(read(table, crm=crm).columns) == ours


@pytest.mark.parametrize("crm", EXPORTS)
def test_the_customers_turnover_is_nobodys_source(crm: str) -> None:
    header, _ = EXPORTS[crm]
    table = Table("t.csv", {name: [f"<{name}>"] for name in [*header, "Annual Revenue", "AnnualRevenue", "revenue"]}, [2])
    cells = [cell for column in read(table, crm=crm).columns.values() for cell in column]
    assert not [cell for cell in cells if "evenue" in cell]


def test_takes_the_first_address_that_is_filled() -> None:
    headers: Headers = {"account": "Key", "postal_code": ["Ship ZIP", "Bill ZIP"]}
    table = rows(Key=["1", "2", "3"], Ship_ZIP=["02108", "", ""], Bill_ZIP=["10001", "10002", ""])
    assert read(table, headers).columns["postal_code"] == ["02108", "10002", ""]


def test_never_mixes_the_coordinates_of_two_addresses() -> None:
    headers: Headers = {"account": "Key", "lat": ["S lat", "B lat"], "lon": ["S lon", "B lon"]}
    table = rows(Key=["1", "2"], S_lat=["1", "5"], S_lon=["", "6"], B_lat=["3", "7"], B_lon=["4", "8"])
    found = read(table, headers).columns
    assert (found["lat"], found["lon"]) == (["3", "5"], ["4", "6"])


def test_our_own_columns_count_beside_a_mapping() -> None:
    table = rows(Key=["1"], tier=["A"], Fax=["555"])
    assert read(table, {"account": "Key"}).columns == {"account": ["1"], "tier": ["A"]}


def test_a_mapping_of_the_users_goes_before_the_crms() -> None:
    table = Table("t.csv", {"Account ID": ["1"], "Account Name": ["x"], "Trading name": ["y"]}, [2])
    assert read(table, {"name": "Trading name"}, "salesforce").columns["name"] == ["y"]


def test_reads_a_dynamics_workbook_in_any_language() -> None:
    table = Table("t.xlsx", {"(Nicht ändern) Firma": ["1"], "Firmenname": ["x"], "PLZ": ["80331"]}, [2])
    titled = replace(table, titles={"accountid": "(Nicht ändern) Firma", "name": "Firmenname", "address1_postalcode": "PLZ"})
    assert read(titled, crm="dynamics").columns == {"account": ["1"], "name": ["x"], "postal_code": ["80331"]}


@pytest.mark.parametrize("ours", ["potential", "revenue_last_year", "open_pipeline"])
@pytest.mark.parametrize("theirs", ["Annual Revenue", "AnnualRevenue", "annualrevenue", "Revenue"])
def test_refuses_the_customers_turnover_as_ours(ours: str, theirs: str) -> None:
    with pytest.raises(DataError, match="the customer's own turnover"):
        read(Table("t.csv", {"account": ["1"], theirs: ["5"]}, [2]), {ours: theirs})


def test_says_what_a_mapping_lacks() -> None:
    with pytest.raises(
        DataError, match=r"column account: the column is missing \(map it in \[columns.accounts\]; the file has: Name"
    ):
        read(rows(Name=["x"]), crm="salesforce")
