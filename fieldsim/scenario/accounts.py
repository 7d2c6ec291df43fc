"""The accounts table -> Accounts: cells read column by column, places found, gaps filled from the tier table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fieldsim.errors import DataError
from fieldsim.model import PIPELINE_STAGES, Accounts, Bools, Floats, Ints, Tier
from fieldsim.scenario.cells import MOST_MONEY, Sheet
from fieldsim.scenario.hours import check_text
from fieldsim.scenario.places import Gazetteer, country_code

_TEXT = ("name", "segment", "industry", "size", "product", "parent", "owner", "address", "city", "opens")
PRECISIONS = ("exact", "street", "postal", "city")
_UNPLACED = "unplaced"
_PRECISION_OF = {
    **{word: word for word in PRECISIONS},
    **dict.fromkeys(("", "address"), "exact"),
    **dict.fromkeys(("nearaddress", "block"), "street"),
    **dict.fromkeys(("extendedzip", "zip", "neighborhood"), "postal"),
    **dict.fromkeys(("county", "state", "unknown"), _UNPLACED),
}
"""Our words and those of Salesforce's geocoder, whose guesses coarser than a town are no place."""
_LISTED = 5


@dataclass(frozen=True)
class Spots:
    """Where the accounts are: degrees (NaN where it is not known), precision, and postal codes as the gazetteer writes them."""

    lat: Floats
    lon: Floats
    precision: list[str]
    postal_code: list[str]


def read_accounts(
    sheet: Sheet,
    tiers: Mapping[str, Tier],
    country: str,
    places: Gazetteer | None,
    stages: Sequence[str] | None = None,
    amounts: Sequence[str] = (),
) -> Accounts:
    """Accounts sorted by id; what is wrong is noted in the sheet.

    `stages` are the file's own words for a pipeline's stages, by default ours; `amounts` its own columns of numbers.
    """
    ids = sheet.ids("account")
    text = {column: sheet.text(column) for column in _TEXT}
    spots = find_spots(sheet, country, places)
    _check_opens(sheet, text["opens"], country)
    _check_parents(sheet, ids, text["parent"])
    tier, no_tier = _tiers(sheet, tiers)
    numbers, assumed = _numbers(sheet, tier, tiers)
    assumed["tier"] = no_tier
    stage = _stages(sheet, stages or PIPELINE_STAGES)
    countries = sheet.text("country")
    order = sorted(range(len(ids)), key=ids.__getitem__)
    by_id = np.array(order, dtype=np.int64)
    pairs = ((ids[at], column) for column, gaps in assumed.items() for at in np.flatnonzero(gaps).tolist())
    return Accounts(
        ids=tuple(ids[at] for at in order),
        lat=spots.lat[by_id],
        lon=spots.lon[by_id],
        precision=tuple(spots.precision[at] for at in order),
        tier=tuple(tier[at] for at in order),
        postal_code=tuple(spots.postal_code[at] for at in order),
        country=tuple(country_code(countries[at], "") or countries[at] for at in order),
        **{column: tuple(map(cells.__getitem__, order)) for column, cells in text.items()},
        potential=numbers["potential"][by_id],
        revenue_last_year=numbers["revenue_last_year"][by_id],
        open_pipeline=numbers["open_pipeline"][by_id],
        visits=_whole(numbers["visits"])[by_id],
        visit_minutes=numbers["visit_minutes"][by_id],
        priority=_whole(numbers["priority"])[by_id],
        remote=numbers["remote"][by_id],
        locked=sheet.flags("locked")[by_id],
        assumed=frozenset(pairs),
        pipeline_stage=tuple(map(stage.__getitem__, order)) if any(stage) else (),
        amounts={name: np.nan_to_num(sheet.numbers(name, high=MOST_MONEY))[by_id] for name in sorted(amounts)},
    )


def _whole(values: Floats) -> Ints:
    return np.nan_to_num(values).astype(np.int64)


# ── places ────────────────────────────────────────────────────────────────────────────────────────────────────────


def find_spots(sheet: Sheet, country: str, places: Gazetteer | None) -> Spots:
    """Coordinates of the file where it has them, else of the postal code or the town; the rest is noted as unplaced."""
    lat, lon = coordinates(sheet)
    precision = _precisions(sheet)
    vague = np.fromiter((word == _UNPLACED for word in precision), np.bool_, len(sheet))
    lat[vague], lon[vague] = np.nan, np.nan
    postal, city, countries = sheet.text("postal_code").copy(), sheet.text("city"), sheet.text("country")
    unplaced = []
    for at in range(len(sheet)) if places else ():
        if postal[at]:
            postal[at] = places.code(country_code(countries[at], country), postal[at])  # type: ignore[union-attr]
    for at in np.flatnonzero(np.isnan(lat)).tolist():
        found = places.find(country_code(countries[at], country), postal[at], city[at]) if places else None
        if found is None:
            unplaced.append(at)
        else:
            (lat[at], lon[at]), precision[at] = found
    wrong = {error.row for error in sheet.errors if error.column in ("lat", "lon")}
    unplaced = [at for at in unplaced if sheet.table.rows[at] not in wrong]
    _note_unplaced(sheet, unplaced, postal, city, places)
    return Spots(lat, lon, precision, postal)


