"""Places accounts without coordinates at the centroid of their postal code or town; what it cannot place it never guesses."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from fieldsim.errors import DataError
from fieldsim.model import Accounts, Scenario
from fieldsim.scenario.toml import read_settings

Place = tuple[float, float]
_ONE_TOWN_KM = 25.0
"""Places of one name that all lie this close to their centre are one town; farther apart the name is ambiguous."""


def find_place(scenario: Scenario, postal_code: str, city: str) -> Place | None:
    """Where a postal code or town is: by the scenario's gazetteer, else the middle of its accounts there, None where unknown."""
    postal = read_settings(scenario.folder).places.postal if scenario.folder.is_dir() else None
    known = gazetteer(scenario.country, scenario.folder / postal if postal else None, postal or "")
    found = known.find(scenario.country, postal_code, city) if known else None
    if found:
        return found[0]
    book = scenario.accounts
    rows = [i for i in range(len(book)) if (postal_code or city) and _fits(book, i, postal_code, city)]
    return _centre([(float(book.lat[i]), float(book.lon[i])) for i in rows]) if rows else None


def _fits(book: Accounts, i: int, postal_code: str, city: str) -> bool:
    coded = not postal_code or book.postal_code[i] == postal_code
    return coded and (not city or book.city[i].casefold() == city.casefold())


@dataclass(frozen=True)
class Gazetteer:
    """Centroids by (country, postal code) and by (country, town), and the usual length of a country's codes."""

    postal: dict[tuple[str, str], Place]
    towns: dict[tuple[str, str], Place]
    digits: dict[str, int]
    """Length of the codes of countries whose codes are all digits and of one length."""

    def code(self, country: str, postal_code: str) -> str:
        """The postal code as the gazetteer writes it: leading zeros restored, a US suffix cut off."""
        code = " ".join(postal_code.upper().split())
        length = self.digits.get(country, 0)
        if country == "US":
            length, code = 5, _zip5(code)
        return code.zfill(length) if code.isdigit() and length else code

    def find(self, country: str, postal_code: str, city: str) -> tuple[Place, str] | None:
        """The place and its precision (postal or city), None where neither is known."""
        if postal_code:
            code = self.code(country, postal_code)
            for form in (code, code.split(" ")[0], code[:3]) if country in ("GB", "CA", "NL", "IE") else (code,):
                if (country, form) in self.postal:
                    return self.postal[country, form], "postal"
        place = self.towns.get((country, city.casefold())) if city else None
        return (place, "city") if place else None


def _zip5(code: str) -> str:
    """The five digits of a US code: 2134, 02134-1022 and 21341022 are all 02134."""
    head, dash, _ = code.partition("-")
    if not dash and head.isdigit() and len(head) > 5:
        head = head.zfill(9)[:5]
    return head.strip()


def gazetteer(country: str, postal_file: Path | None, file: str) -> Gazetteer | None:
    """The user's GeoNames postal file if there is one, else the US ZIP codes, None where neither serves the country."""
    if postal_file is not None:
        return _geonames(postal_file, file)
    return _us() if country == "US" else None


@lru_cache(maxsize=1)
def _us() -> Gazetteer:
    import zipcodes

    rows = [
        ("US", row["zip_code"], row["city"], float(row["lat"]), float(row["long"]))
        for row in zipcodes.list_all()  # type: ignore[no-untyped-call]
        if float(row["lat"] or 0.0) or float(row["long"] or 0.0)
    ]
    return _gather(rows)


def _geonames(path: Path, file: str) -> Gazetteer:
    """A GeoNames postal file: country, code, town, six names of regions, latitude, longitude, accuracy; tabs, no header."""
    if not path.is_file():
        raise DataError("no such file", file=file, hint="[places] postal names a GeoNames postal file in the scenario's folder")
    rows = []
    with path.open(encoding="utf-8", newline="") as lines:
        for number, cells in enumerate(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE), 1):
            try:
                rows.append((cells[0], cells[1].upper(), cells[2], float(cells[9]), float(cells[10])))
            except (IndexError, ValueError) as error:
                value = "\t".join(cells)[:60]
                raise DataError(f"'{value}' is not a row of a GeoNames postal file", file=file, row=number) from error
    return _gather(rows)


def _gather(rows: Iterable[tuple[str, str, str, float, float]]) -> Gazetteer:
    """Centroids over the rows of each postal code, and over each town whose rows lie close together."""
    codes: dict[tuple[str, str], list[Place]] = {}
    towns: dict[tuple[str, str], list[Place]] = {}
    lengths: dict[str, set[int]] = {}
    for country, code, town, lat, lon in rows:
        codes.setdefault((country, code), []).append((lat, lon))
        towns.setdefault((country, town.casefold()), []).append((lat, lon))
        lengths.setdefault(country, set()).add(len(code) if code.isdigit() else 0)
    centres = {key: _centre(places) for key, places in towns.items()}
    return Gazetteer(
        {key: _centre(places) for key, places in codes.items()},
        {key: centre for key, centre in centres.items() if _all_near(centre, towns[key])},
        {country: max(found) for country, found in lengths.items() if len(found) == 1 and max(found)},
    )


def _centre(places: list[Place]) -> Place:
    if len(places) == 1:
        return places[0]
    return sum(lat for lat, _ in places) / len(places), sum(lon for _, lon in places) / len(places)


def _all_near(centre: Place, places: list[Place]) -> bool:
    shrink = float(np.cos(np.radians(centre[0])))
    return all(111.2 * float(np.hypot(lat - centre[0], (lon - centre[1]) * shrink)) <= _ONE_TOWN_KM for lat, lon in places)


@lru_cache(maxsize=512)
def country_code(text: str, default: str) -> str:
    """Two-letter code of a country as people write it; the scenario's for empty text, "" for an unknown name."""
    if not text:
        return default
    from holidays.registry import COUNTRIES

    name = text.casefold().replace(".", "").replace("_", " ").strip()
    if name in ("usa", "us", "united states of america", "america"):
        return "US"
    for key, (_, code, *longer) in COUNTRIES.items():
        if name in (key.replace("_", " "), code.casefold(), *(other.casefold() for other in longer)):
            return code
    return ""
