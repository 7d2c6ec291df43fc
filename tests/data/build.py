"""Writes the example exports of this folder: invented firms at real postal codes, in the shape that CRMs give them.

    python tests/data/build.py

`salesforce/` is an account report as Salesforce exports it, `workbook/` an XLSX file with one's own headers.
"""

from __future__ import annotations

import csv
import io
import random
from datetime import datetime
from pathlib import Path

import xlsxwriter

FIRST = (
    "Harbor",
    "Beacon",
    "Granite",
    "Maple",
    "Summit",
    "Orchard",
    "Liberty",
    "Copper",
    "Willow",
    "Anchor",
    "Juniper",
    "Cobalt",
)
SECOND = ("Dental", "Foods", "Supply", "Clinic", "Hardware", "Bakery", "Logistics", "Labs", "Motors", "Paper")
INDUSTRY = {"Dental": "Healthcare", "Clinic": "Healthcare", "Foods": "Food & Beverage", "Bakery": "Food & Beverage"}
ZIPS = {
    **dict.fromkeys(("02108", "02116", "02118", "02127", "02128"), "Boston"),
    "02134": "Allston",
    "02138": "Cambridge",
    "02139": "Cambridge",
    "02143": "Somerville",
    "02155": "Medford",
    "02169": "Quincy",
    "02184": "Braintree",
    "02301": "Brockton",
    "02446": "Brookline",
    "02451": "Waltham",
    "02459": "Newton Center",
    "01801": "Woburn",
    "01902": "Lynn",
}
OWNERS = ("Dana Whitfield", "Marcus Oyelaran", "Priya Raman")
HEADER = (
    *("Account ID", "Account Name", "Account Owner", "Type", "Billing Street", "Billing City", "Billing State/Province"),
    *("Billing Zip/Postal Code", "Billing Country", "Shipping Street", "Shipping City", "Shipping State/Province"),
    *("Shipping Zip/Postal Code", "Shipping Country", "Industry", "Annual Revenue", "Last Activity"),
)
FOOTER = (
    "Grand Totals ({} records)",
    "Confidential Information - Do Not Distribute",
    "Copyright (c) 2000-2026 salesforce.com, inc. All rights reserved.",
)
CUSTOMERS = (
    *("N° client", "Raison sociale", "Latitude", "Longitude", "Code postal", "Ville", "Classe", "Secteur"),
    *("Commercial", "CA annuel chez nous", "Horaires", "Remarque"),
)
QUARTERS = ("du Parc", "des Lilas", "Bellevue", "du Port", "Saint-Jean", "de la Gare", "du Marché", "des Brotteaux")
QUARTERS += ("de l'Écluse", "Montplaisir", "du Moulin", "des Tilleuls")
FRENCH = {"69001": "Lyon", "69003": "Lyon", "69007": "Lyon", "69100": "Villeurbanne", "69200": "Vénissieux", "38200": "Vienne"}


def salesforce_rows(rng: random.Random) -> list[list[str]]:
    """An account report: places by postal code only, some shipping addresses empty, ZIPs with zeros lost or a suffix."""
    rows = []
    for number in range(36):
        code, town = list(ZIPS.items())[number % len(ZIPS)]
        second = SECOND[number % len(SECOND)]
        # 15-character ids: the first two differ in letter case alone
        identity = "0015e00000K3" + ("aQx" if number == 0 else "aQX" if number == 1 else f"b{number:02d}")
        shown = {0: code.lstrip("0"), 1: f"{code}-{rng.randint(1000, 9999)}"}.get(number % 6, code)
        street = f"{rng.randint(1, 900)} {rng.choice(('Main', 'Elm', 'Washington', 'Cedar'))} St"
        if number % 9 == 4:
            street += "\nSuite 200"
        address, blank = [street, town, "MA", shown, "United States"], [""] * 5
        billing, shipping = (address, blank) if number % 4 == 3 else (blank, address)
        owner = "Pat Leaver" if number in (7, 21) else OWNERS[number % 3]
        name = f"{FIRST[number % len(FIRST)]} {second}{', Inc.' if number % 5 == 0 else ''}"
        turnover = str(rng.randint(1, 90) * 1_000_000) if number % 3 else ""
        activity = f"2026-0{rng.randint(6, 9)}-{rng.randint(10, 28)}"
        rows.append([identity, name, owner, "Customer", *billing, *shipping, INDUSTRY.get(second, ""), turnover, activity])
    return rows