def coordinates(sheet: Sheet) -> tuple[Floats, Floats]:
    """Columns lat and lon in degrees, NaN where both are empty; half a pair and 0,0 are noted."""
    lat, lon = sheet.numbers("lat", -90.0, 90.0), sheet.numbers("lon", -180.0, 180.0)
    noted = {(error.row, error.column) for error in sheet.errors}
    for at in np.flatnonzero(np.isnan(lat) != np.isnan(lon)).tolist():
        column, other = ("lat", "lon") if np.isnan(lat[at]) else ("lon", "lat")
        if (sheet.table.rows[at], column) not in noted:
            sheet.note(f"no value, but {other} is '{sheet.text(other)[at]}'", at, column)
    for at in np.flatnonzero((lat == 0.0) & (lon == 0.0)).tolist():
        sheet.note("'0,0' is a point in the sea off Africa", at, "lat", "leave lat and lon empty to place it by postal code")
    return lat, lon


def _precisions(sheet: Sheet) -> list[str]:
    """Precision of the file's own coordinates."""
    cells = sheet.text("precision")
    words = [_PRECISION_OF.get(cell.casefold()) for cell in cells]
    for at in (k for k, word in enumerate(words) if word is None):
        sheet.note(f"unknown precision '{cells[at]}'", at, "precision", f"known: {', '.join(PRECISIONS)}")
    return [word or "exact" for word in words]


def _note_unplaced(sheet: Sheet, unplaced: list[int], postal: list[str], city: list[str], places: Gazetteer | None) -> None:
    """One error that lists the accounts without a place."""
    if not unplaced:
        return
    ids = sheet.text("account")
    listed = [f"{ids[at]} ({postal[at] or city[at] or 'no address'})" for at in unplaced[:_LISTED]]
    more = f" and {len(unplaced) - _LISTED} more" if len(unplaced) > _LISTED else ""
    otherwise = "name a GeoNames postal file in [places]" if places is None else "take them out"
    hint = f"fill lat and lon, or {otherwise}"
    message = f"{len(unplaced)} of {len(ids)} accounts cannot be placed: {', '.join(listed)}{more}"
    sheet.note(message, unplaced[0], "lat" if sheet.has("lat") else "postal_code", hint)


# ── text columns with rules ───────────────────────────────────────────────────────────────────────────────────────


def _check_opens(sheet: Sheet, opens: list[str], country: str) -> None:
    """Every distinct text is parsed once."""
    bad: dict[str, DataError] = {}
    for text in dict.fromkeys(filter(None, opens)):
        error = check_text(text, country)
        if error:
            bad[text] = error
    for at in (k for k, text in enumerate(opens) if bad and text in bad):
        sheet.note(bad[opens[at]].message, at, "opens", bad[opens[at]].hint)


def _check_parents(sheet: Sheet, ids: list[str], parents: list[str]) -> None:
    for at in (k for k, parent in enumerate(parents) if parent and parent == ids[k]):
        sheet.note(f"account '{ids[at]}' is its own parent", at, "parent")


def _tiers(sheet: Sheet, tiers: Mapping[str, Tier]) -> tuple[list[str], Bools]:
    """Tier of each account, and where the last one of the table stands in for an empty cell or an unknown name."""
    cells = sheet.choices("tier", tiers, "tier")
    last = list(tiers)[-1]
    empty = np.fromiter((not cell for cell in cells), np.bool_, len(cells))
    return [cell if cell in tiers else last for cell in cells], empty


def _stages(sheet: Sheet, stages: Sequence[str]) -> list[str]:
    """Stage of each account's open pipeline in our words: the file's own lie as far along as ours do, "" where it is empty."""
    ours = {name: PIPELINE_STAGES[at * len(PIPELINE_STAGES) // len(stages)] for at, name in enumerate(stages)}
    return [ours.get(cell, "") for cell in sheet.choices("pipeline_stage", ours, "stage")]


# ── numbers ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _numbers(sheet: Sheet, tier: list[str], tiers: Mapping[str, Tier]) -> tuple[dict[str, Floats], dict[str, Bools]]:
    """The number columns with gaps filled, and where a worth (potential, revenue) is an assumption."""
    rank = {name: position for position, name in enumerate(tiers)}
    of_tier = np.fromiter((rank[name] for name in tier), np.int64, len(tier))

    def default(column: str) -> Floats:
        """The tier table's value for each account."""
        return np.array([getattr(each, column) for each in tiers.values()], dtype=np.float64)[of_tier]

    potential, revenue = (sheet.numbers(column, high=MOST_MONEY) for column in ("potential", "revenue_last_year"))
    no_potential, no_revenue = np.isnan(potential), np.isnan(revenue)
    potential = np.where(no_potential, default("potential"), potential)
    _note_worthless(sheet, potential, tier)
    filled = {
        "potential": potential,
        "revenue_last_year": np.where(no_revenue, default("revenue_share") * potential, revenue),
        "open_pipeline": np.nan_to_num(sheet.numbers("open_pipeline", high=MOST_MONEY)),
        "visits": _or(sheet.whole("visits", 0, 200), default("visits")),
        "visit_minutes": _or(sheet.numbers("visit_minutes", 1.0, 600.0), default("visit_minutes")),
        "priority": _or(sheet.whole("priority", 1, 1000), default("priority")),
        "remote": np.nan_to_num(sheet.numbers("remote", 0.0, 1.0)),
    }
    return filled, {"potential": no_potential, "revenue_last_year": no_revenue}


def _or(values: Floats, defaults: Floats) -> Floats:
    return np.where(np.isnan(values), defaults, values)


def _note_worthless(sheet: Sheet, potential: Floats, tier: list[str]) -> None:
    """A tier of the user's own without a potential leaves accounts without one."""
    noted = {error.row for error in sheet.errors if error.column == "potential"}
    for at in np.flatnonzero(np.isnan(potential)).tolist():
        if sheet.table.rows[at] not in noted:
            message = f"no value, and tier '{tier[at]}' has no default"
            sheet.note(message, at, "potential", f"set potential in [tiers.{tier[at]}]")
