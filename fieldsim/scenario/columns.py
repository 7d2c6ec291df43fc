"""The columns of a scenario's files, and how other headers become ours: `[columns]` of scenario.toml, or a CRM's ready mapping.

Files are CSV (UTF-8 or UTF-16; comma, semicolon or tab), Parquet or XLSX; dates are 2026-10-05, times 08:30.

accounts
    account              the id, compared letter by letter; nothing else is required but a place
    lat, lon             degrees; where empty, the centre of postal_code, else of city, says where the account is
    precision            exact, street, postal or city (or a CRM geocoder's word): how well lat, lon are known
    name, address, postal_code, city, country      leading zeros of US ZIPs are restored
    owner, parent        a rep's id or name; the family's head or key
    tier                 a name of [tiers]; where empty the last one, marked as an assumption
    segment, industry, size, product
    visits, visit_minutes, priority                where empty, the tier's
    opens                OSM opening hours such as Mo-Fr 09:00-12:30,14:00-17:30; where empty, whenever a rep works
    remote               share of the visits held remotely, 0 to 1
    potential            revenue a year if served perfectly; where empty the tier's, marked as an assumption
    revenue_last_year    where empty the tier's revenue_share of the potential, marked as an assumption
    open_pipeline        0 where empty
    pipeline_stage       how far its furthest open deal is: qualified, discovery, proposal, negotiation, or a name of
                         [pipeline] stages; the second half is late, and dearest to hand over
    locked               yes: no design may move the account
    columns of your own  numbers from 0 that a design may balance, named in [columns] amounts; 0 where empty
reps
    rep, lat, lon        id and home
    name, skills         skills are separated by ; or | or ,
    quota                a quarter's; where empty [quota] total must say the team's
    start, end           first and last day of employment, open where empty
    capacity             share of a working week, 1 where empty
    shift_start, shift_end, cost_per_year          where empty, those of [day] and [rates]
designs/NAME
    account, territory   every account once; a row without an account names a territory that has none yet
    rep                  the seat's holder, the same in all rows of a territory, vacant where empty; without this column the
                         territory is named after its rep
    reason               why the account is where it is; not read
designs/NAME.overlays
    account, rep, revenue_share                    shares of an account add up to 1 at most
    quota_credit, visit_share                      where empty the revenue_share, and 0
designs/NAME.moves         written with a design, never read: who loses which account to whom, and why
locks                        what no design may change, beside the accounts' own column locked
    account, seat        the account belongs to this seat, a rep's id or a territory; without a seat it stays where it is;
                         without an account the seat's territory stays as it is, nobody in and nobody out
    only                 yes: the seat takes the accounts bound to it in this file and no others
    reason               not read
hires                        reps who have a seat only in designs that give them one; columns of reps, quota 0 where empty
history
    date, account, kind  kind is visit, order, opened, deal, lost, churn or handover, all before the quarter
    rep, outcome, amount, planned_start_s, arrive_s, leave_s
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources

from fieldsim.errors import DataError, did_you_mean
from fieldsim.scenario.settings import Headers
from fieldsim.scenario.tables import Table

ACCOUNT_COLUMNS = (
    *("account", "lat", "lon", "precision", "name", "parent", "owner", "open_pipeline", "address", "postal_code", "city"),
    *("country", "tier", "segment", "industry", "size", "product", "visits", "visit_minutes", "opens", "priority", "remote"),
    *("potential", "revenue_last_year", "locked", "pipeline_stage"),
)
REP_COLUMNS = (
    *("rep", "lat", "lon", "name", "quota", "start", "end", "skills", "capacity", "shift_start", "shift_end", "cost_per_year"),
)
RESERVED = ("workload", "accounts")
"""What a design balances besides columns, so that no column of the user's may be called so."""
_OURS_ALONE = ("revenue_last_year", "potential", "open_pipeline")
_TURNOVER = ("annualrevenue", "revenue")
_PAIRED = ("lat", "lon", "precision")

Complain = Callable[[str, str, str | None], DataError]
"""(dotted key of scenario.toml, message, hint) -> an error with the key's line."""


@dataclass(frozen=True)
class Translation:
    """How a file's headers become ours: the names we know, those it must have, and the mapping of scenario.toml."""

    known: Sequence[str]
    required: Sequence[str]
    headers: Headers
    crm: str | None
    key: str
    """The mapping's section of scenario.toml."""