def write_salesforce(folder: Path, rng: random.Random) -> None:
    """The report with its footer, quoted and with CRLF, as the export button gives it, and a design by ZIP."""
    rows = salesforce_rows(rng)
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows([HEADER, *rows])
    footer = "".join(f'"{line.format(len(rows))}"\r\n' for line in FOOTER)
    (folder / "accounts.csv").write_bytes((buffer.getvalue() + "\r\n\r\n" + footer).encode())
    seats = {"North": "marcus", "Centre": "dana", "South": "priya"}
    lines = ["account,territory,rep"]
    for row in rows:
        code = (row[12] or row[7]).split("-")[0].zfill(5)
        territory = "South" if code in ("02118", "02127", "02169", "02184", "02301") else "Centre" if code < "02136" else "North"
        territory = "North" if code.startswith("01") else territory
        lines.append(f"{row[0]},{territory},{seats[territory]}")
    (folder / "designs" / "zip.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def workbook_rows(rng: random.Random) -> list[list[object]]:
    """Customers of a French firm: some with coordinates, some with a postal code, some with a town only."""
    rows: list[list[object]] = []
    for number in range(24):
        code, town = list(FRENCH.items())[number % len(FRENCH)]
        name = f"{('Boulangerie', 'Garage', 'Pharmacie', 'Atelier')[number % 4]} {QUARTERS[number // 2]}"
        place: list[object] = [None, None]
        if number % 3 == 0:
            place = [round(45.75 + rng.uniform(-0.03, 0.03), 5), round(4.85 + rng.uniform(-0.03, 0.03), 5)]
        town_only = code == "38200" and number % 4 == 1
        hours = ("Mo-Fr 08:00-12:00,14:00-18:00", "Tu-Sa 09:00-19:00")[number % 2] if number % 3 else None
        tier = "ABC"[min(2, number % 5)]
        bought = rng.randint(5, {"A": 90, "B": 50, "C": 20}[tier]) * 1000 if number % 4 else None
        sector = ("alimentation", "automobile", "santé", "artisanat")[number % 4]
        owner = ("C1", "C2")[number % 2]
        rows.append(
            [1001 + number, name, *place, None if town_only else int(code), town, tier, sector, owner, bought, hours, "à revoir"]
        )
    return rows


def write_workbook(folder: Path, rng: random.Random) -> None:
    """Customers and salespeople as two sheets of one XLSX file, below a title as people put it, and a design."""
    rows = workbook_rows(rng)
    with xlsxwriter.Workbook(folder / "clients.xlsx") as book:
        book.set_properties({"created": datetime(2026, 9, 1)})
        clients, people = book.add_worksheet("Clients"), book.add_worksheet("Commerciaux")
        clients.write(0, 0, "Clients au 1er septembre 2026")
        for number, row in enumerate([list(CUSTOMERS), *rows], 2):
            clients.write_row(number, 0, row)
        people.write_row(0, 0, ["rep", "name", "lat", "lon", "start", "shift_start", "skills"])
        day, clock = book.add_format({"num_format": "dd/mm/yyyy"}), book.add_format({"num_format": "hh:mm"})
        for number, (rep, name, lat, lon) in enumerate(
            [("C1", "Jeanne Morel", 45.76, 4.86), ("C2", "Karim Haddad", 45.70, 4.88)], 1
        ):
            people.write_row(number, 0, [rep, name, lat, lon])
            people.write_datetime(number, 4, datetime(2020 + number, 3, 1), day)
            people.write_datetime(number, 5, datetime(1899, 12, 31, 8, 30), clock)
            people.write(number, 6, "santé;artisanat" if number == 1 else "automobile")
    lines = ["account;territory", *(f"{row[0]};{'C1' if str(row[5]) == 'Lyon' else 'C2'}" for row in rows)]
    (folder / "designs" / "ville.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_salesforce(Path(__file__).parent / "salesforce", random.Random(2026))
    write_workbook(Path(__file__).parent / "workbook", random.Random(2027))