def known_only(table: Table, known: Sequence[str], required: Sequence[str], own: str = "") -> Table:
    """The table itself if all its headers are ours and all required ones are there; `own` says where others can be named."""
    for header in table.columns:
        if not header:
            raise table.header_error("a column has values but no header")
        if header not in known and (hint := did_you_mean(header, known)):
            raise table.header_error("unknown column", header, hint)
    for name in required:
        if name not in table.columns:
            raise table.header_error("the column is missing", name, f"the file has: {', '.join(list(table.columns)[:12])}")
    for header in table.columns:
        if header not in known:
            raise table.header_error("unknown column", header, f"known: {', '.join(known)}{own}")
    return table


def translate(table: Table, translation: Translation, complain: Complain) -> Table:
    """The table under our names; where its headers are mapped, columns that nothing maps are left out."""
    known, required = translation.known, translation.required
    if not translation.headers and translation.crm is None:
        own = "; numbers of your own are named in [columns] amounts" if translation.key == "columns.accounts" else ""
        return known_only(table, known, required, own)
    sources = {name: [name] for name in known if name in table.columns}
    sources |= _ready_made(table, translation.crm)
    sources |= _explicit(table, translation, complain)
    columns = {ours: _first_filled([table.columns[header] for header in theirs]) for ours, theirs in sources.items()}
    columns |= _paired(table, {name: sources[name] for name in _PAIRED if name in sources})
    for name in required:
        if name not in columns:
            hint = f"map it in [{translation.key}]; the file has: {', '.join(list(table.columns)[:12])}"
            raise table.header_error("the column is missing", name, hint)
    return replace(table, columns=columns)


def crm_headers(crm: str | None) -> dict[str, list[str]]:
    """Our names -> the headers that a CRM's account export uses for them."""
    return _crm_table().get(crm, {}) if crm else {}


@lru_cache(maxsize=1)
def _crm_table() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(resources.files(__package__).joinpath("crm.toml").read_text(encoding="utf-8"))


def _ready_made(table: Table, crm: str | None) -> dict[str, list[str]]:
    """The CRM's headers that the file has, also under the titles that the file itself gives to the CRM's fields."""
    sources: dict[str, list[str]] = {}
    for ours, theirs in crm_headers(crm).items():
        titled = [table.titles.get(header, header) for header in theirs]
        there = list(dict.fromkeys(header for header in titled if header in table.columns))
        if there:
            sources[ours] = there
    return sources


def _explicit(table: Table, translation: Translation, complain: Complain) -> dict[str, list[str]]:
    """The user's own mapping; a header that the file lacks is a mistake worth stopping for."""
    sources: dict[str, list[str]] = {}
    for ours, theirs in translation.headers.items():
        key = f"{translation.key}.{ours}"
        if ours not in translation.known:
            raise complain(key, f"unknown key '{key}'", did_you_mean(ours, translation.known))
        sources[ours] = [theirs] if isinstance(theirs, str) else list(theirs)
        for header in sources[ours]:
            if header not in table.columns:
                hint = did_you_mean(header, table.columns) or f"it has: {', '.join(list(table.columns)[:12])}"
                raise complain(key, f"{key} = '{header}': {table.file} has no such column", hint)
            if ours in _OURS_ALONE and "".join(filter(str.isalpha, header.casefold())) in _TURNOVER:
                message = f"{key} = '{header}': that is the customer's own turnover, not what it buys from you"
                raise complain(key, message, "leave it out, and it is assumed by tier")
    return sources


def _first_filled(columns: list[list[str]]) -> list[str]:
    """In each row the first cell that is not empty."""
    if len(columns) == 1:
        return columns[0]
    return [next(filter(None, cells), "") for cells in zip(*columns, strict=True)]


def _paired(table: Table, sources: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Coordinates and their precision from the same address: never the latitude of one and the longitude of another."""
    lats, lons = sources.get("lat", []), sources.get("lon", [])
    if len(lats) != len(lons) or len(lats) < 2:
        return {}
    pairs = [list(zip(table.columns[lat], table.columns[lon], strict=True)) for lat, lon in zip(lats, lons, strict=True)]
    chosen = [next((k for k, pair in enumerate(row) if all(pair)), 0) for row in zip(*pairs, strict=True)]
    complete = {name: headers for name, headers in sources.items() if len(headers) == len(lats)}
    return {name: [table.columns[headers[k]][at] for at, k in enumerate(chosen)] for name, headers in complete.items()}
